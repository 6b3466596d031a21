use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use batchwise_findings::Severity;
use batchwise_results::{COLUMNS, Flat, Reference, ResultRow, flatten, write_joined};
use batchwise_units::{grouped, requests};

use super::unless_closed;
use crate::args::ResultsArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::results::{Mark, ResultsFolder, Roll, RollEntry, RowPlace, RowReader};
use crate::{csv_record, screen};

/// `batchwise results`: the rows of an execution in the order of its inputs.
pub(crate) fn run(args: &ResultsArgs) -> Result<Exit, CliError> {
    let folder = ResultsFolder::open(&args.folder.folder, &args.folder.input)?;
    let mut out = Output::open(args.output.as_deref(), &folder.files())?;
    let mut unreadable = BTreeMap::new();
    let written = match args.as_received {
        true => copy(&folder, &mut out),
        false => write_in_order(args, &folder, &mut out, &mut unreadable),
    };
    unless_closed(written.and_then(|()| out.finish()))?;
    tell_unreadable(&unreadable);
    Ok(tell_missing(&folder))
}

/// All rows as they came.
fn copy(folder: &ResultsFolder, out: &mut Output) -> Result<(), CliError> {
    for batch in with_rows(folder) {
        let path = folder.rows_path(batch);
        let failed = |source| CliError::Open { path: path.clone(), source };
        let mut file = BufReader::new(File::open(&path).map_err(failed)?);
        let mut last = b'\n';
        loop {
            let bytes = file.fill_buf().map_err(failed)?;
            let Some(end) = bytes.last() else { break };
            last = *end;
            out.write_all(bytes).map_err(|error| out.failed(error))?;
            let length = bytes.len();
            file.consume(length);
        }
        if last != b'\n' {
            out.write_all(b"\n").map_err(|error| out.failed(error))?;
        }
    }
    Ok(())
}

fn write_in_order(
    args: &ResultsArgs,
    folder: &ResultsFolder,
    out: &mut Output,
    unreadable: &mut BTreeMap<&'static str, u64>,
) -> Result<(), CliError> {
    let mut roll = Roll::of(folder)?;
    for batch in &folder.plan.batches {
        match folder.has_rows(batch.index) {
            true => roll.settle(folder, batch.index, &mut |found| mark(found.place))?,
            false => roll.settle_all(batch.index, NO_ROW)?,
        }
    }
    if args.csv {
        csv_record::write(out, COLUMNS).map_err(|error| out.failed(error))?;
    }
    let mut rows = RowReader::new(folder);
    for entry in roll.entries()? {
        let entry = entry?;
        let Some(place) = place(entry.mark) else { continue };
        let bytes = rows.read(entry.batch, place)?;
        let changed = |_| CliError::Changed { name: folder.rows_path(entry.batch).display().to_string() };
        let row = ResultRow::read(bytes).map_err(changed)?;
        let at = reference(folder, &entry);
        let written = match (args.join, args.csv) {
            (true, _) => write_joined(out, &at, &row),
            (_, true) => write_record(out, &at, &row, unreadable),
            _ => out.write_all(bytes).and_then(|()| out.write_all(b"\n")),
        };
        written.map_err(|error| out.failed(error))?;
    }
    Ok(())
}

fn reference<'f>(folder: &'f ResultsFolder, entry: &RollEntry) -> Reference<'f> {
    let (input, _) = folder.input(entry.input as usize);
    Reference { input, line: entry.line, batch: entry.batch }
}

fn write_record(
    out: &mut dyn Write,
    at: &Reference<'_>,
    row: &ResultRow<'_>,
    unreadable: &mut BTreeMap<&'static str, u64>,
) -> io::Result<()> {
    let Flat { cells, unreadable: columns } = flatten(at, row);
    columns.into_iter().for_each(|column| *unreadable.entry(column).or_default() += 1);
    csv_record::write(out, cells)
}

const NO_ROW: Mark = [0xff; 16];

fn mark(place: RowPlace) -> Mark {
    (u128::from(place.offset) << 64 | u128::from(place.bytes)).to_be_bytes()
}

fn place(mark: Mark) -> Option<RowPlace> {
    let (offset, bytes) = mark.split_at(8);
    let number = |half: &[u8]| u64::from_be_bytes(half.try_into().expect("half a mark is eight bytes"));
    (mark != NO_ROW).then(|| RowPlace { offset: number(offset), bytes: number(bytes) })
}

fn with_rows(folder: &ResultsFolder) -> impl Iterator<Item = u32> {
    folder.plan.batches.iter().map(|batch| batch.index).filter(|batch| folder.has_rows(*batch))
}

/// Says which counts are empty because nobody can read them.
fn tell_unreadable(unreadable: &BTreeMap<&str, u64>) {
    if unreadable.is_empty() {
        return;
    }
    let columns: Vec<String> =
        unreadable.iter().map(|(column, rows)| format!("{column} in {}", grouped(*rows))).collect();
    let message = format!("counts that cannot be read are left empty, by rows: {}", columns.join(", "));
    screen::tell(Severity::Warning, &message);
}

/// Says which batches are missing.
fn tell_missing(folder: &ResultsFolder) -> Exit {
    let missing = folder.plan.batches.iter().filter(|batch| !folder.has_rows(batch.index));
    let (batches, count) = missing.fold((Vec::new(), 0), |(mut batches, count), batch| {
        batches.push(batch.index);
        (batches, count + batch.requests)
    });
    if batches.is_empty() {
        return Exit::Fine;
    }
    let message = format!(
        "the results of {} are not there yet: {} not written",
        super::named(&batches),
        requests(count)
    );
    screen::tell(Severity::Warning, &message);
    Exit::Unfinished
}
