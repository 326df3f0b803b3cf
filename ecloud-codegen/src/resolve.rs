//! Stage 2, resolve: a document together with all documents that it refers to, every `$ref` known to lead somewhere.
//!
//! Only files are followed, relative to the file that refers to them; nothing is ever fetched from a network.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use crate::load::{self, Document, Limits, Node, Sort};
use crate::problem::{Place, Problem, Problems};

/// The longest chain of references to references that is followed.
const CHAIN: usize = 32;

/// A document and the documents that it refers to, the document itself first.
#[derive(Debug)]
pub struct Sources {
    documents: Vec<Document>,
    /// Where each file lies in the list, by its path without `.` and `..`.
    by_path: HashMap<PathBuf, usize>,
    paths: Vec<PathBuf>,
}

/// A schema that has a name: it stands under `/components/schemas` of a document.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// Its key under `/components/schemas`.
    pub name: &'a str,
    /// The schema itself.
    pub node: Node<'a>,
}

impl Sources {
    /// Reads a document and everything that it refers to.
    ///
    /// # Errors
    ///
    /// When a file can't be read, or a `$ref` leads nowhere, in a circle or to a network address; all of them together.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, Problems> {
        let (sources, mut problems) = Self::open_files(path, limits)?;
        for document in &sources.documents {
            for node in references(document) {
                if let Err(problem) = sources.try_follow(node) {
                    problems.add(*problem);
                }
            }
        }
        problems.into_result()?;
        Ok(sources)
    }

    /// Reads a document and those files that it refers to and that can be read; tells the others. A `$ref` that leads nowhere is
    /// found where it is followed, by [`target`](Self::target).
    ///
    /// # Errors
    ///
    /// When the document itself can't be read.
    pub fn open_tolerant(path: &Path, limits: &Limits) -> Result<(Self, Problems), Problems> {
        Self::open_files(path, &Limits { lenient: true, ..*limits })
    }

    /// Opens all files, and tells those that can't be read.
    fn open_files(path: &Path, limits: &Limits) -> Result<(Self, Problems), Problems> {
        let mut sources = Self {
            documents: vec![load::file(path, &shown(path), limits)?],
            by_path: HashMap::from([(clean(path), 0)]),
            paths: vec![clean(path)],
        };
        let mut problems = Problems::new();
        let mut next = 0;
        while next < sources.documents.len() {
            sources.open_referred(next, limits, &mut problems);
            next += 1;
        }
        Ok((sources, problems))
    }

    /// Opens the files that the references of one document name and that aren't open yet.
    fn open_referred(&mut self, index: usize, limits: &Limits, problems: &mut Problems) {
        let mut wanted: Vec<(PathBuf, Problem)> = Vec::new();
        let document = &self.documents[index];
        for node in references(document) {
            let target = reference(node).unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let path = self.beside(index, file);
            let seen = wanted.iter().any(|(other, _)| *other == path);
            if !self.by_path.contains_key(&path) && !seen {
                wanted.push((path, node.problem(format!("`$ref` to `{target}`"))));
            }
        }
        for (path, problem) in wanted {
            match load::file(&path, &shown(&path), limits) {
                Ok(document) => {
                    self.by_path.insert(path.clone(), self.documents.len());
                    self.paths.push(path);
                    self.documents.push(document);
                }
                Err(reasons) => {
                    problems.add(problem);
                    problems.extend(reasons);
                }
            }
        }
    }

    /// The path of a file that a document names.
    fn beside(&self, index: usize, file: &str) -> PathBuf {
        let folder = self.paths[index].parent().unwrap_or(Path::new(""));
        clean(&folder.join(file))
    }

    /// The document that was asked for.
    pub fn root(&self) -> &Document {
        &self.documents[0]
    }

    /// All documents, the one that was asked for first.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The documents of the domain itself: those that describe calls or events. What domains share describes neither.
    pub fn own(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(|document| is_own(document))
    }

    /// The node at a place that a problem, an operation or a model was found at.
    pub fn at<'a>(&'a self, place: &Place) -> Option<Node<'a>> {
        self.documents.iter().find(|document| document.name() == place.file)?.at(&place.pointer)
    }

    /// The node itself, or what its `$ref` leads to in the end.
    pub fn follow<'a>(&'a self, node: Node<'a>) -> Node<'a> {
        // `open` has tried each reference, so this never falls back.
        self.try_follow(node).unwrap_or(node)
    }

    /// The node itself, or what its `$ref` leads to in the end; nothing where it leads nowhere, in a circle or to a network address,
    /// which [`broken`](Self::broken) tells in words.
    pub fn target<'a>(&'a self, node: Node<'a>) -> Option<Node<'a>> {
        let mut at = node;
        for _ in 0..CHAIN {
            if reference(at).is_none() {
                return Some(at);
            }
            at = self.next(at)?;
        }
        None
    }

    /// One step along a `$ref`, as far as it leads to anything at all: a pointer may pass through other references and may be
    /// percent-encoded or not, and a bare name means the schema of that name.
    pub fn next<'a>(&'a self, node: Node<'a>) -> Option<Node<'a>> {
        self.lead(node, reference(node)?)
    }

    /// What a reference from a node leads to.
    fn lead<'a>(&'a self, node: Node<'a>, target: &str) -> Option<Node<'a>> {
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let document = if file.is_empty() { Some(node.document()) } else { self.document_beside(node, file) };
        let Some(document) = document else {
            // `$ref: Order`, as in the days before pointers.
            return if target.contains(['/', '#', ':']) { None } else { schema_of_name(node.document(), target) };
        };
        let decoded = decode(fragment);
        let spellings = decoded.iter().map(String::as_str).chain([fragment]);
        spellings.into_iter().find_map(|pointer| {
            if pointer.is_empty() || pointer.starts_with('/') {
                self.walk(document, pointer)
            } else {
                schema_of_name(document, pointer)
            }
        })
    }

    /// What a text means that a node gives for a reference: a pointer, a file, or the bare name of a schema.
    pub fn named_by<'a>(&'a self, node: Node<'a>, target: &str) -> Option<Node<'a>> {
        // A bare name may look like a file's.
        let by_name = || if target.contains(['#', '/']) { None } else { schema_of_name(node.document(), target) };
        let found = by_name().or_else(|| self.lead(node, target))?;
        self.target(found)
    }

    /// Why a `$ref` leads nowhere, in a short phrase.
    pub fn broken(&self, node: Node<'_>) -> String {
        let mut at = node;
        for _ in 0..CHAIN {
            let Some(target) = reference(at) else {
                return "a reference".to_owned();
            };
            if let Some(next) = self.next(at) {
                at = next;
                continue;
            }
            let file = target.split('#').next().unwrap_or_default();
            let why = if file.contains("://") {
                "nothing is fetched from a network"
            } else if !file.is_empty() && self.document_beside(at, file).is_none() {
                "the file can't be read"
            } else {
                "there is nothing"
            };
            return format!("`$ref` to `{target}`: {why}");
        }
        format!("`$ref` to `{}` leads in a circle", reference(node).unwrap_or_default())
    }

    /// The document that a reference of a node names by its file, if it is open.
    fn document_beside<'a>(&'a self, node: Node<'_>, file: &str) -> Option<&'a Document> {
        let (index, _) = self.order(node);
        let open = |file: &str| self.by_path.get(&self.beside(index, file));
        let index = open(file).or_else(|| open(&decode(file)?))?;
        self.documents.get(*index)
    }

    /// The node at a pointer that may pass through references.
    fn walk<'a>(&'a self, document: &'a Document, pointer: &str) -> Option<Node<'a>> {
        if let Some(node) = document.at(pointer) {
            return Some(node);
        }
        let mut node = document.root();
        let mut passed = 0;
        for token in pointer.strip_prefix('/')?.split('/') {
            let key = token.replace("~1", "/").replace("~0", "~");
            node = loop {
                let child = match node.sort() {
                    Sort::List => key.parse().ok().and_then(|index| node.items().nth(index)),
                    _ => node.get(&key),
                };
                if let Some(child) = child {
                    break child;
                }
                passed += 1;
                // Only references that stand higher in the text of the pointer are passed, so this ends.
                if passed > CHAIN {
                    return None;
                }
                node = self.step(node).ok().filter(|_| reference(node).is_some())?;
            };
        }
        Some(node)
    }

    /// The name of the schema that a node refers to, if it refers to a schema with a name.
    ///
    /// A chain of references stops at the first schema, as it's that one whose name the author chose.
    pub fn named<'a>(&'a self, node: Node<'a>) -> Option<Named<'a>> {
        reference(node)?;
        let target = self.step(node).ok()?;
        let name = target.key()?;
        let holder = target.parent().pointer();
        (holder == "/components/schemas").then_some(Named { name, node: target })
    }

    /// Where a node stands among all nodes of all documents.
    pub fn order(&self, node: Node<'_>) -> (usize, u32) {
        let same = |document: &Document| std::ptr::eq(document, node.document());
        let document = self.documents.iter().position(same);
        (document.unwrap_or(self.documents.len()), node.index())
    }

    /// What tells a node from all others of all documents, and doesn't change when they all move or the first is renamed: the way to the
    /// file from the folder of the first (nothing for that itself), `#`, the pointer.
    pub fn key(&self, node: Node<'_>) -> String {
        let (index, _) = self.order(node);
        let way = match self.paths.get(index).filter(|_| index > 0) {
            Some(path) => {
                let from: Vec<Component<'_>> = self.paths[0].parent().unwrap_or(Path::new("")).components().collect();
                let to: Vec<Component<'_>> = path.components().collect();
                let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
                let up = from[common..].iter().map(|_| "..".to_owned());
                let down = to[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
                up.chain(down).collect::<Vec<_>>().join("/")
            }
            None => String::new(),
        };
        format!("{way}#{}", node.pointer())
    }

    fn try_follow<'a>(&'a self, node: Node<'a>) -> Result<Node<'a>, Box<Problem>> {
        let mut at = node;
        for _ in 0..CHAIN {
            if reference(at).is_none() {
                return Ok(at);
            }
            at = self.step(at)?;
            if at == node {
                break;
            }
        }
        let target = reference(node).unwrap_or_default();
        Err(Box::new(node.problem(format!("`$ref` to `{target}` leads in a circle"))))
    }

    /// One step along a `$ref`.
    fn step<'a>(&'a self, node: Node<'a>) -> Result<Node<'a>, Box<Problem>> {
        let target = reference(node).unwrap_or_default();
        let refuse = |why: &str| Box::new(node.problem(format!("`$ref` to `{target}`: {why}")));
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        if file.contains("://") {
            return Err(refuse("only files are followed, nothing is fetched"));
        }
        let document = if file.is_empty() {
            node.document()
        } else {
            let (index, _) = self.order(node);
            let path = self.beside(index, file);
            match self.by_path.get(&path) {
                Some(index) => &self.documents[*index],
                None => return Err(refuse("the file can't be read")),
            }
        };
        let pointer = decode(fragment).ok_or_else(|| refuse("the pointer is not percent-encoded UTF-8"))?;
        document.at(&pointer).ok_or_else(|| {
            let name = document.name();
            refuse(&format!("`{name}` has nothing at `{pointer}`"))
        })
    }
}

/// Whether a document describes calls or events.
pub fn is_own(document: &Document) -> bool {
    ["paths", "webhooks"].iter().any(|key| document.root().get(key).is_some())
}

/// The nodes of a document that are references. What stands in an example may look like one and is none.
fn references(document: &Document) -> impl Iterator<Item = Node<'_>> {
    let mut data = Vec::new();
    document.nodes().filter(move |node| {
        // Parents come before their children.
        let inherited = data.get(node.parent().index() as usize).copied().unwrap_or(false);
        data.push(inherited || is_data(*node));
        !data.last().copied().unwrap_or(false) && reference(*node).is_some()
    })
}

/// What holds things by names that may be anything, `default` among them.
const NAMED: &[&str] = &[
    "$defs",
    "content",
    "definitions",
    "headers",
    "parameters",
    "patternProperties",
    "properties",
    "responses",
    "schemas",
];

/// Whether a node is a value that the document shows, and no part of the description itself.
pub fn is_data(node: Node<'_>) -> bool {
    let holder = node.parent().key();
    if holder.is_some_and(|holder| NAMED.contains(&holder)) && node.parent().sort() == Sort::Map {
        return false;
    }
    match node.key() {
        Some("default" | "enum" | "const" | "example") => true,
        Some("examples") => node.sort() == Sort::List,
        Some("value") => node.parent().parent().key() == Some("examples"),
        _ => false,
    }
}

/// A schema that is meant by its bare name or by its anchor.
fn schema_of_name<'a>(document: &'a Document, name: &str) -> Option<Node<'a>> {
    let root = document.root();
    let named = |holder: Option<Node<'a>>| holder?.get(name);
    named(root.get("components").and_then(|components| components.get("schemas")))
        .or_else(|| named(root.get("definitions")))
        .or_else(|| {
            let anchor = |node: &Node<'a>| node.key() == Some("$anchor") && node.text() == Some(name);
            document.nodes().find(anchor).map(Node::parent)
        })
}

/// The target of a node that is a reference.
pub fn reference(node: Node<'_>) -> Option<&str> {
    if node.sort() != Sort::Map {
        return None;
    }
    node.get("$ref")?.text()
}

/// A file as messages call it.
fn shown(path: &Path) -> String {
    clean(path).display().to_string()
}

/// A file by its folder and name, the same from wherever it's asked for: `api/trade.yaml`.
pub fn short_name(path: &Path) -> String {
    let path = clean(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    let folder = part(path.parent().and_then(Path::file_name));
    let name = part(path.file_name()).unwrap_or_default();
    match folder {
        Some(folder) => format!("{folder}/{name}"),
        None => name,
    }
}

/// The path without `.` and, as far as it can be told without looking, without `..`.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            _ => clean.push(part),
        }
    }
    clean
}

/// Decodes the percent-encoding of a URL fragment.
fn decode(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_folder_and_name() {
        assert_eq!(short_name(Path::new("/a/b/./api/trade.yaml")), "api/trade.yaml");
        assert_eq!(short_name(Path::new("../x/../api/trade.yaml")), "api/trade.yaml");
    }

    #[test]
    fn a_pointer_in_a_fragment_is_percent_decoded() {
        assert_eq!(decode("/a%20b/%E8%AE%A2").as_deref(), Some("/a b/订"));
        assert_eq!(decode("/%4"), None);
        assert_eq!(decode("/%ff"), None);
    }
}
