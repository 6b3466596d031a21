use batchwise_pricing::{Model, PriceBook};

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

impl<'n> ModelNames<'n> {
    /// Those of the model that a request writes so. Of a name that the book does not know, no near one is looked for, as
    /// a price would.
    pub(crate) fn of(written: &'n str, book: &'n PriceBook) -> ModelNames<'n> {
        let model = book.models().iter().find(|model| model.names().any(|name| name == written));
        ModelNames { written, model }
    }

    /// Whether one of the names is of that pattern.
    pub(crate) fn match_glob(&self, glob: &Glob) -> bool {
        glob.matches(self.written)
            || self.model.is_some_and(|model| model.names().any(|name| glob.matches(name)))
    }
}
