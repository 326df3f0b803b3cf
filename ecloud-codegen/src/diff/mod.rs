//! What a new version of a document means for those who call the crate of the old one: what breaks them, the semver level, and the
//! text for the CHANGELOG.
//!
//! The two models are compared as a caller sees them: by the names, arguments and types of the generated crate. Structs and enums of a
//! generated crate are `#[non_exhaustive]`, so a new field or value breaks nobody, unless the field becomes an argument of `new`.

mod changelog;
mod models;
mod operations;

use crate::model::Domain;

/// How far a change reaches, by the rules of semantic versioning for a crate of version 1 or higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Code of callers compiles and means the same.
    Patch,
    /// Something new; code of callers compiles and means the same.
    Minor,
    /// Code of callers doesn't compile any more, or means something else.
    Major,
}

impl Level {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// How far it reaches.
    pub level: Level,
    /// What changed, as Rust callers call it: `orders().get`, `Order::total`.
    pub subject: String,
    /// What happened to it: `is gone`, `is a list of Order, was Order`.
    pub what: String,
}

/// All changes from one version to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changes: operations first, then types, each in the document's order.
    pub list: Vec<Change>,
}

impl Changes {
    /// What changed between two versions of a crate.
    pub fn between(old: &Domain, new: &Domain) -> Self {
        let mut changes = Self::default();
        changes.platform(old, new);
        operations::compare(old, new, &mut changes);
        models::compare(old, new, &mut changes);
        changes
    }

    /// The level of all changes together; a patch if there is none.
    pub fn level(&self) -> Level {
        self.list.iter().map(|change| change.level).max().unwrap_or(Level::Patch)
    }

    fn platform(&mut self, old: &Domain, new: &Domain) {
        let servers = |domain: &Domain| {
            let servers = domain.platform.iter().flat_map(|platform| &platform.servers);
            servers.map(|server| server.url.clone()).collect::<Vec<_>>()
        };
        let (was, is) = (servers(old), servers(new));
        if was.first() != is.first() {
            let shown = |urls: &[String]| urls.first().cloned().unwrap_or_else(|| "none".to_owned());
            self.add(Level::Major, "SERVER", format!("is {}, was {}", shown(&is), shown(&was)));
        }
    }

    fn add(&mut self, level: Level, subject: impl Into<String>, what: impl Into<String>) {
        self.list.push(Change { level, subject: subject.into(), what: what.into() });
    }

    /// Takes down that something has another value now, if it has.
    fn differs<T: PartialEq>(&mut self, level: Level, subject: &str, was: &T, is: &T, shown: impl Fn(&T) -> String) {
        if was != is {
            self.add(level, subject, format!("is {}, was {}", shown(is), shown(was)));
        }
    }
}
