use batchwise_pricing::Model;

use crate::Glob;

/// All names of the model that a request asks for. A pattern that matches one of them means the model, so that an alias
/// is no way around a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelNames<'n> {
    /// As the request writes it.
    pub(crate) written: &'n str,
    /// The model, where the price book knows it.
    pub(crate) model: Option<&'n Model>,
}

impl ModelNames<'_> {
    /// Whether one of the names is of that pattern.
    pub(crate) fn match_glob(&self, glob: &Glob) -> bool {
        glob.matches(self.written)
            || self.model.is_some_and(|model| model.names().any(|name| glob.matches(name)))
    }
}
