//! YAML: the events of the parser become the tree.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::Limits;
use super::builder::{Builder, Step};
use super::tree::{Document, Value};
use crate::problem::Problems;

/// Reads the one document of a YAML text.
pub(super) fn read(text: &str, name: &str, limits: &Limits) -> Result<Document, Problems> {
    let mut reader =
        Reader { builder: Builder::new(name, limits), anchors: HashMap::new(), open: Vec::new(), documents: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let reason = format!("is not valid YAML: {}", error.info());
            *reader.builder.problem(error.marker().line(), reason)
        })?;
        reader.take(event, span).map_err(|problem| *problem)?;
    }
    reader.builder.finish()
}

struct Reader {
    builder: Builder,
    /// The node of each anchor, once it is whole.
    anchors: HashMap<usize, u32>,
    /// The lists and maps that are open, each with its anchor.
    open: Vec<(usize, u32)>,
    documents: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) -> Step<()> {
        let line = span.start.line();
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.builder.problem(line, "a second document begins in the same file"));
                }
            }
            Event::Scalar(text, ..) if self.builder.awaits_key() => self.builder.key(text.into_owned()),
            Event::Scalar(text, style, anchor, _) => {
                let value = match style {
                    ScalarStyle::Plain => plain(&text),
                    _ => Value::Text(text.into_owned()),
                };
                let index = self.builder.value(value, line)?;
                self.anchors.insert(anchor, index);
            }
            Event::SequenceStart(anchor, _) => {
                let index = self.builder.begin(Value::List(Vec::new()), line)?;
                self.open.push((anchor, index));
            }
            Event::MappingStart(anchor, _) => {
                let index = self.builder.begin(Value::Map(Vec::new()), line)?;
                self.open.push((anchor, index));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.builder.end()?;
                self.anchors.extend(self.open.pop());
            }
            Event::Alias(anchor) => self.alias(anchor, line)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Step<()> {
        let Some(&source) = self.anchors.get(&anchor) else {
            return Err(self.builder.problem(line, "an alias stands inside the node that it names"));
        };
        if !self.builder.awaits_key() {
            return self.builder.copy(source, line);
        }
        match self.builder.text(source).map(str::to_owned) {
            Some(key) => self.builder.key(key),
            None => return Err(self.builder.problem(line, "a key must be a string")),
        }
        Ok(())
    }
}

/// A plain scalar by YAML's core schema.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(text.to_owned()),
    }
}

/// Whether the text is a number that JSON can write: no octal, no infinity, no leading zero or plus sign.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|part| digits(part.strip_prefix(['+', '-']).unwrap_or(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Sort;

    fn document(text: &str) -> Document {
        read(text, "test.yaml", &Limits::default()).expect("a document")
    }

    fn refusal(text: &str) -> String {
        let problems = read(text, "test.yaml", &Limits::default()).expect_err("a refusal");
        problems.to_string()
    }

    #[test]
    fn a_node_knows_its_line_and_pointer() {
        let document = document("a:\n  - b/c:\n      d~: 1\n");
        let node = document.at("/a/0/b~1c/d~0").expect("the node");
        assert_eq!(node.number(), Some("1"));
        assert_eq!(node.place().to_string(), "test.yaml:3: #/a/0/b~1c/d~0");
    }

    #[test]
    fn flow_style_is_read_alike() {
        let document = document("{a: [1, true, ~, \"x\"]}");
        let sorts: Vec<Sort> = document.at("/a").expect("the list").items().map(|node| node.sort()).collect();
        assert_eq!(sorts, [Sort::Number, Sort::Bool, Sort::Null, Sort::Text]);
    }

    #[test]
    fn only_what_json_can_write_is_a_number() {
        for text in ["0", "-1", "12.5", "1e9", "1.5E-3"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["01", "+1", "1.", ".5", "0x1f", "1_000", "2024-01-01", ".inf", "-"] {
            assert!(!is_number(text), "{text}");
        }
    }

    #[test]
    fn an_alias_is_a_copy_with_a_pointer_of_its_own() {
        let document = document("a: &x {b: 1}\nc: *x\n");
        let node = document.at("/c/b").expect("the copy");
        assert_eq!(node.pointer(), "/c/b");
        assert_eq!(node.number(), Some("1"));
    }

    #[test]
    fn an_alias_bomb_is_refused_before_it_expands() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let below = level - 1;
            let row = vec![format!("*a{below}"); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{row}]\n"));
        }
        assert!(refusal(&text).contains("aliases expand to more than 100000 nodes"));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_with_both_lines() {
        let text = refusal("a:\n  b: 1\n  c: 2\n  b: 3\n");
        assert_eq!(text, "test.yaml:4: #/a: the key `b` stands twice, first on line 2");
    }

    #[test]
    fn truncated_input_is_refused_with_its_line() {
        assert!(refusal("a:\n  - [1, 2\n").starts_with("test.yaml:"));
        assert_eq!(refusal(""), "test.yaml: is empty");
    }

    #[test]
    fn depth_is_bounded_in_both_styles() {
        let flow = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(refusal(&flow).contains("nested deeper than 128 levels"));
        let block: String = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert!(refusal(&block).contains("nested deeper than 128 levels"));
    }
}
