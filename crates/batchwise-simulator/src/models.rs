use batchwise_pricing::{Model, PriceBook, Status};
use jiff::civil::Date;
use serde_json::json;

use crate::Head;
use crate::page::Page;
use crate::refusal::Refusal;

/// The models that have not been retired, the newest first, as the API lists them. Fields that nobody here knows are
/// left out.
pub(crate) fn list(book: &PriceBook, day: Date, head: &Head) -> Result<String, Refusal> {
    let mut models: Vec<&Model> = book.models().iter().filter(|model| !model.is_retired_on(day)).collect();
    models.sort_by_key(|model| std::cmp::Reverse((model.released, &model.id)));
    let page = Page::of(models, head, |model| &model.id)?;
    Ok(page.json(|model| &model.id, |model| json(model, day)))
}

/// One model, by its id or an alias.
pub(crate) fn one(book: &PriceBook, day: Date, name: &str) -> Result<String, Refusal> {
    let model = book.find(name).map_err(|_| Refusal::not_found(format!("model: {name}")))?;
    Ok(json(model, day))
}

fn json(model: &Model, day: Date) -> String {
    let lifecycle = match model.status {
        _ if model.is_retired_on(day) => "retired",
        Status::Retired => "retired",
        Status::Deprecated => "deprecated",
        Status::Active | Status::Legacy => "active",
    };
    json!({
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": format!("{}T00:00:00Z", model.released),
        "lifecycle": lifecycle,
        "max_input_tokens": model.context_window,
        "max_tokens": model.max_output,
        "capabilities": { "batch": { "supported": model.batch_supported } },
    })
    .to_string()
}
