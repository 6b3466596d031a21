use batchwise_plan::{Findings, Plan, Quote, Savings};
use serde::Serialize;

use crate::range_compared::Obstacles;
use crate::{
    AssumptionChange, Compared, CostCompared, ModelChange, RuleChange, SavingsCompared, Side, TokensCompared,
};

/// The name and version of the format. Within a version, fields are added only.
pub const SCHEMA: &str = "batchwise.diff/1";

/// What changed between two plans. The totals are all there; models, rules and assumptions only if they changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Whether nothing at all changed but, perhaps, the names of files and the sources of what was assumed.
    pub same: bool,
    /// The plan before.
    pub base: Side,
    /// The plan after.
    pub head: Side,
    /// Requests in the batches.
    pub requests: Compared<i128>,
    /// Those of them without a price.
    pub unpriced_requests: Compared<i128>,
    /// Those of them whose input nobody can know.
    pub unbounded_requests: Compared<i128>,
    /// Lines that are in no batch and in no number.
    pub left_out_lines: Compared<i128>,
    /// Batches.
    pub batches: Compared<i128>,
    /// Bytes of the bodies of all batches.
    pub body_bytes: Compared<i128>,
    /// Tokens of all requests.
    pub tokens: TokensCompared,
    /// What the requests with a price cost.
    pub cost: CostCompared,
    /// What batches save against requests sent one by one.
    pub savings: SavingsCompared,
    /// The models that changed, in order of their names.
    pub models: Vec<ModelChange>,
    /// What was found.
    pub findings: FindingsCompared,
    /// The assumptions that changed.
    pub assumptions: Vec<AssumptionChange>,
}

/// The findings of two plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingsCompared {
    /// Errors.
    pub error: Compared<i128>,
    /// Warnings.
    pub warning: Compared<i128>,
    /// Notes.
    pub note: Compared<i128>,
    /// The rules whose findings changed in number, in order of their ids.
    pub rules: Vec<RuleChange>,
}

/// Sets two plans side by side, and subtracts what is alike.
///
/// Antisymmetric: the other way round, sides are exchanged and changes have the opposite sign. The difference of
/// a plan and itself is [`same`](Difference::same).
pub fn difference(base: &Plan, head: &Plan) -> Difference {
    let obstacles = Obstacles::between(base, head);
    let counts = |count: fn(&Plan) -> u64| Compared::counts(count(base), count(head));
    let mut difference = Difference {
        schema: SCHEMA,
        same: false,
        base: Side::of(base),
        head: Side::of(head),
        requests: counts(|plan| plan.requests),
        unpriced_requests: counts(|plan| plan.unpriced_requests),
        unbounded_requests: counts(|plan| plan.unbounded_requests),
        left_out_lines: counts(|plan| plan.left_out_lines),
        batches: counts(|plan| plan.batches.len() as u64),
        body_bytes: Compared::new(Some(body_bytes(base)), Some(body_bytes(head)), None),
        tokens: TokensCompared::new(base.tokens, head.tokens, obstacles),
        cost: CostCompared::new(cost(base), cost(head), obstacles),
        savings: SavingsCompared::new(savings(base), savings(head), obstacles),
        models: ModelChange::between(base, head, obstacles),
        findings: FindingsCompared::new(&base.findings, &head.findings),
        assumptions: AssumptionChange::between(base, head),
    };
    difference.same = !difference.differs();
    difference
}

impl Difference {
    fn differs(&self) -> bool {
        let counts = [
            &self.requests,
            &self.unpriced_requests,
            &self.unbounded_requests,
            &self.left_out_lines,
            &self.batches,
            &self.body_bytes,
            &self.findings.error,
            &self.findings.warning,
            &self.findings.note,
        ];
        let lists = self.models.is_empty() && self.findings.rules.is_empty() && self.assumptions.is_empty();
        self.base.differs_from(&self.head)
            || counts.into_iter().any(Compared::differs)
            || self.tokens.differs()
            || self.cost.differs()
            || self.savings.differs()
            || !lists
    }
}

impl FindingsCompared {
    fn new(base: &Findings, head: &Findings) -> FindingsCompared {
        FindingsCompared {
            error: Compared::counts(base.error, head.error),
            warning: Compared::counts(base.warning, head.warning),
            note: Compared::counts(base.note, head.note),
            rules: RuleChange::between(base, head),
        }
    }
}

/// No requests cost nothing; what requests without a price cost is unknown.
fn cost(plan: &Plan) -> Option<Quote> {
    if plan.requests == 0 { Some(Quote::default()) } else { plan.quote }
}

fn savings(plan: &Plan) -> Option<Savings> {
    if plan.requests == 0 { Some(Quote::default().savings()) } else { plan.savings.clone() }
}

fn body_bytes(plan: &Plan) -> i128 {
    plan.batches.iter().map(|batch| i128::from(batch.body_bytes.0)).sum()
}
