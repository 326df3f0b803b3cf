//! The tree of a document: plain values that remember their line and their JSON pointer.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::problem::{Place, Problem, Problems};

/// One document, read whole.
///
/// The nodes lie in one list and know their parent, so that a node costs a few words and its pointer is put together only when
/// somebody asks for it.
#[derive(Debug)]
pub struct Document {
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
    /// The positions of a map's pairs in the order of their keys, for maps that are too large to look through.
    pub(super) sorted: HashMap<u32, Vec<u32>>,
    /// What was wrong and is mended.
    pub(super) mended: Vec<Problem>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) line: u32,
    pub(super) parent: u32,
    /// Which child of its parent it is.
    pub(super) position: u32,
}

/// What a node holds; children are indices into the document's list.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// The text of a number, untouched.
    Number(String),
    Text(String),
    List(Vec<u32>),
    Map(Vec<(String, u32)>),
}

/// The sorts of node that a document can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// `null`, or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// A map.
    Map,
}

impl Sort {
    /// The sort with its article, for messages.
    pub fn article(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Map => "a map",
        }
    }
}

impl Document {
    /// The name that the document was opened under, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What was wrong with the document and was mended while it was read; see [`Limits::lenient`](super::Limits::lenient).
    pub fn mended(&self) -> &[Problem] {
        &self.mended
    }

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        self.node(0)
    }

    pub(super) fn node(&self, index: u32) -> Node<'_> {
        Node { document: self, index }
    }

    /// The node at a JSON pointer, with `~0` and `~1` still escaped; the root for the empty pointer.
    pub fn at(&self, pointer: &str) -> Option<Node<'_>> {
        if pointer.is_empty() {
            return Some(self.root());
        }
        let mut node = self.root();
        for token in pointer.strip_prefix('/')?.split('/') {
            let key = token.replace("~1", "/").replace("~0", "~");
            node = match node.sort() {
                Sort::List => node.items().nth(key.parse().ok()?)?,
                _ => node.get(&key)?,
            };
        }
        Some(node)
    }

    /// Every node of the document, parents before their children.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.entries.len()).map(|index| self.node(index as u32))
    }
}

/// A node of a document: a handle, to be copied freely.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    document: &'a Document,
    index: u32,
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl Hash for Node<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::from_ref(self.document).hash(state);
        self.index.hash(state);
    }
}

impl<'a> Node<'a> {
    fn entry(self) -> &'a Entry {
        &self.document.entries[self.index as usize]
    }

    fn sibling(self, index: u32) -> Self {
        Self { document: self.document, index }
    }

    /// Where the node lies in its document's list: in the order of the text.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The document that the node stands in.
    pub fn document(self) -> &'a Document {
        self.document
    }

    /// What sort of node it is.
    pub fn sort(self) -> Sort {
        match self.entry().value {
            Value::Null => Sort::Null,
            Value::Bool(_) => Sort::Bool,
            Value::Number(_) => Sort::Number,
            Value::Text(_) => Sort::Text,
            Value::List(_) => Sort::List,
            Value::Map(_) => Sort::Map,
        }
    }

    /// The value under a key, if the node is a map that has it. Costs about as much for a large map as for a small one.
    pub fn get(self, key: &str) -> Option<Self> {
        match &self.entry().value {
            Value::Map(pairs) => {
                let (_, index) = match self.document.sorted.get(&self.index) {
                    Some(sorted) => {
                        let at = sorted.binary_search_by(|at| pairs[*at as usize].0.as_str().cmp(key)).ok()?;
                        &pairs[sorted[at] as usize]
                    }
                    None => pairs.iter().find(|(name, _)| name == key)?,
                };
                Some(self.sibling(*index))
            }
            _ => None,
        }
    }

    /// The pairs of a map in the document's order; none for anything else.
    pub fn pairs(self) -> impl Iterator<Item = (&'a str, Self)> {
        let pairs: &[(String, u32)] = match &self.entry().value {
            Value::Map(pairs) => pairs,
            _ => &[],
        };
        pairs.iter().map(move |(key, index)| (key.as_str(), self.sibling(*index)))
    }

    /// The values of a list in order; none for anything else.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let items: &[u32] = match &self.entry().value {
            Value::List(items) => items,
            _ => &[],
        };
        items.iter().map(move |index| self.sibling(*index))
    }

    /// The text of a string.
    pub fn text(self) -> Option<&'a str> {
        match &self.entry().value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a number, as it is written.
    pub fn number(self) -> Option<&'a str> {
        match &self.entry().value {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn bool(self) -> Option<bool> {
        match self.entry().value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The JSON pointer of the node.
    pub fn pointer(self) -> String {
        let mut tokens = Vec::new();
        let mut node = self;
        while node.index != 0 {
            let parent = node.sibling(node.entry().parent);
            let position = node.entry().position as usize;
            tokens.push(match &parent.entry().value {
                Value::Map(pairs) => pairs[position].0.replace('~', "~0").replace('/', "~1"),
                _ => position.to_string(),
            });
            node = parent;
        }
        let mut pointer = String::new();
        for token in tokens.iter().rev() {
            pointer.push('/');
            pointer.push_str(token);
        }
        pointer
    }

    /// The key under which the node stands in its map, if it stands in one.
    pub fn key(self) -> Option<&'a str> {
        if self.index == 0 {
            return None;
        }
        match &self.sibling(self.entry().parent).entry().value {
            Value::Map(pairs) => Some(&pairs[self.entry().position as usize].0),
            _ => None,
        }
    }

    /// The node that holds this one; the root holds itself.
    pub fn parent(self) -> Self {
        self.sibling(self.entry().parent)
    }

    /// Where the node stands.
    pub fn place(self) -> Place {
        Place { file: self.document.name.clone(), line: self.entry().line as usize, pointer: self.pointer() }
    }

    /// A problem of this node.
    pub fn problem(self, reason: impl Into<String>) -> Problem {
        Problem { place: self.place(), reason: reason.into() }
    }

    /// The value under `key` if there is one of the wanted sort; another sort is taken down as a problem.
    pub fn field(self, key: &str, sort: Sort, problems: &mut Problems) -> Option<Self> {
        let node = self.get(key)?;
        if node.sort() == sort {
            return Some(node);
        }
        problems.add(node.problem(format!("expected {}, found {}", sort.article(), node.sort().article())));
        None
    }

    /// Like [`Node::field`], and a missing key is a problem too.
    pub fn required(self, key: &str, sort: Sort, problems: &mut Problems) -> Option<Self> {
        if self.get(key).is_none() {
            problems.add(self.problem(format!("`{key}` is missing")));
        }
        self.field(key, sort, problems)
    }

    /// The text under `key`; another sort is taken down as a problem.
    pub fn field_text(self, key: &str, problems: &mut Problems) -> Option<&'a str> {
        self.field(key, Sort::Text, problems)?.text()
    }

    /// The boolean under `key`; another sort is taken down as a problem.
    pub fn field_bool(self, key: &str, problems: &mut Problems) -> Option<bool> {
        self.field(key, Sort::Bool, problems)?.bool()
    }

    /// The texts of the list under `key`; anything else in it is taken down as a problem.
    pub fn field_texts(self, key: &str, problems: &mut Problems) -> Vec<&'a str> {
        let mut texts = Vec::new();
        for item in self.field(key, Sort::List, problems).into_iter().flat_map(Node::items) {
            match item.text() {
                Some(text) => texts.push(text),
                None => problems.add(item.problem(format!("expected a string, found {}", item.sort().article()))),
            }
        }
        texts
    }
}
