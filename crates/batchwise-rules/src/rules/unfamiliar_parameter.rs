use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Where};

use crate::flaws::{Flaws, Remark};
use crate::parameters::Standing;
use crate::wording::quoted;

/// Silence is no permission: what is not known is said to be unknown.
pub(crate) fn check(name: &str, standing: Standing, flaws: &mut Flaws) {
    let unknown = match standing {
        Standing::Untried => "whether a batch accepts it is not documented",
        _ => "it is not known here; the API refuses parameters that it does not have",
    };
    flaws.push(Rule::UnfamiliarParameter, || Remark {
        at: Where::Key(FieldPath::keys(&["params", name])),
        message: format!("{}: {unknown}", quoted(name)),
        help: way_out(name).to_owned(),
    });
}

fn way_out(name: &str) -> &'static str {
    match name {
        "anthropic_version" | "anthropic_beta" => {
            "this belongs to requests for Amazon Bedrock or Google Vertex AI; here it is a header of the whole batch"
        }
        "container" => {
            "send one such request by itself first: what its skills and files add to the input is not in the quote, and \
             neither is the fee of the container"
        }
        "service_tier" => "remove it: a batch has a service tier of its own, and never Priority Tier",
        _ => "send one such request by itself first, and look at the answer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case;

    #[test]
    fn what_is_unknown_is_said_to_be_unknown() {
        let check = |members, expected: &[&str]| {
            assert_eq!(case(members).said(Rule::UnfamiliarParameter), expected, "{members}");
        };
        check("\"diagnostics\":{}", &["`diagnostics`: whether a batch accepts it is not documented"]);
        check("\"container\":\"x\"", &["`container`: whether a batch accepts it is not documented"]);
        check(
            "\"envelope\":\"x\"",
            &["`envelope`: it is not known here; the API refuses parameters that it does not have"],
        );
        let container = case("\"container\":\"x\"").flaws();
        assert!(container[0].help.as_ref().is_some_and(|help| help.contains("fee of the container")));
        check("\"maxTokens\":5,\"stop\":[],\"metadata\":{}", &[]);
    }
}
