use batchwise_findings::{Finding, Reference, Rule, Severity};
use batchwise_plan::Plan;
use batchwise_planner::{Inspected, Inspector};
use batchwise_pricing::PriceBook;
use batchwise_records::Flaw;
use batchwise_tokens::CacheTtl;

use crate::document::Document;
use crate::model_names::ModelNames;
use crate::{
    Baseline, Basis, Budget, Check, Exception, Increase, Limits, ModelList, PolicyProblems, Setting,
    TokenCaps, cache, load,
};

/// The longest policy file, in bytes: some 500 exceptions. Each finding is held against all of them.
pub const POLICY_BYTES_MAX: usize = 100_000;

/// What a team allows. The default allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The name of its file.
    pub name: String,
    /// What holds where the command line says nothing.
    pub check: Check,
    /// How much may be spent. At most one of them limits single requests.
    pub budgets: Vec<Budget>,
    /// By how much a workload may grow.
    pub increase: Increase,
    /// Which models may be asked for.
    pub models: ModelList,
    /// The highest `max_tokens`, by model.
    pub max_tokens: TokenCaps,
    /// How large a workload may be.
    pub limits: Limits,
    /// The lifetime that cached prefixes must have.
    pub cache_ttl: Option<Setting<CacheTtl>>,
    /// The severity of a rule, or `None` where it is switched off.
    pub severities: Vec<(Rule, Setting<Option<Severity>>)>,
    /// Findings that are excused.
    pub exceptions: Vec<Exception>,
}

impl Policy {
    /// Reads the text of a policy file, which messages call `name`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Policy, PolicyProblems> {
        if text.len() > POLICY_BYTES_MAX {
            let message = format!("{name} has {} bytes; a policy has at most {POLICY_BYTES_MAX}", text.len());
            let finding =
                Finding::new(Rule::PolicyInvalid, message).with_help("name another file with --policy");
            return Err(PolicyProblems { problems: vec![finding] });
        }
        let document = Document::new(name, text);
        let policy = load::policy(name, &document);
        document.finish(policy)
    }

    /// The policy of a team that has none: everything is allowed.
    pub fn none() -> Policy {
        Policy::default()
    }

    /// A policy file to begin with: every key, commented out, with what it means.
    pub fn template() -> &'static str {
        include_str!("template.toml")
    }

    /// What it says about one request, in the order of the policy's tables.
    pub fn inspect(&self, inspected: &Inspected<'_>) -> Vec<Flaw> {
        let names = ModelNames { written: &inspected.request.model, model: inspected.model };
        let budgets = self.budgets.iter().filter_map(|budget| budget.inspect(inspected));
        let ttl = self.cache_ttl.as_ref().and_then(|ttl| cache::inspect(ttl.value, inspected));
        budgets
            .chain(self.models.inspect(names))
            .chain(self.max_tokens.inspect(names, inspected.request.max_tokens))
            .chain(ttl)
            .collect()
    }

    /// What it says about a plan as a whole. One without requests is held to nothing: that it has none is an error that
    /// no policy can lower.
    pub fn judge_plan(&self, plan: &Plan, baseline: Option<&Baseline>) -> Vec<Finding> {
        if plan.requests == 0 {
            return Vec::new();
        }
        let budgets = self.budgets.iter().flat_map(|budget| budget.judge(plan, &self.name));
        budgets
            .chain(self.increase.judge(plan, baseline, &self.name))
            .chain(self.limits.judge(plan, &self.name))
            .collect()
    }

    /// Whether a budget or an increase is held to the most that something can cost, which is not known of what was only
    /// sampled.
    pub fn needs_bounds(&self) -> bool {
        self.increase.needs_bounds() || self.budgets.iter().any(|budget| budget.basis() == Basis::High)
    }

    /// How severe findings of `rule` are, or `None` where it is switched off.
    pub fn severity(&self, rule: Rule, default: Severity) -> Option<Severity> {
        let set = self.severities.iter().find(|(known, _)| *known == rule);
        set.map_or(Some(default), |(_, severity)| severity.value)
    }

    /// A finding about a request, with the line of the policy that it breaks; others as they are. `book` knows the names
    /// of models.
    pub fn explain(&self, finding: Finding, book: &PriceBook) -> Finding {
        match self.line_of(&finding, book) {
            Some(reference) => finding.see(reference),
            None => finding,
        }
    }

    fn line_of(&self, finding: &Finding, book: &PriceBook) -> Option<Reference> {
        let written = finding.request.as_ref().map(|request| request.model.as_str());
        let names = || written.map(|written| ModelNames::of(written, book));
        let (origin, label) = match finding.rule {
            Rule::PolicyRequestBudget => {
                let limit = self.budgets.iter().find_map(|budget| budget.per_request.as_ref());
                (&limit?.origin, "this budget")
            }
            Rule::PolicyModel => (self.models.origin(names()?)?, "by this list"),
            Rule::PolicyMaxTokens => (&self.max_tokens.of(names()?)?.max.origin, "this cap"),
            Rule::PolicyCacheTtl => (&self.cache_ttl.as_ref()?.origin, "this lifetime"),
            _ => return None,
        };
        Some(origin.reference(&self.name, label))
    }
}

impl Inspector for Policy {
    fn inspect(&self, request: &Inspected<'_>) -> Vec<Flaw> {
        Policy::inspect(self, request)
    }
}
