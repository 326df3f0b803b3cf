//! What a shop keeps: tables whose copies share everything until one of them changes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use ecloud_core::Timestamp;

/// Something that a table keeps.
pub(crate) trait Row: Clone {
    /// Names it within its shop.
    fn id(&self) -> &str;
    /// When it came to be; never changes.
    fn created_at(&self) -> Timestamp;
    /// When it changed last.
    fn modified_at(&self) -> Timestamp;
}

type Index = BTreeSet<(Timestamp, String)>;

/// The rows of one kind, found by name, by age and by their latest change.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: Arc<BTreeMap<String, Arc<T>>>,
    by_creation: Arc<Index>,
    by_change: Arc<Index>,
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
            changes: None,
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: Arc::default(), by_creation: Arc::default(), by_change: Arc::default(), changes: None }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<T>> {
        self.rows.get(id)
    }

    /// Puts a new row in, or what a row has become.
    pub(crate) fn put(&mut self, row: T) -> Arc<T> {
        let id = row.id().to_owned();
        let by_change = Arc::make_mut(&mut self.by_change);
        let before = self.rows.get(&id).cloned();
        match &before {
            Some(before) => {
                by_change.remove(&(before.modified_at(), id.clone()));
            }
            None => {
                Arc::make_mut(&mut self.by_creation).insert((row.created_at(), id.clone()));
            }
        }
        by_change.insert((row.modified_at(), id.clone()));
        let row = Arc::new(row);
        Arc::make_mut(&mut self.rows).insert(id, Arc::clone(&row));
        if let Some(changes) = &mut self.changes {
            changes.push(Change { before, after: Arc::clone(&row) });
        }
        row
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
        if let Some(row) = Arc::make_mut(&mut self.rows).remove(id) {
            Arc::make_mut(&mut self.by_creation).remove(&(row.created_at(), id.to_owned()));
            Arc::make_mut(&mut self.by_change).remove(&(row.modified_at(), id.to_owned()));
        }
    }

    /// All rows, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.rows.values()
    }

    /// The rows after a place in the order of creation, oldest first, ties by name; all of them where no place is given.
    pub(crate) fn oldest_first(&self, after: Option<(Timestamp, String)>) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_creation.range((start, Bound::Unbounded)).filter_map(|(_, id)| self.rows.get(id))
    }

    /// The rows by their latest change, newest first, ties by name descending.
    pub(crate) fn newest_change_first(&self) -> impl Iterator<Item = &Arc<T>> {
        self.by_change.iter().rev().filter_map(|(_, id)| self.rows.get(id))
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
