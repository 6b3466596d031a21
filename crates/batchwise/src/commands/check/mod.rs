mod clerk;
mod gate;
mod report_format;

use std::path::{Path, PathBuf};

use batchwise_findings::Severity;
use batchwise_plan::{Findings, Plan};
use batchwise_policy::{Baseline, Judge, Policy};
use batchwise_report::{CheckReport, CheckedFile, Desk};
use batchwise_rules::Circumstances;
use jiff::civil::Date;

use super::{make_plan_watched, unless_closed};
use crate::args::CheckArgs;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::Output;
use crate::policy_file::{self, PolicyFile};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::{input, output, plan_file};
use clerk::Clerk;
use gate::Gate;
use report_format::{Sheet, write};

/// `batchwise check`: every finding about limits, format, models and policy.
pub(crate) fn run(args: &CheckArgs, today: Date) -> Result<Exit, CliError> {
    let policy = policy_file::find(args.policy.as_deref(), args.no_policy, &args.planning.reading.files)?;
    let baseline = args.baseline.as_deref().map(baseline).transpose()?;
    let mut settings = Settings::new(&args.planning, today)?;
    let PolicyFile { policy, path } = &policy;
    follow(policy, args, &mut settings);
    if args.planning.reading.sample.is_some() && policy.needs_bounds() {
        return Err(CliError::SamplePolicy);
    }
    let inputs = input::open(&args.planning.reading.files)?;
    output::refuse_twice(args.outputs())?;
    let read: Vec<&PathBuf> = args.inputs().chain(path).collect();
    let sheets = Sheet::open_all(args, &read)?;
    let plan_out = args.save_plan.as_deref().map(|path| Output::file(path, read)).transpose()?;
    let settings = settings.calibrated(&args.planning, today)?;

    let gate = Gate { circumstances: circumstances(&settings), policy };
    let judge = Judge::new(policy, today, &settings.book);
    let progress = Progress::new(inputs.bytes, args.planning.reading.quiet);
    let fails_on = fails_on(args, policy);
    let mut clerk = Clerk::new(policy, judge, &settings.book, Desk::new(args.kept(), fails_on), progress);
    let mut plan = make_plan_watched(&args.planning, &settings, inputs, Some(&gate), &mut clerk)?.plan;
    clerk.take_all(policy.judge_plan(&plan, baseline.as_ref()));

    let report = report(clerk, &mut plan);
    if let Some(out) = plan_out {
        unless_closed(out.write_all_with(|out| plan.write_json(out)))?;
    }
    for sheet in sheets {
        unless_closed(write(sheet, &report, args, fails_on))?;
    }
    Ok(if args.exit_zero { Exit::Fine } else { Exit::of(report.verdict) })
}

/// What the command line says about the API goes before what the policy says.
fn follow(policy: &Policy, args: &CheckArgs, settings: &mut Settings) {
    if let Some(version) =
        policy.check.api_version.as_ref().filter(|_| args.planning.reading.exact.api_version.is_none())
    {
        settings.terms.api_version = version.value;
    }
    if let Some(betas) = policy.check.betas.as_ref().filter(|_| args.planning.betas.is_empty()) {
        settings.terms.betas.clone_from(&betas.value);
    }
}

fn circumstances(settings: &Settings) -> Circumstances<'_> {
    let Settings { book, terms, .. } = settings;
    Circumstances { book, day: terms.day, api_version: terms.api_version, betas: &terms.betas }
}

/// The least severity that refuses: the command line's, else the policy's.
fn fails_on(args: &CheckArgs, policy: &Policy) -> Severity {
    let by_policy = policy.check.fail_on.as_ref().map(|severity| severity.value);
    args.fail_on.map(Severity::from).or(by_policy).unwrap_or(Severity::Error)
}

fn baseline(path: &Path) -> Result<Baseline, CliError> {
    Ok(Baseline::of(&path.display().to_string(), &plan_file::read(path)?))
}

/// Closes the books: what is left of the policy, the counts and the verdict, which become those of the plan as well.
fn report(clerk: Clerk<'_>, plan: &mut Plan) -> CheckReport {
    let (desk, excused) = clerk.close();
    let (findings, rules, verdict) = desk.close();
    let report = CheckReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: plan
            .inputs
            .iter()
            .map(|input| CheckedFile { name: input.path.clone(), requests: input.requests })
            .collect(),
        requests: plan.requests,
        unpriced_requests: plan.unpriced_requests,
        unbounded_requests: plan.unbounded_requests,
        left_out_lines: plan.left_out_lines,
        batches: plan.batches.len() as u64,
        quote: plan.quote,
        findings,
        rules,
        excused,
        verdict,
    };
    let counts = report.counts();
    plan.findings = Findings {
        error: counts.error,
        warning: counts.warning,
        note: counts.note,
        rules: report.rules.iter().map(|(rule, count)| (rule.id().into(), count.counts.total())).collect(),
    };
    plan.verdict = report.verdict;
    report
}
