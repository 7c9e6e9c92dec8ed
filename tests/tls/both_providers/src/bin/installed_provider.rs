//! Both providers of rustls, of which the program installs one.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
};

fn main() {
    ring::default_provider().install_default().unwrap();
    let installed = CryptoProvider::get_default().unwrap();
    sdk::check();
    assert!(Arc::ptr_eq(CryptoProvider::get_default().unwrap(), installed), "a library changed the provider");

    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    assert!(Arc::ptr_eq(config.crypto_provider(), installed));
    // Also with `rustls-ring`, which gives reqwest no provider.
    reqwest::Client::new();
}
