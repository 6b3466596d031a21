use batchwise_findings::visible;

/// A text that is nothing but text, between tags and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence in which what stands between backticks is code. Nothing else is markup.
pub fn prose(text: &str) -> String {
    let escaped = escaped(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let part = |(place, part): (usize, &&str)| match place % 2 {
        0 => (*part).to_owned(),
        _ => format!("<code>{part}</code>"),
    };
    parts.iter().enumerate().map(part).collect()
}

/// JSON for a data block: without what could end the block, begin a comment or be an entity.
pub(super) fn inert_json(json: &serde_json::Value) -> String {
    json.to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        for (text, expected) in [
            ("claude-haiku-5-5", "claude-haiku-5-5"),
            ("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("&lt;", "&amp;lt;"),
            ("a\nb\u{202e}c\u{1b}", "a␊b\u{fffd}c␛"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn only_pairs_of_backticks_are_code() {
        for (text, expected) in [
            ("as long as `max_tokens`", "as long as <code>max_tokens</code>"),
            ("`<b>` and `c`", "<code>&lt;b&gt;</code> and <code>c</code>"),
            ("a ` alone", "a ` alone"),
            ("", ""),
        ] {
            assert_eq!(prose(text), expected);
        }
    }

    #[test]
    fn no_data_ends_its_block() {
        let json = inert_json(&serde_json::json!({ "</script><!--": "]]>&amp;\u{2028}" }));
        assert_eq!(json, r#"{"\u003c/script\u003e\u003c!--":"]]\u003e\u0026amp;\u2028"}"#);
    }
}
