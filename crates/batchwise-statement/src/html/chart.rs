use batchwise_units::{Estimate, Usd};

use super::text::escaped;
use crate::cells::rounded;

/// One bar of a chart.
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// Its length.
    pub cost: Usd,
    /// How the page shows that amount.
    pub shown: String,
    /// Where its whiskers end.
    pub range: Option<Estimate<Usd>>,
}

/// Bars below each other at one scale, each with its amount in words; a table beside it has to say the same.
pub fn chart(caption: &str, bars: &[Bar], places: u32) -> String {
    let longest = bars.iter().flat_map(|bar| [Some(bar.cost), bar.range.map(|range| range.high())]).flatten();
    let Some(longest) = longest.max().filter(|usd| *usd > Usd::ZERO) else { return String::new() };
    let drawn: String = bars.iter().map(|bar| draw(bar, longest, places)).collect();
    format!("<figure>\n<figcaption>{}</figcaption>\n{drawn}</figure>\n", escaped(caption))
}

fn draw(bar: &Bar, longest: Usd, places: u32) -> String {
    let (name, shown) = (escaped(&bar.name), escaped(&bar.shown));
    let length = per_mille(bar.cost, longest);
    let mut words = shown.clone();
    let mut whiskers = String::new();
    if let Some(range) = bar.range {
        let [low, high] = [range.low(), range.high()];
        words = format!("{shown}, from {} to {}", rounded(low, places), rounded(high, places));
        let [low, high] = [per_mille(low, longest), per_mille(high, longest)];
        whiskers = format!("<path class=\"whisker\" d=\"M{low} 6V18M{low} 12H{high}M{high} 6V18\" />");
    }
    format!(
        "<div class=\"bar\"><span>{name}</span><span class=\"amount\">{words}</span>\n\
         <svg role=\"img\" viewBox=\"-4 0 1008 24\" preserveAspectRatio=\"none\"><title>{name}</title>\
         <desc>{words}</desc><rect class=\"length\" x=\"0\" y=\"2\" width=\"{length}\" height=\"20\" />{whiskers}</svg>\
         </div>\n"
    )
}

/// How much of `whole` a `part` is, in thousandths, for drawing.
fn per_mille(part: Usd, whole: Usd) -> String {
    let percent = part.percent_of(whole).unwrap_or_default();
    let digits: String = percent.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { digits.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_thousandths_of_the_longest() {
        let usd = |text| Usd::read(text).unwrap();
        for (part, expected) in [("0", "0"), ("0.0001", "0"), ("0.01", "5"), ("1", "500"), ("2", "1000")] {
            assert_eq!(per_mille(usd(part), usd("2")), expected);
        }
    }
}
