//! Verifies server certificates with the platform's verifier, and with the certificates that the program adds.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;

use super::pinned::{self, Pinned};

/// The platform's verifier with extra root certificates.
///
/// It loads the system's certificates for the first server that needs them.
///
/// An encrypted proxy or socket may need them even if the endpoint is not encrypted.
pub(super) struct LazyVerifier {
    roots: Vec<CertificateDer<'static>>,
    pinned: Pinned,
    provider: Arc<CryptoProvider>,
    platform: OnceLock<Result<Verifier, Error>>,
}

impl LazyVerifier {
    /// Returns an error if one of the roots is not a certificate.
    pub(super) fn new(roots: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        Ok(Self { pinned: Pinned::new(&roots)?, roots, provider, platform: OnceLock::new() })
    }

    /// Loads the system's certificates once. Returns an error if there is no trusted certificate.
    pub(super) fn load(&self) -> Result<&Verifier, Error> {
        self.platform
            .get_or_init(|| Verifier::new_with_extra_roots(self.roots.iter().cloned(), Arc::clone(&self.provider)))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl ServerCertVerifier for LazyVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pinned.contains(end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            match self.pinned.verify(end_entity, server_name, now, algorithms) {
                // The certificate is not self-signed. The platform may trust its issuer, or `intermediates` contains it.
                Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {}
                outcome => return outcome,
            }
        }
        self.load()?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(pinned::with_hint)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for LazyVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyVerifier").field("roots", &self.roots.len()).finish_non_exhaustive()
    }
}
