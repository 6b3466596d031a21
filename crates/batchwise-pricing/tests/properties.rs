//! What holds for any input.

use batchwise_pricing::{PriceBook, Severity, SourceFile, TokenKind, Usage, lint};
use batchwise_units::Tokens;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::Index;

fn usage() -> impl Strategy<Value = Usage> {
    let tokens = || (0u64..1_000_000_000_000).prop_map(Tokens);
    (tokens(), tokens(), tokens(), tokens(), tokens()).prop_map(
        |(input, cache_write_5m, cache_write_1h, cache_read, output)| Usage {
            input,
            cache_write_5m,
            cache_write_1h,
            cache_read,
            output,
        },
    )
}

fn embedded() -> Vec<SourceFile> {
    let file =
        |(path, text): &(&str, &str)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() };
    batchwise_price_data::FILES.iter().map(file).collect()
}

proptest! {
    /// Pricing a sum is summing the prices: nothing is rounded on the way.
    #[test]
    fn costs_add_up(index in 0usize..29, a in usage(), b in usage()) {
        let model = &PriceBook::bundled().models()[index];
        let rates = model.on(date(2026, 11, 21)).unwrap().base.batch.times(PriceBook::bundled().geo_us());
        prop_assert_eq!(rates.cost(&(a + b)), rates.cost(&a) + rates.cost(&b));
    }

    /// No discount makes anything free or dearer, and a batch stays half.
    #[test]
    fn discounts_only_lower_prices(hundredths in 0u32..10_000) {
        let percent = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        let text = format!("schema = 1\ndiscount_percent = \"{percent}\"");
        let contract = SourceFile { path: "contract.toml".to_owned(), text };
        let book = PriceBook::bundled().overlaid(&[contract]).unwrap();
        for (list, own) in PriceBook::bundled().models().iter().zip(book.models()) {
            let (list, own) = (list.eras()[0].base, own.eras()[0].base);
            for kind in TokenKind::ALL {
                prop_assert!(own.standard.of(kind) <= list.standard.of(kind));
                prop_assert_eq!(own.batch.of(kind), own.standard.of(kind).half());
            }
        }
    }
}

/// A few characters replaced somewhere in the book.
#[derive(Clone, Debug)]
struct Damage {
    file: Index,
    at: Index,
    length: usize,
    text: String,
}

fn damage() -> impl Strategy<Value = Damage> {
    let text = "[\\[\\]=\"\n0-9a-z_.-]{0,6}";
    (any::<Index>(), any::<Index>(), 0usize..40, text).prop_map(|(file, at, length, text)| Damage {
        file,
        at,
        length,
        text,
    })
}

impl Damage {
    fn done_to(&self, mut files: Vec<SourceFile>) -> Vec<SourceFile> {
        let index = self.file.index(files.len());
        let victim = &mut files[index].text;
        let boundaries: Vec<usize> = victim.char_indices().map(|(at, _)| at).collect();
        let first = self.at.index(boundaries.len());
        let last = (first + self.length).min(boundaries.len() - 1);
        victim.replace_range(boundaries[first]..boundaries[last], &self.text);
        files
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A damaged book is refused or read, but never a panic; and it is refused exactly when lint says so.
    #[test]
    fn damage_is_told(damage in damage()) {
        let files = damage.done_to(embedded());
        let errors = lint(&files).into_iter().filter(|problem| problem.severity == Severity::Error);
        prop_assert_eq!(PriceBook::parse(&files).is_err(), errors.count() > 0);
    }
}
