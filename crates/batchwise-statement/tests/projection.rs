//! The arithmetic of FOCUS rows.

use std::collections::HashMap;

use batchwise_plan::{Fingerprint, Plan};
use batchwise_statement::{FocusFiles, PlanPart, Statement, focus};
use batchwise_units::{ExpectedTokens, Rate, Usd};
use insta::assert_snapshot;
use serde_json::Value;

/// With a hit rate, so that tokens have fractions, and in the United States, so that prices have more digits.
const CACHED: &str = include_str!("data/cached.json");

const SUPPORT: &str = include_str!("data/support.json");

fn files(plans: &[(&str, &str)]) -> (Statement, FocusFiles) {
    let read: Vec<Plan> = plans.iter().map(|(_, file)| Plan::read(file.as_bytes()).unwrap()).collect();
    let parts: Vec<PlanPart<'_>> = plans
        .iter()
        .zip(&read)
        .map(|((name, file), plan)| PlanPart { name, sha256: Fingerprint::of(file.as_bytes()), plan })
        .collect();
    let statement = Statement::of(&parts).unwrap();
    let files = focus(&statement).unwrap();
    (statement, files)
}

fn rows(files: &FocusFiles) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(&files.rows[..]);
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn usd(text: &str) -> Usd {
    Usd::read(text).unwrap()
}

#[test]
fn each_row_is_a_price_times_a_quantity() {
    let (statement, files) = files(&[("cached.json", CACHED), ("support.json", SUPPORT)]);
    let rows = rows(&files);
    for row in &rows {
        let tokens = ExpectedTokens::read(&row["ConsumedQuantity"]).unwrap();
        let cost = tokens.checked_cost(Rate::read(&row["ContractedUnitPrice"]).unwrap()).unwrap();
        assert_eq!(cost, usd(&row["BilledCost"]));
        let millions = usd(&row["PricingQuantity"]).as_decimal();
        assert_eq!(
            millions.checked_mul(1_000_000.into()).unwrap().normalize(),
            tokens.as_decimal().normalize()
        );
        for column in ["EffectiveCost", "ListCost", "ContractedCost", "PricingCurrencyEffectiveCost"] {
            assert_eq!(row[column], row["BilledCost"], "{column}");
        }
        assert_eq!(usd(&row["x_StandardCost"]) - usd(&row["x_SavedCost"]), cost);
        assert_eq!((row["x_Projected"].as_str(), row["InvoiceId"].as_str()), ("true", ""));
        assert_eq!((row["ChargeClass"].as_str(), row["ChargeCategory"].as_str()), ("", "Usage"));
    }
    let sum = |column: &str| rows.iter().map(|row| usd(&row[column])).sum::<Usd>();
    assert_eq!(sum("BilledCost"), statement.scenarios[2].cost.stated);
    assert_eq!(sum("x_StandardCost"), statement.scenarios[0].cost.stated);
    let metadata: Value = serde_json::from_slice(&files.metadata).unwrap();
    let projection = &metadata["x_Projection"];
    assert_eq!(projection["cost"]["stated"], sum("BilledCost").to_string());
    assert_eq!(projection["saved"]["stated"], sum("x_SavedCost").to_string());
}

#[test]
fn a_row_in_full() {
    let (_, files) = files(&[("cached.json", CACHED)]);
    let columns = String::from_utf8(files.rows.clone()).unwrap();
    let header: Vec<String> = columns.lines().next().unwrap().split(',').map(str::to_owned).collect();
    let rows = rows(&files);
    let read = rows.iter().find(|row| row["SkuMeter"] == "cache_read").unwrap();
    let shown: Vec<String> = header
        .iter()
        .map(|name| format!("{name}: {}", if read[name].is_empty() { "null" } else { &read[name] }))
        .collect();
    assert_snapshot!(shown.join("\n").replace(&read["x_PlanSha256"], "…"), @r#"
    BilledCost: 0.000175395
    BillingAccountId: projected
    BillingAccountName: Projected (not billed)
    BillingAccountType: Projection
    BillingCurrency: USD
    BillingPeriodEnd: 2026-12-01T00:00:00Z
    BillingPeriodStart: 2026-11-01T00:00:00Z
    ChargeCategory: Usage
    ChargeClass: null
    ChargeDescription: Projected: claude-sonnet-5-5 cache_read tokens in batches
    ChargeFrequency: Usage-Based
    ChargePeriodEnd: 2026-11-22T00:00:00Z
    ChargePeriodStart: 2026-11-21T00:00:00Z
    ConsumedQuantity: 3189
    ConsumedUnit: Tokens
    ContractedCost: 0.000175395
    ContractedUnitPrice: 0.055
    EffectiveCost: 0.000175395
    InvoiceId: null
    InvoiceIssuerName: Anthropic
    ListCost: 0.000175395
    ListUnitPrice: 0.055
    PricingCategory: Standard
    PricingCurrency: USD
    PricingCurrencyContractedUnitPrice: 0.055
    PricingCurrencyEffectiveCost: 0.000175395
    PricingCurrencyListUnitPrice: 0.055
    PricingQuantity: 0.003189
    PricingUnit: 1000000 Tokens
    ProviderName: Anthropic
    PublisherName: Anthropic
    ResourceId: null
    ResourceName: null
    ResourceType: null
    RegionId: null
    RegionName: null
    ServiceCategory: AI and Machine Learning
    ServiceName: Message Batches API
    ServiceSubcategory: Generative AI
    SkuId: claude-sonnet-5-5/batch/cache_read
    SkuMeter: cache_read
    SkuPriceDetails: {"x_TokenKind":"cache_read","x_UsdPerMillionTokens":"0.055"}
    SkuPriceId: claude-sonnet-5-5/batch/cache_read/us/2026-11-21
    Tags: {}
    x_Projected: true
    x_Scenario: batch_cached
    x_PlanSha256: …
    x_PlanName: cached.json
    x_Batch: 0
    x_Geo: us
    x_StandardCost: 0.0070158
    x_SavedCost: 0.006840405
    x_PlanCostLow: 0.189104707
    x_PlanCostHigh: 0.453417283
    x_PlanUnpricedRequests: 0
    x_Basis: likely
    x_Method: estimated offline by `claude`; low and high are a range, not a bound
    x_PriceBookSha256: 28facf32d231357930d399a59efd9494f9491d38bd366b40aa517c5f99fdddfa
    "#);
}

#[test]
fn a_charge_falls_on_the_day_of_its_prices() {
    for (day, expected) in [
        ("2026-11-21", ["2026-11-01", "2026-12-01", "2026-11-21", "2026-11-22"]),
        ("2026-12-31", ["2026-12-01", "2027-01-01", "2026-12-31", "2027-01-01"]),
        ("2028-02-29", ["2028-02-01", "2028-03-01", "2028-02-29", "2028-03-01"]),
    ] {
        let plan = SUPPORT.replace("\"priced_on\": \"2026-11-21\"", &format!("\"priced_on\": \"{day}\""));
        let (_, files) = files(&[("a.json", &plan)]);
        let columns = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"];
        for row in rows(&files) {
            assert_eq!(
                columns.map(|column| row[column].clone()),
                expected.map(|day| format!("{day}T00:00:00Z"))
            );
        }
    }
}
