use std::io::{self, Read};

/// A body that is read while it is sent.
pub struct Upload<'b> {
    /// The body. When it fails, the connection is given up and there is no batch.
    pub body: &'b mut dyn Read,
    /// Its exact length.
    pub bytes: u64,
}

/// A body on its way: counts what the network took of it, and lets it end nowhere but at its length.
///
/// The last piece is handed over only when the body has nothing behind it. So a body that ends with an error instead
/// of the end of the file, because it turned out to be another one, never arrives as a whole.
pub(crate) struct Handover<'b> {
    body: &'b mut dyn Read,
    left: u64,
    failure: Option<String>,
}

impl<'b> Handover<'b> {
    pub(crate) fn new(upload: Upload<'b>) -> Handover<'b> {
        Handover { body: upload.body, left: upload.bytes, failure: None }
    }

    /// Whether all of it was handed over, so that the API may have it.
    pub(crate) fn is_whole(&self) -> bool {
        self.left == 0
    }

    /// Why the body came to no end, if it is the body's fault.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The next piece, checked.
    fn take(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if room == 0 {
            return Ok(0);
        }
        let count = self.body.read(&mut buffer[..room])?;
        match count as u64 {
            0 => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the body is shorter than it was said to be",
            )),
            last if last == self.left && self.body.read(&mut [0])? > 0 => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the body is longer than it was said to be"))
            }
            count => {
                self.left -= count;
                Ok(usize::try_from(count).expect("it is the length of a buffer"))
            }
        }
    }
}

impl Read for Handover<'_> {
    /// Every error is final, `Interrupted` too: a body that was stopped stays stopped.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(failure.clone()));
        }
        self.take(buffer).map_err(|error| {
            self.failure = Some(error.to_string());
            io::Error::other(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its pieces one by one, then ends or fails.
    struct Pieces(Vec<&'static str>, bool);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match (self.0.is_empty(), self.1) {
                (true, true) => Err(io::Error::new(io::ErrorKind::Interrupted, "changed input")),
                (true, false) => Ok(0),
                (false, _) => self.0.remove(0).as_bytes().read(buffer),
            }
        }
    }

    #[track_caller]
    fn check(bytes: u64, pieces: &[&'static str], fails: bool, expected: Result<&str, &str>) {
        let mut body = Pieces(pieces.to_vec(), fails);
        let mut handover = Handover::new(Upload { body: &mut body, bytes });
        let mut text = String::new();
        let read = handover.read_to_string(&mut text);
        assert_eq!(
            read.map(|_| text.as_str()).map_err(|error| error.to_string()),
            expected.map_err(str::to_owned)
        );
        assert_eq!(handover.is_whole(), expected.is_ok());
        assert_eq!(handover.failure(), expected.err());
        assert_eq!(handover.read(&mut [0]).is_ok(), expected.is_ok(), "what failed stays so");
    }

    #[test]
    fn a_body_is_whole_only_at_its_length_and_at_its_end() {
        check(6, &["abc", "def"], false, Ok("abcdef"));
        check(7, &["abc", "def"], false, Err("the body is shorter than it was said to be"));
        check(5, &["abc", "de", "f"], false, Err("the body is longer than it was said to be"));
        check(6, &["abc", "def"], true, Err("changed input"));
        check(9, &["abc"], true, Err("changed input"));
    }
}
