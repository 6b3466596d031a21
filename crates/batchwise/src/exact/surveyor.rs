use batchwise_calibration::{Design, SizeClass, Stratum, Survey};
use batchwise_findings::Finding;
use batchwise_planner::{CountedRow, Row, Watch};
use batchwise_tokens::RequestKind;
use batchwise_units::{Estimate, Tokens};

use crate::args::Sample;
use crate::input::Inputs;
use crate::progress::Progress;

/// Which sample is drawn. Any number does, as long as it stays: then the next run finds its counts again.
const SEED: u64 = 20_261_121;

/// Where a request is: the number of its input, counted from 0, and of its line, counted from 1.
pub(crate) type Place = (usize, u64);

/// Watches a plan or a count that is made for nothing but its rows, and sorts them into a survey. Findings are
/// told when the command makes its own.
pub(crate) struct Surveyor {
    survey: Survey<Place>,
    names: Vec<String>,
    progress: Progress,
}

impl Surveyor {
    pub(super) fn new(inputs: &Inputs, sample: Sample, quiet: bool) -> Surveyor {
        Surveyor {
            survey: Survey::new(sample.requests, SEED),
            names: inputs.sources.iter().map(|source| source.name.clone()).collect(),
            progress: Progress::new(inputs.bytes, quiet),
        }
    }

    pub(super) fn design(self) -> Design<Place> {
        self.survey.design()
    }

    /// Takes notice of a request of a count.
    pub(crate) fn counted(&mut self, row: &CountedRow<'_>) {
        let request = row.request;
        let Some(place) = self.place(row.file, row.line) else { return };
        // Requests of a count may have the same id, but no two have the same place.
        let name = format!("{} {} {}", place.0, place.1, request.custom_id);
        self.note(place, &name, &request.model, request.kind, request.tokens);
    }

    fn place(&self, file: &str, line: u64) -> Option<Place> {
        Some((self.names.iter().position(|name| name == file)?, line))
    }

    /// Takes notice of a request with a unique `name`, by whose hash it is drawn.
    fn note(&mut self, place: Place, name: &str, model: &str, kind: RequestKind, input: Estimate<Tokens>) {
        let size = SizeClass::of(input.likely().unwrap_or_default());
        self.survey.note(Stratum { model: model.to_owned(), kind, size }, name, input, place);
    }
}

impl Watch for Surveyor {
    fn finding(&mut self, _: Finding) {}

    fn row(&mut self, row: &Row<'_>) {
        let appraisal = row.appraisal;
        if let (None, Some(place)) = (row.left_out, self.place(row.file, row.line)) {
            // The id is unique, because repeated ones are left out. So the draw does not depend on the place.
            let (id, model) = (&appraisal.custom_id, &appraisal.model);
            self.note(place, id, model, appraisal.kind, appraisal.tokens.input);
        }
    }

    fn progress(&mut self, bytes: u64, requests: u64) {
        self.progress.set(bytes, requests);
    }
}

/// Watches nothing.
pub(crate) struct Nobody;

impl Watch for Nobody {
    fn finding(&mut self, _: Finding) {}
}
