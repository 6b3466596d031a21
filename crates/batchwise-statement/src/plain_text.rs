use batchwise_findings::visible;

/// A text that no spreadsheet takes for a formula, made harmless to show.
///
/// A lone `-` is standard input. A cell that begins with one of these characters is a formula in a CSV file, however it is quoted; an apostrophe in
/// front makes it text.
pub(crate) fn plain_text(text: &str) -> String {
    let shown = visible(text);
    let first = text.trim_start_matches(|character: char| character.is_whitespace()).chars().next();
    let is_formula =
        first.is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    let begins_odd = text.starts_with(['\t', '\r', '\n', ' ']);
    if (is_formula && text != "-") || begins_odd { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for (text, expected) in [
            ("claude-haiku-5-5", "claude-haiku-5-5"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1", "'-1"),
            ("-", "-"),
            ("\t=1", "'␉=1"),
            ("\n", "'␊"),
            ("a\u{1b}[31m", "a␛[31m"),
            ("", ""),
        ] {
            assert_eq!(plain_text(text), expected);
        }
    }
}
