use crate::{Usd, group};

/// Dollars with `places` decimals and thousands separators: `$1,234.50`, `-$0.25`.
pub fn dollars(usd: Usd, places: u32) -> String {
    let rounded = usd.rounded(places);
    let (sign, digits) = rounded.strip_prefix('-').map_or(("", rounded.as_str()), |digits| ("-", digits));
    match digits.split_once('.') {
        Some((whole, cents)) => format!("{sign}${}.{cents}", group(whole)),
        None => format!("{sign}${}", group(digits)),
    }
}

/// An amount that stands as `rounded`, with `places` decimals. What is something never looks like nothing: `<$0.01`,
/// `-<$0.01`.
pub fn amount(rounded: Usd, exact: Usd, places: u32) -> String {
    if rounded != Usd::ZERO || exact == Usd::ZERO {
        return dollars(rounded, places);
    }
    let sign = if exact < Usd::ZERO { "-" } else { "" };
    let least = &Usd::ZERO.rounded(places);
    format!("{sign}<${}1", &least[..least.len() - 1])
}

/// What [`Usd::percent_of`] says of `part`, for people: what is something never looks like nothing, `<0.1`, `-<0.1`.
pub fn percentage(percent: &str, part: Usd) -> String {
    let is_nothing = percent.trim_start_matches('-').chars().all(|digit| matches!(digit, '0' | '.'));
    match (is_nothing, part == Usd::ZERO) {
        (false, _) => percent.to_owned(),
        (true, true) => percent.trim_start_matches('-').to_owned(),
        (true, false) if part < Usd::ZERO => "-<0.1".to_owned(),
        (true, false) => "<0.1".to_owned(),
    }
}

/// How many decimals amounts need so that none that is something looks like nothing: cents from a dollar
/// on, else enough for three digits of the smallest.
pub fn places(amounts: impl Iterator<Item = Usd>) -> u32 {
    let smallest = amounts.filter(|usd| *usd > Usd::ZERO).min();
    let Some(smallest) = smallest else { return 2 };
    let shows = |places: u32| {
        let digits: String = smallest.rounded(places).chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').len() >= 3
    };
    (2..12).find(|&places| shows(places)).unwrap_or(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Usd {
        Usd::parse(text).unwrap()
    }

    #[test]
    fn dollars_are_grouped() {
        assert_eq!(dollars(usd("1234567.005"), 2), "$1,234,567.01");
        assert_eq!(dollars(Usd::ZERO - usd("1234.5"), 2), "-$1,234.50");
    }

    #[test]
    fn something_never_looks_like_nothing() {
        let signed = |text: &str| match text.strip_prefix('-') {
            Some(less) => Usd::ZERO - usd(less),
            None => usd(text),
        };
        for (exact, places, expected) in [
            ("0", 2, "$0.00"),
            ("0.0001", 2, "<$0.01"),
            ("-0.0001", 2, "-<$0.01"),
            ("0.005", 2, "$0.01"),
            ("0.00001", 4, "<$0.0001"),
            ("0.4", 0, "<$1"),
            ("1234.501", 2, "$1,234.50"),
            ("-0.25", 2, "-$0.25"),
        ] {
            let exact = signed(exact);
            assert_eq!(amount(exact.rounded_to(places), exact, places), expected);
        }
        for (part, whole, expected) in [
            ("0", "1", "0.0"),
            ("0.0004", "1", "<0.1"),
            ("-0.0004", "1", "-<0.1"),
            ("0.0005", "1", "0.1"),
            ("-0.5", "1", "-50.0"),
            ("10", "1", "1000.0"),
        ] {
            let (part, whole) = (signed(part), usd(whole));
            assert_eq!(percentage(&part.percent_of(whole).unwrap(), part), expected);
        }
    }

    #[track_caller]
    fn check_places(amounts: &[&str], expected: u32) {
        assert_eq!(places(amounts.iter().map(|text| usd(text))), expected);
    }

    #[test]
    fn no_amount_looks_like_nothing() {
        check_places(&[], 2);
        check_places(&["0", "120"], 2);
        check_places(&["1.5", "120"], 2);
        check_places(&["0.5", "120"], 3);
        check_places(&["0.00525", "120"], 5);
        check_places(&["0.000000000001"], 12);
    }
}
