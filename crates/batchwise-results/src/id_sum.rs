use std::fmt;

use batchwise_plan::Fingerprint;

/// An order-independent sum of custom_ids, by which two sets are compared without keeping either: how many there are, and
/// the sum mod 2¹²⁸ of their [keys](id_key).
///
/// Sets of ids that differ by chance or by mistake have different sums; nobody can be kept from looking for two that
/// do not. `Display` writes the count, `:` and 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdSum {
    count: u64,
    sum: u128,
}

/// The first 16 bytes of the SHA-256 of a custom_id.
pub fn id_key(custom_id: &str) -> u128 {
    u128::from_be_bytes(Fingerprint::of(custom_id.as_bytes()).first_bytes())
}

impl IdSum {
    /// Adds one id. One that is added twice counts twice.
    pub fn add(&mut self, custom_id: &str) {
        self.add_key(id_key(custom_id));
    }

    pub(crate) fn add_key(&mut self, key: u128) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(key);
    }

    /// How many were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Reads what `Display` writes.
    pub fn read(text: &str) -> Option<IdSum> {
        let (count, sum) = text.split_once(':')?;
        let read = IdSum { count: count.parse().ok()?, sum: u128::from_str_radix(sum, 16).ok()? };
        // Signs, capitals and leading zeros would be other ways to write the same.
        (read.to_string() == text).then_some(read)
    }
}

impl fmt::Display for IdSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:032x}", self.count, self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(ids: &[&str]) -> IdSum {
        let mut sum = IdSum::default();
        ids.iter().for_each(|id| sum.add(id));
        sum
    }

    #[test]
    fn order_means_nothing_and_everything_else_does() {
        let abc = sum(&["a", "b", "c"]);
        assert_eq!(abc, sum(&["c", "a", "b"]));
        for other in [&["a", "b"][..], &["a", "b", "b"], &["a", "b", "d"], &["a", "b", "c", "c"], &[]] {
            assert_ne!(abc, sum(other), "{other:?}");
        }
    }

    #[test]
    fn the_first_half_of_sha256_is_added() {
        assert_eq!(sum(&["abc"]).to_string(), "1:ba7816bf8f01cfea414140de5dae2223");
    }

    #[test]
    fn sums_are_read_as_written() {
        for sum in [sum(&[]), sum(&["a", "b"]), sum(&["abc"])] {
            assert_eq!(IdSum::read(&sum.to_string()), Some(sum));
        }
        let digits = "ba7816bf8f01cfea414140de5dae2223";
        let bad =
            ["", "1", ":", &format!("+1:{digits}"), &format!("01:{digits}"), &format!("1:+{}", &digits[1..])];
        for bad in bad.into_iter().chain([&*format!("1:{}", digits.to_uppercase()), &*format!("1:{digits}0")])
        {
            assert_eq!(IdSum::read(bad), None, "{bad}");
        }
    }
}
