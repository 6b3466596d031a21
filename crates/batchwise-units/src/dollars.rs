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
