//! Certificates as people make them: self-signed, expired, without a name, in files with a byte order mark.

use std::sync::Arc;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifier};
use fishjam_tests::support::within;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::CertificateDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

const ROOMS: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\nconnection: close\r\n\
    \r\n{\"data\":[]}";

/// The parameters that `openssl req -x509` uses: a CA certificate.
fn authority(names: &[&str]) -> anyhow::Result<CertificateParams> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut certificate = CertificateParams::new(names)?;
    certificate.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(certificate)
}

/// Starts an https server without rooms that presents this certificate, self-signed. Returns its URL and the PEM.
async fn serve(certificate: CertificateParams) -> anyhow::Result<(String, String)> {
    let key = KeyPair::generate()?;
    let certificate = certificate.self_signed(&key)?;
    Ok((present(vec![certificate.der().clone()], &key).await?, certificate.pem()))
}

/// Starts an https server without rooms that presents this chain. Returns its URL.
async fn present(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> anyhow::Result<String> {
    let key = key.serialize_der().try_into().map_err(anyhow::Error::msg)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {}
            let _ = stream.write_all(ROOMS).await;
            let _ = stream.shutdown().await;
        }
    });
    Ok(url)
}

/// The error of a call to a server with this certificate, with all its causes.
async fn refusal(certificate: CertificateParams, root: Option<&str>) -> anyhow::Result<String> {
    let (url, own) = serve(certificate).await?;
    let root = root.unwrap_or(&own);
    let fishjam = FishjamClient::builder(url, "token").add_root_certificates(root).max_attempts(1).build()?;
    let error = within("a refusal", fishjam.get_all_rooms()).await?.err().context("the certificate was accepted")?;
    assert_eq!(error.kind(), ErrorKind::Connection, "{error:?}");
    Ok(format!("{:#}", anyhow::Error::new(error)))
}

#[tokio::test]
async fn self_signed_ca_certificate_works_as_root() -> anyhow::Result<()> {
    let (url, root) = serve(authority(&["127.0.0.1", "localhost"])?).await?;
    for url in [url.clone(), url.replace("127.0.0.1", "localhost")] {
        let fishjam = FishjamClient::builder(url, "token").add_root_certificates(root.as_str()).build()?;
        assert!(within("rooms", fishjam.get_all_rooms()).await??.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn self_signed_server_certificate_works_as_root() -> anyhow::Result<()> {
    for is_ca in [IsCa::NoCa, IsCa::ExplicitNoCa] {
        let mut certificate = authority(&["127.0.0.1"])?;
        certificate.is_ca = is_ca;
        let (url, root) = serve(certificate).await?;
        let fishjam = FishjamClient::builder(url, "token").add_root_certificates(root).build()?;
        assert!(within("rooms", fishjam.get_all_rooms()).await??.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn issued_certificate_works_next_to_its_root() -> anyhow::Result<()> {
    let (root_key, middle_key, key) = (KeyPair::generate()?, KeyPair::generate()?, KeyPair::generate()?);
    let root_params = authority(&["the root"])?;
    let root = root_params.self_signed(&root_key)?;
    let root_issuer = Issuer::new(root_params, root_key);
    let mut middle_params = authority(&["the intermediate"])?;
    middle_params.distinguished_name.push(rcgen::DnType::CommonName, "intermediate");
    let middle = middle_params.signed_by(&middle_key, &root_issuer)?;
    let middle_issuer = Issuer::new(middle_params, middle_key);

    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    params.distinguished_name.push(rcgen::DnType::CommonName, "leaf");
    let direct = params.signed_by(&key, &root_issuer)?;
    let indirect = params.signed_by(&key, &middle_issuer)?;
    for (leaf, chain) in
        [(&direct, vec![direct.der().clone()]), (&indirect, vec![indirect.der().clone(), middle.der().clone()])]
    {
        let url = present(chain, &key).await?;
        let client = FishjamClient::builder(url, "token").add_root_certificates(root.pem());
        let fishjam = client.add_root_certificates(leaf.pem()).build()?;
        assert!(within("rooms", fishjam.get_all_rooms()).await??.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn self_signed_certificate_is_refused_outside_its_time() -> anyhow::Result<()> {
    for (first, last, word) in [(1990, 2001, "expired"), (3000, 3001, "not valid yet")] {
        for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
            let mut certificate = authority(&["127.0.0.1"])?;
            certificate.is_ca = is_ca;
            certificate.not_before = rcgen::date_time_ymd(first, 1, 1);
            certificate.not_after = rcgen::date_time_ymd(last, 1, 1);
            let error = refusal(certificate, None).await?;
            assert!(error.contains(word), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn self_signed_certificate_is_refused_for_another_host() -> anyhow::Result<()> {
    let error = refusal(authority(&["fishjam.example"])?, None).await?;
    assert!(error.contains("127.0.0.1") && error.contains("fishjam.example"), "{error}");
    // The documentation of `add_root_certificates` shows how to create a certificate with names.
    let error = refusal(authority(&[])?, None).await?;
    assert!(error.contains("subjectAltName"), "{error}");
    Ok(())
}

#[tokio::test]
async fn unknown_self_signed_certificate_gets_a_hint() -> anyhow::Result<()> {
    let other = authority(&["127.0.0.1"])?.self_signed(&KeyPair::generate()?)?.pem();
    let error = refusal(authority(&["127.0.0.1"])?, Some(&other)).await?;
    assert!(error.contains("add_root_certificates"), "{error}");
    Ok(())
}

#[tokio::test]
async fn root_certificate_with_byte_order_mark_works() -> anyhow::Result<()> {
    let emulator = Emulator::builder().tls(true).start().await?;
    let another = Emulator::builder().tls(true).start().await?;
    let (own, other) = (emulator.certificate_pem().unwrap_or_default(), another.certificate_pem().unwrap_or_default());
    for pem in [format!("\u{feff}{own}"), format!("\u{feff}{other}\u{feff}{own}")] {
        let client = FishjamClient::builder(emulator.url(), emulator.token());
        client.add_root_certificates(pem.as_str()).build()?.check_credentials().await?;
        let notifier = FishjamNotifier::builder(emulator.url(), emulator.token());
        within("a stream", notifier.add_root_certificates(pem).build()?.events()).await??;
    }
    Ok(())
}
