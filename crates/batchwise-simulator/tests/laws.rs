//! What holds whatever clients do and whenever they do it.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;
use support::{BATCHES, Stage, request};

/// Something that a client does.
#[derive(Clone, Debug)]
enum Deed {
    Wait(i64),
    Create(usize),
    Cancel(usize),
    Delete(usize),
}

fn any_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0_i64..20_000).prop_map(Deed::Wait),
        3 => (1_usize..12).prop_map(Deed::Create),
        1 => (0_usize..5).prop_map(Deed::Cancel),
        1 => (0_usize..5).prop_map(Deed::Delete),
    ]
}

/// A request, every third of which has a marked beginning, and every fifth of which the API refuses.
fn any_request(index: usize) -> String {
    let text =
        "Spiders have eight legs, insects have six. ".repeat(if index.is_multiple_of(3) { 700 } else { 3 });
    let system = format!(
        r#","system":[{{"type":"text","text":"{text}","cache_control":{{"type":"ephemeral","ttl":"1h"}}}}]"#
    );
    let broken = if index % 5 == 4 { r#","stream":true"# } else { "" };
    request(&format!("r{index}"), &format!("{system}{broken}"))
}

fn counts(batch: &Value) -> BTreeMap<String, u64> {
    let counts = batch["request_counts"].as_object().unwrap().iter();
    counts.map(|(name, count)| (name.clone(), count.as_u64().unwrap())).collect()
}

/// The sizes of the batches that are there, by their ids.
type Sizes = BTreeMap<String, usize>;

/// What is true of the list at any moment: each batch is there once, with a count for each of its requests.
fn check_list(stage: &mut Stage, sizes: &Sizes) {
    let list = stage.call("GET", &format!("{BATCHES}?limit=1000"), "").json();
    let batches = list["data"].as_array().unwrap();
    let ids: Vec<&str> = batches.iter().map(|batch| batch["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), sizes.len());
    for (batch, id) in batches.iter().zip(ids) {
        let counts = counts(batch);
        assert_eq!(counts.values().sum::<u64>(), sizes[id] as u64);
        let has_ended = batch["processing_status"] == "ended";
        assert_eq!(has_ended, counts["processing"] == 0);
        assert_eq!(has_ended, batch["ended_at"].is_string());
        assert!(!has_ended || batch["ended_at"].as_str() <= batch["expires_at"].as_str());
    }
}

/// What is true of results: a row for each request, as many of each sort as were counted, and the same input whatever the
/// cache did.
fn check_results(stage: &mut Stage, id: &str, size: usize) {
    let batch = stage.retrieve(id);
    let rows = stage.rows(id);
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["custom_id"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (size, size));
    for (name, count) in counts(&batch) {
        let named = rows.iter().filter(|row| row["result"]["type"] == *name).count();
        assert_eq!(named as u64, count, "{name}");
    }
    for row in rows.iter().filter(|row| row["result"]["type"] == "succeeded") {
        let usage = &row["result"]["message"]["usage"];
        let number = |name: &str| usage[name].as_u64().unwrap();
        let index: usize = row["custom_id"].as_str().unwrap()[1..].parse().unwrap();
        let (written, read) = (number("cache_creation_input_tokens"), number("cache_read_input_tokens"));
        let input = number("input_tokens") + written + read;
        assert_eq!(input, whole_input(stage, index), "{row}");
        assert!(index.is_multiple_of(3) || written + read == 0, "too short for the cache: {row}");
        assert!((1..=500).contains(&number("output_tokens")));
    }
}

/// What the counting endpoint says of the same request.
fn whole_input(stage: &mut Stage, index: usize) -> u64 {
    let request: Value = serde_json::from_str(&any_request(index)).unwrap();
    let mut params = request["params"].clone();
    params.as_object_mut().unwrap().remove("max_tokens");
    let said = stage.call("POST", "/v1/messages/count_tokens", &params.to_string());
    said.json()["input_tokens"].as_u64().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_lost_or_answered_twice(
        seed in any::<u64>(),
        hits in 0_u8..=100,
        hours in 0_u64..40,
        deeds in prop::collection::vec(any_deed(), 1..12),
    ) {
        let seconds = hours * 3_600;
        let settings = format!(
            "[account]\nrequests_per_minute = 100000\n[processing]\ncache_hit_percent = {hits}\nseconds_min = {}\nseconds_max = {seconds}",
            seconds / 2
        );
        let mut stage = Stage::seeded(&settings, seed);
        let mut sizes = Sizes::new();
        for deed in deeds {
            let nth = |index: usize| sizes.keys().nth(index).cloned();
            match deed {
                Deed::Wait(seconds) => stage.pass(seconds),
                Deed::Create(size) => {
                    let requests: Vec<String> = (0..size).map(any_request).collect();
                    sizes.insert(stage.create(&requests), size);
                }
                Deed::Cancel(index) => if let Some(id) = nth(index) {
                    assert_eq!(stage.call("POST", &format!("{BATCHES}/{id}/cancel"), "").status, 200);
                },
                Deed::Delete(index) => if let Some(id) = nth(index) {
                    let has_ended = stage.retrieve(&id)["processing_status"] == "ended";
                    let said = stage.call("DELETE", &format!("{BATCHES}/{id}"), "");
                    assert_eq!(said.status, if has_ended { 200 } else { 400 });
                    if has_ended {
                        sizes.remove(&id);
                    }
                },
            }
            check_list(&mut stage, &sizes);
        }
        stage.pass(86_400);
        for (id, size) in &sizes {
            check_results(&mut stage, id, *size);
        }
    }
}
