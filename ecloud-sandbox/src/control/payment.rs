//! Payments: by what means buyers pay, where, and why they can't.

use ecloud_core::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::buyer::Buyer;
use super::{ControlError, shown};
use crate::business::trade::payments::{self, Means};
use crate::business::{Shop, buyer, trade};
use crate::platform::Refusal;

/// By what means a buyer pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// From an electronic wallet.
    #[default]
    Wallet,
    /// By bank card.
    BankCard,
    /// By bank transfer.
    BankTransfer,
    /// On credit.
    Credit,
}

impl From<Payment> for trade::PaymentMethod {
    fn from(payment: Payment) -> Self {
        match payment {
            Payment::Wallet => Self::Wallet,
            Payment::BankCard => Self::BankCard,
            Payment::BankTransfer => Self::BankTransfer,
            Payment::Credit => Self::Credit,
        }
    }
}

/// Where a buyer pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentChannel {
    /// In the platform's application.
    #[default]
    App,
    /// On the platform's pages.
    Web,
    /// In a mini program of another application.
    MiniProgram,
}

impl From<PaymentChannel> for payments::PaymentChannel {
    fn from(channel: PaymentChannel) -> Self {
        match channel {
            PaymentChannel::App => Self::App,
            PaymentChannel::Web => Self::Web,
            PaymentChannel::MiniProgram => Self::MiniProgram,
        }
    }
}

/// Why a buyer can't pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFailure {
    /// There isn't enough money.
    InsufficientFunds,
    /// The provider doesn't allow it.
    Declined,
    /// The buyer breaks it off.
    Cancelled,
    /// The provider doesn't answer.
    TimedOut,
}

impl From<PaymentFailure> for payments::PaymentFailure {
    fn from(failure: PaymentFailure) -> Self {
        match failure {
            PaymentFailure::InsufficientFunds => Self::InsufficientFunds,
            PaymentFailure::Declined => Self::Declined,
            PaymentFailure::Cancelled => Self::Cancelled,
            PaymentFailure::TimedOut => Self::TimedOut,
        }
    }
}

/// How a buyer pays, over HTTP.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PaymentInput {
    method: Payment,
    channel: PaymentChannel,
}

impl PaymentInput {
    pub(super) fn by(method: Payment) -> Self {
        Self { method, channel: PaymentChannel::default() }
    }

    pub(super) fn means(&self) -> Means {
        Means { method: self.method.into(), channel: self.channel.into() }
    }
}

/// How a buyer fails to pay, over HTTP.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FailedPaymentInput {
    #[serde(default)]
    method: Payment,
    #[serde(default)]
    channel: PaymentChannel,
    failure: PaymentFailure,
}

impl FailedPaymentInput {
    pub(super) fn with(failure: PaymentFailure) -> Self {
        Self { method: Payment::default(), channel: PaymentChannel::default(), failure }
    }

    /// Fails to pay an order.
    pub(super) fn fail(&self, shop: &mut Shop, order_id: &str, now: Timestamp) -> Result<payments::Payment, Refusal> {
        let means = PaymentInput { method: self.method, channel: self.channel }.means();
        buyer::fail_to_pay(shop, order_id, means, self.failure.into(), now)
    }
}

/// Pays an order; answers with it.
pub(super) fn pay(shop: &mut Shop, order_id: &str, input: &PaymentInput, now: Timestamp) -> Result<Value, Refusal> {
    shown(&*buyer::pay_by(shop, order_id, input.means(), now)?)
}

/// Fails to pay an order; answers with the payment.
pub(super) fn fail(
    shop: &mut Shop,
    order_id: &str,
    input: &FailedPaymentInput,
    now: Timestamp,
) -> Result<Value, Refusal> {
    shown(&input.fail(shop, order_id, now)?)
}

impl Buyer {
    /// Pays an order in the platform's application.
    ///
    /// # Errors
    ///
    /// Where there is no such order, or it doesn't wait for its payment.
    pub fn pay(&self, order_id: &str, payment: Payment) -> Result<(), ControlError> {
        self.pay_through(order_id, payment, PaymentChannel::App)
    }

    /// Pays an order elsewhere.
    ///
    /// # Errors
    ///
    /// As [`pay`](Self::pay).
    pub fn pay_through(&self, order_id: &str, payment: Payment, channel: PaymentChannel) -> Result<(), ControlError> {
        let means = Means { method: payment.into(), channel: channel.into() };
        self.act(|shop, now| buyer::pay_by(shop, order_id, means, now).map(drop))
    }

    /// Tries to pay an order and can't: it waits for its payment as before. Answers with the identifier of the payment that failed.
    ///
    /// # Errors
    ///
    /// As [`pay`](Self::pay).
    pub fn fail_to_pay(
        &self,
        order_id: &str,
        payment: Payment,
        failure: PaymentFailure,
    ) -> Result<String, ControlError> {
        let means = Means { method: payment.into(), channel: PaymentChannel::App.into() };
        self.act(|shop, now| Ok(buyer::fail_to_pay(shop, order_id, means, failure.into(), now)?.payment_id))
    }
}
