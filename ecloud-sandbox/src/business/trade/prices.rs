//! Changes of what a buyer has to pay.

use bytes::Bytes;
use ecloud_core::Money;
use serde::Deserialize;

use super::orders::{check_version, done, for_change};
use crate::business::{Call, Handler};
use crate::platform::Refusal;

/// The largest amount that a seller can add or ask for, in the minor unit.
const LARGEST: i64 = 1_000_000_000_000;

#[derive(Deserialize)]
struct PriceChange {
    version: u64,
    #[serde(default)]
    lines: Vec<LinePriceChange>,
    freight: Option<Money>,
}

#[derive(Deserialize)]
struct LinePriceChange {
    line_id: String,
    adjustment: Money,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "changeOrderPrice" => change,
        _ => return None,
    })
}

/// `changeOrderPrice`
pub(crate) fn change(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: PriceChange = call.input()?;
    let mut order = for_change(call, "changeOrderPrice")?;
    check_version(&order, input.version)?;
    for change in input.lines {
        check_amount(call, change.adjustment)?;
        let line = order.line_mut(&change.line_id)?;
        line.adjustment = change.adjustment;
        if line.price_now() < 0 {
            return Err(invalid("the line's payment would fall below zero"));
        }
    }
    if let Some(freight) = input.freight {
        check_amount(call, freight)?;
        if freight.amount < 0 {
            return Err(invalid("the freight would fall below zero"));
        }
        order.amounts.freight = freight;
    }
    order.add_up();
    order.settle(call.now);
    done(call, order)
}

fn check_amount(call: &Call<'_>, amount: Money) -> Result<(), Refusal> {
    if amount.currency != call.shop.currency {
        return Err(invalid("the amount is in another currency than the order"));
    }
    if amount.amount.unsigned_abs() > LARGEST.unsigned_abs() {
        return Err(invalid("the amount is too large"));
    }
    Ok(())
}

fn invalid(message: &str) -> Refusal {
    Refusal::rule("trade.price_invalid", message)
}
