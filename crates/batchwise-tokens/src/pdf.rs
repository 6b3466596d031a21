use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Document, LoadOptions};

use crate::base64_text::decode;

/// A larger file is not accepted by the API (32 MB), so it is not read.
const FILE_BYTES_MAX: usize = 48 << 20;

/// The most that one stream of a file may decompress to.
const STREAM_BYTES_MAX: usize = 16 << 20;

/// The most page content that text is extracted from.
const CONTENT_BYTES_MAX: usize = 64 << 20;

/// The most pages that text is extracted from; no model accepts more than 600.
const PAGES_MAX: usize = 1_000;

/// A PDF, as far as it can be read here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pdf {
    /// How many pages it has, at least 1.
    pub(crate) pages: u64,
    /// The text of all pages; `None` when it could not be extracted from each of them.
    pub(crate) text: Option<String>,
}

/// Reads a PDF in base64. `None` when it is not one, or so broken or large that not even its pages can be
/// counted.
pub(crate) fn read(base64: &str) -> Option<Pdf> {
    if base64.len() / 4 * 3 > FILE_BYTES_MAX {
        return None;
    }
    let bytes = decode(base64)?;
    // The parser promises no panic, but what it reads comes from anywhere.
    catch_unwind(AssertUnwindSafe(|| read_file(&bytes))).ok().flatten()
}

fn read_file(bytes: &[u8]) -> Option<Pdf> {
    let options = LoadOptions::with_max_decompressed_size(STREAM_BYTES_MAX);
    let document = Document::load_mem_with_options(bytes, options).ok()?;
    let pages = document.get_pages();
    if pages.is_empty() {
        return None;
    }
    let text = catch_unwind(AssertUnwindSafe(|| extract_text(&document))).ok().flatten();
    Some(Pdf { pages: pages.len() as u64, text })
}

fn extract_text(document: &Document) -> Option<String> {
    let pages = document.get_pages();
    if pages.len() > PAGES_MAX {
        return None;
    }
    let mut content_bytes = 0;
    for page in pages.values() {
        content_bytes += document.get_page_content_with_limit(*page, STREAM_BYTES_MAX).ok()?.len();
        if content_bytes > CONTENT_BYTES_MAX {
            return None;
        }
    }
    let numbers: Vec<u32> = pages.keys().copied().collect();
    let chunks = document.extract_text_chunks_with_limit(&numbers, STREAM_BYTES_MAX);
    chunks.into_iter().collect::<Result<String, _>>().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    /// A small PDF, written by hand: one content stream that all pages share.
    pub(crate) fn pdf(pages: usize, text: &str) -> String {
        let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 5)).collect();
        let content = format!("BT /F1 12 Tf 72 720 Td ({text}) Tj ET");
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
            format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        ];
        let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>";
        objects.extend(std::iter::repeat_n(page.to_owned(), pages));
        let mut file = "%PDF-1.4\n".to_owned();
        let mut offsets = Vec::new();
        for (number, object) in (1..).zip(&objects) {
            offsets.push(file.len());
            file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
        }
        let start = file.len();
        file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
        for offset in offsets {
            file.push_str(&format!("{offset:010} 00000 n \n"));
        }
        file.push_str(&format!(
            "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        ));
        STANDARD.encode(file)
    }

    #[test]
    fn pages_and_text_are_read() {
        let read = read(&pdf(3, "Hello pages")).unwrap();
        assert_eq!(read.pages, 3);
        assert_eq!(read.text.unwrap().matches("Hello pages").count(), 3);
    }

    #[test]
    fn what_is_no_pdf_is_not_read() {
        for base64 in ["", "JVBERi0xLjQK", "REDACTED", "not base64!"] {
            assert_eq!(read(base64), None, "{base64}");
        }
        let whole = pdf(3, "x");
        for length in (0..whole.len()).step_by(40) {
            let _ = read(&whole[..length]);
        }
    }

    #[test]
    fn many_pages_are_counted_without_their_text() {
        let read = read(&pdf(PAGES_MAX + 1, "x")).unwrap();
        assert_eq!((read.pages, read.text), (PAGES_MAX as u64 + 1, None));
    }
}
