//! `batchwise estimate` as a user runs it.

mod common;

use common::{Folder, good, line};
use insta::assert_snapshot;
use serde_json::Value;

fn folder() -> Folder {
    Folder::with([good("a"), "[]".to_owned(), line("b", "=nobody()", 5, "hi")].join("\n"))
}

#[test]
fn one_row_per_readable_request() {
    let run =
        folder().run("estimate requests.jsonl --as-of 2026-11-21 --tokenizer bytes --output-tokens 100");
    assert_eq!(run.code, 2, "a bad line and a request without a price");
    assert_snapshot!(run.stdout, @"
    file,line,custom_id,model,input_low,input_likely,input_high,output_low,output_likely,output_high,method,standard_low_usd,standard_likely_usd,standard_high_usd,batch_low_usd,batch_likely_usd,batch_high_usd,batch_cached_low_usd,batch_cached_likely_usd,batch_cached_high_usd,batch_bound_usd,bounded,unpriced_because,left_out
    requests.jsonl,1,a,claude-sonnet-5-5,8,16,24,0,100,1000,bytes,0.000016,0.001032,0.010048,0.000008,0.000516,0.005024,0.000008,0.000516,0.005024,0.005024,true,,
    requests.jsonl,3,b,'=nobody(),2,7,17,0,5,5,bytes,,,,,,,,,,,true,no price is known for the model `=nobody()`; an overlay can add it,
    ");
}

#[test]
fn rows_as_json_keep_their_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schemas/estimate.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let run = folder().run("estimate requests.jsonl --as-of 2026-11-21 --tokenizer bytes --format jsonl");
    for row in run.stdout.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let errors: Vec<String> = schema.iter_errors(&row).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    assert_snapshot!(run.stdout, @r#"
    {"file":"requests.jsonl","line":1,"custom_id":"a","model":"claude-sonnet-5-5","input":{"low":8,"likely":16,"high":24},"output":{"low":0,"likely":null,"high":1000},"method":"bytes","bounded":true,"cost":{"standard":{"low":"0.000016","likely":null,"high":"0.010048"},"batch":{"low":"0.000008","likely":null,"high":"0.005024"},"batch_cached":{"low":"0.000008","likely":null,"high":"0.005024"},"batch_bound":"0.005024"},"unpriced_because":null,"left_out":null}
    {"file":"requests.jsonl","line":3,"custom_id":"b","model":"=nobody()","input":{"low":2,"likely":7,"high":17},"output":{"low":0,"likely":null,"high":5},"method":"bytes","bounded":true,"cost":null,"unpriced_because":"no price is known for the model `=nobody()`; an overlay can add it","left_out":null}
    "#);
}

#[test]
fn rows_add_up_to_the_plan() {
    let lines: Vec<String> = (0..50).map(|number| good(&format!("id-{number}"))).collect();
    let folder = Folder::with(lines.join("\n"));
    let arguments = "--as-of 2026-11-21 --tokenizer bytes --output-tokens 30%";
    let plan = folder.run(&format!("plan requests.jsonl {arguments} --format json")).json();
    let rows = folder.run(&format!("estimate requests.jsonl {arguments} --format jsonl")).stdout;
    let sum = rows.lines().fold(0u64, |sum, row| {
        let row: Value = serde_json::from_str(row).unwrap();
        sum + row["input"]["likely"].as_u64().unwrap()
    });
    assert_eq!(plan["tokens"]["input"]["likely"], sum);
    assert_eq!(plan["tokens"]["output"]["likely"], 50 * 300);
}

#[test]
fn rows_go_to_a_file_that_is_complete() {
    let folder = Folder::with(good("a"));
    let run = folder.run("estimate requests.jsonl --tokenizer bytes --as-of 2026-11-21 -o rows.csv");
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(folder.read("rows.csv").lines().count(), 2);
    assert_eq!(folder.names(), ["requests.jsonl", "rows.csv"]);
}
