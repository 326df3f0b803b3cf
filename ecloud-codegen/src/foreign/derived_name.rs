//! The name of an operation by its method and path, where the document has no id for it.

use super::outline::Outline;
use super::template::Segment;
use super::words::{is_act, is_many, is_verb, is_version, singular, verb, words};
use crate::model::Verb;

/// The longest name, in characters.
const LONGEST: usize = 60;

/// What a GET may do besides to get and to list; other verbs at the end of its path are things.
const READS: &[&str] = &[
    "browse",
    "calculate",
    "check",
    "compare",
    "count",
    "download",
    "estimate",
    "export",
    "fetch",
    "find",
    "list",
    "lookup",
    "ping",
    "preview",
    "query",
    "search",
    "validate",
    "verify",
];

/// The words of a name by method and path: `GET /v2/carts/{cartID}/items` is `list cart items`. The first segments, `space` many, don't
/// go into the name.
pub(super) fn words_of(outline: &Outline<'_>, space: usize) -> Vec<String> {
    let mut things = things(outline, space);
    let ends_in_variable = ends_in_variable(outline);
    let act = if ends_in_variable { None } else { act(outline.verb, &mut things) };
    // Only what the path ends with may be many.
    let last = things.len().saturating_sub(1);
    for (index, thing) in things.iter_mut().enumerate() {
        if thing.has_variable || index < last {
            thing.make_one();
        }
    }
    if let Some((mut name, rest)) = act {
        name.extend(flat(things));
        name.extend(rest);
        return shorten(name);
    }
    let mut name = vec![doing(outline)];
    if let Some(last) = things.last_mut().filter(|_| !ends_in_variable) {
        // A POST to `captures` captures, if the document's words say so.
        let first = first_word(outline);
        if outline.verb == Verb::Post && last.words.last().is_some_and(|word| singular(word) == first) && is_act(&first)
        {
            name = vec![first];
            last.words.pop();
        } else if matches!(name[0].as_str(), "create" | "add" | "start" | "register") {
            last.make_one();
        }
    }
    name.extend(flat(things));
    // What a verb says already need not be said again: `POST /search` is no `create search`.
    name.dedup();
    shorten(name)
}

/// A text of a path that names a thing.
struct Thing {
    words: Vec<String>,
    /// Whether a variable follows that says which one.
    has_variable: bool,
}

impl Thing {
    fn make_one(&mut self) {
        if let Some(last) = self.words.last_mut() {
            *last = singular(last);
        }
    }
}

/// Whether the path ends in a variable, so that the operation is about one thing.
fn ends_in_variable(outline: &Outline<'_>) -> bool {
    outline.template.segments().next_back().is_some_and(|last| match last {
        Segment::Variable(_) => true,
        // `{id}.json`, but not `{id}:cancel`.
        Segment::Literal(text) => holds_variable(&last) && words(without_format(&without_variables(text))).is_empty(),
    })
}

fn holds_variable(segment: &Segment<'_>) -> bool {
    variable(segment).is_some()
}

/// The variable of a segment, also of one that has text around it: `{id}.json`, `key={key}`.
fn variable<'a>(segment: &Segment<'a>) -> Option<&'a str> {
    match segment {
        Segment::Variable(name) => Some(name),
        Segment::Literal(text) => text.split_once('{')?.1.split_once('}').map(|(name, _)| name),
    }
}

fn without_format(text: &str) -> &str {
    text.strip_suffix(".json").or(text.strip_suffix(".xml")).unwrap_or(text)
}

/// The first of the document's words about an operation.
fn first_word(outline: &Outline<'_>) -> String {
    outline.summary.split_whitespace().next().unwrap_or_default().to_lowercase()
}

/// The texts of the path, each as its words.
fn things(outline: &Outline<'_>, space: usize) -> Vec<Thing> {
    let segments: Vec<Segment<'_>> = outline.template.segments().skip(space).collect();
    let mut things: Vec<Thing> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let Segment::Literal(text) = segment else {
            continue;
        };
        // Text around variables is kept, the variables aren't.
        let text: String = without_variables(text);
        let text = without_format(&text);
        if is_version(text) || matches!(text, "api" | "rest") && index == 0 {
            continue;
        }
        let words = words(text);
        if words.is_empty() {
            continue;
        }
        // `orders/2026-01-01/orders`, `order/orders`
        if things.last().is_some_and(|last| !last.has_variable && alike(&last.words, &words)) {
            things.pop();
        }
        things.push(Thing { words, has_variable: segments.get(index + 1).is_some_and(holds_variable) });
    }
    things
}

fn alike(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| singular(one) == singular(other))
}

fn without_variables(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('{') {
        // `key={key}` says it already.
        if !head.ends_with('=') {
            plain.push_str(head);
        }
        plain.push(' ');
        match tail.split_once('}') {
            Some((_, tail)) => rest = tail,
            None => return plain,
        }
    }
    plain.push_str(rest);
    plain
}

fn flat(things: Vec<Thing>) -> impl Iterator<Item = String> {
    things.into_iter().flat_map(|thing| thing.words)
}

/// What is done, if the last thing of the path says it, and the words behind that; takes it off the things.
fn act(method: Verb, things: &mut Vec<Thing>) -> Option<(Vec<String>, Vec<String>)> {
    let (last, before) = things.split_last()?;
    let last = &last.words;
    let many = usize::from(last.len() > 1 && is_many(&last[0]));
    let word = last.get(many)?;
    let acts = match method {
        Verb::Get | Verb::Head => READS.contains(&word.as_str()),
        Verb::Post | Verb::Put | Verb::Patch => is_verb(word) || (!before.is_empty() && is_act(word)),
        _ => false,
    };
    if !acts {
        return None;
    }
    let last = things.pop()?.words;
    let (doing, rest) = last.split_at(many + 1);
    Some((doing.to_vec(), rest.to_vec()))
}

/// What the method does. What a POST does, the document's own words may say better.
pub(super) fn doing(outline: &Outline<'_>) -> String {
    let ends_in_variable = ends_in_variable(outline);
    let word = match outline.verb {
        Verb::Get if outline.is_list && !ends_in_variable => "list",
        Verb::Get => "get",
        Verb::Head => "head",
        Verb::Post => {
            if let Some(verb) = verb(&first_word(outline)) {
                return verb;
            }
            if ends_in_variable { "update" } else { "create" }
        }
        Verb::Put => "replace",
        Verb::Patch => "update",
        Verb::Delete => "delete",
        Verb::Options => "options",
        Verb::Trace => "trace",
    };
    word.to_owned()
}

/// Drops what is farthest from the thing that it's about, until the name is short enough.
fn shorten(mut name: Vec<String>) -> Vec<String> {
    let length = |name: &[String]| name.iter().map(|word| word.chars().count() + 1).sum::<usize>();
    let mut dropped = 0;
    let mut left = length(&name);
    while left > LONGEST + 1 && name.len() - dropped > 2 {
        dropped += 1;
        left -= name[dropped].chars().count() + 1;
    }
    name.drain(1..=dropped);
    name
}

/// The words that tell an operation from another that would be called alike: the variable that its path ends in.
pub(super) fn by_variable(outline: &Outline<'_>) -> Vec<String> {
    let last = outline.template.segments().next_back();
    let name = last.as_ref().filter(|_| ends_in_variable(outline)).and_then(variable);
    let mut by = name.map(words).unwrap_or_default();
    if !by.is_empty() {
        by.insert(0, "by".to_owned());
    }
    by
}

/// The words that tell an operation from another that would be called alike: the version in its path.
pub(super) fn version(outline: &Outline<'_>) -> Vec<String> {
    let version = outline.template.segments().find_map(|segment| match segment {
        Segment::Literal(text) if is_version(text) => Some(words(text)),
        _ => None,
    });
    version.unwrap_or_default()
}

/// An id that somebody may have put together from the method and the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mechanical {
    /// The words besides: `read_item` of `read_item_items__item_id__get`.
    Beside(Vec<String>),
    /// There are none, and nobody would choose the others: `post-payments-paymentPspReference-captures`.
    Surely,
    /// There are none, but they may well be chosen: `getOrders`, `orders.get`.
    Perhaps,
}

/// Whether an id may be put together from the method and the path.
pub(super) fn mechanical(outline: &Outline<'_>, id: &str) -> Option<Mechanical> {
    let method = outline.verb.as_str().to_lowercase();
    let filler = |word: &String| !matches!(word.as_str(), "by" | "with" | "and");
    let id: Vec<String> = words(id).into_iter().filter(filler).collect();
    let of = |text: &str| words(text).into_iter().filter(filler).collect::<Vec<String>>();
    let unversioned = |segment: &Segment<'_>| !matches!(segment, Segment::Literal(text) if is_version(text));
    let all = outline.template.segments().map(|segment| match segment {
        Segment::Literal(text) | Segment::Variable(text) => of(text),
    });
    let path: Vec<String> = all.flatten().collect();
    let plain = outline.template.segments().filter(unversioned).map(|segment| match segment {
        Segment::Literal(text) | Segment::Variable(text) => of(text),
    });
    let plain: Vec<String> = plain.flatten().collect();
    // A variable's words stand in no id that somebody chose; a few like `id` may.
    let variables = outline.template.variables.iter().any(|name| {
        let name = of(name);
        !name.is_empty() && id.windows(name.len()).any(|window| window == name)
    });
    let sure = |begins: bool| {
        if variables || (begins && matches!(outline.verb, Verb::Post | Verb::Put)) {
            Mechanical::Surely
        } else {
            Mechanical::Perhaps
        }
    };
    for path in [&path, &plain].into_iter().filter(|path| !path.is_empty()) {
        // `post-payments-paymentPspReference-captures`, also without the path's beginning.
        if id.len() > 1 && id[0] == method && path.ends_with(&id[1..]) {
            return Some(sure(true));
        }
        // `payments_paymentPspReference_captures_post`, and with a name before it.
        if id.last() == Some(&method) && id[..id.len() - 1].ends_with(path) {
            let beside = id[..id.len() - 1 - path.len()].to_vec();
            return Some(if beside.is_empty() { sure(false) } else { Mechanical::Beside(beside) });
        }
    }
    None
}
