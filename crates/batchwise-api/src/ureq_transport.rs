use std::io;
use std::time::Duration;

use ureq::config::Config;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error, Proxy};

use crate::{HttpRequest, HttpResponse, Transport, TransportError, TransportFault};

/// The network: HTTP/1.1 over TLS, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
/// `NO_PROXY` name, if they do. What is not encrypted goes past every proxy, which could read it.
#[derive(Debug)]
pub struct UreqTransport {
    /// For `https`.
    encrypted: Agent,
    /// For everything else: never through a proxy.
    plain: Agent,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For everything from the first byte to the last.
    pub whole: Duration,
}

impl Default for Timeouts {
    /// 10 seconds to connect; a minute for a body of up to 32 MB and its small answer.
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(10), whole: Duration::from_secs(60) }
    }
}

/// A file of certificates that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no certificate in it, or one that cannot be read: it must be PEM")]
pub struct BadCertificates;

impl UreqTransport {
    /// A transport that trusts the certificate authorities compiled in, which are Mozilla's; or, if there are
    /// `authorities`, only those, given as PEM. A proxy that looks into TLS needs its own.
    ///
    /// # Errors
    /// When `authorities` are not PEM certificates.
    pub fn new(timeouts: Timeouts, authorities: Option<&[u8]>) -> Result<UreqTransport, BadCertificates> {
        let roots = match authorities {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::from(certificates(pem)?),
        };
        let proxy = Proxy::try_from_env();
        let agent = |proxy| config(timeouts, roots.clone(), proxy).new_agent();
        Ok(UreqTransport { encrypted: agent(proxy), plain: agent(None) })
    }

    fn agent(&self, url: &str) -> &Agent {
        let encrypted = url.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"));
        if encrypted { &self.encrypted } else { &self.plain }
    }
}

fn config(timeouts: Timeouts, roots: RootCerts, proxy: Option<Proxy>) -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        // A redirect comes back as an answer with its status, and the key goes nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(timeouts.connect))
        .timeout_global(Some(timeouts.whole))
        .user_agent(concat!("batchwise/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .proxy(proxy)
        .build()
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, BadCertificates> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| BadCertificates)? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() { Err(BadCertificates) } else { Ok(certificates) }
}

impl Transport for UreqTransport {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, TransportError> {
        let mut outgoing = ureq::http::Request::builder().method(request.method).uri(&request.url);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        let mut key = ureq::http::HeaderValue::from_str(request.key.expose())
            .map_err(|_| setup("the API key cannot stand in a header"))?;
        key.set_sensitive(true);
        let outgoing = outgoing.header("x-api-key", key).body(request.body);
        let outgoing = outgoing.map_err(|_| setup("the request cannot be written as HTTP"))?;
        let mut incoming = self.agent(&request.url).run(outgoing).map_err(failure)?;
        let body = incoming.body_mut().with_config().limit(HttpResponse::BODY_BYTES_MAX).read_to_vec();
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(HttpResponse {
            status: incoming.status().as_u16(),
            headers: incoming.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.map_err(failure)?,
        })
    }
}

fn setup(detail: &str) -> TransportError {
    TransportError { fault: TransportFault::Setup, detail: detail.to_owned() }
}

fn failure(error: Error) -> TransportError {
    let fault = match &error {
        Error::Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => TransportFault::Unreachable,
        Error::Timeout(_) => TransportFault::Timeout,
        Error::HostNotFound | Error::ConnectionFailed => TransportFault::Unreachable,
        Error::Io(source) if is_refusal(source) => TransportFault::Unreachable,
        Error::Io(source) if source.kind() == io::ErrorKind::TimedOut => TransportFault::Timeout,
        Error::Io(source) if is_certificate(source) => TransportFault::Setup,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) | Error::TlsRequired => TransportFault::Setup,
        Error::BadUri(_) | Error::InvalidProxyUrl | Error::Http(_) => TransportFault::Setup,
        _ => TransportFault::Broken,
    };
    let detail = match fault {
        TransportFault::Timeout => "no answer came in time".to_owned(),
        // Its text would name the address of the proxy, which may hold a password.
        TransportFault::Setup if matches!(error, Error::InvalidProxyUrl | Error::BadUri(_)) => {
            "the address of the API or of the proxy is not usable".to_owned()
        }
        _ => error.to_string(),
    };
    TransportError { fault, detail }
}

fn is_refusal(source: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(source.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable)
}

/// rustls hands a refused certificate over as invalid data.
fn is_certificate(source: &io::Error) -> bool {
    source.kind() == io::ErrorKind::InvalidData && source.to_string().contains("certificate")
}
