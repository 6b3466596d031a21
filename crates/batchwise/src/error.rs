use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use batchwise_api::{ApiError, BadBaseUrl, BadCertificates, BadKey};
use batchwise_plan::PlanReadError;
use batchwise_planner::{ReadError, RemarkError};
use batchwise_pricing::{BookErrors, LookupError, NoPrice};
use batchwise_records::UnknownApiVersion;
use batchwise_simulator::SettingsError;
use batchwise_statement::StatementError;

use crate::execution::SubmitError;

/// What batchwise could not do. Each text can follow `error: `.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("cannot open {}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} is a directory: name the JSONL files in it", path.display())]
    Directory { path: PathBuf },
    #[error("`-` (standard input) can be given only once")]
    StdinTwice,
    #[error("{} is given twice: each of its requests would count twice", path.display())]
    FileTwice { path: PathBuf },
    #[error("the name {} is not Unicode, so no output could name the file: rename it", path.display())]
    NotUnicode { path: PathBuf },
    #[error("{} is longer than {max} bytes, which no request can be", path.display())]
    TextTooLong { path: PathBuf, max: u64 },
    #[error("{} (without --model, both tokenizers are shown)", .0.about_the_name())]
    TextModel(LookupError),
    #[error("--format jsonl is one row per request: add --by custom_id, or use --format json")]
    JsonlOfTotals,
    #[error("--by custom_id writes one row per request: use --format jsonl, csv or human")]
    JsonOfRequests,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "cannot keep the ids of so many requests in {}: name a folder with more room in TMPDIR",
        folder.display()
    )]
    Scratch { folder: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot write {}: there is no folder {}", path.display(), folder.display())]
    NoFolder { path: PathBuf, folder: PathBuf },
    #[error("the output {} is also an input: choose another name, or the input would be lost", path.display())]
    OutputIsInput { path: PathBuf },
    #[error("two outputs go to {}: choose another name for one, or only the last would be left", path.display())]
    OutputTwice { path: PathBuf },
    #[error("cannot write the output")]
    Stdout(#[source] io::Error),
    #[error("cannot read the price book:\n{0}")]
    Book(BookErrors),
    #[error("cannot read the price book {}", path.display())]
    BookFile { path: PathBuf, source: io::Error },
    #[error("{option} reads its input {times}, which {} does not allow: save it to a file first", name(path))]
    NotAFile { option: &'static str, times: &'static str, path: PathBuf },
    #[error("{0} counts requests, not texts: leave out --text")]
    RequestsOnly(&'static str),
    #[error("--sample estimates the counts of --tokenizer claude: leave out one of the two")]
    SampleTokenizer,
    #[error(
        "--max-usd holds each batch to the most it can cost, which a sample of its texts does not tell: leave out one of \
         --max-usd and --sample"
    )]
    SampleBudget,
    #[error(
        "a budget or a limit of increase of the policy holds costs to the most they can be, which a sample of the texts does not tell: leave out \
         --sample, or set on = \"likely\" in the policy"
    )]
    SamplePolicy,
    #[error("cannot read the policy {}", path.display())]
    PolicyFile { path: PathBuf, source: io::Error },
    #[error("the policy {} cannot be used: correct it, or check without it by --no-policy", path.display())]
    Policy { path: PathBuf },
    #[error(
        "the files belong to different policies, {} and {}: check them one by one, or name one with --policy",
        policy_name(first.as_deref()),
        policy_name(other.as_deref())
    )]
    TwoPolicies { first: Option<PathBuf>, other: Option<PathBuf> },
    #[error("cannot write {}: a policy that is there is never replaced", path.display())]
    PolicyInit { path: PathBuf, source: io::Error },
    #[error("no tier `{name}` is known: write {} or a number of requests", known.join(", "))]
    Tier { name: String, known: Vec<String> },
    #[error(
        "there is no API key: put it into the environment variable ANTHROPIC_API_KEY, or the name of a file that holds it into \
         ANTHROPIC_API_KEY_FILE"
    )]
    NoKey,
    #[error("cannot read the API key from {}, which ANTHROPIC_API_KEY_FILE names", path.display())]
    KeyFile { path: PathBuf, source: io::Error },
    #[error("cannot speak to the API as the plan says")]
    ApiVersion(#[source] UnknownApiVersion),
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error("cannot use the API key")]
    Key(#[source] BadKey),
    #[error("cannot use the base URL of {origin}")]
    BaseUrl { origin: &'static str, source: BadBaseUrl },
    #[error("cannot read the certificates {}, which SSL_CERT_FILE names", path.display())]
    CertificateFile { path: PathBuf, source: io::Error },
    #[error("cannot use the certificates {}, which SSL_CERT_FILE names", path.display())]
    Certificates { path: PathBuf, source: BadCertificates },
    #[error("cannot keep counts in {}", path.display())]
    Cache { path: PathBuf, source: io::Error },
    #[error("cannot count at {endpoint}; {kept}")]
    Count { endpoint: String, kept: String, source: Box<ApiError> },
    #[error(
        "cannot correct anything: not one of {asked} requests of the sample could be counted; see the reasons above"
    )]
    NothingCounted { asked: u64 },
    #[error("cannot read the plan {}", name(path))]
    Plan { path: PathBuf, source: PlanReadError },
    #[error("cannot read the plan {}: it is longer than {max} bytes, which no plan should be", name(path))]
    PlanTooLong { path: PathBuf, max: u64 },
    #[error("cannot report")]
    Statement(#[from] StatementError),
    #[error("--format focus writes two files, the rows and their metadata: name the first with -o FILE")]
    FocusFile,
    #[error("a workbook is not for a terminal: name a file with -o FILE")]
    XlsxOnTerminal,
    #[error("the tag `{key}` is given twice: one workload has one value of it")]
    TagTwice { key: String },
    #[error("other machines can reach {address}: add --allow-remote if they may, or listen on 127.0.0.1:0")]
    Remote { address: SocketAddr },
    #[error("cannot serve on {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("cannot read the faults {}", path.display())]
    FaultsFile { path: PathBuf, source: io::Error },
    #[error("cannot use the faults {}", path.display())]
    Faults { path: PathBuf, source: SettingsError },
    #[error(transparent)]
    Remark(RemarkError),
    #[error("{name} has changed while it was read")]
    Changed { name: String },
    #[error("{option} {why}: leave it out of a comparison")]
    NotCompared { option: &'static str, why: &'static str },
    #[error("--what-if asks for {asked} variants, and at most {max} are compared: give fewer values")]
    TooManyVariants { asked: usize, max: usize },
    #[error(transparent)]
    Results(#[from] crate::results::ResultsError),
    #[error(transparent)]
    Model(#[from] LookupError),
    #[error(transparent)]
    NoPrice(#[from] NoPrice),
}

impl CliError {
    /// Whether whoever read our output has gone away, which is not a fault.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, CliError::Stdout(source) if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// How people call a policy.
fn policy_name(path: Option<&std::path::Path>) -> String {
    path.map_or_else(|| "none".to_owned(), |path| path.display().to_string())
}

/// How people call a path that is an argument.
fn name(path: &std::path::Path) -> String {
    if crate::input::is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}
