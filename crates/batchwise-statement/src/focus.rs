use ::csv::Terminator;
use batchwise_findings::visible;
use batchwise_units::{ExpectedTokens, Usd};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::plain_text::plain_text;
use crate::{Charge, PlanRow, Scenario, Statement, StatementError};

/// The version of FOCUS that the rows follow.
const VERSION: &str = "1.2";

/// What is projected: the charges of the batches as they would be sent.
const SCENARIO: Scenario = Scenario::BatchCached;

/// Rows, and what is known of all of them together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FocusFiles {
    /// CSV.
    pub rows: Vec<u8>,
    /// JSON, to lie beside it.
    pub metadata: Vec<u8>,
}

/// The charges that the batches would make, as rows of the FinOps Open Cost and Usage Specification 1.2: one for each kind
/// of token of each model and batch.
///
/// They are projected: nothing was billed. So they belong into a file of their own, never among the provider's. Each is
/// charged on the day whose prices apply.
///
/// # Errors
/// When a plan does not tell its tokens by kind, or has no price at all: a row could only say nothing, or zero; and when no request is in a batch.
pub fn focus(statement: &Statement) -> Result<FocusFiles, StatementError> {
    for (index, plan) in statement.plans.iter().enumerate() {
        let name = || visible(&plan.name);
        if plan.requests > 0 && plan.costs.is_none() {
            return Err(StatementError::NothingPriced { name: name() });
        }
        if statement.charges.iter().any(|charge| charge.plan == index && charge.tokens.is_none()) {
            return Err(StatementError::NoKinds { name: name() });
        }
    }
    if statement.scenarios.is_empty() {
        return Err(StatementError::NothingToCharge);
    }
    let periods = statement.plans.iter().map(Periods::of).collect::<Result<Vec<_>, _>>()?;
    let mut writer = ::csv::WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(Vec::new());
    let mut write = |cells: Vec<String>| writer.write_record(cells).expect("rows are equally long");
    write(COLUMNS.iter().map(|column| column.name.to_owned()).collect());
    for charge in charges(statement) {
        let row =
            Row { statement, plan: &statement.plans[charge.plan], charge, periods: &periods[charge.plan] };
        write(COLUMNS.iter().map(|column| (column.cell)(&row)).collect());
    }
    let rows = writer.into_inner().expect("nothing fails in memory");
    Ok(FocusFiles { rows, metadata: metadata(statement) })
}

fn charges(statement: &Statement) -> impl Iterator<Item = &Charge> {
    statement.charges.iter().filter(|charge| charge.scenario == SCENARIO)
}

/// When the charges of a plan would be made: from the one to before the other.
struct Periods {
    charge: [Date; 2],
    billing: [Date; 2],
}

impl Periods {
    fn of(plan: &PlanRow) -> Result<Periods, StatementError> {
        let no_such_day =
            || StatementError::NoSuchDay { name: visible(&plan.name), day: plan.priced_on.clone() };
        let day: Date = plan.priced_on.parse().map_err(|_| no_such_day())?;
        let tomorrow = day.tomorrow().map_err(|_| no_such_day())?;
        let next_month = day.first_of_month().checked_add(1.month()).map_err(|_| no_such_day())?;
        Ok(Periods { charge: [day, tomorrow], billing: [day.first_of_month(), next_month] })
    }
}

fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

struct Row<'r> {
    statement: &'r Statement,
    plan: &'r PlanRow,
    charge: &'r Charge,
    periods: &'r Periods,
}

impl Row<'_> {
    fn model(&self) -> &str {
        self.charge.model.as_deref().unwrap_or_default()
    }

    fn tokens(&self) -> ExpectedTokens {
        self.charge.tokens.unwrap_or_default()
    }

    /// In the unit of the price: a million tokens.
    fn millions(&self) -> String {
        let mut millions = self.tokens().as_decimal();
        let places = millions.scale() + 6;
        millions.set_scale(places).expect("far fewer than 28 decimals");
        millions.normalize().to_string()
    }

    fn rate(&self) -> String {
        self.charge.usd_per_mtok.map(|rate| rate.to_string()).unwrap_or_default()
    }

    fn cost(&self) -> String {
        self.charge.cost_usd.to_string()
    }

    /// What is bought: a kind of token of a model, in batches, in a region.
    fn sku(&self) -> String {
        format!("{}/batch/{}", self.model(), self.charge.token_kind)
    }

    fn sku_price(&self) -> String {
        let over = self.charge.prompt_tokens_over.map(|over| format!("/over-{over}")).unwrap_or_default();
        format!(
            "{}/{}{over}/{}",
            self.sku(),
            self.charge.geo.as_deref().unwrap_or_default(),
            self.plan.price_book
        )
    }

    fn range_end(&self, end: fn(&crate::Cost) -> Usd) -> String {
        self.plan.costs.map(|costs| end(costs.of(SCENARIO)).to_string()).unwrap_or_default()
    }

    fn method(&self) -> String {
        let rows = self.statement.assumptions.iter();
        let of_plan = rows.filter(|row| row.plans.contains(&self.charge.plan) && row.key == "input-tokens");
        of_plan.map(|row| row.value.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// A column: its name, its type, what it says of a charge.
struct Column {
    name: &'static str,
    data_type: &'static str,
    cell: fn(&Row<'_>) -> String,
}

const fn column(name: &'static str, data_type: &'static str, cell: fn(&Row<'_>) -> String) -> Column {
    Column { name, data_type, cell }
}

const TEXT: &str = "STRING";
const NUMBER: &str = "DECIMAL";
const TIME: &str = "DATETIME";

const COLUMNS: [Column; 58] = [
    column("BilledCost", NUMBER, |row| row.cost()),
    column("BillingAccountId", TEXT, |_| "projected".to_owned()),
    column("BillingAccountName", TEXT, |_| "Projected (not billed)".to_owned()),
    column("BillingAccountType", TEXT, |_| "Projection".to_owned()),
    column("BillingCurrency", TEXT, |_| "USD".to_owned()),
    column("BillingPeriodEnd", TIME, |row| midnight(row.periods.billing[1])),
    column("BillingPeriodStart", TIME, |row| midnight(row.periods.billing[0])),
    column("ChargeCategory", TEXT, |_| "Usage".to_owned()),
    column("ChargeClass", TEXT, |_| String::new()),
    column("ChargeDescription", TEXT, |row| {
        plain_text(&format!("Projected: {} {} tokens in batches", row.model(), row.charge.token_kind))
    }),
    column("ChargeFrequency", TEXT, |_| "Usage-Based".to_owned()),
    column("ChargePeriodEnd", TIME, |row| midnight(row.periods.charge[1])),
    column("ChargePeriodStart", TIME, |row| midnight(row.periods.charge[0])),
    column("ConsumedQuantity", NUMBER, |row| row.tokens().to_string()),
    column("ConsumedUnit", TEXT, |_| "Tokens".to_owned()),
    column("ContractedCost", NUMBER, |row| row.cost()),
    column("ContractedUnitPrice", NUMBER, |row| row.rate()),
    column("EffectiveCost", NUMBER, |row| row.cost()),
    column("InvoiceId", TEXT, |_| String::new()),
    column("InvoiceIssuerName", TEXT, |_| "Anthropic".to_owned()),
    column("ListCost", NUMBER, |row| row.cost()),
    column("ListUnitPrice", NUMBER, |row| row.rate()),
    column("PricingCategory", TEXT, |_| "Standard".to_owned()),
    column("PricingCurrency", TEXT, |_| "USD".to_owned()),
    column("PricingCurrencyContractedUnitPrice", NUMBER, |row| row.rate()),
    column("PricingCurrencyEffectiveCost", NUMBER, |row| row.cost()),
    column("PricingCurrencyListUnitPrice", NUMBER, |row| row.rate()),
    column("PricingQuantity", NUMBER, |row| row.millions()),
    column("PricingUnit", TEXT, |_| "1000000 Tokens".to_owned()),
    column("ProviderName", TEXT, |_| "Anthropic".to_owned()),
    column("PublisherName", TEXT, |_| "Anthropic".to_owned()),
    column("ResourceId", TEXT, |_| String::new()),
    column("ResourceName", TEXT, |_| String::new()),
    column("ResourceType", TEXT, |_| String::new()),
    column("RegionId", TEXT, |_| String::new()),
    column("RegionName", TEXT, |_| String::new()),
    column("ServiceCategory", TEXT, |_| "AI and Machine Learning".to_owned()),
    column("ServiceName", TEXT, |_| "Message Batches API".to_owned()),
    column("ServiceSubcategory", TEXT, |_| "Generative AI".to_owned()),
    column("SkuId", TEXT, |row| plain_text(&row.sku())),
    column("SkuMeter", TEXT, |row| plain_text(&row.charge.token_kind)),
    column("SkuPriceDetails", TEXT, |row| {
        json!({ "x_TokenKind": row.charge.token_kind, "x_UsdPerMillionTokens": row.rate() }).to_string()
    }),
    column("SkuPriceId", TEXT, |row| plain_text(&row.sku_price())),
    column("Tags", TEXT, |row| serde_json::to_string(&row.plan.tags).expect("tags are JSON")),
    column("x_Projected", TEXT, |_| "true".to_owned()),
    column("x_Scenario", TEXT, |_| SCENARIO.name().to_owned()),
    column("x_PlanSha256", TEXT, |row| row.plan.sha256.to_string()),
    column("x_PlanName", TEXT, |row| plain_text(&row.plan.name)),
    column("x_Batch", NUMBER, |row| row.charge.batch.map(|batch| batch.to_string()).unwrap_or_default()),
    column("x_Geo", TEXT, |row| plain_text(row.charge.geo.as_deref().unwrap_or_default())),
    column("x_StandardCost", NUMBER, |row| row.charge.standard_cost_usd.to_string()),
    column("x_SavedCost", NUMBER, |row| (row.charge.standard_cost_usd - row.charge.cost_usd).to_string()),
    column("x_PlanCostLow", NUMBER, |row| row.range_end(|cost| cost.range.low())),
    column("x_PlanCostHigh", NUMBER, |row| row.range_end(|cost| cost.range.high())),
    column("x_PlanUnpricedRequests", NUMBER, |row| row.plan.unpriced_requests.to_string()),
    column("x_Basis", TEXT, |row| crate::csv::basis(&row.plan.basis[&SCENARIO])),
    column("x_Method", TEXT, |row| plain_text(&row.method())),
    column("x_PriceBookSha256", TEXT, |row| row.plan.price_book_sha256.clone()),
];

fn metadata(statement: &Statement) -> Vec<u8> {
    let column = |column: &Column| json!({ "ColumnName": column.name, "DataType": column.data_type });
    let row = statement.scenarios.iter().find(|row| row.scenario == SCENARIO);
    let last_day = statement.plans.iter().map(|plan| plan.priced_on.as_str()).max().unwrap_or_default();
    let metadata: Value = json!({
        "DataGenerator": { "DataGenerator": "batchwise" },
        "Schema": {
            "SchemaId": "batchwise.focus/1",
            "FocusVersion": VERSION,
            "DataGeneratorVersion": env!("CARGO_PKG_VERSION"),
            "CreationDate": format!("{last_day}T00:00:00Z"),
            "ColumnDefinition": COLUMNS.iter().map(column).collect::<Vec<_>>(),
        },
        "x_Projection": {
            "projected_not_billed": true,
            "headline": statement.headline,
            "caveats": statement.caveats,
            "scenario": SCENARIO,
            "basis": row.map(|row| &row.basis),
            "cost": row.map(|row| &row.cost),
            "standard_cost": statement.scenarios.first().map(|row| &row.cost),
            "saved": row.map(|row| &row.saved),
            "requests": statement.requests,
            "unpriced_requests": statement.unpriced_requests,
            "unbounded_requests": statement.unbounded_requests,
            "left_out_lines": statement.left_out_lines,
            "verdict": statement.verdict,
            "plans": statement.plans,
            "assumptions": statement.assumptions,
            "prices": statement.prices,
        },
    });
    let mut json = serde_json::to_vec_pretty(&metadata).expect("it is always JSON");
    json.push(b'\n');
    json
}
