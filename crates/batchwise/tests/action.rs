//! The GitHub action: its scripts as a runner runs them, with the environment that `action.yml` gives them, and the shell
//! of the workflow example.
#![cfg(unix)]

mod common;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Folder, line};
use insta::assert_snapshot;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const ACTION: &str = include_str!("../../../action.yml");
const GITLAB: &str = include_str!("../../../examples/ci/gitlab-ci.yml");
const WORKFLOW: &str = include_str!("../../../examples/ci/github-workflow.yml");

/// A request line unlike any other.
fn good(id: &str) -> String {
    line(id, "claude-sonnet-5-5", 1000, &format!("What is {id}?"))
}

/// The workspace of a job, and beside it what a runner keeps elsewhere.
struct Job {
    workspace: Folder,
    runner: Folder,
}

/// How a step ended.
struct Done {
    log: String,
    code: i32,
    outputs: String,
    summary: String,
}

impl Job {
    fn new() -> Job {
        Job { workspace: Folder::new(), runner: Folder::new() }
    }

    fn with(name: &str, content: impl AsRef<[u8]>) -> Job {
        Job { workspace: Folder::new().file(name, content), runner: Folder::new() }
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Job {
        Job { workspace: self.workspace.file(name, content), ..self }
    }

    /// Runs the checking step with these inputs.
    fn check(&self, inputs: &[(&str, &str)]) -> Done {
        let mut step = self.script("check.sh", &tools());
        for (input, variable) in variables("- id: check") {
            let value = inputs.iter().find(|(name, _)| *name == input).map_or("", |(_, value)| value);
            step.env(variable, value);
        }
        self.done(step)
    }

    /// Runs the step that finds batchwise.
    fn find(&self, install: &str, path: &[PathBuf]) -> Done {
        let mut step = self.script("find.sh", path);
        step.env("BATCHWISE_INSTALL", install);
        self.done(step)
    }

    fn script(&self, name: &str, path: &[PathBuf]) -> Command {
        let mut bash = Command::new("/bin/bash");
        bash.arg(format!("{ROOT}/scripts/action/{name}")).current_dir(self.workspace.path()).env_clear();
        bash.env("PATH", std::env::join_paths(path).unwrap());
        bash.env("GITHUB_ACTION_PATH", ROOT).env("RUNNER_TEMP", self.runner.path());
        for (variable, file) in
            [("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary"), ("GITHUB_PATH", "path")]
        {
            bash.env(variable, self.runner.path().join(file));
        }
        bash
    }

    fn done(&self, mut step: Command) -> Done {
        let left = |name: &str| fs::read_to_string(self.runner.path().join(name)).unwrap_or_default();
        for file in ["output", "summary", "path"] {
            let _ = fs::remove_file(self.runner.path().join(file));
        }
        let Output { status, stdout, stderr } = step.output().unwrap();
        assert_eq!(String::from_utf8(stderr).unwrap(), "");
        let log = String::from_utf8(stdout).unwrap();
        Done { log, code: status.code().unwrap(), outputs: left("output"), summary: left("summary") }
    }
}

impl Done {
    fn verdict(&self) -> &str {
        self.outputs.lines().find_map(|line| line.strip_prefix("verdict=")).unwrap()
    }
}

/// Where the tools of a system are, without batchwise and cargo.
fn system() -> Vec<PathBuf> {
    vec!["/usr/local/bin".into(), "/usr/bin".into(), "/bin".into()]
}

/// The same with batchwise.
fn tools() -> Vec<PathBuf> {
    let binary = Path::new(env!("CARGO_BIN_EXE_batchwise"));
    [vec![binary.parent().unwrap().to_owned()], system()].concat()
}

/// The inputs that a step of the action takes, with the environment variables that bring them.
fn variables(step: &str) -> Vec<(&'static str, &'static str)> {
    let step = ACTION.split_once(step).unwrap().1.split("\n\n").next().unwrap();
    let pairs = step.lines().filter_map(|line| line.trim().split_once(": ${{ inputs."));
    pairs.map(|(variable, input)| (input.strip_suffix(" }}").unwrap(), variable)).collect()
}

#[test]
fn inputs_come_by_the_environment_alone() {
    let (inputs, steps) = ACTION.split_once("\nruns:").unwrap();
    let named = inputs.split_once("\noutputs:").unwrap().0.split_once("\ninputs:\n").unwrap().1;
    let named = named.lines().filter_map(|line| line.strip_prefix("  ").filter(|key| !key.starts_with(' ')));
    let mut named: Vec<&str> = named.map(|key| key.strip_suffix(':').unwrap()).collect();
    let taken = [variables("- id: find"), variables("- id: check")].concat();
    let mut taken: Vec<&str> = taken.into_iter().map(|(input, _)| input).collect();
    named.sort_unstable();
    taken.sort_unstable();
    assert_eq!(named, taken);
    assert_eq!(steps.matches("inputs.").count(), taken.len());

    let programs: Vec<&str> = steps.lines().filter(|line| line.trim_start().starts_with("run:")).collect();
    assert_eq!(programs.len(), 3);
    for program in programs {
        let script = program.split_once("$GITHUB_ACTION_PATH/").unwrap().1.trim_end_matches('"');
        assert!(Path::new(ROOT).join(script).exists(), "{script}");
        assert!(!program.contains("${{"), "{program}");
    }
}

#[test]
fn a_clean_file_passes() {
    let done = Job::with("a.jsonl", good("a")).check(&[("files", "a.jsonl")]);
    assert_eq!((done.code, done.log.as_str()), (0, ""));
    assert_eq!(done.outputs, "verdict=ok\nsarif=\nplan=\n");
    assert!(
        done.summary.starts_with("## batchwise check: ok\n\n1 request in 1 batch, up to "),
        "{}",
        done.summary
    );
}

#[test]
fn what_is_refused_is_told_everywhere() {
    let job = Job::with("a.jsonl", format!("{}\n{}", good("a"), good("a")));
    let done = job.check(&[("files", "a.jsonl"), ("sarif", "out put.sarif"), ("plan", "plan.json")]);
    assert_eq!(
        (done.code, done.outputs.as_str()),
        (1, "verdict=refused\nsarif=out put.sarif\nplan=plan.json\n")
    );
    assert!(done.log.starts_with("::error file=a.jsonl,line=2,"), "{}", done.log);
    assert!(done.summary.contains("| duplicate-custom-id | 1 | 0 | 0 |"), "{}", done.summary);
    assert!(job.workspace.read("out put.sarif").contains("duplicate-custom-id"));
    assert!(job.workspace.read("plan.json").contains("\"refused\""));
}

/// Names that a shell, the command line or a workflow command could take for something else.
const AWKWARD: [&str; 16] = [
    "a b.jsonl",
    " c .jsonl",
    "it's \"x\".jsonl",
    "$(touch x).jsonl",
    "`touch x`.jsonl",
    "a;touch x.jsonl",
    "-dash.jsonl",
    "--exit-zero",
    "-",
    "{a,b}.jsonl",
    "[1].jsonl",
    "*.jsonl",
    "~",
    "back\\slash.jsonl",
    "%0A::error::forged.jsonl",
    "größe.jsonl",
];

#[test]
fn a_name_is_only_a_name() {
    for name in AWKWARD {
        let job = Job::with(name, good("a"));
        let done = job.check(&[("files", name)]);
        assert_eq!((done.code, done.log.as_str()), (0, ""), "{name}");
        assert!(done.summary.contains("1 request in"), "{name}: {}", done.summary);
        assert_eq!(job.workspace.names(), [name]);
    }
}

#[test]
fn a_pattern_finds_awkward_names() {
    let mut job = Job::new();
    for (number, name) in AWKWARD.iter().enumerate() {
        job = job.file(name, good(&format!("a-{number}")));
    }
    // A file of that very name goes before the pattern, so `*.jsonl` is not the pattern here.
    for (pattern, files) in [("*", AWKWARD.len()), ("?*.jsonl", 13), ("*.jsonl", 1), ("-*", 3)] {
        let done = job.check(&[("files", pattern)]);
        assert_eq!((done.code, done.log.as_str()), (0, ""), "{pattern}");
        let plural = if files == 1 { "request" } else { "requests" };
        assert!(done.summary.contains(&format!("\n{files} {plural} in")), "{pattern}: {}", done.summary);
    }
    assert_eq!(job.workspace.names().len(), AWKWARD.len());
}

#[test]
fn a_file_name_cannot_forge_a_command() {
    let job = Job::with("bad\n::error::x.jsonl", "{\n").file("##[error]y.jsonl", "{\n");
    let done = job.check(&[("files", "*.jsonl")]);
    assert_eq!((done.code, done.verdict()), (2, "unusable"));
    assert!(done.log.lines().all(|line| line.starts_with("::error ")), "{}", done.log);
}

#[test]
fn patterns_are_read_line_by_line() {
    let job = Job::with("b.jsonl", good("b")).file("a.jsonl", good("a"));
    fs::create_dir_all(job.workspace.path().join("deep/er.jsonl")).unwrap();
    fs::write(job.workspace.path().join("deep/er.jsonl/c.jsonl"), good("c")).unwrap();
    for (patterns, files) in [
        ("b.jsonl\r\n\n  \na.jsonl\n", 2),
        ("b.jsonl\n*.jsonl\n?.jsonl\nb.jsonl", 2), // each once
        ("**/*.jsonl", 3),                         // folders are no files
        ("deep/**", 1),
    ] {
        let done = job.check(&[("files", patterns), ("plan", "plan.json")]);
        assert_eq!((done.code, done.log.as_str()), (0, ""), "{patterns}");
        assert!(done.summary.contains(&format!("\n{files} request")), "{patterns}: {}", done.summary);
    }
    job.check(&[("files", "b.jsonl\n*.jsonl"), ("plan", "plan.json")]);
    let plan = job.workspace.read("plan.json");
    assert!(plan.find("b.jsonl") < plan.find("a.jsonl"), "{plan}");
}

#[test]
fn a_pattern_without_a_match_is_an_error() {
    let job = Job::with("a.jsonl", good("a"));
    let done = job.check(&[("files", "a.jsonl\nbatches/*.jsonl\n$(touch x) 100%\nnowhere.jsonl")]);
    assert_snapshot!(format!("{}exit code {}\n{}{}", done.log, done.code, done.outputs, done.summary), @"
    ::error title=batchwise::no file matches `batches/*.jsonl`
    ::error title=batchwise::no file matches `$(touch x) 100%25`
    ::error title=batchwise::no file matches `nowhere.jsonl`
    ::error title=batchwise::a pattern in `files` matches nothing, so nothing was checked
    exit code 2
    verdict=unusable
    ## batchwise check: unusable

    Nothing was checked; the log of this step tells why.
    ");
    assert_eq!(job.workspace.names(), ["a.jsonl"]);

    for nothing in ["", "\n", "  \n\t"] {
        let done = job.check(&[("files", nothing)]);
        assert_eq!((done.code, done.verdict()), (2, "unusable"));
        assert_eq!(done.log, "::error title=batchwise::`files` names no file\n");
    }
}

#[test]
fn what_could_not_be_checked_is_told() {
    let job = Job::with("a.jsonl", good("a")).file("old.sarif", "{}");
    let done = job.check(&[("files", "a.jsonl"), ("policy", "none.toml"), ("sarif", "old.sarif")]);
    // The old file is no report of this run.
    assert_eq!((done.code, done.outputs.as_str()), (2, "verdict=unusable\n"));
    let token = done.log.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap();
    assert!(token.len() == 32 && done.log.contains(&format!("\n::{token}::\n")), "{}", done.log);
    assert_snapshot!(done.log.replace(token, "TOKEN"), @"
    ::stop-commands::TOKEN
    error: cannot read the policy none.toml: No such file or directory (os error 2)

    ::TOKEN::
    ::error title=batchwise::cannot read the policy none.toml: No such file or directory (os error 2)
    ");
}

#[test]
fn an_input_has_one_line() {
    let job = Job::with("a.jsonl", good("a"));
    for input in ["policy", "baseline", "api-version", "fail-on", "plan", "sarif"] {
        for value in ["x\nverdict=ok", "x\rverdict=ok", "-"] {
            let done = job.check(&[("files", "a.jsonl"), (input, value)]);
            assert_eq!((done.code, done.outputs.as_str()), (2, "verdict=unusable\n"), "{input}");
            assert_eq!(done.log, format!("::error title=batchwise::`{input}` is not a name on one line\n"));
        }
    }
    assert_eq!(job.workspace.names(), ["a.jsonl"]);
}

#[test]
fn each_input_reaches_the_check() {
    let job = Job::with("a.jsonl", good("a"))
        .file("-strict.toml", "version = 1\n[[budget]]\ntotal = \"0.000001\"\n")
        .file("grow.toml", "version = 1\n[increase]\nmax_usd = \"1\"\n")
        .file("note.jsonl", good("a").replacen("\"model\"", "\"temperature\":0.5,\"model\"", 1));
    let verdict = |inputs: &[(&str, &str)]| job.check(inputs).verdict().to_owned();
    let a = ("files", "a.jsonl");
    assert_eq!(verdict(&[a, ("policy", "-strict.toml")]), "refused");
    // Without a baseline, this policy refuses.
    assert_eq!(verdict(&[a, ("policy", "grow.toml"), ("plan", "-base plan.json")]), "refused");
    assert_eq!(verdict(&[a, ("policy", "grow.toml"), ("baseline", "-base plan.json")]), "ok");
    let sampling = ("files", "note.jsonl");
    assert_eq!(verdict(&[sampling, ("api-version", "2026-10-21")]), "refused");
    assert_eq!(verdict(&[a, ("api-version", "--exit-zero")]), "unusable");
    assert_eq!(verdict(&[a, ("fail-on", "note")]), "ok");
    assert_eq!(verdict(&[a, ("fail-on", "--help")]), "unusable");
}

/// A folder with a program of that name.
fn program(name: &str, text: &str) -> Folder {
    let folder = Folder::new().file(name, text);
    fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn batchwise_is_found_or_built() {
    let job = Job::new();
    let cargo = program("cargo", "#!/bin/sh\n");
    let with_cargo = [vec![cargo.path().to_owned()], system()].concat();
    assert_eq!(job.find("auto", &tools()).outputs, "build=false\n");
    assert_eq!(job.find("path", &tools()).outputs, "build=false\n");

    let build = job.find("auto", &with_cargo);
    let lines: Vec<&str> = build.outputs.lines().collect();
    assert_eq!(lines[0], "build=true");
    assert_eq!(lines[1], format!("root={}/batchwise", job.runner.path().display()));
    assert!(lines[2].starts_with("key=batchwise-") && lines.len() == 3, "{lines:?}");
    assert_eq!(
        job.find("build", &[cargo.path().to_owned()].into_iter().chain(tools()).collect::<Vec<_>>()).outputs,
        build.outputs
    );

    for (install, path) in [("path", with_cargo), ("auto", system()), ("yes", tools())] {
        let done = job.find(install, &path);
        assert_eq!((done.code, done.outputs.as_str()), (2, ""), "{install}");
        assert!(done.log.starts_with("::error title=batchwise::"), "{}", done.log);
    }
}

#[test]
fn it_is_built_once() {
    let job = Job::new();
    let root = job.runner.path().join("a root");
    // Installs a program that runs, and notes how it was called.
    let cargo = program(
        "cargo",
        "#!/bin/sh\necho \"$*\" >> calls\nmkdir -p \"$6/bin\"\n\
         printf '#!/bin/sh\\n' > \"$6/bin/batchwise\"\nchmod +x \"$6/bin/batchwise\"\n",
    );
    for _ in 0..2 {
        let mut step = job.script("install.sh", &[vec![cargo.path().to_owned()], system()].concat());
        step.env("BATCHWISE_ROOT", &root);
        assert_eq!(job.done(step).code, 0);
        let path = fs::read_to_string(job.runner.path().join("path")).unwrap();
        assert_eq!(path, format!("{}/bin\n", root.display()));
    }
    let call = format!("install --locked --path {ROOT}/crates/batchwise --root {} --force\n", root.display());
    assert_eq!(job.workspace.read("calls"), call);
}

/// The program of a step of the workflow example.
fn workflow_program(name: &str) -> String {
    let step = WORKFLOW.split_once(&format!("- name: {name}\n")).unwrap().1;
    let program = step.split_once("run: |\n").unwrap().1.lines();
    program.map_while(|line| line.strip_prefix("          ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_workflow_compares_with_the_base() {
    let job = Job::new();
    let git = |arguments: &str| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments.split(' '));
        git.current_dir(job.workspace.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = git.output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let batch = job.workspace.path().join("batches/a b.jsonl");
    fs::create_dir(batch.parent().unwrap()).unwrap();
    git("init --quiet");
    git("commit --quiet --allow-empty -m empty");
    let empty = git("rev-parse HEAD");
    fs::write(&batch, good("a")).unwrap();
    git("add .");
    git("commit --quiet -m base");
    let base = git("rev-parse HEAD");
    fs::write(&batch, format!("{}\n{}", good("a"), good("b"))).unwrap();
    git("add .");
    git("commit --quiet -m head");
    assert_eq!(job.check(&[("files", "batches/*.jsonl"), ("plan", "head.plan.json")]).code, 0);

    let difference = |base: &str| {
        let runner = Folder::new();
        let mut bash = Command::new("bash");
        bash.args(["-eo", "pipefail", "-c", &workflow_program("What the pull request changes")]);
        bash.current_dir(job.workspace.path()).env_clear();
        bash.env("PATH", std::env::join_paths(tools()).unwrap()).env("RUNNER_TEMP", runner.path());
        bash.env("FILES", "batches/*.jsonl").env("BASE", base);
        bash.env("HEAD_PLAN", OsString::from(job.workspace.path().join("head.plan.json")));
        let output = bash.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        runner.read("diff.md")
    };
    let changed = difference(&base);
    assert!(changed.contains("| requests | 1 | 2 | +1 | +100.0 |"), "{changed}");
    assert_eq!(difference(&empty), "The base has no batch files.\n");
}

#[test]
fn the_workflow_keeps_one_comment() {
    // Knows the comments that a file beside it lists, and notes what it is asked for.
    let gh = program(
        "gh",
        "#!/bin/sh\ncase \"$*\" in *--paginate*) cat comments ;; *) echo \"$*\" | sed \"s|$RUNNER_TEMP/||\" ;; esac\n",
    );
    let job = Job::new();
    fs::write(job.runner.path().join("diff.md"), "### batchwise\n").unwrap();
    let comment = |known: &str| {
        let mut bash = Command::new("bash");
        bash.args(["-eo", "pipefail", "-c", &workflow_program("Comment")]);
        fs::write(job.workspace.path().join("comments"), known).unwrap();
        bash.current_dir(job.workspace.path()).env_clear().env("RUNNER_TEMP", job.runner.path());
        bash.env("PATH", std::env::join_paths([vec![gh.path().to_owned()], system()].concat()).unwrap());
        bash.env("GITHUB_REPOSITORY", "a/b").env("NUMBER", "7");
        String::from_utf8(bash.output().unwrap().stdout).unwrap()
    };
    assert_snapshot!(comment(""), @"pr comment 7 --body-file comment.md");
    assert_snapshot!(comment("17\n18\n"), @"api --silent --method PATCH repos/a/b/issues/comments/17 --field body=@comment.md");
    assert_eq!(job.runner.read("comment.md"), "<!-- batchwise -->\n### batchwise\n");
}

#[test]
fn the_gitlab_job_leaves_its_reports() {
    let line = |start: &str| GITLAB.lines().find_map(|line| line.trim().strip_prefix(start)).unwrap();
    let command = format!(".batchwise/bin/batchwise{}", line("- .batchwise/bin/batchwise"));
    let job = Job::new();
    for folder in ["batches", ".batchwise/bin"] {
        fs::create_dir_all(job.workspace.path().join(folder)).unwrap();
    }
    let binary = job.workspace.path().join(".batchwise/bin/batchwise");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_batchwise"), binary).unwrap();
    let check = || {
        let mut bash = Command::new("bash");
        bash.args(["-c", &command]).current_dir(job.workspace.path()).env_clear();
        bash.output().unwrap().status.code()
    };
    // No batch at all is no success.
    assert_eq!(check(), Some(2));
    fs::write(job.workspace.path().join("batches/a b.jsonl"), format!("{0}\n{0}", good("a"))).unwrap();
    assert_eq!(check(), Some(1));
    for report in [line("codequality: "), line("junit: ")] {
        assert!(job.workspace.read(report).contains("duplicate-custom-id"), "{report}");
    }
}
