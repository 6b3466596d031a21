//! What cannot be added up.

use std::collections::HashMap;

use batchwise_plan::Plan;
use batchwise_units::{Estimate, Usd};

use crate::charge::Charge;
use crate::{PlanPart, StatementError};

/// That no plan is there twice.
pub(crate) fn refuse_twice(parts: &[PlanPart<'_>]) -> Result<(), StatementError> {
    let mut seen = HashMap::new();
    for part in parts {
        if let Some(first) = seen.insert(part.sha256, part.name) {
            return Err(StatementError::Twice { first: first.to_owned(), second: part.name.to_owned() });
        }
    }
    Ok(())
}

/// That requests and lines can be added up: those of models and batches are parts of the plan's.
pub(crate) fn refuse_multitude(parts: &[PlanPart<'_>]) -> Result<(), StatementError> {
    let mut sums = [0u64; 2];
    for part in parts {
        for (sum, count) in sums.iter_mut().zip([part.plan.requests, part.plan.left_out_lines]) {
            let too_many = || StatementError::TooManyDigits { name: part.name.to_owned() };
            *sum = sum.checked_add(count).ok_or_else(too_many)?;
        }
    }
    Ok(())
}

/// That all that is added up later can be: each such sum is of a part of these amounts, none of which is negative.
pub(crate) fn refuse_overflow(parts: &[PlanPart<'_>], charges: &[Charge]) -> Result<(), StatementError> {
    let mut sum = Usd::ZERO;
    let mut add = |usd: Usd, plan: usize| -> Result<(), StatementError> {
        let too_long = || StatementError::TooManyDigits { name: parts[plan].name.to_owned() };
        sum = sum.checked_add(usd).ok_or_else(too_long)?;
        Ok(())
    };
    for charge in charges {
        add(charge.cost_usd, charge.plan)?;
        add(charge.standard_cost_usd, charge.plan)?;
    }
    for (index, part) in parts.iter().enumerate() {
        amounts(part.plan).try_for_each(|usd| add(usd, index))?;
    }
    Ok(())
}

/// Every amount of a plan that a total may hold.
fn amounts(plan: &Plan) -> impl Iterator<Item = Usd> {
    let parts =
        plan.models.iter().map(|model| model.quote).chain(plan.batches.iter().map(|batch| batch.quote));
    let quotes = parts.chain([plan.quote]).flatten();
    let of_quotes = quotes.flat_map(|quote| {
        let ranges = [quote.standard, quote.batch, quote.batch_cached];
        ranges.into_iter().flat_map(ends).chain([quote.batch_bound])
    });
    let scenarios = plan.cache.iter().flat_map(|cache| cache.scenarios.values());
    of_quotes.chain(scenarios.flat_map(|cost| ends(cost.range).chain(cost.batch)))
}

fn ends(range: Estimate<Usd>) -> impl Iterator<Item = Usd> {
    [Some(range.low()), range.likely(), Some(range.high())].into_iter().flatten()
}
