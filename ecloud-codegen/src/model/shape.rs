//! The types of values, and the models that are types of their own.

use super::Output;
use crate::problem::Place;

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
    /// A value in a list or map that may be null.
    OrNull(Box<Ty>),
    /// A model of the domain.
    Model(String),
}

impl Ty {
    /// The model that it is, or holds.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Model(name) => Some(name),
            Self::List(inner) | Self::Map(inner) | Self::OrNull(inner) => inner.model(),
            _ => None,
        }
    }

    /// The identifier that it is, or holds.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(name) => Some(name),
            Self::List(inner) | Self::Map(inner) | Self::OrNull(inner) => inner.id(),
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
    /// What else it is searched for as.
    pub aliases: Vec<String>,
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
