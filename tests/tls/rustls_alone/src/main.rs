//! rustls with its default features, which select aws-lc-rs.

use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};

fn main() {
    sdk::check();
    assert!(CryptoProvider::get_default().is_none(), "a library installed a provider");

    if cfg!(feature = "rustls-ring") {
        // Documented: `rustls-ring` is for programs that use only ring. Here rustls cannot choose.
        std::panic::catch_unwind(ClientConfig::builder).unwrap_err();
        return;
    }
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let provider = format!("{:?}", config.crypto_provider());
    assert!(provider.contains("AwsLcRs"), "{provider}");
}
