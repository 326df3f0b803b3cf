//! An independent look: what the platform has of orders, shipments and waybills, held against each other and against the files of the job.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;

use ecloud::logistics::shipments::{Shipment, ShipmentStatus};
use ecloud::logistics::waybills::{Waybill, WaybillStatus};
use ecloud::prelude::*;
use ecloud::trade::orders::{Order, OrderStatus, RefundProgress, RiskStatus};
use ecloud::types::OrderId;

use crate::verdict::Verdict;

/// What the platform has.
pub(crate) struct Books {
    orders: BTreeMap<OrderId, Order>,
    /// Those of the day.
    pub(crate) shipments: Vec<Shipment>,
    /// Those of the day, by their tracking numbers.
    waybills: BTreeMap<String, Waybill>,
}

impl Books {
    pub(crate) async fn read(trade: &Trade, logistics: &Logistics, start: Timestamp) -> Result<Self, Error> {
        let (mut all, mut orders) = (trade.orders().list().limit(100).items(), BTreeMap::new());
        while let Some(order) = all.try_next().await? {
            orders.insert(order.order_id.clone(), order);
        }
        let mut all = logistics.shipments().list().created_from(start).limit(100).items();
        let mut shipments = Vec::new();
        while let Some(shipment) = all.try_next().await? {
            shipments.push(shipment);
        }
        let (mut all, mut waybills) =
            (logistics.waybills().list().created_from(start).limit(100).items(), BTreeMap::new());
        while let Some(waybill) = all.try_next().await? {
            waybills.insert(waybill.tracking_number.to_string(), waybill);
        }
        Ok(Self { orders, shipments, waybills })
    }

    pub(crate) fn shipments_of<'a>(&'a self, order_id: &'a str) -> impl Iterator<Item = &'a Shipment> {
        self.shipments.iter().filter(move |shipment| shipment.order_id.as_str() == order_id)
    }

    /// Each order was shipped as far as it may be, once, under a waybill of its own to its present receiver.
    pub(crate) fn check(&self, verdict: &mut Verdict) {
        let mut shipped: BTreeMap<&str, u32> = BTreeMap::new();
        for shipment in &self.shipments {
            let number = shipment.tracking_number.as_str();
            verdict.same(&format!("{number} isn't cancelled"), shipment.status == ShipmentStatus::Cancelled, false);
            for line in &shipment.lines {
                *shipped.entry(line.line_id.as_str()).or_default() += line.quantity;
            }
            let Some(waybill) = self.waybills.get(number) else {
                verdict.holds(&format!("{number} has a waybill"), false);
                continue;
            };
            verdict.same(&format!("{number} is of its order"), waybill.order_id.as_ref(), Some(&shipment.order_id));
            verdict.holds(&format!("the waybill {number} is in force"), waybill.status != WaybillStatus::Cancelled);
            let receiver = self.orders.get(&shipment.order_id).and_then(|order| order.receiver.as_ref());
            let masks = receiver.map(|it| (it.name.masked(), it.phone.masked(), it.address.masked()));
            let on_waybill = &waybill.receiver;
            let printed = (on_waybill.name.masked(), on_waybill.phone.masked(), on_waybill.address.masked());
            verdict.same(&format!("{number} goes to the order's receiver"), Some(printed), masks);
        }
        let numbers: BTreeSet<_> = self.shipments.iter().map(|shipment| shipment.tracking_number.as_str()).collect();
        verdict.same("no two parcels have one number", numbers.len(), self.shipments.len());
        for order in self.orders.values() {
            check_order(order, &shipped, verdict);
        }
        for (number, waybill) in &self.waybills {
            let is_open = waybill.status == WaybillStatus::Applied && !numbers.contains(number.as_str());
            let order = waybill.order_id.as_ref().and_then(|order_id| self.orders.get(order_id));
            let waits = order.is_some_and(|order| order.status == OrderStatus::Paid);
            verdict.holds(&format!("the waybill {number} is needed"), !is_open || waits);
        }
    }

    /// Each parcel has its label, no label is without its parcel, and no file holds anything personal.
    pub(crate) fn check_files(&self, folder: &Path, personal: &[&str], verdict: &mut Verdict) -> io::Result<()> {
        let mut labels = BTreeSet::new();
        let mut files = vec![folder.join("journal.json")];
        for entry in std::fs::read_dir(folder.join("labels"))? {
            let path = entry?.path();
            labels.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
            files.push(path);
        }
        let parcels: BTreeSet<_> = self.shipments.iter().map(|it| it.tracking_number.to_string()).collect();
        verdict.same("each parcel has its label, and each label its parcel", labels, parcels);
        for file in files {
            let text = std::fs::read_to_string(&file)?;
            let shows = personal.iter().any(|word| text.contains(word));
            verdict.holds(&format!("{} shows nothing personal", file.display()), !shows);
        }
        Ok(())
    }
}

/// What of an order was shipped today and before, what was refunded, and what still waits is all of it; and waits for a reason.
fn check_order(order: &Order, shipped: &BTreeMap<&str, u32>, verdict: &mut Verdict) {
    let (order_id, is_open) = (&order.order_id, matches!(order.status, OrderStatus::Paid | OrderStatus::PartlyShipped));
    for line in &order.lines {
        let today = shipped.get(line.line_id.as_str()).copied().unwrap_or(0);
        let left = i64::from(line.quantity) - i64::from(line.shipped_quantity) - i64::from(line.refunded_quantity);
        verdict.holds(&format!("{order_id}: nothing is shipped twice"), today <= line.shipped_quantity && left >= 0);
        let held = order.risk_status != RiskStatus::Clear || line.refund_status == RefundProgress::InProgress;
        verdict.holds(&format!("{order_id}: what waits has a reason to"), !is_open || left == 0 || held);
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.orders.values().filter(|order| order.status == OrderStatus::Paid).count();
        let (shipments, waybills) = (self.shipments.len(), self.waybills.len());
        write!(f, "{shipments} parcels, {waybills} waybills, {waiting} orders that wait")
    }
}
