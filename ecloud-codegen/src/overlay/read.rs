//! Reading an overlay: strict, and all that is wrong told together.

use super::{
    Entries, IDENTIFIERS, OperationOverlay, Overlay, PageOverlay, PropertyOverlay, Retype, SchemaOverlay, Ways,
};
use crate::json::Json;
use crate::load::{Node, Sort};
use crate::model::{Kind, PageStyle, Quota, Retry};
use crate::names;
use crate::problem::Problems;

/// The version of the format that is read.
const VERSION: &str = "1";
/// The key that says that a file is an overlay, and of which version.
const HEAD: &str = "ecloud-overlay";

const ROOT: &[&str] = &[HEAD, "name", "package", "servers", "operations", "schemas"];
const OPERATION: &[&str] = &["rename", "resource", "drop", "retry", "idempotency-header", "quota", "page", "sandbox"];
const QUOTA: &[&str] = &["group", "weight"];
const PAGE: &[&str] = &["style", "parameter", "size", "items", "next", "more", "total", "first"];
const SCHEMA: &[&str] = &["rename", "drop", "properties"];
const PROPERTY: &[&str] = &["type", "rename", "required", "nullable", "drop"];

/// The page styles that a platform of somebody else's can have.
const STYLES: &[PageStyle] =
    &[PageStyle::Cursor, PageStyle::Number, PageStyle::Offset, PageStyle::Link, PageStyle::Url];

const RETRIES: &[Retry] = &[Retry::Safe, Retry::Keyed, Retry::Never];

/// The types that a property can be given, but for those with a colon.
const TYPES: &[(&str, Retype)] = &[
    ("money", Retype::Money),
    ("decimal", Retype::Decimal),
    ("timestamp", Retype::Timestamp),
    ("text", Retype::Text),
    ("integer", Retype::Integer),
    ("number", Retype::Number),
    ("bool", Retype::Bool),
    ("json", Retype::Json),
    ("secret", Retype::Secret),
];

/// Reads an overlay from the root of its document.
pub(super) fn overlay(root: Node<'_>) -> Result<Overlay, Problems> {
    let mut reader = Reader { problems: Problems::new() };
    let overlay = reader.overlay(root);
    reader.problems.into_result()?;
    Ok(overlay)
}

struct Reader {
    problems: Problems,
}

impl Reader {
    fn overlay(&mut self, root: Node<'_>) -> Overlay {
        let version = root.get(HEAD);
        if version.and_then(|node| node.number().or(node.text())) != Some(VERSION) {
            self.problems.add(version.unwrap_or(root).problem(format!("an overlay says `{HEAD}: {VERSION}`")));
            return Overlay::empty();
        }
        self.check(root, ROOT);
        let mut overlay = Overlay {
            name: self.text(root, "name"),
            package: self.text(root, "package"),
            servers: self.servers(root),
            ..Overlay::empty()
        };
        for (node, name) in [("name", &overlay.name), ("package", &overlay.package)] {
            let node = root.get(node).unwrap_or(root);
            if name.as_deref().is_some_and(|name| !is_package(name)) {
                let reason = "a package's name is of small letters and digits, with `-` or `_` between them, and begins with a letter";
                self.problems.add(node.problem(reason));
            }
        }
        for (key, node) in self.entries(root, "operations") {
            let operation = self.operation(node);
            overlay.operations.add(key.to_owned(), operation);
        }
        for (key, node) in self.entries(root, "schemas") {
            let schema = self.schema(node);
            let key = key.strip_prefix('#').unwrap_or(key);
            overlay.schemas.add(key.to_owned(), schema);
        }
        overlay
    }

    fn servers(&mut self, root: Node<'_>) -> Vec<String> {
        let servers = root.field_texts("servers", &mut self.problems);
        if let Some(odd) = servers.iter().find(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
            let node = root.get("servers").unwrap_or(root);
            self.problems.add(node.problem(format!("`{odd}` is no address: it begins with `https://`")));
        }
        servers.into_iter().map(|url| url.trim_end_matches('/').to_owned()).collect()
    }

    fn operation(&mut self, node: Node<'_>) -> OperationOverlay {
        self.check(node, OPERATION);
        let retry = self.word(node, "retry", RETRIES, |retry| retry.as_str());
        let idempotency_header = self.text(node, "idempotency-header");
        if idempotency_header.is_some() && retry.is_some_and(|retry| retry != Retry::Keyed) {
            self.problems.add(node.problem("with an `idempotency-header`, `retry` is `keyed`"));
        }
        OperationOverlay {
            place: node.place(),
            rename: self.name(node, "rename", "a method", |name| names::snake(name).as_deref() == Some(name)),
            resource: self.text(node, "resource"),
            drop: self.bool(node, "drop").unwrap_or(false),
            retry,
            idempotency_header,
            quota: self.quota(node),
            page: self.page(node),
            sandbox: node.get("sandbox").map(Json::of),
        }
    }

    fn quota(&mut self, node: Node<'_>) -> Option<Quota> {
        let quota = node.field("quota", Sort::Map, &mut self.problems)?;
        self.check(quota, QUOTA);
        let group = quota.required("group", Sort::Text, &mut self.problems)?.text()?.to_owned();
        Some(Quota { group, weight: self.number(quota, "weight").unwrap_or(1) })
    }

    fn page(&mut self, node: Node<'_>) -> Option<PageOverlay> {
        let page = node.get("page")?;
        match (page.sort(), page.bool()) {
            (_, Some(false)) => return Some(PageOverlay::Never),
            (Sort::Map, _) => {}
            _ => {
                self.problems.add(page.problem("expected a map, or `false` where there are no pages"));
                return None;
            }
        }
        self.check(page, PAGE);
        page.required("style", Sort::Text, &mut self.problems)?;
        let style = self.word(page, "style", STYLES, |style| style.as_str())?;
        Some(PageOverlay::Ways(Box::new(Ways {
            place: page.place(),
            style,
            parameter: self.text(page, "parameter"),
            size: self.text(page, "size"),
            items: self.pointer(page, "items"),
            next: self.pointer(page, "next"),
            more: self.pointer(page, "more"),
            total: self.pointer(page, "total"),
            first: self.number(page, "first"),
        })))
    }

    fn schema(&mut self, node: Node<'_>) -> SchemaOverlay {
        self.check(node, SCHEMA);
        let mut properties = Entries::default();
        for (wire, property) in self.entries(node, "properties") {
            let property = self.property(property);
            properties.add(wire.to_owned(), property);
        }
        SchemaOverlay {
            place: node.place(),
            rename: self.name(node, "rename", "a type", |name| names::camel(name).as_deref() == Some(name)),
            drop: self.bool(node, "drop").unwrap_or(false),
            properties,
        }
    }

    fn property(&mut self, node: Node<'_>) -> PropertyOverlay {
        self.check(node, PROPERTY);
        PropertyOverlay {
            place: node.place(),
            retype: self.retype(node),
            rename: self.name(node, "rename", "a field", |name| names::snake(name).as_deref() == Some(name)),
            required: self.bool(node, "required"),
            nullable: self.bool(node, "nullable"),
            drop: self.bool(node, "drop").unwrap_or(false),
        }
    }

    fn retype(&mut self, node: Node<'_>) -> Option<Retype> {
        let text = node.field_text("type", &mut self.problems)?;
        let node = node.get("type")?;
        if let Some((_, retype)) = TYPES.iter().find(|(word, _)| *word == text) {
            return Some(retype.clone());
        }
        let reason = match text.split_once(':') {
            Some(("id", name)) if IDENTIFIERS.contains(&name) => return Some(Retype::Id(name.to_owned())),
            Some(("sensitive", kind)) => match Kind::ALL.iter().find(|(_, word)| *word == kind) {
                Some((kind, _)) => return Some(Retype::Sensitive(*kind)),
                None => one_of(kind, "kind of personal datum", Kind::ALL.iter().map(|(_, word)| *word)),
            },
            Some(("id", name)) => one_of(name, "identifier of the core", IDENTIFIERS.iter().copied()),
            _ => {
                let words = TYPES.iter().map(|(word, _)| *word).chain(["id:…", "sensitive:…"]);
                one_of(text, "type", words)
            }
        };
        self.problems.add(node.problem(reason));
        None
    }

    /// The pairs of the map under a key, each of whose values is a map. Nothing but comments is an empty map.
    fn entries<'a>(&mut self, node: Node<'a>, key: &str) -> Vec<(&'a str, Node<'a>)> {
        if node.get(key).is_some_and(|map| map.sort() == Sort::Null) {
            return Vec::new();
        }
        let map = node.field(key, Sort::Map, &mut self.problems);
        let mut entries = Vec::new();
        for (key, entry) in map.into_iter().flat_map(Node::pairs) {
            match entry.sort() {
                Sort::Map => entries.push((key, entry)),
                other => self.problems.add(entry.problem(format!("expected a map, found {}", other.article()))),
            }
        }
        entries
    }

    fn check(&mut self, node: Node<'_>, known: &[&str]) {
        if node.sort() != Sort::Map {
            self.problems.add(node.problem(format!("expected a map, found {}", node.sort().article())));
        }
        for (key, value) in node.pairs().filter(|(key, _)| !known.contains(key)) {
            self.problems.add(value.problem(one_of(key, "key here", known.iter().copied())));
        }
    }

    fn text(&mut self, node: Node<'_>, key: &str) -> Option<String> {
        let text = node.field_text(key, &mut self.problems)?;
        if text.trim().is_empty() {
            self.problems.add(node.problem(format!("`{key}` is empty")));
            return None;
        }
        Some(text.to_owned())
    }

    fn bool(&mut self, node: Node<'_>, key: &str) -> Option<bool> {
        node.field_bool(key, &mut self.problems)
    }

    fn number(&mut self, node: Node<'_>, key: &str) -> Option<u32> {
        let number = node.field(key, Sort::Number, &mut self.problems)?;
        let value = number.number()?.parse().ok();
        if value.is_none() {
            self.problems.add(number.problem("expected a whole number of 0 or more"));
        }
        value
    }

    /// A pointer into an answer.
    fn pointer(&mut self, node: Node<'_>, key: &str) -> Option<String> {
        let text = node.field_text(key, &mut self.problems)?;
        if text.is_empty() || text.starts_with('/') {
            return Some(text.to_owned());
        }
        self.problems.add(node.problem(format!("`{key}` is a JSON pointer and begins with `/`")));
        None
    }

    /// A name in Rust, spelled as such things are.
    fn name(&mut self, node: Node<'_>, key: &str, what: &str, fits: fn(&str) -> bool) -> Option<String> {
        let text = self.text(node, key)?;
        if names::is_identifier(&text) && fits(&text) {
            return Some(text);
        }
        self.problems.add(node.problem(format!("`{text}` is no name for {what}")));
        None
    }

    /// One of some words.
    fn word<T: Copy>(&mut self, node: Node<'_>, key: &str, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
        let text = node.field_text(key, &mut self.problems)?;
        let found = all.iter().copied().find(|value| word(*value) == text);
        if found.is_none() {
            let node = node.get(key).unwrap_or(node);
            self.problems.add(node.problem(one_of(text, key, all.iter().map(|value| word(*value)))));
        }
        found
    }
}

/// That a word isn't among those that could stand there.
fn one_of<'a>(text: &str, what: &str, words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    format!("`{text}` is no {what}: {}", words.join(", "))
}

/// Whether Cargo takes a text for the name of a package, and Rust its crate's.
pub(crate) fn is_package(name: &str) -> bool {
    let plain =
        name.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || matches!(sign, '-' | '_'));
    let crate_name = name.replace('-', "_");
    let odd = crate_name.ends_with('_') || crate_name.contains("__");
    plain && !odd && name.starts_with(|sign: char| sign.is_ascii_lowercase()) && !names::is_keyword(&crate_name)
}
