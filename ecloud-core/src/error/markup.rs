//! What an error may show of XML: the names of elements, and the texts of harmless ones.

/// Whether a text is XML, broken off perhaps. HTML is no data: it is a gateway's page, and its words say what went wrong.
pub(super) fn is_xml(text: &str) -> bool {
    let Some(tag) = text.trim_start_matches('\u{feff}').trim_start().strip_prefix('<') else { return false };
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '!').unwrap_or(tag.len());
    let (name, after) = tag.split_at(end);
    let is_page = name.eq_ignore_ascii_case("!doctype") && after.trim_start().get(..4).is_some_and(is_html);
    !is_page && !HTML.iter().any(|html| name.eq_ignore_ascii_case(html))
}

/// What pages begin with, whole ones and those of lazy gateways.
const HTML: [&str; 12] = ["html", "head", "title", "body", "center", "div", "h1", "h2", "h3", "p", "pre", "b"];

fn is_html(word: &str) -> bool {
    word.eq_ignore_ascii_case("html")
}

/// Hides the texts of elements unless `is_shown` knows their names, all attributes, comments and instructions. The text may be cut off or broken
/// anywhere.
pub(super) fn hide_texts(text: &str, is_shown: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut show = |piece: &str| shown.push_str(piece);
    // The element that was begun last, until anything ends: what stands behind an end may belong to any.
    let mut name = "";
    let mut rest = text;
    while !rest.is_empty() {
        let (content, markup) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        show(if content.trim().is_empty() || is_shown(name) { content } else { HIDDEN });
        rest = if let Some(comment) = markup.strip_prefix("<!--") {
            behind(comment, "-->")
        } else if let Some(data) = markup.strip_prefix("<![CDATA[") {
            let after = behind(data, "]]>");
            let data = &data[..data.len() - after.len()];
            show(if is_shown(name) { data.strip_suffix("]]>").unwrap_or(data) } else { HIDDEN });
            after
        } else if let Some(instruction) = markup.strip_prefix("<?") {
            behind(instruction, "?>")
        } else if let Some(tag) = markup.strip_prefix('<') {
            let Some(end) = end_of_tag(tag) else {
                show("<…");
                break;
            };
            let tag = &tag[..end];
            let called = tag.split([' ', '\t', '\r', '\n', '/']).find(|piece| !piece.is_empty()).unwrap_or_default();
            name = if tag.starts_with(['/', '!']) || tag.ends_with('/') { "" } else { called };
            show(if tag.starts_with('/') { "</" } else { "<" });
            show(if called.chars().all(is_of_name) { called } else { HIDDEN });
            show(if tag.ends_with('/') { "/>" } else { ">" });
            &markup[end + 2..]
        } else {
            ""
        };
    }
    shown
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '!')
}

const HIDDEN: &str = "…";

/// What stands behind an end; nothing where it doesn't come.
fn behind<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, after)| after)
}

/// Where a tag ends: at the first `>` that isn't quoted.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::excerpt::excerpt;

    #[test]
    fn the_texts_of_elements_are_hidden_but_those_of_harmless_ones() {
        let body = r#"<?xml version="1.0"?><error><code>x.y</code><message>call 13800138000</message><receiver><name>张伟</name>
            <phone a="x>13800138001">13800138002<!--秘密--></phone><email><![CDATA[zhang@example.com]]></email></receiver>李四</error>"#;
        let shown = excerpt(body.as_bytes());
        for hidden in ["张伟", "13800138", "秘密", "zhang", "李四"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(
            shown.starts_with("<error><code>x.y</code><message>call 138****8000</message><receiver><name>…</name>"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_cut_off_or_broken_is_hidden_too() {
        for (body, shown) in [
            ("<Order><name>张", "<Order><name>…"),
            ("<Order><name phone='138", "<Order><…"),
            ("<Order><![CDATA[张", "<Order>…"),
            ("<message><b>x</b>张</message>", "<message><b>…</b>…</message>"),
            ("<message/>张", "<message/>…"),
            ("\u{feff} <Order>张</Order>", "…<Order>…</Order>"),
            ("<!DOCTYPE a [<!ENTITY b '张'>]><a>&b;</a>", "<!DOCTYPE>…<a>…</a>"),
        ] {
            assert_eq!(excerpt(body.as_bytes()).replace('\u{feff}', "…"), shown, "{body}");
        }
    }

    #[test]
    fn a_page_of_html_stays_readable() {
        assert_eq!(excerpt(b"<!DOCTYPE html><p>502 Bad Gateway"), "<!DOCTYPE html><p>502 Bad Gateway");
        assert_eq!(excerpt(b"<HTML>\n502"), "<HTML> 502");
        assert_eq!(excerpt(b"<h1>Welcome</h1>"), "<h1>Welcome</h1>");
        assert_eq!(excerpt(b"<!DOCTYPE htm"), "<…");
    }

    proptest! {
        #[test]
        fn no_markup_makes_it_panic_and_no_text_gets_through(text in "[<>/!?'\"a \\[\\]\\-张]{0,60}") {
            let shown = excerpt(format!("<Order>{text}</Order>").as_bytes());
            let tags: String = shown.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text)).collect();
            prop_assert!(!tags.contains('张'), "{}", shown);
        }
    }
}
