//! Rust text in the making, and what it imports.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::doc;
use crate::model::{Domain, Kind, Ty};

/// The width of doc comments on top-level items.
pub(super) const WIDE: usize = 114;
/// The width of doc comments on what lies in an item.
pub(super) const NARROW: usize = 110;

/// A text that grows line by line; `rustfmt` indents it later.
#[derive(Debug, Default)]
pub(super) struct Code {
    text: String,
}

impl Code {
    /// Adds a line, or several.
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    /// Adds an empty line.
    pub(super) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Adds a line of a doc comment, which is Markdown already.
    pub(super) fn doc(&mut self, markdown: impl AsRef<str>) {
        self.comment("///", markdown.as_ref());
    }

    /// Adds a document's text as doc comment.
    pub(super) fn text(&mut self, text: &str, width: usize) {
        for line in doc::lines(text, width) {
            self.doc(line);
        }
    }

    /// Adds what else the item below is searched for as.
    pub(super) fn aliases(&mut self, aliases: &[String]) {
        if !aliases.is_empty() {
            let shown: Vec<String> = aliases.iter().map(|alias| format!("{alias:?}")).collect();
            self.line(format!("#[doc(alias({}))]", shown.join(", ")));
        }
    }

    /// Adds a line of the file's own doc comment, which is Markdown already.
    pub(super) fn page(&mut self, markdown: impl AsRef<str>) {
        self.comment("//!", markdown.as_ref());
    }

    fn comment(&mut self, mark: &str, line: &str) {
        self.text.push_str(mark);
        if !line.is_empty() {
            self.text.push(' ');
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// The module that each model of a crate lives in.
pub(super) type Homes = Rc<BTreeMap<String, String>>;

/// Where the models of a domain live.
pub(super) fn homes(domain: &Domain) -> Homes {
    Rc::new(domain.models().map(|(module, model)| (model.name.clone(), module.to_owned())).collect())
}

/// What a module imports; a name that the module has for something of its own is said by its path instead.
#[derive(Debug)]
pub(super) struct Imports {
    /// The names of the module's own types.
    own: BTreeSet<String>,
    homes: Homes,
    used: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    /// No imports yet, for a module with these types of its own, in a crate whose models live there.
    pub(super) fn new(own: BTreeSet<String>, homes: &Homes) -> Self {
        Self { own, homes: Homes::clone(homes), used: BTreeMap::new() }
    }

    /// The name of something in `path`, imported if that can be.
    pub(super) fn of(&mut self, path: &str, name: &str) -> String {
        if self.is_taken(name) {
            return format!("{path}::{name}");
        }
        self.used.entry(path.to_owned()).or_default().insert(name.to_owned());
        name.to_owned()
    }

    /// Whether a name is that of a type of the crate.
    fn is_taken(&self, name: &str) -> bool {
        self.own.contains(name) || self.homes.contains_key(name)
    }

    /// The module of a model that is in another module.
    fn elsewhere(&self, name: &str) -> Option<&String> {
        self.homes.get(name).filter(|_| !self.own.contains(name))
    }

    /// The name of something of the core.
    pub(super) fn core(&mut self, name: &str) -> String {
        self.of("ecloud_core", name)
    }

    /// The name of a trait of the core whose methods are called too.
    pub(super) fn method(&mut self, name: &str) -> String {
        if self.is_taken(name) {
            self.used.entry("ecloud_core".to_owned()).or_default().insert(format!("{name} as _"));
        }
        self.core(name)
    }

    /// The Rust type of a value.
    pub(super) fn ty(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Text => "String".to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::I32 => "i32".to_owned(),
            Ty::I64 => "i64".to_owned(),
            Ty::U32 => "u32".to_owned(),
            Ty::U64 => "u64".to_owned(),
            Ty::F64 => "f64".to_owned(),
            Ty::Timestamp => self.core("Timestamp"),
            Ty::Money => self.core("Money"),
            Ty::Id(name) => self.of("ecloud_core::types", name),
            Ty::Sensitive(kind) => {
                let sensitive = self.core("Sensitive");
                let module = self.of("ecloud_core::sensitive", "kind");
                format!("{sensitive}<{module}::{}>", kind_name(*kind))
            }
            Ty::Secret => self.core("Secret"),
            Ty::File => self.core("File"),
            Ty::Json => self.core("Json"),
            Ty::List(inner) => format!("Vec<{}>", self.ty(inner)),
            Ty::OrNull(inner) => format!("Option<{}>", self.ty(inner)),
            Ty::Map(inner) => {
                let map = self.of("std::collections", "BTreeMap");
                format!("{map}<String, {}>", self.ty(inner))
            }
            Ty::Model(name) => {
                if let Some(module) = self.elsewhere(name) {
                    self.used.entry(format!("crate::{module}")).or_default().insert(name.clone());
                }
                name.clone()
            }
        }
    }

    /// The type as a link of a doc comment.
    pub(super) fn linked(&mut self, ty: &Ty) -> String {
        let name = ty.model().unwrap_or_default();
        match (ty, self.elsewhere(name)) {
            (Ty::Model(_), Some(module)) => format!("[`{name}`](crate::{module}::{name})"),
            (Ty::Model(_), None) => format!("[`{name}`]"),
            _ => format!("`{ty}`"),
        }
    }

    /// The type of an argument that takes such a value.
    pub(super) fn argument(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Text | Ty::Secret | Ty::Id(_) => format!("impl Into<{}>", self.ty(ty)),
            Ty::List(inner) => format!("impl IntoIterator<Item = {}>", self.argument(inner)),
            _ => self.ty(ty),
        }
    }

    /// The import lines, those of the standard library first and the crate's own last.
    pub(super) fn into_lines(self) -> String {
        let group = |path: &String| match path.split("::").next() {
            Some("std") => 0,
            Some("crate") => 2,
            _ => 1,
        };
        let mut text = String::new();
        for wanted in 0..3 {
            let mut any = false;
            for (path, names) in self.used.iter().filter(|(path, _)| group(path) == wanted) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                match names[..] {
                    [name] => text.push_str(&format!("use {path}::{name};\n")),
                    _ => text.push_str(&format!("use {path}::{{{}}};\n", names.join(", "))),
                }
                any = true;
            }
            if any {
                text.push('\n');
            }
        }
        text
    }
}

/// What turns an argument into the value.
pub(super) fn convert(ty: &Ty, name: &str) -> String {
    match ty {
        Ty::Text | Ty::Secret | Ty::Id(_) => format!("{name}.into()"),
        Ty::List(inner) => match **inner {
            Ty::Text | Ty::Secret | Ty::Id(_) => format!("{name}.into_iter().map(Into::into).collect()"),
            Ty::List(_) => format!("{name}.into_iter().map(|item| {}).collect()", convert(inner, "item")),
            _ => format!("{name}.into_iter().collect()"),
        },
        _ => name.to_owned(),
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Name => "Name",
        Kind::Phone => "Phone",
        Kind::Address => "Address",
        Kind::Email => "Email",
        Kind::IdNumber => "IdNumber",
        Kind::BankAccount => "BankAccount",
    }
}
