//! Section 8: which part of a list a request asks for, and the page that answers it.

use std::time::Duration;

use ecloud_core::Timestamp;
use serde::Serialize;

use crate::description::Query;
use crate::platform::Refusal;

/// Entries on a page unless the request says otherwise.
const USUAL_SIZE: usize = 50;
/// The most entries on a page.
const LARGEST_SIZE: usize = 100;
/// How far into a list pages by number reach.
const DEEPEST: usize = 10_000;
/// The longest window of a list of changes.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// A page by cursor, as it is answered.
#[derive(Debug, Serialize)]
pub(crate) struct CursorPage<T> {
    pub(crate) items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// A page by number, as it is answered.
#[derive(Debug, Serialize)]
pub(crate) struct NumberPage<T> {
    pub(crate) items: Vec<T>,
    pub(crate) page: usize,
    pub(crate) page_size: usize,
    pub(crate) total: usize,
}

/// How many entries a page by cursor holds.
pub(crate) fn limit(query: &Query) -> Result<usize, Refusal> {
    in_range(query, "limit", 1..=LARGEST_SIZE, USUAL_SIZE)
}

/// Which page by number is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    page: usize,
    page_size: usize,
}

impl Numbered {
    pub(crate) fn of(query: &Query) -> Result<Self, Refusal> {
        let page = in_range(query, "page", 1..=usize::MAX, 1)?;
        let page_size = in_range(query, "page_size", 1..=LARGEST_SIZE, USUAL_SIZE)?;
        if page.checked_mul(page_size).is_none_or(|depth| depth > DEEPEST) {
            let reason = format!("times page_size is at most {DEEPEST}: narrow the window instead");
            return Err(Refusal::invalid_field("page", reason));
        }
        Ok(Self { page, page_size })
    }

    /// This page of `all`, each entry rendered.
    pub(crate) fn cut<T, U>(self, all: &[T], render: impl FnMut(&T) -> U) -> NumberPage<U> {
        self.page(self.of_page(all.iter()).map(render).collect(), all.len())
    }

    /// What stands on this page, of all entries.
    pub(crate) fn of_page<I: Iterator>(self, all: I) -> impl Iterator<Item = I::Item> {
        all.skip((self.page - 1) * self.page_size).take(self.page_size)
    }

    /// This page with its entries, of `total` altogether.
    pub(crate) fn page<T>(self, items: Vec<T>, total: usize) -> NumberPage<T> {
        NumberPage { items, page: self.page, page_size: self.page_size, total }
    }
}

/// The window of a list of changes: from inclusive, to exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Window {
    pub(crate) fn of(query: &Query, now: Timestamp) -> Result<Self, Refusal> {
        let from =
            query.time("modified_from")?.ok_or_else(|| Refusal::invalid_field("modified_from", "is required"))?;
        let to = query.time("modified_to")?.unwrap_or(now);
        let length = match to.duration_since(from) {
            Some(length) => length,
            // Where only the start is given and it lies ahead, nothing has changed since.
            None if query.one("modified_to").is_none() => Duration::ZERO,
            None => return Err(Refusal::invalid_field("modified_to", "is before modified_from")),
        };
        if length > LONGEST_WINDOW {
            return Err(Refusal::invalid_field("modified_from", "is more than 24 hours before the end of the window"));
        }
        Ok(Self { from, to })
    }
}

fn in_range(query: &Query, name: &str, range: std::ops::RangeInclusive<usize>, usual: usize) -> Result<usize, Refusal> {
    let Some(text) = query.one(name) else { return Ok(usual) };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let reason = || {
        let upper = if *range.end() == usize::MAX { String::new() } else { format!(" and at most {}", range.end()) };
        format!("must be a whole number, at least {}{upper}", range.start())
    };
    match text.parse() {
        Ok(value) if digits && range.contains(&value) => Ok(value),
        _ => Err(Refusal::invalid_field(name, reason())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_limit_out_of_range_is_refused_not_clamped() {
        assert_eq!(limit(&query(&[])), Ok(50));
        assert_eq!(limit(&query(&[("limit", "1")])), Ok(1));
        assert_eq!(limit(&query(&[("limit", "100")])), Ok(100));
        for bad in ["0", "101", "-1", "1.0", "+5", "", "ten", "99999999999999999999999"] {
            assert!(limit(&query(&[("limit", bad)])).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_by_number_reach_10_000_deep() {
        assert!(Numbered::of(&query(&[("page", "100"), ("page_size", "100")])).is_ok());
        assert!(Numbered::of(&query(&[("page", "101"), ("page_size", "100")])).is_err());
        assert!(Numbered::of(&query(&[("page", "201")])).is_err());
        assert!(Numbered::of(&query(&[("page", "18446744073709551615"), ("page_size", "100")])).is_err());
    }

    #[test]
    fn a_page_past_the_end_is_empty_and_knows_the_total() {
        let page = Numbered::of(&query(&[("page", "3"), ("page_size", "2")])).unwrap().cut(&[1, 2, 3], |n| *n);
        assert_eq!((page.items.len(), page.total, page.page), (0, 3, 3));
    }

    #[test]
    fn a_window_is_24_hours_at_most_and_half_open() {
        let now: Timestamp = "2026-11-22T00:00:00.000Z".parse().unwrap();
        let pairs = [("modified_from", "2026-11-21T00:00:00.000Z")];
        let window = Window::of(&query(&pairs), now).unwrap();
        assert_eq!((window.from, window.to), ("2026-11-21T00:00:00.000Z".parse().unwrap(), now));
        assert!(Window::of(&query(&pairs), now + Duration::from_millis(1)).is_err());
        assert!(Window::of(&query(&[]), now).is_err());
        assert!(
            Window::of(
                &query(&[("modified_from", "2026-11-22T00:00:00.000Z"), ("modified_to", "2026-11-21T23:59:59.999Z")]),
                now
            )
            .is_err()
        );
    }
}
