//! Buyers who want goods instead of their money.

use serde::Deserialize;
use serde_json::Value;

use super::buyer::Buyer;
use super::{ControlError, shown};
use crate::business::Shop;
use crate::business::trade::after_sale::{AfterSaleKind, AfterSaleReason};
use crate::business::trade::after_sale_buyer::{self, AfterSaleStep, Complaint};
use crate::platform::Refusal;
use ecloud_core::Timestamp;

/// What a buyer wants instead of his money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSaleWish {
    /// Other goods for those that he returns.
    Exchange,
    /// The goods that he returns, repaired.
    Repair,
    /// Goods that were missing, once more.
    Resend,
}

/// What a buyer asks for, for one line of an order: all that was shipped of the first line that allows it, unless more is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AfterSaleRequest {
    wish: AfterSaleWish,
    #[serde(default)]
    line_id: Option<String>,
    #[serde(default)]
    quantity: Option<u32>,
    #[serde(default)]
    wanted_sku_id: Option<String>,
    #[serde(default)]
    explanation: Option<String>,
}

impl AfterSaleRequest {
    /// For this.
    pub fn new(wish: AfterSaleWish) -> Self {
        Self { wish, line_id: None, quantity: None, wanted_sku_id: None, explanation: None }
    }

    /// For this line.
    #[must_use]
    pub fn line(mut self, line_id: impl Into<String>) -> Self {
        self.line_id = Some(line_id.into());
        self
    }

    /// For so many pieces.
    #[must_use]
    pub fn quantity(mut self, pieces: u32) -> Self {
        self.quantity = Some(pieces);
        self
    }

    /// In exchange for another SKU of the item.
    #[must_use]
    pub fn wanted_sku(mut self, sku_id: impl Into<String>) -> Self {
        self.wanted_sku_id = Some(sku_id.into());
        self
    }

    pub(super) fn into_complaint(self, order_id: &str) -> Complaint {
        let (kind, reason) = match self.wish {
            AfterSaleWish::Exchange => (AfterSaleKind::Exchange, AfterSaleReason::WrongSize),
            AfterSaleWish::Repair => (AfterSaleKind::Repair, AfterSaleReason::Quality),
            AfterSaleWish::Resend => (AfterSaleKind::Resend, AfterSaleReason::MissingGoods),
        };
        Complaint {
            order_id: order_id.to_owned(),
            line_id: self.line_id,
            kind,
            quantity: self.quantity,
            wanted_sku_id: self.wanted_sku_id,
            reason,
            explanation: self.explanation,
        }
    }
}

/// Opens a case; answers with it.
pub(super) fn open(
    shop: &mut Shop,
    order_id: &str,
    request: AfterSaleRequest,
    now: Timestamp,
) -> Result<Value, Refusal> {
    shown(&after_sale_buyer::open(shop, request.into_complaint(order_id), now)?)
}

/// Goes on with a case; answers with it.
pub(super) fn go_on(
    shop: &mut Shop,
    after_sale_id: &str,
    step: AfterSaleStep,
    now: Timestamp,
) -> Result<Value, Refusal> {
    shown(&after_sale_buyer::go_on(shop, after_sale_id, step, now)?)
}

impl Buyer {
    /// Asks for goods instead of money. Answers with the identifier of the after-sale case.
    ///
    /// # Errors
    ///
    /// Where there is no such order or line, nothing of it was shipped, or a case or a refund of it is open.
    pub fn request_after_sale(&self, order_id: &str, request: AfterSaleRequest) -> Result<String, ControlError> {
        self.act(|shop, now| Ok(after_sale_buyer::open(shop, request.into_complaint(order_id), now)?.after_sale_id))
    }

    fn go_on(&self, after_sale_id: &str, step: AfterSaleStep) -> Result<(), ControlError> {
        self.act(|shop, now| after_sale_buyer::go_on(shop, after_sale_id, step, now).map(drop))
    }

    /// Sends the goods of an after-sale case back.
    ///
    /// # Errors
    ///
    /// Where there is no such case, or it doesn't wait for the goods.
    pub fn return_for_after_sale(
        &self,
        after_sale_id: &str,
        carrier_code: &str,
        tracking_number: &str,
    ) -> Result<(), ControlError> {
        let (carrier_code, tracking_number) = (carrier_code.to_owned(), tracking_number.to_owned());
        self.go_on(after_sale_id, AfterSaleStep::Returns { carrier_code, tracking_number })
    }

    /// Confirms that what the seller sent has come.
    ///
    /// # Errors
    ///
    /// Where there is no such case, or nothing is under way to the buyer.
    pub fn confirm_after_sale(&self, after_sale_id: &str) -> Result<(), ControlError> {
        self.go_on(after_sale_id, AfterSaleStep::Confirms)
    }

    /// Asks again after a refusal.
    ///
    /// # Errors
    ///
    /// Where there is no such case, or the seller hasn't refused it.
    pub fn ask_again(&self, after_sale_id: &str) -> Result<(), ControlError> {
        self.go_on(after_sale_id, AfterSaleStep::AsksAgain)
    }

    /// Withdraws an after-sale case.
    ///
    /// # Errors
    ///
    /// Where there is no such case, or it can't be withdrawn any more.
    pub fn withdraw_after_sale(&self, after_sale_id: &str) -> Result<(), ControlError> {
        self.go_on(after_sale_id, AfterSaleStep::Withdraws)
    }
}
