//! What a schema says about a value in words: its description, and the facts about its range.

use super::prose;
use crate::load::{Node, Sort};
use crate::model::Ty;
use crate::names;

/// The text about a value: what is said where it is used, else by its schemas, else its name; then the facts that the text leaves out.
pub(super) fn text<'a>(uses: &[Node<'a>], parts: &[Node<'a>], name: &str) -> String {
    let said = |nodes: &[Node<'a>]| {
        let texts = nodes.iter().map(|node| prose::first_of(*node, &["description", "title"]));
        texts.into_iter().find(|text| !text.is_empty())
    };
    let mut text = said(uses).or_else(|| said(parts)).unwrap_or_else(|| {
        let words = prose::sentence(&names::plain(name));
        if words.is_empty() { String::new() } else { format!("{words}.") }
    });
    for fact in facts(parts) {
        if !is_said(&text, &fact) {
            let open = text.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '`' | ')' | '"'));
            // Behind a list or table the facts need a paragraph of their own.
            let gap = if text.contains('\n') { "\n\n" } else { " " };
            text.push_str(if open && gap == " " { "." } else { "" });
            text.push_str(if text.is_empty() { "" } else { gap });
            text.push_str(&fact);
        }
    }
    text
}

/// The text about the use of a value that is called like this. Of a model the first paragraph is enough, since it tells the rest itself.
pub(super) fn of_use<'a>(uses: &[Node<'a>], parts: &[Node<'a>], name: &str, is_model: bool) -> String {
    let own =
        |nodes: &[Node<'a>]| nodes.iter().any(|node| !prose::first_of(*node, &["description", "title"]).is_empty());
    if is_model && !own(uses) {
        let text = text(&[], parts, name);
        return text.split("\n\n").next().unwrap_or_default().to_owned();
    }
    text(uses, parts, name)
}

/// Whether the numbers of a fact stand in the text already.
fn is_said(text: &str, fact: &str) -> bool {
    let plain = text.replace(',', "");
    let said: Vec<&str> = numbers(&plain).collect();
    let mut all = numbers(fact).peekable();
    all.peek().is_some() && all.all(|number| said.contains(&number))
}

/// The numbers in a text.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !sign.is_ascii_digit()).filter(|number| !number.is_empty())
}

fn facts(parts: &[Node<'_>]) -> Vec<String> {
    let number = |key: &str| parts.iter().find_map(|part| part.get(key)?.number());
    let text = |key: &str| parts.iter().find_map(|part| part.get(key)?.text());
    let flag = |key: &str| parts.iter().any(|part| part.get(key).and_then(Node::bool) == Some(true));
    let mut facts = Vec::new();
    // Whoever chooses among values needs to know no more about them.
    let is_told = parts
        .iter()
        .any(|part| part.get("enum").is_some_and(|values| values.items().any(|value| value.text().is_some())));
    // Before 2020 a flag said whether a bound itself is out of range; since then that is a bound of its own.
    let bound = |key: &str, outside: &str| number(key).filter(|_| !flag(outside));
    let outside = |key: &str, bound: &str| number(key).or_else(|| number(bound).filter(|_| flag(key)));
    facts.extend(range(bound("minimum", "exclusiveMinimum"), bound("maximum", "exclusiveMaximum"), ""));
    facts.extend(outside("exclusiveMinimum", "minimum").map(|least| format!("More than {least}.")));
    facts.extend(outside("exclusiveMaximum", "maximum").map(|most| format!("Less than {most}.")));
    facts.extend(number("multipleOf").filter(|step| *step != "1").map(|step| format!("A multiple of {step}.")));
    if !is_told {
        facts.extend(range(number("minLength").filter(|least| *least != "0"), number("maxLength"), " characters"));
    }
    facts.extend(range(number("minItems").filter(|least| *least != "0"), number("maxItems"), " items"));
    let pattern =
        text("pattern").filter(|pattern| pattern.len() <= 60 && !pattern.contains('`') && is_printable(pattern));
    facts.extend(pattern.filter(|_| !is_told).map(|pattern| format!("Matches `{pattern}`.")));
    let numbers = parts.iter().find_map(|part| {
        let numbers: Option<Vec<&str>> = part.get("enum")?.items().map(Node::number).collect();
        numbers.filter(|numbers| (1..=20).contains(&numbers.len()))
    });
    facts.extend(numbers.map(|numbers| format!("One of {}.", numbers.join(", "))));
    let default = parts.iter().find_map(|part| part.get("default"));
    let shown = default.and_then(|node| match node.sort() {
        Sort::Text => {
            node.text().filter(|text| !text.is_empty() && text.len() <= 60 && !text.contains('`')).map(str::to_owned)
        }
        Sort::Number => node.number().map(str::to_owned),
        Sort::Bool => node.bool().map(|value| value.to_string()),
        _ => None,
    });
    facts.extend(shown.map(|shown| format!("Default: `{}`.", prose::clean(&shown))));
    facts
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn range(least: Option<&str>, most: Option<&str>, unit: &str) -> Option<String> {
    Some(match (least, most) {
        (Some(least), Some(most)) if least == most => format!("Exactly {least}{unit}."),
        (Some(least), Some(most)) => format!("From {least} to {most}{unit}."),
        (Some("1"), None) => format!("At least 1{}.", unit.trim_end_matches('s')),
        (Some(least), None) => format!("At least {least}{unit}."),
        (None, Some("1")) => format!("At most 1{}.", unit.trim_end_matches('s')),
        (None, Some(most)) => format!("At most {most}{unit}."),
        (None, None) => return None,
    })
}

/// A plain value as it may occur, if it is of the type.
pub(super) fn example(nodes: &[Node<'_>], ty: &Ty) -> Option<String> {
    let text = nodes.iter().find_map(|node| {
        let first = || node.get("examples")?.items().next();
        let example = node.get("example").or_else(first)?;
        example.text().or(example.number()).map(prose::clean)
    });
    let text = text.or_else(|| made_up(nodes))?;
    let fits = match ty {
        Ty::I32 | Ty::I64 => text.parse::<i64>().is_ok(),
        Ty::U32 | Ty::U64 => text.parse::<u64>().is_ok(),
        Ty::F64 => text.parse::<f64>().is_ok(),
        Ty::Bool | Ty::List(_) | Ty::Map(_) | Ty::Json | Ty::File => false,
        _ => true,
    };
    fits.then_some(text)
}

/// A plain value that fits where the document shows none.
fn made_up(nodes: &[Node<'_>]) -> Option<String> {
    let said = |key: &str| nodes.iter().find_map(|node| node.get(key));
    if let Some(value) = said("default").and_then(|value| value.text().or(value.number())) {
        return Some(prose::clean(value));
    }
    let format = said("format").and_then(Node::text);
    let length = |key: &str| said(key).and_then(Node::number).and_then(|number| number.parse::<usize>().ok());
    if format.is_none() && said("type").and_then(Node::text) == Some("string") && said("enum").is_none() {
        let (least, most) = (length("minLength").unwrap_or(0), length("maxLength").unwrap_or(usize::MAX));
        // What a property is called does for its value, unless the length is told.
        return (least > 1 || most < 20 || said("pattern").is_some())
            .then(|| "ABCDEFGHIJ".chars().cycle().take(least.max(3.min(most)).min(200)).collect());
    }
    let text = match format? {
        "date" => "2026-11-22",
        "date-time" => "2026-11-22T08:30:00Z",
        "email" => "buyer@example.com",
        "uri" | "url" => "https://example.com/",
        "uuid" => "5f0c8a52-3c1e-4a55-9d7c-0b1f6d2e8a41",
        _ => return None,
    };
    Some(text.to_owned())
}
