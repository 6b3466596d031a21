use batchwise_records::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::flat_prompt::FlatPrompt;
use crate::{Divergence, PrefixChain};

/// Text that says nothing twice; `topic` tells one from another.
fn prose(topic: &str, sentences: usize) -> String {
    (0..sentences).map(|number| format!("{topic} {} needs {number}. ", number * 7919 % 1000)).collect()
}

/// A request; its keys are sorted.
fn line(params: &Value) -> String {
    let mut whole =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]});
    for (key, value) in params.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    json!({"custom_id": "a", "params": whole}).to_string()
}

fn place(line: u64) -> Place {
    Place { input: 0, line }
}

fn run(lines: &[String], caps: NearCaps) -> NearRepeats {
    let mut near_repeats = NearRepeats::new(caps);
    for (number, line) in (1..).zip(lines) {
        near_repeats.take(line.as_bytes(), "m", place(number));
    }
    near_repeats
}

/// What is found: the two lines, the field, what stands in the second line there, the bytes before; the bytes that
/// repeat and their first words; who is alike.
fn told(lines: &[String]) -> Vec<String> {
    let tell = |near: NearRepeat| {
        let other = &lines[usize::try_from(near.other.line).unwrap() - 1];
        let at = near.byte.map_or("-".into(), |byte| other[byte..].chars().take(8).collect::<String>());
        let start: String = near.repeated.chars().take(8).collect();
        let NearRepeat {
            whole_bytes, shared_bytes, repeated_bytes, alike, compared, sampled, requests, ..
        } = near;
        format!(
            "{} {} {} `{at}` {whole_bytes}/{shared_bytes}; {repeated_bytes} `{start}`; {alike}/{compared}/{sampled}/{requests}, {}",
            near.first.line, near.other.line, near.right.path, near.beginnings
        )
    };
    run(lines, NearCaps::default()).found().into_iter().map(tell).collect()
}

/// Twenty requests, of which fifteen are looked at.
#[track_caller]
fn check(params: impl Fn(u64) -> Value, expected: &[&str]) {
    let lines: Vec<String> = (1..=20).map(|number| line(&params(number))).collect();
    assert_eq!(told(&lines), expected);
}

fn uuid(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{number:03x}-{mixed:016x}",
        mixed >> 32,
        mixed >> 16 & 0xffff,
        mixed & 0xfff
    )
}

/// Messages that have little in common.
fn ticket(number: u64) -> Value {
    json!([{"role": "user", "content": prose(&format!("Ticket{number}"), 20)}])
}

#[test]
fn a_part_of_the_system_prompt_differs() {
    let rules = prose("Rule", 100);
    let check = |system: &dyn Fn(u64) -> Value, expected: &str| {
        check(|number| json!({"system": system(number), "messages": ticket(number)}), &[expected]);
    };
    check(
        &|number| json!(format!("Now it is 10:{:02}:07. {rules}", number * 3)),
        "1 4 params.system `12:07. R` 0/14; 1895 `:07. Rul`; 14/14/15/20, 14",
    );
    check(
        &|number| json!(format!("[{}] {rules}", uuid(number))),
        "1 2 params.system `3c6ef372` 0/2; 1892 `] Rule 0`; 14/14/15/20, 14",
    );
    check(
        &|number| json!(format!("Job {number} of 20\n{rules}")),
        r"1 2 params.system `2 of 20\` 0/5; 1897 ` of 20
R`; 14/14/15/20, 14",
    );
    let [before, behind] = [("Before", 30), ("Behind", 60)].map(|(topic, length)| prose(topic, length));
    check(
        &|number| json!(format!("{before}Today is 2026-11-{number:02}.{behind}")),
        "1 10 params.system `10.Behin` 0/634; 1257 `.Behind `; 14/14/15/20, 14",
    );
    check(
        &|number| json!([{"type": "text", "text": uuid(number)}, {"type": "text", "text": rules}]),
        "1 2 params.system[0].text `3c6ef372` 0/5; 1910 `Rule 0 n`; 14/14/15/20, 14",
    );
}

#[test]
fn a_block_is_the_same_but_for_its_end() {
    let rules = prose("Rule", 100);
    check(
        |number| json!({"system": format!("{rules}Now it is 10:{number:02}."), "messages": ticket(number)}),
        &[r#"1 10 params.system `10."}}` 0/1890; 0 ``; 14/14/15/20, 14"#],
    );
    let content = |number: u64| format!("{rules}{}", ticket(number)[0]["content"]);
    check(
        |number| json!({"system": "Be brief.", "messages": [{"role": "user", "content": content(number)}]}),
        &["1 2 params.messages[0].content `2 0 need` 10/1901; 0 ``; 14/14/15/20, 14"],
    );
    // More is in blocks that are the same as a whole.
    let tools = json!([{"name": "f", "description": rules}]);
    check(|number| json!({"tools": tools, "messages": [{"role": "user", "content": content(number)}]}), &[]);
}

#[test]
fn a_tool_or_a_setting_differs() {
    let rules = prose("Rule", 100);
    let tools = |number| json!([{"name": "find", "description": format!("Finds, as of 10:{number:02}")}]);
    check(
        |number| json!({"tools": tools(number), "system": rules, "messages": ticket(number)}),
        &[r#"1 10 params.tools[0].description `10","nam` 0/28; 1898 `name
fin`; 14/14/15/20, 14"#],
    );
    let thinking = |number: u64| json!({"type": "enabled", "budget_tokens": 1024 + number});
    check(
        |number| json!({"thinking": thinking(number), "system": rules, "messages": ticket(number)}),
        &[r#"1 6 params.thinking.budget_tokens `1030,"ty` 0/16; 1901 `Rule 0 n`; 14/14/15/20, 14"#],
    );
}

#[test]
fn the_order_of_keys_differs() {
    let line = |number: u64| {
        let mut keys: Vec<String> =
            ["a", "b", "c", "d", "e"].map(|key| format!(r#""{key}":{{"type":"string"}}"#)).into();
        keys.rotate_left(usize::try_from(number % 5).unwrap());
        let properties = format!(r#""input_schema":{{"properties":{{{}}}}}"#, keys.join(","));
        line(&json!({"tools": [{"name": "f", "input_schema": 0}], "system": prose("Rule", 100)}))
            .replace("\"input_schema\":0", &properties)
    };
    let lines: Vec<String> = (1..=20).map(line).collect();
    let expected = r#"1 2 params.tools[0].input_schema.properties.c `c":{"typ` 0/23; 1904 `type
str`; 11/14/15/20, 4"#;
    assert_eq!(told(&lines), [expected]);
}

#[test]
fn something_differs_before_a_document() {
    let document = json!({"type": "document", "title": "Laws",
        "source": {"type": "text", "media_type": "text/plain", "data": prose("Law", 100)}});
    let content = |number: u64| {
        let [user, question] = [format!("User {number}"), prose(&format!("Question{number}"), 20)];
        json!([{"type": "text", "text": user}, document, {"type": "text", "text": question}])
    };
    check(
        |number| json!({"system": "Be brief.", "messages": [{"role": "user", "content": content(number)}]}),
        &[r#"1 2 params.messages[0].content[0].text `2","type` 10/27; 1855 `Law 0 ne`; 14/14/15/20, 14"#],
    );
    // A ticket that is longer than a kilobyte, but no longer than a quarter of the rules behind it.
    let content = |number: u64| format!("{}{}", prose(&format!("Ticket{number}"), 60), prose("Rule", 400));
    check(
        |number| json!({"messages": [{"role": "user", "content": content(number)}]}),
        &["1 2 params.messages[0].content `2 0 need` 0/15; 7858 ` 221 nee`; 14/14/15/20, 14"],
    );
    let content = |number: u64| format!("{}{}", prose(&format!("Ticket{number}"), 60), prose("Rule", 200));
    check(|number| json!({"messages": [{"role": "user", "content": content(number)}]}), &[]);
}

#[test]
fn prompts_take_turns() {
    let rules = ["Rule", "Law", "Norm"].map(|topic| prose(topic, 100));
    let check = |prompts: u64, expected: &[&str]| {
        let rules = |number: u64| &rules[usize::try_from(number % prompts).unwrap()];
        let system = |number: u64| format!("It is 10:{number:02}. {}", rules(number));
        let tools = json!([{"name": prose("Tool", 20)}]);
        check(
            |number| json!({"tools": tools, "system": system(number), "messages": ticket(number)}),
            expected,
        );
    };
    check(
        2,
        &[
            "1 11 params.system `11. Law ` 372/381; 1792 `. Law 0 `; 7/7/15/20, 7",
            "2 10 params.system `10. Rule` 372/381; 1892 `. Rule 0`; 6/6/15/20, 6",
        ],
    );
    check(
        3,
        &[
            "1 10 params.system `10. Law ` 372/381; 1792 `. Law 0 `; 5/5/15/20, 5",
            "2 11 params.system `11. Norm` 372/381; 1892 `. Norm 0`; 4/4/15/20, 4",
            "3 18 params.system `18. Rule` 372/381; 1892 `. Rule 0`; 3/3/15/20, 3",
        ],
    );
}

#[test]
fn most_are_alike_but_not_all() {
    let rules = prose("Rule", 100);
    let system = |number: u64| match number % 5 {
        0 => prose(&format!("Alone{number}"), 100),
        _ => format!("It is 10:{number:02}. {rules}"),
    };
    check(
        |number| json!({"system": system(number)}),
        &["1 11 params.system `11. Rule` 0/10; 1891 `. Rule 0`; 12/12/15/20, 12"],
    );
    // Behind the rules something differs again, in every fourth request early.
    let rules = |number: u64| &rules[..if number.is_multiple_of(4) { 900 } else { 1800 }];
    let system = |number: u64| format!("It is 10:{number:02}. {}", rules(number));
    check(
        |number| json!({"system": system(number), "messages": ticket(number)}),
        &["1 10 params.system `10. Rule` 0/10; 1816 `. Rule 0`; 11/14/15/20, 11"],
    );
    // In every second.
    let system = |number: u64| format!("It is 10:{number:02}. {}", rules(number * 2 + 2));
    check(
        |number| json!({"system": system(number), "messages": ticket(number)}),
        &["1 10 params.system `10. Rule` 0/10; 902 `. Rule 0`; 14/14/15/20, 14"],
    );
}

#[test]
fn few_beginnings_are_groups_and_no_near_repeats() {
    let rules = prose("Rule", 100);
    for period in [2, 3, 100] {
        let choice = |number: u64| if number % period == 1 { json!({"type": "any"}) } else { Value::Null };
        let content = |number: u64| json!([{"role": "user", "content": format!("{rules}{number}")}]);
        check(|number| json!({"tool_choice": choice(number), "messages": content(number)}), &[]);
    }
    // The first has a note, before or behind what all others begin with, or nothing but that.
    for note in [["", " A note."], ["A note. ", ""], [" A note.", "longer"]] {
        let system = |number: u64| match number {
            1 => format!("{}{rules}{}", note[0], note[1]),
            _ => rules.clone(),
        };
        check(|number| json!({"system": system(number), "messages": ticket(number)}), &[]);
        let system = |number: u64| match number {
            1 => rules.clone(),
            _ => format!("{}{rules}{}", note[0], note[1]),
        };
        check(|number| json!({"system": system(number), "messages": ticket(number)}), &[]);
    }
    // A time in minutes, of which each has three requests.
    let system = |number: u64| format!("It is 10:{:02}. {rules}", number / 3);
    check(
        |number| json!({"system": system(number), "messages": ticket(number)}),
        &["1 3 params.system `1. Rule ` 0/11; 1892 `. Rule 0`; 13/13/15/20, 5"],
    );
}

#[test]
fn nothing_is_told_where_nothing_nearly_repeats() {
    let rules = prose("Rule", 100);
    check(|number| json!({"system": prose(&format!("Alone{number}"), 100)}), &[]); // nothing in common
    check(|_| json!({"system": rules}), &[]); //                                      all the same
    check(|number| json!({"system": rules, "messages": ticket(number)}), &[]); //     a long beginning in common
    let system = |number: u64| {
        let late = format!("It is 10:{number:02}. {}", &rules[..1_500]);
        json!([{"type": "text", "text": rules}, {"type": "text", "text": late}])
    };
    check(|number| json!({"system": system(number)}), &[]); //                        a longer one than behind it
    let system = |number: u64| format!("It is 10:{number:02}. {}", &rules[..200]);
    check(|number| json!({"system": system(number)}), &[]); //                        too short to be cached
    assert!(told(&[line(&json!({"system": rules}))]).is_empty()); //                  one request
    assert!(told(&[]).is_empty());
}

#[test]
fn models_are_told_apart() {
    let mut near_repeats = NearRepeats::new(NearCaps::default());
    for number in 0..40 {
        let system = format!("It is 10:{number:02}. {}", prose("Rule", 100));
        let model = if number < 20 { "n" } else { "m" };
        near_repeats.take(line(&json!({"system": system})).as_bytes(), model, place(number + 1));
    }
    near_repeats.take(line(&json!({"system": prose("Rule", 100)})).as_bytes(), "k", place(41));
    let found = near_repeats.found();
    let told: Vec<(&str, u64, u64)> =
        found.iter().map(|near| (near.model.as_str(), near.first.line, near.requests)).collect();
    assert_eq!(told, [("n", 1, 20), ("m", 21, 20)]);
    assert_eq!(found, near_repeats.found());
}

#[test]
fn what_is_beyond_the_caps_is_counted() {
    let system = |number: u64| json!({"system": format!("It is 10:{number:02}. {}", prose("Rule", 100))});
    let mut lines: Vec<String> = (1..=20).map(|number| line(&system(number))).collect();
    let length = lines[0].len();
    let caps = NearCaps { models: 1, line_bytes: length, kept_bytes: length };
    lines[3] = format!("{} ", lines[3]);
    let mut near_repeats = run(&lines, caps);
    near_repeats.take(lines[0].as_bytes(), "n", place(21));
    assert_eq!((near_repeats.passed_over(), near_repeats.unwatched()), (1, 1));
    assert_eq!(near_repeats.found()[0].sampled, 14);
    let near_repeats = run(&lines, NearCaps { kept_bytes: length - 1, ..caps });
    assert_eq!((near_repeats.passed_over(), near_repeats.found()), (15, Vec::new()));
}

#[test]
fn hostile_lines_are_only_data() {
    let rules = prose("Rule", 100);
    let lines = |number: u64| match number {
        3 => String::new(),
        4 => "{\"custom_id\":".to_owned(),
        5 => line(&json!({"system": 7})),
        _ => line(
            &json!({"system": [{"type": "text", "text": rules, "\u{1b}[2J": format!("\u{0}{number}\u{ff}")}],
            "tools": [{"\u{202e}": number, "e\u{301}": rules}]}),
        ),
    };
    let lines: Vec<String> = (1..=20).map(lines).collect();
    let expected = ["1 2 params.tools[0].\u{202e} `2}]}}` 0/1883; 1903 `Rule 0 n`; 11/11/12/20, 11"];
    assert_eq!(told(&lines), expected);
    // More keys and values than are compared.
    let crowded = |number: u64| line(&json!({"tools": vec![number; 70_000], "system": rules}));
    let near_repeats = run(&[crowded(1), crowded(2)], NearCaps::default());
    assert_eq!((near_repeats.passed_over(), near_repeats.found()), (2, Vec::new()));
    // Longer names than anyone can read.
    let lines = |number: u64| line(&json!({"tools": [{"n".repeat(2_000): number, "z": rules}]}));
    assert!(told(&(1..=20).map(lines).collect::<Vec<_>>()).is_empty());
    // Characters of several bytes.
    let lines = |number: u64| {
        let letter = char::from_u32(0x20ac + u32::try_from(number).unwrap()).unwrap();
        line(&json!({"system": format!("€{letter}€{}", "€ and more. ".repeat(20))}))
    };
    let expected = ["1 2 params.system `₮€€ and ` 0/4; 296 `€€ and m`; 14/14/15/20, 14"];
    assert_eq!(told(&(1..=20).map(lines).collect::<Vec<_>>()), expected);
}

#[test]
fn four_in_a_row_are_looked_at_from_each_power_of_two_on() {
    let sampled: Vec<u64> = (1..=70).filter(|number| is_sampled(*number)).collect();
    let rows = [16..=19, 32..=35, 64..=67].into_iter().flatten();
    assert_eq!(sampled, (1..=11).chain(rows).collect::<Vec<u64>>());
    assert!((1..1_000_000).filter(|number| is_sampled(*number)).count() < 80);
}

/// All but a few requests cost no more than a counter.
#[test]
fn a_request_that_is_not_looked_at_takes_no_memory() {
    let line = line(&json!({"system": prose("Rule", 100)}));
    let mut near_repeats = run(&vec![line.clone(); 20], NearCaps::default());
    let asked = allocation_counter::measure(|| {
        for number in 21..=31 {
            near_repeats.take(line.as_bytes(), "m", place(number));
        }
    });
    assert_eq!(asked.count_total, 0);
}

const SMALL: Measure = Measure { shortest: 8, small: 6 };

/// What could be shared beside the first so many bytes, by each pair of places behind the first difference. More than
/// one number where it depends on which of the longest runs is taken.
fn gains(left: &FlatPrompt, right: &FlatPrompt, whole_bytes: u64) -> Vec<u64> {
    let (ours, theirs) = (left.bytes(), right.bytes());
    let same = |at: usize, there: usize| {
        ours[at..].iter().zip(&theirs[there..]).take_while(|(left, right)| left == right).count()
    };
    let shared = same(0, 0);
    let before = left.content_bytes(0..shared) - whole_bytes;
    let (mut longest, mut gains) = (0, vec![before]);
    for at in shared..ours.len() {
        for there in shared..theirs.len() {
            let (length, difference) = (same(at, there), at.max(there) - shared);
            if length < 8 || difference > 6.max(length / 4) || length < longest {
                continue;
            }
            if length > longest {
                (longest, gains) = (length, Vec::new());
            }
            gains.push(before + left.content_bytes(at..at + length));
        }
    }
    gains
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_requests_nearly_repeat_if_a_slow_search_says_so(
        starts in prop::array::uniform2("[abcd]{0,8}"),
        common in "[abcde]{0,60}",
        ends in prop::array::uniform2("[abcdf]{0,10}"),
        in_blocks in any::<bool>(),
    ) {
        let lines = [0, 1].map(|side| {
            let text = format!("{}{common}", starts[side]);
            let system = if in_blocks { json!([{"text": starts[side]}, {"text": common}]) } else { json!(text) };
            line(&json!({"system": system, "messages": [{"role": "u", "content": ends[side]}]}))
        });
        let requests = lines.each_ref().map(|line| Request::parse(line.as_bytes()).unwrap());
        let flat = requests.each_ref().map(|request| FlatPrompt::of(request, "m"));
        let mut near_repeats = NearRepeats { measure: SMALL, ..NearRepeats::new(NearCaps::default()) };
        lines.iter().zip(1..).for_each(|(line, number)| near_repeats.take(line.as_bytes(), "m", place(number)));
        let found = near_repeats.found();
        let chains = requests.each_ref().map(|request| PrefixChain::of(request, "m"));
        let last_shared = chains[0].shared_blocks(&chains[1]).checked_sub(1);
        let whole_bytes = last_shared.map_or(0, |last| chains[0].blocks()[last].bytes);
        let gains = gains(&flat[0], &flat[1], whole_bytes);
        let counts = |gain: &u64| *gain >= 8 && *gain > whole_bytes && lines[0] != lines[1];
        prop_assert!(found.is_empty() || gains.iter().any(counts));
        prop_assert!(!found.is_empty() || !gains.iter().all(counts));
        if let Some(near) = found.first() {
            let divergence = Divergence::between((&requests[0], "m"), (&requests[1], "m")).unwrap();
            prop_assert_eq!(Some(&near.left), divergence.left.as_ref());
            prop_assert_eq!(Some(&near.right), divergence.right.as_ref());
            prop_assert_eq!(near.byte, near.right.byte_in(&lines[1]));
            prop_assert_eq!(near.whole_bytes, whole_bytes);
            prop_assert!(gains.contains(&(near.shared_bytes - whole_bytes + near.repeated_bytes)));
            let mut words = near.shared.lines().chain(near.repeated.lines());
            prop_assert!(words.all(|text| lines.iter().all(|line| line.contains(text))));
        }
    }

    /// Whatever the requests are, what is said of them agrees with itself, and lines in any order never fail.
    #[test]
    fn what_is_told_agrees_with_itself(
        systems in prop::collection::vec(("[ab]{0,2}", "[ab]{0,3}", 0usize..3, "[abc]{0,9}"), 0..40),
    ) {
        let prompts = ["0123456789abcdef", "fedcba9876543210", "éèêëüïöä€"];
        let text = |(start, middle, prompt, end): &(String, String, usize, String)| {
            line(&json!({"system": format!("{start}{}{middle}{}{end}", prompts[*prompt], prompts[(*prompt + 1) % 3])}))
        };
        let lines: Vec<String> = systems.iter().map(text).collect();
        let mut near_repeats = NearRepeats { measure: SMALL, ..NearRepeats::new(NearCaps::default()) };
        lines.iter().zip(1..).for_each(|(line, number)| near_repeats.take(line.as_bytes(), "m", place(number)));
        for near in near_repeats.found() {
            prop_assert!(near.first < near.other);
            let gain = near.shared_bytes - near.whole_bytes + near.repeated_bytes;
            prop_assert!(gain >= 8 && gain > near.whole_bytes);
            prop_assert!(near.beginnings >= 1 && near.beginnings <= near.alike && near.alike <= near.compared);
            prop_assert!(near.compared < near.sampled && near.sampled <= near.requests);
            prop_assert!(4 * near.alike >= 3 * near.compared);
            prop_assert_eq!(near.requests, lines.len() as u64);
            let has_all = |line: &&String| near.shared.lines().chain(near.repeated.lines()).all(|text| line.contains(text));
            let with_them = lines.iter().filter(has_all).count() as u64;
            prop_assert!(with_them > near.alike, "{:?}", near);
        }
    }
}
