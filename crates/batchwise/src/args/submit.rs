//! The arguments of what executes a plan: `submit`, `status` and `cancel`.

use std::path::PathBuf;

use batchwise_api::BatchId;
use batchwise_submit::{OnAmbiguous, Reply};
use batchwise_units::Usd;
use clap::{Args, ValueEnum};

use super::Tier;
use super::values::{budget, tier};

/// Execute a plan: send its batches, wait for them, and fetch their results. Costs money.
///
/// Everything goes through a journal, so that the command can be stopped or killed at any moment: run again, it goes on
/// where it was, and sends nothing twice. A batch of which nobody knows whether it was made is looked for in the API's list
/// before anything else is sent. The key comes from ANTHROPIC_API_KEY, or the file that ANTHROPIC_API_KEY_FILE names; it is
/// written nowhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise plan requests.jsonl -o plan.json
  batchwise submit plan.json                        # asks before it sends; keeps everything in plan.journal/
  batchwise submit plan.json --yes --max-usd 50 --on-ambiguous wait     # in a script
  batchwise submit plan.json --no-wait              # send now, and run it again later to fetch the results
  batchwise status plan.journal
  batchwise results plan.journal --csv -o rows.csv
  ANTHROPIC_BASE_URL=http://127.0.0.1:8080 batchwise submit plan.json   # rehearse: batchwise simulate

Exit codes: 0 all results are here, 1 refused by the API, a limit or a budget, 2 unusable plan, inputs or usage, 3 unfinished:
run it again to go on, 130 interrupted twice.")]
pub(crate) struct SubmitArgs {
    /// The plan that `batchwise plan -o plan.json` wrote
    pub(crate) plan: PathBuf,

    /// The folder of this execution: journal, plan and results [default: the plan's name with .journal for .json]
    #[arg(long, value_name = "DIR")]
    pub(crate) journal: Option<PathBuf>,

    /// Send without asking
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Refuse a plan that may cost more than this, at its bound
    #[arg(long, value_name = "USD", value_parser = budget)]
    pub(crate) max_usd: Option<Usd>,

    /// When nobody knows whether a batch was made, and the API's list does not show exactly one that could be it
    #[arg(long, value_enum, default_value_t = Ambiguous::Ask, value_name = "HOW")]
    pub(crate) on_ambiguous: Ambiguous,

    /// With --on-ambiguous wait: how many seconds a batch must be missing from the API's list, by the API's clock, to be sent
    /// again. If the list is later than that, it is paid twice
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(10..))]
    pub(crate) settle: u64,

    /// What is known of a batch whose fate the list does not tell: its id, or `none` where you have seen that it does not
    /// exist, so that it is sent again; or `lost` to give up the results of one that is waited for in vain
    #[arg(long, value_name = "INDEX=ID", value_parser = resolution)]
    pub(crate) resolve: Vec<(u32, Reply)>,

    /// Send what can be sent now, and do not wait for results
    #[arg(long)]
    pub(crate) no_wait: bool,

    /// Hold back while so many requests of the organisation are queued: the name of its tier, or a number
    #[arg(long, value_name = "TIER", value_parser = tier)]
    pub(crate) tier: Option<Tier>,

    /// An input of the plan that lies elsewhere now
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) input: Vec<String>,

    /// The workspace, for a key that may act in several
    #[arg(long, value_name = "ID")]
    pub(crate) workspace: Option<String>,

    /// The user profile for which the batches are made
    #[arg(long, value_name = "ID")]
    pub(crate) user_profile: Option<String>,

    /// Where the API is [default: ANTHROPIC_BASE_URL, or that of Anthropic]
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Send the plan although another folder beside this one has executed it: all of it is paid again
    #[arg(long)]
    pub(crate) again: bool,

    /// What to print in the end: the batches for people, or as `batchwise status --format json`
    #[arg(long, value_enum, default_value_t = StatusFormat::Human)]
    pub(crate) format: StatusFormat,

    /// Tell nothing on the way but warnings
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// What happens when nobody knows whether a batch was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ambiguous {
    /// Ask; without a terminal, stop with exit code 3
    Ask,
    /// Never ask: stop with exit code 3
    Adopt,
    /// Go on looking: for ten minutes while there is none, which is sent again then; or until the results of several tell
    Wait,
}

impl From<Ambiguous> for OnAmbiguous {
    fn from(how: Ambiguous) -> OnAmbiguous {
        match how {
            Ambiguous::Ask => OnAmbiguous::Ask,
            Ambiguous::Adopt => OnAmbiguous::Adopt,
            Ambiguous::Wait => OnAmbiguous::Wait,
        }
    }
}

/// Tell how far an execution is.
///
/// What the journal says; and, where a key is set, what the API says about the batches that are being processed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise status plan.journal
  batchwise status plan.journal --format json
  batchwise status plan.journal --offline

Exit codes: 0 all is done, 2 no such execution, 3 unfinished.")]
pub(crate) struct StatusArgs {
    /// The folder of the execution
    pub(crate) journal: PathBuf,

    /// Ask nobody: tell what the journal says
    #[arg(long)]
    pub(crate) offline: bool,

    /// For people, or JSON
    #[arg(long, value_enum, default_value_t = StatusFormat::Human)]
    pub(crate) format: StatusFormat,
}

/// How to print the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    /// A table
    #[value(alias = "table")]
    Human,
    /// JSON, schema batchwise.status/1
    Json,
}

/// Call an execution off: cancel its batches, and send no more of it.
///
/// What was processed already is paid, and its results can be fetched with `batchwise submit`, run again. What was not can be
/// sent in a plan of its own: `batchwise retry`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise cancel plan.journal
  batchwise cancel plan.journal --yes

Exit codes: 0 every batch that was being processed is being canceled, 1 declined, 2 no such execution, 3 not all of it worked:
run it again.")]
pub(crate) struct CancelArgs {
    /// The folder of the execution
    pub(crate) journal: PathBuf,

    /// Cancel without asking
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Also cancel batches that were only found in the API's list, and may be somebody else's
    #[arg(long)]
    pub(crate) adopted: bool,
}

fn resolution(text: &str) -> Result<(u32, Reply), String> {
    let read = || {
        let (index, id) = text.split_once('=')?;
        let reply = match id {
            "none" => Reply::SendAgain,
            "lost" => Reply::GiveUp,
            _ => Reply::Adopt(BatchId::new(id)?),
        };
        Some((index.parse().ok()?, reply))
    };
    read().ok_or_else(|| {
        "write the batch's number in the plan, `=`, and its id, `none` or `lost`, like 1=msgbatch_01ABC"
            .to_owned()
    })
}
