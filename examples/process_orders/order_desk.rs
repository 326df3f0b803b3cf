//! Ships what is paid, each order once: it may break off anywhere and be started again.
//!
//! What is to be done is told by the platform's list of changes, and stays in the journal until it is done. Each batch of orders is read as it is
//! now, its waybills are applied for under keys of its own, so that a parcel has the same number in every run, the labels are written, and the
//! parcels shipped. A batch whose answer got lost is found shipped when it is read again.

use std::collections::{BTreeMap, BTreeSet};

use ecloud::logistics::shipments::{ShipmentBatch, ShipmentInput, ShipmentLineInput};
use ecloud::logistics::waybills::{
    ParcelContent, Waybill, WaybillBatch, WaybillIds, WaybillInput, WaybillReceiver, WaybillStatus,
};
use ecloud::prelude::*;
use ecloud::trade::address_changes::{AddressChangeApproval, AddressChangeStatus};
use ecloud::trade::orders::{Order, OrderBatch, OrderStatus, Receiver};
use ecloud::types::{CarrierCode, OrderId};

use crate::decision::{Decision, decide, waits_to_be_shipped};
use crate::journal::Journal;
use crate::labels::Labels;

/// Whatever goes wrong.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// So many waybills the platform gives in one call; of orders, labels and shipments it takes more.
const BATCH: usize = 20;

/// How often another waybill is applied for in place of one that is over, before it is left to the next run.
const ROUNDS: usize = 3;

/// The job for one shop.
pub(crate) struct OrderDesk {
    pub(crate) trade: Trade,
    pub(crate) logistics: Logistics,
    pub(crate) carrier_code: CarrierCode,
    pub(crate) journal: Journal,
    pub(crate) labels: Labels,
}

/// What a run has done; true of one that broke off, too.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Orders that were found to wait.
    pub(crate) found: usize,
    /// Address changes that were approved.
    pub(crate) readdressed: usize,
    /// Waybills that were given back since what they were for had changed.
    pub(crate) given_back: usize,
    /// Parcels that were shipped.
    pub(crate) shipped: usize,
    /// Orders that wait for something, and for what.
    pub(crate) waiting: BTreeMap<OrderId, String>,
}

/// A parcel about to be sent.
struct Parcel {
    order_id: OrderId,
    receiver: WaybillReceiver,
    lines: Vec<ShipmentLineInput>,
    contents: Vec<ParcelContent>,
    complete: bool,
    key: String,
}

impl OrderDesk {
    /// Ships what may be shipped. `now` is only asked for by the first run of all.
    pub(crate) async fn run(&mut self, now: Timestamp, outcome: &mut Outcome) -> Result<(), Failure> {
        match self.journal.state.watermark {
            Some(watermark) => self.find_changed(watermark, outcome).await?,
            None => self.find_all(now, outcome).await?,
        }
        let unanswered = self.answer_address_changes(outcome).await?;
        let pending: Vec<OrderId> = self.journal.state.pending.keys().cloned().collect();
        for some in pending.chunks(BATCH) {
            let parcels = self.decide(some, &unanswered, outcome).await?;
            let with_waybills = self.apply(parcels, outcome).await?;
            let labelled = self.label(with_waybills, outcome).await?;
            self.ship(labelled, outcome).await?;
            self.journal.save()?;
        }
        Ok(())
    }

    /// All orders that wait. From an hour ago on, changes are asked for: who is met twice is no matter.
    async fn find_all(&mut self, now: Timestamp, outcome: &mut Outcome) -> Result<(), Failure> {
        for status in [OrderStatus::Paid, OrderStatus::PartlyShipped] {
            let mut orders = self.trade.orders().list().status(status).limit(100).items();
            while let Some(order) = orders.try_next().await? {
                self.note(&order, outcome);
            }
        }
        self.journal.state.watermark = Some(now.offset_by_millis(-3_600_000));
        Ok(self.journal.save()?)
    }

    /// The orders that changed since the last run. The watermark goes into the journal together with what was found up to it, also where the
    /// list breaks off.
    async fn find_changed(&mut self, watermark: Timestamp, outcome: &mut Outcome) -> Result<(), Failure> {
        let mut changes = self.trade.orders().changes(watermark).items();
        let ended = loop {
            match changes.try_next().await {
                Ok(Some(order)) => self.note(&order, outcome),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.journal.state.watermark = Some(changes.watermark());
        self.journal.save()?;
        Ok(ended?)
    }

    fn note(&mut self, order: &Order, outcome: &mut Outcome) {
        if waits_to_be_shipped(order) && !self.journal.state.pending.contains_key(&order.order_id) {
            self.journal.state.pending.insert(order.order_id.clone(), 1);
            outcome.found += 1;
        }
    }

    /// The number under which the waybill of an order's next parcel is applied for.
    fn number(&mut self, order_id: &OrderId) -> &mut u32 {
        self.journal.state.pending.entry(order_id.clone()).or_insert(1)
    }

    /// Approves the other receivers that buyers ask for; the orders of those that could not be approved.
    async fn answer_address_changes(&self, outcome: &mut Outcome) -> Result<BTreeSet<OrderId>, Error> {
        let mut unanswered = BTreeSet::new();
        let mut asked = self.trade.address_changes().list().status(AddressChangeStatus::Requested).limit(100).items();
        while let Some(change) = asked.try_next().await? {
            let approval = AddressChangeApproval::new(change.version);
            match self.trade.address_changes().approve(&change.address_change_id, approval).send().await {
                Ok(_) => outcome.readdressed += 1,
                // It was changed or withdrawn just now, or the risk control holds the order: the next run looks again.
                Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Rejected) => {
                    unanswered.insert(change.order_id);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(unanswered)
    }

    /// Reads some orders as they are now, and decides what becomes of each.
    async fn decide(
        &mut self,
        order_ids: &[OrderId],
        unanswered: &BTreeSet<OrderId>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Parcel>, Failure> {
        let mut parcels = Vec::new();
        for result in self.trade.orders().batch_get(OrderBatch::new(order_ids)).send().await?.items {
            let order_id = result.order_id;
            let Some(order) = result.order else {
                let why = result.error.map_or_else(|| "it isn't told".to_owned(), |error| error.message);
                outcome.waiting.insert(order_id, why);
                continue;
            };
            match decide(&order) {
                Decision::Done => {
                    self.give_back(&order_id, None, outcome).await?;
                    self.journal.state.pending.remove(&order_id);
                }
                Decision::Wait(why) => drop(outcome.waiting.insert(order_id, why.to_owned())),
                Decision::Ship { .. } if unanswered.contains(&order_id) => {
                    outcome.waiting.insert(order_id, "the buyer wants another receiver".to_owned());
                }
                Decision::Ship { receiver, lines, contents, complete } => {
                    // A run that broke off may have shipped a parcel without noting it.
                    let shipped = u32::try_from(order.shipment_ids.len()).unwrap_or(u32::MAX);
                    let number = self.number(&order_id);
                    *number = shipped.saturating_add(1).max(*number);
                    let (key, receiver) = (format!("{order_id}-{number}"), waybill_receiver(*receiver));
                    parcels.push(Parcel { order_id, receiver, lines, contents, complete, key });
                }
            }
        }
        Ok(parcels)
    }

    /// Applies for the waybills of some parcels. One that has its waybill already gets it again; where the order has changed since, that one
    /// is given back, and another applied for under the next number.
    async fn apply(&mut self, parcels: Vec<Parcel>, outcome: &mut Outcome) -> Result<Vec<(Parcel, Waybill)>, Failure> {
        let mut applied = Vec::new();
        let mut left = parcels;
        // What was given back in one round is applied for in the next.
        for _ in 0..ROUNDS {
            if left.is_empty() {
                return Ok(applied);
            }
            let inputs = left.iter().map(|parcel| waybill_input(parcel, &self.carrier_code));
            let results = self.logistics.waybills().batch_apply(WaybillBatch::new(inputs)).send().await?.items;
            let mut again = Vec::new();
            for (mut parcel, result) in left.into_iter().zip(results) {
                let order_id = parcel.order_id.clone();
                let is_over = match (&result.waybill, &result.error) {
                    // Somebody gave it back by hand.
                    (Some(waybill), _) => waybill.status == WaybillStatus::Cancelled,
                    (None, error) => error.as_ref().is_some_and(|error| error.code == "logistics.waybill_conflict"),
                };
                if is_over {
                    self.give_back(&order_id, Some(&parcel.key), outcome).await?;
                    let number = self.number(&order_id);
                    *number += 1;
                    parcel.key = format!("{order_id}-{number}");
                    again.push(parcel);
                } else if let Some(waybill) = result.waybill {
                    applied.push((parcel, waybill));
                } else {
                    let why = result.error.map_or_else(|| "no waybill".to_owned(), |error| error.message);
                    outcome.waiting.insert(order_id, why);
                }
            }
            self.journal.save()?;
            left = again;
        }
        Ok(applied)
    }

    /// Gives waybills of an order back that were never shipped under: that with this key, or all of them.
    async fn give_back(&self, order_id: &OrderId, key: Option<&str>, outcome: &mut Outcome) -> Result<(), Failure> {
        let shipped = self.numbers_in_use(order_id).await?;
        let mut waybills = self.logistics.waybills().list().order_id(order_id).limit(100).items();
        while let Some(waybill) = waybills.try_next().await? {
            let is_meant = key.is_none_or(|key| waybill.parcel_key == key);
            let is_open = matches!(waybill.status, WaybillStatus::Applied | WaybillStatus::Printed);
            if is_meant && is_open && !shipped.contains(waybill.tracking_number.as_str()) {
                self.labels.remove(&waybill)?;
                self.logistics.waybills().cancel(&waybill.waybill_id).send().await?;
                outcome.given_back += 1;
            }
        }
        Ok(())
    }

    /// The tracking numbers of an order's shipments.
    async fn numbers_in_use(&self, order_id: &OrderId) -> Result<BTreeSet<String>, Error> {
        let mut numbers = BTreeSet::new();
        let mut shipments = self.logistics.shipments().list().order_id(order_id).limit(100).items();
        while let Some(shipment) = shipments.try_next().await? {
            numbers.extend(shipment.parcels.into_iter().map(|parcel| parcel.tracking_number.into()));
        }
        Ok(numbers)
    }

    /// Writes the labels of some parcels; those that have one.
    async fn label(
        &self,
        parcels: Vec<(Parcel, Waybill)>,
        outcome: &mut Outcome,
    ) -> Result<Vec<(Parcel, Waybill)>, Failure> {
        if parcels.is_empty() {
            return Ok(parcels);
        }
        let ids = WaybillIds::new(parcels.iter().map(|(_, waybill)| &waybill.waybill_id));
        let results = self.logistics.waybills().print_data(ids).send().await?.items;
        let mut labelled = Vec::new();
        for ((parcel, waybill), result) in parcels.into_iter().zip(results) {
            if let Some(data) = &result.print_data {
                self.labels.put(&waybill, data)?;
                labelled.push((parcel, waybill));
            } else {
                let why = result.error.map_or_else(|| "no label".to_owned(), |error| error.message);
                outcome.waiting.insert(parcel.order_id, why);
            }
        }
        Ok(labelled)
    }

    /// Ships some parcels. What the platform refuses has changed since it was read: the next run decides anew.
    async fn ship(&mut self, parcels: Vec<(Parcel, Waybill)>, outcome: &mut Outcome) -> Result<(), Error> {
        if parcels.is_empty() {
            return Ok(());
        }
        let inputs = parcels.iter().map(|(parcel, waybill)| {
            ShipmentInput::new(&parcel.order_id, &waybill.carrier_code, &waybill.tracking_number)
                .lines(parcel.lines.clone())
                .sender_address_id(&waybill.sender_address_id)
        });
        let results = self.logistics.shipments().batch_create(ShipmentBatch::new(inputs)).send().await?.items;
        for ((parcel, _), result) in parcels.into_iter().zip(results) {
            let order_id = parcel.order_id;
            match result.error {
                None => {
                    outcome.shipped += 1;
                    if parcel.complete {
                        self.journal.state.pending.remove(&order_id);
                    } else {
                        *self.number(&order_id) += 1;
                        outcome.waiting.insert(order_id, "a refund is open for the rest".to_owned());
                    }
                }
                Some(error) => drop(outcome.waiting.insert(order_id, error.message)),
            }
        }
        Ok(())
    }
}

/// What the waybill of a parcel is applied for with.
fn waybill_input(parcel: &Parcel, carrier_code: &CarrierCode) -> WaybillInput {
    WaybillInput::new(&parcel.key, carrier_code, parcel.receiver.clone(), parcel.contents.clone())
        .order_id(&parcel.order_id)
}

/// The receiver goes back as it came, encrypted: nobody here can read it.
fn waybill_receiver(receiver: Receiver) -> WaybillReceiver {
    let Receiver { name, phone, address, country, province, city, district, town, zip, .. } = receiver;
    let mut receiver = WaybillReceiver::new(name, phone, address, country, province, city);
    (receiver.district, receiver.town, receiver.zip) = (district, town, zip);
    receiver
}
