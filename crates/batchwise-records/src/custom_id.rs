use batchwise_findings::Rule;

use crate::flaw::Flaws;
use crate::{FieldPath, Flaw, Where};

/// The longest `custom_id`, in characters.
/// Source: the API's own refusal "String should have at most 64 characters", seen 2026-09-02.
pub const CUSTOM_ID_CHARACTERS_MAX: usize = 64;

/// Checks `^[a-zA-Z0-9_-]{1,64}$`.
/// Source: <https://platform.claude.com/docs/en/build-with-claude/batch-processing>, read 2026-09-26.
pub(crate) fn check(custom_id: &str, flaws: &mut Flaws) {
    let flaw = |rule, message, help: &str| Flaw {
        rule,
        at: Where::Value(FieldPath::keys(&["custom_id"])),
        message,
        help: Some(help.to_owned()),
    };
    let length = custom_id.chars().count();
    if length == 0 {
        let message = "`custom_id` is empty".to_owned();
        flaws.push(flaw(Rule::CustomIdLength, message, "use 1 to 64 characters"));
    } else if length > CUSTOM_ID_CHARACTERS_MAX {
        let message = format!("`custom_id` has {length} characters, {CUSTOM_ID_CHARACTERS_MAX} are allowed");
        flaws.push(flaw(Rule::CustomIdLength, message, "shorten it to 1 to 64 characters"));
    }
    let allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if let Some(strange) = custom_id.chars().find(|&character| !allowed(character)) {
        let message = format!("`custom_id` holds {strange:?}");
        flaws.push(flaw(Rule::CustomIdPattern, message, "use only letters a-z A-Z, digits, `_` and `-`"));
    }
}
