use batchwise_units::Bytes;
use sha2::{Digest, Sha256};

use crate::Fingerprint;

/// How a body begins.
pub const BODY_OPENING: &[u8] = b"{\"requests\":[";

/// What stands between two requests of a body.
pub const BODY_SEPARATOR: &[u8] = b",";

/// How a body ends.
pub const BODY_CLOSING: &[u8] = b"]}";

/// The bytes of an HTTP body beside its requests and the commas between them: `{"requests":[` and `]}`.
pub const ENVELOPE_BYTES: Bytes = Bytes((BODY_OPENING.len() + BODY_CLOSING.len()) as u64);

/// The bytes between two requests.
pub const SEPARATOR_BYTES: Bytes = Bytes(BODY_SEPARATOR.len() as u64);

/// The request lines in the bytes of a [`Slice`](crate::Slice), exactly as they belong into the body: without
/// terminators, without lines of white space.
pub fn request_lines(slice: &[u8]) -> impl Iterator<Item = &[u8]> {
    slice.split(|&byte| byte == b'\n').filter_map(request_line)
}

/// What of a line, with or without its terminator, belongs into the body: nothing of white space.
pub fn request_line(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let is_blank = line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    (!is_blank).then_some(line)
}

/// Measures and fingerprints a body `{"requests":[…,…]}` without building it.
///
/// The body consists of the request lines exactly as they stand in the input, without their terminators,
/// joined by commas. What is measured is what the API limits: the bytes of the HTTP body.
#[derive(Clone)]
pub struct BodyDigest {
    digest: Sha256,
    requests: u64,
    bytes: Bytes,
}

impl Default for BodyDigest {
    fn default() -> BodyDigest {
        BodyDigest { digest: Sha256::new_with_prefix(BODY_OPENING), requests: 0, bytes: ENVELOPE_BYTES }
    }
}

impl BodyDigest {
    /// Appends one request line.
    pub fn add(&mut self, line: &[u8]) {
        if self.requests > 0 {
            self.digest.update(BODY_SEPARATOR);
            self.bytes += SEPARATOR_BYTES;
        }
        self.digest.update(line);
        self.bytes += Bytes::of(line);
        self.requests += 1;
    }

    /// The size of the body, were it closed now.
    pub fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// Closes the body.
    pub fn finish(self) -> Fingerprint {
        Fingerprint::finish(self.digest.chain_update(BODY_CLOSING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_hold_lines() {
        let lines: Vec<&[u8]> = request_lines(b"{ }\r\n\n \t\r\n {\"a\":1} \n").collect();
        assert_eq!(lines, [&b"{ }"[..], b" {\"a\":1} "]);
    }

    #[test]
    fn the_digest_is_that_of_the_body_sent() {
        for lines in [&[][..], &["{}"], &["{\"a\":1}", "{ }", "{\"é\":2}"]] {
            let body = format!("{{\"requests\":[{}]}}", lines.join(","));
            let mut digest = BodyDigest::default();
            lines.iter().for_each(|line| digest.add(line.as_bytes()));
            assert_eq!(digest.bytes(), Bytes::of(body.as_bytes()));
            assert_eq!(digest.finish(), Fingerprint::of(body.as_bytes()));
        }
    }
}
