//! What the variants of unions are called.

use std::collections::{HashMap, HashSet};

use super::choice::Branch;
use super::schema::Schemas;
use super::words;
use crate::load::Node;
use crate::names;
use crate::resolve::reference;

/// The longest name that a title or value gives a variant.
const LONGEST: usize = 40;

impl<'a> Schemas<'a> {
    /// What the branches of a choice are called, each by itself; empty where nothing tells.
    pub(super) fn branch_names(&self, branches: &[Branch<'a>]) -> Vec<String> {
        let mut titles: HashMap<&str, usize> = HashMap::new();
        for title in branches.iter().filter_map(|branch| title(branch.node)) {
            *titles.entry(title).or_default() += 1;
        }
        let names = branches.iter().map(|branch| {
            if let Some(name) = self.schema_name(branch.node) {
                return name;
            }
            let short = |text: &str| names::camel(text).filter(|name| name.len() <= LONGEST);
            let title = || title(branch.node).filter(|title| titles.get(title) == Some(&1)).and_then(short);
            title()
                .or_else(|| short(&self.own_value(branch, branches)?))
                .or_else(|| short(own_property(branch, branches)?))
                .unwrap_or_default()
        });
        names.collect()
    }

    /// The name of the schema that a branch is or refers to.
    fn schema_name(&self, node: Node<'a>) -> Option<String> {
        let inner = self.unwrapped(node).map(|(inner, _)| inner);
        let claimed = inner.and_then(|inner| self.claimed_name(inner)).map(str::to_owned);
        claimed.or_else(|| names::camel(reference(node)?.rsplit(['/', '#']).next()?))
    }

    /// The only value of a property that is another in each branch.
    fn own_value(&self, branch: &Branch<'a>, branches: &[Branch<'a>]) -> Option<String> {
        let only = |branch: &Branch<'a>, wire: &str| -> Option<String> {
            let mut values = self.constants(branch.gathered.schemas_of(wire)?)?;
            if values.len() == 1 { values.pop() } else { None }
        };
        branch.gathered.properties.iter().find_map(|(wire, _)| {
            let value = only(branch, wire)?;
            let same = branches.iter().filter(|other| only(other, wire).as_ref() == Some(&value)).count();
            (same == 1).then_some(value)
        })
    }
}

fn title(node: Node<'_>) -> Option<&str> {
    node.get("title")?.text()
}

/// The first property that only one of several branches has; one that it requires, if there is such.
fn own_property<'a>(branch: &Branch<'a>, branches: &[Branch<'a>]) -> Option<&'a str> {
    let objects = branches.iter().filter(|branch| !branch.gathered.properties.is_empty()).count();
    if objects < 2 || branches.len() > 16 {
        return None;
    }
    let has = |branch: &Branch<'a>, wire: &str| branch.gathered.schemas_of(wire).is_some();
    let is_own = |wire: &&str| branches.iter().filter(|other| has(other, wire)).count() == 1;
    let own: Vec<&str> = branch.gathered.properties.iter().map(|(wire, _)| *wire).filter(is_own).collect();
    own.iter().find(|wire| branch.gathered.required.contains(**wire)).or(own.first()).copied()
}

/// The names of variants without the words that they have in common with their union at the beginning and at the end: what is left
/// of `CardMethod` in `Method` is `Card`. As they are where that leaves nothing, or one twice.
pub(super) fn shortened(union: &str, names: Vec<String>) -> Vec<String> {
    let whole = words::words(union);
    let split: Vec<Vec<String>> = names.iter().map(|name| words::words(name)).collect();
    let told = || split.iter().filter(|words| !words.is_empty());
    if told().count() < 2 {
        return names;
    }
    let before = told().map(|words| common(words.iter(), whole.iter())).min().unwrap_or_default();
    let behind = told().map(|words| common(words.iter().rev(), whole.iter().rev())).min().unwrap_or_default();
    for (before, behind) in [(before, behind), (0, behind), (before, 0)] {
        let cut = |words: &Vec<String>| -> Option<String> {
            let rest = words.get(before..words.len().checked_sub(behind)?)?;
            names::camel(&rest.join("_"))
                .filter(|_| rest.first().is_some_and(|word| word.starts_with(char::is_alphabetic)))
        };
        let short: Option<Vec<String>> =
            split.iter().map(|words| if words.is_empty() { Some(String::new()) } else { cut(words) }).collect();
        let Some(short) = short else { continue };
        let mut seen = HashSet::new();
        if short.iter().filter(|name| !name.is_empty()).all(|name| seen.insert(name.as_str())) {
            return short;
        }
    }
    names
}

/// How many words two names have in common, one after the other.
fn common<'w>(one: impl Iterator<Item = &'w String>, other: impl Iterator<Item = &'w String>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(union: &str, names: &[&str]) -> Vec<String> {
        shortened(union, names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_all_have_in_common_with_their_union_is_left_out() {
        assert_eq!(of("Method", &["CardMethod", "CashMethod"]), ["Card", "Cash"]);
        assert_eq!(of("CartUpdateAction", &["CartAddItemAction", "CartSetKeyAction"]), ["AddItem", "SetKey"]);
        assert_eq!(of("OrderItem", &["OrderProduct", "OrderService"]), ["Product", "Service"]);
        assert_eq!(of("PaymentMethod", &["CardDetails", "IdealDetails"]), ["CardDetails", "IdealDetails"]);
    }

    #[test]
    fn a_name_that_would_vanish_or_stand_twice_stays() {
        assert_eq!(of("Pet", &["Pet", "PetCat"]), ["Pet", "PetCat"]);
        assert_eq!(of("Pet", &["Pet3d", "PetCat"]), ["Pet3d", "PetCat"]);
        assert_eq!(of("Pet", &["PetCat", ""]), ["PetCat", ""]);
    }
}
