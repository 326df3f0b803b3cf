//! JSON (RFC 8259): a text becomes the tree, without recursion.

use super::Limits;
use super::builder::{Builder, Step};
use super::tree::{Document, Value};
use crate::problem::Problems;

/// Reads a JSON text.
pub(super) fn read(text: &str, name: &str, limits: &Limits) -> Result<Document, Problems> {
    let mut reader = Reader { text, at: 0, line: 1, open: Vec::new(), builder: Builder::new(name, limits) };
    reader.document().map_err(|problem| *problem)?;
    reader.builder.finish()
}

struct Reader<'a> {
    text: &'a str,
    /// How far the text is read, in bytes.
    at: usize,
    line: usize,
    /// What closes each list or map that is open.
    open: Vec<u8>,
    builder: Builder,
}

impl Reader<'_> {
    fn document(&mut self) -> Step<()> {
        loop {
            let ended = self.value()?;
            if ended && !self.go_on()? {
                break;
            }
        }
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.refuse("something stands behind the end")),
        }
    }

    /// Reads a value, or the beginning of a list or map that isn't empty; tells whether it is whole.
    fn value(&mut self) -> Step<bool> {
        let line = self.line_of_next();
        match self.peek() {
            Some(b'{') => self.begin(Value::Map(Vec::new()), b'}', line),
            Some(b'[') => self.begin(Value::List(Vec::new()), b']', line),
            Some(b'"') => {
                let text = self.string()?;
                self.builder.value(Value::Text(text), line)?;
                Ok(true)
            }
            Some(_) => {
                let value = self.word()?;
                self.builder.value(value, line)?;
                Ok(true)
            }
            None => Err(self.refuse("the text ends where a value should begin")),
        }
    }

    fn begin(&mut self, value: Value, close: u8, line: usize) -> Step<bool> {
        self.at += 1;
        self.builder.begin(value, line)?;
        self.open.push(close);
        if self.peek() == Some(close) {
            // An empty one ends at once; what ends it is found by `go_on`.
            return Ok(true);
        }
        if close == b'}' {
            self.key()?;
        }
        Ok(false)
    }

    /// Goes on behind a whole value: to the next one of its list or map, or out of those that end. Tells whether another follows.
    fn go_on(&mut self) -> Step<bool> {
        while let Some(&close) = self.open.last() {
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if close == b'}' {
                        self.key()?;
                    }
                    return Ok(true);
                }
                Some(sign) if sign == close => {
                    self.at += 1;
                    self.builder.end()?;
                    self.open.pop();
                }
                Some(_) => return Err(self.refuse("expected a comma or the end of the list or map")),
                None => return Err(self.refuse("the text ends within a list or map")),
            }
        }
        Ok(false)
    }

    fn key(&mut self) -> Step<()> {
        if self.peek() != Some(b'"') {
            return Err(self.refuse("expected a key in quotes"));
        }
        let key = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.refuse("expected a colon behind the key"));
        }
        self.at += 1;
        self.builder.key(key);
        Ok(())
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Step<Value> {
        let rest = &self.text[self.at..];
        let ends = |sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '+' | '-' | '.'));
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            number if super::yaml::is_number(number) => Value::Number(number.to_owned()),
            _ => return Err(self.refuse("expected a value")),
        };
        self.at += word.len();
        Ok(value)
    }

    /// A string, its opening quote being next.
    fn string(&mut self) -> Step<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(plain) = rest.find(|sign: char| sign == '"' || sign == '\\' || sign < ' ') else {
                return Err(self.refuse("the text ends within a string"));
            };
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(text),
                b'\\' => self.escape(&mut text)?,
                _ => return Err(self.refuse("a control character stands in a string")),
            }
        }
    }

    /// Adds what an escape stands for, its backslash being read.
    fn escape(&mut self, text: &mut String) -> Step<()> {
        let sign = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        text.push(match sign {
            Some(sign @ (b'"' | b'\\' | b'/')) => char::from(sign),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.units(text),
            _ => return Err(self.refuse("an escape that JSON doesn't have")),
        });
        Ok(())
    }

    /// Adds the character of a UTF-16 unit, or of a pair of them. A surrogate alone is no character, and is shown as such.
    fn units(&mut self, text: &mut String) -> Step<()> {
        let mut units = vec![self.unit()?];
        if (0xD800..0xDC00).contains(&units[0]) && self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            units.push(self.unit()?);
        }
        text.extend(char::decode_utf16(units).map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Ok(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Step<u16> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
            return Err(self.refuse("expected four hexadecimal digits"));
        };
        self.at += 4;
        Ok(unit)
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.text.as_bytes().get(self.at).copied()?;
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' => {}
                _ => return Some(byte),
            }
            self.at += 1;
        }
    }

    fn line_of_next(&mut self) -> usize {
        self.peek();
        self.line
    }

    fn refuse(&self, reason: &str) -> Box<crate::problem::Problem> {
        self.builder.problem(self.line, format!("is not valid JSON: {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::Sort;

    fn document(text: &str) -> Document {
        read(text, "test.json", &Limits::default()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn refusal(text: &str) -> String {
        read(text, "test.json", &Limits::default()).expect_err("a refusal").to_string()
    }

    #[test]
    fn every_sort_of_value_is_read_with_its_line() {
        let document = document("{\n\"a\": [1, -2.5e3, true, null,\n\"x\", {}, []],\n\"b\": {\"c\": false}}\n");
        let sorts: Vec<Sort> = document.at("/a").expect("the list").items().map(|node| node.sort()).collect();
        assert_eq!(sorts, [Sort::Number, Sort::Number, Sort::Bool, Sort::Null, Sort::Text, Sort::Map, Sort::List]);
        assert_eq!(document.at("/a/4").expect("the text").place().line, 3);
        assert_eq!(document.at("/b/c").expect("the value").bool(), Some(false));
    }

    #[test]
    fn escapes_are_read_and_pairs_of_surrogates_are_one_character() {
        let document = document(r#"["\u4e2d\n\/\"", "\ud83d\ude00", "\ud83d x", "\ud83d\u0041"]"#);
        let texts: Vec<_> = document.root().items().map(|node| node.text().unwrap_or_default()).collect();
        assert_eq!(texts, ["中\n/\"", "😀", "\u{FFFD} x", "\u{FFFD}A"]);
    }

    #[test]
    fn a_key_of_five_thousand_characters_is_kept() {
        let key = "k".repeat(5_000);
        assert!(document(&format!("{{\"{key}\": 1}}")).root().get(&key).is_some());
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_line() {
        for (text, reason) in [
            ("{\n\"a\": {\"b\": 1", "2: #/a: is not valid JSON: the text ends within a list or map"),
            ("[1\n2]", "2: #: is not valid JSON: expected a comma or the end of the list or map"),
            ("{a: 1}", "1: #: is not valid JSON: expected a key in quotes"),
            ("[1,]", "1: #: is not valid JSON: expected a value"),
            ("[01]", "1: #: is not valid JSON: expected a value"),
            ("[\"a", "1: #: is not valid JSON: the text ends within a string"),
            ("[\"\\x\"]", "1: #: is not valid JSON: an escape that JSON doesn't have"),
            ("[\"\\u12g4\"]", "1: #: is not valid JSON: expected four hexadecimal digits"),
            ("{} {}", "1: #: is not valid JSON: something stands behind the end"),
            ("{\"a\": 1,\n\"a\": 2}", "2: #: the key `a` stands twice, first on line 1"),
        ] {
            assert_eq!(refusal(text), format!("test.json:{reason}"), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(refusal(&"[".repeat(100_000)).contains("nested deeper than 128 levels"));
    }
}
