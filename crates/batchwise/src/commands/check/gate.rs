use batchwise_planner::{Inspected, Inspector, Price, Region};
use batchwise_policy::Policy;
use batchwise_records::Flaw;
use batchwise_rules::{Circumstances, Subject};

/// Looks at each request as the API will, and as the team's policy does.
pub(super) struct Gate<'g> {
    pub(super) circumstances: Circumstances<'g>,
    pub(super) policy: &'g Policy,
}

impl Inspector for Gate<'_> {
    fn inspect(&self, inspected: &Inspected<'_>) -> Vec<Flaw> {
        let &Inspected { request, model, input, price } = inspected;
        let is_in_us = matches!(price, Price::Known { region: Region::Us, .. });
        let subject = Subject { request, model, input, is_in_us };
        let mut flaws = batchwise_rules::inspect(&subject, &self.circumstances);
        flaws.extend(self.policy.inspect(inspected));
        flaws
    }
}
