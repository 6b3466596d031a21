//! The small values of a plan file.

use batchwise_findings::Verdict;
use batchwise_units::{Estimate, ExpectedTokens, Rate, Tokens, Usd};

use super::{Field, PlanReadError};
use crate::Fingerprint;

type Read<T> = Result<T, PlanReadError>;

pub(super) fn text(field: &Field<'_>) -> Read<String> {
    field.text().map(str::to_owned)
}

/// A number that counts elements of a list.
pub(super) fn index(field: &Field<'_>) -> Read<u32> {
    u32::try_from(field.count()?).map_err(|_| field.wrong("a whole number below 2^32"))
}

pub(super) fn tokens(field: &Field<'_>) -> Read<Tokens> {
    field.count().map(Tokens)
}

pub(super) fn expected_tokens(field: &Field<'_>) -> Read<ExpectedTokens> {
    field.parsed("a number of tokens as a decimal text like \"850.5\"", ExpectedTokens::read)
}

pub(super) fn usd(field: &Field<'_>) -> Read<Usd> {
    field.parsed("US dollars as a decimal text like \"12.5\", with at most 28 digits", |text| {
        Usd::read(text).ok()
    })
}

/// What something costs, which is never less than nothing.
pub(super) fn cost(field: &Field<'_>) -> Read<Usd> {
    let cost = usd(field)?;
    if cost < Usd::ZERO { Err(field.wrong("no negative amount")) } else { Ok(cost) }
}

pub(super) fn rate(field: &Field<'_>) -> Read<Rate> {
    field
        .parsed("a price: US dollars above zero as a decimal text like \"0.5\"", |text| Rate::read(text).ok())
}

pub(super) fn fingerprint(field: &Field<'_>) -> Read<Fingerprint> {
    field.parsed("a SHA-256 of 64 lower-case hexadecimal digits", Fingerprint::read)
}

pub(super) fn verdict(field: &Field<'_>) -> Read<Verdict> {
    let all = [Verdict::Ok, Verdict::Refused, Verdict::Unusable];
    field.parsed("ok, refused or unusable", |text| all.into_iter().find(|verdict| verdict.name() == text))
}

pub(super) fn day(field: &Field<'_>) -> Read<String> {
    field.parsed("a day like 2026-11-21", |text| is_day(text).then(|| text.to_owned()))
}

/// A percentage with one decimal.
pub(super) fn percent(field: &Field<'_>) -> Read<String> {
    field.parsed("a percentage with one decimal, like \"12.5\"", |text| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, tenth) = digits.split_once('.')?;
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        (plain(whole) && plain(tenth) && tenth.len() == 1).then(|| text.to_owned())
    })
}

/// A range; its ends must be in order.
pub(super) fn estimate<T: Copy + Ord>(
    field: &Field<'_>,
    read: impl Fn(&Field<'_>) -> Read<T>,
) -> Read<Estimate<T>> {
    let (low, high) = (read(&field.get("low")?)?, read(&field.get("high")?)?);
    let likely_field = field.get("likely")?;
    match likely_field.unless_null(&read)? {
        _ if low > high => Err(field.get("high")?.wrong("no less than `low`")),
        Some(likely) if likely < low || likely > high => Err(likely_field.wrong("between `low` and `high`")),
        Some(likely) => Ok(Estimate::new(low, likely, high)),
        None => Ok(Estimate::between(low, high)),
    }
}

fn is_day(text: &str) -> bool {
    let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return false };
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| plain)
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (text, expected) in [
            ("2026-11-21", true),
            ("2026-13-01", false),
            ("2026-1-1", false),
            ("2026-01-32", false),
            ("+026-01-01", false),
            ("2026-01-01-01", false),
            ("", false),
        ] {
            assert_eq!(is_day(text), expected, "{text}");
        }
    }
}
