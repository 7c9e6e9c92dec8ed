//! Accepts servers that present one of the added root certificates.
//!
//! `openssl req -x509` creates a self-signed CA certificate. rustls rejects every CA certificate of a server, even one that
//! the program trusts. OpenSSL, curl and Go accept such a certificate, and so does this module.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, Error, OtherError, RootCertStore,
    client::{
        danger::ServerCertVerified, verify_server_cert_signed_by_trust_anchor as verify_chain, verify_server_name,
    },
    pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime},
    server::ParsedCertificate,
};

/// The added root certificates.
pub(super) struct Pinned {
    certificates: Vec<CertificateDer<'static>>,
    roots: RootCertStore,
}

impl Pinned {
    /// Returns an error if one of them is not a certificate.
    pub(super) fn new(certificates: &[CertificateDer<'static>]) -> Result<Self, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate.clone())?;
        }
        Ok(Self { certificates: certificates.to_vec(), roots })
    }

    /// Returns `true` if the program added exactly this certificate.
    pub(super) fn contains(&self, certificate: &CertificateDer<'_>) -> bool {
        self.certificates.iter().any(|pinned| pinned.as_ref() == certificate.as_ref())
    }

    /// Verifies the validity period and the names of a server certificate that the program added.
    pub(super) fn verify(
        &self,
        certificate: &CertificateDer<'_>,
        server_name: &ServerName<'_>,
        now: UnixTime,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(certificate)?;
        match verify_chain(&certificate, &self.roots, &[], now, algorithms) {
            // webpki checks the validity period before it rejects a CA certificate.
            Err(error) if !is_ca(&error) => return Err(error),
            _ => {}
        }
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }
}

/// Explains why a CA certificate is rejected that the program did not add.
pub(super) fn with_hint(error: Error) -> Error {
    // A `CertificateError` would print the name of the type instead of the hint.
    if is_ca(&error) { Error::Other(OtherError(Arc::new(UnknownCa))) } else { error }
}

/// Returns `true` if the server's certificate was rejected because it is a CA certificate.
fn is_ca(error: &Error) -> bool {
    // rustls has no variant for this error and does not export the type of webpki's errors.
    matches!(error, Error::InvalidCertificate(CertificateError::Other(cause)) if cause.to_string() == "CaUsedAsEndEntity")
}

#[derive(Debug)]
struct UnknownCa;

impl fmt::Display for UnknownCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid peer certificate: it is a CA certificate; to trust it, pass it to `add_root_certificates`")
    }
}

impl std::error::Error for UnknownCa {}
