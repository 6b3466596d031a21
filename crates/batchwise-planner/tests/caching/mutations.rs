//! One byte changed in what requests share is found and named.

use batchwise_plan::CacheGroup;
use batchwise_prefixes::{Aim, Divergence, PrefixChain};
use batchwise_records::Request;

use crate::planning::{pass, terms};

const MODEL: &str = "claude-opus-5-5";

/// Three requests that share two tools, two blocks of a system prompt and the beginning of a conversation; the last block
/// of each is its own. Every block has 600 tokens.
fn shared(id: usize, question: &str) -> String {
    let marked = r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#;
    format!(
        r##"{{"custom_id":"r{id}","params":{{"model":"{MODEL}","max_tokens":9,"tools":[{{"name":"look_up","description":"Finds a word. #600","input_schema":{{"type":"object","properties":{{"word":{{"type":"string","maxLength":40}}}},"required":["word"]}}}},{{"name":"add","description":"Adds \u0032 numbers #600","input_schema":{{"type":"object"}},{marked}}}],"system":[{{"type":"text","text":"Be brief, gr\u00fcndlich and \"exact\".\n#600"}},{{"type":"text","text":"Answer as käufliche Güter do: 😀 #600",{marked}}}],"messages":[{{"role":"user","content":[{{"type":"text","text":"What is a prefix? #600"}}]}},{{"role":"assistant","content":[{{"type":"text","text":"What comes first. #600",{marked}}}]}},{{"role":"user","content":[{{"type":"text","text":"{question} #600"}}]}}]}}}}"##
    )
}

/// The groups of the plan of these lines, those with the shortest prefixes first.
fn groups(lines: &[String]) -> Vec<CacheGroup> {
    let (planned, _) = pass(&lines.join("\n"), &terms(), None, 1);
    let mut groups = planned.plan.cache.unwrap().groups;
    groups.sort_by_key(|group| (group.prefix_tokens.high(), group.first_line));
    groups
}

/// The members of each group whose prefix is marked, by the field where it ends.
fn members(lines: &[String]) -> Vec<(String, u64)> {
    let marked = groups(lines).into_iter().filter(|group| group.marked);
    marked.map(|group| (group.field, group.members)).collect()
}

/// The fields of the shared blocks in the API's order, and where each block stands in a line.
fn shared_blocks(line: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let request = Request::parse(line.as_bytes()).unwrap();
    let chain = PrefixChain::of(&request, MODEL);
    let paths = chain.blocks()[..6].iter().map(|block| block.at.path());
    paths.map(|path| (path.to_string(), path.find_in(line).unwrap().value)).collect()
}

/// The line with another byte at `at`, if it is still a request that says the same of its blocks' sizes.
fn mutated(line: &str, at: usize) -> Option<String> {
    let mut bytes = line.as_bytes().to_vec();
    bytes[at] = match bytes[at] {
        b'0'..=b'8' => bytes[at] + 1,
        b'9' => b'1',
        b'x' => b'y',
        // The last byte of a longer character.
        0x80..=0xbe => bytes[at] + 1,
        _ => b'x',
    };
    let text = String::from_utf8(bytes).ok()?;
    Request::parse(text.as_bytes()).ok()?;
    Some(text)
}

/// Whether a byte tells the estimator of these tests a size, or is part of a breakpoint.
fn is_reserved(line: &str, at: usize) -> bool {
    let size = line.match_indices("#600").any(|(start, text)| (start..start + text.len()).contains(&at));
    let control = r#""cache_control":{"type":"ephemeral","ttl":"1h"}"#;
    size || line.match_indices(control).any(|(start, text)| (start..start + text.len()).contains(&at))
}

#[test]
fn a_changed_byte_is_found_and_named() {
    let questions = ["Why?", "How so?", "Since when?"];
    let lines: Vec<String> = (1..).zip(questions).map(|(id, question)| shared(id, question)).collect();
    let ends = ["params.tools[1]", "params.system[1]", "params.messages[1].content[0]"];
    assert_eq!(members(&lines), ends.map(|field| (field.to_owned(), 3)));
    let request = Request::parse(lines[0].as_bytes()).unwrap();
    let blocks = shared_blocks(&lines[1]);
    let (mut texts, mut keys, mut values) = (0, 0, 0);
    for (field, span) in &blocks {
        for at in span.clone().filter(|at| !is_reserved(&lines[1], *at)) {
            let Some(line) = mutated(&lines[1], at) else { continue };
            let changed = Request::parse(line.as_bytes()).unwrap();

            // The place is that of the byte, in the block that was changed.
            let divergence = Divergence::between((&request, MODEL), (&changed, MODEL));
            let point = divergence.unwrap_or_else(|| panic!("byte {at} of {line}")).right.unwrap();
            assert!(point.path.to_string().starts_with(field.as_str()), "{} for {field}", point.path);
            let named = point.byte_in(&line).unwrap();
            match point.aim {
                // A character is named by its first byte.
                Aim::Text => {
                    texts += 1;
                    assert!(
                        named <= at && at < named + character(&line[named..]),
                        "{named} for {at} of {line}"
                    );
                }
                Aim::Key => {
                    keys += 1;
                    assert_eq!(named, at, "{line}");
                }
                _ => {
                    values += 1;
                    assert!((named..named + 2).contains(&at), "{named} for {at} of {line}");
                }
            }

            // The request leaves every group whose prefix holds the block; the others stay as they were.
            let mutated = [lines[0].clone(), line.clone(), lines[2].clone()];
            let is_before = |end: &str| {
                blocks.iter().take_while(|(block, _)| block != field).any(|(block, _)| block == end)
            };
            let is_tool = field.starts_with("params.tools");
            let expected = ends.map(|end| {
                let stays = !is_tool && is_before(end);
                (end.to_owned(), if stays { 3 } else { 2 })
            });
            assert_eq!(members(&mutated), expected, "byte {at} of {line}");
        }
    }
    assert!(texts > 150 && keys > 3 && values > 1, "{texts} texts, {keys} keys, {values} values");
}

/// How many bytes the first character of the inside of a JSON string takes.
fn character(raw: &str) -> usize {
    match raw.as_bytes() {
        [b'\\', b'u', ..] => 6,
        [b'\\', _, ..] => 2,
        _ => raw.chars().next().map_or(1, char::len_utf8),
    }
}

/// Bytes that the prompt does not have: white space between values, another name, a longer reply, another escape.
#[test]
fn what_the_prompt_does_not_hold_changes_no_group() {
    let lines: Vec<String> =
        (1..).zip(["Why?", "How so?"]).map(|(id, question)| shared(id, question)).collect();
    let expected = members(&lines);
    for (from, to) in [
        (r#""max_tokens":9"#, r#""max_tokens":8"#),
        (r#""custom_id":"r1""#, r#""custom_id":"s1""#),
        (r#""name":"look_up","#, r#""name": "look_up" ,"#),
        ("gr\\u00fcndlich", "gründlich"),
        ("\\u0032", "2"),
        (r#","ttl":"1h""#, ""),
    ] {
        let changed = lines[0].replace(from, to);
        assert_ne!(changed, lines[0], "{from}");
        assert_eq!(members(&[changed, lines[1].clone()]), expected, "{from}");
    }
}
