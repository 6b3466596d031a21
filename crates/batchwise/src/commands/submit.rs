use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use batchwise_api::{ApiVersion, MessageBatch};
use batchwise_findings::{Severity, Verdict};
use batchwise_plan::{Fingerprint, Plan};
use batchwise_pricing::PriceBook;
use batchwise_report::saved;
use batchwise_results::IdSum;
use batchwise_submit::{
    Attempt, Begun, Entry, Execution, Executor, Folder, Journal, Outcome, Record, Reply, SCHEMA, Stage,
    Status, Terms, survey,
};
use batchwise_units::{Usd, dollars, places, requests};
use jiff::Timestamp;
use jiff::civil::Date;

use super::status::print;
use crate::args::SubmitArgs;
use crate::error::CliError;
use crate::execution::{PlannedInputs, RunClock, SubmitError, Teller, agrees, client, somebody_is_there};
use crate::exit::Exit;
use crate::results::located;
use crate::settings::queued;
use crate::{input, interrupt, network, plan_file, screen};

/// `batchwise submit`: executes a plan, or goes on with that.
pub(crate) fn run(args: &SubmitArgs, today: Date) -> Result<Exit, CliError> {
    let (plan, bytes) = plan_file::read_with_bytes(&args.plan)?;
    let path = folder_path(args)?;
    let begun = begun(args, &plan, &bytes)?;
    let terms = terms(args, &plan)?;
    if let Some(refused) = refuse(args, &plan)? {
        return Ok(refused);
    }
    // A missing key is told before anything long is done.
    network::api_key()?;
    let resumed = match Folder::has_begun(&path).map_err(SubmitError::Folder)? {
        true => Some(Folder::open(&path).map_err(SubmitError::Folder)?),
        false => None,
    };
    if let Some((_, journal)) = &resumed {
        check_same(&path, journal, &begun)?;
    }
    check_resolutions(args, resumed.as_ref().map(|(_, journal)| journal.execution()))?;
    let left = resumed.as_ref().map_or(Left::all_of(&plan), |(_, journal)| Left::of(journal.execution()));
    let mut inputs = PlannedInputs::new(located(&plan, &args.input)?);
    let mut ids = vec![IdSum::default(); plan.batches.len()];
    if left.unsent > 0 {
        refuse_repetition(args, &plan, &path, &begun)?;
    }
    if left.unsent + left.unclear > 0 {
        refuse_streams(args, &plan)?;
        ids = survey(&plan, &mut inputs).map_err(SubmitError::from)?;
    }
    if left.unsent > 0 && !is_agreed(args, &plan, left.unsent, &begun, today)? {
        screen::tell(Severity::Note, "nothing was sent");
        return Ok(Exit::Refused);
    }
    let (mut folder, mut journal) = match resumed {
        Some(resumed) => resumed,
        None => Folder::begin(&path, &bytes, begun, Timestamp::now()).map_err(SubmitError::Folder)?,
    };
    check_saved(&path, &mut folder, &mut journal)?;
    interrupt::is_asked_for();
    let clock = RunClock::start();
    let executor = Executor {
        plan: &plan,
        inputs: &mut inputs,
        ids: &ids,
        batches: &mut client(journal.execution().begun(), clock)?,
        vault: &mut folder,
        clock: &clock,
        watcher: &mut Teller::new(&plan, path.clone(), args.quiet),
        terms: &terms,
        journal: &mut journal,
    };
    let outcome = executor.run().map_err(SubmitError::Execution)?;
    let exit = tell(&outcome, &plan, journal.execution(), &path);
    print(&Status::of(&plan, journal.execution(), &BTreeMap::new()), args.format)?;
    Ok(exit)
}

/// Where the execution is kept.
fn folder_path(args: &SubmitArgs) -> Result<PathBuf, CliError> {
    match &args.journal {
        Some(path) => Ok(path.clone()),
        None if input::is_stdin(&args.plan) => Err(SubmitError::NoFolder.into()),
        None => Ok(args.plan.with_extension("journal")),
    }
}

fn begun(args: &SubmitArgs, plan: &Plan, bytes: &[u8]) -> Result<Begun, CliError> {
    let version = match &plan.api_version {
        None => ApiVersion::default(),
        Some(name) => name.parse().map_err(CliError::ApiVersion)?,
    };
    Ok(Begun {
        schema: SCHEMA.to_owned(),
        plan_sha256: Fingerprint::of(bytes),
        batches: u32::try_from(plan.batches.len()).expect("a plan that was read has fewer batches"),
        base_url: network::base_url(args.base_url.as_deref())?.to_string(),
        api_version: version.to_string(),
        betas: plan.betas.clone(),
        workspace: args.workspace.clone(),
        user_profile: args.user_profile.clone(),
    })
}

// What is refused before anything is sent.

/// Refuses a plan that is not meant to be executed, or may cost too much.
fn refuse(args: &SubmitArgs, plan: &Plan) -> Result<Option<Exit>, CliError> {
    match plan.verdict {
        Verdict::Ok => (),
        Verdict::Refused => {
            screen::error(
                "the plan is refused: a request, a limit or a budget stands in its way. `batchwise plan` says what; only a \
                 plan whose verdict is ok is executed",
            );
            return Ok(Some(Exit::Refused));
        }
        Verdict::Unusable => return Err(SubmitError::Unusable.into()),
    }
    let Some(max) = args.max_usd else { return Ok(None) };
    let why = match &plan.quote {
        _ if plan.unpriced_requests > 0 => {
            Some(format!("the price of {} is not known", requests(plan.unpriced_requests)))
        }
        _ if plan.unbounded_requests > 0 => {
            Some(format!("nobody can say what {} may cost at most", requests(plan.unbounded_requests)))
        }
        Some(quote) if quote.batch_bound > max => {
            Some(format!("the plan may cost {}", bound(quote.batch_bound)))
        }
        _ => None,
    };
    let Some(why) = why else { return Ok(None) };
    screen::error(&format!("over the budget of --max-usd {max}: {why}. Nothing was sent"));
    Ok(Some(Exit::Refused))
}

/// That the folder is one of this plan, sent in the same way.
fn check_same(path: &Path, journal: &Journal, begun: &Begun) -> Result<(), CliError> {
    let before = journal.execution().begun();
    if before.plan_sha256 != begun.plan_sha256 {
        return Err(SubmitError::OtherPlan { folder: path.to_owned() }.into());
    }
    let option = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let pairs = [
        ("base URL", before.base_url.clone(), begun.base_url.clone()),
        ("workspace", option(&before.workspace), option(&begun.workspace)),
        ("user profile", option(&before.user_profile), option(&begun.user_profile)),
    ];
    match pairs.into_iter().find(|(_, before, now)| before != now) {
        Some((what, before, now)) => {
            Err(SubmitError::OtherWay { folder: path.to_owned(), what, before, now }.into())
        }
        None => Ok(()),
    }
}

/// That no folder beside this one has sent the same requests, or may send them still, unless the user wants to pay again.
fn refuse_repetition(args: &SubmitArgs, plan: &Plan, path: &Path, begun: &Begun) -> Result<(), CliError> {
    let bodies: BTreeSet<String> = plan.batches.iter().map(|batch| batch.body_sha256.to_string()).collect();
    let is_same = |(folder, journal): &(PathBuf, Journal)| {
        let execution = journal.execution();
        let is_same_world = is_rehearsal(&execution.begun().base_url) == is_rehearsal(&begun.base_url);
        let Ok(other) = plan_file::read(&Folder::plan_path(folder)) else { return false };
        let mut pairs = other.batches.iter().zip(execution.records());
        is_same_world
            && pairs.any(|(batch, record)| {
                let may_be_paid = record.stage != Stage::Waiting || !execution.is_called_off();
                may_be_paid && bodies.contains(&batch.body_sha256.to_string())
            })
    };
    match Folder::neighbours(path).into_iter().find(is_same).filter(|_| !args.again) {
        Some((folder, _)) => Err(SubmitError::Repetition { folder }.into()),
        None => Ok(()),
    }
}

/// Whether that is on this machine, where nothing is paid. Nothing else is spoken to without TLS.
fn is_rehearsal(base_url: &str) -> bool {
    base_url.starts_with("http://")
}

/// That what the user says of batches is about batches of which it can be said.
fn check_resolutions(args: &SubmitArgs, execution: Option<&Execution>) -> Result<(), CliError> {
    for (batch, reply) in &args.resolve {
        let stage = execution
            .and_then(|execution| execution.records().get(*batch as usize))
            .map(|record| &record.stage);
        let fits = match reply {
            Reply::GiveUp => matches!(stage, Some(Stage::Running { .. } | Stage::Ended { .. })),
            _ => stage == Some(&Stage::Unclear),
        };
        if !fits {
            let wanted = if *reply == Reply::GiveUp { "waited for" } else { "unclear" };
            return Err(SubmitError::NothingToResolve { batch: *batch, wanted }.into());
        }
    }
    Ok(())
}

/// That the results that were saved are still there; else they are fetched again.
fn check_saved(path: &Path, folder: &mut Folder, journal: &mut Journal) -> Result<(), CliError> {
    for (batch, (bytes, sha256)) in journal.saved() {
        if !Folder::has_results(path, batch, bytes, sha256) {
            let why = "the file of its results is gone or was changed".to_owned();
            screen::tell(Severity::Warning, &format!("batch {batch} is fetched again: {why}"));
            let written = journal.write(folder, Timestamp::now(), Entry::Unsaved { batch, why });
            written.map_err(SubmitError::Execution)?;
        }
    }
    Ok(())
}

fn refuse_streams(args: &SubmitArgs, plan: &Plan) -> Result<(), CliError> {
    let moved = |path: &str| args.input.iter().any(|text| text.starts_with(&format!("{path}=")));
    match plan.inputs.iter().find(|input| input.path == "-" && !moved("-")) {
        Some(_) => Err(SubmitError::Piped.into()),
        None => Ok(()),
    }
}

/// How many batches may still be sent.
struct Left {
    /// That were not.
    unsent: usize,
    /// That were, perhaps in vain, or of which another's was taken for ours.
    unclear: usize,
}

impl Left {
    fn all_of(plan: &Plan) -> Left {
        Left { unsent: plan.batches.len(), unclear: 0 }
    }

    fn of(execution: &Execution) -> Left {
        if execution.is_called_off() {
            return Left { unsent: 0, unclear: 0 };
        }
        let records = execution.records().iter();
        let is_open = |record: &&Record| !record.is_certain() && !matches!(record.stage, Stage::Lost { .. });
        let (unsent, unclear): (Vec<_>, Vec<_>) =
            records.filter(is_open).partition(|record| record.stage == Stage::Waiting);
        Left { unsent: unsent.len(), unclear: unclear.len() }
    }
}

// What the user is asked.

/// Whether the user wants to send what is not sent yet.
fn is_agreed(
    args: &SubmitArgs,
    plan: &Plan,
    unsent: usize,
    begun: &Begun,
    today: Date,
) -> Result<bool, CliError> {
    if let Some(doubt) = doubt_about_prices(plan, today) {
        screen::tell(Severity::Warning, &doubt);
    }
    if args.yes {
        return Ok(true);
    }
    if !somebody_is_there() {
        return Err(SubmitError::NobodyToAsk { what: question(plan, unsent, begun) }.into());
    }
    Ok(agrees(&format!("{}. Go on?", question(plan, unsent, begun))))
}

fn question(plan: &Plan, unsent: usize, begun: &Begun) -> String {
    let batches = |count: usize| if count == 1 { "1 batch".to_owned() } else { format!("{count} batches") };
    let is_all = unsent == plan.batches.len();
    let what = match is_all {
        true => format!("{} with {}", batches(unsent), requests(plan.requests)),
        false => format!("the other {unsent} of {}", batches(plan.batches.len())),
    };
    let cost = match &plan.quote {
        None => "at a cost that is not known".to_owned(),
        Some(quote) => {
            let likely =
                quote.batch_cached.likely().map(|usd| format!("likely {}, ", shown(usd))).unwrap_or_default();
            let most = match plan.unpriced_requests + plan.unbounded_requests {
                0 => format!("at most {}", bound(quote.batch_bound)),
                others => {
                    format!("{} and more, as {} have no bound", bound(quote.batch_bound), requests(others))
                }
            };
            let saved = saved(quote).map(|saved| format!(", {saved}")).unwrap_or_default();
            format!("{likely}{most}{saved}")
        }
    };
    let whole = if is_all { "" } else { " for the whole plan" };
    format!("{what} go to {}: {cost}{whole}, at the prices of {}", begun.base_url, plan.priced_on)
}

/// A bound, which stays one when it is rounded.
fn bound(usd: Usd) -> String {
    let places = places([usd].into_iter());
    dollars(usd.rounded_up(places), places)
}

fn shown(usd: Usd) -> String {
    dollars(usd, places([usd].into_iter()))
}

/// What has become of the prices since the plan was made.
fn doubt_about_prices(plan: &Plan, today: Date) -> Option<String> {
    let day = plan.priced_on.parse().ok()?;
    let models =
        plan.models.iter().filter_map(|line| Some((line.model.as_str(), line.priced_as.as_deref()?)));
    let changed = changed_models(models, day, today);
    let has_own_prices = !plan.price_book.overlays.is_empty();
    match changed.is_empty() {
        _ if day > today => Some(format!("the plan is priced for {day}, which is yet to come")),
        false => Some(format!(
            "the plan is priced for {day}, and since then prices or availability of {} have changed: plan again to know what it \
             costs today",
            changed.join(", ")
        )),
        true if has_own_prices && day != today => Some(format!(
            "the plan is priced for {day} with prices of your own, which may have changed since"
        )),
        true => None,
    }
}

/// The models that had other prices on `day` than they have `today`, or were not retired. Each is given as the requests
/// name it and as the price book does.
fn changed_models<'m>(
    models: impl Iterator<Item = (&'m str, &'m str)>,
    day: Date,
    today: Date,
) -> Vec<&'m str> {
    let changed = models.filter(|(_, priced_as)| {
        let Ok(model) = PriceBook::bundled().find(priced_as) else { return false };
        let is_same = matches!((model.on(day), model.on(today)), (Ok(before), Ok(now)) if before == now);
        !is_same || model.is_retired_on(today) != model.is_retired_on(day)
    });
    changed.map(|(name, _)| name).collect()
}

fn terms(args: &SubmitArgs, plan: &Plan) -> Result<Terms, CliError> {
    let queued_requests_max = match &args.tier {
        Some(tier) => Some(queued(tier, PriceBook::bundled())?),
        None => None,
    };
    let too_large = |max| plan.batches.iter().find(|batch| batch.requests > max);
    if let Some((batch, max)) = queued_requests_max.and_then(|max| Some((too_large(max)?, max))) {
        return Err(SubmitError::Tier { batch: batch.index, requests: batch.requests, max }.into());
    }
    Ok(Terms {
        on_ambiguous: args.on_ambiguous.into(),
        resolutions: args.resolve.iter().cloned().collect(),
        queued_requests_max,
        sends_only: args.no_wait,
        settling: Duration::from_secs(args.settle),
        ..Terms::default()
    })
}

// What is told in the end.

fn tell(outcome: &Outcome, plan: &Plan, execution: &Execution, path: &Path) -> Exit {
    let again = "run the same command again".to_owned();
    let path_shown = path.display();
    match outcome {
        Outcome::Finished => return finished(execution),
        Outcome::Interrupted => screen::tell(Severity::Note, &format!("stopped; to go on, {again}")),
        Outcome::Sent => screen::tell(
            Severity::Note,
            &format!("all that can be sent now is sent; for the rest and the results, {again}"),
        ),
        Outcome::Ambiguous { batch, attempt, candidates } => {
            let sized = requests(plan.batches[*batch as usize].requests);
            screen::error(&ambiguous(*batch, &sized, attempt, candidates, &again));
        }
        Outcome::Stuck { doing, error } => {
            screen::error(&format!("cannot {doing}: {error}. All is written down; to go on, {again}"));
        }
        Outcome::Refused { batch, error } => {
            screen::error(&format!(
                "batch {batch} is not sent: {error}. If that stays so, call the execution off with `batchwise cancel {path_shown}`, and \
                 take what was not sent with `batchwise retry {path_shown} --unsent -o rest.jsonl`"
            ));
            return Exit::Refused;
        }
    }
    Exit::Unfinished
}

/// All is done; but what cannot be had is not there.
fn finished(execution: &Execution) -> Exit {
    let lost = execution.records().iter().any(|record| matches!(record.stage, Stage::Lost { .. }));
    if execution.is_called_off() && execution.records().iter().any(|record| record.stage == Stage::Waiting) {
        screen::tell(Severity::Note, "the execution was called off: what was not sent stays unsent");
    }
    if lost { Exit::Unusable } else { Exit::Fine }
}

fn ambiguous(batch: u32, sized: &str, attempt: &Attempt, candidates: &[MessageBatch], again: &str) -> String {
    let why = attempt.unclear_because.as_deref().unwrap_or("the run before ended while it was sent");
    let found = match candidates {
        [] => "the API's list shows none that could be it".to_owned(),
        _ => {
            let ids: Vec<&str> = candidates.iter().map(|made| made.id.as_str()).collect();
            format!("the API's list shows {} that could be it: {}", ids.len(), ids.join(", "))
        }
    };
    format!(
        "nobody knows whether batch {batch} was made ({why}), and {found}. Look in the Console for a batch of {sized} made from {} \
         (the API's clock) on, in this workspace. Then {again}, with `--resolve {batch}=ID`, or `--resolve {batch}=none` if it is \
         not there; or let `--on-ambiguous wait` find out",
        attempt.since
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_price_change_between_two_days_is_noticed() {
        let changed = |model, day, today| !changed_models([("m", model)].into_iter(), day, today).is_empty();
        let before = date(2026, 3, 1);
        assert!(changed("claude-sonnet-4-6", before, date(2026, 11, 21)));
        assert!(!changed("claude-sonnet-4-6", date(2026, 11, 1), date(2026, 11, 21)));
        assert!(!changed("claude-sonnet-4-6", before, before));
        // Own models are in no bundled book.
        assert!(!changed("our-model", before, date(2026, 11, 21)));
    }
}
