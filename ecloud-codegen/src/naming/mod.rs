//! Naming: one allocator for all names of a crate, and the lock that keeps them.
//!
//! A name is claimed for a key in a scope: the type of a schema in `types`, the name of a property in `fields Order`. Who asks
//! first gets its wish; who wishes for a name that is taken gets a number. That alone would rename things when a document grows,
//! so the names of an earlier run ([`Lock`]) are given back to their keys before anything new is named.

mod lock;
mod reserved;

use std::collections::{HashMap, HashSet};

pub use lock::Lock;
use reserved::Kind;

use crate::names;

/// The longest name that is made, in characters; what a document calls longer is cut at the end of a word.
pub const LONGEST: usize = 60;

/// The names of one crate.
///
/// Scopes are `types` (all types of the crate), `modules`, `methods {module}`, `fields {Type}`, `variants {Type}` and
/// `parameters {METHOD path}`; the first word says how a name is cased and what is reserved.
#[derive(Debug, Default)]
pub struct Names {
    lock: Lock,
    scopes: HashMap<String, Scope>,
}

#[derive(Debug, Default)]
struct Scope {
    kind: Kind,
    by_key: HashMap<String, String>,
    /// Names that something has, or is to get back.
    taken: HashSet<String>,
    reserved: HashSet<String>,
    /// The last number that was tried behind a name, so that many alike cost no more than many unlike.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// No names yet but those that an earlier run gave.
    pub fn new(lock: Lock) -> Self {
        Self { lock, scopes: HashMap::new() }
    }

    /// The name for `key` in `scope`: the one that it had in an earlier run; else `wish`, adapted until it is free. A reserved name
    /// gets a trailing underscore, a taken one a number. Whoever asks again for the same key gets the same name.
    ///
    /// A wish that is no identifier is made one, in the case of the scope; where no letter is left, the name is `Value1` or
    /// `value_1`. A locked name that the generated code has come to need for itself is given up.
    pub fn claim(&mut self, scope: &str, key: &str, wish: &str) -> String {
        let scope = self.scope(scope);
        if let Some(name) = scope.by_key.get(key).filter(|name| !scope.is_reserved(name)) {
            return name.clone();
        }
        let name = scope.adapt(wish);
        scope.taken.insert(name.clone());
        scope.by_key.insert(key.to_owned(), name.clone());
        name
    }

    /// Whether a wish for this name would be granted as it is.
    pub fn is_free(&mut self, scope: &str, name: &str) -> bool {
        self.scope(scope).is_free(name)
    }

    /// The name that a key has, or had in an earlier run.
    pub fn get(&mut self, scope: &str, key: &str) -> Option<&str> {
        self.scope(scope).by_key.get(key).map(String::as_str)
    }

    /// Keeps names for the generated code itself, besides those that are reserved in every scope of the kind.
    pub fn reserve(&mut self, scope: &str, names: &[&str]) {
        let scope = self.scope(scope);
        scope.reserved.extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// All names, for the next run; those of things that are gone too, since they may come back.
    pub fn into_lock(self) -> Lock {
        let mut lock = self.lock;
        for (name, scope) in self.scopes {
            for (key, given) in scope.by_key {
                lock.keep(&name, key, given);
            }
        }
        lock
    }

    fn scope(&mut self, name: &str) -> &mut Scope {
        if !self.scopes.contains_key(name) {
            let mut scope = Scope { kind: Kind::of(name), ..Scope::default() };
            for (key, given) in self.lock.names(name) {
                scope.taken.insert(given.to_owned());
                scope.by_key.insert(key.to_owned(), given.to_owned());
            }
            self.scopes.insert(name.to_owned(), scope);
        }
        self.scopes.entry(name.to_owned()).or_default()
    }
}

impl Scope {
    fn is_reserved(&self, name: &str) -> bool {
        self.kind.reserves(name) || self.reserved.contains(name)
    }

    fn is_free(&self, name: &str) -> bool {
        !self.is_reserved(name) && !self.taken.contains(name)
    }

    fn adapt(&mut self, wish: &str) -> String {
        let Some(stem) = self.stem(wish) else {
            let stem = if self.kind.is_camel() { "Value" } else { "value_" };
            return self.numbered(stem, 1);
        };
        if self.is_free(&stem) {
            return stem;
        }
        let stem = if self.is_reserved(&stem) { format!("{stem}_") } else { stem };
        if self.is_free(&stem) {
            return stem;
        }
        let blank = if self.kind.is_camel() || stem.ends_with('_') { "" } else { "_" };
        self.numbered(&format!("{stem}{blank}"), 2)
    }

    /// The wish as an identifier of at most [`LONGEST`] characters.
    fn stem(&self, wish: &str) -> Option<String> {
        let name = match (names::is_identifier(wish), self.kind.is_camel()) {
            (true, _) => wish.to_owned(),
            (false, true) => names::camel(wish)?,
            (false, false) => names::snake(wish)?,
        };
        Some(names::shorten(&name, LONGEST))
    }

    /// The stem with the first number that makes it free, counted on from the last that was given.
    fn numbered(&mut self, stem: &str, first: usize) -> String {
        let mut number = self.numbers.get(stem).map_or(first, |last| last + 1);
        let mut name = format!("{stem}{number}");
        while !self.is_free(&name) {
            number += 1;
            name = format!("{stem}{number}");
        }
        self.numbers.insert(stem.to_owned(), number);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(Lock::default())
    }

    #[test]
    fn a_key_that_asks_twice_gets_the_same_name() {
        let mut names = names();
        assert_eq!(names.claim("types", "#/a", "Order"), "Order");
        assert_eq!(names.claim("types", "#/b", "Order"), "Order2");
        assert_eq!(names.claim("types", "#/a", "Other"), "Order");
    }

    #[test]
    fn scopes_know_nothing_of_each_other() {
        let mut names = names();
        assert_eq!(names.claim("fields Order", "total", "total"), "total");
        assert_eq!(names.claim("fields Refund", "total", "total"), "total");
        assert!(names.is_free("fields Quote", "total"));
        assert!(!names.is_free("fields Order", "total"));
    }

    #[test]
    fn reserved_names_get_an_underscore() {
        let mut names = names();
        for (scope, wish, expected) in [
            ("types", "Option", "Option_"),
            ("types", "Self", "Self_"),
            ("types", "Order", "Order"),
            ("modules", "types", "types_"),
            ("methods orders", "new", "new_"),
            ("fields Order", "type", "type_"),
            ("fields Order", "self", "self_"),
            ("fields Order", "gen", "gen_"),
            ("variants Status", "Unknown", "Unknown_"),
            ("variants Status", "Self", "Self_"),
            ("variants Status", "Option", "Option"),
            ("parameters GET /orders", "send", "send_"),
            ("parameters GET /orders", "body", "body_"),
        ] {
            assert_eq!(names.claim(scope, wish, wish), expected, "{scope}");
        }
        names.reserve("types", &["Square"]);
        assert_eq!(names.claim("types", "#/square", "Square"), "Square_");
        assert_eq!(names.claim("fields Order", "Type", "type"), "type_2");
    }

    #[test]
    fn a_wish_that_is_no_name_becomes_one() {
        let mut names = names();
        for (scope, wish, expected) in [
            ("types", "订单", "订单"),
            ("types", "طلب جديد", "طلبجديد"),
            ("types", "🎁", "Value1"),
            ("types", "🚚🚚", "Value2"),
            ("types", "🎁 box", "Box_"),
            ("types", "3d model", "Value3dModel"),
            ("fields Order", "🎁", "value_1"),
            ("fields Order", "", "value_2"),
            ("fields Order", "订单-号", "订单_号"),
            ("fields Order", "id:in", "id_in"),
            ("variants Size", "Ⓐ", "Value1"),
        ] {
            assert_eq!(names.claim(scope, wish, wish), expected);
        }
    }

    #[test]
    fn a_long_wish_is_cut_at_a_word_and_stays_unique() {
        let mut names = names();
        let long = "OrderLine".repeat(600);
        let first = names.claim("types", "a", &long);
        let second = names.claim("types", "b", &long);
        assert_eq!(first, "OrderLine".repeat(6) + "Order");
        assert_eq!(second, format!("{first}2"));
    }

    #[test]
    fn a_locked_name_wins_over_whoever_asks_first() {
        let mut earlier = names();
        earlier.claim("types", "#/old", "Order");
        let mut names = Names::new(earlier.into_lock());
        assert!(!names.is_free("types", "Order"));
        assert_eq!(names.claim("types", "#/new", "Order"), "Order2");
        assert_eq!(names.claim("types", "#/old", "PurchaseOrder"), "Order");
    }

    #[test]
    fn growth_of_a_document_never_changes_a_name() {
        let first: Vec<String> = ["a-b", "aB", "type", "A_B"].map(str::to_owned).into();
        let grown: Vec<String> = ["a.b", "A_B", "a_b_2", "type_", "a-b", "new", "type", "aB"].map(str::to_owned).into();
        let name = |names: &mut Names, wires: &[String]| -> HashMap<String, String> {
            let each = wires.iter().map(|wire| (wire.clone(), names.claim("fields Order", wire, wire)));
            each.collect()
        };
        let mut earlier = names();
        let before = name(&mut earlier, &first);
        let mut later = Names::new(earlier.into_lock());
        let after = name(&mut later, &grown);
        for wire in &first {
            assert_eq!(before[wire], after[wire], "{wire}");
        }
        let distinct: HashSet<&String> = after.values().collect();
        assert_eq!(distinct.len(), grown.len());
    }

    #[test]
    fn a_name_that_is_gone_is_not_given_to_another() {
        let mut first = names();
        first.claim("types", "#/gone", "Order");
        let second = Names::new(first.into_lock());
        let mut third = Names::new(second.into_lock());
        assert_eq!(third.claim("types", "#/new", "Order"), "Order2");
        assert_eq!(third.claim("types", "#/gone", "Order"), "Order");
    }

    #[test]
    fn a_locked_name_that_the_code_needs_itself_is_given_up() {
        let mut earlier = names();
        earlier.claim("types", "#/a", "Square");
        let mut names = Names::new(earlier.into_lock());
        names.reserve("types", &["Square"]);
        assert_eq!(names.claim("types", "#/a", "Square"), "Square_");
        assert_eq!(names.claim("types", "#/a", "Square"), "Square_");
    }

    #[test]
    fn many_names_that_are_alike_cost_as_many_steps() {
        const MANY: usize = 100_000;
        let mut names = names();
        for key in 0..MANY {
            names.claim("variants Status", &key.to_string(), "Same");
        }
        // Each was numbered on from the one before. Had each tried all numbers, this would take minutes.
        assert_eq!(names.claim("variants Status", &(MANY - 1).to_string(), "Same"), "Same100000");
        assert_eq!(names.scopes["variants Status"].numbers["Same"], MANY);
    }
}
