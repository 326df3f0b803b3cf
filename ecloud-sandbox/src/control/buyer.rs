//! Buyers: they place and pay orders, receive goods and ask for their money back.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{ControlError, Payment, shown};
use crate::business::buyer::{self, Basket, Claim, RefundStep};
use crate::business::trade::refund_history::RefundActor;
use crate::business::trade::refund_messages::{self, RefundMessageInput};
use crate::business::trade::{self, OrderKind, Receiver, RefundKind, promises};
use crate::business::{Shop, trade::Region};
use crate::platform::Refusal;
use crate::protocol::sensitive::Kind;
use crate::sandbox::Sandbox;
use crate::seed;
use ecloud_core::Timestamp;

/// What a buyer buys.
///
/// ```
/// use ecloud_sandbox::Purchase;
///
/// let purchase = Purchase::new("S1000001-1", 2).and("S1000002-1", 1).buyer("b-ann").message("Please hurry.");
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    lines: Vec<Bought>,
    #[serde(default)]
    buyer_id: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    freight: u32,
    #[serde(default)]
    receiver: Option<PlainReceiver>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bought {
    sku_id: String,
    quantity: u32,
}

/// A receiver in the clear: only the control interface takes one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlainReceiver {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) address: String,
}

impl PlainReceiver {
    /// The receiver as the shop keeps it.
    pub(super) fn sealed(&self, shop: &Shop) -> Receiver {
        Receiver {
            name: shop.safe.personal(Kind::Name, &self.name),
            phone: shop.safe.personal(Kind::Phone, &self.phone),
            address: shop.safe.personal(Kind::Address, &self.address),
            region: Region {
                country: "CN".to_owned(),
                province: "浙江省".to_owned(),
                city: "杭州市".to_owned(),
                district: Some("余杭区".to_owned()),
                town: None,
                zip: None,
            },
        }
    }
}

impl std::fmt::Debug for PlainReceiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainReceiver(***)")
    }
}

impl Purchase {
    /// So many pieces of one SKU.
    pub fn new(sku_id: impl Into<String>, quantity: u32) -> Self {
        let lines = vec![Bought { sku_id: sku_id.into(), quantity }];
        Self { lines, buyer_id: None, message: None, freight: 0, receiver: None }
    }

    /// So many pieces of another SKU, too.
    #[must_use]
    pub fn and(mut self, sku_id: impl Into<String>, quantity: u32) -> Self {
        self.lines.push(Bought { sku_id: sku_id.into(), quantity });
        self
    }

    /// By this buyer.
    #[must_use]
    pub fn buyer(mut self, buyer_id: impl Into<String>) -> Self {
        self.buyer_id = Some(buyer_id.into());
        self
    }

    /// With a message to the seller.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// With this freight, in the minor unit of the shop's currency.
    #[must_use]
    pub fn freight(mut self, amount: u32) -> Self {
        self.freight = amount;
        self
    }

    /// To this receiver: name, phone number, and street with house and door.
    #[must_use]
    pub fn receiver(mut self, name: impl Into<String>, phone: impl Into<String>, address: impl Into<String>) -> Self {
        self.receiver = Some(PlainReceiver { name: name.into(), phone: phone.into(), address: address.into() });
        self
    }

    /// By this buyer, unless another is named.
    pub(super) fn of_buyer(mut self, buyer_id: &str) -> Self {
        self.buyer_id.get_or_insert_with(|| buyer_id.to_owned());
        self
    }

    pub(super) fn into_basket(self, shop: &Shop) -> Basket {
        let receiver = match &self.receiver {
            Some(plain) => plain.sealed(shop),
            None => seed::some_receiver(&shop.safe),
        };
        Basket {
            buyer_id: self.buyer_id.unwrap_or_else(|| "b-sandbox".to_owned()),
            kind: OrderKind::Normal,
            lines: self.lines.into_iter().map(|line| (line.sku_id, line.quantity)).collect(),
            receiver: Arc::new(receiver),
            freight: i64::from(self.freight),
            message: self.message,
            discounts: Vec::new(),
        }
    }
}

/// Why a buyer wants his money back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefundReason {
    /// He doesn't want the goods any more.
    #[default]
    ChangedMind,
    /// They weren't shipped in time.
    LateDelivery,
    /// They came damaged.
    Damaged,
    /// Something else.
    Other,
}

impl From<RefundReason> for trade::RefundReason {
    fn from(reason: RefundReason) -> Self {
        match reason {
            RefundReason::ChangedMind => Self::ChangedMind,
            RefundReason::LateDelivery => Self::LateDelivery,
            RefundReason::Damaged => Self::Damaged,
            RefundReason::Other => Self::Other,
        }
    }
}

/// What a buyer wants back, for one line of an order: all of the first line that can be refunded, unless more is said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefundRequest {
    line_id: Option<String>,
    returns_goods: bool,
    quantity: Option<u32>,
    amount: Option<i64>,
    reason: RefundReason,
    explanation: Option<String>,
}

impl RefundRequest {
    /// The money for a line, without sending anything back.
    pub fn new() -> Self {
        Self::default()
    }

    /// For this line.
    #[must_use]
    pub fn line(mut self, line_id: impl Into<String>) -> Self {
        self.line_id = Some(line_id.into());
        self
    }

    /// The goods go back to the seller first.
    #[must_use]
    pub fn returns_goods(mut self) -> Self {
        self.returns_goods = true;
        self
    }

    /// For so many pieces.
    #[must_use]
    pub fn quantity(mut self, pieces: u32) -> Self {
        self.quantity = Some(pieces);
        self
    }

    /// So much, in the minor unit.
    #[must_use]
    pub fn amount(mut self, amount: i64) -> Self {
        self.amount = Some(amount);
        self
    }

    /// For this reason.
    #[must_use]
    pub fn reason(mut self, reason: RefundReason) -> Self {
        self.reason = reason;
        self
    }

    pub(super) fn into_claim(self, order_id: &str) -> Claim {
        Claim {
            order_id: order_id.to_owned(),
            line_id: self.line_id,
            kind: if self.returns_goods { RefundKind::ReturnAndRefund } else { RefundKind::RefundOnly },
            quantity: self.quantity,
            amount: self.amount,
            reason: self.reason.into(),
            explanation: self.explanation,
        }
    }
}

/// Places an order; answers with it.
pub(super) fn place(shop: &mut Shop, purchase: Purchase, now: Timestamp) -> Result<Value, Refusal> {
    let basket = purchase.into_basket(shop);
    shown(&*buyer::place(shop, basket, now)?)
}

/// Confirms the receipt of an order; answers with it.
pub(super) fn confirm(shop: &mut Shop, order_id: &str, now: Timestamp) -> Result<Value, Refusal> {
    shown(&*buyer::confirm(shop, order_id, now)?)
}

/// Asks for a refund; answers with it.
pub(super) fn claim(shop: &mut Shop, order_id: &str, request: RefundRequest, now: Timestamp) -> Result<Value, Refusal> {
    shown(&buyer::claim(shop, request.into_claim(order_id), now)?)
}

/// Answers an extension of the promise to ship an order; answers with the order.
pub(super) fn answer_extension(
    shop: &mut Shop,
    order_id: &str,
    agrees: bool,
    now: Timestamp,
) -> Result<Value, Refusal> {
    promises::answer(shop, order_id, agrees, now)?;
    shown(&**shop.order(order_id)?)
}

/// Goes on with a refund; answers with it.
pub(super) fn go_on(shop: &mut Shop, refund_id: &str, step: RefundStep, now: Timestamp) -> Result<Value, Refusal> {
    shown(&buyer::go_on(shop, refund_id, step, now)?)
}

/// Writes to the seller about a refund; answers with the message.
pub(super) fn write(shop: &mut Shop, refund_id: &str, text: String, now: Timestamp) -> Result<Value, Refusal> {
    if text.is_empty() || text.chars().count() > 1_000 {
        return Err(Refusal::invalid_field("text", "must have at least 1 and at most 1000 characters"));
    }
    let input = RefundMessageInput { text, media_ids: Vec::new() };
    shown(&refund_messages::write(shop, refund_id.to_owned(), RefundActor::Buyer, input, now)?)
}

/// The buyers of one shop.
#[derive(Clone, Debug)]
pub struct Buyer {
    sandbox: Sandbox,
    shop_id: String,
}

impl Buyer {
    pub(crate) fn new(sandbox: Sandbox, shop_id: String) -> Self {
        Self { sandbox, shop_id }
    }

    /// Does something in their shop.
    pub(super) fn act<T>(
        &self,
        act: impl FnOnce(&mut Shop, Timestamp) -> Result<T, Refusal>,
    ) -> Result<T, ControlError> {
        self.sandbox.platform().within(&self.shop_id, self.sandbox.outside_now(), act)
    }

    /// Places an order, which then waits for its payment; the stock falls. Answers with the order's identifier.
    ///
    /// # Errors
    ///
    /// Where a SKU isn't there, isn't for sale, or hasn't enough stock.
    pub fn place(&self, purchase: Purchase) -> Result<String, ControlError> {
        self.act(|shop, now| {
            let basket = purchase.into_basket(shop);
            Ok(buyer::place(shop, basket, now)?.order_id.clone())
        })
    }

    /// Places an order and pays it at once. Answers with the order's identifier.
    ///
    /// # Errors
    ///
    /// As [`place`](Self::place).
    pub fn buy(&self, purchase: Purchase) -> Result<String, ControlError> {
        let order_id = self.place(purchase)?;
        self.pay(&order_id, Payment::Wallet)?;
        Ok(order_id)
    }

    /// Confirms that everything has come: the order is finished.
    ///
    /// # Errors
    ///
    /// Where there is no such order, or it isn't shipped in full.
    pub fn confirm_receipt(&self, order_id: &str) -> Result<(), ControlError> {
        self.act(|shop, now| buyer::confirm(shop, order_id, now).map(drop))
    }

    /// Answers the seller who asks for more time to ship an order.
    ///
    /// # Errors
    ///
    /// Where there is no such order, or nothing to answer.
    pub fn answer_extension(&self, order_id: &str, agrees: bool) -> Result<(), ControlError> {
        self.act(|shop, now| promises::answer(shop, order_id, agrees, now))
    }

    /// Asks for money back. Answers with the refund's identifier.
    ///
    /// # Errors
    ///
    /// Where there is no such order or line, or less is left of it than is asked for.
    pub fn request_refund(&self, order_id: &str, request: RefundRequest) -> Result<String, ControlError> {
        self.act(|shop, now| Ok(buyer::claim(shop, request.into_claim(order_id), now)?.refund_id))
    }

    /// Sends the goods of a refund back.
    ///
    /// # Errors
    ///
    /// Where there is no such refund, or it doesn't wait for the goods.
    pub fn return_goods(&self, refund_id: &str, carrier_code: &str, tracking_number: &str) -> Result<(), ControlError> {
        let step =
            RefundStep::Returns { carrier_code: carrier_code.to_owned(), tracking_number: tracking_number.to_owned() };
        self.act(|shop, now| buyer::go_on(shop, refund_id, step, now).map(drop))
    }

    /// Answers a refusal: the refund waits for the seller again, about `amount` in the minor unit, or as before.
    ///
    /// # Errors
    ///
    /// Where there is no such refund, or the seller hasn't refused it.
    pub fn change_refund(&self, refund_id: &str, amount: Option<i64>) -> Result<(), ControlError> {
        self.act(|shop, now| buyer::go_on(shop, refund_id, RefundStep::Changes { amount }, now).map(drop))
    }

    /// Accepts the amount that the seller proposed for a refund, or declines it.
    ///
    /// # Errors
    ///
    /// Where there is no such refund, or it doesn't wait for the buyer's answer.
    pub fn answer_proposal(&self, refund_id: &str, accepts: bool) -> Result<(), ControlError> {
        let step = if accepts { RefundStep::Accepts } else { RefundStep::Declines };
        self.act(|shop, now| buyer::go_on(shop, refund_id, step, now).map(drop))
    }

    /// Writes to the seller about a refund.
    ///
    /// # Errors
    ///
    /// Where there is no such refund, it has ended, or `text` is empty or longer than 1,000 characters.
    pub fn write_about_refund(&self, refund_id: &str, text: &str) -> Result<(), ControlError> {
        self.act(|shop, now| write(shop, refund_id, text.to_owned(), now).map(drop))
    }

    /// Withdraws a refund.
    ///
    /// # Errors
    ///
    /// Where there is no such refund, or it can't be withdrawn any more.
    pub fn withdraw_refund(&self, refund_id: &str) -> Result<(), ControlError> {
        self.act(|shop, now| buyer::go_on(shop, refund_id, RefundStep::Withdraws, now).map(drop))
    }
}
