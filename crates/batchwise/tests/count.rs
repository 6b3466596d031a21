//! `batchwise count` as a user runs it.

mod common;

use std::io::{Read, Write};

use common::{Folder, Run, good, line};
use flate2::{Compression, write::GzEncoder};
use insta::assert_snapshot;
use serde_json::Value;

/// Counts by the method whose numbers do not change.
fn count(folder: &Folder, arguments: &str) -> Run {
    folder.run(&format!("count --tokenizer bytes {arguments}"))
}

/// A request to which a search on the server may add any number of tokens.
fn unbounded(id: &str) -> String {
    let tools = r#""tools":[{"type":"web_search_20250305","name":"web_search"}],"messages""#;
    good(id).replace("\"messages\"", tools)
}

/// A request with a document that nobody can see before it is sent.
fn by_url(id: &str) -> String {
    let content = r#"[{"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}}]"#;
    good(id).replace("\"How many legs has a spider?\"", content)
}

/// A bit of everything: a repeated id, a misspelt model, a line that is no request.
fn mixed() -> Folder {
    let monday = [good("a"), good("a"), line("b", "claude-haiku-4-5", 10, "Hi"), "[]".to_owned()];
    let tuesday = [line("c", "claude-sonet-5-5", 10, "Hello"), String::new(), unbounded("d")];
    Folder::new().file("monday.jsonl", monday.join("\n")).file("tuesday.jsonl", tuesday.join("\n"))
}

const BOTH: &str = "monday.jsonl tuesday.jsonl";

#[test]
fn totals_by_file_model_and_kind() {
    let run = count(&mixed(), BOTH);
    assert_eq!(run.code, 2, "a line is no request");
    assert_snapshot!(run.stdout, @"
    2 files: input tokens, estimated by `bytes`

                         requests    low  likely   high
    Files
      monday.jsonl              3     20      39     59  1 line not counted
      tuesday.jsonl             2  2,628   2,745  2,868  1 of unknown model, 1 without upper bound
    Models
      claude-haiku-4-5          1      4       7     11
      claude-sonet-5-5          1      3       8     19  1 of unknown model
      claude-sonnet-5-5         3  2,641   2,769  2,897  1 without upper bound
    Kinds
      text                      4     23      47     78  1 of unknown model
      server-tools              1  2,625   2,737  2,849  1 without upper bound
    Total                       5  2,648   2,784  2,927  1 of unknown model, 1 without upper bound, 1 line not counted

      of unknown model: low and high span both tokenizers of Claude
      without upper bound: server-side tools or unknown content add input that nobody can know

    1 line is no valid request and was not counted
    ");
    assert_snapshot!(run.stderr, @r#"
    error[not-an-object]: the line is an array, not an object
     --> monday.jsonl:4:1 (byte 404)
      |
    4 | []
      | ^^
      = help: write one `{"custom_id": …, "params": {…}}` per line

    warning[unknown-model]: no model is known as `claude-sonet-5-5`; did you mean `claude-sonnet-5-5`?
     --> tuesday.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"c","params":{"model":"claude-sonet-5-5","max_tokens":10,"messages":[{"role":"user…
      |                          ^^^^^^^^^^^^^^^^^^
      = help: its range spans both tokenizers of Claude; correct the name, or describe the model with --pricing

    warning[unbounded-input]: tools or state on the server, or content or parameters that are not known, add input that nobody can know: the high end is no bound
     --> tuesday.jsonl:3:27 (byte 146, params)
      |
    3 | …custom_id":"d","params":{"model":"claude-sonnet-5-5","max_tokens":1000,"tools":[{"ty…
      |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: what such tools and content add is not in the counts
    "#);
}

#[test]
fn one_section_on_demand() {
    assert_snapshot!(count(&mixed(), &format!("{BOTH} --by model -q")).stdout, @"
    2 files: input tokens, estimated by `bytes`

    model              requests    low  likely   high
    claude-haiku-4-5          1      4       7     11
    claude-sonet-5-5          1      3       8     19  1 of unknown model
    claude-sonnet-5-5         3  2,641   2,769  2,897  1 without upper bound
    Total                     5  2,648   2,784  2,927  1 of unknown model, 1 without upper bound, 1 line not counted

      of unknown model: low and high span both tokenizers of Claude
      without upper bound: server-side tools or unknown content add input that nobody can know

    1 line is no valid request and was not counted
    ");
    assert_snapshot!(count(&mixed(), "monday.jsonl --by file -q").stdout, @"
    monday.jsonl: input tokens, estimated by `bytes`

    file          requests  low  likely  high
    monday.jsonl         3   20      39    59  1 line not counted
    Total                3   20      39    59  1 line not counted

    1 line is no valid request and was not counted
    ");
    assert_snapshot!(count(&Folder::with(good("a")), "requests.jsonl --by kind").stdout, @"
    requests.jsonl: input tokens, estimated by `bytes`

    kind   requests  low  likely  high
    text          1    8      16    24
    Total         1    8      16    24
    ");
}

#[test]
fn what_has_no_likely_value_shows_none() {
    let folder = Folder::with([good("a"), by_url("b")].join("\n"));
    let run = count(&folder, "requests.jsonl --by kind");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_snapshot!(run.stdout, @"
    requests.jsonl: input tokens, estimated by `bytes`

    kind   requests    low  likely       high
    text          1      8      16         24
    pdf           1  1,573       -  1,000,010
    Total         2  1,581       -  1,000,034

      -: of some input only bounds are known
    ");
    let json = count(&folder, "requests.jsonl --format json").json();
    assert_eq!(json["total"]["tokens"]["likely"], Value::Null);
    assert!(count(&folder, "requests.jsonl --by kind --format csv").stdout.contains("\ntotal,,2,"));
}

#[test]
fn verbose_tells_what_the_counts_rest_on() {
    assert_snapshot!(count(&Folder::with(unbounded("a")), "requests.jsonl --by kind -v").stdout, @"
    requests.jsonl: input tokens, estimated by `bytes`

    kind          requests    low  likely   high
    server-tools         1  2,625   2,737  2,849  1 without upper bound
    Total                1  2,625   2,737  2,849  1 without upper bound

      without upper bound: server-side tools or unknown content add input that nobody can know

    Assumptions
      input-tokens: estimated offline by `bytes`; low and high are a range, not a bound
        [docs/accuracy.md]
      totals: their ranges take errors of input estimates as shared by all requests to 1 of their size
        and independent beyond that; bounds add up in full [docs/accuracy.md, Totals]
      server-tools: results of tools that run at Anthropic are not counted: the same request was seen to
        vary from 12,000 to 63,000 tokens (1 request) [recorded observations, 2026-11]
    ");
}

#[test]
fn requests_one_by_one() {
    let folder = mixed();
    let human = count(&folder, &format!("{BOTH} --by custom_id"));
    assert_eq!(human.code, 2);
    assert_snapshot!(human.stdout, @"
    Input tokens, estimated by `bytes`

            low       likely         high  custom_id
    monday.jsonl
              8           16           24  a
              8           16           24  a
              4            7           11  b
    tuesday.jsonl
              3            8           19  c  unknown model claude-sonet-5-5
          2,625        2,737        2,849  d  without upper bound

          2,648        2,784        2,927  total of 5 requests  1 of unknown model, 1 without upper bound

    1 line is no valid request and was not counted
    ");
    let csv = count(&folder, &format!("{BOTH} --by custom_id --format csv -q"));
    assert_snapshot!(csv.stdout, @"
    file,line,custom_id,model,kind,tokens_low,tokens_likely,tokens_high,method,model_known,bounded
    monday.jsonl,1,a,claude-sonnet-5-5,text,8,16,24,bytes,true,true
    monday.jsonl,2,a,claude-sonnet-5-5,text,8,16,24,bytes,true,true
    monday.jsonl,3,b,claude-haiku-4-5,text,4,7,11,bytes,true,true
    tuesday.jsonl,1,c,claude-sonet-5-5,text,3,8,19,bytes,false,true
    tuesday.jsonl,3,d,claude-sonnet-5-5,server-tools,2625,2737,2849,bytes,true,false
    ");
    assert_snapshot!(csv.stderr.lines().last().unwrap(), @"error: 1 line is no valid request and was not counted");
}

#[test]
fn totals_as_csv() {
    assert_snapshot!(count(&mixed(), &format!("{BOTH} --format csv")).stdout, @"
    by,name,requests,tokens_low,tokens_likely,tokens_high,unknown_model_requests,unbounded_requests,uncounted_lines,method
    file,monday.jsonl,3,20,39,59,0,0,1,bytes
    file,tuesday.jsonl,2,2628,2745,2868,1,1,0,bytes
    model,claude-haiku-4-5,1,4,7,11,0,0,,bytes
    model,claude-sonet-5-5,1,3,8,19,1,0,,bytes
    model,claude-sonnet-5-5,3,2641,2769,2897,0,1,,bytes
    kind,text,4,23,47,78,1,0,,bytes
    kind,server-tools,1,2625,2737,2849,0,1,,bytes
    total,,5,2648,2784,2927,1,1,1,bytes
    ");
}

#[test]
fn names_are_no_formulas() {
    let folder = Folder::with(line("a", "=nobody()", 5, "hi"));
    for by in ["model", "custom_id"] {
        let run = count(&folder, &format!("requests.jsonl --by {by} --format csv"));
        assert!(run.stdout.contains(",'=nobody(),"), "{}", run.stdout);
    }
}

#[track_caller]
fn check_schema(schema: &str, value: &Value) {
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

#[test]
fn json_keeps_its_schema() {
    const SCHEMA: &str = include_str!("../../../docs/schemas/count.schema.json");
    let folder = mixed().file("document.jsonl", by_url("e"));
    let files = format!("{BOTH} document.jsonl");
    for by in ["", "--by file", "--by model", "--by kind"] {
        let json = count(&folder, &format!("{files} --format json {by}")).json();
        check_schema(SCHEMA, &json);
        let sections = ["files", "models", "kinds"].map(|key| json.get(key).is_some());
        assert_eq!(sections.iter().filter(|there| **there).count(), if by.is_empty() { 3 } else { 1 });
    }
    let rows = count(&folder, &format!("{files} --by custom_id --format jsonl")).stdout;
    let rows: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(rows.len(), 6);
    rows.iter().for_each(|row| check_schema(SCHEMA, row));
    assert_snapshot!(serde_json::to_string(&rows[3]).unwrap(), @r#"{"bounded":true,"custom_id":"c","file":"tuesday.jsonl","kind":"text","line":1,"method":"bytes","model":"claude-sonet-5-5","model_known":false,"tokens":{"high":19,"likely":8,"low":3}}"#);
}

#[test]
fn rows_sections_and_plan_agree() {
    let folder = Folder::with((0..40).map(|number| good(&format!("r{number}")) + "\n").collect::<String>());
    let json = count(&folder, "requests.jsonl --format json").json();
    let rows = count(&folder, "requests.jsonl --by custom_id --format jsonl").stdout;
    let likely =
        |row: &str| serde_json::from_str::<Value>(row).unwrap()["tokens"]["likely"].as_u64().unwrap();
    assert_eq!(json["total"]["tokens"]["likely"], rows.lines().map(likely).sum::<u64>());
    for section in ["files", "models", "kinds"] {
        assert_eq!(json[section][0]["tokens"], json["total"]["tokens"], "{section}");
    }
    let plan = folder.run("plan requests.jsonl --tokenizer bytes --as-of 2026-11-21 --format json").json();
    assert_eq!(json["total"]["tokens"], plan["tokens"]["input"]);
}

#[test]
fn threads_change_nothing() {
    let text = "A long request. ".repeat(5_000);
    let lines: Vec<String> =
        (0..60).map(|number| line(&format!("r{number}"), "claude-opus-5-5", 5, &text[number..])).collect();
    let folder = Folder::with(lines.join("\n"));
    let rows = |threads: u8| {
        count(&folder, &format!("requests.jsonl --by custom_id --format csv --threads {threads}")).stdout
    };
    assert_eq!(rows(1), rows(3));
}

/// A model that the bundled book has not, and that has no price yet.
const OWN_MODEL: &str = r#"
schema = 1
[[model]]
id = "claude-house-1"
name = "Claude House 1"
family = "house"
aliases = []
released = 2026-11-01
status = "active"
context_window = 200_000
max_output = 64_000
batch_supported = false
inference_geo = false
forced_tool_choice = true
tokenizer = "claude-4.7+"
image_tier = "high"
[[model.era]]
from = 2099-01-01
[model.era.standard]
input = "1.00"
output = "5.00"
cache_write_5m = "1.25"
cache_write_1h = "2.00"
cache_read = "0.10"
"#;

#[test]
fn what_a_plan_refuses_is_counted() {
    let folder = Folder::with([good("a"), good("a")].join("\n")).file("own.toml", OWN_MODEL);
    let run = count(&folder, "requests.jsonl --format json");
    assert_eq!((run.code, &run.json()["total"]["requests"]), (0, &Value::from(2)), "{}", run.stderr);
    let folder = folder.file("new.jsonl", line("a", "claude-house-1", 5, "Hi"));
    let json = count(&folder, "new.jsonl --pricing own.toml --format json").json();
    assert_eq!((&json["verdict"], &json["total"]["unknown_model_requests"]), (&"ok".into(), &0.into()));
}

#[test]
fn a_bad_id_is_refused_and_nothing_is_unusable() {
    let folder = Folder::with([good("a"), good("b c")].join("\n")).file("empty.jsonl", "\n\n");
    assert_snapshot!(count(&folder, "requests.jsonl --by file --format csv").complaint(), @r#"
    error[custom-id-pattern]: `custom_id` holds ' '
     --> requests.jsonl:2:14 (byte 157, custom_id)
      |
    2 | {"custom_id":"b c","params":{"model":"claude-sonnet-5-5","max_tokens":100…
      |              ^^^^^
      = help: use only letters a-z A-Z, digits, `_` and `-`

    error: 1 line is no valid request and was not counted
    exit code 1
    "#);
    assert_snapshot!(count(&folder, "empty.jsonl --by file").complaint(), @"
    error[no-requests]: there is no request in empty.jsonl
       = help: write one request per line; --text counts a plain text

    exit code 2
    ");
}

#[test]
fn any_input_and_any_output() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(good("b").as_bytes()).unwrap();
    let folder = Folder::with(good("a")).file("b.gz", gzip.finish().unwrap());
    let run = folder.run_with_input(
        "count b.gz - requests.jsonl --tokenizer bytes --by file --format csv -o out.csv",
        good("c").as_bytes(),
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert_snapshot!(folder.read("out.csv"), @"
    by,name,requests,tokens_low,tokens_likely,tokens_high,unknown_model_requests,unbounded_requests,uncounted_lines,method
    file,b.gz,1,8,16,24,0,0,0,bytes
    file,-,1,8,16,24,0,0,0,bytes
    file,requests.jsonl,1,8,16,24,0,0,0,bytes
    total,,3,24,48,72,0,0,0,bytes
    ");
    assert_eq!(folder.names(), ["b.gz", "out.csv", "requests.jsonl"]);
    assert_snapshot!(count(&folder, "requests.jsonl -o requests.jsonl").complaint(), @"
    error: the output requests.jsonl is also an input: choose another name, or the input would be lost
    exit code 2
    ");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let lines: Vec<String> = (0..20_000).map(|number| good(&format!("r{number}"))).collect();
    let folder = Folder::with(lines.join("\n"));
    for by in ["custom_id", "model"] {
        let mut child =
            folder.command(&format!("count requests.jsonl --tokenizer bytes --by {by}")).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]), "{by}");
    }
}

#[test]
fn a_file_may_name_any_number_of_models() {
    let lines: Vec<String> =
        (0..1_010).map(|number| line("a", &format!("model-{number:04}"), 5, "Hi")).collect();
    let json = count(&Folder::with(lines.join("\n")), "requests.jsonl --by model --format json -q").json();
    let models = json["models"].as_array().unwrap();
    assert_eq!((models.len(), &models[1000]["name"]), (1001, &"(more models)".into()));
    assert_eq!(models[1000]["requests"], 10);
    assert_eq!(json["total"]["unknown_model_requests"], 1010);
}

#[test]
fn formats_that_do_not_fit_are_explained() {
    let folder = Folder::with(good("a"));
    assert_snapshot!(count(&folder, "requests.jsonl --by custom_id --format json").complaint(), @"
    error: --by custom_id writes one row per request: use --format jsonl, csv or human
    exit code 2
    ");
    assert_snapshot!(count(&folder, "requests.jsonl --format jsonl").complaint(), @"
    error: --format jsonl is one row per request: add --by custom_id, or use --format json
    exit code 2
    ");
    assert_eq!(count(&folder, "requests.jsonl --text --by kind").code, 2);
    assert_eq!(count(&folder, "requests.jsonl --model claude-opus-5-5").code, 2);
}

const PROMPT: &str = "How many legs has a spider?\nAnswer with a number.\n";

fn texts() -> Folder {
    Folder::new().file("prompt.txt", PROMPT).file("note.txt", "Hi").file("latin1.txt", b"ok\ncaf\xE9\n")
}

#[test]
fn a_text_by_both_tokenizers_or_for_a_model() {
    assert_snapshot!(count(&texts(), "--text prompt.txt note.txt").stdout, @"
    Input tokens, estimated by `bytes`

                                           low  likely  high
    prompt.txt
      text, claude-pre-4.7                   3      12    23
      single user message, claude-pre-4.7   10      19    30
      text, claude-4.7+                      7      18    31
      single user message, claude-4.7+      13      24    37
    note.txt
      text, claude-pre-4.7                   0       0     4
      single user message, claude-pre-4.7    4       7    11
      text, claude-4.7+                      0       1     5
      single user message, claude-4.7+       2       7    11
    Total of 2 texts
      text, claude-pre-4.7                   3      12    27
      single user message, claude-pre-4.7   14      26    41
      text, claude-4.7+                      7      19    36
      single user message, claude-4.7+      15      31    48
    ");
    assert_snapshot!(count(&texts(), "--text prompt.txt --model claude-sonnet-5-5").stdout, @"
    Input tokens for claude-sonnet-5-5, estimated by `bytes`

                           low  likely  high
    prompt.txt
      text                   7      18    31
      single user message   13      24    37
    ");
    let piped = texts().run_with_input("count --tokenizer bytes --text - --format csv", PROMPT.as_bytes());
    assert_snapshot!(piped.stdout, @"
    file,tokenizer,content_low,content_likely,content_high,message_low,message_likely,message_high,method
    -,claude-pre-4.7,3,12,23,10,19,30,bytes
    -,claude-4.7+,7,18,31,13,24,37,bytes
    ");
}

#[test]
fn a_text_is_the_request_that_holds_it() {
    let folder = texts().file("requests.jsonl", line("a", "claude-opus-4-7", 5, PROMPT));
    let text = count(&folder, "--text prompt.txt --model claude-opus-4-7 --format json").json();
    let request = count(&folder, "requests.jsonl --format json").json();
    assert_eq!(text["texts"][0]["counts"][0]["message"], request["total"]["tokens"]);
}

#[test]
fn texts_as_json_keep_their_schema() {
    const SCHEMA: &str = include_str!("../../../docs/schemas/count-text.schema.json");
    for model in ["", "--model claude-haiku-4-5"] {
        let run = count(&texts(), &format!("--text prompt.txt latin1.txt {model} --format json"));
        check_schema(SCHEMA, &run.json());
        assert_eq!((run.code, &run.json()["uncounted_files"]), (2, &Value::from(1)));
    }
}

#[test]
fn what_is_no_text_has_a_place() {
    let run = count(&texts(), "--text latin1.txt note.txt --model claude-opus-5-5");
    assert_snapshot!(run.stdout, @"
    Input tokens for claude-opus-5-5, estimated by `bytes`

                           low  likely  high
    note.txt
      text                   0       1     5
      single user message    2       7    11

    1 file is no text and was not counted
    ");
    assert_snapshot!(run.complaint(), @"
    error[invalid-utf8]: byte 0xE9 is not UTF-8
     --> latin1.txt:2:4 (byte 6)
      |
    2 | caf�
      |    ^
      = help: save the file as UTF-8

    exit code 2
    ");
    assert_snapshot!(count(&texts(), "--text note.txt --model claude-opus-5.5").complaint(), @"
    error: no model is known as `claude-opus-5.5`; did you mean `claude-opus-5-5`? (without --model, both tokenizers are shown)
    exit code 2
    ");
}

#[test]
fn the_help_has_examples() {
    let help = Folder::new().run("count --help").stdout;
    for word in ["Examples:", "batchwise count --text", "--by custom_id"] {
        assert!(help.contains(word), "{help}");
    }
}
