//! `batchwise results` as a user runs it.

mod common;

use std::fs;
use std::io::Write;

use common::executed::{batches, error, id, planned, row, simulated, with_rows};
use common::{Folder, good, line};
use insta::assert_snapshot;
use serde_json::Value;

/// Two inputs, three batches, and what a simulator made of them.
fn executed() -> Folder {
    let monday = (0..5).map(|index| good(&format!("mon-{index}"))).collect::<Vec<_>>().join("\r\n\n");
    let tuesday = (0..4).map(|index| good(&format!("tue-{index}")) + "\n").collect::<String>();
    let folder =
        Folder::new().file("monday.jsonl", format!("\u{feff}{monday}")).file("tuesday.jsonl", tuesday);
    simulated(planned(folder, "monday.jsonl tuesday.jsonl", "--max-requests 4"), "", false)
}

fn ids(rows: &str) -> Vec<String> {
    rows.lines().map(id).collect()
}

const ALL: [&str; 9] = ["mon-0", "mon-1", "mon-2", "mon-3", "mon-4", "tue-0", "tue-1", "tue-2", "tue-3"];

#[test]
fn rows_come_in_the_order_of_the_requests_byte_for_byte() {
    let folder = executed();
    let run = folder.run("results run");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(ids(&run.stdout), ALL);
    let received: String = (0..3).map(|batch| folder.read(&format!("run/results/{batch}.jsonl"))).collect();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_ne!(run.stdout, received, "a simulator shuffles them");
    assert_eq!(sorted(&run.stdout), sorted(&received));
    assert_eq!(folder.run("results run --as-received").stdout, received);
}

#[test]
fn batches_may_alternate_in_the_inputs() {
    let shared =
        |name: &str| format!("{name} {}", "The same long text in every request of a group. ".repeat(300));
    let request = |index: usize| {
        let text = serde_json::to_string(&shared(["a", "b", "c"][index % 3])).unwrap();
        format!(
            r#"{{"custom_id":"r-{index}","params":{{"model":"claude-sonnet-5-5","max_tokens":100,"system":[{{"type":"text","text":{text},"cache_control":{{"type":"ephemeral"}}}}],"messages":[{{"role":"user","content":"{index}"}}]}}}}"#
        )
    };
    let lines: Vec<String> = (0..30).map(request).collect();
    let folder =
        planned(Folder::with(lines.join("\n")), "requests.jsonl", "--group-by-prefix --max-requests 11");
    let grouped = batches(&folder);
    assert!(grouped.len() > 2 && grouped[0][..3] != lines[..3], "the lanes alternate");
    let run = simulated(folder, "", false).run("results run --join");
    let rows: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 30, "{}", run.stderr);
    for (row, index) in rows.iter().zip(0_usize..) {
        assert_eq!(
            (&row["custom_id"], &row["line"]),
            (&Value::from(format!("r-{index}")), &Value::from(index + 1))
        );
        let batch = &grouped[usize::try_from(row["batch"].as_u64().unwrap()).unwrap()];
        assert!(batch.contains(&lines[index]));
    }
}

#[test]
fn joined_rows_name_their_lines() {
    let folder = executed();
    let run = folder.run("results run --join -o joined.jsonl");
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    let joined = folder.read("joined.jsonl");
    let places: Vec<String> = joined
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| format!("{} {}:{} in {}", row["custom_id"], row["input"], row["line"], row["batch"]))
        .collect();
    assert_eq!(places[1], r#""mon-1" "monday.jsonl":3 in 0"#);
    assert_eq!(places[5], r#""tue-0" "tuesday.jsonl":1 in 1"#);
    assert_eq!(places[8], r#""tue-3" "tuesday.jsonl":4 in 2"#);
    let raw = folder.run("results run").stdout;
    for (joined, raw) in joined.lines().zip(raw.lines()) {
        let result = |row: &str| row.split_once("\"result\":").unwrap().1.to_owned();
        assert_eq!(result(joined), result(raw));
    }
}

#[test]
fn csv_has_a_record_for_each_row() {
    let folder = planned(Folder::with(["a", "b", "c"].map(good).join("\n")), "requests.jsonl", "");
    let reply = r#"{"type":"succeeded","message":{"model":"claude-sonnet-5-5","content":[{"type":"text","text":"=SUM(A1), \"eight\"\nlegs"}],"stop_reason":"end_turn","usage":{"input_tokens":16,"cache_creation_input_tokens":9,"cache_read_input_tokens":0,"output_tokens":5,"service_tier":"batch"}}}"#;
    let rows =
        [row("c", r#"{"type":"expired"}"#), row("b", &error("api_error", "Internal")), row("a", reply)];
    let run = with_rows(folder, 0, &rows).run("results run --csv");
    assert_snapshot!(format!("{}{}", run.stdout, run.complaint()), @r#"
    input,line,batch,custom_id,result,stop_reason,model,service_tier,input_tokens,cache_creation_5m_tokens,cache_creation_1h_tokens,cache_read_tokens,output_tokens,thinking_tokens,web_search_requests,text,error_type,error_message,request_id
    requests.jsonl,1,0,a,succeeded,end_turn,claude-sonnet-5-5,batch,16,,,0,5,,,"'=SUM(A1), ""eight""
    legs",,,
    requests.jsonl,2,0,b,errored,,,,,,,,,,,,api_error,Internal,
    requests.jsonl,3,0,c,expired,,,,,,,,,,,,,,
    warning: counts that cannot be read are left empty, by rows: cache_creation_1h_tokens in 1, cache_creation_5m_tokens in 1
    exit code 0
    "#);
}

#[test]
fn what_is_not_there_yet_is_told() {
    let folder = executed();
    let path = |name: &str| folder.path().join("run/results").join(name);
    fs::rename(path("1.jsonl"), path("1.jsonl.part")).unwrap();
    for options in ["", "--as-received", "--join", "--csv"] {
        let run = folder.run(&format!("results run {options}"));
        assert_eq!(run.stdout.lines().count(), 5 + usize::from(options == "--csv"));
        let told = "warning: the results of batch 1 are not there yet: 4 requests not written\n";
        assert_eq!((run.stderr.as_str(), run.code), (told, 3));
    }
}

#[test]
fn inputs_may_have_moved_and_must_be_the_same() {
    let folder = executed();
    let rows = folder.run("results run").stdout;
    fs::create_dir(folder.path().join("old")).unwrap();
    fs::rename(folder.path().join("monday.jsonl"), folder.path().join("old/monday=1.jsonl")).unwrap();
    assert_snapshot!(folder.run("results run").complaint(), @"
    error: cannot read monday.jsonl, an input of the plan: say where it lies now with --input monday.jsonl=FILE: No such file or directory (os error 2)
    exit code 2
    ");
    assert_eq!(folder.run("results run --as-received").code, 0, "it needs no inputs");
    let moved = "results run --input monday.jsonl=old/monday=1.jsonl";
    assert_eq!(folder.run(moved).stdout, rows);

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&fs::read(folder.path().join("old/monday=1.jsonl")).unwrap()).unwrap();
    let folder = folder.file("monday.jsonl.gz", gzip.finish().unwrap());
    assert_eq!(folder.run("results run --input monday.jsonl=monday.jsonl.gz").stdout, rows);

    let folder = folder.file("monday.jsonl", good("mon-0"));
    let run = folder.run("results run -o rows.jsonl");
    assert_snapshot!(run.complaint(), @"
    error: monday.jsonl is not the file that was planned (its SHA-256 differs): restore that one, or say where it lies with --input monday.jsonl=FILE
    exit code 2
    ");
    assert!(!folder.path().join("rows.jsonl").exists());
    assert_snapshot!(folder.run("results run --input sunday.jsonl=monday.jsonl").complaint(), @"
    error: --input sunday.jsonl=monday.jsonl names no input of the plan: write OLD=NEW, where OLD is monday.jsonl or tuesday.jsonl
    exit code 2
    ");
}

#[test]
fn wrong_rows_are_errors_with_their_place() {
    let folder = || planned(Folder::with(["a", "b"].map(good).join("\n")), "requests.jsonl", "");
    let expired = |id: &str| row(id, r#"{"type":"expired"}"#);
    let complaint = |rows: &[String]| with_rows(folder(), 0, rows).run("results run").complaint();
    let [a, b] = ["a", "b"].map(expired);
    assert_snapshot!(complaint(&[a.clone(), expired("x"), b.clone()]), @"
    error: run/results/0.jsonl, line 2: its `custom_id` is of no request of batch 0
    exit code 2
    ");
    assert_snapshot!(complaint(&[a.clone(), "{\n".to_owned(), b.clone()]), @"
    error: run/results/0.jsonl, line 2: a row is not JSON
    exit code 2
    ");
    assert_snapshot!(complaint(&[a.clone(), b[..20].to_owned()]), @"
    error: run/results/0.jsonl, line 2: the last row is cut in the middle
    exit code 2
    ");
    assert_snapshot!(complaint(&[a.clone(), b.clone(), a.clone()]), @"
    error: run/results/0.jsonl, line 3: the row of `a` comes twice
    exit code 2
    ");
    assert_snapshot!(complaint(&[b]), @"
    error: run/results/0.jsonl has no row for the request in line 1 of requests.jsonl: the file is not complete; remove it, and let it be fetched again
    exit code 2
    ");
}

/// The one who downloads has checked the rows; they are checked again.
#[test]
fn every_fault_of_a_download_is_an_error() {
    for fault in ["cut-length", "cut-chunk", "cut-in-line", "cut-at-line", "duplicate-row", "missing-row"] {
        let requests: Vec<String> = (0..6).map(|index| good(&format!("r-{index}"))).collect();
        let folder = planned(Folder::with(requests.join("\n")), "requests.jsonl", "");
        let folder = simulated(folder, &format!("[[fault]]\non = \"results\"\ndo = \"{fault}\"\n"), false);
        for command in ["results run -o out.jsonl", "retry run -o out.jsonl"] {
            let run = folder.run(command);
            assert!(run.stderr.starts_with("error: run/results/0.jsonl"), "{fault}: {}", run.complaint());
            assert_eq!((run.code, folder.path().join("out.jsonl").exists()), (2, false));
        }
    }
}

#[test]
fn bad_folders_are_told() {
    let folder = Folder::new();
    assert_snapshot!(folder.run("results nowhere").complaint(), @"
    error: nowhere is not the folder of an execution: there is no plan.json in it
    exit code 2
    ");
    let folder = executed();
    assert_eq!(folder.run("results run --join --csv").code, 2);
    assert_snapshot!(folder.run("results run -o run/results/0.jsonl").complaint(), @"
    error: the output run/results/0.jsonl is also an input: choose another name, or the input would be lost
    exit code 2
    ");
    assert_snapshot!(folder.run("results run -o run/plan.json").complaint(), @"
    error: the output run/plan.json is also an input: choose another name, or the input would be lost
    exit code 2
    ");
    let piped = Folder::new();
    fs::create_dir_all(piped.path().join("run/results")).unwrap();
    let content = line("a", "claude-sonnet-5-5", 10, "Hello");
    piped.run_with_input("plan - -o run/plan.json --tokenizer bytes", content.as_bytes());
    assert_snapshot!(piped.run("results run").complaint(), @"
    error: the plan was made from standard input: say where its requests lie now with --input -=FILE
    exit code 2
    ");
    let piped = with_rows(piped.file("saved.jsonl", &content), 0, &[row("a", r#"{"type":"expired"}"#)]);
    assert_eq!(piped.run("results run --input -=saved.jsonl").code, 0);
}
