//! What a shop keeps: tables whose copies share everything until one of them changes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::ops::Bound;
use std::sync::Arc;

use ecloud_core::Timestamp;

/// Something that a table keeps.
pub(crate) trait Row: Clone {
    /// Whether a row stays as it came to be, so that nobody asks what has changed. A shop with a million orders has millions of entries.
    const IS_FINAL: bool = false;

    /// Names it within its shop.
    fn id(&self) -> &str;
    /// When it came to be; never changes.
    fn created_at(&self) -> Timestamp;
    /// When it changed last.
    fn modified_at(&self) -> Timestamp;
    /// What else it is found by.
    fn marks(&self) -> Vec<Mark> {
        Vec::new()
    }
}

/// Something that rows are found by, which several may have in common: what kind of mark it is, and which.
pub(crate) type Mark = (&'static str, Cow<'static, str>);
/// A row by its age, or by its latest change. The table's indexes share its name.
type Entry = (Timestamp, Arc<str>);

const MINUTE_MILLIS: i64 = 60_000;

/// The minute, since 1970, that a moment lies in.
fn minute(at: Timestamp) -> i64 {
    at.unix_millis().div_euclid(MINUTE_MILLIS)
}

/// The rows of one kind, found by name, by age, by their latest change and by their marks.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Arc<BTreeMap<Arc<str>, Arc<T>>>,
    by_creation: Arc<BTreeSet<Entry>>,
    by_change: Arc<BTreeSet<Entry>>,
    /// How many entries of `by_change` each minute has: a page says how many changes there are, and a day may have a million.
    changes_by_minute: Arc<BTreeMap<i64, usize>>,
    by_mark: Arc<BTreeSet<(Mark, Entry)>>,
    /// What was put in since somebody began to watch, oldest first.
    changes: Option<Vec<Change<T>>>,
}

/// A row that came to be or has become another.
#[derive(Debug)]
pub(crate) struct Change<T> {
    pub(crate) before: Option<Arc<T>>,
    pub(crate) after: Arc<T>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            rows: Arc::clone(&self.rows),
            by_creation: Arc::clone(&self.by_creation),
            by_change: Arc::clone(&self.by_change),
            changes_by_minute: Arc::clone(&self.changes_by_minute),
            by_mark: Arc::clone(&self.by_mark),
            changes: None,
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Arc::default(),
            by_creation: Arc::default(),
            by_change: Arc::default(),
            changes_by_minute: Arc::default(),
            by_mark: Arc::default(),
            changes: None,
        }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<T>> {
        self.rows.get(id)
    }

    /// Puts a new row in, or what a row has become.
    pub(crate) fn put(&mut self, row: T) -> Arc<T> {
        let known = self.rows.get_key_value(row.id()).map(|(id, before)| (Arc::clone(id), Arc::clone(before)));
        let id = match &known {
            Some((id, before)) => {
                self.unlist(id, before, Some(&row));
                Arc::clone(id)
            }
            None => {
                let id = Arc::<str>::from(row.id());
                Arc::make_mut(&mut self.by_creation).insert((row.created_at(), Arc::clone(&id)));
                id
            }
        };
        if !T::IS_FINAL {
            Arc::make_mut(&mut self.by_change).insert((row.modified_at(), Arc::clone(&id)));
            *Arc::make_mut(&mut self.changes_by_minute).entry(minute(row.modified_at())).or_default() += 1;
        }
        for mark in row.marks() {
            Arc::make_mut(&mut self.by_mark).insert((mark, (row.created_at(), Arc::clone(&id))));
        }
        let row = Arc::new(row);
        Arc::make_mut(&mut self.rows).insert(id, Arc::clone(&row));
        if let Some(changes) = &mut self.changes {
            changes.push(Change { before: known.map(|(_, before)| before), after: Arc::clone(&row) });
        }
        row
    }

    /// Takes out of the indexes what a row isn't found by any more, once it has become `after`, or is gone.
    fn unlist(&mut self, id: &Arc<str>, before: &T, after: Option<&T>) {
        if !T::IS_FINAL {
            Arc::make_mut(&mut self.by_change).remove(&(before.modified_at(), Arc::clone(id)));
            if let Some(count) = Arc::make_mut(&mut self.changes_by_minute).get_mut(&minute(before.modified_at())) {
                *count -= 1;
            }
        }
        let kept = after.map(T::marks).unwrap_or_default();
        for mark in before.marks().into_iter().filter(|mark| !kept.contains(mark)) {
            Arc::make_mut(&mut self.by_mark).remove(&(mark, (before.created_at(), Arc::clone(id))));
        }
    }

    /// Notes what is put in from now on, until it is [taken](Self::take_changes).
    pub(crate) fn watch(&mut self) {
        self.changes.get_or_insert_default();
    }

    /// Notes nothing any more.
    pub(crate) fn look_away(&mut self) {
        self.changes = None;
    }

    /// What was put in since it was asked last.
    pub(crate) fn take_changes(&mut self) -> Vec<Change<T>> {
        self.changes.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn remove(&mut self, id: &str) {
        if let Some((id, row)) = Arc::make_mut(&mut self.rows).remove_entry(id) {
            self.unlist(&id, &row, None);
            Arc::make_mut(&mut self.by_creation).remove(&(row.created_at(), id));
        }
    }

    /// All rows, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.rows.values()
    }

    /// The rows after a place in the order of creation, oldest first, ties by name; all of them where no place is given.
    pub(crate) fn oldest_first(&self, after: Option<(Timestamp, String)>) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        let start = after.map_or(Bound::Unbounded, |(created_at, id)| Bound::Excluded((created_at, id.into())));
        self.by_creation.range((start, Bound::Unbounded)).filter_map(|(_, id)| self.rows.get(id))
    }

    /// The rows with one of these marks after a place in the order of creation, oldest first, ties by name.
    pub(crate) fn marked(
        &self,
        marks: impl IntoIterator<Item = Mark>,
        after: Option<(Timestamp, String)>,
    ) -> impl Iterator<Item = &Arc<T>> {
        let after = after.map(|(created_at, id)| (created_at, id.into()));
        let list = |mark: Mark| {
            let start = match &after {
                Some(place) => Bound::Excluded((mark.clone(), place.clone())),
                None => Bound::Included((mark.clone(), (Timestamp::MIN, "".into()))),
            };
            let entries = self.by_mark.range((start, Bound::Unbounded));
            entries.take_while(move |(other, _)| *other == mark).map(|(_, entry)| entry).peekable()
        };
        let mut lists: Vec<_> = marks.into_iter().map(list).collect();
        let entries = iter::from_fn(move || {
            let first = lists.iter_mut().filter_map(|list| list.peek().copied()).min()?;
            for list in &mut lists {
                list.next_if(|entry| *entry == first);
            }
            Some(first)
        });
        entries.filter_map(|(_, id)| self.rows.get(id))
    }

    /// The names of the rows whose latest change lies in a window of time, its end not in it, newest first, ties by name descending.
    pub(crate) fn changed_between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = &str> {
        let place = |at| (at, Arc::<str>::from(""));
        self.by_change.range(place(from)..place(to.max(from))).rev().map(|(_, id)| &**id)
    }

    /// How many rows those are.
    pub(crate) fn count_changed(&self, from: Timestamp, to: Timestamp) -> usize {
        let (first, last) = (minute(from) + 1, minute(to));
        if last <= first {
            return self.changed_between(from, to).count();
        }
        let begins = |minute: i64| Timestamp::from_unix_millis(minute * MINUTE_MILLIS);
        let ends = self.changed_between(from, begins(first)).count() + self.changed_between(begins(last), to).count();
        self.changes_by_minute.range(first..last).map(|(_, count)| count).sum::<usize>() + ends
    }
}

#[cfg(test)]
impl<T: Row> Table<T> {
    /// The rows by their latest change, newest first, ties by name descending.
    pub(crate) fn newest_change_first(&self) -> impl Iterator<Item = &Arc<T>> {
        self.changed_between(Timestamp::MIN, Timestamp::MAX).filter_map(|id| self.rows.get(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Thing {
        id: &'static str,
        modified: i64,
    }

    impl Row for Thing {
        fn id(&self) -> &str {
            self.id
        }

        fn created_at(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn modified_at(&self) -> Timestamp {
            Timestamp::from_unix_millis(self.modified)
        }
    }

    fn ids<'a>(rows: impl Iterator<Item = &'a Arc<Thing>>) -> Vec<&'a str> {
        rows.map(|row| row.id).collect()
    }

    #[test]
    fn a_row_stands_only_under_its_latest_change() {
        let mut table = Table::default();
        for (id, modified) in [("a", 1), ("b", 2), ("c", 2)] {
            table.put(Thing { id, modified });
        }
        assert_eq!(ids(table.newest_change_first()), ["c", "b", "a"]);
        table.put(Thing { id: "a", modified: 3 });
        assert_eq!(ids(table.newest_change_first()), ["a", "c", "b"]);
        assert_eq!(ids(table.oldest_first(None)), ["a", "b", "c"]);
        assert_eq!(ids(table.oldest_first(Some((Timestamp::UNIX_EPOCH, "a".into())))), ["b", "c"]);
    }

    #[test]
    fn rows_are_found_by_the_marks_that_they_have_now() {
        #[derive(Clone, Debug)]
        struct Marked(&'static str, i64, &'static [&'static str]);

        impl Row for Marked {
            const IS_FINAL: bool = true;

            fn id(&self) -> &str {
                self.0
            }

            fn created_at(&self) -> Timestamp {
                Timestamp::from_unix_millis(self.1)
            }

            fn modified_at(&self) -> Timestamp {
                self.created_at()
            }

            fn marks(&self) -> Vec<Mark> {
                self.2.iter().map(|mark| ("kind", (*mark).into())).collect()
            }
        }

        let mut table = Table::default();
        for row in [Marked("b", 1, &["x"]), Marked("a", 2, &["x", "y"]), Marked("c", 3, &["y"]), Marked("d", 1, &[])] {
            table.put(row);
        }
        let found = |table: &Table<Marked>, marks: &[&'static str], after: Option<(i64, &str)>| {
            let after = after.map(|(at, id)| (Timestamp::from_unix_millis(at), id.to_owned()));
            let marks: Vec<Mark> = marks.iter().map(|mark| ("kind", (*mark).into())).collect();
            table.marked(marks, after).map(|row| row.0).collect::<Vec<_>>()
        };
        assert_eq!(found(&table, &["x"], None), ["b", "a"]);
        assert_eq!(found(&table, &["y", "x"], None), ["b", "a", "c"], "each once, by age");
        assert_eq!(found(&table, &["x", "y"], Some((1, "b"))), ["a", "c"]);
        assert!(found(&table, &["z"], None).is_empty() && found(&table, &[], None).is_empty());
        table.put(Marked("a", 2, &["z", "y"]));
        table.remove("c");
        assert_eq!(found(&table, &["x"], None), ["b"]);
        assert_eq!(found(&table, &["y", "z"], None), ["a"]);
    }

    #[test]
    fn changes_are_found_by_their_window() {
        let mut table = Table::default();
        for (id, modified) in [("a", 1), ("b", 2), ("c", 3), ("d", 3)] {
            table.put(Thing { id, modified });
        }
        let between = |from, to| {
            let [from, to] = [from, to].map(Timestamp::from_unix_millis);
            table.changed_between(from, to).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(between(1, 3), ["b", "a"]);
        assert_eq!(between(2, 9), ["d", "c", "b"]);
        assert!(between(3, 2).is_empty());
    }

    #[test]
    fn changes_are_counted_as_they_are_listed() {
        let mut table = Table::default();
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
        for (index, id) in (0_i64..).zip(ids) {
            table.put(Thing { id, modified: -90_000 + index * 37_000 });
        }
        table.put(Thing { id: "c", modified: 170_001 });
        table.remove("e");
        let bounds = [-200_000, -90_000, -89_999, -60_000, -1, 0, 1, 21_000, 60_000, 95_000, 120_000, 170_001, 400_000];
        for from in bounds.map(Timestamp::from_unix_millis) {
            for to in bounds.map(Timestamp::from_unix_millis) {
                assert_eq!(table.count_changed(from, to), table.changed_between(from, to).count(), "{from} to {to}");
            }
        }
    }

    #[test]
    fn changes_are_noted_once_somebody_watches() {
        let mut table = Table::default();
        table.put(Thing { id: "a", modified: 1 });
        assert!(table.take_changes().is_empty());
        table.watch();
        table.put(Thing { id: "a", modified: 2 });
        table.put(Thing { id: "b", modified: 2 });
        let seen: Vec<_> = table
            .take_changes()
            .iter()
            .map(|change| (change.before.as_ref().map(|row| row.modified), change.after.id))
            .collect();
        assert_eq!(seen, [(Some(1), "a"), (None, "b")]);
        assert!(table.take_changes().is_empty());
    }

    #[test]
    fn a_copy_does_not_see_what_changes_later() {
        let mut table = Table::default();
        table.put(Thing { id: "a", modified: 1 });
        let copy = table.clone();
        table.put(Thing { id: "a", modified: 2 });
        assert_eq!((copy.get("a").unwrap().modified, table.get("a").unwrap().modified), (1, 2));
    }
}
