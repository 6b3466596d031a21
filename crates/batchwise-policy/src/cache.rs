//! The lifetime that cached prefixes must have.

use batchwise_findings::Rule;
use batchwise_planner::Inspected;
use batchwise_records::{FieldPath, Flaw, Node, Object, Where};
use batchwise_tokens::CacheTtl;

/// How a lifetime is written.
pub(crate) fn name(ttl: CacheTtl) -> &'static str {
    match ttl {
        CacheTtl::FiveMinutes => "5m",
        CacheTtl::OneHour => "1h",
    }
}

/// What is wrong with the breakpoints of a request. One that has none is fine.
pub(crate) fn inspect(ttl: CacheTtl, inspected: &Inspected<'_>) -> Option<Flaw> {
    let breakpoints = &inspected.input.breakpoints;
    let wrong: Vec<_> = breakpoints.iter().filter(|breakpoint| breakpoint.ttl != ttl).collect();
    let first = wrong.first()?;
    let of_them = match breakpoints.len() {
        1 => "the breakpoint lives".to_owned(),
        all => format!("{} of {all} breakpoints live", wrong.len()),
    };
    let (is, wanted) = (name(first.ttl), name(ttl));
    let at = find(&inspected.request.params, ttl).unwrap_or_else(|| FieldPath::keys(&["params"]));
    Some(Flaw {
        rule: Rule::PolicyCacheTtl,
        at: Where::Value(at),
        message: format!("{of_them} {is}, where the policy wants {wanted}"),
        help: Some(format!(
            "write \"cache_control\": {{\"type\": \"ephemeral\", \"ttl\": \"{wanted}\"}} everywhere"
        )),
    })
}

/// The first `cache_control` that has another lifetime, in the order in which the API reads a request.
fn find(params: &Object<'_>, ttl: CacheTtl) -> Option<FieldPath> {
    let top = FieldPath::keys(&["params"]);
    let blocks = |key: &str| params.get(key).and_then(|node| in_blocks(node, &top.key(key), ttl));
    let messages = || params.get("messages")?.as_array();
    let in_messages = || {
        let path = top.key("messages");
        let contents = messages()?.iter().enumerate();
        contents.into_iter().find_map(|(index, message)| {
            in_blocks(message.get("content")?, &path.index(index).key("content"), ttl)
        })
    };
    let automatic = || is_other(params.get("cache_control")?, ttl).then(|| top.key("cache_control"));
    blocks("tools").or_else(|| blocks("system")).or_else(in_messages).or_else(automatic)
}

/// In the elements, or in the blocks of a tool's result below them: JSON of at most that depth is read.
fn in_blocks(node: &Node<'_>, path: &FieldPath, ttl: CacheTtl) -> Option<FieldPath> {
    node.as_array()?.iter().enumerate().find_map(|(index, block)| {
        let path = path.index(index);
        let below = || in_blocks(block.get("content")?, &path.key("content"), ttl);
        let own = block.get("cache_control").is_some_and(|control| is_other(control, ttl));
        if own { Some(path.key("cache_control")) } else { below() }
    })
}

fn is_other(control: &Node<'_>, ttl: CacheTtl) -> bool {
    let Some(control) = control.as_object() else { return false };
    let written = control.get("ttl").and_then(Node::as_str).unwrap_or("5m");
    written != name(ttl)
}
