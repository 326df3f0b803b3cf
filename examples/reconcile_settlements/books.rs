//! The seller's own books: what he sold, what he paid back, and what he expects the platform to keep.

use std::collections::BTreeMap;

use ecloud::prelude::*;
use ecloud::types::{OrderId, RefundId};

/// The platform's usual fee: 2 percent of what the seller keeps.
pub(crate) const USUAL_FEE: i64 = 200;

/// What stands for one line of a statement: an order that ended, or a refund that was paid afterwards.
pub(crate) type Key = (OrderId, Option<RefundId>);

/// All sales, by their orders.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) sales: BTreeMap<OrderId, Sale>,
}

/// One order.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    /// What the buyer paid.
    pub(crate) paid: Money,
    /// When it was finished or closed. Absent while it is open.
    pub(crate) ended_at: Option<Timestamp>,
    /// What the platform keeps of what the seller keeps, in hundredths of a percent.
    pub(crate) fee_basis_points: i64,
    /// What the buyer got back.
    pub(crate) repayments: BTreeMap<RefundId, Repayment>,
}

/// What a buyer got back with one refund.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repayment {
    pub(crate) amount: Money,
    pub(crate) paid_at: Timestamp,
}

/// What a line of a statement has to say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Expected {
    pub(crate) payment: Money,
    pub(crate) refunded: Money,
    pub(crate) commission: Money,
}

impl Books {
    /// What the line of a key has to say; nothing where the books don't know of it.
    pub(crate) fn expected(&self, (order_id, refund_id): &Key) -> Option<Expected> {
        let sale = self.sales.get(order_id)?;
        match refund_id {
            None => {
                let (paid, refunded) =
                    (sale.paid, sale.repaid(|_, it| it.paid_at <= sale.ended_at.unwrap_or(it.paid_at)));
                let commission = sale.fee(paid.amount - refunded.amount);
                Some(Expected { payment: paid, refunded, commission })
            }
            Some(refund_id) => {
                let repayment = sale.repayments.get(refund_id)?;
                let until = (repayment.paid_at, refund_id);
                let after = sale.paid.amount - sale.repaid(|id, it| (it.paid_at, id) <= until).amount;
                let given_back = sale.fee(after).amount - sale.fee(after + repayment.amount.amount).amount;
                let of = |amount| Money::new(amount, sale.paid.currency);
                Some(Expected { payment: of(0), refunded: repayment.amount, commission: of(given_back) })
            }
        }
    }

    /// What has to stand in the statement of this time, and how much the seller expects of it.
    pub(crate) fn due(&self, from: Timestamp, to: Timestamp) -> Vec<(Key, Money)> {
        let mut due = Vec::new();
        for (order_id, sale) in &self.sales {
            let Some(ended_at) = sale.ended_at else { continue };
            let kept = sale.paid.amount - sale.repaid(|_, it| it.paid_at <= ended_at).amount;
            if (from..to).contains(&ended_at) && kept > 0 {
                due.push(((order_id.clone(), None), Money::new(kept, sale.paid.currency)));
            }
            let later =
                sale.repayments.iter().filter(|(_, it)| it.paid_at > ended_at && (from..to).contains(&it.paid_at));
            due.extend(later.map(|(id, it)| ((order_id.clone(), Some(id.clone())), it.amount)));
        }
        due
    }
}

impl Sale {
    fn repaid(&self, counts: impl Fn(&RefundId, &Repayment) -> bool) -> Money {
        let counted = self.repayments.iter().filter(|(id, repayment)| counts(id, repayment));
        Money::new(counted.map(|(_, repayment)| repayment.amount.amount).sum(), self.paid.currency)
    }

    /// What the platform keeps where the seller keeps `kept`, rounded half up to the minor unit.
    fn fee(&self, kept: i64) -> Money {
        let exact = i128::from(kept.max(0)) * i128::from(self.fee_basis_points);
        Money::new(i64::try_from((exact + 5_000) / 10_000).unwrap_or(i64::MAX), self.paid.currency)
    }
}
