//! Values that are told one by one.

use std::collections::HashMap;

use super::prose;
use super::schema::Schemas;
use crate::load::Node;
use crate::model::{Enum, Value};
use crate::names;

impl<'a> Schemas<'a> {
    /// An open enum of these texts; `parts` may say what they mean.
    pub(super) fn values(&mut self, owner: &str, texts: &[&'a str], parts: &[Node<'a>]) -> Enum {
        let told = Told::of(parts, texts);
        let scope = format!("variants {owner}");
        self.names.reserve(&scope, &["Unknown"]);
        let mut seen = std::collections::HashSet::new();
        let mut values = Vec::new();
        for text in texts.iter().filter(|text| seen.insert(**text)) {
            let wish = told.names.get(text).and_then(|name| names::camel(name)).unwrap_or_else(|| variant(text));
            values.push(Value {
                wire: (*text).to_owned(),
                variant: self.names.claim(&scope, text, &wish),
                doc: match told.docs.get(text) {
                    Some(doc) => doc.clone(),
                    None if text.is_empty() => "The empty value.".to_owned(),
                    None => format!("The value `{}`.", prose::clean(text).replace(['`', '\n'], " ")),
                },
            });
        }
        Enum { values, states: None }
    }
}

/// What a document says about single values.
struct Told<'a> {
    docs: HashMap<&'a str, String>,
    names: HashMap<&'a str, &'a str>,
}

impl<'a> Told<'a> {
    fn of(parts: &[Node<'a>], texts: &[&'a str]) -> Self {
        let mut told = Self { docs: HashMap::new(), names: HashMap::new() };
        for part in parts {
            for key in ["x-enumDescriptions", "x-enum-descriptions", "x-enum-description"] {
                let Some(node) = part.get(key) else { continue };
                for (text, doc) in node.pairs().filter_map(|(text, doc)| Some((text, doc.text()?))) {
                    told.doc(text, doc);
                }
                for (text, doc) in texts.iter().zip(node.items()).filter_map(|(text, doc)| Some((text, doc.text()?))) {
                    told.doc(text, doc);
                }
            }
            // Amazon's: a list of maps with the value, which may stand for itself.
            for entry in part.get("x-docgen-enum-table-extension").into_iter().flat_map(Node::items) {
                if let (Some(text), Some(doc)) =
                    (entry.get("value").and_then(Node::text), entry.get("description").and_then(Node::text))
                {
                    told.doc(text, doc);
                }
            }
            // A branch of one value, told by its title.
            let only = part.get("const").or_else(|| {
                let mut values = part.get("enum")?.items();
                values.next().filter(|_| values.next().is_none())
            });
            if let Some(only) = only.and_then(Node::text)
                && texts.len() > 1
            {
                told.names.extend(part.get("title").and_then(Node::text).map(|title| (only, title)));
                told.doc(only, part.get("description").or(part.get("title")).and_then(Node::text).unwrap_or_default());
            }
            for value in part.get("x-ms-enum").and_then(|told| told.get("values")).into_iter().flat_map(Node::items) {
                if let Some(text) = value.get("value").and_then(Node::text) {
                    told.names.extend(value.get("name").and_then(Node::text).map(|name| (text, name)));
                    told.doc(text, value.get("description").and_then(Node::text).unwrap_or_default());
                }
            }
            let names = ["x-enum-varnames", "x-enumNames"].into_iter().find_map(|key| part.get(key));
            for (text, name) in texts.iter().zip(names.into_iter().flat_map(Node::items)) {
                told.names.extend(name.text().map(|name| (*text, name)));
            }
        }
        // Names that two values share tell neither.
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in told.names.values() {
            *counts.entry(name).or_default() += 1;
        }
        told.names.retain(|_, name| counts.get(name) == Some(&1) && name.len() <= 40);
        told
    }

    fn doc(&mut self, text: &'a str, doc: &str) {
        let doc = prose::clean(doc);
        if !doc.is_empty() {
            self.docs.entry(text).or_insert(doc);
        }
    }
}

/// The variant that a value wishes to be.
fn variant(text: &str) -> String {
    let trimmed = text.trim();
    match (text.is_empty(), trimmed.is_empty()) {
        (true, _) => return "Empty".to_owned(),
        (false, true) => return "Blank".to_owned(),
        _ => {}
    }
    if let Some(name) = names::camel(trimmed) {
        // `-created_at` sorts the other way round than `created_at`.
        return match trimmed.strip_prefix('-') {
            Some(rest) if rest.starts_with(char::is_alphabetic) => format!("{name}Descending"),
            _ => name,
        };
    }
    let signs = trimmed.chars().filter_map(|sign| {
        Some(match sign {
            '+' => "Plus",
            '-' => "Minus",
            '*' => "Star",
            '/' => "Slash",
            '<' => "Less",
            '>' => "Greater",
            '=' => "Equal",
            '!' => "Not",
            '.' => "Dot",
            '%' => "Percent",
            '&' => "And",
            '|' => "Or",
            '?' => "Question",
            '#' => "Hash",
            '@' => "At",
            '$' => "Dollar",
            '_' => "Underscore",
            ',' => "Comma",
            ':' => "Colon",
            _ => return None,
        })
    });
    let name: String = signs.take(4).collect();
    if name.is_empty() { "Value".to_owned() } else { name }
}
