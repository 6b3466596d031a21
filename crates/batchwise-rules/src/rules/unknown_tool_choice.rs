use batchwise_findings::Rule;
use batchwise_records::Node;

use crate::circumstances::{Scene, at};
use crate::flaws::{Flaws, Remark};
use crate::wording::quoted;

/// How many tools are named in the way out.
const NAMED_MAX: usize = 5;

/// Source: the recorded answer `Tool 'does_not_exist' not found in provided tools`, 2026-09-02. Tools that come from a
/// toolset or an MCP server have names that are not in the request, so nothing is said where there are such.
pub(crate) fn check(scene: &Scene<'_>, flaws: &mut Flaws) {
    if scene.kind_of("tool_choice") != Some("tool") || !scene.list("mcp_servers").is_empty() {
        return;
    }
    let chosen = scene.parameter("tool_choice").and_then(|choice| choice.get("name")).and_then(Node::as_str);
    let Some(chosen) = chosen else { return };
    let tools = scene.list("tools");
    if tools.iter().any(|tool| is_toolset(tool) || name(tool).is_none_or(|name| name == chosen)) {
        return;
    }
    flaws.push(Rule::UnknownToolChoice, || Remark {
        at: at(&["tool_choice", "name"]),
        message: format!("`tool_choice` names {}, which is not in `tools`", quoted(chosen)),
        help: match tools.len() {
            0 => "give the request that tool, or remove `tool_choice`".to_owned(),
            _ => {
                let names: Vec<String> = tools.iter().filter_map(name).take(NAMED_MAX).map(quoted).collect();
                format!(
                    "its tools are {}{}",
                    names.join(", "),
                    if tools.len() > NAMED_MAX { " and more" } else { "" }
                )
            }
        },
    });
}

fn name<'t>(tool: &'t Node<'_>) -> Option<&'t str> {
    tool.get("name").and_then(Node::as_str)
}

/// A toolset stands for several tools, whatever it is called itself.
fn is_toolset(tool: &Node<'_>) -> bool {
    tool.get("type").and_then(Node::as_str).is_some_and(|kind| kind.contains("toolset"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::case_of;

    #[test]
    fn the_chosen_tool_must_be_there() {
        let check = |tools: &str, choice: &str, expected| {
            let members = format!("\"tools\":{tools},\"tool_choice\":{choice}");
            let case = case_of("claude-haiku-5-5", &members);
            assert_eq!(case.count(Rule::UnknownToolChoice), expected, "{members}");
        };
        let chosen = r#"{"type":"tool","name":"g"}"#;
        check(r#"[{"name":"f"}]"#, chosen, 1);
        check("null", chosen, 1);
        check(r#"[{"name":"f"},{"name":"g"}]"#, chosen, 0);
        check(r#"[{"name":"f"},{"type":"mcp_toolset"}]"#, chosen, 0);
        check(r#"[{"name":"f"}],"mcp_servers":[{"name":"s"}]"#, chosen, 0);
        check(r#"[{"name":"f"}]"#, r#"{"type":"auto"}"#, 0);
        check(r#"[{"name":"f"}]"#, r#"{"type":"tool"}"#, 0);
    }
}
