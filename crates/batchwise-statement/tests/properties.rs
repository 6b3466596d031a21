//! Whatever the plans, every table foots, and every format states the same amounts.

#[path = "../../batchwise-plan/tests/common/any_plan.rs"]
mod any_plan;
#[path = "common/some_plan.rs"]
mod some_plan;

use any_plan::any_plan;
use batchwise_plan::{Fingerprint, Plan};
use batchwise_statement::{
    Basis, Costs, PlanPart, Scenario, Statement, StatementError, csv, focus, html, json, markdown, table,
    xlsx,
};
use batchwise_units::Usd;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use some_plan::some_plan;

fn statement(plans: &[Plan]) -> Result<Statement, StatementError> {
    let names: Vec<String> = (0..plans.len()).map(|index| format!("={index}.json")).collect();
    let part = |(name, plan)| {
        let name: &String = name;
        PlanPart { name, sha256: Fingerprint::of(name.as_bytes()), plan }
    };
    let parts: Vec<PlanPart<'_>> = names.iter().zip(plans).map(part).collect();
    Statement::of(&parts)
}

fn usd(text: &str) -> Usd {
    Usd::read(text).unwrap()
}

/// The rows of a CSV file, each by column.
fn rows(bytes: &[u8]) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = ::csv::Reader::from_reader(bytes);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn check_foot<'c>(statement: &Statement, lines: impl Iterator<Item = &'c Costs> + Clone, what: &str) {
    for row in &statement.scenarios {
        let stated: Usd = lines.clone().map(|costs| costs.of(row.scenario).stated).sum();
        let rounded: Usd = lines.clone().map(|costs| costs.of(row.scenario).rounded).sum();
        assert_eq!(stated, row.cost.stated, "{what} {}", row.scenario.title());
        assert_eq!(rounded, row.cost.rounded, "{what} {}", row.scenario.title());
    }
}

/// Whether no cell would be run by a spreadsheet.
fn is_harmless(bytes: &[u8]) -> bool {
    rows(bytes).iter().flat_map(|row| row.values()).all(|cell| {
        let number = cell.parse::<f64>().is_ok();
        number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
    })
}

/// That the page is well formed, the same again, and shows the totals.
fn check_page(statement: &Statement) {
    let page = String::from_utf8(html(statement)).unwrap();
    assert_eq!(page.as_bytes(), html(statement), "equal statements give equal bytes");
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    assert!(document.descendants().all(|node| !node.has_tag_name("i")), "{page}");
    for row in &statement.scenarios {
        let total = row.cost.rounded.rounded(statement.places);
        assert!(page.replace(',', "").contains(&total), "{total} is not in\n{page}");
    }
}

/// What is not likely says what it is, and nothing else does.
fn check_basis(statement: &Statement) {
    for plan in &statement.plans {
        let Some(costs) = plan.costs else { continue };
        for (scenario, basis) in &plan.basis {
            let is_likely = costs.of(*scenario).range.likely() == Some(costs.of(*scenario).stated);
            let is_high = costs.of(*scenario).range.high() == costs.of(*scenario).stated;
            match basis[..] {
                [] => assert!(is_likely, "{scenario:?}"),
                [Basis::HighEnd] => assert!(is_high, "{scenario:?}"),
                _ => assert!(costs.of(*scenario).range.likely().is_none(), "{scenario:?}: {basis:?}"),
            }
        }
    }
    for row in &statement.scenarios {
        assert!(!row.basis.is_empty() || row.cost.range.likely() == Some(row.cost.stated), "{row:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn tables_foot_and_formats_agree(plans in vec(some_plan(), 1..4)) {
        let statement = statement(&plans).unwrap();
        for row in &statement.scenarios {
            let exact: Usd = plans.iter().filter_map(|plan| plan.quote).filter_map(|quote| match row.scenario {
                Scenario::Standard => quote.standard.likely(),
                Scenario::Batch => quote.batch.likely(),
                Scenario::BatchCached => quote.batch_cached.likely(),
            }).sum();
            if plans.iter().filter_map(|plan| plan.quote).all(|quote| quote.standard.likely().is_some()) {
                prop_assert_eq!(row.cost.stated, exact, "the likely cost is stated");
                prop_assert_eq!(row.cost.range.likely(), Some(exact));
                prop_assert!(row.basis.is_empty());
            }
            prop_assert_eq!(row.cost.rounded, row.cost.stated.rounded_to(statement.places));
        }
        check_foot(&statement, statement.models.iter().filter_map(|row| row.costs.as_ref()), "models");
        check_foot(&statement, statement.batches.iter().filter_map(|row| row.costs.as_ref()), "batches");
        check_foot(&statement, statement.plans.iter().filter_map(|row| row.costs.as_ref()), "plans");
        for rows in statement.tags.chunk_by(|one, other| one.key == other.key) {
            check_foot(&statement, rows.iter().filter_map(|row| row.costs.as_ref()), "tags");
        }
        for row in &statement.scenarios {
            let kinds = statement.token_kinds.iter().map(|kind| kind.of(row.scenario));
            prop_assert_eq!(kinds.clone().map(|kind| kind.stated).sum::<Usd>(), row.cost.stated);
            prop_assert_eq!(kinds.map(|kind| kind.rounded).sum::<Usd>(), row.cost.rounded);
        }

        check_basis(&statement);

        let csv = csv(&statement);
        prop_assert!(is_harmless(&csv), "{}", String::from_utf8(csv).unwrap());
        for row in &statement.scenarios {
            let of_it = rows(&csv).into_iter().filter(|line| line["scenario"] == row.scenario.name());
            let (priced, unpriced): (Vec<_>, Vec<_>) = of_it.partition(|line| line["token_kind"] != "unpriced");
            prop_assert_eq!(priced.iter().map(|line| usd(&line["cost_usd"])).sum::<Usd>(), row.cost.stated);
            let told: u64 = unpriced.iter().map(|line| line["unpriced_requests"].parse::<u64>().unwrap()).sum();
            prop_assert_eq!(told, statement.unpriced_requests);
            prop_assert!(unpriced.iter().all(|line| line["cost_usd"].is_empty()));
        }

        let json: Value = serde_json::from_slice(&json(&statement)).unwrap();
        for (told, row) in json["scenarios"].as_array().unwrap().iter().zip(&statement.scenarios) {
            prop_assert_eq!(usd(told["stated"].as_str().unwrap()), row.cost.stated);
            prop_assert_eq!(usd(told["rounded"].as_str().unwrap()), row.cost.rounded);
        }

        let unpriced = plans.iter().any(|plan| plan.requests > 0 && plan.quote.is_none());
        match focus(&statement) {
            Err(error) => prop_assert!(unpriced || statement.scenarios.is_empty(), "{error}"),
            Ok(files) => {
                prop_assert!(!unpriced && is_harmless(&files.rows));
                let sum = |column: &str| rows(&files.rows).iter().map(|row| usd(&row[column])).sum::<Usd>();
                if let [.., cached] = &statement.scenarios[..] {
                    prop_assert_eq!(sum("BilledCost"), cached.cost.stated);
                    prop_assert_eq!(sum("x_StandardCost"), sum("x_SavedCost") + cached.cost.stated);
                }
            }
        }

        let page = String::from_utf8(markdown(&statement)).unwrap();
        prop_assert!(!page.contains("<i>") && !page.contains("@team"), "{page}");
        for text in [String::from_utf8(table(&statement, 80)).unwrap(), page] {
            for row in &statement.scenarios {
                let total = row.cost.rounded.rounded(statement.places);
                let digits = |text: &str| text.replace(',', "");
                prop_assert!(digits(&text).contains(&total), "{total} is not in\n{text}");
            }
        }
        check_page(&statement);
        let workbook = xlsx(&statement).unwrap();
        prop_assert_eq!(&workbook, &xlsx(&statement).unwrap(), "equal statements give equal bytes");
        prop_assert!(workbook.starts_with(b"PK"));
    }

    /// Older plans tell no tokens by kind: their totals stand all the same, and nothing panics.
    #[test]
    fn older_plans_have_totals(plans in vec(any_plan(), 1..4)) {
        let statement = statement(&plans).unwrap();
        check_foot(&statement, statement.models.iter().filter_map(|row| row.costs.as_ref()), "models");
        check_foot(&statement, statement.batches.iter().filter_map(|row| row.costs.as_ref()), "batches");
        check_basis(&statement);
        for bytes in [table(&statement, 80), markdown(&statement), csv(&statement), json(&statement)] {
            prop_assert!(!bytes.is_empty());
        }
        xlsx(&statement).unwrap();
        check_page(&statement);
        if plans.iter().any(|plan| plan.requests > 0) {
            prop_assert!(focus(&statement).is_err());
        }
    }
}
