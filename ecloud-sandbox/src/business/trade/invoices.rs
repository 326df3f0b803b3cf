//! Operations on invoices.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::invoice::{
    CreditNote, CreditNoteReason, Invoice, InvoiceKind, InvoiceRejectionReason, InvoiceStatus, current_of, invoiceable,
};
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listInvoices" => list,
        "listInvoiceChanges" => changes,
        "getInvoice" => get,
        "getInvoiceAmount" => amount,
        "issueInvoice" => issue,
        "attachInvoiceFile" => attach,
        "redLetterInvoice" => red_letter,
        "rejectInvoice" => reject,
        _ => return None,
    })
}

/// `listInvoices`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |invoice: &Invoice| {
        order.is_none_or(|order| invoice.order_id == order) && call.query.wants("status", invoice.status.as_str())
    };
    call.cursor_page(&call.shop.invoices, wanted, |invoice| &**invoice)
}

/// `listInvoiceChanges`
fn changes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let visible =
        |invoice: &Invoice| call.shop.shows_change(&invoice.invoice_id, invoice.version, invoice.modified_at, call.now);
    call.changes_page(&call.shop.invoices, visible, |invoice| &***invoice)
}

/// `getInvoice`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(call.shop.invoice(call.path("invoice_id"))?)
}

#[derive(Serialize)]
struct InvoiceAmount<'a> {
    order_id: &'a str,
    paid: Money,
    refunded: Money,
    invoiceable: Money,
    invoiced: Money,
    outdated: bool,
}

/// `getInvoiceAmount`
fn amount(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.shop.order(call.path("order_id"))?;
    let invoiceable = call.shop.money(invoiceable(order));
    let invoiced = current_of(call.shop, &order.order_id).and_then(|invoice| invoice.amount);
    encode(&InvoiceAmount {
        order_id: &order.order_id,
        paid: order.amounts.paid,
        refunded: order.amounts.refunded,
        invoiceable,
        invoiced: invoiced.unwrap_or(call.shop.money(0)),
        outdated: invoiced.is_some_and(|invoiced| invoiced != invoiceable),
    })
}

/// The invoice that a seller has issued.
#[derive(Deserialize)]
pub(crate) struct InvoiceIssue {
    version: u64,
    number: String,
    kind: InvoiceKind,
    amount: Money,
    media_id: Option<String>,
}

impl InvoiceIssue {
    /// What a seller issues who makes no mistake.
    pub(crate) fn of(invoice: &Invoice, number: String, shop: &Shop) -> Result<Self, Refusal> {
        let amount = shop.money(invoiceable(shop.order(&invoice.order_id)?));
        Ok(Self { version: invoice.version, number, kind: invoice.kind, amount, media_id: None })
    }
}

/// `issueInvoice`
fn issue(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: InvoiceIssue = call.input()?;
    let invoice_id = call.path("invoice_id").to_owned();
    encode(&issued(call.shop, &invoice_id, input, call.now)?)
}

/// Issues an invoice.
pub(crate) fn issued(
    shop: &mut Shop,
    invoice_id: &str,
    input: InvoiceIssue,
    now: Timestamp,
) -> Result<Invoice, Refusal> {
    shop.invoice(invoice_id)?;
    let file = input.media_id.as_deref().map(|media_id| shop.medium(media_id)).transpose()?;
    let mut invoice = for_change(shop, invoice_id, "issueInvoice", input.version)?;
    if input.kind != invoice.kind {
        let message = format!("the buyer asked for an invoice of the kind {}", invoice.kind.as_str());
        return Err(Refusal::rule("trade.invoice_kind_mismatch", message));
    }
    let amount = shop.money(invoiceable(shop.order(&invoice.order_id)?));
    if input.amount != amount {
        return Err(Refusal::rule("trade.invoice_amount_mismatch", format!("{amount} were paid and not refunded")));
    }
    check_number(shop, &input.number)?;
    if file.is_some_and(|file| !file.is_image()) {
        return Err(unsuitable());
    }
    invoice.number = Some(input.number);
    invoice.amount = Some(amount);
    invoice.media_id = input.media_id;
    invoice.issued_at = Some(now);
    Ok(invoice.changed(shop, InvoiceStatus::Issued, now))
}

#[derive(Deserialize)]
struct InvoiceFileInput {
    version: u64,
    media_id: String,
}

/// `attachInvoiceFile`
fn attach(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: InvoiceFileInput = call.input()?;
    call.shop.invoice(call.path("invoice_id"))?;
    let is_image = call.shop.medium(&input.media_id)?.is_image();
    let mut invoice = for_change(call.shop, call.path("invoice_id"), "attachInvoiceFile", input.version)?;
    if !is_image {
        return Err(unsuitable());
    }
    invoice.media_id = Some(input.media_id);
    encode(&invoice.changed(call.shop, InvoiceStatus::Issued, call.now))
}

/// The credit note that cancels an invoice.
#[derive(Deserialize)]
pub(crate) struct RedLetter {
    pub(crate) version: u64,
    pub(crate) number: String,
    pub(crate) reason: CreditNoteReason,
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) reissue: bool,
}

/// `redLetterInvoice`
fn red_letter(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: RedLetter = call.input()?;
    let invoice_id = call.path("invoice_id").to_owned();
    encode(&red_lettered(call.shop, &invoice_id, input, call.now)?)
}

/// Cancels an issued invoice.
pub(crate) fn red_lettered(
    shop: &mut Shop,
    invoice_id: &str,
    input: RedLetter,
    now: Timestamp,
) -> Result<Invoice, Refusal> {
    let mut invoice = for_change(shop, invoice_id, "redLetterInvoice", input.version)?;
    check_number(shop, &input.number)?;
    if input.reissue {
        if invoiceable(shop.order(&invoice.order_id)?) <= 0 {
            return Err(Refusal::rule("trade.nothing_to_invoice", "all that was paid has been given back"));
        }
        invoice.replaced_by = Some(invoice.again(shop, now).invoice_id);
    }
    let amount = invoice.amount.map_or(0, |amount| -amount.amount);
    invoice.credit_note = Some(CreditNote {
        number: input.number,
        amount: shop.money(amount),
        reason: input.reason,
        note: input.note,
        issued_at: now,
    });
    Ok(invoice.changed(shop, InvoiceStatus::RedLettered, now))
}

/// Why a seller rejects an application.
#[derive(Deserialize)]
pub(crate) struct InvoiceRejection {
    pub(crate) version: u64,
    pub(crate) reason: InvoiceRejectionReason,
    pub(crate) note: Option<String>,
}

/// `rejectInvoice`
fn reject(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: InvoiceRejection = call.input()?;
    let invoice_id = call.path("invoice_id").to_owned();
    encode(&rejected(call.shop, &invoice_id, input, call.now)?)
}

/// Rejects an application.
pub(crate) fn rejected(
    shop: &mut Shop,
    invoice_id: &str,
    input: InvoiceRejection,
    now: Timestamp,
) -> Result<Invoice, Refusal> {
    let mut invoice = for_change(shop, invoice_id, "rejectInvoice", input.version)?;
    invoice.rejection_reason = Some(input.reason);
    invoice.rejection_note = input.note;
    Ok(invoice.changed(shop, InvoiceStatus::Rejected, now))
}

/// An invoice of which the caller has seen the latest version, if `operation` may be done in its status.
fn for_change(shop: &Shop, invoice_id: &str, operation: &str, version: u64) -> Result<Invoice, Refusal> {
    let invoice = shop.invoice(invoice_id)?;
    if invoice.version != version {
        let message = format!("the invoice has changed since version {version}; it is at {} now", invoice.version);
        return Err(Refusal::rule("trade.invoice_conflict", message));
    }
    Description::get().machine("InvoiceStatus").operation(operation, invoice.status.as_str())?;
    Ok(invoice.clone())
}

/// A number that no invoice and no credit note of the shop has.
fn check_number(shop: &Shop, number: &str) -> Result<(), Refusal> {
    if shop.invoices.iter().any(|invoice| invoice.bears(number)) {
        return Err(Refusal::rule("trade.invoice_number_taken", "another invoice or credit note has this number"));
    }
    Ok(())
}

fn unsuitable() -> Refusal {
    Refusal::rule("trade.invoice_file_unsuitable", "the file is no image")
}
