use crate::Head;
use crate::refusal::Refusal;

/// The part of a list that a call asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) has_more: bool,
}

impl<T> Page<T> {
    /// The `limit` things behind `after_id`, or before `before_id`, of a list that comes in its order.
    pub(crate) fn of(all: Vec<T>, head: &Head, id: impl Fn(&T) -> &str) -> Result<Page<T>, Refusal> {
        let limit = limit(head)?;
        let place = |name: &str| match head.query(name) {
            None => Ok(None),
            Some(wanted) => match all.iter().position(|item| id(item) == wanted) {
                Some(place) => Ok(Some(place)),
                None => Err(Refusal::invalid_in_our_words(&format!("{name}: nothing has this id"))),
            },
        };
        let (after, before) = (place("after_id")?, place("before_id")?);
        let (start, end) = match (after, before) {
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid_in_our_words("after_id and before_id exclude each other"));
            }
            (None, Some(end)) => (end.saturating_sub(limit), end),
            (after, None) => {
                let start = after.map_or(0, |place| place + 1);
                (start, all.len().min(start + limit))
            }
        };
        let has_more = if before.is_some() { start > 0 } else { end < all.len() };
        let items = all.into_iter().skip(start).take(end - start).collect();
        Ok(Page { items, has_more })
    }

    /// The page as the API shows it.
    pub(crate) fn json(&self, id: impl Fn(&T) -> &str, item: impl Fn(&T) -> String) -> String {
        let quoted =
            |item: Option<&T>| item.map_or_else(|| "null".to_owned(), |item| format!("\"{}\"", id(item)));
        let data: Vec<String> = self.items.iter().map(item).collect();
        format!(
            r#"{{"data":[{}],"has_more":{},"first_id":{},"last_id":{}}}"#,
            data.join(","),
            self.has_more,
            quoted(self.items.first()),
            quoted(self.items.last())
        )
    }
}

const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 1_000;

fn limit(head: &Head) -> Result<usize, Refusal> {
    let Some(text) = head.query("limit") else { return Ok(LIMIT_DEFAULT) };
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| Refusal::invalid_in_our_words("limit: write a number from 1 to 1000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let head = Head::new("GET", &format!("/?{query}"), Vec::new());
        let all: Vec<&str> = vec!["e", "d", "c", "b", "a"];
        let found = match Page::of(all, &head, |item| item) {
            Ok(page) => format!("{}{}", page.items.concat(), if page.has_more { "+" } else { "" }),
            Err(refusal) => refusal.message,
        };
        assert_eq!(found, expected, "{query}");
    }

    #[test]
    fn pages_go_both_ways() {
        check("", "edcba");
        check("limit=2", "ed+");
        check("limit=2&after_id=d", "cb+");
        check("limit=2&after_id=b", "a");
        check("after_id=a", "");
        check("limit=2&before_id=b", "dc+");
        check("limit=2&before_id=c", "ed");
        check("before_id=e", "");
        check("limit=0", "simulator: limit: write a number from 1 to 1000");
        check("limit=1001", "simulator: limit: write a number from 1 to 1000");
        check("after_id=x", "simulator: after_id: nothing has this id");
        check("after_id=a&before_id=b", "simulator: after_id and before_id exclude each other");
    }
}
