//! Section 4: XML to JSON and back, as the schemas of the descriptions say.
//!
//! It shares nothing with the client's codec, so that each is checked against the protocol and not against the other.
//!
//! | module | what it does |
//! |---|---|
//! | `tree` | the text of a request to elements, refusing what isn't data |
//! | `read` | elements to JSON, by schema |
//! | `write` | JSON to text, by schema |

mod read;
mod tree;
mod write;

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};

pub(crate) use read::read;
pub(crate) use write::{write, write_error};

use crate::protocol::media::essence;

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Json,
    Xml,
}

impl Format {
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// What the answer is to be, as far as that can be told: a refusal may come before `accept` is checked.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        Self::named(headers, &ACCEPT)
    }

    /// What the body says it is.
    pub(crate) fn of_body(headers: &HeaderMap) -> Self {
        Self::named(headers, &CONTENT_TYPE)
    }

    fn named(headers: &HeaderMap, name: &http::HeaderName) -> Self {
        if essence(headers, name).as_deref() == Some("application/xml") { Self::Xml } else { Self::Json }
    }
}

/// Whether XML 1.0 can carry a character.
fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{read, write};
    use crate::description::Shapes;
    use crate::dice::Dice;

    /// A document with a map, which none of the descriptions has.
    const SCHEMAS: &str = r#"{"Box": {"type": "object", "required": ["sizes"], "properties": {
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "sizes": {"type": "array", "items": {"type": "number"}},
        "note": {"type": "string"}, "fragile": {"type": "boolean"}}}}"#;

    fn shapes() -> (Value, Shapes) {
        (json!({"$ref": "#/schemas/Box"}), Shapes::new(serde_json::from_str(SCHEMAS).unwrap()))
    }

    #[test]
    fn maps_are_entries_in_both_directions() {
        let (schema, shapes) = shapes();
        let value = json!({"labels": {"": 1, "a & b": -2}, "sizes": [1.5, 2.0], "fragile": true});
        let text = write(&value, &schema, &shapes).unwrap();
        let labels = "<labels><entry><key></key><value>1</value></entry><entry><key>a &amp; b</key><value>-2</value></entry></labels>";
        assert!(
            text.ends_with(&format!("<Box><fragile>true</fragile>{labels}<sizes>1.5</sizes><sizes>2.0</sizes></Box>")),
            "{text}"
        );
        assert_eq!(read(text.as_bytes(), &schema, &shapes), Ok(value));
        for entries in [
            "<entry><value>1</value></entry>",
            "<entry><key/><key/></entry>",
            "<entry><key/><value>1</value><x/></entry>",
            "<x><key/></x>",
            "<entry><key/></entry><entry><key/></entry>",
        ] {
            let text = format!("<Box><labels>{entries}</labels></Box>");
            assert!(read(text.as_bytes(), &schema, &shapes).is_err(), "{text}");
        }
    }

    #[test]
    fn what_xml_cannot_carry_is_named_by_its_path() {
        let (schema, shapes) = shapes();
        for (value, said) in [
            (json!({"sizes": [1, null]}), "sizes[1]: null or a list inside of a list"),
            (json!({"sizes": [[1]]}), "sizes[0]: null or a list inside of a list"),
            (json!({"note": "\u{0}"}), "note: a character that XML can't carry"),
            (json!({"labels": {"\u{b}": 1}}), "labels.\u{b}: a character that XML can't carry"),
        ] {
            assert_eq!(write(&value, &schema, &shapes).unwrap_err(), said);
        }
    }

    #[test]
    fn no_arrangement_of_markup_makes_the_reader_panic() {
        const PIECES: [&str; 24] = [
            "<Box>",
            "</Box>",
            "<labels>",
            "</labels>",
            "<entry>",
            "</entry>",
            "<key>",
            "</key>",
            "<value/>",
            "<sizes>",
            "1",
            "</sizes>",
            "<note>",
            "</note>",
            "&amp;",
            "&#x;",
            "&",
            ";",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "<",
            "张",
        ];
        let (schema, shapes) = shapes();
        let mut dice = Dice::for_purpose(1, "markup");
        for _ in 0..2_000 {
            let length = dice.next() % 30;
            let text: String = (0..length).map(|_| PIECES[(dice.next() % 24) as usize]).collect();
            let _ = read(text.as_bytes(), &schema, &shapes);
            let _ = read(format!("<Box>{text}</Box>").as_bytes(), &schema, &shapes);
        }
    }
}
