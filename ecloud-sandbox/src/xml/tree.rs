//! The text of a request to elements. Whatever isn't data is refused.

use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::is_char;

/// How deep elements may be nested.
const DEPTH: usize = 64;
/// How many elements a request may have.
const ELEMENTS: usize = 200_000;
/// How many attributes an element may have; they are passed over.
const ATTRIBUTES: usize = 32;

/// An element: a text, or children.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Node>,
}

/// The root of a document.
pub(super) fn parse(bytes: &[u8]) -> Result<Node, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with('\u{feff}') || !text.chars().all(is_char) {
        return Err("it has a character that XML can't carry");
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    reader.config_mut().expand_empty_elements = true;
    let mut document = Document::default();
    let mut is_first = true;
    loop {
        match reader.read_event().map_err(|_| "it is not well formed")? {
            Event::Eof => return document.root.filter(|_| document.open.is_empty()).ok_or("it ends too early"),
            Event::Start(start) => document.begin(&start)?,
            Event::End(_) => document.end(),
            Event::Text(text) if text.contains("]]>") => return Err("it has `]]>` in a text"),
            Event::Text(text) => document.text(&text.xml10_content())?,
            Event::CData(_) | Event::GeneralRef(_) if document.open.is_empty() => return Err(OUTSIDE),
            Event::CData(text) => document.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => document.text(&resolve(&reference.into_inner())?)?,
            Event::Decl(declaration) if is_first => check(&declaration)?,
            Event::Decl(_) => return Err("it has an XML declaration that isn't at the beginning"),
            Event::PI(_) => return Err("it has a processing instruction"),
            Event::DocType(_) => return Err("it has a document type definition"),
            Event::Comment(_) | Event::Empty(_) => {}
        }
        is_first = false;
    }
}

const OUTSIDE: &str = "it has text outside of the root element";

#[derive(Default)]
struct Document {
    open: Vec<Node>,
    root: Option<Node>,
    count: usize,
}

impl Document {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), &'static str> {
        let name = start.name().into_inner();
        let is_named = name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':')
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'));
        if !is_named {
            return Err("it has an element without a proper name");
        }
        for (count, attribute) in start.attributes().enumerate() {
            let value = attribute.map_err(|_| "it has an attribute that isn't well formed")?.value;
            if count == ATTRIBUTES {
                return Err("it has an element with too many attributes");
            }
            if value.contains('<') {
                return Err("it has an attribute that isn't well formed");
            }
            for piece in value.split('&').skip(1) {
                resolve(piece.split_once(';').ok_or("it has an attribute that isn't well formed")?.0)?;
            }
        }
        self.count += 1;
        if self.count > ELEMENTS || self.open.len() == DEPTH {
            return Err("it has too many elements, or elements nested too deep");
        }
        match self.open.last() {
            None if self.root.is_some() => return Err("it has a second root element"),
            Some(parent) if !is_blank(&parent.text) => return Err("it has text where elements should be"),
            _ => {}
        }
        self.open.push(Node { name: name.to_owned(), ..Node::default() });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), &'static str> {
        match self.open.last_mut() {
            None if is_blank(text) => Ok(()),
            None => Err(OUTSIDE),
            Some(element) if element.children.is_empty() => {
                element.text.push_str(text);
                Ok(())
            }
            Some(_) if is_blank(text) => Ok(()),
            Some(_) => Err("it has text where elements should be"),
        }
    }

    fn end(&mut self) {
        let Some(mut node) = self.open.pop() else { return };
        if !node.children.is_empty() {
            node.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
    }
}

pub(super) fn is_blank(text: &str) -> bool {
    text.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

/// The character that a reference stands for; entities of its own has nobody.
fn resolve(name: &str) -> Result<String, &'static str> {
    let known = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#').ok_or("it refers to an entity that isn't defined")?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
            // `from_str_radix` takes a sign, which a reference has not.
            let number = digits.chars().all(|c| c.is_digit(radix)).then(|| u32::from_str_radix(digits, radix).ok());
            let character = number.flatten().and_then(char::from_u32).filter(|c| is_char(*c));
            character.ok_or("it refers to a character that XML can't carry")?
        }
    };
    Ok(known.to_string())
}

fn check(declaration: &BytesDecl<'_>) -> Result<(), &'static str> {
    if !matches!(declaration.version().as_deref(), Ok("1.0")) {
        return Err("it is of another version than XML 1.0");
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err("it is in another encoding than UTF-8"),
    }
}
