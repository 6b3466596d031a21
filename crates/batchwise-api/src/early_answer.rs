use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// Makes connections for one request each, on which an answer is seen that came instead of the word to go on.
///
/// ureq 3.5.1 leaves such an answer in its buffer, because it is not the `100 Continue` that it looked for, and then
/// waits for more to come before it looks there again: for nothing, on a connection that the server keeps open.
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
        self.inner.transmit_output(amount, timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}
