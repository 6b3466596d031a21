//! The arguments of the gate: `check`, `policy` and `explain`.

use std::path::{Path, PathBuf};

use batchwise_findings::{Rule, Severity};
use batchwise_pricing::nearest;
use clap::{Args, Subcommand, ValueEnum};

use super::PlanningArgs;

/// Check a workload before it is sent: format, limits, models, and the team's policy.
///
/// Tells what the API would refuse, and what the policy does not allow, at the line and field, in the form that each
/// platform shows. The policy is `batchwise.toml` beside the first file or in a folder above it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise check requests.jsonl
  batchwise check requests.jsonl --api-version 2023-06-01
  batchwise check requests/*.jsonl --policy team.toml --baseline main.plan.json
  batchwise check requests.jsonl --format github --report sarif=check.sarif --report markdown=summary.md
  batchwise check requests.jsonl --fail-on warning --save-plan plan.json

Exit codes: 0 ok, 1 refused, 2 unusable input or usage. `batchwise explain RULE` tells more about a rule.")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) planning: PlanningArgs,

    /// The policy [default: batchwise.toml beside the files or in the nearest folder above]
    #[arg(long, value_name = "FILE", help_heading = "Gate")]
    pub(crate) policy: Option<PathBuf>,

    /// Check without a policy
    #[arg(long, conflicts_with = "policy", help_heading = "Gate")]
    pub(crate) no_policy: bool,

    /// The plan that the policy's limits of increase compare with
    #[arg(long, value_name = "PLAN", help_heading = "Gate")]
    pub(crate) baseline: Option<PathBuf>,

    /// The least severity that refuses [default: the policy's, or error]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Gate")]
    pub(crate) fail_on: Option<FailOn>,

    /// End with exit code 0 whatever is found; only a file, a policy or a command line that cannot be used still ends with 2
    #[arg(long, help_heading = "Gate")]
    pub(crate) exit_zero: bool,

    /// What to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Human, help_heading = "Report")]
    pub(crate) format: CheckFormat,

    /// Print to this file
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(crate) output: Option<PathBuf>,

    /// Write a report of another format to a file as well; can be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file, help_heading = "Report")]
    pub(crate) reports: Vec<ReportFile>,

    /// How many findings of each rule are told one by one; all are counted, but of one request no more than some 20
    /// [default: 5 for people, else 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000), help_heading = "Report")]
    pub(crate) max_per_rule: Option<u16>,

    /// Write the plan (JSON) to this file, with the verdict and the findings of the check
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(crate) save_plan: Option<PathBuf>,
}

impl CheckArgs {
    /// All that is read, which no output may replace.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        self.planning.inputs().chain(&self.policy).chain(&self.baseline)
    }

    /// Where its outputs go.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Path> {
        let main = self.output.as_deref().unwrap_or(Path::new("-"));
        let reports = self.reports.iter().map(|report| report.path.as_path());
        [main].into_iter().chain(reports).chain(self.save_plan.as_deref())
    }

    /// How many findings of each rule are kept for reports.
    pub(crate) fn kept(&self) -> usize {
        self.max_per_rule.map_or(100, usize::from).max(self.drawn())
    }

    /// How many findings of each rule are drawn for people.
    pub(crate) fn drawn(&self) -> usize {
        let usual = if self.planning.reading.verbose { 100 } else { 5 };
        self.max_per_rule.map_or(usual, usize::from)
    }
}

/// A report that goes to a file.
#[derive(Clone, Debug)]
pub(crate) struct ReportFile {
    pub(crate) format: CheckFormat,
    pub(crate) path: PathBuf,
}

/// How `check` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: findings drawn in their lines, the rules with their numbers, the verdict
    #[value(alias = "table")]
    Human,
    /// batchwise.check/1
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// JUnit XML
    Junit,
    /// A summary in Markdown
    #[value(alias = "md")]
    Markdown,
}

/// The least severity that refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
    Note,
}

impl From<FailOn> for Severity {
    fn from(least: FailOn) -> Severity {
        match least {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
        }
    }
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=FILE, like sarif=check.sarif")?;
    let format = CheckFormat::from_str(format, false).map_err(|_| {
        let known: Vec<_> =
            CheckFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let known: Vec<&str> = known.iter().map(clap::builder::PossibleValue::get_name).collect();
        format!("there is no format `{format}`; there are {}", known.join(", "))
    })?;
    if path.is_empty() {
        return Err("name a file behind the `=`".to_owned());
    }
    Ok(ReportFile { format, path: path.into() })
}

/// The team's policy: what may be spent, asked for and ignored.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise policy init
  batchwise policy show")]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Write a policy to begin with: every key, commented out
    Init {
        /// Where; `-` prints it
        #[arg(default_value = "batchwise.toml", value_name = "FILE")]
        path: PathBuf,
    },
    /// Print the policy that holds here, with where each value comes from
    Show {
        /// Another policy file than that of this folder
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
    },
}

/// Explain a rule, with an example and its fix; or list all rules.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  batchwise explain
  batchwise explain duplicate-custom-id")]
pub(crate) struct ExplainArgs {
    /// The rule's id, as findings show it in brackets
    #[arg(value_name = "RULE", value_parser = rule)]
    pub(crate) rule: Option<Rule>,
}

fn rule(id: &str) -> Result<Rule, String> {
    let known = Rule::ALL.iter().copied().find(|rule| rule.id() == id);
    known.ok_or_else(|| match nearest(id, Rule::ALL.iter().map(|rule| rule.id())) {
        Some(near) => format!("there is no such rule; did you mean `{near}`?"),
        None => "there is no such rule; `batchwise explain` lists them all".to_owned(),
    })
}
