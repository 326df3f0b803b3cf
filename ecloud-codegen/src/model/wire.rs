//! How a call goes over the wire: where its parameters stand, how its body is written, what answers it.

use super::Ty;
use crate::json::Json;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

impl Location {
    /// The word for it in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// How a value that isn't one plain text is written into a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A plain value; a list as one pair a value.
    Plain,
    /// A list as one value, joined by commas.
    Comma,
    /// A list as one value, joined by blanks.
    Space,
    /// A list as one value, joined by bars.
    Pipe,
    /// A list as one value, joined by tabs.
    Tab,
    /// An object as one pair a property.
    Form,
    /// An object as one value: names and values joined by commas.
    FormComma,
    /// An object as `name[property]` pairs.
    Deep,
    /// JSON text.
    Json,
}

/// A parameter in the path, the query, a header or a cookie.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name on the wire.
    pub wire: String,
    /// Its name as argument, field and setter.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// How its value is written.
    pub style: Style,
    /// Whether a call needs it.
    pub required: bool,
    /// Whether it's a list of values, given one by one.
    pub repeated: bool,
    /// The type of one value.
    pub ty: Ty,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// What it means.
    pub doc: String,
    /// A value as it may occur.
    pub example: Option<String>,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its name as argument or setter.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// How it is written.
    pub media: Media,
    /// Its media type: `application/json`.
    pub content_type: String,
    /// Whether a call needs it.
    pub required: bool,
    /// A body as it may occur.
    pub example: Option<Json>,
}

/// How a request's body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// As JSON.
    Json,
    /// As a form in one line, with the styles of those properties that have one.
    Form(Vec<(String, FormStyle)>),
    /// As a form in parts.
    Multipart,
    /// As the text that it is.
    Text,
    /// As the bytes that they are.
    Bytes,
}

/// How a property that is no plain value is written into a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormStyle {
    /// A list as one pair a value.
    Repeat,
    /// A list as one pair a value, with `[]` behind the name.
    Brackets,
    /// A list as one pair a value, with the index in brackets behind the name.
    Indexed,
    /// A list as one value, joined by commas.
    Comma,
    /// A list as one value, joined by blanks.
    Space,
    /// A list as one value, joined by bars.
    Pipe,
    /// An object, or objects in a list, as pairs with the way in brackets behind the name.
    Deep,
    /// JSON text.
    Json,
}

/// What a success answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing, or nothing that the document describes.
    Nothing,
    /// JSON.
    Json(Ty),
    /// JSON, or nothing.
    Maybe(Ty),
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// One of several, by status: a model of [`Shape::Answers`](super::Shape::Answers).
    ByStatus(String),
}

impl Output {
    /// The type of the value that is read, if it's of one type.
    pub fn ty(&self) -> Option<&Ty> {
        match self {
            Self::Json(ty) | Self::Maybe(ty) => Some(ty),
            _ => None,
        }
    }

    /// The model that it is, or holds.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::ByStatus(model) => Some(model),
            _ => self.ty()?.model(),
        }
    }
}

/// The body of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The status as the document has it: `404`, `4XX`, `default`.
    pub status: String,
    /// The type of its body, if it has one that is described.
    pub ty: Option<Ty>,
    /// When it comes; may be empty.
    pub doc: String,
}

/// An error code that an operation answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The code: `trade.order_not_found`.
    pub code: String,
    /// The HTTP status that comes with it.
    pub status: u16,
    /// When it comes.
    pub when: String,
}
