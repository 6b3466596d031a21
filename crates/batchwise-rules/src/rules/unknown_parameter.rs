use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Where};

use crate::flaws::{Flaws, Remark};
use crate::parameters::Standing;
use crate::wording::quoted;

/// Source: the recorded answer `extra_body: Extra inputs are not permitted`, 2026.
pub(crate) fn check(name: &str, standing: Standing, flaws: &mut Flaws) {
    flaws.push(Rule::UnknownParameter, || Remark {
        at: Where::Key(FieldPath::keys(&["params", name])),
        message: format!(
            "{} is no parameter: the API answers \"Extra inputs are not permitted\"",
            quoted(name)
        ),
        help: match standing {
            Standing::Foreign(way_out) => way_out.to_owned(),
            Standing::Misspelt(meant) => format!("did you mean `{meant}`?"),
            _ => "remove it".to_owned(),
        },
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn what_the_api_does_not_have_is_named() {
        let check = |members, expected: Option<&str>| {
            let flaw = case(members).flaws().into_iter().find(|flaw| flaw.rule == Rule::UnknownParameter);
            assert_eq!(flaw.and_then(|flaw| flaw.help).as_deref(), expected, "{members}");
        };
        check("\"maxTokens\":5", Some("did you mean `max_tokens`?"));
        check("\"stop\":[\"x\"]", Some("write `stop_sequences`"));
        check(
            "\"extra_body\":{}",
            Some("move what is in it into `params`: only the client's own calls unpack it"),
        );
        check("\"container\":\"x\"", None);
        check("\"metadata\":{}", None);
    }
}
