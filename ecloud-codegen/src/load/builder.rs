//! Puts a tree together from what a reader meets: values, keys, the beginnings and ends of lists and maps.

use std::collections::{HashMap, HashSet};

use super::Limits;
use super::tree::{Document, Entry, Value};
use crate::problem::{Place, Problem, Problems};

/// What a step of building gives, or why the document is refused.
pub(super) type Step<T> = Result<T, Box<Problem>>;

/// A map of more pairs than this is looked up by its sorted keys.
const LARGE: usize = 16;

/// A list or map that is still open.
struct Open {
    index: u32,
    /// The key that waits for its value.
    key: Option<String>,
}

/// A tree in the making.
pub(super) struct Builder {
    document: Document,
    open: Vec<Open>,
    copied: usize,
    limits: Limits,
}

impl Builder {
    pub(super) fn new(name: &str, limits: &Limits) -> Self {
        let document =
            Document { name: name.to_owned(), entries: Vec::new(), sorted: HashMap::new(), mended: Vec::new() };
        Self { document, open: Vec::new(), copied: 0, limits: *limits }
    }

    /// A problem at the innermost open node, on a line of its own.
    pub(super) fn problem(&self, line: usize, reason: impl Into<String>) -> Box<Problem> {
        let pointer = self.open.last().map_or_else(String::new, |open| self.document.node(open.index).pointer());
        Box::new(Problem { place: Place { file: self.document.name.clone(), line, pointer }, reason: reason.into() })
    }

    /// Whether what comes next is a key.
    pub(super) fn awaits_key(&self) -> bool {
        self.open.last().is_some_and(|open| {
            let value = &self.document.entries[open.index as usize].value;
            matches!(value, Value::Map(_)) && open.key.is_none()
        })
    }

    /// The key of the next value.
    pub(super) fn key(&mut self, text: String) {
        if let Some(open) = self.open.last_mut() {
            open.key = Some(text);
        }
    }

    /// A value that is neither list nor map. Answers with its place in the tree.
    pub(super) fn value(&mut self, value: Value, line: usize) -> Step<u32> {
        if self.awaits_key() {
            return Err(self.problem(line, "a key must be a string"));
        }
        let (Ok(index), Ok(short)) = (u32::try_from(self.document.entries.len()), u32::try_from(line)) else {
            return Err(self.problem(line, "has too many nodes"));
        };
        let mut parent = 0;
        let mut position = 0;
        if let Some(open) = self.open.last_mut() {
            parent = open.index;
            match &mut self.document.entries[parent as usize].value {
                Value::List(items) => {
                    position = items.len() as u32;
                    items.push(index);
                }
                Value::Map(pairs) => {
                    position = pairs.len() as u32;
                    pairs.push((open.key.take().unwrap_or_default(), index));
                }
                _ => {}
            }
        }
        self.document.entries.push(Entry { value, line: short, parent, position });
        Ok(index)
    }

    /// The beginning of a list or map. Answers with its place in the tree.
    pub(super) fn begin(&mut self, value: Value, line: usize) -> Step<u32> {
        if self.open.len() >= self.limits.depth {
            let reason = format!("is nested deeper than {} levels", self.limits.depth);
            return Err(self.problem(line, reason));
        }
        let index = self.value(value, line)?;
        self.open.push(Open { index, key: None });
        Ok(index)
    }

    /// The end of the innermost list or map.
    pub(super) fn end(&mut self) -> Step<()> {
        let Some(open) = self.open.last() else {
            return Ok(());
        };
        let index = open.index;
        if self.limits.lenient {
            self.merge(index);
        }
        let mut sorted = self.sorted(index);
        if let Some((first, second)) = self.twice(index, &sorted) {
            let (key, line) = self.pair(index, first);
            let (_, last) = self.pair(index, second);
            let reason = format!("the key `{key}` stands twice, first on line {line}");
            let problem = self.problem(last, reason);
            if !self.limits.lenient {
                return Err(problem);
            }
            self.mend(*problem);
            self.keep_last(index);
            sorted = self.sorted(index);
        }
        if sorted.len() > LARGE {
            self.document.sorted.insert(index, sorted);
        }
        self.open.pop();
        Ok(())
    }

    fn pairs(&self, index: u32) -> &[(String, u32)] {
        match &self.document.entries[index as usize].value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The key of a pair of a map, and the line of its value.
    fn pair(&self, index: u32, position: u32) -> (&str, usize) {
        let (key, value) = &self.pairs(index)[position as usize];
        (key, self.document.entries[*value as usize].line as usize)
    }

    /// The positions of the pairs of a map in the order of their keys. Sorted once a map, since a map may have very many keys.
    fn sorted(&self, index: u32) -> Vec<u32> {
        let pairs = self.pairs(index);
        let mut sorted: Vec<u32> = (0..pairs.len() as u32).collect();
        sorted.sort_by_key(|position| pairs[*position as usize].0.as_str());
        sorted
    }

    /// The positions of the first two pairs that have the same key.
    fn twice(&self, index: u32, sorted: &[u32]) -> Option<(u32, u32)> {
        let pairs = self.pairs(index);
        let two = sorted.windows(2).find(|two| pairs[two[0] as usize].0 == pairs[two[1] as usize].0)?;
        Some((two[0], two[1]))
    }

    /// Takes down what is mended; a document that has more of it than problems are kept is told of no more.
    fn mend(&mut self, problem: Problem) {
        if self.document.mended.len() < Problems::KEPT {
            self.document.mended.push(problem);
        }
    }

    /// Keeps of each key the last value, where the first one stood.
    fn keep_last(&mut self, index: u32) {
        let mut first: HashMap<String, usize> = HashMap::new();
        let mut kept: Vec<(String, u32)> = Vec::new();
        for (key, value) in self.pairs(index).to_vec() {
            match first.get(&key) {
                Some(position) => kept[*position].1 = value,
                None => {
                    first.insert(key.clone(), kept.len());
                    kept.push((key, value));
                }
            }
        }
        self.replace(index, kept);
    }

    /// Gives a map what the maps under its merge key have and it lacks.
    fn merge(&mut self, index: u32) {
        let Some((_, source)) = self.pairs(index).iter().find(|(key, _)| key == "<<") else {
            return;
        };
        let maps = match &self.document.entries[*source as usize].value {
            Value::Map(_) => vec![*source],
            Value::List(items) => items.clone(),
            _ => return,
        };
        let mut pairs: Vec<(String, u32)> = self.pairs(index).iter().filter(|(key, _)| key != "<<").cloned().collect();
        let mut known: HashSet<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
        for map in maps {
            let lacking = self.pairs(map).iter().filter(|(key, _)| known.insert(key.clone()));
            pairs.extend(lacking.cloned());
        }
        self.replace(index, pairs);
    }

    /// Gives a map other pairs, whose values stand in the document already.
    fn replace(&mut self, index: u32, pairs: Vec<(String, u32)>) {
        for (position, (_, value)) in pairs.iter().enumerate() {
            let entry = &mut self.document.entries[*value as usize];
            entry.parent = index;
            entry.position = position as u32;
        }
        self.document.entries[index as usize].value = Value::Map(pairs);
    }

    /// The text of a node that is read already.
    pub(super) fn text(&self, index: u32) -> Option<&str> {
        self.document.node(index).text()
    }

    /// Copies a node that is read already, so that the copy has a place of its own. All copies together are bounded.
    pub(super) fn copy(&mut self, source: u32, line: usize) -> Step<()> {
        self.copied += 1;
        if self.copied > self.limits.alias_nodes {
            let reason = format!("aliases expand to more than {} nodes", self.limits.alias_nodes);
            return Err(self.problem(line, reason));
        }
        let (value, children) = match &self.document.entries[source as usize].value {
            Value::Null => (Value::Null, None),
            Value::Bool(value) => (Value::Bool(*value), None),
            Value::Number(text) => (Value::Number(text.clone()), None),
            Value::Text(text) => (Value::Text(text.clone()), None),
            Value::List(items) => {
                let children: Vec<(Option<String>, u32)> = items.iter().map(|index| (None, *index)).collect();
                (Value::List(Vec::new()), Some(children))
            }
            Value::Map(pairs) => {
                let children = pairs.iter().map(|(key, index)| (Some(key.clone()), *index));
                (Value::Map(Vec::new()), Some(children.collect()))
            }
        };
        let Some(children) = children else {
            self.value(value, line)?;
            return Ok(());
        };
        self.begin(value, line)?;
        for (key, child) in children {
            if let Some(key) = key {
                self.key(key);
            }
            self.copy(child, line)?;
        }
        self.end()
    }

    /// The whole tree.
    pub(super) fn finish(self) -> Result<Document, Problems> {
        if self.document.entries.is_empty() {
            return Err(Problem::of_file(self.document.name(), "is empty").into());
        }
        Ok(self.document)
    }
}
