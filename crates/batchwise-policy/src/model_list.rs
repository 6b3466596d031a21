use batchwise_findings::Rule;
use batchwise_records::{FieldPath, Flaw, Where};

use crate::model_names::ModelNames;
use crate::{Glob, Origin, Setting};

/// Which models may be asked for. What is denied stays so though it is allowed, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelList {
    /// Only these, where it is given.
    pub allow: Option<Setting<Vec<Setting<Glob>>>>,
    /// None of these.
    pub deny: Option<Setting<Vec<Setting<Glob>>>>,
}

/// What is in the way of a model.
enum Bar<'l> {
    Denied(&'l Setting<Glob>),
    NotAllowed(&'l Setting<Vec<Setting<Glob>>>),
}

/// How many allowed models a message names.
const NAMED_MAX: usize = 5;

impl ModelList {
    /// What is wrong with asking for that model.
    pub(crate) fn inspect(&self, names: ModelNames<'_>) -> Option<Flaw> {
        let written = names.written;
        let (message, help) = match self.bar(names)? {
            Bar::Denied(glob) => {
                let help = "ask for another model, or take it out of `models.deny` in the policy";
                (format!("the model `{written}` is denied as `{}`", glob.value), help.to_owned())
            }
            Bar::NotAllowed(allowed) => {
                let named: Vec<String> =
                    allowed.value.iter().take(NAMED_MAX).map(|glob| format!("`{}`", glob.value)).collect();
                let more = if allowed.value.len() > NAMED_MAX { " …" } else { "" };
                let help = format!("ask for one of {}{more}, or add it to `models.allow`", named.join(", "));
                (format!("the model `{written}` is not among those allowed"), help)
            }
        };
        let at = Where::Value(FieldPath::keys(&["params", "model"]));
        Some(Flaw { rule: Rule::PolicyModel, at, message, help: Some(help) })
    }

    /// The line of the policy that is in the way of that model.
    pub(crate) fn origin(&self, names: ModelNames<'_>) -> Option<&Origin> {
        self.bar(names).map(|bar| match bar {
            Bar::Denied(glob) => &glob.origin,
            Bar::NotAllowed(allowed) => &allowed.origin,
        })
    }

    fn bar(&self, names: ModelNames<'_>) -> Option<Bar<'_>> {
        let matches = |glob: &&Setting<Glob>| names.match_glob(&glob.value);
        if let Some(denied) = self.deny.as_ref().and_then(|deny| deny.value.iter().find(matches)) {
            return Some(Bar::Denied(denied));
        }
        let allow = self.allow.as_ref()?;
        (!allow.value.iter().any(|glob| matches(&glob))).then_some(Bar::NotAllowed(allow))
    }
}
