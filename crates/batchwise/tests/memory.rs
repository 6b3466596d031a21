//! Memory does not grow with the size of the input.
//!
//! The large inputs are made while they are read; `just test-large` runs them. Peaks are `VmHWM` of
//! `/proc`, so the tests say something on Linux only.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::Folder;
use common::serving::Serving;
use serde_json::Value;

const MB: u64 = 1_000_000;
const OPTIONS: &str = "--as-of 2026-11-21 --tokenizer bytes --threads 2 --format json";

#[test]
fn memory_does_not_grow_with_the_input() {
    let small = plan_of_pipe(&Requests { bytes_min: 5 * MB, text_bytes: 12_000 });
    let large = plan_of_pipe(&Requests { bytes_min: 80 * MB, text_bytes: 12_000 });
    assert!(large.peak < small.peak + 30 * MB, "{} grew to {}", small.peak, large.peak);
}

#[test]
fn memory_does_not_grow_with_the_requests_counted() {
    let small = peak_of_count(&Requests { bytes_min: 5 * MB, text_bytes: 2_000 });
    let large = peak_of_count(&Requests { bytes_min: 80 * MB, text_bytes: 2_000 });
    assert!(large < small + 30 * MB, "{small} grew to {large}");
}

#[test]
fn memory_does_not_grow_with_the_input_compared() {
    let small = peak_of_comparison(&Requests { bytes_min: 4 * MB, text_bytes: 2_000 });
    let large = peak_of_comparison(&Requests { bytes_min: 24 * MB, text_bytes: 2_000 });
    assert!(large < small + 30 * MB, "{small} grew to {large}");
}

#[test]
fn a_plan_of_250_megabytes_is_executed_in_little_memory() {
    let folder = Folder::new().file("fast.toml", "[processing]\nseconds_min = 1\nseconds_max = 9\n");
    let file = File::create(folder.path().join("requests.jsonl")).unwrap();
    let requests = Requests { bytes_min: 250 * MB, text_bytes: 12_000 };
    let written = requests.write_to(BufWriter::new(file)).unwrap();
    let plan = folder.run(&format!("plan requests.jsonl {OPTIONS} --max-bytes 90MB -o plan.json"));
    assert_eq!(plan.json()["batches"].as_array().unwrap().len(), 3, "{}", plan.stderr);
    let server = Serving::start(&folder, "simulate --time-scale 600 --faults fast.toml");
    let mut command = folder.command("submit plan.json --yes -q --format json");
    command.env("ANTHROPIC_API_KEY", "any").env("ANTHROPIC_BASE_URL", server.url());
    let (status, peak) = watch(command.stdin(Stdio::null()).spawn().unwrap());
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["finished"], &status["requests"]), (&true.into(), &written.requests.into()));
    eprintln!("{} bytes in 3 batches, peak {} MB", written.bytes, peak.div_ceil(MB));
    assert!(peak < 50 * MB, "{peak}");
}

#[test]
#[ignore = "reads 3 GB: just test-large"]
fn three_gigabytes_from_a_pipe() {
    let requests = Requests { bytes_min: 3_000 * MB, text_bytes: 12_000 };
    report("3 GB, pipe", &plan_of_pipe(&requests));
}

#[test]
#[ignore = "writes and reads 3 GB: just test-large"]
fn three_gigabytes_from_a_file() {
    let requests = Requests { bytes_min: 3_000 * MB, text_bytes: 12_000 };
    let folder = Folder::new();
    let file = File::create(folder.path().join("requests.jsonl")).unwrap();
    match requests.write_to(BufWriter::new(file)) {
        Ok(written) => report("3 GB, file", &plan_of_file(&folder, written)),
        Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            eprintln!("3 GB, file: left out, because {} has no room for it", folder.path().display());
        }
        Err(error) => panic!("{error}"),
    }
}

/// Many requests instead of long ones: their ids are all that is kept of them.
#[test]
#[ignore = "plans 3,000,000 requests: just test-large"]
fn three_million_requests() {
    let few = plan_of_pipe(&Requests { bytes_min: 10 * MB, text_bytes: 40 });
    let many = plan_of_pipe(&Requests { bytes_min: 620 * MB, text_bytes: 40 });
    assert!(many.requests > 3_000_000);
    report("short requests, pipe", &many);
    let each = many.peak.saturating_sub(few.peak) / (many.requests - few.requests);
    eprintln!("short requests: {each} bytes of memory for each");
    assert!(each < 35, "{each} bytes each");
}

/// What a run took, after its plan was found to be right.
struct Outcome {
    requests: u64,
    bytes: u64,
    batches: usize,
    /// The most resident memory it had, in bytes.
    peak: u64,
    elapsed: Duration,
}

#[track_caller]
fn report(what: &str, outcome: &Outcome) {
    let Outcome { requests, bytes, batches, peak, elapsed } = outcome;
    let (peak_mb, seconds) = (peak.div_ceil(MB), elapsed.as_secs_f64());
    eprintln!(
        "{what}: {bytes} bytes, {requests} requests, {batches} batches, peak {peak_mb} MB, {seconds:.1} s"
    );
    assert!(*peak < 400 * MB, "peak {peak} bytes");
}

fn plan_of_pipe(requests: &Requests) -> Outcome {
    let folder = Folder::new();
    let started = Instant::now();
    let mut child = folder.command(&format!("plan - {OPTIONS}")).stdin(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| requests.write_to(BufWriter::with_capacity(1 << 16, stdin)).unwrap());
        let (plan, peak) = watch_plan(child);
        check(&plan, &writer.join().unwrap(), peak, started.elapsed())
    })
}

/// The most memory that counting request by request takes, after every request was seen to have a row.
fn peak_of_count(requests: &Requests) -> u64 {
    let arguments = "count - --by custom_id --format csv --tokenizer bytes --threads 2";
    let mut child = Folder::new().command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| requests.write_to(BufWriter::with_capacity(1 << 16, stdin)).unwrap());
        let (rows, peak) = watch(child);
        assert_eq!(rows.lines().count() as u64, writer.join().unwrap().requests + 1);
        peak
    })
}

/// The most memory that comparing with all models takes.
fn peak_of_comparison(requests: &Requests) -> u64 {
    let arguments = format!("compare - --what-if all-models --what-if cache=none,85% {OPTIONS}");
    let mut child = Folder::new().command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        let writer = scope.spawn(|| requests.write_to(BufWriter::with_capacity(1 << 16, stdin)).unwrap());
        let (comparison, peak) = watch(child);
        let comparison: Value = serde_json::from_str(&comparison).unwrap();
        assert_eq!(comparison["requests"], writer.join().unwrap().requests);
        peak
    })
}

fn plan_of_file(folder: &Folder, written: Written) -> Outcome {
    let started = Instant::now();
    let child = folder.command(&format!("plan requests.jsonl {OPTIONS}")).spawn().unwrap();
    let (plan, peak) = watch_plan(child);
    check(&plan, &written, peak, started.elapsed())
}

fn watch_plan(child: Child) -> (Value, u64) {
    let (plan, peak) = watch(child);
    (serde_json::from_str(&plan).unwrap(), peak)
}

/// Waits for what a run prints, asking again and again for the peak of memory: it never falls, so only the last
/// milliseconds can be missed.
fn watch(mut child: Child) -> (String, u64) {
    let status = format!("/proc/{}/status", child.id());
    let mut stdout = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(fs::read_to_string(&status).ok().and_then(|status| high_water(&status)).unwrap_or(0));
        thread::sleep(Duration::from_millis(5));
    }
    let run = child.wait_with_output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(peak > 0, "the peak was seen");
    (reader.join().unwrap().unwrap(), peak)
}

/// A line like `VmHWM:     12345 kB`, in bytes. A process that has just ended has none.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Every request is in one batch, none is in two, and the batches keep the limits.
fn check(plan: &Value, written: &Written, peak: u64, elapsed: Duration) -> Outcome {
    assert_eq!((&plan["verdict"], &plan["left_out_lines"]), (&"ok".into(), &0.into()));
    assert_eq!(plan["requests"], written.requests);
    assert_eq!(plan["inputs"][0]["bytes"], written.bytes);
    let batches = plan["batches"].as_array().unwrap();
    let (mut line, mut start, mut requests) = (1, 0, 0);
    for batch in batches {
        let slices = batch["slices"].as_array().unwrap();
        assert_eq!(slices.len(), 1);
        let (end, count) = (slices[0]["end"].as_u64().unwrap(), batch["requests"].as_u64().unwrap());
        assert_eq!((&slices[0]["first_line"], &slices[0]["start"]), (&line.into(), &start.into()));
        // `{"requests":[` and `]}` around it, and of the line ends one fewer becomes a comma.
        let body = 15 + (end - start) - 1;
        assert_eq!(batch["body_bytes"], body);
        assert!(body <= 256 * MB && count <= 100_000, "{body} bytes, {count} requests");
        (line, start, requests) = (line + count, end, requests + count);
    }
    assert_eq!((start, requests), (written.bytes, written.requests));
    Outcome { requests, bytes: written.bytes, batches: batches.len(), peak, elapsed }
}

/// Requests with varied texts, made one after the other and never all in memory.
struct Requests {
    /// How long the file is at least.
    bytes_min: u64,
    /// How long a text is on average.
    text_bytes: usize,
}

/// What was written.
struct Written {
    requests: u64,
    bytes: u64,
}

impl Requests {
    fn write_to(&self, mut out: impl Write) -> io::Result<Written> {
        let mut dice = Dice(1);
        let words = words(&mut dice);
        let mut written = Written { requests: 0, bytes: 0 };
        let mut line = Vec::new();
        while written.bytes < self.bytes_min {
            let length = self.text_bytes / 2 + dice.roll(self.text_bytes);
            let text = &words[dice.roll(words.len() - length)..][..length];
            line.clear();
            write!(
                line,
                r#"{{"custom_id":"r-{:09}","params":{{"model":"claude-haiku-5-5","max_tokens":500,"messages":[{{"role":"user","content":""#,
                written.requests
            )?;
            line.extend_from_slice(text);
            line.extend_from_slice(b"\"}]}}\n");
            out.write_all(&line)?;
            written.requests += 1;
            written.bytes += line.len() as u64;
        }
        out.flush()?;
        Ok(written)
    }
}

/// A megabyte of words of random letters. It is ASCII without quotes and backslashes, so that any part of it
/// can stand in JSON.
fn words(dice: &mut Dice) -> Vec<u8> {
    let mut words = Vec::new();
    while words.len() < 1_000_000 {
        words.extend((0..2 + dice.roll(8)).map(|_| b"etaoinshrdlucmfwypvbgk"[dice.roll(22)]));
        words.push(b' ');
    }
    words
}

/// Random numbers, always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides
    }
}
