//! Arguments that are more than a word.

use std::num::NonZero;

use batchwise_calibration::Survey;
use batchwise_planner::{CacheScenario, OutputExpectation, Region};
use batchwise_pricing::PriceBook;
use batchwise_units::{Bytes, Percent, Tokens, Usd};
use jiff::civil::Date;

use super::{PER_MINUTE, Sample, Sampling, Tag, Tier};

pub(super) fn output_tokens(text: &str) -> Result<OutputExpectation, String> {
    if text.ends_with('%') {
        return Percent::parse(text).map(OutputExpectation::ShareOfCap).map_err(|error| error.to_string());
    }
    match text.parse() {
        Ok(tokens) if tokens > 0 => Ok(OutputExpectation::Tokens(Tokens(tokens))),
        _ => {
            Err("write a number of tokens per reply, like 300, or a share of `max_tokens`, like 40%"
                .to_owned())
        }
    }
}

pub(super) fn cache(text: &str) -> Result<CacheScenario, String> {
    match text {
        "none" => Ok(CacheScenario::Ignored),
        "cold" => Ok(CacheScenario::HitRate(Percent::ZERO)),
        "best" => Ok(CacheScenario::Best),
        "primed" => Ok(CacheScenario::Primed),
        _ if text.ends_with('%') => {
            Percent::parse(text).map(CacheScenario::HitRate).map_err(|error| error.to_string())
        }
        _ => Err("write none, cold, best, primed, or a hit rate like 85%".to_owned()),
    }
}

/// A key of letters, digits, `-`, `_`, `.` and `/`, and a value that can be seen; neither very long.
pub(super) fn tag(text: &str) -> Result<Tag, String> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_./".contains(character);
    let is_key = |key: &str| (1..=64).contains(&key.len()) && key.chars().all(is_plain);
    let is_value = |value: &str| {
        (1..=256).contains(&value.len())
            && value.trim() == value
            && batchwise_findings::visible(value) == value
    };
    match text.split_once('=') {
        Some((key, value)) if is_key(key) && is_value(value) => {
            Ok(Tag { key: key.to_owned(), value: value.to_owned() })
        }
        _ => {
            Err("write a key and a value, like team=search: a key of at most 64 letters, digits, - _ . or /"
                .to_owned())
        }
    }
}

pub(super) fn tier(text: &str) -> Result<Tier, String> {
    if text.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Ok(Tier::Named(text.to_owned()));
    }
    match text.parse() {
        Ok(requests) if requests > 0 => Ok(Tier::Requests(requests)),
        _ => Err("write start, build, scale, or how many requests may be queued, like 150000".to_owned()),
    }
}

pub(super) fn sample(text: &str) -> Result<Sample, String> {
    const USAGE: &str = "write sample=N, or sample=N,rate=N (requests per minute)";
    let (mut requests, mut per_minute) = (None, PER_MINUTE);
    for part in text.split(',') {
        match part.split_once('=') {
            Some(("sample", number)) => {
                let max = Survey::<()>::SAMPLE_MAX;
                let number = number.parse().ok().filter(|number| (2..=max).contains(number));
                requests = Some(number.ok_or_else(|| format!("a sample has 2 to {max} requests"))?);
            }
            Some(("rate", number)) => {
                let number = number.parse().ok().filter(|number| (1..=100_000).contains(number));
                per_minute = number.ok_or("a rate is 1 to 100000 requests per minute")?;
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    let requests = requests.ok_or(USAGE)?;
    Ok(Sample { requests, per_minute })
}

pub(super) fn sampling(text: &str) -> Result<Sampling, String> {
    const USAGE: &str = "write the share of the texts to count, from 0.01% to 50%, like 0.5% or 0.005";
    let (number, whole) = match text.strip_suffix('%') {
        Some(number) => (number.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let share: f64 = number.parse().ok().filter(|_| plain).ok_or(USAGE)?;
    let one_in = whole / share;
    // A little more or less is how the number was written.
    let one_in = (2..=10_000)
        .find(|&count: &u32| f64::from(count) + 0.5 > one_in)
        .filter(|_| (1.999_9..=10_000.000_1).contains(&one_in));
    one_in.map(|one_in| Sampling { one_in: one_in.into() }).ok_or_else(|| USAGE.to_owned())
}

pub(super) fn threads(text: &str) -> Result<NonZero<usize>, String> {
    let threads = text.parse().ok().filter(|threads: &NonZero<usize>| threads.get() <= 256);
    threads.ok_or_else(|| "use 1 to 256 threads".to_owned())
}

pub(super) fn region(text: String) -> Region {
    if text == "us" { Region::Us } else { Region::Global }
}

pub(super) fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "write a day as YEAR-MONTH-DAY, like 2026-11-21".to_owned())
}

pub(super) fn requests(text: &str) -> Result<u64, String> {
    let max = PriceBook::bundled().limits().max_requests.value;
    let requests = text.parse().ok().filter(|requests| (1..=max).contains(requests));
    requests.ok_or_else(|| format!("the API takes 1 to {max} requests per batch"))
}

pub(super) fn size(text: &str) -> Result<Bytes, String> {
    let size = Bytes::parse(text).map_err(|error| error.to_string())?;
    let max = PriceBook::bundled().limits().max_body_upper.value;
    if size > max {
        return Err(format!("no batch can be larger than 256MiB ({max} bytes)"));
    }
    if size.0 < 100 {
        return Err("not even the smallest request fits into so few bytes".to_owned());
    }
    Ok(size)
}

pub(super) fn budget(text: &str) -> Result<Usd, String> {
    match Usd::parse(text) {
        Ok(usd) if usd > Usd::ZERO => Ok(usd),
        Ok(_) => Err("a budget of nothing lets no request through".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_a_size_and_perhaps_a_rate() {
        let read = |text| sample(text).map(|sample| (sample.requests, sample.per_minute)).ok();
        assert_eq!(read("sample=60"), Some((60, 1_000)));
        assert_eq!(read("sample=60,rate=50"), Some((60, 50)));
        assert_eq!(read("rate=50,sample=60"), Some((60, 50)));
        for bad in ["60", "sample=1", "sample=10001", "rate=50", "sample=60,rate=0", "sample=60,speed=1", ""]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_sampling_rate_is_a_share() {
        let read = |text| sampling(text).map(|sampling| sampling.one_in).ok();
        for (text, one_in) in [
            ("0.5%", 200),
            ("0.005", 200),
            ("0.5 %", 200),
            ("50%", 2),
            (".01", 100),
            ("0.01%", 10_000),
            ("0.3", 3),
        ] {
            assert_eq!(read(text), Some(one_in), "{text}");
        }
        for bad in ["", "0", "0%", "1", "51%", "0.009%", "-1%", "1e-3", "nan", "inf", "5", "half"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
