use batchwise_plan::Assumption;
use batchwise_planner::{Count, CountSum, CountedRow};
use batchwise_units::{Estimate, Tokens, requests};

use super::grouped;
use super::lines::wrapped;
use super::{Table, harmless};

/// What a count is shown with.
pub(crate) struct CountScreen<'c> {
    pub(crate) count: &'c Count,
    pub(crate) sections: &'c [CountSection],
    pub(crate) method: &'c str,
    /// Whether to tell what the numbers rest on.
    pub(crate) verbose: bool,
}

/// The lines for each `file`, `model` or `kind`.
pub(crate) struct CountSection {
    pub(crate) by: &'static str,
    pub(crate) lines: Vec<CountLine>,
}

/// What the requests of one file, model or kind come to.
pub(crate) struct CountLine {
    pub(crate) name: String,
    pub(crate) sum: CountSum,
    /// How many lines of a file are not counted; nobody knows of which model or kind they are.
    pub(crate) uncounted_lines: Option<u64>,
}

/// The counts for people: a table, what its notes mean, and what is not counted.
pub(crate) fn count(screen: &CountScreen<'_>) -> String {
    let CountScreen { count, sections, method, verbose } = screen;
    let mut text = wrapped(&headline(count, method), "") + "\n" + &table(count, sections);
    let legend = legend(&count.total);
    if !legend.is_empty() {
        text.push_str(&format!("\n{legend}"));
    }
    if count.uncounted_lines > 0 {
        text.push_str(&format!("\n{}\n", uncounted(count.uncounted_lines)));
    }
    if *verbose {
        text.push_str(&format!("\n{}", assumptions(&count.assumptions)));
    }
    text
}

fn headline(count: &Count, method: &str) -> String {
    let inputs = match &count.files[..] {
        [file] => harmless(&file.name),
        files => format!("{} files", files.len()),
    };
    format!("{inputs}: input tokens, estimated by `{method}`")
}

/// One section needs no title: its name stands above its names.
fn table(count: &Count, sections: &[CountSection]) -> String {
    let single = sections.len() == 1;
    let mut table = Table::new(1);
    table.row([if single { sections[0].by } else { "" }, "requests", "low", "likely", "high"]);
    for section in sections {
        if !single {
            table.row([title(section.by)]);
        }
        for line in &section.lines {
            let name = format!("{}{}", if single { "" } else { "  " }, harmless(&line.name));
            table.row_with_note(cells(name, &line.sum), note(&line.sum, line.uncounted_lines.unwrap_or(0)));
        }
    }
    table.row_with_note(cells("Total".to_owned(), &count.total), note(&count.total, count.uncounted_lines));
    table.draw(0)
}

fn title(by: &str) -> &'static str {
    match by {
        "file" => "Files",
        "model" => "Models",
        _ => "Kinds",
    }
}

fn cells(name: String, sum: &CountSum) -> [String; 5] {
    let [low, likely, high] = token_cells(sum.tokens);
    [name, grouped(sum.requests), low, likely, high]
}

/// Low, likely and high; `-` where nobody knows.
pub(crate) fn token_cells(tokens: Estimate<Tokens>) -> [String; 3] {
    let likely = tokens.likely().map_or("-".to_owned(), |likely| grouped(likely.0));
    [grouped(tokens.low().0), likely, grouped(tokens.high().0)]
}

/// What the numbers of a row do not tell.
fn note(sum: &CountSum, uncounted_lines: u64) -> String {
    let parts = [
        (sum.unknown_model_requests, UNKNOWN_MODEL),
        (sum.unbounded_requests, UNBOUNDED),
        (uncounted_lines, if uncounted_lines == 1 { "line not counted" } else { "lines not counted" }),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    parts.map(|(number, what)| format!("{} {what}", grouped(*number))).collect::<Vec<_>>().join(", ")
}

const UNKNOWN_MODEL: &str = "of unknown model";
const UNBOUNDED: &str = "without upper bound";

/// What the notes and signs in the table mean, as far as there are any.
fn legend(total: &CountSum) -> String {
    let lines = [
        (total.unknown_model_requests > 0)
            .then(|| format!("{UNKNOWN_MODEL}: low and high span both tokenizers of Claude")),
        (total.unbounded_requests > 0).then(|| {
            format!("{UNBOUNDED}: server-side tools or unknown content add input that nobody can know")
        }),
        total.tokens.likely().is_none().then(|| "-: of some input only bounds are known".to_owned()),
    ];
    lines.into_iter().flatten().map(|line| wrapped(&line, "  ")).collect()
}

/// How much of the input no number covers.
pub(crate) fn uncounted(lines: u64) -> String {
    match lines {
        1 => "1 line is no valid request and was not counted".to_owned(),
        _ => format!("{} lines are no valid requests and were not counted", grouped(lines)),
    }
}

fn assumptions(assumptions: &[Assumption]) -> String {
    let lines = assumptions.iter().map(|Assumption { key, value, source }| {
        wrapped(&harmless(&format!("{key}: {value} [{source}]")), "  ")
    });
    format!("Assumptions\n{}", lines.collect::<String>())
}

/// Requests one by one, as they are read: numbers first in columns of fixed width, so that no row waits for
/// the others.
pub(crate) struct CountRows {
    /// The file of the last row, where there are several.
    file: Option<String>,
}

impl CountRows {
    pub(crate) fn new(several_files: bool) -> CountRows {
        CountRows { file: several_files.then(String::new) }
    }

    /// What stands above the rows.
    pub(crate) fn head(&self, method: &str) -> String {
        let columns = ["low", "likely", "high"].map(str::to_owned);
        format!("Input tokens, estimated by `{method}`\n\n{}", columned(&columns, "custom_id"))
    }

    /// One request; in front of the first of a file, the file's name.
    pub(crate) fn row(&mut self, row: &CountedRow<'_>) -> String {
        let request = row.request;
        let mut name = request.custom_id.clone();
        if !request.model_known {
            name.push_str(&format!("  unknown model {}", harmless(&request.model)));
        }
        if !request.bounded {
            name.push_str(&format!("  {UNBOUNDED}"));
        }
        let line = columned(&token_cells(request.tokens), &name);
        match &mut self.file {
            Some(file) if file != row.file => {
                *file = row.file.to_owned();
                format!("{}\n{line}", harmless(file))
            }
            _ => line,
        }
    }

    /// The last row, and what it does not cover.
    pub(crate) fn total(&self, count: &Count) -> String {
        let note = note(&count.total, 0);
        let note = if note.is_empty() { note } else { format!("  {note}") };
        let name = format!("total of {}{note}", requests(count.total.requests));
        let total = columned(&token_cells(count.total.tokens), &name);
        match count.uncounted_lines {
            0 => format!("\n{total}"),
            lines => format!("\n{total}\n{}\n", uncounted(lines)),
        }
    }
}

fn columned([low, likely, high]: &[String; 3], name: &str) -> String {
    format!("{low:>11}  {likely:>11}  {high:>11}  {name}\n")
}
