//! Invoices: what a buyer applies for, and what becomes of it.

use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Order;
use crate::business::buyer::impossible;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Shop, Told};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::sensitive::Personal;

wire_enum! {
    /// What kind of invoice it is.
    InvoiceKind { Electronic = "electronic", ElectronicSpecial = "electronic_special", Paper = "paper" }
}

wire_enum! {
    /// For whom an invoice is.
    InvoiceHolder { Person = "person", Company = "company" }
}

wire_enum! {
    /// Where an invoice stands.
    InvoiceStatus {
        Requested = "requested",
        Issued = "issued",
        RedLettered = "red_lettered",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        Closed = "closed",
    }
}

wire_enum! {
    /// Why an invoice is cancelled.
    CreditNoteReason {
        Refunded = "refunded",
        WrongTitle = "wrong_title",
        WrongAmount = "wrong_amount",
        Other = "other",
    }
}

wire_enum! {
    /// Why a seller rejects an application.
    InvoiceRejectionReason {
        TitleInvalid = "title_invalid",
        TaxNumberInvalid = "tax_number_invalid",
        KindNotOffered = "kind_not_offered",
        AlreadyInvoiced = "already_invoiced",
        Other = "other",
    }
}

/// An application for an invoice, and what has come of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) invoice_id: String,
    pub(crate) order_id: String,
    buyer_id: String,
    pub(crate) kind: InvoiceKind,
    holder: InvoiceHolder,
    #[serde(skip_serializing_if = "Option::is_none")]
    person_name: Option<Personal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyTitle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Personal>,
    pub(crate) status: InvoiceStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credit_note: Option<CreditNote>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rejection_reason: Option<InvoiceRejectionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rejection_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replaced_by: Option<String>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issued_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    pub(crate) modified_at: Timestamp,
    pub(crate) version: u64,
}

/// The title of an invoice for a company.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CompanyTitle {
    pub(crate) title: String,
    pub(crate) tax_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bank_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bank_account: Option<Personal>,
}

/// A credit note, which cancels an invoice as a whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CreditNote {
    pub(super) number: String,
    pub(super) amount: Money,
    pub(super) reason: CreditNoteReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    pub(super) issued_at: Timestamp,
}

impl Row for Invoice {
    fn id(&self) -> &str {
        &self.invoice_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Told for Invoice {
    const CREATED: &'static str = "trade.invoice.created";
    const CHANGED: &'static str = "trade.invoice.changed";

    fn version(&self) -> u64 {
        self.version
    }

    fn notice(&self) -> Value {
        json!({
            "invoice_id": self.invoice_id,
            "order_id": self.order_id,
            "status": self.status,
            "number": self.number,
            "modified_at": self.modified_at,
        })
    }
}

/// For whom a buyer wants an invoice.
#[derive(Clone, Debug)]
pub(crate) enum Title {
    Person(Personal),
    Company(CompanyTitle),
}

/// What a buyer applies for.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) kind: InvoiceKind,
    pub(crate) title: Title,
    pub(crate) email: Option<Personal>,
}

/// What an invoice of an order has to be about: what was paid and not given back.
pub(super) fn invoiceable(order: &Order) -> i64 {
    order.amounts.paid.amount - order.amounts.refunded.amount
}

/// The invoice of an order that is asked for or issued.
pub(super) fn current_of<'a>(shop: &'a Shop, order_id: &str) -> Option<&'a Invoice> {
    let is_current = |it: &&Invoice| {
        it.order_id == order_id && matches!(it.status, InvoiceStatus::Requested | InvoiceStatus::Issued)
    };
    shop.invoices.iter().map(|invoice| &**invoice).find(is_current)
}

/// The buyer applies for an invoice of an order.
pub(crate) fn apply_for(
    shop: &mut Shop,
    order_id: &str,
    application: Application,
    now: Timestamp,
) -> Result<Invoice, Refusal> {
    let order = shop.order(order_id)?;
    if invoiceable(order) <= 0 {
        return Err(impossible("an application for an invoice of nothing", order.status.as_str()));
    }
    if let Some(other) = current_of(shop, order_id) {
        return Err(impossible("an application for another invoice", other.status.as_str()));
    }
    if application.kind == InvoiceKind::ElectronicSpecial && matches!(application.title, Title::Person(_)) {
        return Err(Refusal::invalid_field("kind", "is for companies only"));
    }
    let (holder, person_name, company) = match application.title {
        Title::Person(name) => (InvoiceHolder::Person, Some(name), None),
        Title::Company(company) => (InvoiceHolder::Company, None, Some(company)),
    };
    let invoice = Invoice {
        buyer_id: order.buyer_id.clone(),
        invoice_id: shop.next_id("IV"),
        order_id: order_id.to_owned(),
        kind: application.kind,
        holder,
        person_name,
        company,
        email: application.email,
        status: InvoiceStatus::Requested,
        number: None,
        amount: None,
        media_id: None,
        credit_note: None,
        rejection_reason: None,
        rejection_note: None,
        replaces: None,
        replaced_by: None,
        created_at: now,
        issued_at: None,
        finished_at: None,
        modified_at: now,
        version: 1,
    };
    shop.invoices.put(invoice.clone());
    Ok(invoice)
}

/// The buyer wants no invoice any more.
pub(crate) fn withdraw(shop: &mut Shop, invoice_id: &str, now: Timestamp) -> Result<Invoice, Refusal> {
    let invoice = shop.invoice(invoice_id)?.clone();
    if Description::get().machine("InvoiceStatus").event("buyer_withdraws", invoice.status.as_str()).is_none() {
        return Err(impossible("buyer_withdraws", invoice.status.as_str()));
    }
    Ok(invoice.changed(shop, InvoiceStatus::Withdrawn, now))
}

/// An order has become what it is: where nothing of what was paid is left, no invoice need be issued.
pub(super) fn order_moved(shop: &mut Shop, order: &Order) {
    if order.amounts.refunded.amount == 0 || invoiceable(order) > 0 {
        return;
    }
    let open = current_of(shop, &order.order_id).filter(|invoice| invoice.status == InvoiceStatus::Requested);
    if let Some(invoice) = open.cloned() {
        invoice.changed(shop, InvoiceStatus::Closed, order.modified_at);
    }
}

impl Invoice {
    /// Keeps it as changed, and answers with it.
    pub(super) fn changed(mut self, shop: &mut Shop, status: InvoiceStatus, now: Timestamp) -> Self {
        let machine = Description::get().machine("InvoiceStatus");
        debug_assert!(machine.leads(self.status.as_str(), status.as_str()));
        self.status = status;
        self.finished_at = machine.ends_in(status.as_str()).then_some(now);
        self.version += 1;
        self.modified_at = self.modified_at.max(now);
        shop.invoices.put(self.clone());
        self
    }

    /// An application for another invoice instead of this one, with the same title.
    pub(super) fn again(&self, shop: &mut Shop, now: Timestamp) -> Self {
        let again = Self {
            invoice_id: shop.next_id("IV"),
            status: InvoiceStatus::Requested,
            number: None,
            amount: None,
            media_id: None,
            credit_note: None,
            replaces: Some(self.invoice_id.clone()),
            replaced_by: None,
            created_at: now,
            issued_at: None,
            finished_at: None,
            modified_at: now,
            version: 1,
            ..self.clone()
        };
        shop.invoices.put(again.clone());
        again
    }

    /// Whether it, or its credit note, has this number.
    pub(super) fn bears(&self, number: &str) -> bool {
        self.number.as_deref() == Some(number) || self.credit_note.as_ref().is_some_and(|note| note.number == number)
    }
}
