//! The embedded book, compared with numbers that were written down independently of its files.

use batchwise_pricing::{NoPrice, PriceBook, Prices, Rates, SourceFile, Status, TokenKind, Usage, lint};
use batchwise_units::Tokens;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 21);

fn era_prices(model: &str, day: Date, prompt: u64) -> Result<Prices, NoPrice> {
    let model = PriceBook::bundled().find(model).unwrap();
    model.on(day).map(|era| *era.for_prompt(Tokens(prompt)))
}

/// Input and output, standard and in a batch, as the price tables show them.
const TABLE: [(&str, &str, &str, &str, &str); 29] = [
    ("claude-fable-5-2", "8", "40", "4", "20"),
    ("claude-fable-5-1", "10", "50", "5", "25"),
    ("claude-fable-5", "10", "50", "5", "25"),
    ("claude-mythos-5-2", "8", "40", "4", "20"),
    ("claude-mythos-5-1", "10", "50", "5", "25"),
    ("claude-mythos-5", "10", "50", "5", "25"),
    ("claude-mythos-preview", "25", "125", "12.5", "62.5"),
    ("claude-opus-5-5", "4", "20", "2", "10"),
    ("claude-opus-5", "5", "25", "2.5", "12.5"),
    ("claude-opus-4-8", "5", "25", "2.5", "12.5"),
    ("claude-opus-4-7", "5", "25", "2.5", "12.5"),
    ("claude-opus-4-6", "5", "25", "2.5", "12.5"),
    ("claude-opus-4-5-20251101", "5", "25", "2.5", "12.5"),
    ("claude-opus-4-1-20250805", "15", "75", "7.5", "37.5"),
    ("claude-opus-4-20250514", "15", "75", "7.5", "37.5"),
    ("claude-3-opus-20240229", "15", "75", "7.5", "37.5"),
    ("claude-sonnet-5-5", "2", "10", "1", "5"),
    ("claude-sonnet-5", "2", "10", "1", "5"),
    ("claude-sonnet-4-6", "3", "15", "1.5", "7.5"),
    ("claude-sonnet-4-5-20250929", "3", "15", "1.5", "7.5"),
    ("claude-sonnet-4-20250514", "3", "15", "1.5", "7.5"),
    ("claude-3-7-sonnet-20250219", "3", "15", "1.5", "7.5"),
    ("claude-3-5-sonnet-20241022", "3", "15", "1.5", "7.5"),
    ("claude-3-5-sonnet-20240620", "3", "15", "1.5", "7.5"),
    ("claude-3-sonnet-20240229", "3", "15", "1.5", "7.5"),
    ("claude-haiku-5-5", "0.1", "0.5", "0.05", "0.25"),
    ("claude-haiku-4-5-20251001", "1", "5", "0.5", "2.5"),
    ("claude-3-5-haiku-20241022", "0.8", "4", "0.4", "2"),
    ("claude-3-haiku-20240307", "0.25", "1.25", "0.125", "0.625"),
];

#[test]
fn every_model_costs_what_the_table_says() {
    for (model, input, output, batch_input, batch_output) in TABLE {
        let Prices { standard, batch } = era_prices(model, TODAY, 1).unwrap();
        let actual =
            [standard.input, standard.output, batch.input, batch.output].map(|rate| rate.to_string());
        assert_eq!(actual, [input, output, batch_input, batch_output], "{model}");
    }
    let listed = TABLE.map(|(model, ..)| model);
    let surplus = PriceBook::bundled().models().iter().filter(|model| !listed.contains(&model.id.as_str()));
    assert_eq!(surplus.count(), 0);
}

fn all_prices() -> Vec<(String, Prices)> {
    let mut all = Vec::new();
    for model in PriceBook::bundled().models() {
        for era in model.eras() {
            let name = |tier: &str| format!("{} from {}{tier}", model.id, era.from);
            all.push((name(""), era.base));
            all.extend(
                era.tiers.iter().map(|tier| (name(&format!(" over {}", tier.prompt_over)), tier.prices)),
            );
        }
    }
    all
}

#[test]
fn a_batch_costs_half_of_everything() {
    let all = all_prices();
    assert!(all.len() > TABLE.len(), "{} price levels", all.len());
    for (name, Prices { standard, batch }) in all {
        for kind in TokenKind::ALL {
            let twice = batch.of(kind).usd_per_mtok() * rust_decimal::Decimal::TWO;
            assert_eq!(standard.of(kind).usd_per_mtok(), twice, "{name} {kind}");
        }
    }
}

/// Listed prices, batches and regions stay whole micro-dollars per million tokens.
#[test]
fn no_price_needs_more_than_six_decimals() {
    for (name, prices) in all_prices() {
        let in_region = prices.batch.times(PriceBook::bundled().geo_us());
        for kind in TokenKind::ALL {
            assert!(in_region.of(kind).usd_per_mtok().scale() <= 6, "{name} {kind}");
        }
    }
}

#[track_caller]
fn check(model: &str, day: Date, prompt: u64, kind: TokenKind, expected: Option<&str>) {
    let actual = era_prices(model, day, prompt).ok().map(|prices| prices.standard.of(kind).to_string());
    assert_eq!(actual.as_deref(), expected);
}

#[test]
fn a_price_follows_the_day() {
    use TokenKind::{CacheRead, Input, Output};
    let sonnet = "claude-sonnet-5-5";
    check(sonnet, date(2026, 9, 27), 1, CacheRead, None); //          the day before launch
    check(sonnet, date(2026, 9, 28), 1, CacheRead, Some("0.2")); //   launch
    check(sonnet, date(2026, 10, 6), 1, CacheRead, Some("0.2")); //   the day before the cut
    check(sonnet, date(2026, 10, 7), 1, CacheRead, Some("0.1")); //   the cut
    check(sonnet, date(2027, 1, 1), 1, CacheRead, Some("0.1")); //    until something changes

    let opus = "claude-opus-4-6";
    check(opus, date(2026, 2, 4), 200_001, Input, None);
    check(opus, date(2026, 2, 5), 200_001, Input, Some("10"));
    check(opus, date(2026, 3, 12), 200_000, Input, Some("5")); //     at the threshold
    check(opus, date(2026, 3, 12), 200_001, Input, Some("10")); //    one over: all of it
    check(opus, date(2026, 3, 12), 200_001, Output, Some("37.5"));
    check(opus, date(2026, 3, 13), 200_001, Input, Some("5")); //     the surcharge is gone
    check(opus, date(2026, 3, 13), 200_001, Output, Some("25"));

    check("claude-sonnet-4-5", date(2026, 4, 29), 200_001, Output, Some("22.5"));
    check("claude-sonnet-4-5", date(2026, 4, 30), 200_001, Output, Some("15"));
    check("claude-sonnet-4-0", date(2025, 8, 11), 200_001, Output, Some("15"));
    check("claude-sonnet-4-0", date(2025, 8, 12), 200_001, Output, Some("22.5"));

    check("claude-sonnet-5", date(2026, 9, 1), 1, Input, Some("2")); // the rise that was cancelled
}

#[test]
fn before_the_launch_there_is_no_price() {
    let error = era_prices("claude-haiku-5-5", date(2026, 10, 6), 1).unwrap_err();
    insta::assert_snapshot!(error, @"`claude-haiku-5-5` has no price on 2026-10-06: its first is from 2026-10-07");
}

#[track_caller]
fn check_cost(rates: Rates, usage: Usage, expected: &str) {
    assert_eq!(rates.cost(&usage).to_string(), expected);
}

#[test]
fn one_token_over_reprices_the_whole_request() {
    let haiku = |prompt| era_prices("claude-haiku-5-5", TODAY, prompt).unwrap().batch;
    let usage = |input| Usage { input: Tokens(input), output: Tokens(1_000), ..Usage::default() };
    check_cost(haiku(100_000), usage(100_000), "0.00525");
    check_cost(haiku(100_001), usage(100_001), "0.02625025");
}

#[test]
fn batch_cache_and_region_multiply() {
    let million = Tokens(1_000_000);
    let sonnet = era_prices("claude-sonnet-5-5", TODAY, 1_000_000).unwrap().batch;
    let reads = Usage { cache_read: million, ..Usage::default() };
    check_cost(sonnet.times(PriceBook::bundled().geo_us()), reads, "0.055");

    let opus = era_prices("claude-opus-5-5", TODAY, 1_000_000).unwrap();
    let writes = Usage { cache_write_1h: million, ..Usage::default() };
    check_cost(opus.batch, writes, "4");
    check_cost(opus.standard, Usage { input: million, ..Usage::default() }, "4");
}

/// Worked examples of Anthropic's own guides.
#[test]
fn published_examples_come_out() {
    let usage = |input: u64, output: u64, read: u64| Usage {
        input: Tokens(input),
        output: Tokens(output),
        cache_read: Tokens(read),
        ..Usage::default()
    };
    let standard = |model| era_prices(model, TODAY, 1).unwrap().standard;
    check_cost(standard("claude-opus-5"), usage(50_000, 15_000, 0), "0.625");
    check_cost(standard("claude-opus-5"), usage(10_000, 15_000, 40_000), "0.445");
    check_cost(standard("claude-opus-5"), usage(86_000_000, 350_000, 0), "438.75");
    check_cost(standard("claude-haiku-4-5"), usage(28_600_000_000, 1_500_000_000, 0), "36100");
    check_cost(standard("claude-haiku-4-5"), usage(1_296_000, 0, 0), "1.296"); // 1,000 images
}

#[test]
fn facts_are_carried() {
    let book = PriceBook::bundled();
    let model = |id: &str| book.find(id).unwrap();
    let sonnet = model("claude-sonnet-4-5");
    assert_eq!(sonnet.status, Status::Deprecated);
    assert_eq!(sonnet.replacement.as_deref(), Some("claude-sonnet-5-5"));
    assert!(!sonnet.is_retired_on(date(2026, 11, 29)) && sonnet.is_retired_on(date(2026, 11, 30)));
    assert!(!sonnet.inference_geo);

    assert_eq!(model("claude-opus-4-7").frame_tokens, Some(Tokens(12)));
    assert_eq!(book.models().iter().filter(|model| model.frame_tokens.is_some()).count(), 1);
    assert_eq!(model("claude-3-sonnet-20240229").min_cacheable, None);
    assert_eq!(model("claude-haiku-5-5").max_output_batch_beta, Some(Tokens(300_000)));
    assert_eq!(model("claude-fable-5-1").max_output_batch_beta, None);
    assert!(model("claude-fable-5-2").is_unconfirmed("min_cacheable_tokens"));
    assert!(!model("claude-fable-5-1").is_unconfirmed("min_cacheable_tokens"));
    for refuses in ["claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-mythos-5-1"] {
        assert!(!model(refuses).forced_tool_choice, "{refuses}");
    }
}

#[test]
fn limits_are_carried() {
    let limits = PriceBook::bundled().limits();
    assert_eq!(limits.max_requests.value, 100_000);
    assert_eq!(limits.max_body.value.0, 256 * 1000 * 1000);
    assert_eq!(limits.max_body_upper.value.0, 256 * 1024 * 1024);
    assert_eq!((limits.max_hours.value, limits.results_days.value), (24, 29));
    assert_eq!(limits.item_warning.value.0, 32_000_000);
    assert_eq!(limits.large_output_header.value, "output-300k-2026-03-24");
    let queue = |name| limits.queue_tier(name).map(|tier| (tier.requests_per_minute, tier.queued_requests));
    assert_eq!(queue("start"), Some((1_000, 200_000)));
    assert_eq!(queue("build"), Some((2_000, 300_000)));
    assert_eq!(queue("scale"), Some((4_000, 500_000)));
    assert_eq!(queue("custom"), None);
}

#[test]
fn the_book_names_itself() {
    let book = PriceBook::bundled();
    assert_eq!(book.version_label(), "2026-11-21");
    assert_eq!(book.geo_us().to_string(), "1.1");
    assert_eq!(book.server_tools().web_search_per_1000.to_string(), "10");
    assert_eq!(book.sha256().len(), 64);
    let order: Vec<&str> = book.models().iter().take(4).map(|model| model.id.as_str()).collect();
    assert_eq!(order, ["claude-fable-5-2", "claude-fable-5-1", "claude-fable-5", "claude-haiku-5-5"]);
}

#[test]
fn the_digest_depends_on_every_byte_and_not_on_the_order() {
    let mut files = embedded();
    files.reverse();
    assert_eq!(PriceBook::parse(&files).unwrap().sha256(), PriceBook::bundled().sha256());
    files[0].text.push('\n');
    assert_ne!(PriceBook::parse(&files).unwrap().sha256(), PriceBook::bundled().sha256());
}

#[test]
fn the_embedded_files_are_without_blame() {
    let problems: Vec<String> = lint(&embedded()).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

fn embedded() -> Vec<SourceFile> {
    let file =
        |(path, text): &(&str, &str)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() };
    batchwise_price_data::FILES.iter().map(file).collect()
}
