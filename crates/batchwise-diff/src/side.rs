use batchwise_findings::Verdict;
use batchwise_plan::{Input, Limits, Plan, PriceBookReference};
use serde::{Serialize, Serializer};

use crate::basis;

/// What one plan says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Whether something stands in its way.
    #[serde(serialize_with = "by_name")]
    pub verdict: Verdict,
    /// The day whose prices apply, `YYYY-MM-DD`.
    pub priced_on: String,
    /// Which prices were used.
    pub price_book: PriceBookReference,
    /// The method that counted the input, as far as the plan names one.
    pub tokenizer: Option<String>,
    /// The limits of its batches.
    pub limits: Limits,
    /// Its inputs.
    pub inputs: Vec<Input>,
}

impl Side {
    pub(crate) fn of(plan: &Plan) -> Side {
        Side {
            verdict: plan.verdict,
            priced_on: plan.priced_on.clone(),
            price_book: plan.price_book.clone(),
            tokenizer: basis::tokenizer(plan).map(str::to_owned),
            limits: plan.limits,
            inputs: plan.inputs.clone(),
        }
    }

    /// Whether both have the same content in the same order, whatever the names of the files.
    pub fn has_content_of(&self, other: &Side) -> bool {
        let content = |side: &Side| side.inputs.iter().map(|input| input.sha256).collect::<Vec<_>>();
        content(self) == content(other)
    }

    /// Whether everything but the names of the inputs is the same.
    pub(crate) fn differs_from(&self, other: &Side) -> bool {
        let rest = |side: &Side| Side { inputs: Vec::new(), ..side.clone() };
        rest(self) != rest(other) || !self.has_content_of(other)
    }
}

fn by_name<S: Serializer>(verdict: &Verdict, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(verdict.name())
}
