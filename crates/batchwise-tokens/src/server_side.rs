//! Tools that Anthropic defines, recognised by the `type` of the tool.

use crate::{Cost, Family};

/// What a tool defined by Anthropic is known to cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AnthropicTool {
    /// Tokens on top of the tool prompt, before the tool has run.
    pub(crate) cost: Cost,
    /// Whether it was measured in this version and family.
    pub(crate) measured: bool,
    /// Whether it runs at Anthropic, so that its results become input no one can know.
    pub(crate) server: bool,
    /// Whether the cost includes the tool prompt.
    pub(crate) brings_prompt: bool,
}

struct Row {
    prefix: &'static str,
    /// Versions measured, with their cost in the older and the newer family.
    measured: &'static [(&'static str, Option<Cost>, Option<Cost>)],
    /// Any other version, in the older and the newer family.
    old: Cost,
    new: Cost,
    server: bool,
    brings_prompt: bool,
}

/// Source of the measured costs: recorded observations, 2026-11; those of the bash tool, the text editor
/// and the toolsets: <https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview>, 2026-08-21.
/// The newer family has been seen to cost 1.42 to 1.45 times the older one. Where a version was not
/// measured, the likely cost is that of its neighbours and the margins are a guess, several times as wide.
const ROWS: &[Row] = &[
    Row {
        prefix: "web_search_",
        measured: &[(
            "web_search_20250305",
            Some(Cost::tokens(1_640, 1_711, 1_780)),
            Some(Cost::tokens(2_335, 2_435, 2_535)),
        )],
        old: Cost::tokens(500, 1_711, 6_000),
        new: Cost::tokens(500, 2_435, 8_500),
        server: true,
        brings_prompt: false,
    },
    Row {
        prefix: "web_fetch_",
        measured: &[(
            "web_fetch_20250910",
            Some(Cost::tokens(500, 525, 550)),
            Some(Cost::tokens(720, 759, 800)),
        )],
        old: Cost::tokens(100, 525, 4_000),
        new: Cost::tokens(100, 759, 6_000),
        server: true,
        brings_prompt: false,
    },
    Row {
        prefix: "code_execution_",
        measured: &[
            ("code_execution_20250522", Some(Cost::tokens(400, 426, 450)), None),
            ("code_execution_20250825", Some(Cost::tokens(400, 426, 450)), None),
            ("code_execution_20260120", Some(Cost::tokens(1_650, 1_742, 1_830)), None),
        ],
        old: Cost::tokens(200, 1_000, 4_000),
        new: Cost::tokens(300, 1_400, 6_000),
        server: true,
        brings_prompt: false,
    },
    Row {
        prefix: "tool_search_tool_",
        measured: &[],
        old: Cost::tokens(0, 300, 2_000),
        new: Cost::tokens(0, 420, 3_000),
        server: true,
        brings_prompt: false,
    },
    Row {
        prefix: "memory_",
        measured: &[("memory_20250818", Some(Cost::tokens(1_010, 1_069, 1_130)), None)],
        old: Cost::tokens(500, 1_069, 2_200),
        new: Cost::tokens(700, 1_520, 3_100),
        server: false,
        brings_prompt: false,
    },
    Row {
        prefix: "bash_",
        measured: &[("bash_20250124", Some(Cost::tokens(240, 244, 345)), Some(Cost::tokens(310, 325, 340)))],
        old: Cost::tokens(150, 244, 700),
        new: Cost::tokens(200, 325, 1_000),
        server: false,
        brings_prompt: false,
    },
    Row {
        prefix: "text_editor_",
        measured: &[
            ("text_editor_20250728", Some(Cost::tokens(750, 764, 780)), None),
            ("text_editor_20250429", Some(Cost::tokens(690, 764, 780)), None),
            ("text_editor_20250124", Some(Cost::tokens(690, 702, 715)), None),
        ],
        old: Cost::tokens(350, 750, 1_500),
        new: Cost::tokens(500, 1_070, 2_200),
        server: false,
        brings_prompt: false,
    },
    Row {
        prefix: "computer_toolset_",
        measured: &[("computer_toolset_20260801", None, Some(Cost::tokens(4_080, 4_550, 4_640)))],
        old: Cost::tokens(2_000, 3_200, 7_000),
        new: Cost::tokens(3_000, 4_550, 10_000),
        server: false,
        brings_prompt: true,
    },
    Row {
        prefix: "computer_",
        measured: &[
            ("computer_20250124", Some(Cost::tokens(1_300, 1_320, 1_345)), None),
            ("computer_20251124", Some(Cost::tokens(1_305, 1_326, 1_350)), None),
        ],
        old: Cost::tokens(700, 1_330, 2_700),
        new: Cost::tokens(1_000, 1_890, 3_900),
        server: false,
        brings_prompt: false,
    },
    Row {
        prefix: "browser_toolset_",
        measured: &[("browser_toolset_20260801", None, Some(Cost::tokens(6_500, 6_640, 7_650)))],
        old: Cost::tokens(3_000, 4_700, 10_000),
        new: Cost::tokens(4_500, 6_640, 14_000),
        server: false,
        brings_prompt: true,
    },
];

/// What is known about tools of the type `name`; `None` for a type that Anthropic does not define, as far
/// as we know.
pub(crate) fn anthropic_tool(name: &str, family: Family) -> Option<AnthropicTool> {
    let row = ROWS.iter().find(|row| name.starts_with(row.prefix))?;
    let version = row.measured.iter().find(|(version, ..)| *version == name);
    let (measured, other) = match family {
        Family::PreClaude47 => (version.and_then(|(_, old, _)| *old), row.old),
        Family::Claude47 => (version.and_then(|(_, _, new)| *new), row.new),
    };
    Some(AnthropicTool {
        cost: measured.unwrap_or(other),
        measured: measured.is_some(),
        server: row.server,
        brings_prompt: row.brings_prompt,
    })
}

/// What `disable_parallel_tool_use` takes off the tool prompt, with the least and the most. The length of
/// the prompt under `auto` tells the generation. Source: about 55 recorded observations, 2026-11; nothing was
/// recorded of the generations that have the widest margins.
pub(crate) fn parallel_discount(tool_prompt_auto: Option<u64>, forced: bool) -> Cost {
    match (tool_prompt_auto, forced) {
        (Some(496), false) => Cost::tokens(201, 206, 212),
        (Some(497), false) => Cost::tokens(0, 206, 212),
        (Some(313), false) => Cost::tokens(28, 29, 30),
        (Some(313), true) => Cost::tokens(18, 35, 38),
        (Some(264 | 354), _) | (_, true) => Cost::NONE,
        (_, false) => Cost::tokens(0, 0, 212),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, family: Family, expected: Option<(u64, bool, bool)>) {
        let tool = anthropic_tool(name, family);
        let likely = tool.map(|tool| {
            (tool.cost.estimate().likely().expect("all have one").0 / 1_000, tool.measured, tool.server)
        });
        assert_eq!(likely, expected, "{name}");
    }

    #[test]
    fn tools_are_known_by_their_type() {
        check("web_search_20250305", Family::PreClaude47, Some((1_711, true, true)));
        check("web_search_20250305", Family::Claude47, Some((2_435, true, true)));
        check("web_search_20991231", Family::PreClaude47, Some((1_711, false, true)));
        check("computer_20250124", Family::PreClaude47, Some((1_320, true, false)));
        check("computer_20250124", Family::Claude47, Some((1_890, false, false)));
        check("computer_toolset_20260801", Family::Claude47, Some((4_550, true, false)));
        check("custom", Family::Claude47, None);
        check("", Family::Claude47, None);
    }
}
