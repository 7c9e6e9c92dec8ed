//! TLS with a new certificate for 127.0.0.1 and localhost. The client trusts its root.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

#[cfg(feature = "__tls")]
use {
    rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose},
    std::sync::Arc,
    tokio_rustls::{
        TlsAcceptor,
        rustls::{
            ServerConfig,
            pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
        },
        server::TlsStream,
    },
};

#[cfg(feature = "tls")]
use tokio_rustls::rustls::crypto::aws_lc_rs as provider;
#[cfg(all(feature = "tls-ring", not(feature = "tls")))]
use tokio_rustls::rustls::crypto::ring as provider;

#[cfg(feature = "__tls")]
use crate::error::Error;
use crate::error::Result;

/// Accepts TCP connections as plain or encrypted connections.
#[derive(Clone)]
pub(crate) enum Acceptor {
    Plain,
    #[cfg(feature = "__tls")]
    Tls(TlsAcceptor),
}

impl Acceptor {
    pub(crate) fn accept(&self, stream: TcpStream) -> impl Future<Output = io::Result<Transport>> + Send + 'static {
        let acceptor = self.clone();
        async move {
            match acceptor {
                Acceptor::Plain => Ok(Transport::Plain(stream)),
                #[cfg(feature = "__tls")]
                Acceptor::Tls(acceptor) => Ok(Transport::Tls(Box::new(acceptor.accept(stream).await?))),
            }
        }
    }
}

/// The scheme, the acceptor of its connections, and the root certificate of TLS as PEM.
pub(crate) type Scheme = (&'static str, Acceptor, Option<String>);

/// Returns plain HTTP, or TLS with a new certificate.
#[cfg(feature = "__tls")]
pub(crate) fn scheme(tls: bool) -> Result<Scheme> {
    if !tls {
        return Ok(("http", Acceptor::Plain, None));
    }
    let (acceptor, certificate) = certify()?;
    Ok(("https", acceptor, Some(certificate)))
}

/// Returns plain HTTP. The program was compiled without TLS.
#[cfg(not(feature = "__tls"))]
pub(crate) fn scheme(_: bool) -> Result<Scheme> {
    Ok(("http", Acceptor::Plain, None))
}

pub(crate) enum Transport {
    Plain(TcpStream),
    #[cfg(feature = "__tls")]
    Tls(Box<TlsStream<TcpStream>>),
}

impl Transport {
    /// Resets the connection when it closes.
    pub(crate) fn reset_on_close(&self) {
        // Without TLS the enum has one variant.
        #[cfg_attr(not(feature = "__tls"), allow(clippy::infallible_destructuring_match))]
        let stream = match self {
            Transport::Plain(stream) => stream,
            #[cfg(feature = "__tls")]
            Transport::Tls(stream) => stream.get_ref().0,
        };
        // Deprecated because other durations can block. Its successor is missing in the oldest supported tokio. An
        // error means that the connection already ended.
        #[allow(deprecated)]
        let _ = stream.set_linger(Some(Duration::ZERO));
    }
}

macro_rules! with_stream {
    ($transport:expr, $stream:ident => $poll:expr) => {
        match $transport.get_mut() {
            Transport::Plain($stream) => {
                let $stream = Pin::new($stream);
                $poll
            }
            #[cfg(feature = "__tls")]
            Transport::Tls($stream) => {
                let $stream = Pin::new($stream.as_mut());
                $poll
            }
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, stream => stream.poll_read(cx, buffer))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        with_stream!(self, stream => stream.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        with_stream!(self, stream => stream.poll_shutdown(cx))
    }
}

/// Creates a root and a leaf certificate. Returns the acceptor and the root as PEM.
#[cfg(feature = "__tls")]
fn certify() -> Result<(Acceptor, String)> {
    let (root_pem, chain, key) = issue().map_err(|error| Error::Tls(Box::new(error)))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    // An explicit provider neither needs nor changes the default of the process.
    let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![chain], key))
        .map_err(|error| Error::Tls(Box::new(error)))?;
    Ok((Acceptor::Tls(TlsAcceptor::from(Arc::new(config))), root_pem))
}

#[cfg(feature = "__tls")]
fn issue() -> std::result::Result<(String, CertificateDer<'static>, Vec<u8>), rcgen::Error> {
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    root.distinguished_name.push(DnType::CommonName, "fishjam-emulator root");
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, "fishjam-emulator");
    let leaf = leaf.signed_by(&key, &root)?;
    Ok((root.pem(), leaf.der().clone(), key.serialize_der()))
}
