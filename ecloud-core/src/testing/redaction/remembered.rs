//! Values that were hidden by their names, so that they are found where nothing else gives them away.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// How many values are remembered. They stay in memory.
const MOST: usize = 4096;

#[derive(Default)]
pub(super) struct Remembered {
    values: Mutex<BTreeSet<String>>,
}

impl Remembered {
    /// Keeps a value. Words that ordinary texts are made of aren't kept.
    pub(super) fn add(&self, value: &str) {
        let is_distinct = if value.is_ascii() {
            value.len() >= 6 && value.bytes().any(|byte| !byte.is_ascii_lowercase() && byte != b'_')
        } else {
            value.chars().count() >= 2
        };
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if is_distinct && values.len() < MOST && !values.contains(value) {
            values.insert(value.to_owned());
        }
    }

    /// Where they stand in a text. A word of Latin letters isn't looked for within others; texts in other scripts have no blanks.
    pub(super) fn places_in(&self, text: &str) -> Vec<Range<usize>> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places = Vec::new();
        for value in values.iter().filter(|value| value.len() <= text.len()) {
            let joins = |sign: Option<char>| value.is_ascii() && sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
            let found = text.match_indices(value.as_str()).map(|(at, found)| at..at + found.len());
            places.extend(found.filter(|range| {
                !joins(text[..range.start].chars().next_back()) && !joins(text[range.end..].chars().next())
            }));
        }
        places
    }
}
