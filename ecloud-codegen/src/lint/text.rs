//! Descriptions and summaries.

use super::Lint;
use crate::load::Node;

/// A description has to be there and be sentences.
pub(super) fn description<'a>(lint: &mut Lint<'a>, node: Node<'a>, what: &str) {
    // A reference may stand without: what it leads to has one.
    let described = node.get("description").or_else(|| lint.follow(node).get("description"));
    match described.and_then(Node::text) {
        Some(text) => sentences(lint, node, "its description", text),
        None => lint.wrong(node, format!("{what} has no description")),
    }
}

/// A summary has to be there and be one sentence.
pub(super) fn summary<'a>(lint: &mut Lint<'a>, node: Node<'a>, what: &str) {
    match node.get("summary").and_then(Node::text) {
        Some(text) => {
            sentences(lint, node, "its summary", text);
            if text.trim_end_matches('.').contains(". ") {
                lint.wrong(node, "its summary is more than one sentence");
            }
        }
        None => lint.wrong(node, format!("{what} has no summary")),
    }
}

/// Sentences begin with a capital, a figure or code, and end with a full stop.
pub(super) fn sentences(lint: &mut Lint<'_>, node: Node<'_>, what: &str, text: &str) {
    let text = text.trim();
    if !text.ends_with(['.', ')', ':', '|', '`']) {
        lint.wrong(node, format!("{what} doesn't end with a full stop"));
    }
    if text.starts_with(|first: char| first.is_ascii_lowercase()) {
        lint.wrong(node, format!("{what} begins with a small letter"));
    }
}
