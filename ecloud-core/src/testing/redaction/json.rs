//! JSON as it is recorded: byte for byte, but for the values that are replaced. What is cut off or broken is read as far as it goes.

use super::{Meaning, Place, Redactor};

/// How deep JSON may stand in texts of JSON; what lies deeper is hidden.
const NESTED: usize = 4;

impl Redactor {
    /// A JSON text as it is recorded.
    pub(in crate::testing) fn json(&self, text: &str) -> String {
        self.json_in(Place::TOP, text, NESTED)
    }

    /// A text value as it is recorded; it may hold JSON itself.
    pub(in crate::testing) fn string(&self, place: Place, value: &str) -> String {
        self.string_in(place, value, NESTED)
    }

    fn string_in(&self, place: Place, value: &str, nested: usize) -> String {
        let is_json = value.trim_start().starts_with(['{', '[']);
        match nested.checked_sub(1) {
            Some(left) if is_json && !place.hides(value) => self.json_in(place, value, left),
            None if is_json => self.placeholder(value),
            _ => self.value(place, value).into_owned(),
        }
    }

    fn json_in(&self, top: Place, text: &str, nested: usize) -> String {
        let mut writer = Writer { redactor: self, nested, top, place: top, open: Vec::new(), written: String::new() };
        writer.written.reserve(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            rest = writer.token(rest);
        }
        writer.written
    }

    /// A number as it is recorded: long ones may be anybody's, unless they are times or amounts.
    pub(in crate::testing) fn number(&self, place: Place, number: &str) -> String {
        let is_long = number.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count() >= 11;
        let may_be_personal = is_long && place.meaning != Meaning::Measure;
        if place.hides(number) || may_be_personal { self.number_placeholder(number) } else { number.to_owned() }
    }
}

/// Writes one JSON text.
struct Writer<'a> {
    redactor: &'a Redactor,
    nested: usize,
    top: Place,
    /// What the next value stands under.
    place: Place,
    /// What is open around it: whether it is an object, and what that stands under itself.
    open: Vec<(bool, Place)>,
    written: String,
}

impl Writer<'_> {
    /// Writes one token, and gives what follows.
    fn token<'t>(&mut self, text: &'t str) -> &'t str {
        let length = match text.as_bytes()[0] {
            b'"' => return self.string(text),
            sign @ (b'{' | b'[') => {
                self.open.push((sign == b'{', self.place));
                1
            }
            sign @ (b'}' | b']' | b',') => {
                if sign != b',' {
                    self.open.pop();
                }
                self.place = self.around();
                1
            }
            b':' => 1,
            sign if sign.is_ascii_whitespace() => 1,
            _ => return self.word(text),
        };
        let (token, rest) = text.split_at(length);
        self.written.push_str(token);
        rest
    }

    /// What the members or elements that are being read stand under.
    fn around(&self) -> Place {
        self.open.last().map_or(self.top, |(_, place)| *place)
    }

    /// Writes a string: a member's name, or a value.
    fn string<'t>(&mut self, text: &'t str) -> &'t str {
        let (quoted, rest) = text.split_at(string_length(text));
        let value = unquoted(quoted);
        let is_name = self.open.last().is_some_and(|(is_object, _)| *is_object) && rest.trim_start().starts_with(':');
        let replaced = if is_name {
            self.place = self.redactor.under(self.around(), &value);
            self.redactor.text(&value).into_owned()
        } else {
            self.redactor.string_in(self.place, &value, self.nested)
        };
        if value == replaced {
            self.written.push_str(quoted);
        } else {
            self.written.push_str(&serde_json::Value::String(replaced).to_string());
        }
        rest
    }

    /// Writes a number, a literal, or what is no JSON at all.
    fn word<'t>(&mut self, text: &'t str) -> &'t str {
        let end = text.find(|sign: char| sign.is_ascii_whitespace() || "{}[],:\"".contains(sign));
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let is_number = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        match word {
            "true" | "false" | "null" => self.written.push_str(word),
            _ if is_number => self.written.push_str(&self.redactor.number(self.place, word)),
            _ => self.written.push_str(&self.redactor.value(self.place, word)),
        }
        rest
    }
}

/// How long the string is that a text begins with, quotes included; all of the text where it isn't closed.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What a string says; of a broken one its characters as they stand.
fn unquoted(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| {
        let inner = &quoted[1..];
        inner.strip_suffix('"').unwrap_or(inner).to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn redactor() -> Redactor {
        Redactor::new(b"salt")
    }

    #[test]
    fn values_are_hidden_by_their_names_and_all_else_stays_byte_for_byte() {
        let redactor = redactor();
        let body =
            r#"{ "order_id":"T1001", "total": 1.50, "receiver":{"name":"张伟","city":"北京"}, "tags":["a","b"] }"#;
        let name = redactor.placeholder("张伟");
        assert_eq!(redactor.json(body), body.replace("张伟", &name));
    }

    #[test]
    fn lists_objects_numbers_and_nested_json_are_gone_through() {
        let body = r#"{"phones":["13800138000",5551234],"address":{"street":"a","country_code":"CN","since":"2026-11-22T08:30:00.000Z"},
            "payload":"{\"password\":\"hunter2\",\"n\":1}","id":13800138000,"created_time":1795336200000,"13800138000":true}"#;
        let written = redactor().json(body);
        for hidden in ["13800138000", "5551234", "\"a\"", "hunter2"] {
            assert!(!written.contains(hidden), "{hidden} in {written}");
        }
        for kept in ["\"CN\"", "2026-11-22T08:30:00.000Z", "1795336200000", ":true", r#"\"n\":1"#] {
            assert!(written.contains(kept), "{kept} in {written}");
        }
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["id"].to_string(), read["phones"][0].as_str().unwrap(), "one value, as a number and as a text");
    }

    #[test]
    fn neither_escapes_nor_breaks_let_a_value_through() {
        for body in [
            r#"{"passw\u006frd":"hunter2"}"#,
            r#"{"password":"hunter2"#,
            r#"{"password":hunter2}"#,
            r#"[{"password":["hunter2"#,
            r#"{"password":"hunter2\ud800"}"#,
        ] {
            let written = redactor().json(body);
            assert!(!written.contains("hunter2"), "{written}");
        }
    }

    #[test]
    fn a_value_that_was_hidden_is_hidden_in_other_places_too() {
        let redactor = redactor();
        redactor.json(r#"{"receiver":{"name":"欧阳"},"user_name":"Zhang Wei"}"#);
        let written = redactor.json(r#"{"title":"给欧阳","text":"Zhang Wei, not XZhang Weis"}"#);
        assert!(!written.contains("欧阳") && written.contains("not XZhang Weis"), "{written}");
        assert!(written.contains(&redactor.placeholder("Zhang Wei")), "{written}");
    }

    #[test]
    fn what_is_nested_too_deep_is_hidden() {
        let mut body = r#"{"planted":1}"#.to_owned();
        for _ in 0..6 {
            body = serde_json::json!({ "x": body }).to_string();
        }
        let written = redactor().json(&body);
        assert!(!written.contains("planted"), "{written}");
    }

    proptest! {
        #[test]
        fn json_stays_json(text in "[\"\\\\{}:,\\[\\]a-z0-9张.e -]{0,60}") {
            let written = redactor().json(&text);
            if serde_json::from_str::<Value>(&text).is_ok() {
                prop_assert!(serde_json::from_str::<Value>(&written).is_ok(), "{}", written);
            }
        }

        #[test]
        fn nothing_that_is_planted_is_written_wherever_it_is_and_wherever_the_text_ends(
            around in proptest::collection::vec(prop_oneof![Just(""), Just("order"), Just("items"), Just("x-y")], 0..5),
            name in "access_token|clientSecret|phone|receiver_name|Address|bankCardNo|id_card|memo|buyer",
            value in "planted|13800138000|plan\"ted|张planted",
            is_pretty in any::<bool>(),
            end in 0.0..=1.0,
        ) {
            let mut body = serde_json::json!({ name: value, "status": "paid" });
            for name in around {
                body = if name.is_empty() { serde_json::json!([1, body]) } else { serde_json::json!({ name: body }) };
            }
            let text = if is_pretty { serde_json::to_string_pretty(&body).unwrap() } else { body.to_string() };
            let end = (0..=(text.len() as f64 * end) as usize).rfind(|end| text.is_char_boundary(*end)).unwrap();
            let written = redactor().json(&text[..end]);
            prop_assert!(!["plan", "13800", "张"].iter().any(|planted| written.contains(planted)), "{}", written);
        }
    }
}
