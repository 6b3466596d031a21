//! Texts that are broken into lines, never inside a name or an address.

use super::paper::{told_width, width};

/// A text in lines of at most [`width`] columns, those after the first two spaces further in.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    filled(text, width(), indent, &format!("{indent}  "))
}

/// One line, broken only where it is known how wide the screen is: elsewhere programs may look for it. Lines after the
/// first begin with `rest`.
pub(crate) fn folded(text: &str, first: &str, rest: &str) -> String {
    match told_width() {
        Some(width) => filled(text, width, first, rest),
        None => format!("{first}{text}\n"),
    }
}

/// The paragraphs of a Markdown text made of nothing but those and code, which stays as it is, in lines as wide as the
/// screen, where that is known.
pub(crate) fn reflowed(markdown: &str) -> String {
    let Some(width) = told_width() else { return markdown.to_owned() };
    let mut text = String::new();
    let (mut paragraph, mut is_code) = (Vec::new(), false);
    for line in markdown.lines() {
        let is_fence = line.starts_with("```");
        if is_code || is_fence || line.is_empty() {
            text.push_str(&filled_paragraph(&mut paragraph, width));
            text.push_str(&format!("{line}\n"));
        } else {
            paragraph.push(line);
        }
        is_code ^= is_fence;
    }
    text + &filled_paragraph(&mut paragraph, width)
}

fn filled_paragraph(lines: &mut Vec<&str>, width: usize) -> String {
    if lines.is_empty() { String::new() } else { filled(&std::mem::take(lines).join(" "), width, "", "") }
}

/// A text in lines of at most `width` columns.
pub(crate) fn filled(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width).initial_indent(first).subsequent_indent(rest);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation).break_words(false);
    textwrap::fill(text, options) + "\n"
}
