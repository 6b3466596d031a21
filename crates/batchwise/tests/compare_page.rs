//! The page that `batchwise compare --format html` makes.

mod common;

use common::comparing::{DAY, compare, parsed, sharing, shown, workload};
use common::{Folder, good, line};
use insta::assert_snapshot;
use roxmltree::{Document, Node};
use serde_json::json;

/// A table as rows of cells; what stands behind a row in no column is a cell of its own.
#[derive(Debug, PartialEq)]
struct Rows {
    title: String,
    rows: Vec<Vec<String>>,
}

/// The tables of a screen that is wide enough for all columns, which are at least two spaces apart.
fn tables_of_screen(screen: &str) -> Vec<Rows> {
    let above = screen.split("\nRemarks\n").next().unwrap().split("\nHow to read it\n").next().unwrap();
    let table = |section: &str| {
        let (title, rows) = section.split_once('\n')?;
        let row = |line: &str| -> Vec<String> {
            let unnamed = line.starts_with("   ").then(String::new);
            unnamed
                .into_iter()
                .chain(
                    line.trim()
                        .split("  ")
                        .map(|cell| cell.trim().to_owned())
                        .filter(|cell| !cell.is_empty()),
                )
                .collect()
        };
        Some(Rows { title: title.to_owned(), rows: rows.lines().map(row).collect() })
    };
    above.split("\n\n").skip(1).filter_map(table).collect()
}

/// The tables of a page up to those of what it rests on, with the notes behind the numbers, as on a screen.
fn tables_of_page(page: &Document<'_>) -> Vec<Rows> {
    let text = |node: Node<'_, '_>| {
        node.descendants()
            .filter(Node::is_text)
            .filter_map(|node| node.text())
            .collect::<String>()
            .trim()
            .to_owned()
    };
    let table = |table: Node<'_, '_>| {
        let caption = table.children().find(|node| node.has_tag_name("caption")).unwrap();
        let rows = table.descendants().filter(|node| node.has_tag_name("tr"));
        let mut rows: Vec<Vec<String>> =
            rows.map(|row| row.children().filter(Node::is_element).map(text).collect()).collect();
        if let Some(place) = rows[0].iter().position(|head| head == "note") {
            rows[0].remove(place);
            for row in &mut rows[1..] {
                let note = row.remove(place);
                row.extend(Some(note).filter(|note| !note.is_empty()));
            }
        }
        Rows { title: text(caption), rows }
    };
    let tables = page.descendants().filter(|node| node.has_tag_name("table")).map(table);
    tables.take_while(|table| table.title != "Inputs").collect()
}

#[test]
fn a_page_has_the_cells_of_the_tables() {
    let search = json!({"custom_id": "s", "params": {"model": "claude-sonnet-5-5", "max_tokens": 200,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "web_search_20250305", "name": "web_search"}]}});
    let odd = Folder::with([search.to_string(), line("u", "nobody-knows", 9, "hi"), good("g")].join("\n"));
    for (folder, arguments) in [
        (&workload(), "--what-if model=claude-haiku-4-5,claude-opus-5-5 --what-if geo=us"),
        (&workload(), "--what-if all-models --output-tokens 200 --cache 50%"),
        (&workload(), "--output-tokens 200 --what-if model=claude-haiku-5-5 --what-if cache=none,85%"),
        (&workload(), ""),
        (&odd, "--what-if model=claude-haiku-5-5,claude-opus-5-5 --allow-unpriced"),
        (&sharing(), "--output-tokens 20"),
    ] {
        let screen = compare(folder, &format!("{arguments} --width 300 -q"));
        let page = compare(folder, &format!("{arguments} --format html -q"));
        assert_eq!((page.code, page.stderr.as_str()), (0, ""));
        shown(&page.stdout);
        let document = parsed(&page.stdout);
        let (on_screen, on_page) = (tables_of_screen(&screen.stdout), tables_of_page(&document));
        assert_eq!(on_page.len(), 4, "{arguments}");
        for (page, screen) in on_page.iter().zip(&on_screen) {
            assert_eq!(page, screen, "{arguments}");
            assert!(page.rows[1..].iter().all(|row| row.len() > 2), "{page:?}");
        }
        assert_eq!(on_page.len(), on_screen.len(), "{arguments}");
        assert_eq!(page.stdout, compare(folder, &format!("{arguments} --format html -q")).stdout);
    }
}

/// The bars say in words what they draw, each once, beside the table.
#[test]
fn a_page_draws_what_its_tables_say() {
    let arguments =
        "--what-if model=claude-haiku-5-5,claude-opus-5-5 --output-tokens 200 --cache 50% --format html -q";
    let page = compare(&sharing(), arguments).stdout;
    let document = parsed(&page);
    let svgs = document.descendants().filter(|node| node.tag_name().name() == "svg");
    let drawn: Vec<String> = svgs
        .map(|svg| {
            let text = |name: &str| {
                svg.children().find(|node| node.tag_name().name() == name).unwrap().text().unwrap()
            };
            let bar = svg.children().find(|node| node.attribute("class") == Some("length")).unwrap();
            format!("{}: {} ({})", text("title"), text("desc"), bar.attribute("width").unwrap())
        })
        .collect();
    assert_snapshot!(drawn.join("\n"), @"
    as it is: $0.08184, from $0.04405 to $0.11738 (349)
    claude-haiku-5-5: $0.00423, from $0.00229 to $0.00606 (18)
    claude-opus-5-5: $0.16368, from $0.08809 to $0.23476 (697)
    ");
}

#[test]
fn no_name_is_markup_in_a_page() {
    let lines =
        [good("a"), line("b", "</td><script>alert(1)</script>", 9, "hi"), line("c", "x&amp;`y", 9, "hi")];
    let folder = Folder::new().file("<script>alert(1)&\"'.jsonl", lines.join("\n"));
    let run = folder.run(&format!(
        "compare <script>alert(1)&\"'.jsonl {DAY} --format html -q --what-if beta=<img/onerror=alert(1)>,\"x='--> --what-if model=claude-haiku-5-5 --allow-unpriced"
    ));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let shown = shown(&run.stdout);
    for name in [
        "<script>alert(1)&\"'.jsonl",
        "<img/onerror=alert(1)>",
        "\"x='-->",
        "</td><script>alert(1)</script>",
        "x&amp;",
    ] {
        assert!(shown.contains(name), "{name} in {shown}");
    }
    assert!(!run.stdout.contains("<script") && !run.stdout.contains("<img"));
}

#[test]
fn a_page_without_prices_or_requests_says_so() {
    let unpriced = Folder::with(line("a", "gpt-4", 50, "hi"));
    let run = compare(&unpriced, "--what-if model=claude-haiku-5-5 --format html -o page.html -q");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    let shown_page = shown(&unpriced.read("page.html"));
    for said in
        ["the cost is unknown", "Not drawn, as nothing has a price there: as it is.", "verdict is unusable"]
    {
        assert!(shown_page.contains(said), "{said} in {shown_page}");
    }
    let run = compare(&Folder::with(""), "--format html -q");
    assert_eq!(run.code, 2);
    let shown = shown(&run.stdout);
    assert!(shown.contains("no cost, as there is no request") && !shown.contains('$'), "{shown}");
}
