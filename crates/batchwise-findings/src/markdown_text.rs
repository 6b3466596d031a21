use crate::visible;

/// A text that GitHub-flavoured Markdown shows as it is: in a table, without links, mentions, references, tags, formulas or
/// emphasis.
pub fn markdown_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in visible(text).chars() {
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
        ] {
            assert_eq!(markdown_text(text), expected);
        }
    }
}
