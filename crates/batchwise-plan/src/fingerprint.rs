use std::fmt;
use std::io::{self, Read};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes. `Display` and the serialised form are 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a byte string.
    pub fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint::finish(Sha256::new().chain_update(bytes))
    }

    /// Reads what `Display` writes: 64 lower-case hexadecimal digits.
    pub fn read(text: &str) -> Option<Fingerprint> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        let plain = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if digits.len() != 2 * bytes.len() || !plain {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Fingerprint(bytes))
    }

    pub(crate) fn finish(digest: Sha256) -> Fingerprint {
        Fingerprint(digest.finalize().into())
    }

    /// The first bytes, at most 32.
    pub fn first_bytes<const N: usize>(self) -> [u8; N] {
        *self.0.first_chunk().expect("a fingerprint has 32 bytes")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A reader that fingerprints what passes through it.
pub struct Fingerprinting<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Fingerprinting<R> {
    /// Wraps a reader of which nothing was read yet.
    pub fn new(inner: R) -> Fingerprinting<R> {
        Fingerprinting { inner, digest: Sha256::new(), bytes: 0 }
    }

    /// How many bytes have passed.
    pub fn length(&self) -> u64 {
        self.bytes
    }

    /// The fingerprint of what has passed so far.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::finish(self.digest.clone())
    }
}

impl<R: Read> Read for Fingerprinting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.digest.update(&buffer[..length]);
        self.bytes += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_sha256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Fingerprint::of(b"").to_string(), empty);
        let mut reader = Fingerprinting::new(&b"abc"[..]);
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(reader.fingerprint(), Fingerprint::of(b"abc"));
        assert_eq!(reader.length(), 3);
    }

    #[test]
    fn fingerprints_are_read_as_written() {
        let fingerprint = Fingerprint::of(b"abc");
        let text = fingerprint.to_string();
        assert_eq!(Fingerprint::read(&text), Some(fingerprint));
        for bad in ["", &text[1..], &text.to_uppercase(), &text.replacen('b', "+", 1), &"é".repeat(32)] {
            assert_eq!(Fingerprint::read(bad), None, "{bad}");
        }
    }
}
