use std::io::{self, Read};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{HeaderValue, Request, Response, header, request};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, DefaultConnector};
use ureq::{Agent, AsSendBody, Body, BodyReader, Error, Proxy, SendBody};

use crate::early_answer::{EarlyAnswers, Refused};
use crate::{AnswerLength, HttpBody, HttpRequest, HttpResponse, Transport, TransportError, TransportFault};

/// The network: HTTP/1.1 over TLS, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and
/// `NO_PROXY` name, if they do. What is not encrypted goes past every proxy, which could read it.
///
/// ureq sends nothing twice by itself: its `run` makes a second call only for a redirect that it follows, which is off
/// here, and its pool gives out a connection without asking again when that fails (read in 3.5.1; a test counts).
#[derive(Debug)]
pub struct UreqTransport {
    /// For `https`.
    encrypted: Agents,
    /// For everything else: never through a proxy.
    plain: Agents,
    timeouts: Timeouts,
}

/// Those who keep connections, and those who do not.
#[derive(Debug)]
struct Agents {
    /// For what may be asked twice: one connection carries many requests.
    kept: Agent,
    /// For uploads: a connection that the server has closed in the meantime would break one for nothing.
    fresh: Agent,
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For everything from the first byte to the last, where both body and answer are short.
    pub whole: Duration,
    /// For the next byte of an upload or a download, which has no limit as a whole.
    pub silence: Duration,
    /// For a server that wants to look at the head of an upload first; after that the body goes without its word.
    pub go_ahead: Duration,
    /// For the answer to an upload.
    pub answer: Duration,
}

impl Default for Timeouts {
    /// 10 seconds to connect; a minute for a body of up to 32 MB and its small answer; two minutes without a byte; 5
    /// seconds for a server's go-ahead; and 10 minutes for the answer to an upload, as long as the official clients wait.
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(60),
            silence: Duration::from_secs(120),
            go_ahead: Duration::from_secs(5),
            answer: Duration::from_secs(600),
        }
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
        let agents = |proxy: Option<Proxy>| Agents {
            kept: config(timeouts, roots.clone(), proxy.clone(), KEPT_CONNECTIONS_MAX).new_agent(),
            fresh: Agent::with_parts(
                config(timeouts, roots.clone(), proxy, 0),
                DefaultConnector::default().chain(EarlyAnswers),
                DefaultResolver::default(),
            ),
        };
        Ok(UreqTransport { encrypted: agents(Proxy::try_from_env()), plain: agents(None), timeouts })
    }

    fn agents(&self, url: &str) -> &Agents {
        let encrypted = url.split_once("://").is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"));
        if encrypted { &self.encrypted } else { &self.plain }
    }

    /// Sends what is short, and waits for an answer of either length.
    fn ask(
        &self,
        agent: &Agent,
        request: Request<impl AsSendBody>,
        answer: AnswerLength,
    ) -> Result<Response<Body>, Error> {
        let Timeouts { whole, silence, .. } = self.timeouts;
        let request = agent.configure_request(request);
        agent.run(match answer {
            AnswerLength::Short => request.timeout_global(Some(whole)).build(),
            AnswerLength::Long => {
                request.timeout_per_read(Some(silence)).timeout_per_write(Some(silence)).build()
            }
        })
    }

    /// Sends a body while it is read.
    fn upload(&self, agent: &Agent, request: Request<SendBody<'_>>) -> Result<Response<Body>, Error> {
        let Timeouts { whole, silence, go_ahead, answer, .. } = self.timeouts;
        let request = agent.configure_request(request);
        agent.run(
            request
                .timeout_per_write(Some(silence))
                .timeout_await_100(Some(go_ahead))
                .timeout_recv_response(Some(answer))
                .timeout_recv_body(Some(whole))
                .build(),
        )
    }
}

/// A client asks one question at a time, so it has use for few.
const KEPT_CONNECTIONS_MAX: usize = 3;

fn config(timeouts: Timeouts, roots: RootCerts, proxy: Option<Proxy>, connections_max: usize) -> Config {
    Agent::config_builder()
        .http_status_as_error(false)
        // A redirect comes back as an answer with its status, and the key goes nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(connections_max)
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
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
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, TransportError> {
        let outgoing = head(&request)?;
        let Agents { kept, fresh } = self.agents(&request.url);
        let unwritable = |_| setup("the request cannot be written as HTTP");
        let incoming = match request.body {
            HttpBody::Empty => self.ask(kept, outgoing.body(()).map_err(unwritable)?, request.answer),
            HttpBody::Bytes(body) => self.ask(kept, outgoing.body(body).map_err(unwritable)?, request.answer),
            HttpBody::Stream { reader, bytes } => {
                let outgoing = outgoing.header(header::CONTENT_LENGTH, bytes);
                let outgoing = outgoing.header(header::EXPECT, "100-continue");
                self.upload(fresh, outgoing.body(SendBody::from_reader(reader)).map_err(unwritable)?)
            }
        };
        let incoming = match incoming {
            Ok(incoming) => incoming,
            Err(error) => return refusal(&error).ok_or_else(|| failure(error)),
        };
        let (head, body) = incoming.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Ok(HttpResponse {
            status: head.status.as_u16(),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: Box::new(Incoming(body.into_reader())),
        })
    }
}

/// The answer to an upload that was refused in its middle.
fn refusal(error: &Error) -> Option<HttpResponse> {
    let Error::Other(error) = error else { return None };
    let Refused { status } = error.downcast_ref()?;
    Some(HttpResponse::new(*status, Vec::new(), ""))
}

/// The method, the address and the headers of a request.
fn head(request: &HttpRequest<'_>) -> Result<request::Builder, TransportError> {
    let mut key = HeaderValue::from_str(request.key.expose())
        .map_err(|_| setup("the API key cannot stand in a header"))?;
    key.set_sensitive(true);
    let head = Request::builder().method(request.method).uri(&request.url).header("x-api-key", key);
    Ok(request.headers.iter().fold(head, |head, (name, value)| head.header(*name, value)))
}

/// The body of an answer, whose errors have a kind.
struct Incoming(BodyReader<'static>);

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let TransportError { fault, detail } = failure(Error::from(error));
            let kind = match fault {
                TransportFault::Timeout => io::ErrorKind::TimedOut,
                _ => io::ErrorKind::UnexpectedEof,
            };
            io::Error::new(kind, detail)
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
        _ if matches!(&error, Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof) => {
            "the server closed the connection".to_owned()
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
