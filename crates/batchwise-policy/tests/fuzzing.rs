//! What a fuzzer would try, replayed: seeds, and seeds with bytes changed.

mod common;

use batchwise_policy::{Policy, fuzz};
use common::whole_template;
use proptest::prelude::*;

const SEEDS: &[&str] = &[
    "",
    "\u{feff}version = 1",
    "version = 1\r\n[models]\r\nallow = [\"é*\", '*']\r\n",
    "[[budget]]\ntotal = \"999999999999.999999999999\"\n[[budget]]\nper_request = \"0\"\non = 'likely'",
    "budget = [{total = \"1\"}, {per_batch = \"2\", scenario = \"standard\"}]",
    "[increase]\nmax_usd = \"1\"\nmax_percent = \"1000000.00%\"\non = \"likely\"",
    "[max_tokens]\n\"\\\"\\\\*\" = 1_000\na.b = 3",
    "[limits]\nbytes = 0xff\nrequests = 1000000000000001\nbatches = 99999999999999999999",
    "[severity]\nlarge-item = \"off\"\n\"policy-model\" = \"note\"",
    "[[exception]]\nrule = \"policy-model\"\nreason = \"\"\"a\nb\\u001b[31m\u{202e}\"\"\"\nexpires = 9999-12-31\nfile = \"*\"",
    "[[exception]]\nrule = \"policy-model\"\nreason = \"# \\\" ,\"\nexpires = 0000-01-01",
    "exception = [[], {}, 5, \"\\u0000\"]",
    "[check]\nbetas = [\"a\", 5]\napi_version = \"2026-10-21\"\nfail_on = \"note\"",
    "cache.ttl = \"5m\"\nmodels.deny = [\"x\"]",
    "a = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "[models\n[[\n]]]\n\"\"\"",
];

#[test]
fn the_seeds_do_no_harm() {
    SEEDS.iter().for_each(|seed| fuzz::policy(seed.as_bytes()));
    fuzz::policy(Policy::template().as_bytes());
    fuzz::policy(whole_template().as_bytes());
    fuzz::policy(b"\xff");
    fuzz::policy("[".repeat(50_000).as_bytes());
    fuzz::policy("a.".repeat(30_000).as_bytes());
}

#[test]
fn a_long_line_of_mistakes_is_read_in_one_go() {
    let keys: String = (0..8_000).map(|number| format!("k{number}=1,")).collect();
    fuzz::policy(format!("models = {{{keys}}}").as_bytes());
}

proptest! {
    #[test]
    fn anything_may_be_a_policy(text in any::<String>()) {
        fuzz::policy(text.as_bytes());
    }

    #[test]
    fn changed_policies_do_no_harm(
        seed in prop::sample::select(SEEDS),
        at in any::<prop::sample::Index>(),
        removed in 0..8usize,
        added in "[\\[\\]{}=\"'.,#\\\\ \n0-9a-z*é\u{1b}-]{0,8}",
    ) {
        let places: Vec<usize> = seed.char_indices().map(|(place, _)| place).chain([seed.len()]).collect();
        let start = at.index(places.len());
        let end = (start + removed).min(places.len() - 1);
        fuzz::policy(format!("{}{added}{}", &seed[..places[start]], &seed[places[end]..]).as_bytes());
    }
}
