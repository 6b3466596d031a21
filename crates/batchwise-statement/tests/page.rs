//! The HTML page: what stands on it, that nothing of a file is markup, and that it may do nothing but calculate.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use batchwise_plan::{Fingerprint, Plan};
use batchwise_statement::{PlanPart, Statement, html, json};
use insta::assert_snapshot;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SUPPORT: &str = include_str!("data/support.json");
const SEARCH: &str = include_str!("data/search.json");
const WHAT_IF: &str = include_str!("data/what-if.json");

fn statement(files: &[(&str, &str)]) -> Statement {
    let plans: Vec<Plan> = files.iter().map(|(_, file)| Plan::read(file.as_bytes()).unwrap()).collect();
    let parts: Vec<PlanPart<'_>> = files
        .iter()
        .zip(&plans)
        .map(|((name, file), plan)| PlanPart { name, sha256: Fingerprint::of(file.as_bytes()), plan })
        .collect();
    Statement::of(&parts).unwrap()
}

/// Two plans that differ in a tag.
fn two() -> Statement {
    let other = WHAT_IF.replacen("\"priced_on\"", "\"tags\": { \"team\": \"other\" },\n  \"priced_on\"", 1);
    statement(&[("legal.json", WHAT_IF), ("other.json", &other)])
}

fn page(statement: &Statement) -> String {
    String::from_utf8(html(statement)).unwrap()
}

fn parsed(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}\n{page}"))
}

fn elements<'d>(page: &'d Document<'_>, name: &str) -> Vec<Node<'d, 'd>> {
    let name = name.to_owned();
    page.descendants()
        .filter(|node| node.has_tag_name(name.as_str()))
        .map(|node| page.get_node(node.id()).unwrap())
        .collect()
}

/// All text inside a node.
fn text(node: &Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|node| node.text())
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Titles, and tables with their columns and the number of their rows.
fn outline(page: &Document<'_>) -> String {
    let mut lines = String::new();
    for node in page.descendants().filter(Node::is_element) {
        match node.tag_name().name() {
            title @ ("h1" | "h2") => lines += &format!("{title} {}\n", text(&node)),
            "figcaption" => lines += &format!("  figure: {}\n", text(&node)),
            "table" => {
                let rows = node.descendants().filter(|node| node.has_tag_name("tr")).count() - 1;
                let cell = |name: &str| node.descendants().find(|node| node.has_tag_name(name)).unwrap();
                let columns: Vec<String> = cell("thead")
                    .descendants()
                    .filter(|node| node.has_tag_name("th"))
                    .map(|node| text(&node))
                    .collect();
                lines += &format!("  {}: {} ({rows})\n", text(&cell("caption")), columns.join(" | "));
            }
            _ => (),
        }
    }
    lines
}

/// The cells of the row of a table that begins so.
fn row(page: &Document<'_>, caption: &str, first: &str) -> Vec<String> {
    let is_it = |node: &Node<'_, '_>| {
        node.descendants().any(|node| node.has_tag_name("caption") && text(&node).starts_with(caption))
    };
    let table = page.descendants().filter(|node| node.has_tag_name("table")).find(is_it).unwrap();
    let rows = table.descendants().filter(|node| node.has_tag_name("tr"));
    let cells = |node: Node<'_, '_>| -> Vec<String> {
        node.children().filter(Node::is_element).map(|node| text(&node)).collect()
    };
    rows.map(cells).find(|cells| cells[0] == first).unwrap_or_else(|| panic!("no row {first}"))
}

/// What is between two marks.
fn between<'t>(page: &'t str, begin: &str, end: &str) -> &'t str {
    page.split_once(begin).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn a_page_tells_everything_in_order() {
    let page = page(&two());
    assert_snapshot!(outline(&parsed(&page)), @"
    h1 What it costs
    h2 By scenario
      figure: Cost by scenario; lines show the range
      Cost by scenario, US dollars: scenario | low | likely | high | saved, likely | % (3)
    h2 By model
      Cost by model, US dollars; low and high are with caching: model | requests | standard | batch | with caching | low | high (1)
    h2 By kind of token
      figure: Cost as batches with caching, by kind of token
      Cost by kind of token, US dollars: kind of token | tokens | standard | batch | cached tokens | with caching (5)
    h2 What if
      Stated cost by scenario, US dollars, calculated: scenario | cost | saved | % (3)
      The same by kind of token: kind of token | standard | batch | with caching (5)
    h2 What the cache may do
      Cost as batches by what the cache does, US dollars: cache | what it does | low | likely | high | longest replies (6)
    h2 By batch
      Cost by batch, US dollars; low and high are with caching; up to: the most it can cost as a batch, unless it says more, each rounded up: plan | batch | requests | unpriced | body bytes | standard | batch | with caching | low | high | up to (5)
    h2 By tag
      Cost by tag team, US dollars; low and high are with caching: team | requests | standard | batch | with caching | low | high (3)
    h2 By plan
      Cost by plan, US dollars; low and high are with caching: plan | requests | standard | batch | with caching | low | high (3)
      Plan files: plan | verdict | prices of | price book | tags | SHA-256 (2)
    h2 What it rests on
      Assumptions and methods: about | assumed | because | plans (8)
      Prices, US dollars per million tokens: model | prices | since | read | source | in | out | write 5m | write 1h | cache read (2)
    h2 What was found
      Findings by rule: rule | how often (1)
    ");
}

#[test]
fn the_policy_names_the_blocks_that_are_there_and_nothing_else() {
    let page = page(&statement(&[("legal.json", WHAT_IF)]));
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let hash = |block: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(block)));
    let (style, script) = (between(&page, "<style>", "</style>"), between(&page, "<script>", "</script>"));
    let expected = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(script),
        hash(style)
    );
    assert_eq!(policy, expected);
    assert!(page.find(policy).unwrap() < page.find("<style>").unwrap(), "it holds from the start");
    assert_eq!((page.matches("<style").count(), page.matches("<script>").count()), (1, 1));
}

#[test]
fn a_page_is_well_formed_and_told_to_those_who_cannot_see_it() {
    let page = page(&two());
    let page = parsed(&page);
    assert_eq!(page.root_element().attribute("lang"), Some("en"));
    let mut ids = BTreeSet::new();
    for node in page.descendants().filter(Node::is_element) {
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!name.starts_with("on") && name != "style" && name != "src", "{name}");
            assert!(name != "href" || value == "data:,", "{value}");
            assert!(name != "id" || ids.insert(value.to_owned()), "{value} is there twice");
        }
        let has = |name: &str| node.children().any(|child| child.has_tag_name(name));
        match node.tag_name().name() {
            "table" => assert!(has("caption") && has("thead") && has("tbody")),
            "th" => assert!(matches!(node.attribute("scope"), Some("col" | "row"))),
            "svg" => assert!(has("title") && has("desc") && node.attribute("role") == Some("img")),
            "input" => assert!(node.attribute("aria-label").is_some()),
            _ => (),
        }
    }
    for node in page.descendants().filter(|node| node.has_attribute("aria-labelledby")) {
        assert!(ids.contains(node.attribute("aria-labelledby").unwrap()));
    }
}

#[test]
fn a_page_states_what_the_json_states() {
    let statement = two();
    let report: Value = serde_json::from_slice(&json(&statement)).unwrap();
    let page = page(&statement);
    let page = parsed(&page);
    let cents = |value: &Value| {
        let usd = batchwise_units::Usd::read(value.as_str().unwrap()).unwrap();
        batchwise_units::dollars(usd, statement.places)
    };
    for told in report["scenarios"].as_array().unwrap() {
        let titles = [
            ("standard", "standard, one by one"),
            ("batch", "batch"),
            ("batch_cached", "batch with caching"),
        ];
        let (_, title) = titles.into_iter().find(|(name, _)| told["scenario"] == *name).unwrap();
        let cells = row(&page, "Cost by scenario", title);
        assert_eq!(cells[1..4], [cents(&told["low"]), cents(&told["rounded"]), cents(&told["high"])]);
        if let Some(saved) = told["saved"].as_object() {
            assert_eq!(cells[4..], [cents(&saved["rounded"]), saved["percent"].as_str().unwrap().to_owned()]);
        }
    }
    for told in report["models"].as_array().unwrap() {
        let cells = row(&page, "Cost by model", told["model"].as_str().unwrap());
        let scenarios =
            ["standard", "batch", "batch_cached"].map(|scenario| cents(&told["costs"][scenario]["rounded"]));
        assert_eq!(cells[2..5], scenarios);
    }
    let calculator: Value = serde_json::from_str(&text(&elements(&page, "script")[0])).unwrap();
    for told in report["scenarios"].as_array().unwrap() {
        assert_eq!(calculator["stated"][told["scenario"].as_str().unwrap()], told["stated"]);
    }
}

#[test]
fn texts_of_users_are_no_markup() {
    let hostile = "</script></td><img src=x onerror=alert(1)>&amp;'\"]]>\u{1b}[31m\u{202e}\n";
    let mut plan: Value = serde_json::from_str(WHAT_IF).unwrap();
    plan["models"][0]["model"] = json!(hostile);
    plan["models"][0]["priced_as"] = json!(format!("{hostile}."));
    plan["models"][0]["rates"][0]["source"] = json!(hostile);
    for batch in plan["batches"].as_array_mut().unwrap() {
        batch["usage"][0]["model"] = json!(hostile);
    }
    plan["what_if"]["lines"][0]["model"] = json!(hostile);
    plan["tags"] = json!({ hostile: hostile });
    plan["price_book"]["version"] = json!(hostile);
    plan["assumptions"][0] = json!({ "key": hostile, "value": hostile, "source": hostile });
    plan["findings"]["rules"] = json!({ hostile: 1 });
    plan["cache"]["scenarios"]["none"]["meaning"] = json!(hostile);
    let scenarios = plan["cache"]["scenarios"].as_object_mut().unwrap();
    let none = scenarios.remove("none").unwrap();
    scenarios.insert(hostile.to_owned(), none);
    let plan = plan.to_string();
    let page = page(&statement(&[(hostile, &plan)]));
    let page = parsed(&page);
    assert_eq!((elements(&page, "img").len(), elements(&page, "script").len()), (0, 2));
    assert!(!page.input_text().contains(['\u{1b}', '\u{202e}']));
    let shown = "</script></td><img src=x onerror=alert(1)>&amp;'\"]]>␛[31m\u{fffd}␊";
    assert_eq!(row(&page, "Cost by model", shown)[1], "24");
    assert_eq!(row(&page, "Assumptions", shown)[1..3], [shown, shown]);
    assert_eq!(text(&elements(&page, "title")[0]), format!("What {shown} costs"));
}

#[test]
fn a_plan_that_tells_no_what_if_has_a_page_without_a_calculator() {
    let page = page(&statement(&[("search.json", SEARCH), ("legal.json", WHAT_IF)]));
    assert!(page.contains("make it again to calculate here"));
    assert!(page.contains("script-src 'none';"));
    assert_eq!(elements(&parsed(&page), "script").len(), 0);
}

#[test]
fn what_has_no_price_is_no_amount() {
    let mut plan: Value = serde_json::from_str(SEARCH).unwrap();
    for pointer in
        ["/quote", "/savings", "/cache", "/models/0/quote", "/models/0/priced_as", "/batches/0/quote"]
    {
        *plan.pointer_mut(pointer).unwrap() = Value::Null;
    }
    for pointer in ["", "/models/0", "/batches/0"] {
        plan.pointer_mut(pointer).unwrap()["unpriced_requests"] = json!(60);
    }
    plan["models"][0]["unpriced_because"] = json!("nobody knows <b>why</b>");
    plan["models"][0]["rates"] = json!([]);
    plan["batches"][0]["usage"] = json!([]);
    let plan = plan.to_string();
    let page = page(&statement(&[("search.json", &plan)]));
    let page = parsed(&page);
    assert_eq!(row(&page, "Cost by model", "claude-sonnet-5-5")[2..], ["unpriced"; 5]);
    assert_eq!(row(&page, "Cost by batch", "1")[1..4], ["0", "60", "60"]);
    let caveats: Vec<String> = page
        .descendants()
        .filter(|node| node.attribute("class").is_some_and(|class| ["headline", "caveat"].contains(&class)))
        .map(|node| text(&node))
        .collect();
    assert_snapshot!(caveats.join("\n"), @"
    Nobody knows what it costs: not one of 60 requests has a price.
    60 of 60 requests have no price and are in no amount.
    60 of claude-sonnet-5-5 unpriced, in no amount: nobody knows <b>why</b>
    ");
    assert!(page.descendants().filter(Node::is_text).all(|node| !node.text().unwrap().contains("$0")));
}

#[test]
fn many_batches_are_some_and_a_sum_that_foots() {
    let mut statement = statement(&[("support.json", SUPPORT)]);
    let batch = statement.batches[0].clone();
    statement.batches = vec![batch.clone(); 53];
    let page = page(&statement);
    let page = parsed(&page);
    let rest = row(&page, "Cost by batch", "the other 3");
    let cost = batch.costs.unwrap().batch;
    let three = batchwise_units::dollars(cost.rounded + cost.rounded + cost.rounded, statement.places);
    assert_eq!((rest[2].as_str(), &rest[6]), ("360", &three));
    assert_eq!(row(&page, "Cost by batch", "total")[2], "6,360");
}
