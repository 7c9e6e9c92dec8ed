//! Configures TLS: the library and the trusted certificates.

use reqwest::ClientBuilder;

use crate::{config::Network, error::Result};

#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
mod lazy;
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
mod pinned;

/// Configures TLS with rustls and the operating system's trust store.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
pub(super) fn configure(builder: ClientBuilder, needed: bool, network: &Network) -> Result<ClientBuilder> {
    use std::sync::Arc;

    use rustls::ClientConfig;

    use crate::error::Error;

    let provider = provider();
    // Without an explicit provider, rustls installs a default for the whole process.
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::setup("failed to configure TLS").caused_by(e))?;
    let verifier = lazy::LazyVerifier::new(certificates(network)?, provider).map_err(not_a_certificate)?;
    // A client without `https` may never use TLS, and loading the system's certificates takes time.
    if needed {
        verifier.load().map_err(|e| {
            Error::setup(
                "no trusted certificates: install the system's certificates (package ca-certificates), or add your own",
            )
            .caused_by(e)
        })?;
    }
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

/// Returns the crypto provider of the process, or the provider of the enabled feature.
#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn provider() -> std::sync::Arc<rustls::crypto::CryptoProvider> {
    #[cfg(feature = "rustls")]
    use rustls::crypto::aws_lc_rs as built_in;
    #[cfg(not(feature = "rustls"))]
    use rustls::crypto::ring as built_in;

    rustls::crypto::CryptoProvider::get_default().cloned().unwrap_or_else(|| built_in::default_provider().into())
}

#[cfg(any(feature = "rustls", feature = "rustls-ring"))]
fn certificates(network: &Network) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    let mut certificates = Vec::new();
    for pem in &network.roots {
        let pem = without_byte_order_marks(pem);
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            certificates.push(certificate.map_err(not_a_certificate)?);
        }
        if certificates.len() == before {
            return Err(no_certificate());
        }
    }
    Ok(certificates)
}

/// Configures TLS with the operating system's library and trust store.
#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "rustls-ring"))))]
pub(super) fn configure(mut builder: ClientBuilder, _needed: bool, network: &Network) -> Result<ClientBuilder> {
    for pem in &network.roots {
        let pem = without_byte_order_marks(pem);
        let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(not_a_certificate)?;
        if certificates.is_empty() {
            return Err(no_certificate());
        }
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(builder.tls_backend_native())
}

/// Returns an error for `https` before any request, because no TLS feature is enabled.
#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
pub(super) fn configure(builder: ClientBuilder, needed: bool, _network: &Network) -> Result<ClientBuilder> {
    if needed {
        return Err(crate::error::Error::setup(
            "https requires TLS: enable a TLS feature of fishjam-sdk, such as `rustls`",
        ));
    }
    Ok(builder)
}

/// Removes UTF-8 byte order marks, including marks inside concatenated files.
///
/// The PEM parser skips a certificate whose first line starts with one.
#[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
fn without_byte_order_marks(pem: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let mut rest = pem;
    let mut kept = Vec::with_capacity(pem.len());
    while let Some((&first, after)) = rest.split_first() {
        match rest.strip_prefix(MARK) {
            Some(after_mark) => rest = after_mark,
            None => {
                kept.push(first);
                rest = after;
            }
        }
    }
    kept
}

#[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
fn no_certificate() -> crate::error::Error {
    crate::error::Error::setup("invalid add_root_certificates: no certificate in PEM format")
}

#[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"))]
fn not_a_certificate(cause: impl Into<crate::error::Cause>) -> crate::error::Error {
    crate::error::Error::setup("invalid add_root_certificates: not a certificate").caused_by(cause)
}

#[cfg(all(test, any(feature = "rustls", feature = "rustls-ring")))]
mod tests {
    #[test]
    fn provider_follows_the_features_when_none_is_installed() {
        let provider = format!("{:?}", super::provider().secure_random);
        let expected = if cfg!(feature = "rustls") { "AwsLcRs" } else { "Ring" };
        assert!(provider.contains(expected), "{provider}");
    }

    #[test]
    fn byte_order_marks_are_removed_wherever_they_are() {
        for (with, without) in [
            (&b"\xef\xbb\xbfab"[..], &b"ab"[..]),
            (b"a\xef\xbb\xbf\xef\xbb\xbfb\xef\xbb\xbf", b"ab"),
            (b"a\xef\xbbb\xbf", b"a\xef\xbbb\xbf"),
            (b"", b""),
        ] {
            assert_eq!(super::without_byte_order_marks(with), without);
        }
    }
}
