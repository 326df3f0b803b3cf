//! One shop: all that the platform keeps of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use ecloud_core::{Currency, Money, Timestamp};

use super::actor::Actor;
use super::due::Due;
use super::logistics::{
    Address, Carrier, DeliveryException, FreightTemplate, Interception, Pickup, ReversePickup, SelfDelivery, Shipment,
    TrackingSubscription, Warehouse, Waybill, WaybillAccount, WaybillEntry, WaybillTemplate,
};
use super::product::audits::ItemAudit;
use super::product::brand_authorizations::BrandAuthorization;
use super::product::ledger::LedgerEntry;
use super::product::media::{MediaUpload, Medium};
use super::product::price_schedules::PriceSchedule;
use super::product::prices::PastPrice;
use super::product::reservations::Reservation;
use super::product::{Category, Item, Sku, Stock};
use super::table::Table;
use super::trade::account::AccountEntry;
use super::trade::address_changes::AddressChange;
use super::trade::after_sale::AfterSale;
use super::trade::buyer_reviews::BuyerReview;
use super::trade::exports::OrderExport;
use super::trade::invoice::Invoice;
use super::trade::payments::Payment;
use super::trade::refund_messages::RefundMessage;
use super::trade::settlements::{Settlement, SettlementLine};
use super::trade::{Order, Refund};
use super::traffic::Traffic;
use crate::dice::Dice;
use crate::platform::Refusal;
use crate::protocol::sensitive::Safe;

/// What is the same for all shops of a platform.
#[derive(Clone, Debug)]
pub(crate) struct ShopRules {
    pub(crate) seed: u64,
    /// The longest time that a change may take to become visible in lists of changes.
    pub(crate) change_delay: Duration,
    pub(crate) currency: Currency,
    pub(crate) categories: Arc<[Category]>,
    pub(crate) carriers: Arc<[Carrier]>,
}

/// One shop. A copy shares everything with its original until one of them changes.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) safe: Arc<Safe>,
    pub(crate) currency: Currency,
    pub(crate) categories: Arc<[Category]>,
    pub(crate) carriers: Arc<[Carrier]>,
    pub(crate) items: Table<Item>,
    pub(crate) skus: Table<Sku>,
    pub(crate) stock: Table<Stock>,
    pub(crate) media: Table<Medium>,
    pub(crate) uploads: Table<MediaUpload>,
    pub(crate) audits: Table<ItemAudit>,
    pub(crate) ledger: Table<LedgerEntry>,
    pub(crate) past_prices: Table<PastPrice>,
    pub(crate) price_schedules: Table<PriceSchedule>,
    pub(crate) brand_authorizations: Table<BrandAuthorization>,
    pub(crate) reservations: Table<Reservation>,
    pub(crate) orders: Table<Order>,
    pub(crate) payments: Table<Payment>,
    pub(crate) address_changes: Table<AddressChange>,
    pub(crate) invoices: Table<Invoice>,
    pub(crate) refunds: Table<Refund>,
    pub(crate) refund_messages: Table<RefundMessage>,
    pub(crate) after_sales: Table<AfterSale>,
    pub(crate) settlements: Table<Settlement>,
    /// What the next statements will hold.
    pub(crate) unsettled: Vec<SettlementLine>,
    pub(crate) account_entries: Table<AccountEntry>,
    pub(crate) buyer_reviews: Table<BuyerReview>,
    pub(crate) exports: Table<OrderExport>,
    pub(crate) shipments: Table<Shipment>,
    pub(crate) addresses: Table<Address>,
    pub(crate) waybills: Table<Waybill>,
    pub(crate) waybill_templates: Table<WaybillTemplate>,
    pub(crate) waybill_accounts: Table<WaybillAccount>,
    pub(crate) waybill_entries: Table<WaybillEntry>,
    pub(crate) warehouses: Table<Warehouse>,
    pub(crate) freight_templates: Table<FreightTemplate>,
    pub(crate) pickups: Table<Pickup>,
    pub(crate) reverse_pickups: Table<ReversePickup>,
    pub(crate) interceptions: Table<Interception>,
    pub(crate) tracking_subscriptions: Table<TrackingSubscription>,
    pub(crate) delivery_exceptions: Table<DeliveryException>,
    pub(crate) self_deliveries: Table<SelfDelivery>,
    /// The shipments that have a parcel with a tracking number, oldest first.
    pub(crate) tracking: Arc<BTreeMap<String, Vec<String>>>,
    pub(crate) due: Agenda,
    /// The buyers who come by themselves.
    pub(crate) traffic: Option<Traffic>,
    /// Who acts in it: see [`acting`](Self::acting).
    pub(crate) actor: Actor,
    pub(super) seed: u64,
    pub(super) change_delay: Duration,
    pub(super) number: u32,
    pub(super) counters: BTreeMap<Cow<'static, str>, u64>,
}

impl Shop {
    /// A shop without anything in it; `number` tells the identifiers of its objects from those of other shops.
    pub(crate) fn new(rules: &ShopRules, safe: Arc<Safe>, number: u32) -> Self {
        Self {
            safe,
            currency: rules.currency,
            categories: Arc::clone(&rules.categories),
            carriers: Arc::clone(&rules.carriers),
            items: Table::default(),
            skus: Table::default(),
            stock: Table::default(),
            media: Table::default(),
            uploads: Table::default(),
            audits: Table::default(),
            ledger: Table::default(),
            past_prices: Table::default(),
            price_schedules: Table::default(),
            brand_authorizations: Table::default(),
            reservations: Table::default(),
            orders: Table::default(),
            payments: Table::default(),
            address_changes: Table::default(),
            invoices: Table::default(),
            refunds: Table::default(),
            refund_messages: Table::default(),
            after_sales: Table::default(),
            settlements: Table::default(),
            unsettled: Vec::new(),
            account_entries: Table::default(),
            buyer_reviews: Table::default(),
            exports: Table::default(),
            shipments: Table::default(),
            addresses: Table::default(),
            waybills: Table::default(),
            waybill_templates: Table::default(),
            waybill_accounts: Table::default(),
            waybill_entries: Table::default(),
            warehouses: Table::default(),
            freight_templates: Table::default(),
            pickups: Table::default(),
            reverse_pickups: Table::default(),
            interceptions: Table::default(),
            tracking_subscriptions: Table::default(),
            delivery_exceptions: Table::default(),
            self_deliveries: Table::default(),
            tracking: Arc::default(),
            due: Agenda::default(),
            traffic: None,
            actor: Actor::Seller,
            seed: rules.seed,
            change_delay: rules.change_delay,
            number,
            counters: BTreeMap::new(),
        }
    }

    /// This shop, under the rules of the platform that it opens on.
    pub(crate) fn under(mut self, rules: &ShopRules) -> Self {
        self.change_delay = rules.change_delay;
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.safe.shop_id
    }

    /// An identifier that no object of the platform has: a letter for its kind, the shop's number and a count.
    pub(crate) fn next_id(&mut self, kind: &'static str) -> String {
        let count = self.counters.entry(kind.into()).or_default();
        *count += 1;
        format!("{kind}{}{count:06}", self.number)
    }

    /// Numbers the next objects of a kind from here on, where that leaves a gap and repeats nothing.
    pub(crate) fn number_from(&mut self, kind: &'static str, number: u64) {
        let count = self.counters.entry(kind.into()).or_default();
        *count = (*count).max(number.saturating_sub(1));
    }

    pub(crate) fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.currency)
    }

    pub(crate) fn item(&self, id: &str) -> Result<&Arc<Item>, Refusal> {
        self.items.get(id).ok_or_else(|| Refusal::rule("product.item_not_found", "the shop has no such item"))
    }

    pub(crate) fn order(&self, id: &str) -> Result<&Arc<Order>, Refusal> {
        self.orders.get(id).ok_or_else(|| Refusal::rule("trade.order_not_found", "the shop has no such order"))
    }

    pub(crate) fn refund(&self, id: &str) -> Result<&Arc<Refund>, Refusal> {
        self.refunds.get(id).ok_or_else(|| Refusal::rule("trade.refund_not_found", "the shop has no such refund"))
    }

    pub(crate) fn after_sale(&self, id: &str) -> Result<&Arc<AfterSale>, Refusal> {
        self.after_sales.get(id).ok_or_else(|| Refusal::rule("trade.after_sale_not_found", "the shop has no such case"))
    }

    pub(crate) fn invoice(&self, id: &str) -> Result<&Invoice, Refusal> {
        let found = self.invoices.get(id).map(|invoice| &**invoice);
        found.ok_or_else(|| Refusal::rule("trade.invoice_not_found", "the shop has no such invoice"))
    }

    pub(crate) fn medium(&self, id: &str) -> Result<&Arc<Medium>, Refusal> {
        let missing = || Refusal::rule("product.medium_not_found", "the shop has no such image or video");
        self.media.get(id).ok_or_else(missing)
    }

    pub(crate) fn shipment(&self, id: &str) -> Result<&Arc<Shipment>, Refusal> {
        self.shipments
            .get(id)
            .ok_or_else(|| Refusal::rule("logistics.shipment_not_found", "the shop has no such shipment"))
    }

    pub(crate) fn address(&self, id: &str) -> Result<&Arc<Address>, Refusal> {
        self.addresses
            .get(id)
            .ok_or_else(|| Refusal::rule("logistics.address_not_found", "the shop has no such address"))
    }

    pub(crate) fn waybill(&self, id: &str) -> Result<&Arc<Waybill>, Refusal> {
        self.waybills
            .get(id)
            .ok_or_else(|| Refusal::rule("logistics.waybill_not_found", "the shop has no such waybill"))
    }

    /// Whether a change stands in lists of changes yet: each takes a time of its own, up to five minutes.
    pub(crate) fn shows_change(&self, id: &str, version: u64, modified_at: Timestamp, now: Timestamp) -> bool {
        let longest = u64::try_from(self.change_delay.as_millis()).unwrap_or(u64::MAX);
        let delay = Dice::for_purpose(self.seed ^ version, id).below(longest.saturating_add(1));
        modified_at + Duration::from_millis(delay) <= now
    }

    /// Files a parcel's number under its shipment.
    pub(crate) fn track(&mut self, tracking_number: &str, shipment_id: &str) {
        let shipments = Arc::make_mut(&mut self.tracking).entry(tracking_number.to_owned()).or_default();
        if !shipments.iter().any(|other| other == shipment_id) {
            shipments.push(shipment_id.to_owned());
        }
    }

    /// The opposite of [`track`](Self::track).
    pub(crate) fn untrack(&mut self, tracking_number: &str, shipment_id: &str) {
        if let Some(shipments) = Arc::make_mut(&mut self.tracking).get_mut(tracking_number) {
            shipments.retain(|other| other != shipment_id);
        }
    }
}

/// What time will bring, earliest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda {
    entries: Arc<BTreeSet<(Timestamp, Due)>>,
}

impl Agenda {
    pub(crate) fn insert(&mut self, entry: (Timestamp, Due)) {
        Arc::make_mut(&mut self.entries).insert(entry);
    }

    /// All entries, earliest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Timestamp, Due)> {
        self.entries.iter()
    }

    /// When the earliest entry is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// Takes out the earliest entry whose time has come.
    pub(crate) fn pop(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        if self.entries.first().is_none_or(|(at, _)| *at > now) {
            return None;
        }
        Arc::make_mut(&mut self.entries).pop_first()
    }
}
