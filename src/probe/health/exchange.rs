//! One request and its answer, over our own stream.

use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::HealthRequest;
use super::address::Address;
use crate::facts::HealthFailure;

/// The most bytes that an answer may have.
const LARGEST: usize = 1 << 20;

/// The most bytes that the head of an answer may have.
const LARGEST_HEAD: usize = 64 << 10;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Where it redirects to.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum Broken {
    Descriptors,
    Resolve,
    Connect(io::Error),
    Roots,
    Tls(io::Error),
    NotHttp,
    TooLarge,
    CutOff,
    TimedOut,
    BadRedirect,
    OtherOrigin,
    TooManyRedirects,
}

/// Returns whether a name and a value can be sent as a header.
pub(super) fn is_header(name: &str, value: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok()
}

/// Asks once.
pub(super) async fn get(address: &Address, request: &HealthRequest) -> Result<Reply, Broken> {
    let stream = connect(address).await?;
    if address.is_tls() {
        let stream = encrypt(stream, address, request).await?;
        converse(stream, address, request).await
    } else {
        converse(stream, address, request).await
    }
}

/// Dials the addresses of the host, one after the other.
async fn connect(address: &Address) -> Result<TcpStream, Broken> {
    let found = tokio::net::lookup_host((address.host(), address.port())).await;
    let mut last = Broken::Resolve;
    for address in found.map_err(|_| Broken::Resolve)? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Broken::Connect(error),
        }
    }
    Err(last)
}

async fn encrypt(
    stream: TcpStream,
    address: &Address,
    request: &HealthRequest,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Broken> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Broken::Roots)?
        .with_root_certificates(roots(request)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from(address.host()).map_err(|_| Broken::Resolve)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(Broken::Tls)
}

fn roots(request: &HealthRequest) -> Result<RootCertStore, Broken> {
    let mut store = RootCertStore::empty();
    if let Some(pem) = &request.roots {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| Broken::Roots)?;
            store.add(certificate).map_err(|_| Broken::Roots)?;
        }
    } else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if store.is_empty() {
        return Err(Broken::Roots);
    }
    Ok(store)
}

async fn converse<S>(stream: S, address: &Address, request: &HealthRequest) -> Result<Reply, Broken>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(LARGEST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Broken::NotHttp)?;
    tokio::spawn(connection);
    let question = question(address, request).ok_or(Broken::NotHttp)?;
    let answer = sender
        .send_request(question)
        .await
        .map_err(|error| broken(&error))?;
    let status = answer.status();
    let location = answer
        .headers()
        .get(LOCATION)
        .filter(|_| status.is_redirection())
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = Limited::new(answer.into_body(), LARGEST).collect().await;
    let body = body.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Broken::TooLarge
        } else {
            Broken::CutOff
        }
    })?;
    Ok(Reply {
        status: status.as_u16(),
        location,
        body: body.to_bytes().to_vec(),
    })
}

fn broken(error: &hyper::Error) -> Broken {
    if error.is_parse() {
        Broken::NotHttp
    } else {
        Broken::CutOff
    }
}

fn question(address: &Address, request: &HealthRequest) -> Option<hyper::Request<Empty<Bytes>>> {
    let mut question = hyper::Request::get(address.target())
        .header(HOST, address.authority())
        .header(ACCEPT, "application/json, text/plain;q=0.9, */*;q=0.1")
        .header(USER_AGENT, concat!("dbharden/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .body(Empty::new())
        .ok()?;
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value.expose()).ok()?;
        value.set_sensitive(true);
        question.headers_mut().insert(name, value);
    }
    Some(question)
}

impl Broken {
    /// Says what happened and what to do.
    pub(super) fn failure(&self) -> HealthFailure {
        let (message, fix) = match self {
            Self::Descriptors => (
                "this machine is out of file descriptors".to_owned(),
                "raise the limit (ulimit -n), or find what leaks descriptors",
            ),
            Self::Resolve => (
                "the host's name does not resolve".to_owned(),
                "correct the host, or ask from a machine that knows it",
            ),
            Self::Connect(error) => (
                format!("the connection failed: {}", io_reason(error)),
                "start the application, or correct host and port",
            ),
            Self::Roots => (
                "there is no usable root certificate".to_owned(),
                "give a PEM file of certificates, or install the system's (ca-certificates)",
            ),
            Self::Tls(error) => (
                format!("TLS failed: {}", tls_reason(error)),
                "repair the certificate, give its CA, or ask over http where TLS ends in front",
            ),
            Self::NotHttp => (
                "the answer is not HTTP/1.1".to_owned(),
                "correct host and port, and the scheme (http or https)",
            ),
            Self::TooLarge => (
                format!("the answer is larger than {} KiB", LARGEST >> 10),
                "ask an endpoint that reports its health alone",
            ),
            Self::CutOff => (
                "the connection ended before the answer did".to_owned(),
                "read the application's log: it may have crashed in this request",
            ),
            Self::TimedOut => (
                "no whole answer came in time".to_owned(),
                "let the endpoint answer without taking a connection from the pool, or raise --timeout",
            ),
            Self::BadRedirect => (
                "the redirect leads nowhere".to_owned(),
                "ask the URL that the endpoint really has",
            ),
            Self::OtherOrigin => (
                "the answer redirects to another scheme, host or port, which is not followed"
                    .to_owned(),
                "ask the URL to which it redirects, if you trust it",
            ),
            Self::TooManyRedirects => (
                "the answer redirects again and again".to_owned(),
                "ask the URL that the endpoint really has",
            ),
        };
        HealthFailure {
            message,
            fix: fix.to_owned(),
        }
    }
}

fn io_reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nothing listens there",
        io::ErrorKind::ConnectionReset => "it was reset",
        io::ErrorKind::TimedOut => "nobody answered",
        io::ErrorKind::HostUnreachable => "there is no route to the host",
        io::ErrorKind::NetworkUnreachable => "this machine has no route to that network",
        _ => "the system refused it",
    }
}

fn tls_reason(error: &io::Error) -> String {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(why)) => certificate_reason(why).to_owned(),
        Some(rustls::Error::InvalidMessage(_)) => "the peer does not speak TLS".to_owned(),
        Some(rustls::Error::AlertReceived(alert)) => format!("the peer sent the alert {alert:?}"),
        Some(_) => "the handshake broke".to_owned(),
        None => "the peer hung up in the handshake".to_owned(),
    }
}

fn certificate_reason(why: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Why;
    match why {
        Why::Expired | Why::ExpiredContext { .. } => "the certificate has expired",
        Why::NotValidYet | Why::NotValidYetContext { .. } => "the certificate is not valid yet",
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "the certificate is for another host"
        }
        Why::UnknownIssuer => "the certificate's issuer is not trusted here",
        Why::Revoked => "the certificate is revoked",
        _ => "the certificate is not valid",
    }
}
