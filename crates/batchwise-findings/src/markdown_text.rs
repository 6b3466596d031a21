use crate::visible;

/// A text that GitHub-flavoured Markdown shows as it is: in a table, without links, mentions, references, tags, formulas or
/// emphasis.
pub fn markdown_text(text: &str) -> String {
    let text = visible(text);
    let (mut shown, rest) = opening(&text);
    for character in rest.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // Entities, because a backslash does not keep GitHub from turning these into mentions and references.
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            // A bare address becomes a link at its colon or its `www.`.
            ':' => shown.push_str("&#58;"),
            '.' if ends_with_www(&shown) => shown.push_str("&#46;"),
            '(' if shown.ends_with(']') => shown.push_str("\\("),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '!' | '|' | '~' | '$' => {
                shown.push('\\');
                shown.push(character);
            }
            other => shown.push(other),
        }
    }
    shown
}

/// What could begin a list, a line or code if the text stood at the beginning of a line, made harmless; and the rest.
fn opening(text: &str) -> (String, &str) {
    let digits = text.len() - text.trim_start_matches(|first: char| first.is_ascii_digit()).len();
    let after = &text[digits..];
    let is_number = digits > 0 && (after.starts_with(". ") || after.starts_with(") "));
    let is_only = |mark: char| !text.is_empty() && text.chars().all(|character| character == mark);
    let is_line = text.starts_with("- ") || text.starts_with("+ ") || is_only('-') || is_only('=');
    match text.strip_prefix(' ') {
        Some(rest) => ("&#32;".to_owned(), rest),
        None if is_number || is_line => {
            let (mark, rest) = after.split_at(1);
            (format!("{}\\{mark}", &text[..digits]), rest)
        }
        None => (String::with_capacity(text.len()), text),
    }
}

fn ends_with_www(text: &str) -> bool {
    text.get(text.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_only_text() {
        for (text, expected) in [
            (
                "a|b\n[x](http://y) @me #1 <b> `c`",
                r"a\|b␊\[x\]\(http&#58;//y) &#64;me &#35;1 &lt;b&gt; \`c\`",
            ),
            ("see WWW.example.com, $1.50 and $2", r"see WWW&#46;example.com, \$1.50 and \$2"),
            ("a_b *c* ~d~ ![e](f)", r"a\_b \*c\* \~d\~ \!\[e\]\(f)"),
            ("ww.é.", "ww.é."),
            ("- bullet", r"\- bullet"),
            ("1. one", r"1\. one"),
            ("12) twelve", r"12\) twelve"),
            ("---", r"\---"),
            ("--geo", "--geo"),
            ("-", r"\-"),
            ("    code", "&#32;   code"),
            ("-$0.25, 1.5 and 20", r"-\$0.25, 1.5 and 20"),
        ] {
            assert_eq!(markdown_text(text), expected);
        }
    }
}
