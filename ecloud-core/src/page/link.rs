//! The `Link` header (RFC 8288).

use http::{HeaderMap, header};

/// The target of the relation `next`, as it stands in the headers.
pub(super) fn next(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok()).find_map(next_of)
}

fn next_of(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        let (target, tail) = rest.split_once('<')?.1.split_once('>')?;
        let (parameters, following) = parameters(tail);
        if parameters.iter().any(|(name, value)| name.eq_ignore_ascii_case("rel") && is_next(value)) {
            return Some(target);
        }
        rest = following;
    }
}

/// A relation is a list of words.
fn is_next(relations: &str) -> bool {
    relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
}

/// The parameters of a link, and what follows after its comma. A comma within quotes is none.
fn parameters(text: &str) -> (Vec<(&str, &str)>, &str) {
    let mut parameters = Vec::new();
    let mut rest = text.trim_start();
    while let Some(tail) = rest.strip_prefix(';') {
        let end = tail.find(['=', ';', ',']).unwrap_or(tail.len());
        let name = tail[..end].trim();
        rest = &tail[end..];
        if let Some(value) = rest.strip_prefix('=') {
            let value = value.trim_start();
            let (value, tail) = match value.strip_prefix('"') {
                Some(quoted) => unquoted(quoted),
                None => value.split_at(value.find([';', ',']).unwrap_or(value.len())),
            };
            parameters.push((name, value.trim()));
            rest = tail.trim_start();
        }
    }
    (parameters, rest)
}

/// What stands before the closing quote, as it stands there, and what follows it. A quote behind a backslash closes nothing.
fn unquoted(text: &str) -> (&str, &str) {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or((text, ""), |end| (&text[..end], &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in r#"([<>;,= "\\\\é]|rel|next|/a){0,24}"#) {
            let next = next_of(&text);
            prop_assert!(next.is_none_or(|next| text.contains(next)));
        }
    }

    #[test]
    fn the_next_address_is_found_among_others() {
        for (value, next) in [
            (r#"<https://a/?p=2>; rel="next", <https://a/?p=9>; rel="last""#, Some("https://a/?p=2")),
            (r#"<https://a/?p=0>; rel=prev; title="a, <b>", </x?p=2>;rel="last Next""#, Some("/x?p=2")),
            (r#"<https://a>; rel="previous""#, None),
            ("<https://a", None),
            ("", None),
            (r#"<a>; title="\", <b>; rel=next"; rel=prev"#, None),
            (r#"<a>; title="\\"; rel=next"#, Some("a")),
            (r#"<a>; title="open, <b>; rel=next"#, None),
            ("<a>; rel", None),
            ("<é>; rel=next; é=\"é", Some("é")),
            ("<a>;;;,<b>; rel = next", Some("b")),
        ] {
            assert_eq!(next_of(value), next, "{value}");
        }
    }
}
