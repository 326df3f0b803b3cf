//! Media types: which of them are understood, and which is chosen where there are several.

use crate::load::Node;

/// What is written in a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON, or what is taken for it.
    Json,
    /// A form in parts.
    Multipart,
    /// A form in one line.
    Form,
    /// Text.
    Text,
    /// XML, which is read and written as the text that it is.
    Xml,
    /// Anything else.
    Bytes,
}

/// A media type of a document with what it says about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Media<'a> {
    /// The media type as the document has it.
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    /// What holds the schema.
    pub(super) node: Node<'a>,
}

impl Kind {
    /// What a media type is, if the text is one.
    pub(super) fn of(name: &str) -> Option<Self> {
        let bare = bare(name);
        let (main, sub) = bare.split_once('/')?;
        Some(match (main, sub) {
            (_, "json") | ("*", "*") | ("application", "*") => Self::Json,
            (_, sub) if sub.ends_with("+json") || sub == "x-json" || sub == "json-patch" => Self::Json,
            ("multipart", _) => Self::Multipart,
            (_, "x-www-form-urlencoded") => Self::Form,
            (_, sub) if sub == "xml" || sub.ends_with("+xml") && main != "image" => Self::Xml,
            ("text", _) => Self::Text,
            (_, "graphql" | "javascript" | "jsonl" | "ndjson" | "x-ndjson" | "yaml" | "x-yaml" | "csv") => Self::Text,
            _ => Self::Bytes,
        })
    }
}

/// A media type without parameters, in lower case.
pub(super) fn bare(name: &str) -> String {
    name.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// The media types of a `content`; what is no media type is left out.
pub(super) fn of<'a>(content: Node<'a>) -> Vec<Media<'a>> {
    let each = content.pairs().filter_map(|(name, node)| Some(Media { name, kind: Kind::of(name)?, node }));
    each.collect()
}

/// The media type that a request is written in, if one of several is to be chosen: the place of the best.
pub(super) fn of_request(names: &[&str]) -> Option<usize> {
    best(names, |kind, name| match kind {
        Kind::Json => json_rank(name),
        Kind::Multipart => 10,
        Kind::Form => 11,
        Kind::Text => 12,
        Kind::Bytes => 13,
        Kind::Xml => 14,
    })
}

/// The media type that an answer is read in: JSON, else bytes where there is anything but text.
pub(super) fn of_answer(names: &[&str]) -> Option<usize> {
    best(names, |kind, name| match kind {
        Kind::Json => json_rank(name),
        Kind::Bytes | Kind::Multipart | Kind::Form => 10,
        Kind::Text => 11,
        Kind::Xml => 12,
    })
}

fn best(names: &[&str], rank: impl Fn(Kind, &str) -> u8) -> Option<usize> {
    let ranked = names.iter().enumerate().filter_map(|(index, name)| Some((rank(Kind::of(name)?, name), index)));
    ranked.min().map(|(_, index)| index)
}

fn json_rank(name: &str) -> u8 {
    match bare(name).as_str() {
        "application/json" => 0,
        bare if bare.contains('*') => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_many_names() {
        for name in
            ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json", "*/*", "text/json"]
        {
            assert_eq!(Kind::of(name), Some(Kind::Json), "{name}");
        }
        assert_eq!(Kind::of("image/svg+xml"), Some(Kind::Bytes));
        assert_eq!(Kind::of("required"), None);
    }

    #[test]
    fn plain_json_is_chosen_before_all() {
        let names = ["text/plain", "*/*", "application/hal+json", "application/json", "multipart/form-data"];
        assert_eq!(of_request(&names), Some(3));
        assert_eq!(of_request(&names[..3]), Some(2));
        assert_eq!(of_request(&["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]), Some(2));
        assert_eq!(of_answer(&["text/plain", "application/pdf"]), Some(1));
        assert_eq!(of_answer(&["required"]), None);
    }
}
