//! `batchwise check`, as people and machines see it.

mod common;

use common::{Folder, Run, good, line};
use insta::assert_snapshot;
use serde_json::Value;

const DAY: &str = "--as-of 2026-11-21";

fn check(folder: &Folder, arguments: &str) -> Run {
    folder.run(&format!("check requests.jsonl {DAY} {arguments}"))
}

/// Something wrong of every sort: a streamed request, a repeated id, a line that is no JSON, one that asks again.
fn mixed() -> String {
    let streamed = good("b").replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"");
    [good("a"), streamed, good("a"), "{\"custom_id\"".to_owned(), good("e")].join("\n")
}

#[test]
fn a_sound_file_passes() {
    let run = check(&Folder::with(good("a")), "");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_snapshot!(run.stdout, @"ok: 1 request in 1 batch, up to $0.00502, 50.0 % less than one by one; nothing was found");
}

#[test]
fn findings_are_drawn_the_worst_first() {
    let run = check(&Folder::with(mixed()), "");
    assert_eq!((run.code, run.stderr.as_str()), (2, ""));
    assert_snapshot!(run.stdout, @r#"
    error[invalid-json]: the JSON ends too early: EOF while parsing an object
     --> requests.jsonl:4:12 (byte 457)
      |
    4 | {"custom_id"
      |            ^
      = help: write each request on one line of its own

    error[duplicate-custom-id]: `a` names two requests; requests.jsonl:1 is the first
     --> requests.jsonl:3:14 (byte 315, custom_id)
      |
    3 | {"custom_id":"a","params":{"model":"claude-sonnet-5-5","max_tokens":1000,…
      |              ^^^
     ::: requests.jsonl:1 first used here
      = help: results come back by `custom_id`, so each must be unique in the workload

    error[stream]: `stream` is true: the API answers the request with an error
     --> requests.jsonl:2:65 (byte 208, params.stream)
      |
    2 | …de-sonnet-5-5","stream":true,"max_tokens":1000,"messages":[{"role":"user","content":…
      |                          ^^^^
      = help: remove `stream`: a batch returns whole replies

    note[identical-request]: `e` asks exactly what an earlier request asks
     --> requests.jsonl:5:18 (byte 476, params)
      |
    5 | {"custom_id":"e","params":{"model":"claude-sonnet-5-5","max_tokens":1000,"mes…
      |                  ^^^^^^^^
     ::: requests.jsonl:1 asked here before
      = help: remove one of them, unless several answers to one question are wanted

    note[identical-requests]: requests that ask exactly what an earlier one asks: 1; as batches they cost $0.0000130 to $0.0050170 without caching
       = help: remove them to save that

    error  invalid-json         1
    error  duplicate-custom-id  1
    error  stream               1
    note   identical-request    1
    note   identical-requests   1

    unusable: 3 requests in 1 batch, up to $0.0151, 50.0 % less than one by one (2 lines left out); 3 errors, 2 notes
    "#);
}

#[test]
fn quiet_is_errors_and_the_verdict() {
    assert_snapshot!(check(&Folder::with([good("a"), good("b")].join("\n")), "-q").stdout, @"ok: 2 requests in 1 batch, up to $0.0101, 50.0 % less than one by one; 2 notes");
}

#[test]
fn every_format_is_written_in_one_run() {
    let folder = Folder::with(mixed());
    let reports = "--report sarif=c.sarif --report gitlab=c.gitlab --report junit=c.xml --report markdown=c.md --report json=c.json";
    let run = check(&folder, &format!("--format github {reports}"));
    assert_eq!(run.code, 2);
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with("::error ")).count(), 3);
    let sarif: Value = serde_json::from_str(&folder.read("c.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let json: Value = serde_json::from_str(&folder.read("c.json")).unwrap();
    assert_eq!(results.len(), json["findings"].as_array().unwrap().len());
    let gitlab: Value = serde_json::from_str(&folder.read("c.gitlab")).unwrap();
    assert_eq!(results.len(), gitlab.as_array().unwrap().len());
    assert!(folder.read("c.md").starts_with("## batchwise check: unusable\n"));
    assert_eq!(folder.read("c.xml").matches("<failure").count(), 3);
}

#[test]
fn json_keeps_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schemas/check.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let policy = "[[budget]]\ntotal = \"0.0001\"\n[[exception]]\nrule = \"stream\"\nreason = \"x\"\nexpires = 2020-01-01\n";
    for (content, policy) in
        [(mixed(), policy), (good("a"), ""), (String::new(), ""), (line("x", "nobody", 1, "hi"), policy)]
    {
        let json = check(&Folder::with(content).file("batchwise.toml", policy), "--format json").json();
        let errors: Vec<String> = schema.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
        let counted: u64 =
            ["error", "warning", "note"].iter().map(|key| json["counts"][key].as_u64().unwrap()).sum();
        let told: u64 = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["requests"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, told);
    }
}

#[test]
fn the_exit_code_is_the_users_to_choose() {
    let code = |content: String, arguments: &str| check(&Folder::with(content), arguments).code;
    let asks_again = || [good("a"), good("b")].join("\n");
    let streamed = || good("b").replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"");
    for (content, arguments, expected) in [
        (streamed(), "", 1),
        (streamed(), "--exit-zero", 0),
        (mixed(), "", 2),
        (mixed(), "--exit-zero", 0),
        (asks_again(), "", 0),
        (asks_again(), "--fail-on warning", 0),
        (asks_again(), "--fail-on note", 1),
        (good("a"), "--policy nowhere.toml", 2),
        (good("a"), "--policy nowhere.toml --exit-zero", 2),
        (good("a"), "--baseline nowhere.json", 2),
        (good("a"), "--report pdf=x", 2),
        (good("a"), "--report json=requests.jsonl", 2),
    ] {
        assert_eq!(code(content, arguments), expected, "{arguments}");
    }
}

#[test]
fn the_version_of_the_api_decides() {
    let warm = good("a")
        .replace("\"max_tokens\"", "\"temperature\":1,\"max_tokens\"")
        .replace("sonnet-5-5", "haiku-4-5");
    let folder = Folder::with(warm);
    assert_eq!(check(&folder, "").code, 1);
    assert_eq!(check(&folder, "--api-version 2023-06-01").code, 0);
    let folder = folder.file("batchwise.toml", "[check]\napi_version = \"2023-06-01\"\n");
    assert_eq!(check(&folder, "").code, 0);
    assert_eq!(check(&folder, "--api-version 2026-10-21").code, 1);
    assert_eq!(check(&folder, "--no-policy").code, 1);
}

#[test]
fn a_policy_points_at_both_ends() {
    let policy = "# Ours.\n[models]\nallow = [\"claude-haiku-*\"]\n\n[[budget]]\ntotal = \"0.001\"\n";
    let run = check(&Folder::with(good("a")).file("batchwise.toml", policy), "");
    assert_eq!(run.code, 1);
    assert_snapshot!(run.stdout, @r#"
    error[policy-budget]: the workload may cost up to $0.005017, whatever the cache does, above the $0.001 that it may
      ::: batchwise.toml:6:9
       |
     6 | total = "0.001"
       |         ------- this budget
       = help: send fewer requests, lower `max_tokens`, take a cheaper model, or raise `total` in the policy

    error[policy-model]: the model `claude-sonnet-5-5` is not among those allowed
     --> requests.jsonl:1:36 (byte 35, params.model)
      |
    1 | …":"a","params":{"model":"claude-sonnet-5-5","max_tokens":1000,"messages":[{"role":"u…
      |                          ^^^^^^^^^^^^^^^^^^^
     ::: batchwise.toml:3:9
      |
    3 | allow = ["claude-haiku-*"]
      |         ------------------ by this list
      = help: ask for one of `claude-haiku-*`, or add it to `models.allow`

    error  policy-budget  1
    error  policy-model   1

    refused: 1 request in 1 batch, up to $0.00502, 50.0 % less than one by one; 2 errors
    "#);
}

#[test]
fn mistakes_in_a_policy_are_drawn() {
    let policy = "[budgets]\ntotal = 5\n[severity]\ninvalid-json = \"off\"\n";
    let run = check(&Folder::with(good("a")).file("batchwise.toml", policy), "");
    assert_snapshot!(run.complaint(), @r#"
    error[policy-invalid]: `budgets` is not known
     --> batchwise.toml:1:2 (byte 1, budgets)
      |
    1 | [budgets]
      |  ^^^^^^^
      = help: did you mean `budget`? known here: version, check, budget, increase, models, max_tokens, limits, cache, severity, exception

    error[policy-invalid]: `severity.invalid-json = "off"` can be neither lowered nor switched off
     --> batchwise.toml:4:16 (byte 46, severity.invalid-json)
      |
    4 | invalid-json = "off"
      |                ^^^^^
      = help: it tells of what could not be read or priced or is in no batch, so that no number covers it: correct the request files instead

    error: the policy batchwise.toml cannot be used: correct it, or check without it by --no-policy
    exit code 2
    "#);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_policy_is_found_upward_and_not_beyond_the_project() {
    let folder = Folder::new().file("batchwise.toml", "[models]\ndeny = [\"*\"]\n");
    std::fs::create_dir_all(folder.path().join("team/requests")).unwrap();
    std::fs::write(folder.path().join("team/requests/r.jsonl"), good("a")).unwrap();
    let run = |folder: &Folder| folder.run(&format!("check team/requests/r.jsonl {DAY}")).code;
    assert_eq!(run(&folder), 1);
    std::fs::create_dir(folder.path().join("team/.git")).unwrap();
    assert_eq!(run(&folder), 0);
    std::fs::write(folder.path().join("team/batchwise.toml"), "").unwrap();
    let both = folder.file("other.jsonl", good("b"));
    assert_snapshot!(both.run(&format!("check team/requests/r.jsonl other.jsonl {DAY}")).complaint(), @"
    error: the files belong to different policies, team/batchwise.toml and batchwise.toml: check them one by one, or name one with --policy
    exit code 2
    ");
}

#[test]
fn an_increase_is_held_to_a_baseline() {
    let folder = Folder::with(good("a")).file("batchwise.toml", "[increase]\nmax_percent = \"10%\"\n");
    let base = folder.run(&format!("plan requests.jsonl {DAY} -q -o base.json"));
    assert_eq!(base.code, 0, "{}", base.stderr);
    assert_eq!(check(&folder, "--baseline base.json").code, 0);
    let folder = folder.file("requests.jsonl", [good("a"), good("b")].join("\n"));
    let run = check(&folder, "--baseline base.json --save-plan head.json");
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("policy-increase"), "{}", run.stdout);
    let diff = folder.run("diff base.json head.json");
    assert!(diff.code == 0 && diff.stdout.contains("policy-increase"), "{}{}", diff.stdout, diff.stderr);
}

#[test]
fn a_hundred_thousand_findings_make_a_short_report() {
    let content: String = (0..20_000)
        .map(|number| {
            good(&format!("r{number}")).replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"") + "\n"
        })
        .collect();
    let folder = Folder::with(content);
    let run = check(
        &folder,
        "--report json=c.json --report sarif=c.sarif --report gitlab=c.gl --report junit=c.xml",
    );
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("20,000") && run.stdout.lines().count() < 120, "{}", run.stdout);
    for report in ["c.json", "c.sarif", "c.gl", "c.xml"] {
        assert!(folder.read(report).len() < 500_000, "{report}: {}", folder.read(report).len());
    }
    let json: Value = serde_json::from_str(&folder.read("c.json")).unwrap();
    assert_eq!(json["rules"]["stream"]["error"], 20_000);
    assert_eq!(json["rules"]["stream"]["omitted"], 19_900);
}

#[test]
fn names_cannot_forge_output() {
    let forged = good("x").replace("\"x\"", "\"a\\u001b[31m\\n::error::b%0A::warning::c\"");
    let folder = Folder::with(forged);
    let human = check(&folder, "").stdout;
    assert!(!human.contains('\u{1b}'), "{human}");
    let github = check(&folder, "--format github").stdout;
    assert_eq!(github.lines().count(), 1, "{github}");
}

#[test]
fn rules_are_explained() {
    let folder = Folder::new();
    let all = folder.run("explain");
    assert_eq!(all.code, 0);
    assert!(all.stdout.lines().any(|line| line.starts_with("duplicate-custom-id")), "{}", all.stdout);
    assert!(folder.run("explain stream").stdout.starts_with("# stream\n\nError, exit code 1."));
    assert_snapshot!(folder.run("explain steam").complaint(), @"
    error: invalid value 'steam' for '[RULE]': there is no such rule; did you mean `stream`?

    For more information, try '--help'.
    exit code 2
    ");
}

#[test]
fn a_policy_to_begin_with_allows_everything() {
    let folder = Folder::with(good("a"));
    assert_eq!(folder.run("policy init").code, 0);
    assert_eq!(check(&folder, "").code, 0);
    assert_snapshot!(folder.run("policy init").complaint(), @"
    error: cannot write batchwise.toml: a policy that is there is never replaced: File exists (os error 17)
    exit code 2
    ");
    assert_eq!(folder.run("policy init -").stdout, folder.read("batchwise.toml"));
    let shown = folder.run("policy show");
    assert!(shown.code == 0 && shown.stdout.starts_with("# batchwise.toml\n"), "{}", shown.stdout);
}

#[test]
fn outputs_never_replace_one_another_or_what_is_read() {
    let folder = Folder::with(good("a")).file("batchwise.toml", "");
    for arguments in [
        "--report sarif=x --report junit=x",
        "-o y --save-plan y",
        "-o z --report json=./z",
        "--report json=-",
        "--report sarif=batchwise.toml",
        "--save-plan requests.jsonl",
    ] {
        let run = check(&folder, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
    }
    assert_eq!(folder.names(), ["batchwise.toml", "requests.jsonl"]);
    assert_eq!(check(&folder, "-o /dev/null --save-plan /dev/null").code, 0);
}

#[cfg(unix)]
#[test]
fn a_policy_that_cannot_be_read_is_not_no_policy() {
    let folder = Folder::with(good("a"));
    std::os::unix::fs::symlink("nowhere.toml", folder.path().join("batchwise.toml")).unwrap();
    assert_snapshot!(check(&folder, "").complaint(), @"
    error: cannot read the policy batchwise.toml: No such file or directory (os error 2)
    exit code 2
    ");
}

#[test]
fn quiet_draws_whatever_refuses() {
    let both = Folder::with([good("a"), good("b")].join("\n"));
    let quiet = check(&both, "-q --fail-on note").stdout;
    assert!(quiet.starts_with("note[identical-request]") && quiet.contains("refused"), "{quiet}");
}

#[test]
fn a_bound_is_not_rounded_down() {
    let folder = Folder::with((0..7).map(|number| good(&format!("r{number}")) + "\n").collect::<String>());
    let exact = check(&folder, "--format json").json()["quote"]["batch_bound"].as_str().unwrap().to_owned();
    let shown = check(&folder, "-q").stdout;
    let shown = shown.split("up to $").nth(1).unwrap().split([',', ';']).next().unwrap();
    assert!(shown.parse::<f64>().unwrap() >= exact.parse::<f64>().unwrap(), "{shown} {exact}");
}

#[test]
fn the_day_of_prices_revives_no_exception() {
    let policy = "[[exception]]\nrule = \"stream\"\nreason = \"x\"\nexpires = 2026-11-10\n";
    let streamed = good("b").replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"");
    let folder = Folder::with(streamed).file("batchwise.toml", policy);
    assert_eq!(folder.run("check requests.jsonl --as-of 2026-11-01").code, 1);
}

#[test]
fn long_names_make_no_long_report() {
    let key = "k".repeat(300_000);
    let odd = good("a").replace("\"max_tokens\"", &format!("\"{key}\":1,\"max_tokens\""));
    let folder = Folder::with(odd);
    let run = check(&folder, "--report json=c.json --report sarif=c.sarif");
    for report in [run.stdout, folder.read("c.json"), folder.read("c.sarif")] {
        assert!(report.len() < 10_000, "{}", report.len());
    }
}
