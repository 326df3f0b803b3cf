//! What a buyer does in after-sale cases: he opens one and goes on with it.

use ecloud_core::Timestamp;

use super::after_sale::{AfterSale, AfterSaleKind, AfterSaleReason, AfterSaleStatus, is_open};
use super::refund::ReturnParcel;
use crate::business::Shop;
use crate::business::buyer::impossible;
use crate::platform::Refusal;

/// A case that a buyer opens.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    pub(crate) order_id: String,
    /// The first line that allows it where it is absent.
    pub(crate) line_id: Option<String>,
    pub(crate) kind: AfterSaleKind,
    /// All pieces of the line that were shipped where it is absent.
    pub(crate) quantity: Option<u32>,
    /// The SKU bought where it is absent.
    pub(crate) wanted_sku_id: Option<String>,
    pub(crate) reason: AfterSaleReason,
    pub(crate) explanation: Option<String>,
}

/// The buyer wants goods exchanged, repaired or sent again.
pub(crate) fn open(shop: &mut Shop, complaint: Complaint, now: Timestamp) -> Result<AfterSale, Refusal> {
    let refused = |message: &str| Refusal::rule("trade.line_not_serviceable", message);
    let order = shop.order(&complaint.order_id)?;
    let allows = |line: &&super::Line| {
        !line.closed && !line.refund_open && line.shipped_quantity > 0 && !is_open(shop, order, &line.line_id)
    };
    let line = match &complaint.line_id {
        Some(line_id) => Some(order.line(line_id)?).filter(allows),
        None => order.lines.iter().find(allows),
    };
    let line = line.ok_or_else(|| refused("nothing of the line was shipped, or a refund or a case of it is open"))?;
    if complaint.kind != AfterSaleKind::Resend && !(order.has_ended() || order.delivered) {
        return Err(refused("what the buyer hasn't received can't be returned"));
    }
    let quantity = complaint.quantity.unwrap_or(line.shipped_quantity);
    if quantity == 0 || quantity > line.shipped_quantity {
        return Err(Refusal::invalid_field("quantity", "must be at least 1 and at most what was shipped"));
    }
    let wanted_sku_id = complaint.wanted_sku_id.unwrap_or_else(|| line.sku_id().clone());
    let of_item = shop.skus.get(&wanted_sku_id).is_some_and(|sku| sku.item_id == *line.item_id());
    if wanted_sku_id != *line.sku_id() && !(of_item && complaint.kind == AfterSaleKind::Exchange) {
        return Err(Refusal::invalid_field("wanted_sku_id", "must be a SKU of the item, and only in an exchange"));
    }
    let case = AfterSale {
        after_sale_id: String::new(),
        order_id: order.order_id.clone(),
        line_id: line.line_id.clone(),
        item_id: line.item_id().clone(),
        sku_id: line.sku_id().clone(),
        buyer_id: order.buyer_id.clone(),
        title: line.title().clone(),
        kind: complaint.kind,
        status: AfterSaleStatus::WaitSeller,
        quantity,
        wanted_sku_id,
        reason: complaint.reason,
        explanation: complaint.explanation,
        refusal: None,
        return_address_id: None,
        return_parcel: None,
        replacement: None,
        close_note: None,
        respond_by: None,
        created_at: now,
        finished_at: None,
        modified_at: now,
        version: 0,
    };
    let case = AfterSale { after_sale_id: shop.next_id("AS"), ..case };
    Ok(case.go_to(shop, AfterSaleStatus::WaitSeller, now))
}

/// What a buyer does in a case that he has opened.
#[derive(Clone, Debug)]
pub(crate) enum AfterSaleStep {
    /// He sends the goods back.
    Returns { carrier_code: String, tracking_number: String },
    /// He has received what was sent to him.
    Confirms,
    /// He asks again after a refusal.
    AsksAgain,
    /// He wants it no more.
    Withdraws,
}

/// The buyer goes on with a case.
pub(crate) fn go_on(
    shop: &mut Shop,
    after_sale_id: &str,
    step: AfterSaleStep,
    now: Timestamp,
) -> Result<AfterSale, Refusal> {
    let mut case = AfterSale::clone(shop.after_sale(after_sale_id)?);
    let (event, next) = match &step {
        AfterSaleStep::Returns { .. } => ("buyer_returns_goods", AfterSaleStatus::WaitSellerReceipt),
        AfterSaleStep::Confirms => ("buyer_confirms", AfterSaleStatus::Succeeded),
        AfterSaleStep::AsksAgain => ("buyer_asks_again", AfterSaleStatus::WaitSeller),
        AfterSaleStep::Withdraws => ("buyer_withdraws", AfterSaleStatus::Closed),
    };
    if !case.can(event) {
        return Err(impossible(event, case.status.as_str()));
    }
    if let AfterSaleStep::Returns { carrier_code, tracking_number } = step {
        case.return_parcel = Some(ReturnParcel { carrier_code, tracking_number, sent_at: now });
    }
    Ok(case.go_to(shop, next, now))
}
