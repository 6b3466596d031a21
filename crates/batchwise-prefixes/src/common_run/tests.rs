use proptest::prelude::*;

use super::*;

const MEASURE: Measure = Measure { shortest: 8, small: 6 };

/// Every pair of places.
fn slowly(left: &[u8], right: &[u8]) -> usize {
    let mut longest = 0;
    for at in 0..left.len() {
        for there in 0..right.len() {
            let pairs = left[at..].iter().zip(&right[there..]);
            let length = pairs.take_while(|(left, right)| left == right).count();
            if length >= 8 && (at.max(there) <= 6 || 4 * at.max(there) <= length) {
                longest = longest.max(length);
            }
        }
    }
    longest
}

/// Whether an anchor may appear more often than is looked at.
fn repeats_itself(text: &[u8]) -> bool {
    let often = |four: &[u8]| text.windows(4).filter(|other| *other == four).count() > APPEARANCES;
    text.windows(4).any(often)
}

#[track_caller]
fn check(left: &str, right: &str, expected: Option<&str>) {
    let found = CommonRun::longest(left.as_bytes(), right.as_bytes(), MEASURE);
    assert_eq!(found.map(|run| &left[run.left..run.left + run.length]), expected, "{left} / {right}");
    assert_eq!(slowly(left.as_bytes(), right.as_bytes()), expected.map_or(0, str::len));
}

#[test]
fn the_longest_run_behind_a_small_difference_is_found() {
    check("1 be brief", "2 be brief", Some(" be brief"));
    check("9 be brief", "10 be brief", Some(" be brief"));
    check("be brief", "12: be brief", Some("be brief"));
    check("12: be brief", "be brief", Some("be brief"));
    check("1 be brief. Ticket: no light", "2 be brief. Ticket: on fire", Some(" be brief. Ticket: "));
    check("1 at 5 be brief", "2 at 7 be brief", Some(" be brief")); //      behind both differences
    check("1 be kind to 7 be brief to all", "2 be kind to 8 be brief to all", Some(" be kind to ")); // not the second
    check("1 short", "2 short", None); //                                     too short
    check("1234567 be brief", "7654321 be brief", None); //                   the difference is too long
    check(
        "1234567 be brief and be kind to them all",
        "be brief and be kind to them all",
        Some("be brief and be kind to them all"),
    );
    check("", "2 be brief", None);
    check("", "", None);
}

#[test]
fn one_letter_takes_no_longer_than_others() {
    let letters = "x".repeat(4 << 20);
    let longest = |left: String, right: String| {
        CommonRun::longest(left.as_bytes(), right.as_bytes(), Measure { shortest: 256, small: 1024 })
    };
    let run = longest(format!("1{letters}"), format!("22{letters}")).unwrap();
    assert_eq!(run, CommonRun { left: 1, right: 2, length: letters.len() });
    let run = longest(format!("1{letters}3"), format!("22{letters}44")).unwrap();
    assert!(run.length > letters.len() - 2048);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Never more than there is, and all of it where anchors are rare.
    #[test]
    fn runs_are_those_of_a_slow_search(
        starts in prop::array::uniform2("[abcd]{0,12}"),
        common in "[abcde]{0,80}",
        ends in prop::array::uniform2("[abcdf]{0,30}"),
    ) {
        let [left, right] = [0, 1].map(|side| format!("{side}{}{common}{}", starts[side], ends[side]));
        let (left, right) = (left.as_bytes(), right.as_bytes());
        let found = CommonRun::longest(left, right, MEASURE);
        let slow = slowly(left, right);
        let length = found.map_or(0, |run| run.length);
        prop_assert!(length <= slow);
        prop_assert!(length == slow || repeats_itself(right));
        if let Some(CommonRun { left: at, right: there, length }) = found {
            prop_assert_eq!(&left[at..at + length], &right[there..there + length]);
            prop_assert!(left[at - 1] != right[there - 1], "it begins where they are alike again");
        }
    }

    #[test]
    fn same_ends_are_those_of_single_bytes(common in "[ab]{0,200}", ends in prop::array::uniform2("[ab]{0,3}")) {
        let [left, right] = ends.each_ref().map(|end| format!("{common}{end}"));
        let same = left.bytes().zip(right.bytes()).take_while(|(left, right)| left == right).count();
        prop_assert_eq!(same_start(left.as_bytes(), right.as_bytes()), same);
        let [left, right] = [&left, &right].map(|text| text.bytes().rev().collect::<Vec<u8>>());
        prop_assert_eq!(same_end(&left, &right), same);
    }
}
