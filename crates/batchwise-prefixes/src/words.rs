use std::ops::Range;

use batchwise_records::{Node, Request, Trail};

use crate::flat_prompt::BEFORE_TEXT;
use crate::piece::Piece;
use crate::prompt_walk::{Visitor, walk};
use crate::{BlockPlace, Obstacle};

/// The words of a range of a [`FlatPrompt`](crate::flat_prompt::FlatPrompt), each text on a line of its own: what a
/// model reads as text, as far as that is plain. Of tools and of the arguments of calls all keys and texts; of blocks
/// their texts, titles and thinking, and plain documents. No types, roles and ids, no images, no PDFs.
pub(crate) fn words(request: &Request<'_>, model: &str, range: Range<usize>) -> String {
    let mut reader = Reader { at: 0, range, source: Source::default(), words: String::new() };
    walk(request, model, &mut reader);
    reader.words
}

struct Reader<'n> {
    /// Where the next piece begins.
    at: usize,
    range: Range<usize>,
    source: Source<'n>,
    words: String,
}

/// What is known of the source of a document or an image. Its type may stand before its data or behind it.
#[derive(Default)]
struct Source<'n> {
    is_plain: bool,
    data: &'n str,
}

impl<'n> Visitor<'n> for Reader<'n> {
    fn piece(&mut self, piece: Piece<'n>, trail: &Trail<'_>) {
        let start = self.at + BEFORE_TEXT;
        self.at = start + piece.parts().1.len();
        let (Piece::Key(text) | Piece::Text(text)) = piece else { return };
        let inside = |at: usize| at.clamp(start, self.at) - start;
        let part = text.get(inside(self.range.start)..inside(self.range.end)).unwrap_or_default();
        match (piece, trail) {
            (Piece::Text(_), trail) if is_text_of_block(trail) || is_of_tool(trail) => self.add(part),
            (Piece::Key(_), Trail::Key(before, _)) if is_of_tool(before) => self.add(part),
            (Piece::Key(_), Trail::Key(_, "source")) => self.source = Source::default(),
            (Piece::Text(kind), Trail::Key(Trail::Key(_, "source"), "type")) => {
                self.source.is_plain = kind == "text";
                self.add_source();
            }
            (Piece::Text(_), Trail::Key(Trail::Key(_, "source"), "data")) => {
                self.source.data = part;
                self.add_source();
            }
            _ => (),
        }
    }

    fn block(&mut self, _: BlockPlace, _: Option<&'n Node<'n>>, _: Option<Obstacle>) {}
}

impl Reader<'_> {
    fn add(&mut self, text: &str) {
        if !text.is_empty() {
            self.words.extend((!self.words.is_empty()).then_some('\n'));
            self.words.push_str(text);
        }
    }

    /// Adds the data of a source once it is known to be plain text.
    fn add_source(&mut self) {
        if self.source.is_plain {
            let data = std::mem::take(&mut self.source.data);
            self.add(data);
        }
    }
}

fn is_text_of_block(trail: &Trail<'_>) -> bool {
    matches!(trail, Trail::Key(_, "system" | "content" | "text" | "thinking" | "title" | "context"))
}

/// Whether it is within the definition of a tool, or within the arguments of a call.
fn is_of_tool(trail: &Trail<'_>) -> bool {
    match trail {
        Trail::Key(Trail::Key(Trail::Top, "params"), "tools") | Trail::Key(_, "input") => true,
        Trail::Key(before, _) | Trail::Index(before, _) => is_of_tool(before),
        Trail::Top => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"custom_id":"a","params":{"model":"m","max_tokens":9,
        "tools":[{"name":"find","input_schema":{"type":"object","properties":{"source":{"type":"string"}}}}],
        "system":[{"type":"text","text":"Be brief"}],
        "messages":[{"role":"user","content":[
            {"type":"document","title":"Plain","source":{"data":"plain data","media_type":"text/plain","type":"text"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"more data"}},
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},
            {"type":"image","source":{"data":"iVBO","media_type":"image/png","type":"base64"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"inside"}]}}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"find","input":{"query":"lamp"}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"été"}]}]}}"#;

    fn of(range: Range<usize>) -> String {
        words(&Request::parse(LINE.as_bytes()).unwrap(), "m", range).replace('\n', " | ")
    }

    #[test]
    fn words_are_what_a_model_reads_as_text() {
        assert_eq!(
            of(0..usize::MAX),
            "name | find | input_schema | type | object | properties | source | type | string | Be brief | Plain | \
             plain data | more data | inside | query | lamp | été"
        );
    }

    #[test]
    fn a_range_may_begin_and_end_within_texts() {
        let request = Request::parse(LINE.as_bytes()).unwrap();
        let flat = crate::flat_prompt::FlatPrompt::of(&request, "m");
        let find = |text: &str| {
            memchr::memmem::find(flat.bytes(), text.as_bytes()).unwrap_or_else(|| panic!("{text} is there"))
        };
        assert_eq!(of(find("brief")..find(" data")), "brief | Plain | plain");
        assert_eq!(of(find("t\u{e9}")..usize::MAX), "té");
        assert_eq!(of(0..0), "");
    }
}
