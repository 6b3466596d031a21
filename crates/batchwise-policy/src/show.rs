//! The effective policy as a policy file, with the origin of each value.

use std::fmt::Display;

use batchwise_findings::{Severity, visible};
use batchwise_records::ApiVersion;

use crate::{Budget, Exception, Glob, Origin, Policy, Setting, cache};

/// A policy file that is being written.
struct Page<'p> {
    /// The name of the file that the values are from; `None` leaves origins out.
    file: Option<&'p str>,
    /// How wide its lines may be, where that matters. A text within quotes is never broken.
    width: usize,
    text: String,
}

impl Policy {
    /// The policy in force, as TOML: every value with its line or `default`. It says what the policy says. In lines of
    /// at most `width` columns, as far as its texts allow that; where nobody says how many, a value is one line.
    pub fn show(&self, width: Option<usize>) -> String {
        let name = visible(&self.name);
        let page = self.page(Some(&name), width.unwrap_or(usize::MAX));
        format!("# The policy in force. Beside each value: the line that states it, or `default`.\n{page}")
    }

    /// The same without origins, to compare.
    pub(crate) fn values(&self) -> String {
        self.page(None, usize::MAX)
    }

    fn page(&self, file: Option<&str>, width: usize) -> String {
        let mut page = Page { file, width, text: String::new() };
        page.check(self);
        self.budgets.iter().for_each(|budget| page.budget(budget));
        page.absent(self.budgets.is_empty(), "[[budget]]", "no budget");
        page.increase(self);
        page.models(self);
        page.token_caps(self);
        page.limits(self);
        page.cache(self);
        page.severities(self);
        self.exceptions.iter().for_each(|exception| page.exception(exception));
        page.absent(self.exceptions.is_empty(), "[[exception]]", "no exception");
        page.text
    }
}

impl Page<'_> {
    fn check(&mut self, policy: &Policy) {
        let check = &policy.check;
        self.heading("[check]");
        self.with_default("api_version", check.api_version.as_ref(), quoted, &quoted(&ApiVersion::default()));
        let betas = |betas: &Vec<String>| list(betas.iter().map(String::as_str));
        self.with_default("betas", check.betas.as_ref(), betas, "[]");
        let severity = |severity: &Severity| quoted(severity.name());
        self.with_default("fail_on", check.fail_on.as_ref(), severity, &quoted(Severity::Error.name()));
    }

    fn budget(&mut self, budget: &Budget) {
        self.heading("[[budget]]");
        self.given("total", budget.total.as_ref(), quoted);
        self.given("per_batch", budget.per_batch.as_ref(), quoted);
        self.given("per_request", budget.per_request.as_ref(), quoted);
        let (on, scenario) = (quoted(budget.basis().name()), quoted(budget.way().name()));
        self.with_default("on", budget.on.as_ref(), |basis| quoted(basis.name()), &on);
        self.with_default("scenario", budget.scenario.as_ref(), |way| quoted(way.name()), &scenario);
    }

    fn increase(&mut self, policy: &Policy) {
        let increase = &policy.increase;
        if increase.max_usd.is_none() && increase.max_percent.is_none() {
            return self.absent(true, "[increase]", "no limit");
        }
        self.heading("[increase]");
        self.given("max_usd", increase.max_usd.as_ref(), quoted);
        self.given("max_percent", increase.max_percent.as_ref(), quoted);
        let on = quoted(increase.basis().name());
        self.with_default("on", increase.on.as_ref(), |basis| quoted(basis.name()), &on);
        let missing = quoted(increase.missing().name());
        let choice = increase.without_baseline.as_ref();
        self.with_default("without_baseline", choice, |choice| quoted(choice.name()), &missing);
    }

    fn models(&mut self, policy: &Policy) {
        let models = &policy.models;
        self.absent(models.allow.is_none() && models.deny.is_none(), "[models]", "every model is allowed");
        if models.allow.is_some() || models.deny.is_some() {
            self.heading("[models]");
        }
        let globs = |globs: &Vec<Setting<Glob>>| list(globs.iter().map(|glob| glob.value.as_str()));
        self.given("allow", models.allow.as_ref(), globs);
        self.given("deny", models.deny.as_ref(), globs);
    }

    fn token_caps(&mut self, policy: &Policy) {
        let caps = policy.max_tokens.caps();
        if caps.is_empty() {
            return self.absent(true, "[max_tokens]", "no cap");
        }
        self.heading("[max_tokens]");
        for cap in caps {
            self.given(&quoted(&cap.models), Some(&cap.max), |max| max.0.to_string());
        }
    }

    fn limits(&mut self, policy: &Policy) {
        let limits = &policy.limits;
        let none = limits.requests.is_none() && limits.bytes.is_none() && limits.batches.is_none();
        if none {
            return self.absent(true, "[limits]", "no limit");
        }
        self.heading("[limits]");
        self.given("requests", limits.requests.as_ref(), u64::to_string);
        self.given("bytes", limits.bytes.as_ref(), |bytes| bytes.0.to_string());
        self.given("batches", limits.batches.as_ref(), u64::to_string);
    }

    fn cache(&mut self, policy: &Policy) {
        if policy.cache_ttl.is_none() {
            return self.absent(true, "[cache]", "any lifetime");
        }
        self.heading("[cache]");
        self.given("ttl", policy.cache_ttl.as_ref(), |ttl| quoted(cache::name(*ttl)));
    }

    fn severities(&mut self, policy: &Policy) {
        if policy.severities.is_empty() {
            return self.absent(true, "[severity]", "every rule as docs/rules.md says");
        }
        self.heading("[severity]");
        for (rule, severity) in &policy.severities {
            let written = |severity: &Option<Severity>| quoted(severity.map_or("off", Severity::name));
            self.given(rule.id(), Some(severity), written);
        }
    }

    fn exception(&mut self, exception: &Exception) {
        self.heading("[[exception]]");
        self.given("rule", Some(&exception.rule), |rule| quoted(rule.id()));
        self.given("reason", Some(&exception.reason), quoted);
        self.given("expires", Some(&exception.expires), ToString::to_string);
        self.given("model", exception.model.as_ref(), quoted);
        self.given("custom_id", exception.custom_id.as_ref(), quoted);
        self.given("file", exception.file.as_ref(), quoted);
    }

    fn heading(&mut self, heading: &str) {
        self.text.push_str(&format!("\n{heading}\n"));
    }

    /// Says of a table that is not there what that means.
    fn absent(&mut self, is_absent: bool, heading: &str, meaning: &str) {
        if is_absent && self.file.is_some() {
            self.text.push_str(&format!("\n# {heading}: {meaning} (default)\n"));
        }
    }

    /// A value, where the policy states it.
    fn given<T, W: Into<Written>>(
        &mut self,
        key: &str,
        setting: Option<&Setting<T>>,
        write: impl Fn(&T) -> W,
    ) {
        if let Some(setting) = setting {
            self.line(key, &write(&setting.value).into(), Some(&setting.origin));
        }
    }

    /// A value, or what holds without it.
    fn with_default<T, W: Into<Written>>(
        &mut self,
        key: &str,
        setting: Option<&Setting<T>>,
        write: impl Fn(&T) -> W,
        default: &str,
    ) {
        match setting {
            Some(setting) => self.line(key, &write(&setting.value).into(), Some(&setting.origin)),
            None => self.line(key, &default.to_owned().into(), None),
        }
    }

    /// A value with its origin beside it, or where that is too wide, above it.
    fn line(&mut self, key: &str, value: &Written, origin: Option<&Origin>) {
        let said = match (self.file, origin) {
            (None, _) => String::new(),
            (Some(_), None) => "# default".to_owned(),
            (Some(file), Some(origin)) => format!("# {file}:{}", origin.line),
        };
        let stated = format!("{key} = {}", value.on_one_line());
        let beside = if said.is_empty() { stated.clone() } else { format!("{stated}  {said}") };
        let fits = |line: &str| line.chars().count() <= self.width;
        let text = match (fits(&beside), fits(&stated), value) {
            (true, ..) => beside,
            (false, false, Written::List(items)) => {
                format!("{said}\n{key} = [\n    {},\n]", items.join(",\n    "))
            }
            _ => format!("{said}\n{stated}"),
        };
        self.text.push_str(&text);
        self.text.push('\n');
    }
}

/// A value as TOML.
enum Written {
    One(String),
    List(Vec<String>),
}

impl Written {
    fn on_one_line(&self) -> String {
        match self {
            Written::One(value) => value.clone(),
            Written::List(items) => format!("[{}]", items.join(", ")),
        }
    }
}

impl From<String> for Written {
    fn from(value: String) -> Written {
        Written::One(value)
    }
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> Written {
    Written::List(texts.map(quoted).collect())
}

/// A text as a TOML string on one line.
fn quoted(value: &(impl Display + ?Sized)) -> String {
    let escaped = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        control if control.is_control() => format!("\\U{:08X}", u32::from(control)),
        other => other.to_string(),
    };
    format!("\"{}\"", value.to_string().chars().map(escaped).collect::<String>())
}
