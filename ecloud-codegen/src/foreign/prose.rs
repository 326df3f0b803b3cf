//! What a document says in words: without signs that no text has, and cut into what is said first and the rest.

use crate::load::Node;

/// The text under a key, without blanks around it and without control characters; empty where there is none.
pub(super) fn text(node: Node<'_>, key: &str) -> String {
    node.get(key).and_then(|node| node.text().or(node.number())).map(clean).unwrap_or_default()
}

/// The first of these keys that has a text.
pub(super) fn first_of(node: Node<'_>, keys: &[&str]) -> String {
    keys.iter().map(|key| text(node, key)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A text with plain line ends and without control characters.
pub(super) fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let plain = |sign: char| if sign.is_control() && sign != '\n' { ' ' } else { sign };
    let plain: String = lines.chars().map(plain).collect();
    plain.trim().to_owned()
}

/// The first sentence of a text, in one line, and what comes behind it. All of a first paragraph where no sentence ends in it.
pub(super) fn split(text: &str) -> (String, String) {
    let text = text.trim();
    let paragraph = text.find("\n\n").unwrap_or(text.len());
    let head = &text[..paragraph];
    let end = sentence_end(head).unwrap_or(paragraph);
    let line = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    (line, text[end..].trim().to_owned())
}

/// Words with a capital at their beginning.
pub(super) fn sentence(words: &str) -> String {
    let mut signs = words.chars();
    let first = signs.next().into_iter().flat_map(char::to_uppercase);
    first.chain(signs).collect()
}

/// Where the first sentence ends. A dot that no blank and capital follow ends none: `e.g. this`, `1.5`.
fn sentence_end(text: &str) -> Option<usize> {
    for (index, sign) in text.char_indices() {
        if matches!(sign, '。' | '！' | '？') {
            return Some(index + sign.len_utf8());
        }
        if !matches!(sign, '.' | '!' | '?') {
            continue;
        }
        let rest = &text[index + 1..];
        let next = rest.trim_start();
        let begins = next.chars().next().is_none_or(|sign| !sign.is_lowercase() && !sign.is_ascii_punctuation());
        let short = text[..index].ends_with("e.g") || text[..index].ends_with("i.e");
        if rest.starts_with(char::is_whitespace) && begins && !short {
            return Some(index + 1);
        }
    }
    None
}

/// What a text says about a deprecation: the first sentence that tells it or what to use instead; empty if none does.
pub(super) fn deprecation(text: &str) -> String {
    let mut rest = text.to_owned();
    while !rest.is_empty() {
        let (sentence, tail) = split(&rest);
        let lower = sentence.to_lowercase();
        if ["deprecated", "use ", "instead", "superseded", "replaced by"].iter().any(|word| lower.contains(word)) {
            return sentence;
        }
        // Each turn takes something off, or it would not end.
        if tail.len() >= rest.len() {
            break;
        }
        rest = tail;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_behind_its_first_sentence() {
        for (text, first, rest) in [
            ("One order. It has lines.", "One order.", "It has lines."),
            ("One\norder, e.g. a big one. Or none", "One order, e.g. a big one.", "Or none"),
            ("Version 1.5 of it", "Version 1.5 of it", ""),
            ("No end\n\nBut more", "No end", "But more"),
            ("一个订单。更多", "一个订单。", "更多"),
            ("", "", ""),
        ] {
            assert_eq!(split(text), (first.to_owned(), rest.to_owned()));
        }
    }

    #[test]
    fn control_characters_are_no_text() {
        assert_eq!(clean(" a\r\nb\rc\td\u{7} "), "a\nb c d");
    }

    #[test]
    fn the_sentence_about_a_deprecation_is_found() {
        assert_eq!(deprecation("Gets it. Use `GET /v2` instead. Or not."), "Use `GET /v2` instead.");
        assert_eq!(deprecation("Gets it."), "");
    }
}
