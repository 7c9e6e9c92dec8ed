//! Both providers of rustls, of which the program names one at each use.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    crypto::{CryptoProvider, aws_lc_rs, ring},
};

fn main() {
    sdk::check();
    assert!(CryptoProvider::get_default().is_none(), "a library installed a provider");

    // rustls cannot choose, with and without the SDK.
    std::panic::catch_unwind(ClientConfig::builder).unwrap_err();
    for provider in [aws_lc_rs::default_provider(), ring::default_provider()] {
        ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions().unwrap();
    }
}
