//! Comparisons as a user makes them, and what a browser shows of their pages.

use roxmltree::{Document, ParsingOptions};
use serde_json::{Value, json};

use super::{Folder, Run, line};

pub(crate) const DAY: &str = "--as-of 2026-11-21 --tokenizer bytes";

/// Three requests: one wants more than some models write, one is sampled, one shares a marked prefix with it.
pub(crate) fn workload() -> Folder {
    let marked = |id: &str, extra: Value| {
        let mut params = json!({
            "model": "claude-haiku-4-5", "max_tokens": 400,
            "system": [{"type": "text", "text": "A rule of the house. ".repeat(1_200), "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": format!("Ticket {id}")}],
        });
        params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"custom_id": id, "params": params}).to_string()
    };
    let lines = [
        line("long", "claude-haiku-5-5", 100_000, "Tell me everything."),
        marked("b", json!({"thinking": {"type": "enabled", "budget_tokens": 1_024}, "max_tokens": 2_000})),
        marked("c", json!({})),
    ];
    Folder::with(lines.join("\n"))
}

pub(crate) fn compare(folder: &Folder, arguments: &str) -> Run {
    folder.run(&format!("compare requests.jsonl {DAY} {arguments}"))
}

/// Requests that share a marked prefix, so that hits, misses and no caching cost differently.
pub(crate) fn sharing() -> Folder {
    let request = |number: u32| {
        json!({"custom_id": format!("r-{number}"), "params": {
            "model": "claude-sonnet-5-5", "max_tokens": 300,
            "system": [{"type": "text", "text": "A rule of the house. ".repeat(1_200), "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": format!("Ticket {number}")}],
        }})
        .to_string()
    };
    Folder::with((0..12).map(request).collect::<Vec<_>>().join("\n"))
}

/// What a browser shows of a page: the text of its body. The page must be well-formed, of elements that are known, and
/// without anything that runs or loads.
#[track_caller]
pub(crate) fn shown(page: &str) -> String {
    const ELEMENTS: [&str; 35] = [
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "section",
        "h1",
        "h2",
        "p",
        "code",
        "ul",
        "li",
        "div",
        "span",
        "figure",
        "figcaption",
        "svg",
        "desc",
        "rect",
        "path",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "dl",
        "dt",
        "dd",
    ];
    const ATTRIBUTES: [&str; 29] = [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "rel",
        "href",
        "class",
        "role",
        "id",
        "scope",
        "tabindex",
        "aria-label",
        "aria-labelledby",
        "viewBox",
        "preserveAspectRatio",
        "x",
        "y",
        "width",
        "height",
        "d",
        "value",
        "for",
        "min",
        "max",
        "step",
        "type",
        "hidden",
        "colspan",
    ];
    let document = parsed(page);
    for element in document.descendants().filter(|node| node.is_element()) {
        assert!(ELEMENTS.contains(&element.tag_name().name()), "{element:?}");
        for attribute in element.attributes() {
            assert!(ATTRIBUTES.contains(&attribute.name()), "{attribute:?}");
            assert!(attribute.name() != "href" || attribute.value() == "data:,", "{attribute:?}");
        }
    }
    let policies: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.attribute("http-equiv").and(node.attribute("content")))
        .collect();
    let [policy] = policies[..] else { panic!("{policies:?}") };
    assert!(policy.starts_with("default-src 'none'; script-src 'none'; style-src 'sha256-"), "{policy}");
    let body = document.descendants().find(|node| node.has_tag_name("body")).unwrap();
    body.descendants()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..Default::default() };
    Document::parse_with_options(page, options).unwrap()
}
