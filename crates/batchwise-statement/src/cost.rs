use batchwise_units::{Estimate, Usd, apportion};
use serde::Serialize;

use crate::Scenario;

/// What something costs in one scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Low, likely and high. Of several plans, the sums of theirs, end by end.
    #[serde(flatten)]
    pub range: Estimate<Usd>,
    /// The cost that lines add up to, exact: the likely one, unless the basis says what else.
    pub stated: Usd,
    /// `stated` rounded to the places of the statement, so that the lines of a table foot to its total.
    pub rounded: Usd,
}

/// What something costs in each scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Costs {
    /// Sent one by one.
    pub standard: Cost,
    /// As batches.
    pub batch: Cost,
    /// As batches with caching.
    pub batch_cached: Cost,
}

impl Costs {
    /// What it costs in one scenario.
    pub fn of(&self, scenario: Scenario) -> &Cost {
        match scenario {
            Scenario::Standard => &self.standard,
            Scenario::Batch => &self.batch,
            Scenario::BatchCached => &self.batch_cached,
        }
    }

    /// Both together, end by end.
    pub(crate) fn with(self, other: Costs) -> Costs {
        let add = |one: Cost, other: Cost| Cost {
            range: one.range + other.range,
            stated: one.stated + other.stated,
            rounded: one.rounded + other.rounded,
        };
        Costs {
            standard: add(self.standard, other.standard),
            batch: add(self.batch, other.batch),
            batch_cached: add(self.batch_cached, other.batch_cached),
        }
    }

    pub(crate) fn of_mut(&mut self, scenario: Scenario) -> &mut Cost {
        match scenario {
            Scenario::Standard => &mut self.standard,
            Scenario::Batch => &mut self.batch,
            Scenario::BatchCached => &mut self.batch_cached,
        }
    }
}

/// Rounds the lines of one table so that each scenario foots. Lines without a price have none.
pub(crate) fn foot<'c>(lines: impl Iterator<Item = &'c mut Costs>, places: u32) {
    let mut lines: Vec<&mut Costs> = lines.collect();
    for scenario in Scenario::ALL {
        let stated: Vec<Usd> = lines.iter().map(|costs| costs.of(scenario).stated).collect();
        for (costs, rounded) in lines.iter_mut().zip(apportion(&stated, places)) {
            costs.of_mut(scenario).rounded = rounded;
        }
    }
}
