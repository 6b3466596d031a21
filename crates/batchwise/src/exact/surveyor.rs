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
        let (id, model) = (&request.custom_id, &request.model);
        self.note((row.file, row.line), id, model, request.kind, request.tokens);
    }

    fn note(
        &mut self,
        place: (&str, u64),
        id: &str,
        model: &str,
        kind: RequestKind,
        input: Estimate<Tokens>,
    ) {
        let Some(index) = self.names.iter().position(|name| name == place.0) else { return };
        let size = SizeClass::of(input.likely().unwrap_or_default());
        self.survey.note(Stratum { model: model.to_owned(), kind, size }, id, input, (index, place.1));
    }
}

impl Watch for Surveyor {
    fn finding(&mut self, _: Finding) {}

    fn row(&mut self, row: &Row<'_>) {
        let appraisal = row.appraisal;
        if row.left_out.is_none() {
            let (id, model) = (&appraisal.custom_id, &appraisal.model);
            self.note((row.file, row.line), id, model, appraisal.kind, appraisal.tokens.input);
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
