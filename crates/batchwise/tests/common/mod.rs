//! Runs the built binary in an empty folder with a scrubbed environment.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub(crate) mod comparing;
pub(crate) mod executed;
pub(crate) mod serving;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder of its own for one test.
pub(crate) struct Folder(TempDir);

/// What a run printed and returned.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A folder with one file, `requests.jsonl`.
    pub(crate) fn with(content: impl AsRef<[u8]>) -> Folder {
        Folder::new().file("requests.jsonl", content)
    }

    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Folder {
        fs::write(self.0.path().join(name), content).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// The names of the files in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with_input(arguments, b"")
    }

    /// Runs `batchwise` with arguments separated by spaces.
    pub(crate) fn run_with_input(&self, arguments: &str, input: &[u8]) -> Run {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code().unwrap(),
        }
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_batchwise"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path()).env_clear();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Run {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// What the user sees on standard error, and the exit code.
    pub(crate) fn complaint(&self) -> String {
        format!("{}exit code {}", self.stderr, self.code)
    }
}

/// A request line.
pub(crate) fn line(id: &str, model: &str, max_tokens: u64, text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        r#"{{"custom_id":"{id}","params":{{"model":"{model}","max_tokens":{max_tokens},"messages":[{{"role":"user","content":{text}}}]}}}}"#
    )
}

/// A request line like any other.
pub(crate) fn good(id: &str) -> String {
    line(id, "claude-sonnet-5-5", 1000, "How many legs has a spider?")
}
