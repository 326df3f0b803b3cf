//! What a schema says about a value in words: its description, and the facts about its range.

use super::prose;
use crate::load::{Node, Sort};
use crate::names;

/// The text about a value: what is said where it is used, else by its schemas, else its name; then the facts that the text leaves out.
pub(super) fn text<'a>(uses: &[Node<'a>], parts: &[Node<'a>], name: &str) -> String {
    let said = |nodes: &[Node<'a>]| {
        let texts = nodes.iter().map(|node| prose::first_of(*node, &["description", "title"]));
        texts.into_iter().find(|text| !text.is_empty())
    };
    let mut text = said(uses).or_else(|| said(parts)).unwrap_or_else(|| {
        let mut words = names::plain(name);
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
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

/// Whether the numbers of a fact stand in the text already.
fn is_said(text: &str, fact: &str) -> bool {
    let mut numbers = fact.split(|sign: char| !sign.is_ascii_digit()).filter(|number| !number.is_empty()).peekable();
    numbers.peek().is_some() && numbers.all(|number| text.contains(number))
}

fn facts(parts: &[Node<'_>]) -> Vec<String> {
    let number = |key: &str| parts.iter().find_map(|part| part.get(key)?.number());
    let mut facts = Vec::new();
    facts.extend(range(number("minimum"), number("maximum"), ""));
    facts.extend(range(number("minLength").filter(|least| *least != "0"), number("maxLength"), " characters"));
    facts.extend(range(number("minItems").filter(|least| *least != "0"), number("maxItems"), " items"));
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

fn range(least: Option<&str>, most: Option<&str>, unit: &str) -> Option<String> {
    Some(match (least, most) {
        (Some(least), Some(most)) if least == most => format!("Exactly {least}{unit}."),
        (Some(least), Some(most)) => format!("From {least} to {most}{unit}."),
        (Some(least), None) => format!("At least {least}{unit}."),
        (None, Some(most)) => format!("At most {most}{unit}."),
        (None, None) => return None,
    })
}

/// A plain value as it may occur.
pub(super) fn example(nodes: &[Node<'_>]) -> Option<String> {
    nodes.iter().find_map(|node| {
        let first = || node.get("examples")?.items().next();
        let example = node.get("example").or_else(first)?;
        example.text().or(example.number()).map(prose::clean)
    })
}
