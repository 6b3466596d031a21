use std::borrow::Cow;
use std::ops::Range;

use batchwise_records::Scanner;

/// The `custom_id` of a request line or of a result row; `None` where there is none, or where it is no text or stands
/// there twice.
///
/// Looks only at the outermost keys: the line must be known to be JSON, as lines of a plan are. Of what is none, an
/// answer means nothing.
pub fn custom_id(line: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(line).ok()?;
    let [id] = members(text, 0..text.len(), ["custom_id"])?;
    string(&text[id?])
}

/// Where the values of these keys stand in an object, which is a range of `text`. `None` when it is no object, or when one of
/// the keys stands there twice, so that nobody knows which is meant.
pub(crate) fn members<const N: usize>(
    text: &str,
    object: Range<usize>,
    keys: [&str; N],
) -> Option<[Option<Range<usize>>; N]> {
    let mut found = [const { None }; N];
    let mut scanner = Scanner::within(text, object);
    if !scanner.take(b'{') {
        return None;
    }
    while !scanner.take(b'}') {
        let key = string(&text[scanner.skip_string()?])?;
        if !scanner.take(b':') {
            return None;
        }
        let value = scanner.skip_value()?;
        if let Some(place) = keys.iter().position(|wanted| *wanted == key)
            && found[place].replace(value).is_some()
        {
            return None;
        }
        scanner.take(b',');
    }
    Some(found)
}

/// The text of a JSON string, copied only where something in it is escaped.
pub(crate) fn string(quoted: &str) -> Option<Cow<'_, str>> {
    let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        return serde_json::from_str(quoted).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, id: Option<&str>) {
        assert_eq!(custom_id(line.as_bytes()).as_deref(), id, "{line}");
    }

    #[test]
    fn ids_are_found() {
        check(r#"{"custom_id":"a","params":{"custom_id":"b"}}"#, Some("a"));
        check("{\"result\":{\"x\":[1,{\"custom_id\":\"}\"}]} , \"custom_id\" : \"b\" }\r\n", Some("b"));
        check(r#"{"custom\u005fid":"\u0061\n"}"#, Some("a\n"));
        check(r#"{"custom_id":""}"#, Some(""));
    }

    #[test]
    fn there_may_be_none() {
        let bad = [
            "",
            "{",
            "[]",
            "{}",
            r#"{"custom_id":1}"#,
            r#"{"custom_id":null}"#,
            r#"{"id":"a"}"#,
            "\"custom_id\"",
        ];
        for line in bad.into_iter().chain([r#"{"custom_id":"a","custom_id":"b"}"#, r#"{"custom_id":"a"#]) {
            check(line, None);
        }
        assert_eq!(custom_id(b"{\"custom_id\":\"\xff\"}"), None);
    }

    #[test]
    fn only_what_is_escaped_is_copied() {
        assert!(matches!(custom_id(br#"{"custom_id":"a"}"#), Some(Cow::Borrowed("a"))));
    }
}
