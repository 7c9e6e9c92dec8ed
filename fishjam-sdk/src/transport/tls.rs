//! Encryption: which library does it and whom it trusts.

use reqwest::ClientBuilder;

use crate::{config::Network, error::Result};

/// Sets up TLS with rustls, the ring provider and the operating system's trust store.
///
/// The provider is named here and not taken from the process, so another library's choice cannot clash with it.
#[cfg(feature = "rustls")]
pub(super) fn configure(builder: ClientBuilder, needed: bool, network: &Network) -> Result<ClientBuilder> {
    use std::sync::Arc;

    use rustls::{ClientConfig, client::danger::ServerCertVerifier};
    use rustls_platform_verifier::Verifier;

    use crate::error::Error;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::invalid_input("TLS cannot be set up").caused_by(e))?;
    let roots = certificates(network)?;
    let verifier: Arc<dyn ServerCertVerifier> = if needed {
        let verifier = Verifier::new_with_extra_roots(roots, provider).map_err(|e| {
            Error::invalid_input(
                "no certificates to trust: install the operating system's (package ca-certificates) or add your own",
            )
            .caused_by(e)
        })?;
        Arc::new(verifier)
    } else {
        // Perhaps nothing will be encrypted, and reading the system's certificates takes time.
        Arc::new(late::LateVerifier::new(roots, provider))
    };
    let config = config.dangerous().with_custom_certificate_verifier(verifier);
    Ok(builder.tls_backend_preconfigured(config.with_no_client_auth()))
}

#[cfg(feature = "rustls")]
mod late;

#[cfg(feature = "rustls")]
fn certificates(network: &Network) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    let mut certificates = Vec::new();
    for pem in &network.roots {
        let before = certificates.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificates.push(certificate.map_err(not_pem)?);
        }
        if certificates.len() == before {
            return Err(crate::error::Error::invalid_input("a root certificate is not PEM: it holds no certificate"));
        }
    }
    Ok(certificates)
}

/// Sets up TLS with the operating system's library and trust store.
#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
pub(super) fn configure(mut builder: ClientBuilder, _needed: bool, network: &Network) -> Result<ClientBuilder> {
    for pem in &network.roots {
        let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(not_pem)?;
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(builder.tls_backend_native())
}

/// Without a TLS feature only `http` works, and that is said before anything is sent.
#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
pub(super) fn configure(builder: ClientBuilder, needed: bool, _network: &Network) -> Result<ClientBuilder> {
    if needed {
        return Err(crate::error::Error::invalid_input(
            "https needs TLS, which this build leaves out: enable the feature `rustls` or `native-tls` of fishjam-sdk",
        ));
    }
    Ok(builder)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn not_pem(cause: impl Into<crate::error::Cause>) -> crate::error::Error {
    crate::error::Error::invalid_input("a root certificate is not PEM").caused_by(cause)
}

#[cfg(all(test, feature = "rustls"))]
mod tests {
    use fishjam_emulator::Emulator;

    use crate::{config::Network, endpoint::Endpoint, transport::http_client};

    #[tokio::test]
    async fn whom_a_client_trusts_does_not_depend_on_its_endpoint() {
        let emulator = Emulator::builder().tls(true).start().await.unwrap();
        let plain = Endpoint::of_settings("http://localhost:1", None).unwrap();
        let root = emulator.certificate_pem().unwrap().as_bytes().to_vec();
        for (roots, trusted) in [(vec![root], true), (Vec::new(), false)] {
            let network = Network { roots, ..Network::default() };
            let http = http_client(&plain, &network, None).unwrap();
            let answer = http.pool.get(format!("{}/validate", emulator.url())).send().await;
            assert_eq!(answer.is_ok(), trusted, "{answer:?}");
        }
    }
}
