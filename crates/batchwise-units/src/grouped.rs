/// A number for people, with commas: `1,234,567`.
pub fn grouped(number: u64) -> String {
    group(&number.to_string())
}

/// So many requests, for people: `1 request`, `1,234 requests`.
pub fn requests(count: u64) -> String {
    if count == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(count)) }
}

/// Puts a comma before every third digit from the end.
pub fn group(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_is_one() {
        assert_eq!([0, 1, 2_000].map(requests), ["0 requests", "1 request", "2,000 requests"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 12, 999, 1_000, 1_234_567].map(grouped), ["0", "12", "999", "1,000", "1,234,567"]);
    }
}
