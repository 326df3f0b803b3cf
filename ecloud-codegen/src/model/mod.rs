//! Stage 3, model: what the document says about the API, as plain data with all names chosen.
//!
//! Nothing here knows OpenAPI any more, and nothing knows Rust's syntax yet. [`Domain`] prints itself readably, which is what
//! `ecloud-codegen model` shows.

pub(crate) mod graph;
mod keywords;
mod operation;
mod page;
mod place;
mod print;
mod read;
mod schema;
mod states;

pub use read::{domain, identifiers};
pub use states::check as check_states;

use crate::json::Json;
use crate::problem::Place;

/// One document: one domain of the API, one crate.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The domain as the platform calls it: `trade`.
    pub name: String,
    /// The type of the root handle: `Trade`.
    pub handle: String,
    /// The document by folder and name: `api/trade.yaml`.
    pub source: String,
    /// The document's title.
    pub title: String,
    /// The version of the API.
    pub version: String,
    /// What the domain is about, in one line; may be empty.
    pub summary: String,
    /// What a user should know about it; may be empty.
    pub description: String,
    /// The resources in the document's order.
    pub resources: Vec<Resource>,
    /// The models that no resource has for itself.
    pub shared: Vec<Model>,
    /// The package that the crate is published as: `ecloud-trade`.
    pub package: String,
    /// What only a platform of its own has; `None` for a domain of the ecloud platform.
    pub platform: Option<Platform>,
}

/// A platform that isn't ours: where it is, and what proves to it who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// Where its servers are, the first one first.
    pub servers: Vec<Server>,
    /// What can prove who calls.
    pub schemes: Vec<SecurityScheme>,
}

/// An address of a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address, with the base path and without a slash at its end; variables have their defaults.
    pub url: String,
    /// What is there; may be empty.
    pub doc: String,
}

/// Something that proves who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name in the document.
    pub name: String,
    /// What it is.
    pub kind: SchemeKind,
    /// What a user should know about it; may be empty.
    pub doc: String,
}

/// What a security scheme is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// A bearer token: HTTP bearer, OAuth 2, OpenID Connect.
    Bearer,
    /// User and password.
    Basic,
    /// A key in a header, the query or a cookie, under this name.
    ApiKey(Location, String),
}

/// A resource: one module, one handle.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The tag of its operations: `orders`.
    pub name: String,
    /// The module: `orders`.
    pub module: String,
    /// The type of the handle: `Orders`.
    pub handle: String,
    /// What it is, in one line.
    pub summary: String,
    /// What a user should know about it; may be empty.
    pub description: String,
    /// Its operations in the document's order.
    pub operations: Vec<Operation>,
    /// The models that only its operations reach, in the document's order.
    pub models: Vec<Model>,
}

/// One operation: one method of the handle, one type.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The document's own id: `getOrder`.
    pub operation_id: String,
    /// The id in errors and traces: `trade.orders.get`.
    pub id: String,
    /// The type: `GetOrder`.
    pub type_name: String,
    /// The method on the handle: `get`.
    pub method: String,
    /// The HTTP method.
    pub verb: Verb,
    /// The path template.
    pub path: String,
    /// What it does, in one line.
    pub summary: String,
    /// What a caller should know besides; may be empty.
    pub description: String,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// What the document says to use instead; may be empty.
    pub deprecation: String,
    /// Whether it acts for a shop.
    pub shop: bool,
    /// The scope that a token must have.
    pub scope: Option<String>,
    /// The roles that may call it.
    pub roles: Vec<String>,
    /// What it costs, where calls are counted.
    pub quota: Option<Quota>,
    /// Whether a failed attempt may be made again.
    pub retry: Retry,
    /// The header for the idempotency key, where it isn't the protocol's own.
    pub idempotency_header: Option<String>,
    /// How it pages, if it's a list.
    pub page: Option<Paging>,
    /// What proves who calls: alternatives, each of schemes (indices into the platform's) that are needed together. `None` where nothing
    /// is said.
    pub security: Option<Vec<Vec<usize>>>,
    /// Path parameters in the order of the path, then the others in the document's order.
    pub parameters: Vec<Parameter>,
    /// The request's body.
    pub body: Option<Body>,
    /// The status of a success; of the first, where there are several.
    pub status: u16,
    /// What a success answers with.
    pub output: Output,
    /// The media type asked for, where it isn't `application/json`.
    pub accept: Option<String>,
    /// The operation's own error codes in the document's order.
    pub errors: Vec<ErrorCode>,
    /// The bodies of failures by status, in the document's order.
    pub failures: Vec<Failure>,
    /// Where the document describes it.
    pub place: Place,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
    /// OPTIONS
    Options,
    /// TRACE
    Trace,
}

impl Verb {
    /// All methods, with the key that OpenAPI has for each.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Get, "get"),
        (Self::Head, "head"),
        (Self::Post, "post"),
        (Self::Put, "put"),
        (Self::Patch, "patch"),
        (Self::Delete, "delete"),
        (Self::Options, "options"),
        (Self::Trace, "trace"),
    ];

    /// The method as it goes over the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }

    /// Whether it changes nothing on the platform.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }
}

/// What a call costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The quota group whose bucket pays.
    pub group: String,
    /// How many tokens.
    pub weight: u32,
}

/// Whether a failed attempt may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It changes nothing, so always.
    Safe,
    /// It carries an idempotency key, so always under the same key.
    Keyed,
    /// Only when it's certain that the platform never saw it.
    Never,
}

impl Retry {
    /// What an HTTP method means by itself.
    pub fn of(verb: Verb) -> Self {
        if verb.is_read() { Self::Safe } else { Self::Keyed }
    }

    /// The word for it in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Keyed => "keyed",
            Self::Never => "never",
        }
    }
}

/// How a list is read page by page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageStyle {
    /// By an opaque cursor.
    Cursor,
    /// By page number.
    Number,
    /// By page number within a window of time, newest change first.
    Changes,
    /// By the number of items before it.
    Offset,
    /// By the next page's address in the `Link` header (RFC 8288).
    Link,
    /// By the next page's address in the answer.
    Url,
}

impl PageStyle {
    /// The word for it in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Number => "number",
            Self::Changes => "changes",
            Self::Offset => "offset",
            Self::Link => "link",
            Self::Url => "url",
        }
    }
}

/// How an operation's list is asked for, page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The style.
    pub style: PageStyle,
    /// The query parameter that names the page, its number or its offset; `None` for the protocol's own, and where an address names it.
    pub parameter: Option<String>,
    /// The query parameter that says how many items a page holds.
    pub size: Option<String>,
    /// The number of the first page.
    pub first: u32,
}

impl Paging {
    /// The protocol's own way of a style.
    pub fn of(style: PageStyle) -> Self {
        Self { style, parameter: None, size: None, first: 1 }
    }
}

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
    /// One of several, by status: a model of [`Shape::Answers`].
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

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A text.
    Text,
    /// A boolean.
    Bool,
    /// A signed integer of 32 bits.
    I32,
    /// A signed integer of 64 bits.
    I64,
    /// An unsigned integer of 32 bits.
    U32,
    /// An unsigned integer of 64 bits.
    U64,
    /// A floating-point number.
    F64,
    /// A moment.
    Timestamp,
    /// An amount of money.
    Money,
    /// An identifier that all domains share.
    Id(String),
    /// A personal datum of a kind.
    Sensitive(Kind),
    /// A text that no log shows: a password, the number of a card.
    Secret,
    /// A file, part of a form.
    File,
    /// Any JSON.
    Json,
    /// A list.
    List(Box<Ty>),
    /// A map from texts.
    Map(Box<Ty>),
    /// A model of the domain.
    Model(String),
}

impl Ty {
    /// The model that it is, or holds.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Model(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.model(),
            _ => None,
        }
    }

    /// The identifier that it is, or holds.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.id(),
            _ => None,
        }
    }
}

/// The kind of a personal datum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person's name.
    Name,
    /// A telephone number.
    Phone,
    /// A postal address.
    Address,
    /// An e-mail address.
    Email,
    /// The number of an identity document.
    IdNumber,
    /// The number of a bank account.
    BankAccount,
}

impl Kind {
    /// All kinds, with the word that documents have for each.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Name, "name"),
        (Self::Phone, "phone"),
        (Self::Address, "address"),
        (Self::Email, "email"),
        (Self::IdNumber, "id_number"),
        (Self::BankAccount, "bank_account"),
    ];
}

/// A schema with a name: a type of its own.
#[derive(Clone, Debug)]
pub struct Model {
    /// The type's name.
    pub name: String,
    /// What it is; may be empty.
    pub doc: String,
    /// What it's made of.
    pub shape: Shape,
    /// Where the document describes it.
    pub place: Place,
}

/// What a model is made of.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Fields.
    Struct(Struct),
    /// One of some texts, or one that isn't known yet.
    Enum(Enum),
    /// One of some types, or something that isn't known yet.
    Union(Union),
    /// What an operation answers with, by status.
    Answers(Vec<Case>),
}

/// A model that is one of some types.
#[derive(Clone, Debug)]
pub struct Union {
    /// The property that tells the variants apart, if there is one; else their shapes do.
    pub tag: Option<String>,
    /// The variants in the document's order.
    pub variants: Vec<Variant>,
}

/// One of the types that a union can be.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The variant's name.
    pub name: String,
    /// What it is; may be empty.
    pub doc: String,
    /// Its type.
    pub ty: Ty,
    /// The values of the tag that stand for it, the one to write first; none without a tag.
    pub tags: Vec<String>,
    /// What it looks like.
    pub look: Look,
}

/// What the JSON of a type looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// A string; with these values, if it's one of some.
    Text(Vec<String>),
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A list.
    List,
    /// An object.
    Object {
        /// The properties that it may have.
        known: Vec<String>,
        /// The properties that it always has.
        required: Vec<String>,
        /// The properties that always have one of these values.
        constants: Vec<(String, Vec<String>)>,
    },
    /// Anything.
    Any,
}

/// What an operation answers with under one status.
#[derive(Clone, Debug)]
pub struct Case {
    /// The variant's name.
    pub name: String,
    /// The status; 2 for all that begin with it (`2XX`), 0 for every other (`default`).
    pub status: u16,
    /// When it comes; may be empty.
    pub doc: String,
    /// What comes; never by status again.
    pub output: Output,
}

/// A model with fields.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The fields in the document's order.
    pub fields: Vec<Field>,
    /// Whether a request's body holds it, so that callers make it.
    pub input: bool,
    /// The type of properties that have no name in the document, where it says that there are such; with the name of their field.
    pub additional: Option<(String, Ty)>,
    /// How it is a page, if it is one.
    pub page: Option<Page>,
}

/// A field of a model.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name on the wire.
    pub wire: String,
    /// Its name in the struct.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// Its type.
    pub ty: Ty,
    /// Whether it's always there, or may be absent, or null.
    pub presence: Presence,
    /// The only value that the document allows.
    pub constant: Option<String>,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// Whether it lies behind a pointer, since the model would else contain itself.
    pub boxed: bool,
    /// A value as it may occur.
    pub example: Option<String>,
}

impl Field {
    /// Whether callers who make the model have to say it.
    pub fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required | Presence::RequiredOrNull)
    }
}

/// Whether a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// Always, but it may be null.
    RequiredOrNull,
    /// Absent or there. Null is read as absent.
    Optional,
    /// Absent, null or there, which is three different things to an update.
    OptionalOrNull,
    /// A list or map that is empty when it is absent.
    Empty,
}

/// How a model is a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it says about where it stands.
    pub position: Position,
    /// The way to its items, by the names of fields; empty where the model is the list.
    pub items: Vec<String>,
    /// The type of an item.
    pub item: Ty,
}

/// What a page says about where it stands; ways by the names of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The cursor of the next page.
    Cursor(Vec<String>),
    /// Its number, its size, and how many items there are in all: the protocol's own.
    Number,
    /// The next page's address.
    Url(Vec<String>),
    /// Whether more follow.
    More(Vec<String>),
    /// How many items there are in all.
    Total(Vec<String>),
    /// Nothing.
    Open,
}

/// A model that is one of some texts.
#[derive(Clone, Debug)]
pub struct Enum {
    /// The values in the document's order.
    pub values: Vec<Value>,
    /// The state machine that the values are the states of.
    pub states: Option<States>,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct Value {
    /// The value on the wire.
    pub wire: String,
    /// The variant.
    pub variant: String,
    /// What it means.
    pub doc: String,
}

/// A state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct States {
    /// The states that an object begins in.
    pub initial: Vec<String>,
    /// The states that nothing leads out of.
    pub terminal: Vec<String>,
    /// The ways from state to state, in the document's order.
    pub transitions: Vec<Transition>,
    /// Where the document describes it.
    pub place: Place,
}

/// One way from some states to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The states that it leads out of.
    pub from: Vec<String>,
    /// What makes it happen.
    pub cause: Cause,
    /// The states that it may lead to.
    pub to: Vec<String>,
    /// The code that an operation answers with in any other state.
    pub otherwise: Option<String>,
}

/// What makes a transition happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An operation of any domain, by its `operationId`.
    Operation(String),
    /// Something that no operation does.
    Event(String),
}

/// An identifier that all domains share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The type's name.
    pub name: String,
    /// What it identifies.
    pub doc: String,
}

impl Domain {
    /// The module of the models that no resource has for itself.
    pub const SHARED: &'static str = "types";

    /// All operations, each with its resource.
    pub fn operations(&self) -> impl Iterator<Item = (&Resource, &Operation)> {
        self.resources
            .iter()
            .flat_map(|resource| resource.operations.iter().map(move |operation| (resource, operation)))
    }

    /// A model by its name, with the module that it stands in.
    pub fn model(&self, name: &str) -> Option<(&str, &Model)> {
        self.models().find(|(_, model)| model.name == name)
    }

    /// All models, each with the module that it stands in.
    pub fn models(&self) -> impl Iterator<Item = (&str, &Model)> {
        let own = self
            .resources
            .iter()
            .flat_map(|resource| resource.models.iter().map(move |model| (resource.module.as_str(), model)));
        own.chain(self.shared.iter().map(|model| (Self::SHARED, model)))
    }
}
