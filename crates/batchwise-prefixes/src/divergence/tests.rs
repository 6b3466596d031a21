use proptest::prelude::*;

use super::*;

/// A request with everything that a prompt is made of, in JSON with white space and escapes.
const LINE: &str = r#"{"custom_id":"one", "params":{"model":"m1","max_tokens":16,
"thinking":{"type":"enabled","budget_tokens":1024},"tool_choice":{"type":"tool","name":"find"},"temperature":1,
"tools":[{"name":"find","description":"Finds \"it\"","input_schema":{"type":"object","properties":{"cache_control":{"type":"string"}}},"cache_control":{"type":"ephemeral","ttl":"1h"}}],
"system":[{"type":"text","text":"Today is 2026\u002d11-21, caf\u00e9 \ud83d\ude00 open"},{"type":"text","text":"Rules é","cache_control":{"type":"ephemeral"}}],
"messages":[{"role":"user","content":[{"type":"document","title":"D1","source":{"type":"content","content":[{"type":"text","text":"inside","cache_control":{"type":"ephemeral"}}]},"citations":{"enabled":true}},
 {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]},
 {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"find","input":{"q":"x","n":[1,2.5,-3]}}]},
 {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"found"}],"is_error":false}]},
 {"role":"user","content":"And now?"}]}}"#;

#[track_caller]
fn parse(line: &str) -> Request<'_> {
    Request::parse(line.as_bytes()).unwrap_or_else(|flaws| panic!("{line}: {flaws:?}"))
}

fn between(left: &str, right: &str) -> Option<Divergence> {
    let (left, right) = (parse(left), parse(right));
    Divergence::between((&left, &left.model), (&right, &right.model))
}

#[track_caller]
fn check(old: &str, new: &str, expected: [&str; 2]) {
    assert_eq!(LINE.matches(old).count(), 1, "{old}");
    let other = LINE.replace(old, new);
    let divergence = between(LINE, &other).expect("they differ");
    let show = |point: &Option<Point>, line: &str| match point {
        None => "the end".to_owned(),
        Some(point) => match point.byte_in(line) {
            Some(byte) => {
                let rest: String = line[byte..].chars().take(8).collect();
                format!("{} {:?}: {rest}", point.path, point.aim)
            }
            None => format!("{} {:?}", point.path, point.aim),
        },
    };
    assert_eq!([show(&divergence.left, LINE), show(&divergence.right, &other)], expected);
}

#[test]
fn the_first_difference_is_named() {
    check(
        "11-21",
        "11-22",
        ["params.system[0].text Text: 1, caf\\u", "params.system[0].text Text: 2, caf\\u"],
    );
    check(
        r"\ud83d\ude00",
        r"\ud83d\ude01",
        [r"params.system[0].text Text: \ud83d\u", r"params.system[0].text Text: \ud83d\u"],
    );
    check(" open", "", ["params.system[0].text Text:  open\"},", "params.system[0].text Text: \"},{\"typ"]);
    check(
        r#""is_error":false"#,
        r#""is_error":true"#,
        [
            "params.messages[2].content[0].is_error Value: false}]}",
            "params.messages[2].content[0].is_error Value: true}]},",
        ],
    );
    check(
        r#""q":"x","n":[1,2.5,-3]"#,
        r#""n":[1,2.5,-3],"q":"x""#,
        [
            r#"params.messages[1].content[0].input.q Key: q":"x",""#,
            r#"params.messages[1].content[0].input.n Key: n":[1,2."#,
        ],
    );
    check(
        ",2.5,-3",
        "",
        [
            "params.messages[1].content[0].input.n[1] Value: 2.5,-3]}",
            "params.messages[1].content[0].input.n End: ]}}]},\n ",
        ],
    );
    check(
        ",\n {\"role\":\"user\",\"content\":\"And now?\"}",
        "",
        ["params.messages[3] Value: {\"role\":", "the end"],
    );
    check(
        r#""tool_choice":{"type":"tool","name":"find"},"#,
        "",
        ["params.tool_choice Value: {\"type\":", "params.tool_choice Absence"],
    );
    check(r#""temperature":1,"#, r#""novelty":1,"#, ["params End: }}", "params.novelty Key: novelty\""]);
}

#[test]
fn an_image_is_named_where_it_stands() {
    let text = r#"{"type":"text","text":"no image"}"#;
    let image = r#"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}"#;
    check(
        image,
        text,
        ["params.messages[0].content[1] Value: {\"type\":", "params.messages Value: [{\"role\""],
    );
}

#[test]
fn nothing_diverges_in_what_the_cache_does_not_look_at() {
    for (old, new) in [
        ("one", "two"),
        ("\"max_tokens\":16", "\"max_tokens\":17"),
        ("\"temperature\":1", "\"temperature\":0"),
        (r#","ttl":"1h""#, ""),
        (r"caf\u00e9", "café"),
        (",\n \"", ", \""),
    ] {
        assert_eq!(between(LINE, &LINE.replace(old, new)), None, "{old}");
    }
}

#[test]
fn shared_blocks_are_counted() {
    for (old, new, shared) in [
        ("m1", "m2", 0),
        ("Finds", "Found", 0),
        ("11-21", "11-22", 1),
        ("Rules", "Roles", 2),
        ("\"name\":\"find\"},\"temp", "\"name\":\"f\"},\"temp", 3),
        ("D1", "D2", 3),
        ("inside", "outside", 3),
        ("iVBO", "iVBP", 5), // the document, and the marked block within
        ("\"q\":\"x\"", "\"q\":\"y\"", 6),
        ("found", "lost", 7),
        ("And now?", "And then?", 8),
    ] {
        assert_eq!(LINE.matches(old).count(), 1, "{old}");
        let divergence = between(LINE, &LINE.replace(old, new)).expect("they differ");
        assert_eq!(divergence.shared_blocks, shared, "{old}");
    }
}

#[test]
fn a_mark_within_a_block_hides_nothing_behind_it() {
    let unmarked =
        LINE.replace(r#""text":"inside","cache_control":{"type":"ephemeral"}"#, r#""text":"inside""#);
    assert_eq!(between(LINE, &unmarked), None);
    let divergence = between(LINE, &unmarked.replace("And now?", "And then?")).expect("they differ");
    assert_eq!(divergence.shared_blocks, 7, "eight, but that one of them knows nothing of the first within");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever happens to two requests: if they are still requests, they part exactly if their prompts differ, and
    /// every byte that is named lies in its line.
    #[test]
    fn damaged_requests_part_where_their_chains_do(
        damages in prop::collection::vec((any::<prop::sample::Index>(), 1usize..4, any::<prop::sample::Index>()), 1..4)
    ) {
        let mut line = LINE.to_owned();
        for (at, length, from) in damages {
            let boundary = |mut at: usize| {
                while !line.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (at, from) = (at.index(line.len()), from.index(line.len()));
            let ends = |start: usize| boundary(start)..boundary((start + length).min(line.len()));
            let piece = line[ends(from)].to_owned();
            let range = ends(at);
            line.replace_range(range, &piece);
        }
        let Ok(damaged) = Request::parse(line.as_bytes()) else { return Ok(()) };
        let whole = parse(LINE);
        let chains = [&whole, &damaged].map(|request| PrefixChain::of(request, &request.model));
        let Some(divergence) = between(LINE, &line) else {
            prop_assert_eq!(chains[0].blocks().last().unwrap().prefix, chains[1].blocks().last().unwrap().prefix);
            return Ok(());
        };
        prop_assert_eq!(divergence.shared_blocks, chains[1].shared_blocks(&chains[0]));
        for (point, line) in [(divergence.left, LINE), (divergence.right, &line)] {
            let byte = point.and_then(|point| point.byte_in(line));
            prop_assert!(byte.is_none_or(|byte| line.is_char_boundary(byte) && byte < line.len()));
        }
    }
}

/// One byte changed anywhere is found and named, and no block before it is touched.
#[test]
fn every_byte_of_a_prompt_is_found() {
    let request = parse(LINE);
    let chain = PrefixChain::of(&request, &request.model);
    let (mut found, mut indifferent) = (0, Vec::new());
    for at in LINE.find("\"model\"").unwrap()..LINE.len() {
        let byte = LINE.as_bytes()[at];
        if !byte.is_ascii_alphanumeric() {
            continue;
        }
        let other = if byte == b'7' { "8" } else { "7" };
        let line = format!("{}{other}{}", &LINE[..at], &LINE[at + 1..]);
        let Ok(mutant) = Request::parse(line.as_bytes()) else { continue };
        let mutant_chain = PrefixChain::of(&mutant, &mutant.model);
        let Some(divergence) = between(LINE, &line) else {
            assert_eq!(mutant_chain.blocks(), chain.blocks(), "byte {at}");
            indifferent.push(at);
            continue;
        };
        let parts = chain.blocks().iter().zip(mutant_chain.blocks());
        let same = parts.take_while(|(block, mutant)| block.prefix == mutant.prefix).count();
        assert_eq!(divergence.shared_blocks, same, "byte {at}");
        let right = divergence.right.expect("both go on");
        let left = divergence.left.expect("both go on");
        let is_there = is_at(&right, &line, at)
            || is_key_at(&right, &line, at)
            || is_key_at(&left, LINE, at)
            || is_of_a_type(at);
        assert!(is_there, "byte {at}: {left:?} {right:?}");
        found += 1;
    }
    let indifferent: Vec<&str> = indifferent
        .chunk_by(|before, after| before + 1 == *after)
        .map(|run| &LINE[run[0]..=run[run.len() - 1]])
        .collect();
    // The cap, the temperature, and marks.
    assert_eq!(indifferent, ["16", "1", "ttl", "type", "ephemeral"]);
    assert!(found > 300, "{found}");
}

/// Exactly there, or within the escape or the number that begins there.
fn is_at(point: &Point, line: &str, at: usize) -> bool {
    let Some(before) = point.byte_in(line).and_then(|start| line.get(start..at)) else { return false };
    before.is_empty()
        || point.aim == Aim::Text && before.starts_with('\\') && before.len() < 12
        || point.aim == Aim::Value && !before.contains([',', ':', ' '])
}

/// Whether a key stands there that the other does not have.
fn is_key_at(point: &Point, line: &str, at: usize) -> bool {
    let key = point.path.find_in(line).and_then(|spot| spot.key);
    (point.path.0.len() == 2 || point.aim == Aim::Key && point.offset == 0)
        && key.is_some_and(|key| key.contains(&at))
}

/// What is no image any more, or no document, is told of before the messages begin.
fn is_of_a_type(at: usize) -> bool {
    ["\"type\":\"image\"", "\"citations\":{\"enabled\""].iter().any(|text| {
        let start = LINE.find(text).expect("it is there");
        (start..start + text.len()).contains(&at)
    })
}
