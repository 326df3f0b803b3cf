//! A shop as rows of a saved platform: first what it is, then its tables, a row of theirs in each line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::due::Due;
use super::trade::bought_rows;
use super::{Shop, ShopRules};
use crate::protocol::sensitive::Safe;
use crate::snapshot::{Part, Record, SnapshotError, Writer, opened_in};

/// What a shop is, without its tables: the row of kind `shop`, which begins it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShopRow {
    pub(crate) shop_id: String,
    /// What tells the identifiers of its objects from those of other shops.
    number: u32,
    counters: BTreeMap<Cow<'static, str>, u64>,
}

/// A parcel's number and the shipments that have it.
#[derive(Serialize, Deserialize)]
struct TrackedRow<'a> {
    tracking_number: Cow<'a, str>,
    shipment_ids: Cow<'a, [String]>,
}

#[derive(Serialize, Deserialize)]
struct DueRow<'a> {
    at: Timestamp,
    due: Cow<'a, Due>,
}

/// Writes and reads the tables with these names, and takes a shop apart by all of its members, so that none can be forgotten.
macro_rules! tables {
    ($($table:ident),* $(,)?) => {
        impl Part for Shop {
            fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
                let Self {
                    safe, currency: _, categories: _, carriers: _, $($table,)* unsettled, tracking, due, traffic, actor: _,
                    seed: _, change_delay: _, number, counters,
                } = self;
                let row = ShopRow { shop_id: safe.shop_id.clone(), number: *number, counters: counters.clone() };
                writer.row("shop", &row)?;
                bought_rows::forget();
                bought_rows::save(&self.orders, writer)?;
                $(
                    for row in $table.iter() {
                        writer.row(stringify!($table), &**row)?;
                    }
                )*
                bought_rows::forget();
                writer.rows("unsettled", unsettled)?;
                writer.rows("tracked", tracking.iter().map(|(number, shipments)| TrackedRow {
                    tracking_number: number.into(),
                    shipment_ids: shipments.into(),
                }))?;
                writer.rows("due", due.iter().map(|(at, due)| DueRow { at: *at, due: Cow::Borrowed(due) }))?;
                writer.rows("traffic", traffic)
            }

            fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
                let safe = Arc::clone(&self.safe);
                opened_in(&safe, || {
                    $(
                        if record.kind() == stringify!($table) {
                            self.$table.put(record.read()?);
                            return Ok(true);
                        }
                    )*
                    self.restore_rest(record)
                })
            }
        }
    };
}

tables! {
    items, skus, stock, media, uploads, audits, ledger, past_prices, price_schedules, brand_authorizations, reservations, orders,
    payments, address_changes, invoices, refunds, refund_messages, after_sales, settlements, account_entries, buyer_reviews, exports,
    shipments, addresses, waybills, waybill_templates, waybill_accounts, waybill_entries, warehouses, freight_templates, pickups, reverse_pickups, interceptions, tracking_subscriptions, delivery_exceptions,
    self_deliveries,
}

impl Shop {
    /// The shop that a row of kind `shop` begins.
    pub(crate) fn begun(row: ShopRow, rules: &ShopRules, safe: Arc<Safe>) -> Self {
        bought_rows::forget();
        let mut shop = Self::new(rules, safe, row.number);
        shop.counters = row.counters;
        shop
    }

    /// What stands beside the tables.
    fn restore_rest(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "unsettled" => self.unsettled.push(record.read()?),
            "tracked" => {
                let TrackedRow { tracking_number, shipment_ids } = record.read()?;
                let tracking = Arc::make_mut(&mut self.tracking);
                tracking.insert(tracking_number.into_owned(), shipment_ids.into_owned());
            }
            "traffic" => self.traffic = Some(record.read()?),
            "due" => {
                let DueRow { at, due } = record.read()?;
                self.due.insert((at, due.into_owned()));
            }
            _ => return bought_rows::restore(record),
        }
        Ok(true)
    }
}
