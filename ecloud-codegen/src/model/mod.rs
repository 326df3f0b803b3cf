//! Stage 3, model: what the document says about the API, as plain data with all names chosen.
//!
//! Nothing here knows OpenAPI any more, and nothing knows Rust's syntax yet. [`Domain`] prints itself readably, which is what
//! `ecloud-codegen model` shows.

mod graph;
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
    /// Whether it acts for a shop.
    pub shop: bool,
    /// The scope that a token must have.
    pub scope: Option<String>,
    /// The roles that may call it.
    pub roles: Vec<String>,
    /// What it costs.
    pub quota: Quota,
    /// Whether a failed attempt may be made again.
    pub retry: Retry,
    /// How it pages, if it's a list.
    pub page: Option<PageStyle>,
    /// Path parameters in the order of the path, then query parameters in the document's order.
    pub parameters: Vec<Parameter>,
    /// The request's body.
    pub body: Option<Body>,
    /// The status of a success.
    pub status: u16,
    /// The model that a success answers with.
    pub output: Option<String>,
    /// The operation's own error codes in the document's order.
    pub errors: Vec<ErrorCode>,
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
}

impl Verb {
    /// All methods, with the key that OpenAPI has for each.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Get, "get"),
        (Self::Head, "head"),
        (Self::Post, "post"),
        (Self::Put, "put"),
        (Self::Patch, "patch"),
        (Self::Delete, "delete"),
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
        }
    }

    /// Whether it changes nothing on the platform.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::Head)
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
}

impl PageStyle {
    /// The word for it in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Number => "number",
            Self::Changes => "changes",
        }
    }
}

/// A parameter in the path or the query.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name on the wire.
    pub wire: String,
    /// Its name as argument, field and setter.
    pub name: String,
    /// Whether it stands in the path; else it stands in the query.
    pub in_path: bool,
    /// Whether a call needs it.
    pub required: bool,
    /// Whether it may be given several times.
    pub repeated: bool,
    /// The type of one value.
    pub ty: Ty,
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
    /// The model.
    pub model: String,
    /// Whether a call needs it.
    pub required: bool,
    /// A body as it may occur.
    pub example: Option<Json>,
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
}

/// A model with fields.
#[derive(Clone, Debug)]
pub struct Struct {
    /// The fields in the document's order.
    pub fields: Vec<Field>,
    /// Whether a request's body holds it, so that callers make it.
    pub input: bool,
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
    /// Whether it's always there.
    pub required: bool,
    /// Whether it lies behind a pointer, since the model would else contain itself.
    pub boxed: bool,
    /// A value as it may occur.
    pub example: Option<String>,
}

/// How a model is a page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Whether it names the next page by cursor; else it counts its pages.
    pub cursor: bool,
    /// The type of an item.
    pub item: Ty,
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
    /// The package that the domain's crate is published as: `ecloud-trade`.
    pub fn package(&self) -> String {
        format!("ecloud-{}", self.name)
    }

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
