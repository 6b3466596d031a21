use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Where};

use super::images::Images;
use crate::flaws::{Flaws, Remark};

/// The longest edge in pixels.
/// Source of all these limits: <https://platform.claude.com/docs/en/build-with-claude/vision>, read 2026-08-22.
const EDGE_MAX: u64 = 8_000;

/// The longest edge of each image, where a request has more than [`MANY`].
pub(crate) const EDGE_OF_MANY_MAX: u64 = 2_000;

/// So many images may be large.
const MANY: usize = 20;

/// The most base64 of one image. The documentation says "10 MB"; this is the larger of its two meanings, so that what is
/// above it is too large by either.
const BASE64_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Whether one image has too many bytes.
pub(crate) fn check_bytes(bytes: usize, place: impl FnOnce() -> FieldPath, flaws: &mut Flaws) {
    if bytes > BASE64_BYTES_MAX {
        flaws.push(Rule::ImageTooLarge, || Remark {
            at: Where::Value(place()),
            message: format!("the image has {bytes} bytes of base64, 10 MB are allowed"),
            help: "compress it, or scale it down".to_owned(),
        });
    }
}

/// Whether one image has too many pixels.
pub(crate) fn check_edge(edge: u64, place: impl FnOnce() -> FieldPath, flaws: &mut Flaws) {
    if edge > EDGE_MAX {
        flaws.push(Rule::ImageTooLarge, || Remark {
            at: Where::Value(place()),
            message: format!("the image is {edge} pixels long, {EDGE_MAX} are allowed"),
            help: "scale it down: the API does so anyway with what it accepts".to_owned(),
        });
    }
}

/// Whether one of many images has too many pixels.
pub(crate) fn check_many(images: Images, flaws: &mut Flaws) {
    let Some((edge, path)) = images.first_long.filter(|_| images.count > MANY) else { return };
    flaws.push(Rule::ImageTooLarge, || Remark {
        at: Where::Value(path),
        message: format!(
            "the image is {edge} pixels long; among {} images {EDGE_OF_MANY_MAX} are allowed",
            images.count
        ),
        help: format!("scale the images down, or send at most {MANY} in a request"),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_with_blocks;

    /// The head of a GIF of that size, in base64.
    fn gif(width: u16, height: u16) -> String {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend([0; 5]);
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let group = |three: &[u8]| {
            let bits = three.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
            [18, 12, 6, 0].map(|shift| char::from(LETTERS[bits >> shift & 63]))
        };
        bytes.chunks_exact(3).flat_map(group).collect()
    }

    fn image(data: &str) -> String {
        format!(r#"{{"type":"image","source":{{"type":"base64","media_type":"image/gif","data":"{data}"}}}}"#)
    }

    #[track_caller]
    fn check(images: &[String], expected: &[&str]) {
        assert_eq!(case_with_blocks(&images.join(",")).said(Rule::ImageTooLarge), expected);
    }

    #[test]
    fn edges_are_limited() {
        check(&[image(&gif(8_000, 8_000))], &[]);
        check(&[image(&gif(10, 8_001))], &["the image is 8001 pixels long, 8000 are allowed"]);
        check(&[image("no image")], &[]);
    }

    #[test]
    fn many_images_are_smaller() {
        let (small, large) = (image(&gif(2_000, 10)), image(&gif(10, 2_001)));
        let with_large = |count: usize| [vec![small.clone(); count - 1], vec![large.clone()]].concat();
        check(&with_large(20), &[]);
        check(&with_large(21), &["the image is 2001 pixels long; among 21 images 2000 are allowed"]);
        check(&vec![small; 21], &[]);
    }

    #[test]
    fn bytes_are_limited() {
        check(&[image(&"A".repeat(10 * 1024 * 1024))], &[]);
        check(
            &[image(&"A".repeat(10 * 1024 * 1024 + 1))],
            &["the image has 10485761 bytes of base64, 10 MB are allowed"],
        );
    }
}
