//! The catalogue as the seller's own system writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ecloud::prelude::*;
use ecloud::product::items::{ItemInput, ItemProperty, SkuInput};
use ecloud::types::CategoryId;
use serde::Deserialize;

/// What the seller wants to have on sale.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalogue {
    currency: Currency,
    pub(crate) items: Vec<Entry>,
}

/// One item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The seller's own code, by which the item is found again.
    pub(crate) outer_id: String,
    pub(crate) title: String,
    /// The names of the category, from the top down.
    pub(crate) category: Vec<String>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
    pub(crate) description: String,
    weight_grams: u32,
    /// Files in the folder of photographs, the main one first.
    pub(crate) images: Vec<String>,
    pub(crate) skus: Vec<Variant>,
}

/// One variant of an item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variant {
    pub(crate) outer_id: String,
    #[serde(default)]
    properties: BTreeMap<String, String>,
    /// In the currency's minor unit, as in the list below.
    pub(crate) price: i64,
    #[serde(default)]
    list_price: Option<i64>,
    /// How many pieces there are when the variant is created; later stock is kept elsewhere.
    stock: u32,
}

/// A catalogue that can't be read, or contradicts itself.
#[derive(Debug)]
pub(crate) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the catalogue can't be used: {}", self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Catalogue {
    /// Reads a catalogue. Codes have to be unique, since everything is found again by them.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let catalogue: Self = serde_json::from_str(text).map_err(|error| Unreadable(error.to_string()))?;
        let (mut items, mut skus) = (BTreeSet::new(), BTreeSet::new());
        for entry in &catalogue.items {
            if !items.insert(&entry.outer_id) {
                return Err(Unreadable(format!("the item {} stands there twice", entry.outer_id)));
            }
            if let Some(variant) = entry.skus.iter().find(|variant| !skus.insert(&variant.outer_id)) {
                return Err(Unreadable(format!("the variant {} stands there twice", variant.outer_id)));
            }
        }
        Ok(catalogue)
    }

    /// What the platform is to be told of an entry, with its category and the addresses of its pictures.
    pub(crate) fn input(&self, entry: &Entry, category_id: &CategoryId, images: Vec<String>) -> ItemInput {
        let skus: Vec<_> = entry.skus.iter().map(|variant| self.sku_input(variant)).collect();
        ItemInput::new(&entry.title, category_id, skus)
            .outer_id(&entry.outer_id)
            .properties(properties(&entry.properties))
            .images(images)
            .description(&entry.description)
            .weight_grams(entry.weight_grams)
    }

    /// What the platform is to be told of a variant.
    pub(crate) fn sku_input(&self, variant: &Variant) -> SkuInput {
        let mut input = SkuInput::new(self.price(variant), variant.stock).outer_id(&variant.outer_id);
        if !variant.properties.is_empty() {
            input = input.properties(properties(&variant.properties));
        }
        if let Some(list_price) = self.list_price(variant) {
            input = input.list_price(list_price);
        }
        input
    }

    pub(crate) fn price(&self, variant: &Variant) -> Money {
        Money::new(variant.price, self.currency)
    }

    pub(crate) fn list_price(&self, variant: &Variant) -> Option<Money> {
        variant.list_price.map(|amount| Money::new(amount, self.currency))
    }
}

fn properties(named: &BTreeMap<String, String>) -> Vec<ItemProperty> {
    named.iter().map(|(name, value)| ItemProperty::new(name, value)).collect()
}
