use std::io::ErrorKind;
use std::time::Duration;

use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// Makes connections for one request each, on which an answer is seen that came before the end of the body.
///
/// Where it came instead of the word to go on, ureq 3.5.1 leaves such an answer in its buffer, because it is not the `100 Continue` that it looked for, and then
/// waits for more to come before it looks there again: for nothing, on a connection that the server keeps open. Where it
/// came in the middle of the body, and the server then hung up, ureq knows only that it cannot write any more.
#[derive(Debug)]
pub(crate) struct EarlyAnswers;

impl<In: Transport> Connector<In> for EarlyAnswers {
    type Out = EarlyAnswer<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| EarlyAnswer { inner, is_seen: false }))
    }
}

/// A connection for one request.
#[derive(Debug)]
pub(crate) struct EarlyAnswer<In> {
    inner: In,
    /// Whether what came before the body was handed out.
    is_seen: bool,
}

impl<In: Transport> Transport for EarlyAnswer<In> {
    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let is_for_the_answer = timeout.reason == Timeout::RecvResponse;
        if is_for_the_answer && !self.is_seen {
            self.is_seen = true;
            if !self.inner.buffers().input().is_empty() {
                return Ok(true);
            }
        }
        self.inner.await_input(timeout)
    }

    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout).map_err(|error| match &error {
            Error::Io(source) if is_hung_up(source.kind()) => self.refusal().unwrap_or(error),
            _ => error,
        })
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// How long the last words of a server are waited for that has hung up.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl<In: Transport> EarlyAnswer<In> {
    /// The refusal that a server left behind that took no more of the body.
    fn refusal(&mut self) -> Option<Error> {
        let (after, reason) = (LAST_WORDS.into(), Timeout::RecvResponse);
        // What cannot be read was not said.
        let _ = self.inner.await_input(NextTimeout { after, reason, ..NextTimeout::default() });
        let status = refused_status(self.inner.buffers().input())?;
        Some(Error::Other(Box::new(Refused { status })))
    }
}

/// The server refused the body before it had all of it. Only its status is known.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the server answered {status} before it had the whole body")]
pub(crate) struct Refused {
    pub(crate) status: u16,
}

fn is_hung_up(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

/// The status of an answer that begins like this, if it is a refusal.
fn refused_status(answer: &[u8]) -> Option<u16> {
    let digits = answer.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let status = str::from_utf8(digits).ok()?.parse().ok()?;
    (400..600).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_ends_an_upload() {
        for (answer, expected) in [
            ("HTTP/1.1 413 Content Too Large\r\n\r\n", Some(413)),
            ("HTTP/1.1 503", Some(503)),
            ("HTTP/1.1 200 OK\r\n\r\n", None),
            ("HTTP/1.1 100 Continue\r\n\r\n", None),
            ("HTTP/1.1 41", None),
            ("HTTP/1.1 +41", None),
            ("hello 413", None),
            ("", None),
        ] {
            assert_eq!(refused_status(answer.as_bytes()), expected, "{answer:?}");
        }
    }
}
