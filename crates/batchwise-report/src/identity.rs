use std::collections::HashMap;

use batchwise_findings::Finding;
use sha2::{Digest, Sha256};

/// Names findings so that the same one has the same name in the next run, wherever its line has moved to.
///
/// A name is made of the rule, the file, the field and the request's `custom_id`; where there is none, of the text
/// around the spot, or of the line of the policy that it breaks. Findings that are alike in all of these are numbered in the order of the inputs.
#[derive(Default)]
pub(crate) struct Identities {
    seen: HashMap<[u8; 16], u64>,
}

impl Identities {
    /// The name of the next finding: 32 hexadecimal digits.
    pub(crate) fn name(&mut self, finding: &Finding) -> String {
        let likeness = likeness(finding);
        let number = self.seen.entry(likeness).or_default();
        *number += 1;
        let digest = hash(&[&likeness, &number.to_le_bytes()]);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn likeness(finding: &Finding) -> [u8; 16] {
    let place = finding.at.as_ref();
    let file = place.map_or("", |place| place.file.as_str());
    let field = place.map_or("", |place| place.field.as_str());
    let excerpt = place.and_then(|place| place.excerpt.as_ref()).map(|excerpt| excerpt.text.as_str());
    let reference =
        finding.see.as_ref().and_then(|see| see.excerpt.as_ref()).map(|excerpt| excerpt.text.as_str());
    let subject = match &finding.request {
        Some(request) => request.custom_id.as_str(),
        None => excerpt.or(reference).unwrap_or(""),
    };
    hash(&[finding.rule.id().as_bytes(), file.as_bytes(), field.as_bytes(), subject.as_bytes()])
}

/// Half of a SHA-256 over the parts, each with its length.
fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    sha.finalize()[..16].try_into().expect("a SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use batchwise_findings::{Place, Rule};

    fn finding(line: u64, id: &str, field: &str) -> Finding {
        let place = Place {
            file: "a.jsonl".to_owned(),
            line,
            column: 5,
            bytes: line * 100..line * 100 + 1,
            field: field.to_owned(),
            excerpt: None,
        };
        Finding::new(Rule::LargeItem, format!("see line {line}")).at(place).about(id, "m")
    }

    #[test]
    fn a_finding_keeps_its_name_when_its_line_moves() {
        let name = |finding: &Finding| Identities::default().name(finding);
        assert_eq!(name(&finding(1, "a", "params")), name(&finding(9, "a", "params")));
        assert_ne!(name(&finding(1, "a", "params")), name(&finding(1, "b", "params")));
        assert_ne!(name(&finding(1, "a", "params")), name(&finding(1, "a", "params.model")));
    }

    #[test]
    fn no_two_findings_of_a_run_have_one_name() {
        let mut identities = Identities::default();
        assert_ne!(identities.name(&finding(1, "a", "")), identities.name(&finding(1, "a", "")));
    }
}
