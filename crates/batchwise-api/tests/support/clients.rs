//! Clients of the tests, and bodies that are made while they are read.
#![allow(dead_code, reason = "each test file uses a part of this")]

use std::io::{self, Read};
use std::time::Duration;

use batchwise_api::{
    ApiKey, ApiVersion, BaseUrl, Client, Clock, CreateError, MessageBatch, Pace, Patience, Speaker, Timeouts,
    Told, Transport, Upload, UreqTransport,
};

/// Enough for what is on this machine.
pub(crate) const SOON: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    whole: Duration::from_secs(5),
    silence: Duration::from_secs(5),
    go_ahead: Duration::from_secs(5),
    answer: Duration::from_secs(5),
};

/// A clock that waits for nothing.
pub(crate) struct Hurry;

impl Clock for Hurry {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) {}

    fn chance(&self) -> f64 {
        0.5
    }
}

/// A client that waits for nothing between its questions.
pub(crate) fn client(url: &str, timeouts: Timeouts) -> Client<UreqTransport, Hurry> {
    let speaker = Speaker {
        base: BaseUrl::parse(url).unwrap(),
        key: ApiKey::new("sk-secret").unwrap(),
        version: ApiVersion::default(),
        betas: Vec::new(),
        workspace: None,
        user_profile: None,
    };
    let transport = UreqTransport::new(timeouts, None).unwrap();
    Client::new(transport, Hurry, speaker, Pace::per_minute(u32::MAX), Patience::default())
}

/// Makes a batch of a body that is there.
pub(crate) fn create<T: Transport>(
    client: &mut Client<T, Hurry>,
    mut body: &[u8],
) -> Result<Told<MessageBatch>, CreateError> {
    let bytes = body.len() as u64;
    client.create_batch(Upload { body: &mut body, bytes })
}

/// So many spaces, and then the end or an error.
pub(crate) struct Spaces {
    left: u64,
    fails: bool,
}

impl Spaces {
    pub(crate) fn ending_after(bytes: u64) -> Spaces {
        Spaces { left: bytes, fails: false }
    }

    pub(crate) fn failing_after(bytes: u64) -> Spaces {
        Spaces { left: bytes, fails: true }
    }
}

impl Read for Spaces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.fails {
            return Err(io::Error::other("changed input"));
        }
        let count = buffer.len().min(usize::try_from(self.left).unwrap());
        buffer[..count].fill(b' ');
        self.left -= count as u64;
        Ok(count)
    }
}
