//! The seller's books of the rehearsal, kept from what buyers paid and got back, and when their orders ended; never from the statements.

use std::collections::BTreeMap;

use ecloud::prelude::*;
use ecloud::trade::orders::OrderStatus;
use ecloud::trade::payments::{PaymentKind, TransactionStatus};
use ecloud::trade::refunds::RefundStatus;

use crate::books::{Books, Repayment, Sale, USUAL_FEE};

/// The books as they are now.
pub(crate) async fn keep(trade: &Trade) -> Result<Books, Error> {
    let (mut paid, mut repaid) = (BTreeMap::new(), BTreeMap::new());
    let mut payments = trade.payments().list().limit(100).items();
    while let Some(payment) = payments.try_next().await? {
        match (&payment.kind, payment.refund_id) {
            (PaymentKind::Refund, Some(refund_id)) => *repaid.entry(refund_id).or_insert(0) += payment.amount.amount,
            (PaymentKind::Payment, _) if payment.status != TransactionStatus::Failed => {
                for share in payment.orders {
                    *paid.entry(share.order_id).or_insert(0) += share.amount.amount;
                }
            }
            _ => {}
        }
    }
    let mut sales = BTreeMap::new();
    let mut orders = trade.orders().list().limit(100).items();
    while let Some(order) = orders.try_next().await? {
        let currency = order.amounts.payment.currency;
        let has_ended = matches!(order.status, OrderStatus::Finished | OrderStatus::Closed);
        let sale = Sale {
            paid: Money::new(paid.get(&order.order_id).copied().unwrap_or(0), currency),
            ended_at: order.finished_at.filter(|_| has_ended),
            fee_basis_points: USUAL_FEE,
            repayments: BTreeMap::new(),
        };
        sales.insert(order.order_id, sale);
    }
    let mut refunds = trade.refunds().list().status(RefundStatus::Succeeded).limit(100).items();
    while let Some(refund) = refunds.try_next().await? {
        let (Some(sale), Some(paid_at)) = (sales.get_mut(&refund.order_id), refund.finished_at) else { continue };
        let amount = repaid.get(&refund.refund_id).copied().unwrap_or(0);
        let amount = Money::new(amount, refund.amount.currency);
        sale.repayments.insert(refund.refund_id, Repayment { amount, paid_at });
    }
    Ok(Books { sales })
}
