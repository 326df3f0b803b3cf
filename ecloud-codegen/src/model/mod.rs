//! Stage 3, model: what the document says about the API, as plain data with all names chosen.
//!
//! Nothing here knows OpenAPI any more, and nothing knows Rust's syntax yet. [`Domain`] prints itself readably, which is what
//! `ecloud-codegen model` shows.

mod event;
pub(crate) mod graph;
pub(crate) mod home;
mod keywords;
mod operation;
mod page;
mod place;
mod print;
mod read;
mod schema;
mod shape;
mod states;
mod steps;
mod wire;

pub use read::{domain, identifiers};
pub use shape::{
    Case, Cause, Enum, Field, Kind, Look, Model, Page, Position, Presence, Shape, States, Struct, Transition, Ty,
    Union, Value, Variant,
};
pub use states::check as check_states;
pub use steps::Steps;
pub use wire::{Body, ErrorCode, Failure, FormStyle, Location, Media, Output, Parameter, Style};

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
    /// What the platform tells by itself, in the document's order.
    pub events: Vec<Event>,
    /// The models that no resource has for itself.
    pub shared: Vec<Model>,
    /// The package that the crate is published as: `ecloud-trade`.
    pub package: String,
    /// What only a platform of its own has; `None` for a domain of the ecloud platform.
    pub platform: Option<Platform>,
    /// Whether its examples run, in the sandbox's shop of examples; otherwise they are compiled only.
    pub examples_run: bool,
}

/// A platform that isn't ours: where it is, and what proves to it who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// Where its servers are, the first one first.
    pub servers: Vec<Server>,
    /// What can prove who calls.
    pub schemes: Vec<SecurityScheme>,
    /// Whether each resource is a cargo feature of its own.
    pub features: bool,
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
    /// What else it is searched for as.
    pub aliases: Vec<String>,
    /// Its operations in the document's order.
    pub operations: Vec<Operation>,
    /// The models that only its operations reach, in the document's order.
    pub models: Vec<Model>,
}

/// Something that the platform tells by itself: one variant of the domain's enum of events.
#[derive(Clone, Debug)]
pub struct Event {
    /// The type's name on the wire: `trade.order.paid`.
    pub event_type: String,
    /// The variant: `OrderPaid`.
    pub variant: String,
    /// The resource that it belongs to: `orders`.
    pub resource: String,
    /// What sort of object it is about: `order`.
    pub kind: String,
    /// The property of the data that names the object, on the wire: `order_id`.
    pub id: String,
    /// When it is sent, in one line.
    pub summary: String,
    /// What a receiver should know besides; may be empty.
    pub description: String,
    /// Whether the document advises against it.
    pub deprecated: bool,
    /// The model of its data.
    pub data: String,
    /// A whole body as it may come.
    pub example: Option<Json>,
    /// Where the document describes it.
    pub place: Place,
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
    /// What else it is searched for as.
    pub aliases: Vec<String>,
    /// What else has to be called after it, where it only begins something.
    pub steps: Option<Steps>,
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
    /// The module of the events, where there are any.
    pub const EVENTS: &'static str = "events";

    /// Whether each resource is a cargo feature of its own.
    pub fn has_features(&self) -> bool {
        self.platform.as_ref().is_some_and(|platform| platform.features)
    }

    /// The type of its events: `TradeEvent`.
    pub fn event_type(&self) -> String {
        format!("{}Event", self.handle)
    }

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
