//! From text to elements: what quick-xml lets pass and a document of this protocol must not have is refused here.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error as TokenError, IllFormedError};
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::chars::{is_blank, is_char, is_name, trim};
use super::error::Error;
use super::limits;

/// The elements of a document. It holds no text of its own but where references were resolved.
pub(super) struct Tree<'a> {
    elements: Vec<Element<'a>>,
    /// The children of all elements, each element's together, by name and then in the document's order.
    children: Vec<u32>,
    root: u32,
}

/// An element: it has a text or children, never both.
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    pub(super) text: Cow<'a, str>,
    first: u32,
    count: u32,
}

impl<'a> Tree<'a> {
    /// Reads a document.
    pub(super) fn read(text: &'a str) -> Result<Self, Error> {
        let skipped = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
        if let Some((at, _)) =
            text[skipped..].char_indices().find(|(at, c)| !is_char(*c) || *at == 0 && *c == '\u{feff}')
        {
            return Err(Error::text(skipped + at, "a character that XML can't carry"));
        }
        let mut reader = Reader::from_str(&text[skipped..]);
        let config = reader.config_mut();
        config.check_comments = true;
        config.expand_empty_elements = true;
        let mut growing = Growing { whole: text, ..Growing::default() };
        loop {
            // The position is behind the last token, and so at the beginning of the next.
            let at = skipped + usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            match reader.read_event() {
                Ok(Event::Eof) => return growing.finish(text.len()),
                Ok(event) => growing.take(event, at, at == skipped)?,
                Err(error) => return Err(Error::text(at, reason(&error))),
            }
        }
    }

    /// The root, as a list of one.
    pub(super) fn root(&self) -> &[u32] {
        std::slice::from_ref(&self.root)
    }

    pub(super) fn element(&self, index: u32) -> &Element<'a> {
        &self.elements[index as usize]
    }

    /// An element's children, by name and then in the document's order.
    pub(super) fn children(&self, element: &Element<'_>) -> &[u32] {
        &self.children[element.first as usize..][..element.count as usize]
    }
}

/// A document while it is read.
#[derive(Default)]
struct Growing<'a> {
    whole: &'a str,
    elements: Vec<Element<'a>>,
    children: Vec<u32>,
    open: Vec<Open<'a>>,
    /// The children of all open elements, innermost last.
    pending: Vec<u32>,
    root: Option<u32>,
}

/// An element whose end didn't come yet.
struct Open<'a> {
    index: u32,
    text: Cow<'a, str>,
    /// Where its children begin among the pending ones.
    first: usize,
}

impl<'a> Growing<'a> {
    fn take(&mut self, event: Event<'a>, at: usize, is_first: bool) -> Result<(), Error> {
        match event {
            Event::Start(start) => self.begin(&start, at),
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                if text.contains("]]>") {
                    return Err(Error::text(at, "`]]>` in a text"));
                }
                self.text(text, at)
            }
            Event::CData(text) => {
                if self.open.is_empty() {
                    return Err(Error::text(at, OUTSIDE));
                }
                self.text(text.xml10_content(), at)
            }
            Event::GeneralRef(reference) => {
                if self.open.is_empty() {
                    return Err(Error::text(at, OUTSIDE));
                }
                let text = resolve(&reference).map_err(|reason| Error::text(at, reason))?;
                self.text(text, at)
            }
            Event::Comment(_) => Ok(()),
            Event::Decl(declaration) if is_first => check(&declaration).map_err(|reason| Error::text(at, reason)),
            Event::Decl(_) => Err(Error::text(at, "an XML declaration that isn't at the beginning")),
            Event::PI(_) => Err(Error::text(at, "a processing instruction")),
            Event::DocType(_) => Err(Error::text(at, "a document type definition")),
            // Never told: empty elements are expanded, and the end is known to who asks.
            Event::Empty(_) | Event::Eof => Ok(()),
        }
    }

    fn begin(&mut self, start: &BytesStart<'a>, at: usize) -> Result<(), Error> {
        let refused = |reason: &'static str| Err(Error::text(at, reason));
        // What the tokenizer hands out lives as long as the token; the name stands behind the token's first byte.
        let end = at + 1 + start.name().into_inner().len();
        let Some(name) = self.whole.get(at + 1..end).filter(|name| is_name(name)) else {
            return refused("an element without a proper name");
        };
        check_attributes(start).or_else(refused)?;
        if self.open.len() == limits::DEPTH {
            return Err(Error::text(at, format!("elements nested deeper than {}", limits::DEPTH)));
        }
        if self.elements.len() == limits::ELEMENTS {
            return Err(Error::text(at, format!("more than {} elements", limits::ELEMENTS)));
        }
        let index = self.elements.len() as u32;
        match self.open.last_mut() {
            None if self.root.is_some() => return refused("a second root element"),
            None => self.root = Some(index),
            Some(parent) if !is_blank(&parent.text) => return refused(MIXED),
            Some(parent) => {
                parent.text = Cow::Borrowed("");
                self.pending.push(index);
            }
        }
        self.elements.push(Element { name, text: Cow::Borrowed(""), first: 0, count: 0 });
        self.open.push(Open { index, text: Cow::Borrowed(""), first: self.pending.len() });
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>, at: usize) -> Result<(), Error> {
        match self.open.last_mut() {
            None if is_blank(&text) => Ok(()),
            None => Err(Error::text(at, OUTSIDE)),
            Some(element) if self.pending.len() > element.first => {
                if is_blank(&text) {
                    Ok(())
                } else {
                    Err(Error::text(at, MIXED))
                }
            }
            Some(element) if element.text.is_empty() => {
                element.text = text;
                Ok(())
            }
            Some(element) => {
                element.text.to_mut().push_str(&text);
                Ok(())
            }
        }
    }

    fn end(&mut self) {
        let Some(Open { index, text, first }) = self.open.pop() else { return };
        let elements = &mut self.elements;
        // A stable sort: items of a list stay in their order, wherever they stood.
        self.pending[first..].sort_by_key(|child| elements[*child as usize].name);
        let element = &mut elements[index as usize];
        element.first = self.children.len() as u32;
        element.count = (self.pending.len() - first) as u32;
        element.text = text;
        self.children.extend(self.pending.drain(first..));
    }

    fn finish(self, end: usize) -> Result<Tree<'a>, Error> {
        match self.root {
            Some(root) if self.open.is_empty() => Ok(Tree { elements: self.elements, children: self.children, root }),
            _ => Err(Error::text(end, "it ends too early")),
        }
    }
}

const MIXED: &str = "text where elements should be";
const MALFORMED: &str = "an XML declaration that isn't well formed";
const OUTSIDE: &str = "text outside of the root element";

/// Namespaces and hints for other programs are passed over, but they have to be well formed.
fn check_attributes(start: &BytesStart<'_>) -> Result<(), &'static str> {
    let mut count = 0;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| "an attribute that isn't well formed")?;
        count += 1;
        if count > limits::ATTRIBUTES {
            return Err("an element with too many attributes");
        }
        if !is_name(attribute.key.into_inner()) || attribute.value.contains('<') {
            return Err("an attribute that isn't well formed");
        }
        let mut rest = &*attribute.value;
        while let Some((_, after)) = rest.split_once('&') {
            let (name, after) = after.split_once(';').ok_or("an attribute that isn't well formed")?;
            resolve(&BytesRef::new(name))?;
            rest = after;
        }
    }
    Ok(())
}

/// The character that a reference stands for: by its number, or one of the five that XML knows by itself.
fn resolve(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, &'static str> {
    let name = reference.borrow().into_inner();
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix('x') {
            Some(digits) => {
                digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16))
            }
            None => number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse()),
        };
        let character = number.and_then(Result::ok).and_then(char::from_u32).filter(|character| is_char(*character));
        return character
            .map(|character| Cow::Owned(character.to_string()))
            .ok_or("a reference to a character that XML can't carry");
    }
    match &*name {
        "amp" => Ok(Cow::Borrowed("&")),
        "lt" => Ok(Cow::Borrowed("<")),
        "gt" => Ok(Cow::Borrowed(">")),
        "apos" => Ok(Cow::Borrowed("'")),
        "quot" => Ok(Cow::Borrowed("\"")),
        _ => Err("a reference to an entity that isn't defined"),
    }
}

/// XML 1.0 in UTF-8.
fn check(declaration: &BytesDecl<'_>) -> Result<(), &'static str> {
    if !matches!(declaration.version().as_deref(), Ok("1.0")) {
        return Err("another version than XML 1.0");
    }
    // What it may say is a short list, in this order (XML 1.0, 2.8); anything else might be meant as an encoding.
    let mut known = ["version", "encoding", "standalone"].into_iter();
    for attribute in BytesStart::from_content(&**declaration, "xml".len()).attributes() {
        let attribute = attribute.map_err(|_| MALFORMED)?;
        if !known.any(|name| name == attribute.key.into_inner()) {
            return Err(MALFORMED);
        }
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if trim(&encoding).eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err("another encoding than UTF-8"),
    }
}

/// What the tokenizer refuses, without what stood there.
fn reason(error: &TokenError) -> &'static str {
    match error {
        TokenError::Syntax(_) => "it breaks off",
        TokenError::IllFormed(ill) => match ill {
            IllFormedError::MismatchedEndTag { .. } => "an end tag that doesn't match its start tag",
            IllFormedError::UnmatchedEndTag(_) => "an end tag without a start tag",
            IllFormedError::DoubleHyphenInComment => "`--` in a comment",
            IllFormedError::UnclosedReference => "a `&` that begins no reference",
            _ => "it isn't well formed",
        },
        _ => "it isn't well formed",
    }
}
