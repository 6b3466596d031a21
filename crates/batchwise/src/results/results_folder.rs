use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use batchwise_plan::Plan;
use batchwise_submit::{Folder, FolderError, Journal, Stage};

use super::ResultsError;
use crate::error::CliError;
use crate::execution::SubmitError;
use crate::plan_file;

/// The folder of an execution: `plan.json`, and `results/<index>.jsonl` for each batch whose rows are all there.
pub(crate) struct ResultsFolder {
    path: PathBuf,
    pub(crate) plan: Plan,
    /// Where the inputs of the plan lie now, in its order.
    inputs: Vec<PathBuf>,
    /// The batches whose rows were there when the folder was opened. Others may come meanwhile, and count next time.
    with_rows: BTreeSet<u32>,
}

impl ResultsFolder {
    /// Reads the plan. Each of `moved` is `OLD=NEW`: the path of an input in the plan, and where it lies now.
    pub(crate) fn open(path: &Path, moved: &[String]) -> Result<ResultsFolder, CliError> {
        let plan_path = Folder::plan_path(path);
        if !plan_path.exists() {
            return Err(ResultsError::NoPlan { folder: path.to_owned() }.into());
        }
        let plan = plan_file::read(&plan_path)?;
        if plan.batches.iter().zip(0..).any(|(batch, place)| batch.index != place) {
            return Err(ResultsError::Numbering { path: plan_path }.into());
        }
        let inputs = located(&plan, moved)?;
        refuse_altered(path)?;
        let rows = |batch: &u32| Folder::results_path(path, *batch).is_file();
        let with_rows = plan.batches.iter().map(|batch| batch.index).filter(rows).collect();
        Ok(ResultsFolder { path: path.to_owned(), plan, inputs, with_rows })
    }

    /// The path of an input in the plan, and where it lies now.
    pub(crate) fn input(&self, index: usize) -> (&str, &Path) {
        (&self.plan.inputs[index].path, &self.inputs[index])
    }

    /// Where the rows of a batch are, when they are there.
    pub(crate) fn rows_path(&self, batch: u32) -> PathBuf {
        Folder::results_path(&self.path, batch)
    }

    /// Whether the rows of a batch are there.
    pub(crate) fn has_rows(&self, batch: u32) -> bool {
        self.with_rows.contains(&batch)
    }

    /// Where is written what was retried.
    pub(crate) fn retried_path(&self) -> PathBuf {
        self.path.join("retried.jsonl")
    }

    /// The batches that were certainly never created, and never will be: those of an execution that was called off.
    ///
    /// Of one that may go on there are none, because it may send them still.
    pub(crate) fn never_created(&self) -> Result<BTreeSet<u32>, CliError> {
        let Some(journal) = journal(&self.path)? else { return Ok(BTreeSet::new()) };
        let execution = journal.execution();
        let records = (0..).zip(execution.records());
        let unsent =
            records.filter(|(_, record)| record.stage == Stage::Waiting && execution.is_called_off());
        Ok(unsent.map(|(batch, _)| batch).collect())
    }

    /// All that is read, which no output may replace.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let rows = self.plan.batches.iter().map(|batch| self.rows_path(batch.index));
        let own = [Folder::plan_path(&self.path), self.path.join("journal.jsonl"), self.retried_path()];
        own.into_iter().chain(rows).chain(self.inputs.iter().cloned()).collect()
    }
}

/// The journal of a folder. One that was put together by hand has none.
fn journal(path: &Path) -> Result<Option<Journal>, CliError> {
    match Folder::look(path) {
        Ok(journal) => Ok(Some(journal)),
        Err(FolderError::NoJournal { .. }) => Ok(None),
        Err(error) => Err(SubmitError::Folder(error).into()),
    }
}

/// That all results are as they were when they were saved. Those that are gone are missing, and told as such.
fn refuse_altered(path: &Path) -> Result<(), CliError> {
    let Some(journal) = journal(path)? else { return Ok(()) };
    for (batch, (bytes, sha256)) in journal.saved() {
        let file = Folder::results_path(path, batch);
        if file.is_file() && !Folder::has_results(path, batch, bytes, sha256) {
            return Err(ResultsError::Altered { path: file }.into());
        }
    }
    Ok(())
}

/// Where the inputs of a plan lie now, in its order. Each of `moved` is `OLD=NEW`.
pub(crate) fn located(plan: &Plan, moved: &[String]) -> Result<Vec<PathBuf>, ResultsError> {
    let mut inputs: Vec<PathBuf> = plan.inputs.iter().map(|input| PathBuf::from(&input.path)).collect();
    for text in moved {
        let (place, new) = moved_input(plan, text)?;
        inputs[place] = new;
    }
    Ok(inputs)
}

/// Which input was moved, and where to. A path may hold `=` itself, so the plan decides where the first one ends.
fn moved_input(plan: &Plan, text: &str) -> Result<(usize, PathBuf), ResultsError> {
    let new = |input: &batchwise_plan::Input| text.strip_prefix(&input.path)?.strip_prefix('=');
    let moved = plan.inputs.iter().enumerate().find_map(|(place, input)| Some((place, new(input)?)));
    let known =
        || plan.inputs.iter().take(5).map(|input| input.path.clone()).collect::<Vec<_>>().join(" or ");
    match moved.filter(|(_, new)| !new.is_empty()) {
        Some((place, new)) => Ok((place, new.into())),
        None => Err(ResultsError::NoSuchInput { text: text.to_owned(), known: known() }),
    }
}
