//! YAML whose text goes on in a line that isn't indented enough: in quotes, or in brackets.
//!
//! The specification wants each line of a value further in than its key; most parsers don't, so many documents aren't written so:
//!
//! ```yaml
//! required: [
//!   id
//! ]
//! ```
//!
//! Blanks at the beginning of such a line mean nothing, so more of them change nothing but that it can be read.

/// What is open at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// A text in double quotes.
    Double,
    /// A text in single quotes.
    Single,
}

/// Where a line stands that others belong to.
struct Scan {
    quote: Option<Open>,
    /// How many lists and maps in brackets are open.
    brackets: usize,
    /// How far in the lines are that go on with a value in quotes or brackets.
    inside: usize,
    /// The column that the lines of a literal or folded text are further in than.
    block: Option<usize>,
    /// The column that the further lines of a text without quotes are further in than.
    plain: Option<usize>,
}

/// The text with all lines indented that go on with a value in quotes or brackets; nothing where there is no such line.
pub(super) fn mend(text: &str) -> Option<String> {
    let mut scan = Scan { quote: None, brackets: 0, inside: 0, block: None, plain: None };
    let mut mended = String::with_capacity(text.len());
    let mut changed = false;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let goes_on = scan.quote.is_some() || scan.brackets > 0;
        if goes_on && indent < scan.inside && !line.trim().is_empty() {
            mended.extend(std::iter::repeat_n(' ', scan.inside - indent));
            changed = true;
        }
        mended.push_str(line);
        scan.line(line.trim_end(), indent);
    }
    changed.then_some(mended)
}

impl Scan {
    fn line(&mut self, line: &str, indent: usize) {
        let goes_on = self.quote.is_some() || self.brackets > 0;
        if !goes_on {
            if line.trim().is_empty() {
                return;
            }
            if self.block.is_some_and(|column| indent > column) {
                return;
            }
            self.block = None;
            let is_text = self.plain.take().is_some_and(|column| indent > column);
            if is_text && key_end(&line[indent..]).is_none() && !line[indent..].starts_with("- ") {
                self.plain = Some(indent.saturating_sub(1));
                return;
            }
            self.begin(line, indent);
            return;
        }
        self.value(line);
    }

    /// A line that begins with dashes and a key, or with a value.
    fn begin(&mut self, line: &str, indent: usize) {
        let mut column = indent;
        let mut rest = &line[indent..];
        while let Some(behind) = rest.strip_prefix("- ") {
            let item = behind.trim_start();
            column += rest.len() - item.len();
            rest = item;
        }
        // What belongs to a value is further in than its key, or than its dash.
        let mut parent = if column > indent { column - 1 } else { indent };
        if let Some(end) = key_end(rest) {
            parent = column;
            rest = rest[end..].trim_start();
        }
        // Tags and anchors stand before a value.
        while rest.starts_with(['&', '!']) {
            rest = rest.split_once(' ').map_or("", |(_, behind)| behind.trim_start());
        }
        match rest.chars().next() {
            Some('|' | '>') => self.block = Some(parent),
            Some('"' | '\'' | '[' | '{') => {
                self.inside = parent + 1;
                self.value(rest);
            }
            Some('#') | None => {}
            Some(_) => self.plain = Some(parent),
        }
    }

    /// A value in quotes or brackets, or what follows of it.
    fn value(&mut self, text: &str) {
        let mut signs = text.char_indices().peekable();
        // Whether a quote would begin a text here, and not stand within one.
        let mut begins = true;
        while let Some((at, sign)) = signs.next() {
            match (self.quote, sign) {
                (Some(Open::Double), '\\') => {
                    signs.next();
                }
                (Some(Open::Double), '"') => self.quote = None,
                (Some(Open::Single), '\'') => match signs.peek() {
                    Some((_, '\'')) => {
                        signs.next();
                    }
                    _ => self.quote = None,
                },
                (Some(_), _) => {}
                (None, '"') if begins => self.quote = Some(Open::Double),
                (None, '\'') if begins => self.quote = Some(Open::Single),
                (None, '[' | '{') => self.brackets += 1,
                (None, ']' | '}') => self.brackets = self.brackets.saturating_sub(1),
                (None, '#') if at == 0 || text[..at].ends_with([' ', '\t']) => return,
                (None, _) => {}
            }
            begins = self.quote.is_none() && matches!(sign, '[' | '{' | ',' | ':' | ' ');
            if self.quote.is_none() && self.brackets == 0 {
                // A value in quotes and brackets ends with them.
                return;
            }
        }
    }
}

/// Where the value begins behind a key at the beginning of a text, if there is one.
fn key_end(text: &str) -> Option<usize> {
    let quoted = text.chars().next().filter(|sign| matches!(sign, '"' | '\''));
    let from = match quoted {
        Some(quote) => 1 + text[1..].find(quote)? + 1,
        None => 0,
    };
    let colon = from + text[from..].find(':')?;
    let is_key = quoted.is_none() || text[from..colon].trim().is_empty();
    let behind = &text[colon + 1..];
    match behind.chars().next() {
        None | Some(' ' | '\t') if is_key => Some(colon + 1),
        // A colon within the key: `urn:x: value`.
        Some(_) if quoted.is_none() => {
            let next = text[colon + 1..].find(": ").or_else(|| text.ends_with(':').then(|| behind.len() - 1))?;
            Some(colon + 1 + next + 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Limits, yaml};

    /// The document as it prints itself, mended if it has to be.
    fn read(text: &str) -> String {
        let mended = mend(text).unwrap_or_else(|| text.to_owned());
        let document = yaml::read(&mended, "test.yaml", &Limits::default());
        let document = document.unwrap_or_else(|problems| panic!("{problems}\n{mended}"));
        crate::json::Json::of(document.root()).pretty().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_bracket_may_close_under_its_key() {
        assert_eq!(
            read("a:\n  b: [\n    1,\n    2\n  ]\n  c: {\n  d: [x]\n  }\n"),
            read("a: {b: [1, 2], c: {d: [x]}}\n")
        );
        assert_eq!(read("a:\n  - [\n  1\n  ]\n"), read("a: [[1]]\n"));
    }

    #[test]
    fn a_text_in_quotes_may_go_on_anywhere() {
        let text = "a:\n  b: \"one\n two \\\" three\n\nfour\"\n  c: 'it''s\nso'\n";
        assert_eq!(read(text), read("a: {b: \"one two \\\" three\\nfour\", c: \"it's so\"}\n"));
    }

    #[test]
    fn texts_that_only_look_like_that_stay() {
        let text = "a: it's [one\n  \"of those\nb: |\n  [\n  \"\nc: >-\n  it's\n   \"so\n- d: don't # \"no\n";
        assert_eq!(mend(text), None);
    }

    #[test]
    fn what_is_further_in_already_stays() {
        assert_eq!(mend("a: [\n  1\n  ]\nb: \"x\n  y\"\n"), None);
    }
}
