use batchwise_findings::{Finding, Rule};
use batchwise_plan::Plan;
use batchwise_units::{Bytes, grouped};

use crate::Setting;

/// How large a workload may be, all batches together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most requests.
    pub requests: Option<Setting<u64>>,
    /// The most bytes of all HTTP bodies.
    pub bytes: Option<Setting<Bytes>>,
    /// The most batches.
    pub batches: Option<Setting<u64>>,
}

impl Limits {
    /// Which of them the plan is above.
    pub(crate) fn judge(&self, plan: &Plan, file: &str) -> Vec<Finding> {
        let bytes: Bytes = plan.batches.iter().map(|batch| batch.body_bytes).sum();
        let bytes_max = self.bytes.clone().map(|max| max.map(|bytes| bytes.0));
        let measured = [
            (&self.requests, plan.requests, "requests"),
            (&bytes_max, bytes.0, "bytes of bodies"),
            (&self.batches, plan.batches.len() as u64, "batches"),
        ];
        let over = |(max, count, unit): (&Option<Setting<u64>>, u64, &str)| {
            let max = max.as_ref().filter(|max| count > max.value)?;
            let (count, most) = (grouped(count), grouped(max.value));
            let message = format!("the workload has {count} {unit}, above the {most} that it may");
            let finding = Finding::new(Rule::PolicyLimit, message);
            let help = "send fewer requests, or raise the limit in the policy";
            Some(finding.with_help(help).see(max.origin.reference(file, "this limit")))
        };
        measured.into_iter().filter_map(over).collect()
    }
}
