use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Reads the end of a text with or without its padding.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The first bytes of a base64 text, about `bytes_max` of them, and whether they are all of it. White
/// space and a `data:…;base64,` in front are skipped. `None` when the text is not base64.
pub(crate) fn decode_prefix(text: &str, bytes_max: usize) -> Option<(Vec<u8>, bool)> {
    let scheme = if text.starts_with("data:") { text.find(";base64,") } else { None };
    let body = scheme.map_or(text, |at| &text[at + ";base64,".len()..]);
    let characters_max = (bytes_max / 3).saturating_mul(4);
    let mut significant = body.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let characters: Vec<u8> = significant.by_ref().take(characters_max).collect();
    let complete = significant.next().is_none();
    ENGINE.decode(&characters).ok().map(|bytes| (bytes, complete))
}

/// All bytes of a base64 text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    decode_prefix(text, usize::MAX).map(|(bytes, _)| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, bytes_max: usize, expected: Option<(&[u8], bool)>) {
        assert_eq!(decode_prefix(text, bytes_max), expected.map(|(bytes, all)| (bytes.to_vec(), all)));
    }

    #[test]
    fn prefixes_are_decoded() {
        check("", 100, Some((b"", true)));
        check("aGVsbG8=", 100, Some((b"hello", true)));
        check("aGVsbG8", 100, Some((b"hello", true)));
        check("aGVs\r\nbG8=\n", 3, Some((b"hel", false)));
        check("data:text/plain;base64,aGVsbG8=", usize::MAX, Some((b"hello", true)));
        check("nicht base64!", 100, None);
        check("data:", 100, None);
    }
}
