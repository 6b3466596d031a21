use crate::Model;
use crate::nearest::nearest;

/// Why the price book has no model of that id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The id is neither that of a model nor an alias.
    #[error("no price is known for the model `{id}`{}", way_out(did_you_mean.as_deref()))]
    Unknown {
        /// The id asked for.
        id: String,
        /// The id or alias that was probably meant.
        did_you_mean: Option<String>,
    },
    /// The id is one of Amazon Bedrock.
    #[error(
        "`{id}` is an id of Amazon Bedrock, which has its own batch format and prices: \
         the Message Batches API takes the plain id, such as `{plain}`"
    )]
    Bedrock {
        /// The id asked for.
        id: String,
        /// The plain id of the same model where it is known, otherwise that of another one.
        plain: String,
    },
    /// The id is one of Google Vertex AI.
    #[error(
        "`{id}` is an id of Google Vertex AI, which has its own batch format and prices: \
         the Message Batches API takes the plain id, such as `{plain}`"
    )]
    Vertex {
        /// The id asked for.
        id: String,
        /// The plain id of the same model where it is known, otherwise that of another one.
        plain: String,
    },
}

impl LookupError {
    /// The same for someone who asked for no price.
    pub fn about_the_name(&self) -> String {
        match self {
            LookupError::Unknown { id, did_you_mean } => {
                let guess = did_you_mean.as_ref().map(|name| format!("; did you mean `{name}`?"));
                format!("no model is known as `{id}`{}", guess.unwrap_or_default())
            }
            LookupError::Bedrock { .. } | LookupError::Vertex { .. } => self.to_string(),
        }
    }
}

/// The model with exactly this id or, failing that, this alias.
pub(crate) fn find<'m>(models: &'m [Model], id: &str) -> Result<&'m Model, LookupError> {
    let named = models.iter().find(|model| model.id == id);
    let called = || models.iter().find(|model| model.aliases.iter().any(|alias| alias == id));
    named.or_else(called).ok_or_else(|| explain(models, id))
}

fn explain(models: &[Model], id: &str) -> LookupError {
    let owned = id.to_owned();
    if let Some(rest) = after_bedrock_prefix(id) {
        return LookupError::Bedrock { id: owned, plain: plain(models, rest) };
    }
    match id.split_once('@') {
        Some((name, date)) => {
            LookupError::Vertex { id: owned, plain: plain(models, &format!("{name}-{date}")) }
        }
        None => LookupError::Unknown { id: owned, did_you_mean: guess(models, id) },
    }
}

/// What follows `anthropic.`, where that begins the id, follows a region (`us.anthropic.`) or ends the path
/// of an ARN.
fn after_bedrock_prefix(id: &str) -> Option<&str> {
    let (before, after) = id.split_once("anthropic.").unwrap_or((id, ""));
    let is_region = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let by_name = before.is_empty() || before.strip_suffix('.').is_some_and(is_region);
    if id.starts_with("arn:") || (by_name && id.contains("anthropic.")) { Some(after) } else { None }
}

/// The id of ours that `foreign` begins with, the longest one; or any id, as an example.
fn plain(models: &[Model], foreign: &str) -> String {
    let ids = || models.iter().flat_map(Model::names);
    let same = ids().filter(|id| foreign.strip_prefix(id).is_some_and(ends_a_name)).max_by_key(|id| id.len());
    let open = || models.iter().filter(|model| !model.limited_availability);
    let example = || open().max_by_key(|model| model.released).map(|model| model.id.as_str());
    same.or_else(example).unwrap_or_default().to_owned()
}

fn guess(models: &[Model], id: &str) -> Option<String> {
    let mut newest_first: Vec<&Model> = models.iter().collect();
    newest_first.sort_by_key(|model| std::cmp::Reverse(model.released));
    let known = || newest_first.iter().flat_map(|model| model.names());
    let undated = known()
        .filter(|name| id.strip_prefix(name).is_some_and(is_date_suffix))
        .max_by_key(|name| name.len());
    undated.or_else(|| nearest(id, known())).map(str::to_owned)
}

fn ends_a_name(rest: &str) -> bool {
    !rest.starts_with(|next: char| next.is_ascii_alphanumeric()) && !starts_with_a_number(rest)
}

/// Whether `-5` of `claude-opus-5-5` was left over, which is another model.
fn starts_with_a_number(rest: &str) -> bool {
    let digits = rest.strip_prefix('-').unwrap_or("");
    let digits = digits.split(|next: char| !next.is_ascii_digit()).next().unwrap_or("");
    (1..8).contains(&digits.len())
}

/// `-20260205` or `-2026-02-05` or `-latest`.
fn is_date_suffix(rest: &str) -> bool {
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    rest == "-latest"
        || (rest.starts_with('-')
            && digits == 8
            && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

fn way_out(did_you_mean: Option<&str>) -> String {
    match did_you_mean {
        Some(name) => format!("; did you mean `{name}`?"),
        None => "; an overlay can add it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PriceBook;

    #[track_caller]
    fn check(asked: &str, found: &str) {
        assert_eq!(PriceBook::bundled().find(asked).map(|model| model.id.as_str()), Ok(found));
    }

    #[test]
    fn ids_and_aliases_find_their_model() {
        check("claude-opus-5-5", "claude-opus-5-5");
        check("claude-opus-4-5-20251101", "claude-opus-4-5-20251101");
        check("claude-opus-4-5", "claude-opus-4-5-20251101");
        check("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022");
    }

    #[track_caller]
    fn check_unknown(asked: &str, meant: Option<&str>) {
        let expected = LookupError::Unknown { id: asked.to_owned(), did_you_mean: meant.map(str::to_owned) };
        assert_eq!(PriceBook::bundled().find(asked).map(|model| &model.id), Err(expected));
    }

    #[test]
    fn other_ids_are_unknown() {
        check_unknown("claude-opus-4-6-20260205", Some("claude-opus-4-6"));
        check_unknown("claude-opus-5-latest", Some("claude-opus-5"));
        check_unknown("claude-sonnet-4.6", Some("claude-sonnet-4-6"));
        check_unknown("claude-haiku-5.5", Some("claude-haiku-5-5"));
        check_unknown("Claude-Opus-5-5", Some("claude-opus-5-5"));
        check_unknown("claude-opus-5-5 ", Some("claude-opus-5-5"));
        check_unknown("claude-2.1", None);
        check_unknown("gpt-5", None);
        check_unknown("", None);
    }

    #[track_caller]
    fn check_platform(asked: &str, expected: &str) {
        assert_eq!(PriceBook::bundled().find(asked).unwrap_err().to_string(), expected);
    }

    #[test]
    fn ids_of_other_platforms_are_explained() {
        let bedrock = |id: &str, plain: &str| {
            let bedrock = "an id of Amazon Bedrock, which has its own batch format and prices";
            let api = "the Message Batches API takes the plain id";
            check_platform(id, &format!("`{id}` is {bedrock}: {api}, such as `{plain}`"));
        };
        bedrock("anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5-20251101");
        bedrock("anthropic.claude-opus-4-6-v1", "claude-opus-4-6");
        bedrock("us.anthropic.claude-fable-5-2", "claude-fable-5-2");
        bedrock("us-gov.anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307");
        bedrock("global.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5");
        bedrock("apac.anthropic.claude-unheard-of", "claude-fable-5-2");
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-5-5";
        bedrock(arn, "claude-haiku-5-5");
        check_platform(
            "claude-opus-4-5@20251101",
            "`claude-opus-4-5@20251101` is an id of Google Vertex AI, which has its own batch format and \
             prices: the Message Batches API takes the plain id, such as `claude-opus-4-5-20251101`",
        );
    }
}
