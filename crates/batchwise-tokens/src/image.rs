use crate::base64_text::decode_prefix;
use crate::{Cost, ImageTier};

/// The edge of a patch, in pixels. One patch is one token.
const PATCH_PIXELS: u64 = 28;

/// Tokens that an image of unknown size is taken to cost beside its patches.
/// Source: of 118 recorded requests with images, 61 show exactly this and 105 show 1 to 4, 2026-11.
const FRAME_TOKENS: u64 = 3;

/// The size of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageSize {
    /// Pixels from left to right, at least 1.
    pub width: u64,
    /// Pixels from top to bottom, at least 1.
    pub height: u64,
}

impl ImageTier {
    /// The most pixels along either edge, counted in whole patches.
    fn edge_max(self) -> u64 {
        match self {
            ImageTier::Standard => 1_568,
            ImageTier::High => 2_576,
        }
    }

    /// The most patches of one image.
    pub(crate) fn patches_max(self) -> u64 {
        match self {
            ImageTier::Standard => 1_568,
            ImageTier::High => 4_784,
        }
    }
}

/// The size to which the API scales an image down: the largest one of the same shape whose edges, padded
/// to whole patches, and whose number of patches the tier allows. A small image keeps its size.
/// Source: the reference code at
/// <https://platform.claude.com/docs/en/build-with-claude/vision-coordinates>, read 2026-08-22.
pub fn resized(size: ImageSize, tier: ImageTier) -> ImageSize {
    if fits(size, tier) {
        return size;
    }
    let long_edge = size.width.max(size.height);
    // The other edge grows with the long one, so the sizes that fit are the ones up to some edge.
    let (mut fitting, mut too_large) = (1, long_edge);
    while too_large - fitting > 1 {
        let middle = fitting + (too_large - fitting) / 2;
        if fits(scaled(size, middle), tier) {
            fitting = middle;
        } else {
            too_large = middle;
        }
    }
    scaled(size, fitting)
}

/// The patches of an image after it was scaled down: what it costs, apart from its frame.
pub fn image_tokens(size: ImageSize, tier: ImageTier) -> u64 {
    patches(resized(size, tier))
}

fn patches(size: ImageSize) -> u64 {
    size.width.div_ceil(PATCH_PIXELS) * size.height.div_ceil(PATCH_PIXELS)
}

fn fits(size: ImageSize, tier: ImageTier) -> bool {
    let padded_max = size.width.max(size.height).div_ceil(PATCH_PIXELS) * PATCH_PIXELS;
    padded_max <= tier.edge_max() && patches(size) <= tier.patches_max()
}

/// The size of the same shape whose long edge is `long_edge`.
fn scaled(size: ImageSize, long_edge: u64) -> ImageSize {
    if size.width >= size.height {
        let height = divide_half_to_even(size.height * long_edge, size.width).max(1);
        ImageSize { width: long_edge, height }
    } else {
        let width = divide_half_to_even(size.width * long_edge, size.height).max(1);
        ImageSize { width, height: long_edge }
    }
}

fn divide_half_to_even(dividend: u64, divisor: u64) -> u64 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    let up = match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    quotient + u64::from(up)
}

/// What an image that is not in the request costs: anything from one patch to the most of its tier, most
/// probably what a screen of 1920 by 1080 pixels does.
pub(crate) fn unknown(tier: ImageTier) -> Cost {
    let screen = image_tokens(ImageSize { width: 1_920, height: 1_080 }, tier);
    Cost::tokens(1, screen + FRAME_TOKENS, tier.patches_max() + FRAME_TOKENS + 3)
}

/// The size of an image in base64, read from its header. Usually the first bytes tell, of a JPEG the first
/// kilobytes; where a long preamble precedes the size, more is decoded.
pub fn image_size(base64: &str) -> Option<ImageSize> {
    for bytes_max in [96, 4 << 10, 256 << 10, usize::MAX] {
        let (bytes, complete) = decode_prefix(base64, bytes_max)?;
        if let Ok(size) = imagesize::blob_size(&bytes) {
            let (width, height) = (u64::try_from(size.width).ok()?, u64::try_from(size.height).ok()?);
            let possible = |edge: u64| (1..=u64::from(u32::MAX)).contains(&edge);
            return (possible(width) && possible(height)).then_some(ImageSize { width, height });
        }
        if complete {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    #[track_caller]
    fn check(width: u64, height: u64, standard: u64, high: u64) {
        for size in [ImageSize { width, height }, ImageSize { width: height, height: width }] {
            assert_eq!(image_tokens(size, ImageTier::Standard), standard, "{size:?}");
            assert_eq!(image_tokens(size, ImageTier::High), high, "{size:?}");
        }
    }

    #[test]
    fn published_vectors() {
        check(200, 200, 64, 64);
        check(1_000, 1_000, 1_296, 1_296);
        check(1_092, 1_092, 1_521, 1_521);
        check(1_920, 1_080, 1_560, 2_691);
        check(2_000, 1_500, 1_564, 3_888);
        check(3_840, 2_160, 1_560, 4_784);
        check(1_075, 1_520, 1_551, 2_145);
    }

    #[test]
    fn computed_vectors() {
        check(8_000, 8_000, 1_521, 4_761);
        check(1_568, 1_568, 1_521, 3_136);
        check(8_000, 100, 56, 184);
        check(1, 1, 1, 1);
        check(28, 28, 1, 1);
        check(29, 28, 2, 2);
        check(1, 100_000, 56, 92);
        check(u64::from(u32::MAX), 1, 56, 92);
    }

    #[test]
    fn published_sizes() {
        let resized = |width, height, tier| {
            let size = resized(ImageSize { width, height }, tier);
            (size.width, size.height)
        };
        assert_eq!(resized(1_920, 1_080, ImageTier::Standard), (1_456, 819));
        assert_eq!(resized(3_840, 2_160, ImageTier::Standard), (1_456, 819));
        assert_eq!(resized(3_840, 2_160, ImageTier::High), (2_576, 1_449));
        assert_eq!(resized(1_075, 1_520, ImageTier::Standard), (924, 1_307));
        // The published table says 1269 here, the published code 1270; the tokens are the same.
        assert_eq!(resized(2_000, 1_500, ImageTier::Standard), (1_270, 952));
    }

    proptest! {
        /// The oracle tries every edge from the longest down.
        #[test]
        fn agrees_with_trying_every_edge(width in 1u64..9_000, height in 1u64..9_000) {
            for tier in [ImageTier::Standard, ImageTier::High] {
                let size = ImageSize { width, height };
                let slow = if fits(size, tier) { size } else {
                    (1..=width.max(height)).rev().map(|edge| scaled(size, edge)).find(|size| fits(*size, tier)).unwrap()
                };
                prop_assert_eq!(resized(size, tier), slow);
            }
        }
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    /// A JPEG whose size comes after `preamble` bytes of application segments.
    fn jpeg(preamble: usize) -> Vec<u8> {
        let mut bytes = b"\xFF\xD8".to_vec();
        while bytes.len() < preamble {
            bytes.extend(b"\xFF\xE2\xFF\xFF");
            bytes.extend(vec![0; 0xFFFF - 2]);
        }
        bytes.extend(b"\xFF\xC0\0\x11\x08\0\x40\0\x80\x03\x01\x22\0\x02\x11\x01\x03\x11\x01");
        bytes.extend(vec![0; 100]);
        bytes
    }

    #[track_caller]
    fn check_header(base64: &str, expected: Option<(u64, u64)>) {
        assert_eq!(image_size(base64).map(|size| (size.width, size.height)), expected);
    }

    #[test]
    fn sizes_are_read_from_headers() {
        let small = STANDARD.encode(png(800, 600));
        check_header(&small, Some((800, 600)));
        check_header(&small.replace('=', ""), Some((800, 600)));
        check_header(&format!("data:image/png;base64,{small}"), Some((800, 600)));
        check_header(&small.chars().flat_map(|c| [c, '\n']).collect::<String>(), Some((800, 600)));
        check_header(&STANDARD.encode(jpeg(0)), Some((128, 64)));
        check_header(&STANDARD.encode(jpeg(100_000)), Some((128, 64)));
        check_header(&STANDARD.encode(jpeg(900_000)), Some((128, 64)));
    }

    #[test]
    fn what_is_no_image_has_no_size() {
        check_header("", None);
        check_header("====", None);
        check_header("REDACTED", None);
        check_header("data:image/png;base64,", None);
        check_header("ein Bild ✓", None);
        check_header(&STANDARD.encode(png(0, 600)), None);
        check_header(&STANDARD.encode(&png(800, 600)[..18]), None);
        check_header(&STANDARD.encode(vec![0; 2_000_000]), None);
    }
}
