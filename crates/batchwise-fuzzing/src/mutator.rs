use std::ops::Range;

/// Makes awkward files out of good ones. The same seed makes the same files, everywhere.
pub struct Mutator {
    state: u64,
}

/// What readers of JSON and TOML stumble over.
const AWKWARD: &[&[u8]] = &[
    b"",
    b"\0",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\n",
    b"\r\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"-",
    b"-0",
    b"0.0",
    b"1e999",
    b"18446744073709551615",
    b"18446744073709551616",
    b"99999999999999999999999999999.9999999999999999999999999999",
    b"null",
    b"true",
    b"\"\"",
    b"{}",
    b"[]",
    b"\xff",
    b"\xc3",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"\x1b[31m",
    b"%0A::error::",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
];

/// Numbers at the edges of what readers hold.
const NUMBERS: &[&[u8]] = &[
    b"0",
    b"1",
    b"2",
    b"7",
    b"4294967296",
    b"18446744073709551615",
    b"79228162514264337593543950335",
    b"0.0000000000000000000000000001",
    b"1.5",
];

/// The most bytes of a file, so that a long run stays quick.
const LENGTH_MAX: usize = 1 << 16;

impl Mutator {
    /// A mutator that makes the files of that seed.
    pub fn new(seed: u64) -> Mutator {
        Mutator { state: seed ^ 0x9e37_79b9_7f4a_7c15 }
    }

    /// A file that is made of those, of which there is at least one.
    pub fn mutant(&mut self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut file = self.pick(files).clone();
        // Half of them have one flaw, behind which readers go on.
        let more = self.below(2) * self.below(4);
        for _ in 0..=more {
            self.change(&mut file, files);
        }
        file.truncate(LENGTH_MAX);
        file
    }

    fn change(&mut self, file: &mut Vec<u8>, files: &[Vec<u8>]) {
        let from = self.below(file.len() + 1);
        let to = file.len().min(from + self.below(40));
        match self.below(12) {
            0 => file.truncate(from),
            1 => drop(file.drain(from..to)),
            2 => drop(file.splice(from..to, self.pick(AWKWARD).iter().copied())),
            3 => drop(file.splice(from..from, self.pick(AWKWARD).iter().copied())),
            4 => {
                let again = file[from..to].to_vec();
                file.splice(to..to, again);
            }
            5 => {
                let other = self.pick(files);
                let start = self.below(other.len() + 1);
                file.truncate(from);
                file.extend_from_slice(&other[start..]);
            }
            6..=10 => {
                let number = number_from(file, from);
                file.splice(number, self.pick(NUMBERS).iter().copied());
            }
            _ => {
                if let Some(byte) = file.get_mut(from) {
                    *byte ^= 1 << self.below(8);
                }
            }
        }
    }

    fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    /// A number below `end`, which is above 0. Vigna's xorshift64*.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let number = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits fit") % end
    }
}

/// Where the first number from there on stands: nowhere, at the end, if there is none. Files whose numbers are
/// exchanged are still JSON, and get further than others.
fn number_from(file: &[u8], from: usize) -> Range<usize> {
    let of_number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let start = file[from..].iter().position(u8::is_ascii_digit).map_or(file.len(), |index| from + index);
    let length = file[start..].iter().position(|byte| !of_number(byte)).unwrap_or(file.len() - start);
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_files() {
        let files = [b"{\"a\":1}".to_vec(), b"".to_vec()];
        let mutants = |seed| {
            let mut mutator = Mutator::new(seed);
            (0..200).map(|_| mutator.mutant(&files)).collect::<Vec<_>>()
        };
        assert_eq!(mutants(1), mutants(1));
        assert_ne!(mutants(1), mutants(2));
    }
}
