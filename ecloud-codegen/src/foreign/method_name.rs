//! Names of operations: the method on the handle and the type.

use std::collections::{HashMap, HashSet};

use super::derived_name::{Mechanical, by_variable, doing, mechanical, version, words_of};
use super::grouping::{self, Groups};
use super::outline::Outline;
use super::words::{is_act, is_article, is_many, is_version, singular, words};
use crate::names;
use crate::naming::Names;

/// Words that stand between what is done and the resource that it's done for, and go with the resource's words.
const FOR: &[&str] = &["for", "from", "in", "into", "of", "on", "to"];

/// Words of a tag that don't name a thing.
const NOISE: &[&str] = &["api", "apis", "endpoints", "management", "operations", "resource", "service"];

/// The names of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The id: the document's own, or one made of method and path.
    pub(super) id: String,
    /// The method on the handle.
    pub(super) method: String,
    /// The type.
    pub(super) type_name: String,
}

/// What an operation may be called, the best first.
struct Wishes {
    id: String,
    methods: Vec<String>,
    types: Vec<String>,
}

/// Names all operations, in their order.
pub(super) fn name(outlines: &[Outline<'_>], groups: &Groups, given: &mut Names) -> Vec<Named> {
    let spaces = grouping::spaces(outlines);
    let made: Vec<Option<Mechanical>> =
        outlines.iter().map(|outline| mechanical(outline, outline.id.unwrap_or_default())).collect();
    let with_id = outlines.iter().filter(|outline| outline.id.is_some()).count();
    let count = |wanted: &Mechanical| made.iter().flatten().filter(|made| *made == wanted).count();
    let (surely, perhaps) = (count(&Mechanical::Surely), count(&Mechanical::Perhaps));
    // Where most ids are put together, those that may be are too, and those that only begin like that.
    let all_made = surely > 1 && surely * 3 >= with_id && (surely + perhaps) * 2 > with_id;
    let wish = |index: usize| {
        let outline = &outlines[index];
        let resource = &groups.resources[groups.of[index]].name;
        match (outline.id, &made[index]) {
            (Some(_), Some(Mechanical::Beside(beside))) => by_id(outline, beside, &beside.join("_"), resource),
            (Some(id), made) if !(all_made && (made.is_some() || begins_with_method(outline, id))) => {
                by_id(outline, &own_words(outline, id), id, resource)
            }
            _ => by_path(outline, spaces[index], resource),
        }
    };
    let wishes: Vec<Wishes> = (0..outlines.len()).map(wish).collect();
    let methods = methods(outlines, groups, &wishes, given);
    let types = types(outlines, &wishes, given);
    let each = wishes.into_iter().zip(methods).zip(types);
    each.map(|((wishes, method), type_name)| Named { id: wishes.id, method, type_name }).collect()
}

fn begins_with_method(outline: &Outline<'_>, id: &str) -> bool {
    words(id).first().is_some_and(|first| *first == outline.verb.as_str().to_lowercase())
}

/// The words of an id, without what generators of documents put in.
fn own_words(outline: &Outline<'_>, id: &str) -> Vec<String> {
    let mut words = words(id);
    if words.len() > 1 {
        words.retain(|word| word != "controller");
    }
    // `getOrderUsingGET_1`
    let method = outline.verb.as_str().to_lowercase();
    let using = words.windows(2).position(|two| two[0] == "using" && two[1] == method);
    if let Some(using) = using.filter(|using| *using > 0) {
        words.truncate(using);
    }
    words
}

/// The words of an id by parts (`orders.trackers.patch`) within the resource that one of the parts names: what is done, and what
/// stands behind the resource.
fn by_parts(id: &str, resource: &str) -> Option<Vec<String>> {
    let parts: Vec<Vec<String>> = id.split(['.', '/', '#', ':']).map(words).filter(|words| !words.is_empty()).collect();
    let (last, spaces) = parts.split_last()?;
    if !is_act(last.first()?) {
        return None;
    }
    let at = things(resource).iter().find_map(|thing| spaces.iter().rposition(|space| same(space, thing)))?;
    let mut words = last.clone();
    words.extend(spaces[at + 1..].concat());
    Some(words)
}

fn same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| singular(one) == singular(other))
}

fn by_id(outline: &Outline<'_>, words: &[String], id: &str, resource: &str) -> Wishes {
    let mut types = vec![camel(&without_articles(words)), camel(words)];
    types.dedup();
    if types.iter().all(String::is_empty) {
        types = vec![id.to_owned()];
    }
    let mut short = by_parts(id, resource).unwrap_or_else(|| within(words, resource));
    // An id that is just the resource's name says nothing within it.
    if things(resource).iter().any(|thing| same(thing, &short)) {
        short = vec![doing(outline)];
    }
    let longer = [without_articles(&unversioned(words)), without_articles(words), words.to_vec()];
    let methods = std::iter::once(short).chain(longer).map(|words| words.join("_")).collect();
    Wishes { id: id.to_owned(), methods, types }
}

fn by_path(outline: &Outline<'_>, space: usize, resource: &str) -> Wishes {
    let short = words_of(outline, space);
    let whole = words_of(outline, 0);
    let mut methods = vec![within(&short, resource).join("_")];
    let mut types = Vec::new();
    let with = |more: Vec<String>| [&whole[..], &more].concat();
    for words in [&short, &whole, &with(by_variable(outline)), &with(version(outline))] {
        methods.push(words.join("_"));
        types.push(camel(words));
    }
    Wishes { id: lower_camel(&short), methods, types }
}

fn camel(words: &[String]) -> String {
    names::camel(&words.join(" ")).unwrap_or_default()
}

fn lower_camel(words: &[String]) -> String {
    let mut name = words.first().cloned().unwrap_or_default();
    name.push_str(&camel(words.get(1..).unwrap_or_default()));
    name
}

/// Without articles, but for one at the end, which is none.
fn without_articles(words: &[String]) -> Vec<String> {
    let last = words.len().saturating_sub(1);
    let kept = words.iter().enumerate().filter(|(index, word)| !is_article(word) || *index == last || *index == 0);
    kept.map(|(_, word)| word.clone()).collect()
}

fn unversioned(words: &[String]) -> Vec<String> {
    match words {
        [first, rest @ ..] if is_version(first) && !rest.is_empty() => rest.to_vec(),
        _ => words.to_vec(),
    }
}

/// An operation's words within its resource, whose own words need not be said again: `list customers` is `list`, and `create customer
/// card` is `create card`.
fn within(words: &[String], resource: &str) -> Vec<String> {
    let words = without_articles(&unversioned(words));
    let mut best = words.clone();
    for thing in things(resource) {
        let shorter = without(&words, &thing);
        if shorter.len() < best.len() {
            best = shorter;
        }
    }
    if best.is_empty() {
        best = words;
    }
    if let Some(first) = best.first_mut() {
        *first = plain(first).to_owned();
    }
    best
}

/// The plain form of what somebody does: `deletes`, but no `links`.
fn plain(word: &str) -> &str {
    match word {
        "adds" | "cancels" | "creates" | "deletes" | "gets" | "removes" | "retrieves" | "sets" | "updates" => {
            &word[..word.len() - 1]
        }
        _ => word,
    }
}

/// What a resource is about, in several ways of saying it: all its words, and those of its last part (`Account / Addresses`).
fn things(resource: &str) -> Vec<Vec<String>> {
    let last = resource.rsplit(['/', '>', '|', ':']).next().unwrap_or_default();
    let mut things = Vec::new();
    for text in [resource, last] {
        let mut thing = unversioned(&words(text));
        things.push(thing.clone());
        while thing.last().is_some_and(|word| NOISE.contains(&word.as_str())) {
            thing.pop();
        }
        things.push(thing);
    }
    things.retain(|thing| !thing.is_empty());
    things
}

/// The words without a thing, where it can go: at the front, behind the verb, or behind a word like `for`.
fn without(words: &[String], thing: &[String]) -> Vec<String> {
    let verbs = verbs(words);
    let found = words.windows(thing.len()).enumerate().find(|(index, window)| {
        let before = index.checked_sub(1).map(|before| words[before].as_str());
        let goes = *index == 0 || *index == verbs || before.is_some_and(|before| FOR.contains(&before));
        goes && same(window, thing)
    });
    let Some((index, _)) = found else {
        return words.to_vec();
    };
    let rest = &words[index + thing.len()..];
    // The front stays where nothing that is done follows: `order status` in orders.
    if index == 0 && !rest.iter().any(|word| is_act(word)) {
        return words.to_vec();
    }
    let mut left = words[..index].to_vec();
    if index > verbs && left.last().is_some_and(|word| FOR.contains(&word.as_str())) {
        left.pop();
    }
    left.extend_from_slice(rest);
    // A verb behind its thing goes to the front: `orders track create` is `create track`.
    if index == 0 && left.last().is_some_and(|last| is_act(last)) && !is_act(&left[0]) {
        left.rotate_right(1);
    }
    left
}

/// How many words at the front say what is done; 0 where they don't.
fn verbs(words: &[String]) -> usize {
    let many = usize::from(words.first().is_some_and(|word| is_many(word)));
    match words.get(many) {
        Some(word) if is_act(plain(word)) => many + 1,
        _ => 0,
    }
}

/// The methods, unique in each resource: what two would be called, neither is.
fn methods(outlines: &[Outline<'_>], groups: &Groups, wishes: &[Wishes], given: &mut Names) -> Vec<String> {
    let mut chosen: Vec<Option<&str>> = vec![None; wishes.len()];
    let mut taken: HashSet<(usize, &str)> = HashSet::new();
    let most = wishes.iter().map(|wishes| wishes.methods.len()).max().unwrap_or_default();
    for turn in 0..most {
        let mut counts: HashMap<(usize, &str), usize> = HashMap::new();
        let open: Vec<usize> = (0..wishes.len()).filter(|index| chosen[*index].is_none()).collect();
        for &index in &open {
            if let Some(wish) = wishes[index].methods.get(turn) {
                *counts.entry((groups.of[index], wish.as_str())).or_default() += 1;
            }
        }
        for index in open {
            let group = groups.of[index];
            let Some(wish) = wishes[index].methods.get(turn) else {
                continue;
            };
            let scope = scope(groups, index);
            let usable = names::is_identifier(wish) && given.is_free(&scope, wish);
            if usable && counts[&(group, wish.as_str())] == 1 && taken.insert((group, wish)) {
                chosen[index] = Some(wish);
            }
        }
    }
    let each = outlines.iter().enumerate().zip(wishes).zip(chosen);
    each.map(|(((index, outline), wishes), chosen)| {
        let scope = scope(groups, index);
        if let Some(rename) = outline.overlay.and_then(|said| said.rename.as_deref()) {
            // Whoever says a name wants it, whatever it was before.
            return given.claim(&scope, &format!("{} as {rename}", outline.key), rename);
        }
        let wish = chosen.or(wishes.methods.last().map(String::as_str)).unwrap_or_default();
        given.claim(&scope, &outline.key, wish)
    })
    .collect()
}

fn scope(groups: &Groups, index: usize) -> String {
    format!("methods {}", groups.resources[groups.of[index]].module)
}

/// The types, unique in the crate. What a schema is called already gets `Call` at its end.
fn types(outlines: &[Outline<'_>], wishes: &[Wishes], given: &mut Names) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for wish in wishes.iter().flat_map(|wishes| wishes.types.first()) {
        *counts.entry(wish).or_default() += 1;
    }
    let mut operations: HashSet<String> = HashSet::new();
    let each = outlines.iter().zip(wishes);
    each.map(|(outline, wishes)| {
        let first = wishes.types.first().map(String::as_str).unwrap_or_default();
        let mut wish = first;
        if counts.get(first).is_some_and(|count| *count > 1) {
            wish = wishes.types.iter().map(String::as_str).find(|wish| !counts.contains_key(wish)).unwrap_or(first);
        }
        // What no other operation has, a schema or a resource has.
        let taken = !given.is_free("types", wish) && !operations.contains(wish);
        let name = match taken {
            true => given.claim("types", &outline.key, &format!("{wish}Call")),
            false => given.claim("types", &outline.key, wish),
        };
        operations.insert(name.clone());
        name
    })
    .collect()
}
