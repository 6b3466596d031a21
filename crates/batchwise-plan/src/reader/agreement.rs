//! That the parts of a plan do not contradict each other.

use std::collections::BTreeMap;

use batchwise_units::Usd;

use super::{PlanReadError, variation};
use crate::{Batch, Consumption, ModelLine, Plan, Quote, Saving, UsageLine, cost_of};

pub(super) type Agreed = Result<(), PlanReadError>;

pub(super) fn check(plan: &Plan) -> Agreed {
    counts(plan)?;
    prices(plan)?;
    bounds(plan)?;
    usage(plan)?;
    variation::check(plan)?;
    savings(plan)?;
    numbering(&plan.batches)?;
    slices(plan)?;
    waves(plan)?;
    left_out(plan)
}

/// The waves are those of the batches, and follow each other. Older plans tell none.
fn waves(plan: &Plan) -> Agreed {
    for (index, pair) in plan.batches.windows(2).enumerate() {
        if pair[1].wave < pair[0].wave || pair[1].wave - pair[0].wave > 1 {
            let message = format!("the batch before is in wave {}", pair[0].wave);
            return contradiction(format!("batches[{}].wave", index + 1), pair[1].wave, message);
        }
    }
    if plan.waves.is_empty() {
        return Ok(());
    }
    let same_wave: Vec<&[Batch]> = plan.batches.chunk_by(|one, next| one.wave == next.wave).collect();
    if plan.waves.len() != same_wave.len() {
        let message = format!("its batches are in {} waves", same_wave.len());
        return contradiction("waves", format!("a list of {}", plan.waves.len()), message);
    }
    for (index, (wave, batches)) in plan.waves.iter().zip(same_wave).enumerate() {
        let requests: u64 = batches.iter().fold(0, |sum, batch| sum.saturating_add(batch.requests));
        let counts = [
            ("wave", u64::from(wave.wave), u64::from(batches[0].wave)),
            ("batches", wave.batches, batches.len() as u64),
            ("requests", wave.requests, requests),
        ];
        for (field, told, found) in counts {
            if told != found {
                let message = format!("its batches make it {found}");
                return contradiction(format!("waves[{index}].{field}"), told, message);
            }
        }
    }
    Ok(())
}

/// Requests and lines add up.
fn counts(plan: &Plan) -> Agreed {
    let batches = &plan.batches;
    let sums = [
        ("requests", plan.requests, "its batches", sum(batches, |batch| batch.requests)),
        ("requests", plan.requests, "its models", sum(&plan.models, |model| model.requests)),
        ("requests", plan.requests, "its inputs", sum(&plan.inputs, |input| input.requests)),
        ("unpriced_requests", plan.unpriced_requests, "its batches", sum(batches, |b| b.unpriced_requests)),
        (
            "unpriced_requests",
            plan.unpriced_requests,
            "its models",
            sum(&plan.models, |m| m.unpriced_requests),
        ),
        (
            "unbounded_requests",
            plan.unbounded_requests,
            "its batches",
            sum(batches, |b| b.unbounded_requests),
        ),
        (
            "left_out_lines",
            plan.left_out_lines,
            "the runs of `left_out`",
            sum(&plan.left_out, |left_out| left_out.lines),
        ),
    ];
    for (field, value, parts, total) in sums {
        if u128::from(value) != total {
            return contradiction(field, value, format!("{parts} add up to {total}"));
        }
    }
    for (index, batch) in batches.iter().enumerate() {
        let parts = [batch.unpriced_requests, batch.unbounded_requests];
        parts_of(&format!("batches[{index}]."), batch.requests, parts)?;
    }
    for (index, model) in plan.models.iter().enumerate() {
        parts_of(&format!("models[{index}]."), model.requests, [model.unpriced_requests, 0])?;
    }
    parts_of("", plan.requests, [plan.unpriced_requests, plan.unbounded_requests])
}

fn sum<T>(parts: &[T], number: impl Fn(&T) -> u64) -> u128 {
    parts.iter().map(|part| u128::from(number(part))).sum()
}

/// No part is larger than the whole.
fn parts_of(path: &str, requests: u64, [unpriced, unbounded]: [u64; 2]) -> Agreed {
    for (name, part) in [("unpriced_requests", unpriced), ("unbounded_requests", unbounded)] {
        if part > requests {
            return contradiction(format!("{path}{name}"), part, format!("there are {requests} requests"));
        }
    }
    Ok(())
}

/// There is a quote exactly where a request has a price.
fn prices(plan: &Plan) -> Agreed {
    priced("quote".to_owned(), plan.quote.as_ref(), plan.requests, plan.unpriced_requests)?;
    for (index, batch) in plan.batches.iter().enumerate() {
        let path = format!("batches[{index}].quote");
        priced(path, batch.quote.as_ref(), batch.requests, batch.unpriced_requests)?;
    }
    for (index, model) in plan.models.iter().enumerate() {
        let path = format!("models[{index}].quote");
        priced(path, model.quote.as_ref(), model.requests, model.unpriced_requests)?;
    }
    Ok(())
}

fn priced(field: String, quote: Option<&Quote>, requests: u64, unpriced: u64) -> Agreed {
    match (quote, requests - unpriced) {
        (Some(_), 0) => contradiction(field, "given", "no request has a price".to_owned()),
        (None, priced) if priced > 0 => {
            contradiction(field, "null", format!("the number of requests with a price is {priced}"))
        }
        _ => Ok(()),
    }
}

/// The bound of the whole is the sum of those of its parts: budgets are held to it.
fn bounds(plan: &Plan) -> Agreed {
    let bound = |quote: Option<Quote>| quote.map_or(Usd::ZERO, |quote| quote.batch_bound);
    let batches = total(plan.batches.iter().map(|batch| bound(batch.quote)));
    let models = total(plan.models.iter().map(|model| bound(model.quote)));
    for (parts, total) in [("batches", batches), ("models", models)] {
        let Some(total) = total else {
            let message = format!("those of its {parts} have too many digits to add up");
            return contradiction("quote.batch_bound", bound(plan.quote), message);
        };
        if total != bound(plan.quote) {
            let message = format!("those of its {parts} add up to {total}");
            return contradiction("quote.batch_bound", bound(plan.quote), message);
        }
    }
    Ok(())
}

fn total(mut amounts: impl Iterator<Item = Usd>) -> Option<Usd> {
    amounts.try_fold(Usd::ZERO, Usd::checked_add)
}

/// Tokens times prices are the likely costs, of each batch and of each model.
fn usage(plan: &Plan) -> Agreed {
    let told = plan.batches.iter().filter(|batch| batch.usage.is_some()).count();
    if told == 0 {
        return Ok(());
    }
    let models: Models<'_> = plan.models.iter().map(|model| (model.model.as_str(), model)).collect();
    let mut by_model: BTreeMap<&str, Vec<&UsageLine>> = BTreeMap::new();
    for (index, batch) in plan.batches.iter().enumerate() {
        let path = format!("batches[{index}].");
        let Some(lines) = &batch.usage else {
            return contradiction(format!("{path}usage"), "absent", "other batches have it".to_owned());
        };
        let requests = batch.requests - batch.unpriced_requests;
        let lines: Vec<&UsageLine> = lines.iter().collect();
        consumed(&models, &path, &lines, (requests, batch.quote.as_ref()))?;
        lines.into_iter().for_each(|line| by_model.entry(&line.model).or_default().push(line));
    }
    for (index, model) in plan.models.iter().enumerate() {
        let lines = by_model.get(model.model.as_str()).map_or(&[][..], Vec::as_slice);
        let requests = model.requests - model.unpriced_requests;
        consumed(&models, &format!("models[{index}]."), lines, (requests, model.quote.as_ref()))?;
    }
    Ok(())
}

/// The scenarios of a quote, whose prices they have, and of which tokens.
type Scenario = (&'static str, &'static str, fn(&UsageLine) -> &Consumption, fn(&Quote) -> Option<Usd>);

const SCENARIOS: [Scenario; 3] = [
    ("standard", "standard", |line| &line.uncached, |quote| quote.standard.likely()),
    ("batch", "batch", |line| &line.uncached, |quote| quote.batch.likely()),
    ("batch_cached", "batch", |line| &line.cached, |quote| quote.batch_cached.likely()),
];

/// The models of a plan by name.
type Models<'p> = BTreeMap<&'p str, &'p ModelLine>;

/// That the lines are of so many requests, and cost what is quoted.
fn consumed(
    models: &Models<'_>,
    path: &str,
    lines: &[&UsageLine],
    (requests, quote): (u64, Option<&Quote>),
) -> Agreed {
    let found = lines.iter().fold(0, |sum: u64, line| sum.saturating_add(line.requests));
    if found != requests {
        let message = format!("the number of requests with a price is {requests}");
        return contradiction(format!("{path}usage"), format!("of {found} requests"), message);
    }
    for (scenario, mode, tokens, likely) in SCENARIOS {
        let cost = lines.iter().try_fold(Usd::ZERO, |sum, line| {
            let rates = line.rates(models.get(line.model.as_str())?)?;
            sum.checked_add(cost_of(tokens(line), &rates.usd_per_mtok[mode])?)
        });
        let Some(cost) = cost else {
            let message =
                "it names a model, a price or a kind of token that no row of `rates` has".to_owned();
            return contradiction(format!("{path}usage"), "given", message);
        };
        if let Some(likely) = quote.and_then(likely).filter(|likely| *likely != cost) {
            let message = format!("its tokens make it {cost}");
            return contradiction(format!("{path}quote.{scenario}.likely"), likely, message);
        }
    }
    Ok(())
}

/// The savings are the differences that the quote makes.
fn savings(plan: &Plan) -> Agreed {
    let (quote, savings) = match (&plan.quote, &plan.savings) {
        (None, None) => return Ok(()),
        (Some(quote), Some(savings)) => (quote, savings),
        (_, None) => return contradiction("savings", "null", "there is a quote".to_owned()),
        (None, _) => return contradiction("savings", "given", "there is no quote".to_owned()),
    };
    let scenarios =
        [("batch", quote.batch, &savings.batch), ("batch_cached", quote.batch_cached, &savings.batch_cached)];
    for (scenario, cost, saving) in scenarios {
        let Saving { low, likely, high, .. } = *saving;
        let ends = [
            ("low", Some(low), Some((quote.standard.low(), cost.low()))),
            ("likely", likely, quote.standard.likely().zip(cost.likely())),
            ("high", Some(high), Some((quote.standard.high(), cost.high()))),
        ];
        for (end, saved, costs) in ends {
            let difference = costs.map(|(standard, cost)| standard.checked_sub(cost));
            if saved.map(Some) != difference {
                let difference = match difference {
                    Some(None) => "a number of more than 28 digits".to_owned(),
                    other => shown(other.flatten()),
                };
                let field = format!("savings.{scenario}.{end}");
                return contradiction(field, shown(saved), format!("the quote makes it {difference}"));
            }
        }
    }
    Ok(())
}

fn shown(amount: Option<Usd>) -> String {
    amount.map_or("null".to_owned(), |usd| usd.to_string())
}

fn numbering(batches: &[Batch]) -> Agreed {
    for (index, batch) in batches.iter().enumerate() {
        if batch.index as usize != index {
            return contradiction(
                format!("batches[{index}].index"),
                batch.index,
                format!("its place in the list is {index}"),
            );
        }
        if batch.requests == 0 {
            return contradiction(format!("batches[{index}].requests"), 0, "no batch is empty".to_owned());
        }
        if batch.slices.is_empty() {
            let message = format!("it has {} requests", batch.requests);
            return contradiction(format!("batches[{index}].slices"), "empty", message);
        }
    }
    Ok(())
}

/// The slices of each batch follow each other through the inputs, and no two overlap, so that no request is sent twice.
fn slices(plan: &Plan) -> Agreed {
    let mut all = Vec::new();
    for (number, batch) in plan.batches.iter().enumerate() {
        let mut reached = (0, 0, 0);
        for (index, slice) in batch.slices.iter().enumerate() {
            let path = || format!("batches[{number}].slices[{index}]");
            inside(plan, &path(), slice.input, [slice.first_line, slice.start, slice.end])?;
            let begins = (slice.input, slice.start, slice.first_line);
            follows(begins, reached, path)?;
            reached = (slice.input, slice.end, slice.first_line);
            all.push((begins, reached, number, index));
        }
    }
    all.sort_unstable();
    for pair in all.windows(2) {
        let ((_, reached, ..), (begins, _, number, index)) = (pair[0], pair[1]);
        follows(begins, reached, || format!("batches[{number}].slices[{index}]"))?;
    }
    Ok(())
}

/// That what begins at an input, byte and line comes behind what was reached.
fn follows(begins: (u32, u64, u64), reached: (u32, u64, u64), path: impl Fn() -> String) -> Agreed {
    if begins < reached || (begins.0 == reached.0 && begins.2 <= reached.2) {
        let message = format!("the slice before ends at {} of input {}", reached.1, reached.0);
        return contradiction(format!("{}.start", path()), begins.1, message);
    }
    Ok(())
}

fn left_out(plan: &Plan) -> Agreed {
    for (index, run) in plan.left_out.iter().enumerate() {
        inside(plan, &format!("left_out[{index}]"), run.input, [run.first_line, run.start, run.end])?;
    }
    Ok(())
}

/// Some lines are of an input, and there.
fn inside(plan: &Plan, path: &str, input: u32, [first_line, start, end]: [u64; 3]) -> Agreed {
    let Some(source) = plan.inputs.get(input as usize) else {
        return contradiction(
            format!("{path}.input"),
            input,
            format!("the number of inputs is {}", plan.inputs.len()),
        );
    };
    match () {
        () if first_line == 0 => {
            contradiction(format!("{path}.first_line"), 0, "lines are counted from 1".to_owned())
        }
        () if end <= start => contradiction(format!("{path}.end"), end, format!("the start is {start}")),
        () if end > source.bytes => {
            contradiction(format!("{path}.end"), end, format!("its input has {} bytes", source.bytes))
        }
        () => Ok(()),
    }
}

pub(super) fn contradiction(field: impl Into<String>, value: impl ToString, expected: String) -> Agreed {
    Err(PlanReadError::Contradiction { field: field.into(), value: value.to_string(), expected })
}
