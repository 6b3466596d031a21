//! Images, documents and what cites them.

use std::borrow::Cow;

use super::*;

impl Walk<'_> {
    pub(super) fn image(&mut self, block: &Object<'_>) {
        self.has(RequestKind::Image);
        let source = block.get("source");
        let data = source.and_then(|source| source.get("data")).and_then(Node::as_str);
        match data.and_then(image::image_size) {
            Some(size) => {
                let patches = image::image_tokens(size, self.model.image_tier);
                self.add(Estimate::exactly(MilliTokens::tokens(patches)) + self.structure.image.estimate());
            }
            None => {
                self.assume(Assumption::ImageSizeUnknown);
                self.add_cost(image::unknown(self.model.image_tier));
            }
        }
    }

    pub(super) fn document(&mut self, block: &Object<'_>) {
        self.has(RequestKind::Document);
        for key in ["title", "context"] {
            if block.get(key).is_some_and(|text| text.as_str() != Some("") && *text != Node::Null) {
                self.add_cost(self.structure.document_title);
                self.field(block, key, TextRole::Prose);
            }
        }
        let cited = self.citations(block);
        let Some(source) = block.get("source").and_then(Node::as_object) else {
            return self.unread_document();
        };
        let media_type = source.get("media_type").and_then(Node::as_str).unwrap_or_default();
        let data = source.get("data").and_then(Node::as_str);
        match (source.get("type").and_then(Node::as_str), data) {
            (Some("text"), Some(text)) => self.text_document(text, cited),
            (Some("content"), _) => {
                self.add_cost(self.structure.document);
                if let Some(content) = source.get("content") {
                    self.cited_blocks(content, cited);
                    self.content(content, TextRole::Prose);
                }
            }
            (Some("base64"), Some(data)) if media_type.ends_with("pdf") => self.pdf(data, cited),
            (Some("base64"), Some(data)) => {
                let text = base64_text::decode(data).and_then(|bytes| String::from_utf8(bytes).ok());
                match text {
                    Some(text) if !text.starts_with("%PDF") && !text.is_empty() => {
                        self.text_document(&text, cited);
                    }
                    _ => self.unread_document(),
                }
            }
            _ => self.unread_document(),
        }
    }

    pub(super) fn text_document(&mut self, text: &str, cited: bool) {
        self.add_cost(self.structure.document);
        self.text(text, TextRole::Prose);
        self.cited_sentences(text, cited);
    }

    fn cited_sentences(&mut self, text: &str, cited: bool) {
        if cited && self.structure.cited_sentence != Cost::NONE {
            self.add(self.structure.cited_sentence.times(prompt_text::sentences(text)));
        }
    }

    /// A block of content is cited as a whole.
    fn cited_blocks(&mut self, content: &Node<'_>, cited: bool) {
        if cited {
            let blocks = content.as_array().map_or(1, <[Node<'_>]>::len);
            self.add(self.structure.cited_sentence.times(blocks as u64));
        }
    }

    pub(super) fn pdf(&mut self, base64: &str, cited: bool) {
        self.has(RequestKind::Pdf);
        let read = self.pdfs.get(base64, |base64| pdf::read(base64).map(Arc::new));
        let Some(pdf) = read else { return self.unread_document() };
        self.assume(Assumption::PdfText);
        self.add(self.structure.pdf_page.times(pdf.pages));
        match &pdf.text {
            Some(text) if text.len() as u64 >= pdf.pages * PAGE_TEXT_BYTES_MIN => {
                let text = match self.structure.rendering {
                    Rendering::Compact => Cow::Borrowed(text),
                    Rendering::Prompt(_) => Cow::Owned(prompt_text::page_text(text)),
                };
                self.cited_sentences(&text, cited);
                let text = self.count(&text, TextRole::Prose);
                self.add(widened(text, self.structure.pdf_text));
            }
            Some(_) => {
                let most = self.structure.pdf_page_text.times(pdf.pages).high();
                self.add(Estimate::new(MilliTokens(0), MilliTokens(0), most));
            }
            None => {
                let most = self.structure.pdf_page_text.times(pdf.pages).high();
                self.add(Estimate::between(MilliTokens(0), most));
            }
        }
    }

    /// Any document the model accepts, from one page to the whole window.
    pub(super) fn unread_document(&mut self) {
        self.has(RequestKind::Pdf);
        self.assume(Assumption::DocumentUnread);
        let page = self.structure.pdf_page.estimate() + self.structure.pdf_page_text.estimate();
        let pages = page.high().times(u64::from(self.model.pdf_pages_max));
        let most = pages.min(MilliTokens::tokens(self.model.context_window.0));
        self.add(Estimate::between(page.low().min(most), most));
    }

    pub(super) fn search_result(&mut self, block: &Object<'_>) {
        self.has(RequestKind::Document);
        self.add_cost(self.structure.search_result);
        self.field(block, "title", TextRole::Prose);
        self.field(block, "source", TextRole::Prose);
        let cited = self.citations(block);
        if let Some(content) = block.get("content") {
            self.cited_blocks(content, cited);
            self.content(content, TextRole::Prose);
        }
    }

    /// Whether the block may be cited.
    pub(super) fn citations(&mut self, block: &Object<'_>) -> bool {
        let enabled = block.get("citations").and_then(|citations| citations.get("enabled"));
        let enabled = enabled.and_then(Node::as_bool) == Some(true);
        if enabled {
            self.assume(Assumption::Citations);
            if !self.cites {
                self.add_cost(self.structure.citations);
            }
            self.cites = true;
        }
        enabled
    }
}
