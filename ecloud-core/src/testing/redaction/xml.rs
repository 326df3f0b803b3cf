//! XML and HTML as they are recorded: byte for byte, but for the texts and attributes that are replaced.

use super::{Place, Redactor};

/// The most elements that are open in each other; deeper ones count as the deepest.
const DEEPEST: usize = 256;

impl Redactor {
    /// XML or HTML as it is recorded. What is cut off or broken is read as far as it goes.
    pub(super) fn markup(&self, text: &str) -> String {
        let mut written = String::with_capacity(text.len());
        let mut open = vec![Place::TOP];
        let mut rest = text;
        while !rest.is_empty() {
            let place = open.last().copied().unwrap_or(Place::TOP);
            let (length, closes) = match rest.strip_prefix('<') {
                None => (rest.find('<').unwrap_or(rest.len()), None),
                Some(after) if after.starts_with("![CDATA[") => (length_to(rest, "]]>"), Some("]]>")),
                Some(after) if after.starts_with("!--") => (length_to(rest, "-->"), Some("-->")),
                Some(_) => (tag_length(rest), Some(">")),
            };
            let (token, after) = rest.split_at(length);
            rest = after;
            match closes {
                None => written.push_str(&self.content(place, token)),
                Some(end @ ("]]>" | "-->")) => {
                    let start = if end == "]]>" { "<![CDATA[" } else { "<!--" };
                    let inner = token.strip_prefix(start).unwrap_or(token);
                    let (inner, end) = inner.strip_suffix(end).map_or((inner, ""), |inner| (inner, end));
                    let place = if end == "-->" { Place::TOP } else { place };
                    written.push_str(start);
                    written.push_str(&self.content(place, inner));
                    written.push_str(end);
                }
                Some(_) => self.tag(token, &mut open, &mut written),
            }
        }
        written
    }

    /// What stands between tags; the blanks around it stay.
    fn content(&self, place: Place, text: &str) -> String {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return text.to_owned();
        }
        let start = text.len() - text.trim_start().len();
        let (before, after) = (&text[..start], &text[start + trimmed.len()..]);
        let plain = unescaped(trimmed);
        let replaced = self.string(place, &plain);
        if replaced == plain { text.to_owned() } else { format!("{before}{}{after}", escaped(&replaced)) }
    }

    /// A tag: it opens an element, closes one or both, and its attributes have names, too.
    fn tag(&self, tag: &str, open: &mut Vec<Place>, written: &mut String) {
        if tag.starts_with("</") {
            if open.len() > 1 {
                open.pop();
            }
            return written.push_str(&self.text(tag));
        }
        let name =
            tag[1..].split(|sign: char| sign.is_whitespace() || matches!(sign, '/' | '>')).next().unwrap_or_default();
        let place = self.under(open.last().copied().unwrap_or(Place::TOP), name.rsplit(':').next().unwrap_or(name));
        if !tag.ends_with("/>") && !tag.starts_with("<?") && !tag.starts_with("<!") && open.len() < DEEPEST {
            open.push(place);
        }
        let mut rest = tag;
        while let Some(at) = rest.find(['"', '\'']) {
            let (before, quoted) = rest.split_at(at);
            let quote = &quoted[..1];
            let end = quoted[1..].find(quote).map_or(quoted.len(), |end| end + 1);
            let name = before.trim_end().trim_end_matches('=').trim_end().rsplit(char::is_whitespace).next();
            let name = name.unwrap_or_default();
            written.push_str(before);
            written.push_str(quote);
            written
                .push_str(&self.content(self.under(place, name.rsplit(':').next().unwrap_or(name)), &quoted[1..end]));
            rest = &quoted[end..];
            if !rest.is_empty() {
                written.push_str(quote);
                rest = &rest[1..];
            }
        }
        written.push_str(rest);
    }
}

/// How long a text is up to the end of `end`, or all of it.
fn length_to(text: &str, end: &str) -> usize {
    text.find(end).map_or(text.len(), |at| at + end.len())
}

/// How long the tag is that a text begins with; a `>` within quotes doesn't end it.
fn tag_length(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    text.len()
}

fn unescaped(text: &str) -> String {
    ["&lt;<", "&gt;>", "&quot;\"", "&apos;'", "&amp;&"].iter().fold(text.to_owned(), |text, pair| {
        let (name, sign) = pair.split_at(pair.len() - 1);
        text.replace(name, sign)
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_and_attributes_are_hidden_by_their_names() {
        let redactor = Redactor::new(b"salt");
        let body = "<?xml version=\"1.0\"?>\n<Order id='T1'><receiver><name> 张伟 </name><phone><masked>138****8000</masked></phone>\
            </receiver><note><![CDATA[leave at Zhang's]]></note><b:user phone=\"13800138000\"/><status>paid</status></Order>";
        let written = redactor.markup(body);
        for hidden in ["张伟", "138****8000", "Zhang", "13800138000"] {
            assert!(!written.contains(hidden), "{hidden} in {written}");
        }
        for kept in ["<?xml version=\"1.0\"?>\n<Order id='T1'>", "<status>paid</status></Order>", "<![CDATA[redacted-"]
        {
            assert!(written.contains(kept), "{kept} in {written}");
        }
        assert!(written.contains(&format!("<name> {} </name>", redactor.placeholder("张伟"))), "{written}");
    }

    #[test]
    fn what_is_cut_off_is_hidden_too() {
        let redactor = Redactor::new(b"salt");
        for body in ["<a><password>hunter2", "<a password=\"hunter2", "<a><password><![CDATA[hunter2"] {
            let written = redactor.markup(body);
            assert!(!written.contains("hunter2"), "{written}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_gone_through(text in "[<>/!?\\-\\[\\]a-d\"'= &;张]{0,60}") {
            Redactor::new(b"salt").markup(&text);
        }
    }
}
