//! Figures that tutorials publish about batch savings, against exact arithmetic.
//!
//! Each test states the inputs that a published claim names and the result that follows from them. Where a
//! claim was wrong, the comment says what it said.

use batchwise_plan::Quote;
use batchwise_planner::{CacheScenario, CachedPrefix, Prompt, quote};
use batchwise_pricing::{Era, PriceBook, Prices, Rates};
use batchwise_tokens::CacheTtl;
use batchwise_units::{Estimate, Percent, Rate, Tokens, Usd};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

const TODAY: Date = date(2026, 11, 21);

/// Prices as a claim names them: in and out per million tokens, with the usual cache multipliers.
fn era(input: &str, output: &str) -> Era {
    let (input, output) = (Rate::parse(input).unwrap(), Rate::parse(output).unwrap());
    let times = |factor: &str| input.times(Decimal::from_str_exact(factor).unwrap());
    let standard = Rates {
        input,
        output,
        cache_write_5m: times("1.25"),
        cache_write_1h: times("2"),
        cache_read: times("0.1"),
    };
    Era {
        from: date(2025, 1, 1),
        to: None,
        source: "the claim".to_owned(),
        checked: None,
        derived: Vec::new(),
        notes: Vec::new(),
        exception: None,
        no_tier: None,
        base: Prices { standard, batch: standard.half() },
        tiers: Vec::new(),
    }
}

/// One request whose tokens are known exactly, with the first `cached` of them marked.
fn request(input: u64, output: u64, cached: Option<(u64, CacheTtl)>) -> Prompt {
    let exactly = |tokens| Estimate::exactly(Tokens(tokens));
    Prompt {
        input: exactly(input),
        output: exactly(output),
        prefixes: cached
            .map(|(tokens, ttl)| CachedPrefix { tokens: exactly(tokens), ttl })
            .into_iter()
            .collect(),
        cache_minimum: Some(Tokens(1024)),
    }
}

fn hits(percent: &str) -> CacheScenario {
    CacheScenario::HitRate(Percent::parse(percent).unwrap())
}

/// The exact cost of `count` such requests: standard, batch, batch with caching.
fn cost(count: u64, prompt: &Prompt, era: &Era, scenario: CacheScenario) -> [String; 3] {
    let one: Quote = quote(prompt, era, Decimal::ONE, scenario);
    let all = |each: Estimate<Usd>| {
        assert_eq!(each.low(), each.high(), "known tokens and a known hit rate leave no range");
        (0..count).map(|_| each.high()).sum::<Usd>().to_string()
    };
    [all(one.standard), all(one.batch), all(one.batch_cached)]
}

#[track_caller]
fn check(count: u64, prompt: &Prompt, prices: (&str, &str), expected: (&str, &str)) {
    let [standard, batch, _] = cost(count, prompt, &era(prices.0, prices.1), CacheScenario::Ignored);
    assert_eq!((standard.as_str(), batch.as_str()), expected);
}

#[track_caller]
fn check_cached(count: u64, prompt: &Prompt, rate: &str, expected: &str) {
    let [_, _, cached] = cost(count, prompt, &era("3", "15"), hits(rate));
    assert_eq!(cached, expected);
}

#[test]
fn claims_1_2_3_short_requests_on_sonnet() {
    let prompt = request(500, 200, None);
    check(10_000, &prompt, ("3", "15"), ("45", "22.5")); //          published: ~$42, ~$21
    check(100_000, &prompt, ("3", "15"), ("450", "225")); //         published: ~$420, ~$210
    check(1_000_000, &prompt, ("3", "15"), ("4500", "2250")); //     published: ~$4,200, ~$2,100
}

#[test]
fn claim_4_haiku_at_a_stale_price() {
    let prompt = request(500, 10, None);
    check(10_000, &prompt, ("0.80", "4"), ("4.4", "2.2")); //        as published, at Haiku 3.5's price
    check(10_000, &prompt, ("1", "5"), ("5.5", "2.75")); //          at Haiku 4.5's
    let book = PriceBook::bundled().find("claude-haiku-4-5").unwrap().on(TODAY).unwrap();
    let [standard, batch, _] = cost(10_000, &prompt, book, CacheScenario::Ignored);
    assert_eq!((standard.as_str(), batch.as_str()), ("5.5", "2.75"));
}

#[test]
fn claim_5_opus_4_6_costs_5_and_25() {
    let prices = &PriceBook::bundled().find("claude-opus-4-6").unwrap().on(TODAY).unwrap().base;
    let rates = [prices.standard.input, prices.standard.output, prices.batch.input, prices.batch.output];
    assert_eq!(rates.map(|rate| rate.to_string()), ["5", "25", "2.5", "12.5"]); // published: 15, 75, 7.50, 37.50
}

#[test]
fn claims_6_7_8_a_document_with_a_cached_system_prompt() {
    let five_minutes = request(8_000, 1_000, Some((3_000, CacheTtl::FiveMinutes)));
    let one_hour = request(8_000, 1_000, Some((3_000, CacheTtl::OneHour)));
    check(1, &five_minutes, ("3", "15"), ("0.039", "0.0195"));
    check_cached(1, &five_minutes, "85%", "0.01622625"); //          published: ~$0.012
    check_cached(1, &one_hour, "85%", "0.0167325");
    check_cached(1, &one_hour, "100%", "0.01545"); //                even so not $0.012
    check(10_000, &five_minutes, ("3", "15"), ("390", "195"));
    check_cached(10_000, &five_minutes, "85%", "162.2625"); //       published: $120
    check_cached(10_000, &one_hour, "85%", "167.325");
    let saved = |cached: &str| {
        let standard = Usd::parse("0.039").unwrap();
        (standard - Usd::parse(cached).unwrap()).percent_of(standard).unwrap()
    };
    assert_eq!(["0.01622625", "0.0167325", "0.01545"].map(saved), ["58.4", "57.1", "60.4"]); // published: 69 %
}

#[test]
fn claims_9_10_questionnaires() {
    check(5_000, &request(500, 200, None), ("3", "15"), ("22.5", "11.25"));
    let five_minutes = request(2_000, 200, Some((1_500, CacheTtl::FiveMinutes)));
    let one_hour = request(2_000, 200, Some((1_500, CacheTtl::OneHour)));
    check(5_000, &five_minutes, ("3", "15"), ("45", "22.5"));
    check_cached(5_000, &five_minutes, "90%", "13.66875"); //        published: ~$8
    check_cached(5_000, &one_hour, "90%", "14.5125");
}

#[test]
fn claims_11_12_round_numbers() {
    check(1, &request(1_000_000, 0, None), ("3", "15"), ("3", "1.5"));
    check(10_000, &request(2_000, 500, None), ("3", "15"), ("135", "67.5")); // published: "hundreds of dollars" saved
}

#[test]
fn claim_13_the_floor_of_batch_and_caching() {
    let all_cached = |ttl| request(1_000_000, 0, Some((1_000_000, ttl)));
    check_cached(1, &all_cached(CacheTtl::OneHour), "100%", "0.15"); //      5 % of $3
    check_cached(1, &all_cached(CacheTtl::FiveMinutes), "90%", "0.3225"); // 10.75 %
    check_cached(1, &all_cached(CacheTtl::OneHour), "90%", "0.435"); //      14.5 %
    let reply_only = request(0, 1_000_000, None);
    check(1, &reply_only, ("3", "15"), ("15", "7.5")); //                    never below half
}

#[test]
fn claim_14_a_batch_takes_100_000_requests() {
    let limits = PriceBook::bundled().limits(); // published: 10,000
    assert_eq!((limits.max_requests.value, limits.max_body.value.0), (100_000, 256_000_000));
}

#[test]
fn claim_16_the_cache_minimum_depends_on_the_model() {
    let minimum = |id| PriceBook::bundled().find(id).unwrap().min_cacheable.map(|tokens| tokens.0);
    let models = ["claude-sonnet-5-5", "claude-sonnet-4-6", "claude-opus-4-7", "claude-haiku-4-5"];
    assert_eq!(models.map(minimum), [Some(512), Some(1024), Some(2048), Some(4096)]);
    // A prefix below it is not cached, whatever the breakpoint says.
    let short = request(1_500, 0, Some((1_023, CacheTtl::OneHour)));
    check_cached(1, &short, "100%", "0.00225");
    let long_enough = request(1_500, 0, Some((1_024, CacheTtl::OneHour)));
    check_cached(1, &long_enough, "100%", "0.0008676");
}

#[test]
fn a_cold_cache_costs_more_than_none() {
    let prompt = request(10_000, 0, Some((10_000, CacheTtl::OneHour)));
    check_cached(1, &prompt, "0%", "0.03"); //   a 1-hour write in a batch is as dear as plain input outside
    check_cached(1, &prompt, "52%", "0.01518"); // below break-even (52.6 %)
    check_cached(1, &prompt, "53%", "0.014895"); // above: cheaper than the uncached $0.015
}
