//! The overlay: what a document doesn't say about its API, in a small YAML file beside it.
//!
//! It renames, drops and groups operations, says how they page, whether they may be made again and what they cost, and gives
//! properties the types that the document has no word for. It is read strictly: an unknown key is an error with its place, and
//! so is an entry that nothing in the document answers to ([`Overlay::unused`]).

mod read;
mod suggest;

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;

pub(crate) use read::is_package;
pub use suggest::suggest;

use crate::json::Json;
use crate::load::{self, Limits, Node};
use crate::model::{Kind, PageStyle, Quota, Retry};
use crate::problem::{Place, Problem, Problems};

/// The identifiers of the core that a property can be made (`id:OrderId`).
pub const IDENTIFIERS: &[&str] = &[
    "AccountEntryId",
    "AddressChangeId",
    "AddressId",
    "AfterSaleId",
    "BrandAuthorizationId",
    "BrandId",
    "BuyerId",
    "BuyerReviewId",
    "CarrierCode",
    "CategoryId",
    "DeliveryExceptionId",
    "FreightTemplateId",
    "InterceptionId",
    "InvoiceId",
    "ItemAuditId",
    "ItemId",
    "LedgerEntryId",
    "MediaId",
    "OrderExportId",
    "OrderId",
    "OrderLineId",
    "PaymentId",
    "PickupId",
    "PickupSlotId",
    "PriceRecordId",
    "PriceScheduleId",
    "PromotionId",
    "RefundId",
    "RefundMessageId",
    "RegionCode",
    "ReservationId",
    "ReversePickupId",
    "SelfDeliveryId",
    "SettlementId",
    "SettlementLineId",
    "ShipmentId",
    "ShopId",
    "SkuId",
    "TrackingNumber",
    "TrackingSubscriptionId",
    "UploadId",
    "WarehouseId",
    "WaybillAccountId",
    "WaybillEntryId",
    "WaybillId",
    "WaybillTemplateId",
];

/// Everything that one overlay says.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// The crate's name: `square`.
    pub name: Option<String>,
    /// The package that the crate is published as: `square-client`.
    pub package: Option<String>,
    /// The addresses of the platform, instead of the document's.
    pub servers: Vec<String>,
    operations: Entries<OperationOverlay>,
    schemas: Entries<SchemaOverlay>,
}

/// What an overlay says about one operation.
#[derive(Clone, Debug)]
pub struct OperationOverlay {
    /// Where it says so.
    pub place: Place,
    /// The method on the handle.
    pub rename: Option<String>,
    /// The resource that the operation belongs to.
    pub resource: Option<String>,
    /// Whether the crate goes without it.
    pub drop: bool,
    /// Whether a failed attempt may be made again.
    pub retry: Option<Retry>,
    /// The header for the idempotency key; says that there is one.
    pub idempotency_header: Option<String>,
    /// What a call costs.
    pub quota: Option<Quota>,
    /// How it pages.
    pub page: Option<PageOverlay>,
    /// Hints for whoever answers the calls in tests; kept as they are.
    pub sandbox: Option<Json>,
}

/// What an overlay says about the pages of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageOverlay {
    /// It is no list, whatever it looks like.
    Never,
    /// It is a list.
    Ways(Box<Ways>),
}

/// How a list is read page by page; what isn't said is guessed as without an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Where it says so.
    pub place: Place,
    /// The page style.
    pub style: PageStyle,
    /// The query parameter that names the page, its number or its offset.
    pub parameter: Option<String>,
    /// The query parameter that says how many items a page holds.
    pub size: Option<String>,
    /// The pointer of the items in the answer; empty where the answer is the list.
    pub items: Option<String>,
    /// The pointer of the next page's cursor or address in the answer.
    pub next: Option<String>,
    /// The pointer of the flag that says whether more follow.
    pub more: Option<String>,
    /// The pointer of the number of all items.
    pub total: Option<String>,
    /// The number of the first page.
    pub first: Option<u32>,
}

/// What an overlay says about one schema.
#[derive(Clone, Debug)]
pub struct SchemaOverlay {
    /// Where it says so.
    pub place: Place,
    /// The type's name.
    pub rename: Option<String>,
    /// Whether the crate goes without a type for it; what has it is any JSON.
    pub drop: bool,
    properties: Entries<PropertyOverlay>,
}

/// What an overlay says about one property.
#[derive(Clone, Debug)]
pub struct PropertyOverlay {
    /// Where it says so.
    pub place: Place,
    /// The type of its values, or of the values of a list.
    pub retype: Option<Retype>,
    /// The field's name.
    pub rename: Option<String>,
    /// Whether it's always there.
    pub required: Option<bool>,
    /// Whether it may be null.
    pub nullable: Option<bool>,
    /// Whether the model goes without it.
    pub drop: bool,
}

/// The type that a property gets instead of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retype {
    /// An amount of money: an object of `amount` in minor units and `currency`.
    Money,
    /// A decimal number as text, which loses no digit.
    Decimal,
    /// A moment.
    Timestamp,
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A boolean.
    Bool,
    /// Any JSON.
    Json,
    /// An identifier of the core, one of [`IDENTIFIERS`].
    Id(String),
    /// A text that no log shows.
    Secret,
    /// A personal datum of a kind.
    Sensitive(Kind),
}

impl Overlay {
    /// An overlay that says nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the overlay in a file.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or is no overlay; everything that is wrong with it together.
    pub fn open(path: &Path) -> Result<Self, Problems> {
        let document = load::file(path, &path.display().to_string(), &Limits::default())?;
        Self::read(document.root())
    }

    /// Reads an overlay from the root of its document.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but for the file.
    pub fn read(root: Node<'_>) -> Result<Self, Problems> {
        read::overlay(root)
    }

    /// What is said about an operation, by method and path (`GET /orders`) or else by its id.
    pub fn operation(&self, id: Option<&str>, key: &str) -> Option<&OperationOverlay> {
        self.operations.get(key).or_else(|| self.operations.get(id?))
    }

    /// What is said about a schema, by its pointer (`#/components/schemas/Order`, with or without `#`) or else by the name that the
    /// document has for it.
    pub fn schema(&self, name: Option<&str>, pointer: &str) -> Option<&SchemaOverlay> {
        self.schemas.get(pointer.strip_prefix('#').unwrap_or(pointer)).or_else(|| self.schemas.get(name?))
    }

    /// The entries that nobody has asked for, so that nothing in the document answers to them; told when the document is read.
    pub fn unused(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, place) in self.operations.unused(|operation| &operation.place) {
            problems.push(nothing(place, &format!("no operation is called `{key}`")));
        }
        for (key, place) in self.schemas.unused(|schema| &schema.place) {
            problems.push(nothing(place, &format!("no schema is called `{key}`")));
        }
        for schema in self.schemas.used().filter(|schema| !schema.drop) {
            for (key, place) in schema.properties.unused(|property| &property.place) {
                problems.push(nothing(place, &format!("the schema has no property `{key}`")));
            }
        }
        problems.sort();
        problems
    }
}

fn nothing(place: &Place, reason: &str) -> Problem {
    Problem { place: place.clone(), reason: format!("{reason} in the document") }
}

impl SchemaOverlay {
    /// What is said about a property, by its name on the wire.
    pub fn property(&self, wire: &str) -> Option<&PropertyOverlay> {
        self.properties.get(wire)
    }
}

/// Entries by key, each with whether somebody has asked for it.
#[derive(Clone, Debug)]
struct Entries<T> {
    by_key: HashMap<String, (T, Cell<bool>)>,
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { by_key: HashMap::new() }
    }
}

impl<T> Entries<T> {
    fn add(&mut self, key: String, entry: T) {
        self.by_key.insert(key, (entry, Cell::new(false)));
    }

    fn get(&self, key: &str) -> Option<&T> {
        let (entry, used) = self.by_key.get(key)?;
        used.set(true);
        Some(entry)
    }

    fn used(&self) -> impl Iterator<Item = &T> {
        self.by_key.values().filter(|(_, used)| used.get()).map(|(entry, _)| entry)
    }

    fn unused(&self, place: fn(&T) -> &Place) -> impl Iterator<Item = (&str, &Place)> {
        let unused = self.by_key.iter().filter(|(_, (_, used))| !used.get());
        unused.map(move |(key, (entry, _))| (key.as_str(), place(entry)))
    }
}
