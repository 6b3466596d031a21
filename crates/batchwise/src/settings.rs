//! What the arguments mean: defaults filled in, files read, the day decided.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::thread;

use batchwise_plan::{Fingerprint, Plan};
use batchwise_planner::{CacheScenario, Context, OutputExpectation, Terms};
use batchwise_pricing::{PriceBook, SourceFile};
use batchwise_tokens::Estimator;
use jiff::civil::Date;

use crate::args::{PlanningArgs, ReadingArgs, Tier, TokenizerName};
use crate::error::CliError;
use crate::exact::{self, Ask};
use crate::sample;
use crate::scratch_file::ScratchFile;
use crate::stamps::Stamps;

/// Everything a plan depends on beside its inputs.
pub(crate) struct Settings {
    pub(crate) terms: Terms,
    pub(crate) book: PriceBook,
    pub(crate) estimator: Box<dyn Estimator>,
    pub(crate) threads: NonZero<usize>,
    /// What the inputs must still be when the plan is made, where they were read before.
    pub(crate) inputs: Option<Vec<Fingerprint>>,
    /// How the inputs were before they were read.
    stamps: Stamps,
}

impl Settings {
    pub(crate) fn new(args: &PlanningArgs, today: Date) -> Result<Settings, CliError> {
        sample::check(&args.reading)?;
        if args.reading.sample.is_some() && args.max_usd.is_some() {
            return Err(CliError::SampleBudget);
        }
        let book = book(args.pricing.as_deref())?;
        let mut terms = Terms::on(args.as_of.unwrap_or(today), &book);
        terms.output = args.output_tokens.unwrap_or(OutputExpectation::Cap);
        terms.cache = args.cache.unwrap_or(CacheScenario::Bounds);
        terms.region = args.geo;
        terms.api_version = args.reading.exact.api_version.unwrap_or_default();
        terms.betas.clone_from(&args.betas);
        terms.allow_unpriced = args.allow_unpriced;
        terms.limits.requests_max = args.max_requests.unwrap_or(terms.limits.requests_max);
        terms.limits.body_bytes_max = args.max_bytes.unwrap_or(terms.limits.body_bytes_max);
        terms.limits.usd_max = args.max_usd;
        terms.queued_requests_max = args.tier.as_ref().map(|tier| queued(tier, &book)).transpose()?;
        terms.group_by_prefix = args.group_by_prefix;
        let reading = &args.reading;
        Ok(Settings {
            terms,
            book,
            estimator: estimator(reading.tokenizer),
            threads: threads(reading),
            inputs: None,
            stamps: Stamps::of(reading),
        })
    }
}

impl Settings {
    /// Lets the estimator learn from a sample, if the user asks for that.
    pub(crate) fn calibrated(self, args: &PlanningArgs, today: Date) -> Result<Settings, CliError> {
        let Settings { terms, book, estimator, threads, mut inputs, stamps } = self;
        let estimator = sample::sampled(estimator, &args.reading, &book, threads)?;
        let ask = Ask { reading: &args.reading, version: terms.api_version, betas: &terms.betas, today };
        let estimator = exact::calibrated(estimator, &ask, |sources, estimator, surveyor| {
            let context =
                Context { book: &book, estimator, terms: &terms, threads, inspector: None, route: None };
            let mut scratch = ScratchFile::new(args.ids_in_memory);
            let plan = batchwise_planner::plan(sources, &context, &mut scratch, surveyor)
                .map_err(|error| scratch.explain(error))?
                .plan;
            inputs = Some(plan.inputs.into_iter().map(|input| input.sha256).collect());
            Ok(())
        })?;
        Ok(Settings { terms, book, estimator, threads, inputs, stamps })
    }

    /// That the inputs of a plan are those that a sample was drawn from, if one was.
    pub(crate) fn check_unchanged(&self, args: &PlanningArgs, plan: &Plan) -> Result<(), CliError> {
        self.stamps.check(&args.reading)?;
        let Some(before) = &self.inputs else { return Ok(()) };
        match plan.inputs.iter().zip(before).find(|(input, before)| input.sha256 != **before) {
            Some((input, _)) => Err(CliError::Changed { name: input.path.clone() }),
            None => Ok(()),
        }
    }
}

/// How many requests an organisation of that tier may have queued.
pub(crate) fn queued(tier: &Tier, book: &PriceBook) -> Result<u64, CliError> {
    match tier {
        Tier::Requests(count) => Ok(*count),
        Tier::Named(name) => match book.limits().queue_tier(name) {
            Some(tier) => Ok(tier.queued_requests),
            None => Err(CliError::Tier {
                name: name.clone(),
                known: book.limits().queue_tiers.iter().map(|tier| tier.value.name.clone()).collect(),
            }),
        },
    }
}

/// As many threads as the user wants: all cores, unless something was said.
pub(crate) fn threads(args: &ReadingArgs) -> NonZero<usize> {
    let all_cores = || thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    args.threads.unwrap_or_else(all_cores)
}

/// Who counts tokens.
pub(crate) fn estimator(name: TokenizerName) -> Box<dyn Estimator> {
    match name {
        TokenizerName::Claude => Box::new(batchwise_tokens::claude()),
        TokenizerName::Tiktoken => Box::new(batchwise_tokens::tiktoken()),
        TokenizerName::Bytes => Box::new(batchwise_tokens::bytes()),
    }
}

/// The bundled prices with the user's own on top.
pub(crate) fn book(overlay: Option<&Path>) -> Result<PriceBook, CliError> {
    let bundled = PriceBook::bundled();
    match overlay {
        None => Ok(bundled.clone()),
        Some(path) => bundled.overlaid(&toml_files(path)?).map_err(CliError::Book),
    }
}

/// The TOML file at `path`, or all TOML files of that folder and its `models` folder, in order of name. The
/// folder of a book may be a crate as well, so a `Cargo.toml` is passed over.
pub(crate) fn toml_files(path: &Path) -> Result<Vec<SourceFile>, CliError> {
    let failed = |source| CliError::BookFile { path: path.to_owned(), source };
    let mut paths = Vec::new();
    if path.is_dir() {
        for folder in [path.to_owned(), path.join("models")] {
            if folder.is_dir() {
                let entries = fs::read_dir(&folder).map_err(failed)?;
                let found =
                    entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
                paths.extend(found.map_err(failed)?.into_iter().filter(|path| is_toml(path)));
            }
        }
        paths.sort();
    } else {
        paths.push(path.to_owned());
    }
    paths.iter().map(|file| read(path, file)).collect()
}

fn read(root: &Path, file: &Path) -> Result<SourceFile, CliError> {
    let text =
        fs::read_to_string(file).map_err(|source| CliError::BookFile { path: file.to_owned(), source })?;
    let inside = file.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
    // A single file goes by its name, wherever it lies: the same prices are the same book.
    let path = inside.or(file.file_name().map(Path::new)).unwrap_or(file);
    Ok(SourceFile { path: path.display().to_string(), text })
}

fn is_toml(path: &Path) -> bool {
    let named = path.extension().is_some_and(|extension| extension == "toml");
    named && path.is_file() && path.file_name().is_some_and(|name| name != "Cargo.toml")
}
