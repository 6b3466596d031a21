//! TOML text to types. Every problem is noted with its place; nothing is guessed.

use batchwise_units::{Bytes, Usd};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::document::{Document, Table};
use crate::{
    Documented, Era, Geo, ImageTier, Limits, Model, Prices, QueueTier, Rates, ServerTools, SourceFile,
    Status, Tier, TokenKind, Tokenizer, invariants,
};

/// What `book.toml` holds.
pub(crate) struct Header {
    pub(crate) version: Date,
    pub(crate) geo: Geo,
    pub(crate) server_tools: ServerTools,
}

/// What eras of a document must say about themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust<'f> {
    /// Source and day of reading are required, and so are the prices of a batch.
    Book,
    /// An overlay: its own file is the source, and a batch costs half where nothing else is said.
    Overlay {
        /// The path of the overlay.
        file: &'f str,
    },
}

/// The version of the file formats that this program reads.
pub(crate) const SCHEMA: u64 = 1;

/// Reads `book.toml`.
pub(crate) fn header(document: &Document) -> Option<Header> {
    let fields = document.parse()?;
    let table = Table::root(document, &fields);
    table.schema(SCHEMA);
    table.parsed("currency", "\"USD\"", |text| (text == "USD").then_some(()));
    table.parsed("unit", "\"per 1,000,000 tokens\"", |text| (text == "per 1,000,000 tokens").then_some(()));
    table.optional_text("source");
    let version = table.day("version");
    let geo = table.table("geo").and_then(geo);
    let server_tools = table.table("server_tools").and_then(server_tools);
    table.finish()?;
    Some(Header { version: version?, geo: geo?, server_tools: server_tools? })
}

/// Reads `limits.toml`.
pub(crate) fn limits(document: &Document) -> Option<Limits> {
    let fields = document.parse()?;
    let table = Table::root(document, &fields);
    table.schema(SCHEMA);
    let count = |name| table.table(name).and_then(|table| documented(table, |table| table.count("value")));
    let bytes =
        |name| table.table(name).and_then(|table| documented(table, |table| table.count("value").map(Bytes)));
    let text = |name| table.table(name).and_then(|table| documented(table, |table| table.text("value")));
    let max_requests = count("max_requests");
    let max_body = bytes("max_body_bytes");
    let max_body_upper = bytes("max_body_bytes_upper");
    let max_hours = count("max_hours");
    let results_days = count("results_days");
    let item_warning = bytes("item_warning_bytes");
    let large_output_header = text("large_output_header");
    let tiers: Vec<_> =
        table.tables("queue_tier").into_iter().map(|tier| documented(tier, queue_tier)).collect();
    table.finish()?;
    Some(Limits {
        max_requests: max_requests?,
        max_body: max_body?,
        max_body_upper: max_body_upper?,
        max_hours: max_hours?,
        results_days: results_days?,
        item_warning: item_warning?,
        large_output_header: large_output_header?,
        queue_tiers: tiers.into_iter().collect::<Option<_>>()?,
    })
}

/// Reads a file of `models/`.
pub(crate) fn model_file(document: &Document, file: &SourceFile) -> Option<Model> {
    let fields = document.parse()?;
    let model = model(Table::root(document, &fields), Trust::Book)?;
    if file.path != format!("models/{}.toml", model.id) {
        document.error_at("id", format!("does not fit the file: call it models/{}.toml", model.id));
    }
    Some(model)
}

/// Reads a whole model and checks everything that can be checked without the others.
pub(crate) fn model(table: Table, trust: Trust) -> Option<Model> {
    let (document, path) = (table.document(), table.path().to_owned());
    let id = table.text("id");
    let name = table.text("name");
    let family = table.text("family");
    let aliases = table.texts("aliases");
    let released = table.day("released");
    let status = table.choice("status", Status::ALL, Status::name);
    let deprecated_on = table.optional_day("deprecated_on");
    let retires_on = table.optional_day("retires_on");
    let retires_not_before = table.optional_day("retires_not_before");
    let replacement = table.optional_text("replacement");
    let still_on = table.texts("still_on");
    let limited_availability = table.optional_flag("limited_availability").unwrap_or(false);
    let context_window = table.tokens("context_window");
    let max_output = table.tokens("max_output");
    let max_output_batch_beta = table.optional_tokens("max_output_batch_beta");
    let batch_supported = table.flag("batch_supported");
    let inference_geo = table.flag("inference_geo");
    let min_cacheable = table.optional_tokens("min_cacheable_tokens");
    let forced_tool_choice = table.flag("forced_tool_choice");
    let thinking_optional = table.optional_flag("thinking_optional").unwrap_or(true);
    let sampling_parameters = table.optional_flag("sampling_parameters").unwrap_or(true);
    let thinking = table.optional_text("thinking");
    let tokenizer = table.choice("tokenizer", Tokenizer::ALL, Tokenizer::name);
    let image_tier = table.choice("image_tier", ImageTier::ALL, ImageTier::name);
    let frame_tokens = table.optional_tokens("frame_tokens");
    let tool_prompt_auto_none = table.optional_tokens("tool_prompt_tokens_auto_none");
    let tool_prompt_any_tool = table.optional_tokens("tool_prompt_tokens_any_tool");
    let sources = table.texts("sources");
    let unconfirmed = table.texts("unconfirmed");
    let notes = table.texts("notes");
    let eras = eras(&table, trust);
    table.finish()?;
    let model = Model {
        id: id?,
        name: name?,
        family: family?,
        aliases,
        released: released?,
        status: status?,
        deprecated_on,
        retires_on,
        retires_not_before,
        replacement,
        still_on,
        limited_availability,
        context_window: context_window?,
        max_output: max_output?,
        max_output_batch_beta,
        batch_supported: batch_supported?,
        inference_geo: inference_geo?,
        min_cacheable,
        unconfirmed,
        tokenizer: tokenizer?,
        frame_tokens,
        image_tier: image_tier?,
        thinking,
        tool_prompt_auto_none,
        tool_prompt_any_tool,
        forced_tool_choice: forced_tool_choice?,
        thinking_optional,
        sampling_parameters,
        sources,
        notes,
        eras: eras?,
    };
    invariants::check_model(document, &path, &model);
    Some(model)
}

/// Reads the eras of a table, each checked by itself. `None` if any is wrong or there is none.
pub(crate) fn eras(table: &Table, trust: Trust) -> Option<Vec<Era>> {
    if !table.has("era") {
        table.document().error_at(&table.path_of("era"), "is missing: write at least one [[era]]".to_owned());
        return None;
    }
    let eras: Vec<Option<Era>> = table.tables("era").into_iter().map(|table| era(table, trust)).collect();
    let eras = eras.into_iter().collect::<Option<Vec<Era>>>()?;
    (!eras.is_empty()).then_some(eras)
}

fn era(table: Table, trust: Trust) -> Option<Era> {
    let (document, path) = (table.document(), table.path().to_owned());
    let from = table.day("from");
    let to = table.optional_day("to");
    let (source, checked) = match trust {
        Trust::Book => (table.text("source"), table.day("checked").map(Some)),
        Trust::Overlay { file } => {
            let own = || format!("overlay {file}");
            (table.optional_text("source").or_else(|| Some(own())), Some(table.optional_day("checked")))
        }
    };
    let derived = table.texts("derived");
    let exception = table.optional_text("exception");
    let no_tier = match trust {
        Trust::Book => None,
        Trust::Overlay { .. } => table.optional_text("no_tier"),
    };
    let notes = table.texts("notes");
    let base = prices(&table, trust);
    let tiers: Vec<Option<Tier>> = table.tables("tier").into_iter().map(|table| tier(table, trust)).collect();
    table.finish()?;
    let tiers = tiers.into_iter().collect::<Option<_>>()?;
    let era = Era {
        from: from?,
        to,
        source: source?,
        checked: checked?,
        derived,
        notes,
        exception,
        no_tier,
        base: base?,
        tiers,
    };
    invariants::check_era(document, &path, &era);
    Some(era)
}

fn tier(table: Table, trust: Trust) -> Option<Tier> {
    let prompt_over = table.tokens("prompt_tokens_over");
    let prices = prices(&table, trust);
    table.finish()?;
    Some(Tier { prompt_over: prompt_over?, prices: prices? })
}

fn prices(table: &Table, trust: Trust) -> Option<Prices> {
    let standard = table.table("standard").and_then(rates);
    let batch = match trust {
        Trust::Overlay { .. } if !table.has("batch") => {
            table.optional_table("batch"); // a known key nevertheless
            standard.map(|standard| standard.half())
        }
        _ => table.table("batch").and_then(rates),
    };
    Some(Prices { standard: standard?, batch: batch? })
}

fn rates(table: Table) -> Option<Rates> {
    let [input, write_5m, write_1h, read, output] = TokenKind::ALL.map(|kind| table.rate(kind.name()));
    table.finish()?;
    Some(Rates {
        input: input?,
        output: output?,
        cache_write_5m: write_5m?,
        cache_write_1h: write_1h?,
        cache_read: read?,
    })
}

fn geo(table: Table) -> Option<Geo> {
    let us = table.parsed("us", "a factor of at least 1 as text, like \"1.1\"", factor);
    let (source, checked, notes) = (table.text("source"), table.day("checked"), table.texts("notes"));
    table.finish()?;
    Some(Geo { us: us?, source: source?, checked: checked?, notes })
}

fn factor(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value = Decimal::from_str_exact(text).ok().filter(|_| plain)?.normalize();
    (value >= Decimal::ONE && value <= Decimal::TEN && value.scale() <= 2).then_some(value)
}

fn server_tools(table: Table) -> Option<ServerTools> {
    let fee = |name| table.parsed(name, "US dollars as text, like \"10.00\"", |text| Usd::parse(text).ok());
    let web_search_per_1000 = fee("web_search_per_1000");
    let web_fetch = fee("web_fetch");
    let code_execution_per_container_hour = fee("code_execution_per_container_hour");
    let tool_search = fee("tool_search");
    let (source, checked, notes) = (table.text("source"), table.day("checked"), table.texts("notes"));
    table.finish()?;
    Some(ServerTools {
        web_search_per_1000: web_search_per_1000?,
        web_fetch: web_fetch?,
        code_execution_per_container_hour: code_execution_per_container_hour?,
        tool_search: tool_search?,
        source: source?,
        checked: checked?,
        notes,
    })
}

fn documented<T>(table: Table, read: impl FnOnce(&Table) -> Option<T>) -> Option<Documented<T>> {
    let value = read(&table);
    let (source, checked, notes) = (table.text("source"), table.day("checked"), table.texts("notes"));
    table.finish()?;
    Some(Documented { value: value?, source: source?, checked: checked?, notes })
}

fn queue_tier(table: &Table) -> Option<QueueTier> {
    let (name, requests_per_minute) = (table.text("name"), table.count("requests_per_minute"));
    let queued_requests = table.count("queued_requests");
    Some(QueueTier {
        name: name?,
        requests_per_minute: requests_per_minute?,
        queued_requests: queued_requests?,
    })
}
