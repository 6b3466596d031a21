use std::io::Write;
use std::path::Path;

use batchwise_findings::Severity;
use batchwise_results::{ErrorGroup, Fate, OutcomeKind, Tally};
use batchwise_units::requests;
use jiff::civil::Date;
use serde::Serialize;

use super::{make_plan, named, unless_closed};
use crate::args::{self, RetryArgs, RetryFormat};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{self, Output};
use crate::results::{Mark, ResultsError, ResultsFolder, Retried, Roll, each_request};
use crate::settings::Settings;
use crate::{input, screen};

/// `batchwise retry`: a new request file of what is worth sending again.
pub(crate) fn run(args: &RetryArgs, today: Date) -> Result<Exit, CliError> {
    let folder = ResultsFolder::open(&args.folder.folder, &args.folder.input)?;
    let retried = Retried::read(&folder)?;
    let out = Output::file(&args.output, &folder.files())?;
    check_outputs(args, &out)?;
    let rejected = args.rejected.as_deref().map(|path| Output::file(path, &folder.files())).transpose()?;
    let plan = args.plan.as_deref().map(|path| Output::file(path, &folder.files())).transpose()?;

    let target = output::real(out.path().unwrap_or(&args.output));
    let choice = Choice::of(args, &folder, &retried, &target)?;
    let mut roll = Roll::of(&folder)?;
    let tally = judge(&folder, &choice, &mut roll)?;
    let mut copies = Copies { again: out, rejected };
    copies.write(&folder, &mut roll)?;
    // Before the files appear: whatever happens now, the same command gives them again, and no other does.
    retried.write(choice.all(), &target)?;
    copies.finish()?;

    let report = Report::new(args, &folder, &choice, &tally);
    unless_closed(Output::stdout().write_all_with(|out| out.write_all(report.text(args.format).as_bytes())))?;
    let planned = plan.map_or(Ok(Exit::Fine), |plan| make_new_plan(args, &report, plan, today))?;
    Ok(tell(&report, &choice).max(planned))
}

/// That no output takes the place of another.
fn check_outputs(args: &RetryArgs, out: &Output) -> Result<(), CliError> {
    output::refuse_twice(args.outputs())?;
    let is_stdout = |path: &Path| input::is_stdin(path) || path == Path::new("/dev/stdout");
    // Standard output is for the counts.
    if let Some(path) = args.outputs().find(|path| is_stdout(path)) {
        return Err(CliError::OutputTwice { path: path.to_owned() });
    }
    match &args.plan {
        Some(path) if out.is_stdout() || !is_file_to_be(&args.output) => {
            Err(ResultsError::PlanOfStream { path: path.clone() }.into())
        }
        _ => Ok(()),
    }
}

fn is_file_to_be(path: &Path) -> bool {
    path.is_file() || !path.exists()
}

/// Which batches are looked through.
struct Choice {
    /// Those with rows.
    settled: Vec<u32>,
    /// Those that were certainly never created, when they are asked for.
    unsent: Vec<u32>,
    /// Those without rows that are left out.
    missing: Vec<u32>,
    /// Those that went to another file before.
    earlier: Vec<u32>,
}

impl Choice {
    /// Each batch is looked through once, or again for the same file as long as nothing has come since.
    fn of(
        args: &RetryArgs,
        folder: &ResultsFolder,
        retried: &Retried,
        target: &Path,
    ) -> Result<Choice, ResultsError> {
        let never_created = folder.never_created();
        let mut choice = Choice { settled: vec![], unsent: vec![], missing: vec![], earlier: vec![] };
        let (mut same, mut new) = (false, false);
        for batch in folder.plan.batches.iter().map(|batch| batch.index) {
            let file = retried.file_of(batch);
            let is_unsent = args.unsent && never_created.contains(&batch);
            let list = match file {
                Some(file) if file != target => &mut choice.earlier,
                _ if folder.has_rows(batch) => &mut choice.settled,
                _ if is_unsent => &mut choice.unsent,
                _ => &mut choice.missing,
            };
            list.push(batch);
            let is_taken = folder.has_rows(batch) || is_unsent;
            same |= file == Some(target);
            new |= is_taken && file.is_none();
        }
        match same && new {
            true => Err(ResultsError::RetriedUnder { path: args.output.clone() }),
            false => Ok(choice),
        }
    }

    fn all(&self) -> impl Iterator<Item = u32> {
        self.settled.iter().chain(&self.unsent).copied()
    }
}

const LEFT_OUT: Mark = [0; 16];
const AGAIN: Mark = [1; 16];
const HOPELESS: Mark = [2; 16];

/// Marks every request by its fate.
fn judge(folder: &ResultsFolder, choice: &Choice, roll: &mut Roll) -> Result<Tally, CliError> {
    let mut tally = Tally::default();
    for batch in &choice.settled {
        roll.settle(folder, *batch, &mut |found| match tally.add(&found.row) {
            Fate::Again => AGAIN,
            Fate::Hopeless => HOPELESS,
            Fate::Done | Fate::Unknown => LEFT_OUT,
        })?;
    }
    for batch in choice.missing.iter().chain(&choice.earlier) {
        roll.settle_all(*batch, LEFT_OUT)?;
    }
    choice.unsent.iter().try_for_each(|batch| roll.settle_all(*batch, AGAIN))?;
    Ok(tally)
}

/// The files of requests.
struct Copies {
    again: Output,
    rejected: Option<Output>,
}

impl Copies {
    /// Copies the lines of the requests, in the order of the inputs.
    fn write(&mut self, folder: &ResultsFolder, roll: &mut Roll) -> Result<(), CliError> {
        let mut entries = roll.entries()?;
        each_request(folder, &mut |request| {
            let (name, _) = folder.input(request.input as usize);
            let entry = entries.next().ok_or_else(|| CliError::Changed { name: name.to_owned() })??;
            let out = match entry.mark {
                AGAIN => Some(&mut self.again),
                HOPELESS => self.rejected.as_mut(),
                _ => None,
            };
            let Some(out) = out else { return Ok(()) };
            let written = out.write_all(request.bytes).and_then(|()| out.write_all(b"\n"));
            written.map_err(|error| out.failed(error))
        })
    }

    fn finish(self) -> Result<(), CliError> {
        self.rejected.map_or(Ok(()), Output::finish)?;
        self.again.finish()
    }
}

/// What `retry` found, as JSON and for the screen.
#[derive(Serialize)]
struct Report<'r> {
    schema: &'static str,
    folder: String,
    /// Requests of batches whose rows were looked through, or that were never created and asked for.
    requests: u64,
    done: Count,
    again: Again,
    hopeless: Rejected,
    unknown: Count,
    outcomes: Outcomes,
    errors: Vec<Group<'r>>,
    ungrouped_errors: u64,
    without_results: Batches<'r>,
    retried_before: Batches<'r>,
}

#[derive(Serialize)]
struct Count {
    requests: u64,
}

#[derive(Serialize)]
struct Again {
    requests: u64,
    unsent: u64,
    file: String,
}

#[derive(Serialize)]
struct Rejected {
    requests: u64,
    file: Option<String>,
}

#[derive(Serialize)]
struct Outcomes {
    succeeded: u64,
    errored: u64,
    canceled: u64,
    expired: u64,
    other: u64,
}

#[derive(Serialize)]
struct Group<'r> {
    fate: &'static str,
    error: &'r str,
    message: &'r str,
    requests: u64,
    example: &'r str,
}

#[derive(Serialize)]
struct Batches<'r> {
    batches: &'r [u32],
    requests: u64,
}

impl<'r> Report<'r> {
    fn new(args: &RetryArgs, folder: &ResultsFolder, choice: &'r Choice, tally: &'r Tally) -> Report<'r> {
        let of = |batches: &[u32]| -> u64 {
            let of = |batch: &u32| folder.plan.batches[*batch as usize].requests;
            batches.iter().map(of).sum()
        };
        let name = |path: &Path| path.display().to_string();
        let unsent = of(&choice.unsent);
        let outcome = |kind| tally.outcomes.of(kind);
        Report {
            schema: "batchwise.retry/1",
            folder: name(&args.folder.folder),
            requests: tally.outcomes.total() + unsent,
            done: Count { requests: tally.of(Fate::Done) },
            again: Again { requests: tally.of(Fate::Again) + unsent, unsent, file: name(&args.output) },
            hopeless: Rejected {
                requests: tally.of(Fate::Hopeless),
                file: args.rejected.as_deref().map(name),
            },
            unknown: Count { requests: tally.of(Fate::Unknown) },
            outcomes: Outcomes {
                succeeded: outcome(OutcomeKind::Succeeded),
                errored: outcome(OutcomeKind::Errored),
                canceled: outcome(OutcomeKind::Canceled),
                expired: outcome(OutcomeKind::Expired),
                other: outcome(OutcomeKind::Other),
            },
            errors: tally.groups().into_iter().map(group).collect(),
            ungrouped_errors: tally.ungrouped(),
            without_results: Batches { batches: &choice.missing, requests: of(&choice.missing) },
            retried_before: Batches { batches: &choice.earlier, requests: of(&choice.earlier) },
        }
    }

    fn text(&self, format: RetryFormat) -> String {
        match format {
            RetryFormat::Json => serde_json::to_string_pretty(self).expect("it is always JSON") + "\n",
            RetryFormat::Human => self.draw(),
        }
    }

    fn draw(&self) -> String {
        let Report { outcomes, again, hopeless, .. } = self;
        let mut fates = screen::Table::new(1);
        let rejected = match (&hopeless.file, hopeless.requests) {
            (Some(file), _) => format!("-> {file}"),
            (None, 0) => String::new(),
            (None, _) => "--rejected FILE writes them".to_owned(),
        };
        let mut row = |name: &str, count: u64, note: String| {
            fates.row_with_note([name.to_owned(), screen::grouped(count)], screen::harmless(&note));
        };
        row("done, with a reply, billed", self.done.requests, String::new());
        row("worth sending again", again.requests, format!("-> {}", again.file));
        row("refused, and would be again", hopeless.requests, rejected);
        if self.unknown.requests > 0 {
            row("of unknown types, in no file", self.unknown.requests, String::new());
        }
        let mut results = screen::Table::new(1);
        for (name, count) in [
            ("succeeded", outcomes.succeeded),
            ("errored", outcomes.errored),
            ("canceled", outcomes.canceled),
            ("expired", outcomes.expired),
            ("of unknown type", outcomes.other),
            ("never sent", again.unsent),
        ] {
            if count > 0 {
                results.row([name.to_owned(), screen::grouped(count)]);
            }
        }
        let title = format!("{}: {}", screen::harmless(&self.folder), requests(self.requests));
        let mut text = format!("{title}\n{}\nResults\n{}", fates.draw(2), results.draw(2));
        if !self.errors.is_empty() {
            text.push_str(&format!("\nErrors\n{}", self.draw_errors()));
        }
        if again.requests > 0 {
            let hint = format!(
                "To send them: batchwise plan {} -o PLAN.json, with the options you want; send that plan in a folder of its \
                 own, and retry it there.",
                again.file
            );
            text.push_str(&format!("\n{}", screen::wrapped(&screen::harmless(&hint), "")));
        }
        text
    }

    /// As many as a screen takes.
    fn draw_errors(&self) -> String {
        let mut text = String::new();
        for group in self.errors.iter().take(GROUPS_DRAWN) {
            let Group { fate, error, message, requests: count, example } = group;
            let error = if error.is_empty() { "no type" } else { error };
            let says = if message.is_empty() { String::new() } else { format!(": {message}") };
            let line = format!("{} {error}{says} [{fate}, like {example}]", screen::grouped(*count));
            text.push_str(&screen::wrapped(&screen::harmless(&line), "  "));
        }
        let rest = self.errors.iter().skip(GROUPS_DRAWN);
        let (groups, count) = (rest.len() as u64, rest.map(|group| group.requests).sum::<u64>());
        if groups > 0 || self.ungrouped_errors > 0 {
            let count = screen::grouped(count + self.ungrouped_errors);
            text.push_str(&format!("  … and {count} others; --format json tells more\n"));
        }
        text
    }
}

/// How many groups of errors are drawn, of at most three lines each.
const GROUPS_DRAWN: usize = 8;

fn group(group: &ErrorGroup) -> Group<'_> {
    Group {
        fate: group.fate.name(),
        error: &group.error,
        message: &group.message,
        requests: group.requests,
        example: &group.example,
    }
}

/// Plans the new file as `plan` does by itself.
fn make_new_plan(args: &RetryArgs, report: &Report<'_>, out: Output, today: Date) -> Result<Exit, CliError> {
    if report.again.requests == 0 {
        screen::tell(Severity::Note, "nothing is worth sending again, so no plan is written");
        return Ok(Exit::Fine);
    }
    let planning = args::planning_by_default(&args.output);
    let settings = Settings::new(&planning, today)?;
    let inputs = input::open(&planning.reading.files)?;
    let plan = make_plan(&planning, &settings, inputs, &mut |_| ())?.plan;
    out.write_all_with(|out| plan.write_json(out))?;
    Ok(Exit::of(plan.verdict))
}

/// Says what is in no file.
fn tell(report: &Report<'_>, choice: &Choice) -> Exit {
    if !choice.earlier.is_empty() {
        let message = format!(
            "an earlier retry of this folder took what is worth it of {}: left out here (retried.jsonl names its file)",
            named(&choice.earlier)
        );
        screen::tell(Severity::Note, &message);
    }
    if !choice.missing.is_empty() {
        let count = requests(report.without_results.requests);
        let message = format!(
            "the results of {} are not there yet: {count} not looked at, as some may be under way",
            named(&choice.missing)
        );
        screen::tell(Severity::Warning, &message);
    }
    if report.unknown.requests > 0 {
        let message = format!(
            "{}: results or errors of a type that this version does not know; they may be billed, so they are in no file",
            requests(report.unknown.requests)
        );
        screen::tell(Severity::Warning, &message);
    }
    match choice.missing.is_empty() && report.unknown.requests == 0 {
        true => Exit::Fine,
        false => Exit::Unfinished,
    }
}
