//! Maps: `<entry><key/><value/></entry>` for each entry.

use std::collections::HashSet;

use serde::de::{DeserializeSeed, MapAccess};

use super::absent::Absent;
use super::error::Error;
use super::reader::{Children, Value};

/// The entries of a map.
pub(super) struct Entries<'a> {
    entries: std::vec::IntoIter<Entry<'a>>,
    next: Option<Entry<'a>>,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    index: usize,
    key: Value<'a>,
    value: Option<Value<'a>>,
}

impl<'a> Entries<'a> {
    /// Takes the entries among an element's children; others are passed over.
    pub(super) fn new(mut children: Children<'a>) -> Result<Self, Error> {
        let mut entries = Vec::new();
        let mut keys = HashSet::new();
        let found = children.find(|(name, _)| *name == ENTRY).map(|(_, entries)| entries);
        for (index, entry) in found.into_iter().flat_map(Value::each).enumerate() {
            let within = |error: Error| error.within_item(index).within(ENTRY);
            let (mut key, mut value) = (None, None);
            for (name, child) in entry.children().map_err(within)? {
                match name {
                    "key" => key = Some(child),
                    "value" => value = Some(child),
                    _ => {}
                }
            }
            let key = key.ok_or_else(|| within(Error::new("an entry without a key")))?;
            if !keys.insert(key.text().map_err(within)?) {
                return Err(within(Error::new("a key that stood before")));
            }
            entries.push(Entry { index, key, value });
        }
        Ok(Self { entries: entries.into_iter(), next: None })
    }
}

const ENTRY: &str = "entry";

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.next = self.entries.next();
        let Some(entry) = self.next else { return Ok(None) };
        seed.deserialize(entry.key)
            .map(Some)
            .map_err(|error| error.within("key").within_item(entry.index).within(ENTRY))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some(entry) = self.next.take() else { return Err(Error::new("a value without a key")) };
        let read = match entry.value {
            Some(value) => seed.deserialize(value).map_err(|error| error.within("value")),
            None => seed.deserialize(Absent { name: "value" }),
        };
        read.map_err(|error| error.within_item(entry.index).within(ENTRY))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}
