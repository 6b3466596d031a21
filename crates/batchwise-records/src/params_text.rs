use crate::FieldPath;

/// The text of `params` in a line that [`Request::parse`](crate::Request::parse) reads as a request, without white space
/// around it. `None` for any other line, as far as it is noticed.
///
/// Such a line has two members. Where `params` is the second, as nearly always, it ends where the line does, and nothing
/// in it is looked at.
pub fn params_text(line: &str) -> Option<&str> {
    behind_the_id(line).or_else(|| {
        let spot = FieldPath::keys(&["params"]).find_in(line)?;
        Some(&line[spot.value])
    })
}

fn behind_the_id(line: &str) -> Option<&str> {
    let rest = token(line, "{")?;
    let rest = token(rest, "\"custom_id\"")?;
    let rest = token(rest, ":")?.trim_start_matches(BLANK).strip_prefix('"')?;
    // The ids of requests have no quotes and no escapes that hide one.
    let (id, rest) = rest.split_once('"')?;
    if id.contains('\\') {
        return None;
    }
    let rest = token(token(token(rest, ",")?, "\"params\"")?, ":")?;
    Some(rest.trim_end_matches(BLANK).strip_suffix('}')?.trim_matches(BLANK))
}

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// What follows `token`, where that comes next.
fn token<'t>(text: &'t str, token: &str) -> Option<&'t str> {
    text.trim_start_matches(BLANK).strip_prefix(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    #[test]
    fn it_is_what_the_path_finds() {
        let params = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"}\"}"}]}"#;
        for line in [
            format!(r#"{{"custom_id":"a","params":{params}}}"#),
            format!(" {{ \"custom_id\" :\t\"a\" , \"params\" : {params} }} \r"),
            format!(r#"{{"params":{params},"custom_id":"a"}}"#),
            format!(r#"{{"custom_id":"\u0061","params":{params}}}"#),
            format!(r#"{{"custom_id":"a","p\u0061rams":{params}}}"#),
        ] {
            assert!(Request::parse(line.as_bytes()).is_ok(), "{line}");
            assert_eq!(params_text(&line), Some(params), "{line}");
        }
        for line in ["", "{}", "7", r#"{"custom_id":"a"}"#] {
            assert_eq!(params_text(line), None, "{line}");
        }
    }
}
