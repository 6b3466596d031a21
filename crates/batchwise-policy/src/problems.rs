use std::fmt;

use batchwise_findings::{Finding, visible};

/// Everything that is wrong with a policy file. Never empty.
///
/// Each problem is a finding of the rule `policy-invalid` at its place, whose field is the key; it is drawn as findings are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblems {
    /// The problems, by place. Of a file with very many, the last only counts those left untold.
    pub problems: Vec<Finding>,
}

impl fmt::Display for PolicyProblems {
    /// One line each: place, what is wrong, and the way out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index > 0 { "\n" } else { "" };
            f.write_str(separator)?;
            if let Some(place) = &problem.at {
                write!(f, "{}:{}:{}: ", visible(&place.file), place.line, place.column)?;
            }
            f.write_str(&visible(&problem.message))?;
            if let Some(help) = &problem.help {
                write!(f, ": {}", visible(help))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for PolicyProblems {}
