//! Folders of executions, with results of a simulator or of the test's own.

use std::fs;

use batchwise_plan::{Plan, request_lines};
use batchwise_simulator::{Head, Settings, Simulator};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Folder;

/// The request lines of each batch of `run/plan.json`, whose inputs are plain files in the folder.
pub(crate) fn batches(folder: &Folder) -> Vec<Vec<String>> {
    let plan = Plan::read(folder.read("run/plan.json").as_bytes()).unwrap();
    let slice = |slice: &batchwise_plan::Slice| {
        let content = fs::read(folder.path().join(&plan.inputs[slice.input as usize].path)).unwrap();
        let bytes = &content[usize::try_from(slice.start).unwrap()..usize::try_from(slice.end).unwrap()];
        request_lines(bytes).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect::<Vec<_>>()
    };
    plan.batches.iter().map(|batch| batch.slices.iter().flat_map(slice).collect()).collect()
}

/// Plans `files` into the folder `run`, where there are no results yet.
pub(crate) fn planned(folder: Folder, files: &str, options: &str) -> Folder {
    fs::create_dir_all(folder.path().join("run/results")).unwrap();
    let run =
        folder.run(&format!("plan {files} --as-of 2026-11-21 --tokenizer bytes -o run/plan.json {options}"));
    assert_ne!(folder.read("run/plan.json"), "", "{}", run.stderr);
    folder
}

/// Writes the results of a batch.
pub(crate) fn with_rows(folder: Folder, batch: usize, rows: &[String]) -> Folder {
    folder.file(&format!("run/results/{batch}.jsonl"), rows.concat())
}

/// Lets a simulator process all batches of `run` and writes what comes back. Settings are those of `simulate --faults`.
/// Where `cancel` says so, each batch is canceled after three minutes.
pub(crate) fn simulated(mut folder: Folder, settings: &str, cancel: bool) -> Folder {
    let mut simulator = Simulator::new(Settings::parse(settings).unwrap(), 7);
    let mut now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
    for (index, lines) in batches(&folder).into_iter().enumerate() {
        let mut call = |method: &str, target: &str, body: &str, minutes: i64| {
            now += SignedDuration::from_mins(minutes);
            let headers = [("x-api-key", "any"), ("anthropic-version", "2026-10-21")];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            let head = Head::new(method, target, headers);
            simulator.handle(&head, &mut body.as_bytes(), now).body.into_text()
        };
        let body = format!("{{\"requests\":[{}]}}", lines.join(","));
        let created: Value = serde_json::from_str(&call("POST", "/v1/messages/batches", &body, 0)).unwrap();
        let path = format!("/v1/messages/batches/{}", created["id"].as_str().unwrap());
        if cancel {
            call("POST", &format!("{path}/cancel"), "", 3);
        }
        let rows = call("GET", &format!("{path}/results"), "", 30 * 60);
        folder = with_rows(folder, index, &[rows]);
    }
    folder
}

/// A row with a result.
pub(crate) fn row(id: &str, result: &str) -> String {
    format!("{{\"custom_id\":\"{id}\",\"result\":{result}}}\n")
}

/// The result of an error.
pub(crate) fn error(kind: &str, message: &str) -> String {
    let message = Value::from(message);
    format!(
        r#"{{"type":"errored","error":{{"type":"error","error":{{"type":"{kind}","message":{message}}},"request_id":null}}}}"#
    )
}

/// The id of a line.
pub(crate) fn id(line: &str) -> String {
    let value: Value = serde_json::from_str(line).unwrap();
    value["custom_id"].as_str().unwrap().to_owned()
}
