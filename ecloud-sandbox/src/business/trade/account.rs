//! The money that the platform holds for a shop, and what changes it.

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::settlements::{Settlement, SettlementLine};
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;

wire_enum! {
    /// What changes a shop's balance.
    AccountEntryKind {
        OrderIncome = "order_income",
        Commission = "commission",
        Refund = "refund",
        CommissionReturn = "commission_return",
    }
}

/// One change of a shop's balance.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccountEntry {
    account_entry_id: String,
    kind: AccountEntryKind,
    amount: Money,
    balance: Money,
    settlement_id: String,
    order_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_id: Option<String>,
    created_at: Timestamp,
}

impl Row for AccountEntry {
    const IS_FINAL: bool = true;

    fn id(&self) -> &str {
        &self.account_entry_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.created_at
    }
}

#[derive(Serialize)]
struct AccountBalance {
    available: Money,
    unsettled: Money,
    held: Money,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "getAccountBalance" => balance,
        "listAccountFlow" => flow,
        _ => return None,
    })
}

/// `getAccountBalance`
fn balance(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let shop = &*call.shop;
    let unsettled = shop.unsettled.iter().map(|line| line.amount.amount).sum();
    let open = shop.orders.iter().filter(|order| !order.has_ended());
    let held = open.map(|order| order.amounts.paid.amount - order.amounts.refunded.amount).sum();
    encode(&AccountBalance { available: available(shop), unsettled: shop.money(unsettled), held: shop.money(held) })
}

/// `listAccountFlow`
fn flow(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let order = call.query.one("order_id");
    let wanted = |entry: &AccountEntry| {
        order.is_none_or(|order| entry.order_id == order) && call.query.wants("kind", entry.kind.as_str())
    };
    call.cursor_page(&call.shop.account_entries, wanted, |entry| &**entry)
}

/// The sum of all entries: what the latest one says.
pub(crate) fn available(shop: &Shop) -> Money {
    shop.account_entries.oldest_first(None).next_back().map_or(shop.money(0), |entry| entry.balance)
}

/// Enters a statement, line by line.
pub(super) fn settle(shop: &mut Shop, settlement: &Settlement, at: Timestamp) {
    for line in &settlement.lines {
        let (gross, commission) = (line.amount.amount + line.commission.amount, -line.commission.amount);
        let kinds = match line.refund_id {
            None => [AccountEntryKind::OrderIncome, AccountEntryKind::Commission],
            Some(_) => [AccountEntryKind::Refund, AccountEntryKind::CommissionReturn],
        };
        for (kind, amount) in kinds.into_iter().zip([gross, commission]) {
            enter(shop, settlement, line, kind, amount, at);
        }
    }
}

fn enter(
    shop: &mut Shop,
    settlement: &Settlement,
    line: &SettlementLine,
    kind: AccountEntryKind,
    amount: i64,
    at: Timestamp,
) {
    if amount == 0 {
        return;
    }
    let entry = AccountEntry {
        account_entry_id: shop.next_id("AE"),
        kind,
        amount: shop.money(amount),
        balance: shop.money(available(shop).amount + amount),
        settlement_id: settlement.settlement_id.clone(),
        order_id: line.order_id.clone(),
        refund_id: line.refund_id.clone(),
        created_at: at,
    };
    shop.account_entries.put(entry);
}
