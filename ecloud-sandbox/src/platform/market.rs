//! All shops of the platform. A shop is made when it is first needed, from seed data that all platforms of a process share.

use std::collections::BTreeMap;
use std::sync::Arc;

use ecloud_core::{Currency, Timestamp};
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::business::{Happening, Shop, ShopRow, ShopRules};
use crate::platform::Refusal;
use crate::protocol::sensitive::{Safe, Vault};
use crate::seed;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// All shops.
#[derive(Debug)]
pub(crate) struct Market {
    rules: ShopRules,
    vault: Arc<Vault>,
    shops: BTreeMap<String, Shop>,
    /// The shop that the platform was started for; the one that is seeded with a history.
    demo_shop: String,
    /// The moment that the seeded history leads up to.
    begins_at: Timestamp,
    /// Whether somebody wants to know what happens.
    watched: bool,
    /// The shop whose rows are being read, while a saved platform is.
    restoring: Option<Shop>,
}

/// All shops, as a row of a saved platform that stands before theirs.
#[derive(Serialize, Deserialize)]
struct MarketRow {
    begins_at: Timestamp,
    watched: bool,
}

impl Market {
    pub(crate) fn new(settings: &Settings, now: Timestamp) -> Self {
        let rules = ShopRules {
            seed: settings.seed,
            change_delay: settings.change_delay,
            currency: Currency::CNY,
            categories: seed::categories(),
            carriers: seed::carriers(),
        };
        let vault = Arc::new(Vault::new(&settings.secret("personal fields")));
        Self {
            rules,
            vault,
            shops: BTreeMap::new(),
            demo_shop: settings.shop_id.clone(),
            begins_at: now,
            watched: false,
            restoring: None,
        }
    }

    /// A shop as it is at `now`, after all that time has brought to it.
    pub(crate) fn shop(&mut self, shop_id: &str, now: Timestamp) -> Result<&mut Shop, Refusal> {
        if !self.shops.contains_key(shop_id) {
            let mut shop = self.open(shop_id);
            // What lies between its history and now happened before anybody could know of it.
            shop.catch_up(now)?;
            if self.watched {
                shop.watch();
            }
            self.shops.insert(shop_id.to_owned(), shop);
        }
        let shop = self.shops.get_mut(shop_id).expect("it was put in above");
        shop.catch_up(now)?;
        Ok(shop)
    }

    /// Notes what happens from now on in all shops, those that are opened later, too. The demo shop is opened, since time may bring
    /// something to it before anybody asks.
    pub(crate) fn watch(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let demo_shop = self.demo_shop.clone();
        self.shop(&demo_shop, now)?;
        self.watched = true;
        for shop in self.shops.values_mut() {
            shop.catch_up(now)?;
            shop.watch();
        }
        Ok(())
    }

    /// Notes nothing any more.
    pub(crate) fn look_away(&mut self) {
        self.watched = false;
        self.shops.values_mut().for_each(Shop::look_away);
    }

    /// What has happened in all shops until `now`, since it was asked last, in the order of time.
    pub(crate) fn happenings(&mut self, now: Timestamp) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for shop in self.shops.values_mut() {
            // What can't happen to one shop is told to whoever uses it next.
            let _ = shop.catch_up(now);
            happenings.extend(shop.take_happenings());
        }
        happenings.sort_by_key(|happening| happening.occurred_at);
        happenings
    }

    /// When time brings the next thing to any shop.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.shops.values().filter_map(|shop| shop.due.next_at()).min()
    }

    fn open(&self, shop_id: &str) -> Shop {
        // The demo shop is number 1, whichever is asked for first.
        let number = if shop_id == self.demo_shop {
            1
        } else {
            2 + self.shops.keys().filter(|other| **other != self.demo_shop).count() as u32
        };
        seed::shop(&self.rules, self.safe(shop_id), number, self.begins_at)
    }

    fn safe(&self, shop_id: &str) -> Arc<Safe> {
        Arc::new(Safe { vault: Arc::clone(&self.vault), shop_id: shop_id.to_owned() })
    }

    /// All rows were read.
    pub(crate) fn restored(&mut self) {
        if let Some(shop) = self.restoring.take() {
            self.shops.insert(shop.id().to_owned(), shop);
        }
        if self.watched {
            self.shops.values_mut().for_each(Shop::watch);
        }
    }
}

impl Part for Market {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { rules: _, vault: _, shops, demo_shop: _, begins_at, watched, restoring: _ } = self;
        writer.row("market", &MarketRow { begins_at: *begins_at, watched: *watched })?;
        shops.values().try_for_each(|shop| shop.save(writer))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "market" => {
                let MarketRow { begins_at, watched } = record.read()?;
                (self.begins_at, self.watched) = (begins_at, watched);
            }
            "shop" => {
                let row: ShopRow = record.read()?;
                let safe = self.safe(&row.shop_id);
                let before = self.restoring.replace(Shop::begun(row, &self.rules, safe));
                self.shops.extend(before.map(|shop| (shop.id().to_owned(), shop)));
            }
            _ => {
                return match &mut self.restoring {
                    Some(shop) => shop.restore(record),
                    None => Ok(false),
                };
            }
        }
        Ok(true)
    }
}
