//! Figures that were published or measured, through whole plans.

use batchwise_planner::CacheScenario;
use batchwise_units::{Percent, Usd};
use rust_decimal::Decimal;

use crate::asks::Lifetime::{self, FiveMinutes, Hour};
use crate::asks::{Ask, block, lines, marked};
use crate::planning::{amount, analysis, both, decimal, first, pass, terms, usd};
use crate::simulation;

/// So many requests that differ in their last block only.
fn alike(count: usize, ask: &Ask) -> Vec<Ask> {
    vec![ask.clone(); count]
}

/// A request that marks the first `prefix` tokens of `prompt`.
fn request(model: &'static str, prefix: u64, prompt: u64, lifetime: Lifetime, max_tokens: u64) -> Ask {
    Ask::new(model, vec![marked('S', prefix, lifetime)], block('q', prompt - prefix), max_tokens)
}

/// Ten batches whose requests share 11,400 tokens cost $0.0816 an item cold, $0.0744 without breakpoints and $0.0484
/// after a batch of one request. Cold less none is what writing costs more than input, $0.0072: with the writes of five
/// minutes, in a batch an eighth of the input price more, that is $5.05 per million tokens, and no model has an input
/// price that it would be with those of an hour. None less primed, $0.0260, is 0.456 of that price: reads at a tenth,
/// which would be 0.45, not at a twentieth or a fortieth. So the model is one of Opus at $5 and $25, and what is left of
/// $0.0744 is $0.0459 of other input and reply, as for 360 and 3,600 tokens.
#[test]
fn ten_batches_with_a_long_shared_prefix() {
    for model in ["claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5"]
    {
        let asks = alike(1_000, &request(model, 11_400, 11_760, FiveMinutes, 3_600));
        let mut terms = terms();
        terms.limits.requests_max = 100;
        let plan = first(&asks, &terms).plan;
        assert_eq!(plan.batches.len(), 10);
        let analysis = plan.cache.unwrap();
        let item = |scenario| amount(&analysis, scenario).with_replies / Decimal::from(1_000);
        let [cold, none, primed] = ["cold", "none", "primed"].map(item);
        assert_eq!(none, decimal("0.0744"));
        assert_eq!(cold, decimal("0.081525"));
        assert_eq!(primed, decimal("0.04880415"));
        assert!(cold > none && none > primed);
        for (ours, measured) in [(cold, "0.0816"), (primed, "0.0484")] {
            let error = (ours / decimal(measured) - Decimal::ONE).abs();
            assert!(error < decimal("0.02"), "{ours} {measured}");
        }
        terms.cache = CacheScenario::Primed;
        let plan = both(&asks, &terms).plan;
        let waves: Vec<(u64, u64)> = plan.waves.iter().map(|wave| (wave.batches, wave.requests)).collect();
        assert_eq!(waves, [(1, 1), (10, 999)]);
        assert_eq!(plan.quote.unwrap().batch_cached.high(), usd(&analysis, "primed"));
    }
}

/// A hit rate for so many requests: the cost without replies and with the longest.
#[track_caller]
fn check(count: usize, ask: &Ask, rate: &str, expected: [&str; 2]) {
    let mut terms = terms();
    terms.cache = CacheScenario::HitRate(Percent::parse(rate).unwrap());
    let cost = amount(&first(&alike(count, ask), &terms).plan.cache.unwrap(), rate);
    assert_eq!([cost.without_replies, cost.with_replies], expected.map(decimal));
}

/// Published: about $0.012, $120 and $8.
#[test]
fn claims_7_8_and_10_at_a_hit_rate() {
    let document = |lifetime| request("claude-sonnet-4-6", 3_000, 8_000, lifetime, 1_000);
    check(1, &document(FiveMinutes), "85%", ["0.00872625", "0.01622625"]);
    check(1, &document(Hour), "85%", ["0.0092325", "0.0167325"]);
    check(1, &document(Hour), "100%", ["0.00795", "0.01545"]);
    check(10_000, &document(FiveMinutes), "85%", ["87.2625", "162.2625"]);
    check(10_000, &document(Hour), "85%", ["92.325", "167.325"]);
    let questionnaire = |lifetime| request("claude-sonnet-4-6", 1_500, 2_000, lifetime, 200);
    check(5_000, &questionnaire(FiveMinutes), "90%", ["6.16875", "13.66875"]);
    check(5_000, &questionnaire(Hour), "90%", ["7.0125", "14.5125"]);
}

/// Published: 5 % to 15 % of the list price. That is input only, at $3 for a million tokens.
#[test]
fn claim_13_at_a_hit_rate() {
    let input = |lifetime| request("claude-sonnet-4-6", 1_000_000, 1_000_000, lifetime, 100_000);
    check(1, &input(Hour), "100%", ["0.15", "0.9"]);
    check(1, &input(FiveMinutes), "90%", ["0.3225", "1.0725"]);
    check(1, &input(Hour), "90%", ["0.435", "1.185"]);
}

/// Reads at 0.1, 0.05 and 0.025 of the input price; with their rates of break-even for an hour and for five minutes.
const READS: [(&str, [&str; 2], [&str; 2]); 3] = [
    ("claude-haiku-4-5", ["0.526", "0.217"], ["52.63", "21.73"]),
    ("claude-opus-5-5", ["0.513", "0.208"], ["51.28", "20.83"]),
    ("claude-fable-5-1", ["0.506", "0.204"], ["50.63", "20.40"]),
];

#[test]
fn caching_breaks_even_at_the_documented_hit_rates() {
    for (model, told, below) in READS {
        for ((lifetime, told), below) in [Hour, FiveMinutes].into_iter().zip(told).zip(below) {
            let asks = alike(7, &request(model, 5_000, 6_000, lifetime, 100));
            assert_eq!(analysis(&asks).break_even_hit_rate.as_deref(), Some(told), "{model}");
            let against_none = |rate: Decimal| {
                let rate = Percent::parse(&rate.to_string()).unwrap();
                let mut terms = terms();
                terms.cache = CacheScenario::HitRate(rate);
                let analysis = first(&asks, &terms).plan.cache.unwrap();
                usd(&analysis, &rate.to_string()).cmp(&usd(&analysis, "none"))
            };
            let (below, above) = (decimal(below), decimal(below) + decimal("0.01"));
            assert_eq!(
                [below, above].map(against_none),
                [std::cmp::Ordering::Greater, std::cmp::Ordering::Less]
            );
        }
    }
}

#[test]
fn going_ahead_pays_from_three_requests_on() {
    for (model, ..) in READS {
        for lifetime in [Hour, FiveMinutes] {
            for count in 1..8 {
                let asks = alike(count, &request(model, 5_000, 6_000, lifetime, 100));
                let analysis = analysis(&asks);
                assert_eq!(analysis.break_even_group_size, Some(3));
                let pays = usd(&analysis, "primed") <= usd(&analysis, "none");
                assert_eq!(pays, count >= 3, "{model} {count}");
            }
        }
    }
}

/// The same prefix is cached by one model and too short for another.
#[test]
fn the_minimum_is_that_of_the_model() {
    for (model, minimum) in [
        ("claude-sonnet-5-5", 512),
        ("claude-sonnet-4-6", 1_024),
        ("claude-opus-4-7", 2_048),
        ("claude-haiku-4-5", 4_096),
    ] {
        for (prefix, is_cached) in [(minimum - 1, false), (minimum, true)] {
            let asks = alike(4, &request(model, prefix, prefix + 100, Hour, 100));
            let analysis = analysis(&asks);
            assert_eq!(analysis.marked_requests, if is_cached { 4 } else { 0 }, "{model} {prefix}");
            assert_eq!(usd(&analysis, "cold") > usd(&analysis, "none"), is_cached, "{model} {prefix}");
            assert_eq!(usd(&analysis, "primed") < usd(&analysis, "none"), is_cached, "{model} {prefix}");
        }
    }
}

/// A prompt over the threshold pays five times as much for everything, what it reads included.
#[test]
fn a_long_prompt_reads_at_the_prices_of_its_tier() {
    let ask = |prompt| request("claude-haiku-5-5", 90_000, prompt, Hour, 1_000);
    let asks = [ask(100_000), ask(100_000), ask(100_001)];
    let analysis = analysis(&asks);
    assert_eq!(amount(&analysis, "best"), simulation::best(&asks, &[0, 0, 0]));
    // Written for an hour: 90,000 at $0.10; read: 90,000 at $0.005; the rest: 10,000 at $0.05 and 1,000 at $0.25.
    let (written, read) = (decimal("0.009") + decimal("0.00075"), decimal("0.00045") + decimal("0.00075"));
    let long = decimal("0.00225") + decimal("0.00250025") + decimal("0.00125");
    assert_eq!(usd(&analysis, "best"), Usd::from_decimal(written + read + long));
}

/// A breakpoint finds what was written at the twentieth block from it, itself included, and not at the next.
#[test]
fn a_breakpoint_looks_back_over_twenty_blocks() {
    for (more, is_found) in [(18, true), (19, true), (20, false), (21, false)] {
        let mut short = request("claude-opus-5-5", 2_000, 2_001, FiveMinutes, 10);
        short.messages = vec![vec![block('a', 1_000)]];
        short.automatic = Some(FiveMinutes);
        let mut long = short.clone();
        long.messages = vec![vec![block('a', 1_000)], vec![block('b', 10); more]];
        long.system[0].mark = None;
        let asks = [short, long];
        let analysis = analysis(&asks);
        assert_eq!(usd(&analysis, "best") < usd(&analysis, "cold"), is_found, "{more}");
        assert_eq!(amount(&analysis, "best"), simulation::best(&asks, &[0, 0]));
        assert_eq!(amount(&analysis, "primed"), simulation::primed(&asks));
    }
}

/// What a plan advises, and what its scenarios say that saves.
fn told(asks: &[Ask]) -> String {
    let (planned, findings) = pass(&lines(asks).join("\n"), &terms(), None, 1);
    let analysis = planned.plan.cache.unwrap();
    let advised = analysis.scenarios.contains_key("advised").then(|| usd(&analysis, "advised"));
    let saved = advised.map(|advised| (usd(&analysis, "none") - advised).to_string());
    let told = findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message));
    format!("{}\nsaved: {saved:?}", told.collect::<Vec<_>>().join("\n"))
}

/// Whether the first request is beyond the threshold of a price tier says nothing about the others.
#[test]
fn advice_is_worth_what_the_requests_pay() {
    let asks = |prompts: [u64; 10]| {
        let ask = |(letter, prompt): (char, u64)| {
            Ask::new("claude-haiku-5-5", vec![block('S', 90_000)], block(letter, prompt - 90_000), 10)
        };
        ('a'..).zip(prompts).map(ask).collect::<Vec<_>>()
    };
    let (short, long) = (95_000, 100_001);
    insta::assert_snapshot!(told(&asks([short; 10])), @r#"
    cache-unmarked: 10 requests of `claude-haiku-5-5` begin with the same 90,000 tokens, up to `params.system[0]`, and no breakpoint is there: one of an hour saves about $0.0320 against no caching, if one request goes ahead
    saved: Some("0.03195")
    "#);
    let mut first_is_long = [short; 10];
    first_is_long[0] = long;
    insta::assert_snapshot!(told(&asks(first_is_long)), @r#"
    cache-unmarked: 10 requests of `claude-haiku-5-5` begin with the same 90,000 tokens, up to `params.system[0]`, and no breakpoint is there: one of an hour saves about $0.0140 against no caching, if one request goes ahead
    saved: Some("0.01395")
    "#);
    let mut first_is_short = [long; 10];
    first_is_short[0] = short;
    insta::assert_snapshot!(told(&asks(first_is_short)), @r#"
    cache-unmarked: 10 requests of `claude-haiku-5-5` begin with the same 90,000 tokens, up to `params.system[0]`, and no breakpoint is there: one of an hour saves about $0.178 against no caching, if one request goes ahead
    saved: Some("0.17775")
    "#);
}

/// One prefix of all requests, and three longer ones of some of them, of which two are worth a breakpoint of their own: no
/// other choice among the four costs less.
#[test]
fn advice_marks_every_level_that_pays() {
    let sorts = [Some('A'), Some('B'), Some('C'), None].into_iter().zip([4, 8, 4, 4]);
    let sorts = sorts.flat_map(|(inner, count)| std::iter::repeat_n(inner, count));
    let ask = |(letter, inner): (char, Option<char>)| {
        let system = [block('S', 3_000)].into_iter().chain(inner.map(|inner| block(inner, 2_000)));
        Ask::new("claude-opus-5-5", system.collect(), block(letter, 100), 10)
    };
    let asks: Vec<Ask> = ('a'..).zip(sorts).map(ask).collect();
    let costs = (0..16).map(|choice: usize| {
        let mut asks = asks.clone();
        let chosen: Vec<char> =
            "SABC".chars().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, l)| l).collect();
        for block in asks.iter_mut().flat_map(|ask| &mut ask.system) {
            block.mark = chosen.contains(&block.letter).then_some(Hour);
        }
        simulation::primed(&asks).with_replies
    });
    assert_eq!(Some(amount(&analysis(&asks), "advised").with_replies), costs.min());
    insta::assert_snapshot!(told(&asks), @r#"
    cache-unmarked: 20 requests of `claude-opus-5-5` begin with the same 3,000 tokens, up to `params.system[0]`, and no breakpoint is there: one of an hour saves about $0.102 against no caching, if one request goes ahead
    cache-unmarked: 8 requests of `claude-opus-5-5` begin with the same 5,000 tokens, up to `params.system[1]`, and no breakpoint is there: one of an hour saves about $0.0109 against no caching, if one request goes ahead
    cache-unmarked: 4 requests of `claude-opus-5-5` begin with the same 5,000 tokens, up to `params.system[1]`, and no breakpoint is there: one of an hour saves about $0.00740 against no caching, if one request goes ahead
    saved: Some("0.1206")
    "#);
}

/// Breakpoints that the API refuses read nothing, whoever goes ahead.
#[test]
fn a_refused_request_finds_nothing() {
    let mut refused = request("claude-opus-5-5", 3_000, 4_000, FiveMinutes, 10);
    refused.automatic = Some(Hour);
    let asks = [vec![refused], alike(3, &request("claude-opus-5-5", 3_000, 5_000, FiveMinutes, 10))].concat();
    let mut terms = terms();
    terms.cache = CacheScenario::Primed;
    let [said, says] = [first(&asks, &terms), both(&asks, &terms)].map(|planned| planned.plan.cache.unwrap());
    assert_eq!(amount(&says, "primed"), amount(&said, "primed"));
    assert!(amount(&says, "primed").with_replies < amount(&says, "cold").with_replies);
}
