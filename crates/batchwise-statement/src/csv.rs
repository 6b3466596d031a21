use ::csv::Terminator;
use batchwise_units::Usd;

use crate::plain_text::plain_text;
use crate::{Basis, Charge, Statement};

/// The columns; more may follow within a version, none goes away.
const COLUMNS: [&str; 14] = [
    "scenario",
    "model",
    "token_kind",
    "quantity",
    "unit",
    "unit_price_usd",
    "cost_usd",
    "plan",
    "batch",
    "geo",
    "prompt_tokens_over",
    "tags",
    "unpriced_requests",
    "basis",
];

/// One row for each charge, tidy: a scenario, a plan, a batch, a model, a kind of token, its quantity and its cost, exact.
/// So the rows of one scenario add up to its stated cost.
///
/// A plan or batch with requests that have no price has a row `unpriced` in every scenario, with an empty cost: what
/// nobody knows is missing, and not nothing. Texts of users can be no formula.
pub fn csv(statement: &Statement) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
    let mut write = |cells: Vec<String>| writer.write_record(cells).expect("rows are equally long");
    write(COLUMNS.map(str::to_owned).to_vec());
    for scenario in &statement.scenarios {
        let charges = statement.charges.iter().filter(|charge| charge.scenario == scenario.scenario);
        charges.for_each(|charge| write(row(statement, charge)));
        unpriced(statement, scenario.scenario.name()).into_iter().for_each(&mut write);
    }
    if statement.scenarios.is_empty() {
        for scenario in crate::Scenario::ALL {
            unpriced(statement, scenario.name()).into_iter().for_each(&mut write);
        }
    }
    writer.into_inner().expect("nothing fails in memory")
}

/// In what a stated cost is not the likely one, in one word.
pub(crate) fn basis(basis: &[Basis]) -> String {
    match basis {
        [] => "likely".to_owned(),
        basis => basis.iter().map(|basis| basis.name()).collect::<Vec<_>>().join("+"),
    }
}

fn row(statement: &Statement, charge: &Charge) -> Vec<String> {
    let plan = &statement.plans[charge.plan];
    let text = |text: Option<&String>| text.map(|text| plain_text(text)).unwrap_or_default();
    let per_token =
        charge.usd_per_mtok.and_then(Usd::per_token).map(|usd| usd.to_string()).unwrap_or_default();
    vec![
        charge.scenario.name().to_owned(),
        text(charge.model.as_ref()),
        plain_text(&charge.token_kind),
        charge.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
        charge.tokens.map(|_| "token".to_owned()).unwrap_or_default(),
        per_token,
        charge.cost_usd.to_string(),
        plain_text(&plan.name),
        charge.batch.map(|batch| batch.to_string()).unwrap_or_default(),
        text(charge.geo.as_ref()),
        charge.prompt_tokens_over.map(|over| over.to_string()).unwrap_or_default(),
        tags(plan),
        String::new(),
        basis(&plan.basis[&charge.scenario]),
    ]
}

/// A row for each batch that holds requests without a price.
fn unpriced(statement: &Statement, scenario: &str) -> Vec<Vec<String>> {
    let batches = statement.batches.iter().filter(|batch| batch.unpriced_requests > 0);
    let row = |batch: &crate::BatchRow| {
        let plan = &statement.plans[batch.plan];
        let mut cells = vec![String::new(); COLUMNS.len()];
        cells[0] = scenario.to_owned();
        cells[2] = "unpriced".to_owned();
        cells[7] = plain_text(&plan.name);
        cells[8] = batch.batch.map(|batch| batch.to_string()).unwrap_or_default();
        cells[11] = tags(plan);
        cells[12] = batch.unpriced_requests.to_string();
        cells
    };
    batches.map(row).collect()
}

/// `key=value`, in order of key, with `;` between them; what would be ambiguous has a backslash in front.
fn tags(plan: &crate::PlanRow) -> String {
    let tag =
        |(key, value): (&String, &String)| format!("{}={}", escaped(key).replace('=', "\\="), escaped(value));
    plain_text(&plan.tags.iter().map(tag).collect::<Vec<_>>().join(";"))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;")
}
