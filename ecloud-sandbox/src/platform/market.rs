//! All shops of the platform. A shop is made when it is first needed, from seed data that all platforms of a process share.

use std::collections::BTreeMap;
use std::sync::Arc;

use ecloud_core::{Currency, Timestamp};

use super::Settings;
use crate::business::{Shop, ShopRules};
use crate::platform::Refusal;
use crate::protocol::sensitive::{Safe, Vault};
use crate::seed;

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
        Self { rules, vault, shops: BTreeMap::new(), demo_shop: settings.shop_id.clone(), begins_at: now }
    }

    /// A shop as it is at `now`, after all that time has brought to it.
    pub(crate) fn shop(&mut self, shop_id: &str, now: Timestamp) -> Result<&mut Shop, Refusal> {
        if !self.shops.contains_key(shop_id) {
            let shop = self.open(shop_id);
            self.shops.insert(shop_id.to_owned(), shop);
        }
        let shop = self.shops.get_mut(shop_id).expect("it was put in above");
        shop.catch_up(now)?;
        Ok(shop)
    }

    fn open(&self, shop_id: &str) -> Shop {
        // The demo shop is number 1, whichever is asked for first.
        let number = if shop_id == self.demo_shop {
            1
        } else {
            2 + self.shops.keys().filter(|other| **other != self.demo_shop).count() as u32
        };
        let safe = Arc::new(Safe { vault: Arc::clone(&self.vault), shop_id: shop_id.to_owned() });
        seed::shop(&self.rules, safe, number, self.begins_at)
    }
}
