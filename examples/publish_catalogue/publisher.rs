//! Brings a shop to what a catalogue says. It may break off anywhere and be started again: what is done is found by the seller's own codes,
//! and what is as it should be isn't touched.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::product::categories::CategoryRules;
use ecloud::product::items::{AuditStatus, FindingSeverity, Item, ItemIds, ItemInput, ItemPatch, ListingStatus};
use ecloud::product::prices::{PriceBatch, PriceBatchEntry};
use ecloud::product::skus::{Sku, SkuIds};
use ecloud::types::{CategoryId, ItemId, SkuId};
use ecloud::{Clock, bulk};

use crate::catalogue::{Catalogue, Entry};
use crate::images::{self, Images};

/// So many items or SKUs the platform takes in one call.
const BATCH: usize = 20;
/// How often somebody else's change is read again before it is left to the next run.
const TRIES: usize = 3;
/// How long is waited for the platform's look at new items; what takes longer is put on sale by the next run.
const AUDIT_PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Publishes catalogues into one shop.
pub(crate) struct Publisher {
    pub(crate) product: Product,
    pub(crate) clock: Arc<dyn Clock>,
    /// The folder of photographs.
    pub(crate) photographs: PathBuf,
}

/// What a run has done. Counted as it is done, so it is true of a run that broke off, too.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) uploaded: usize,
    pub(crate) created: usize,
    pub(crate) updated: usize,
    pub(crate) published: usize,
    pub(crate) repriced: usize,
    /// What somebody has to look at: the seller's code, and what is wrong.
    pub(crate) refused: BTreeMap<String, String>,
}

/// Why it doesn't go on.
enum Stop {
    /// Something is wrong with this entry; the others go on.
    Entry(String),
    /// Nothing would come of the others either: no access, no platform.
    Run(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        use ErrorKind::{Conflict, InvalidRequest, NotFound, Rejected};
        match error.kind() {
            Rejected | InvalidRequest | NotFound | Conflict => Self::Entry(error.to_string()),
            _ => Self::Run(error),
        }
    }
}

impl Publisher {
    /// Brings the shop to what the catalogue says.
    pub(crate) async fn run(&self, catalogue: &Catalogue, outcome: &mut Outcome) -> Result<(), Error> {
        let categories = self.categories(catalogue).await?;
        let files: BTreeSet<_> = catalogue.items.iter().flat_map(|entry| &entry.images).cloned().collect();
        let images = images::bring(&self.product, &self.photographs, files.into_iter().collect()).await?;
        outcome.uploaded += images.uploaded;

        let mut found = self.find(catalogue).await?;
        let mut items = BTreeMap::new();
        for entry in &catalogue.items {
            let there = found.remove(&entry.outer_id);
            match self.keep(catalogue, entry, there, &categories, &images, outcome).await {
                Ok(item) => drop(items.insert(entry.outer_id.clone(), item)),
                Err(Stop::Entry(why)) => drop(outcome.refused.insert(entry.outer_id.clone(), why)),
                Err(Stop::Run(error)) => return Err(error),
            }
        }
        self.await_audits(&mut items).await?;
        self.publish(&mut items, outcome).await?;
        self.set_prices(catalogue, &items, outcome).await
    }

    /// What the platform allows in the categories that the catalogue names.
    async fn categories(&self, catalogue: &Catalogue) -> Result<BTreeMap<Vec<String>, CategoryRules>, Error> {
        let wanted: BTreeSet<_> = catalogue.items.iter().map(|entry| &entry.category).collect();
        let mut leaves = Vec::new();
        let mut categories = self.product.categories().list().page_size(100).items();
        while let Some(category) = categories.try_next().await? {
            if category.leaf && wanted.contains(&category.path) {
                leaves.push((category.path, category.category_id));
            }
        }
        let mut rules = BTreeMap::new();
        for (path, category_id) in leaves {
            rules.insert(path, self.product.categories().get_rules(category_id).send().await?);
        }
        Ok(rules)
    }

    /// The items that are there already, by the seller's code.
    async fn find(&self, catalogue: &Catalogue) -> Result<BTreeMap<String, Item>, Error> {
        let codes = catalogue.items.iter().map(|entry| entry.outer_id.clone());
        let mut searches = bulk(codes, |code| {
            let mut items = self.product.items().list().keyword(&code).page_size(100).items();
            async move {
                // The keyword is looked for in titles, too.
                while let Some(item) = items.try_next().await? {
                    if item.outer_id.as_ref() == Some(&code) {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            }
        });
        let mut found = BTreeMap::new();
        while let Some(result) = searches.next().await {
            if let Some(item) = result.outcome? {
                found.insert(result.input, item);
            }
        }
        Ok(found)
    }

    /// Creates an item, or brings the one that is there to what the catalogue says; prices come later.
    async fn keep(
        &self,
        catalogue: &Catalogue,
        entry: &Entry,
        there: Option<Item>,
        categories: &BTreeMap<Vec<String>, CategoryRules>,
        images: &Images,
        outcome: &mut Outcome,
    ) -> Result<Item, Stop> {
        let no_category = || Stop::Entry(format!("there is no category {}", entry.category.join(" / ")));
        let rules = categories.get(&entry.category).ok_or_else(no_category)?;
        let urls = images.of(&entry.images).map_err(|(file, error)| {
            Stop::Entry(error.map_or_else(|| format!("{file} is missing"), |error| format!("{file}: {error}")))
        })?;
        let input = catalogue.input(entry, &rules.category_id, urls);
        if let Some(fault) = fault(rules, &input) {
            return Err(Stop::Entry(fault));
        }
        let mut item = match there {
            Some(item) => self.update(item, &input, outcome).await?,
            None => self.create(input, outcome).await?,
        };
        for variant in &entry.skus {
            if !item.skus.iter().any(|sku| sku.outer_id.as_ref() == Some(&variant.outer_id)) {
                let new = self.product.skus().create(&item.item_id, catalogue.sku_input(variant)).send().await?;
                outcome.created += 1;
                item.skus.push(new);
            }
        }
        Ok(item)
    }

    /// Creates an item, unless the platform finds something wrong with it: then all that is wrong is told at once.
    async fn create(&self, input: ItemInput, outcome: &mut Outcome) -> Result<Item, Stop> {
        let checked = self.product.items().validate(input.clone()).send().await?;
        if !checked.creatable {
            let errors = checked.findings.iter().filter(|finding| finding.severity == FindingSeverity::Error);
            let told: Vec<_> = errors.map(|finding| format!("{}: {}", finding.field, finding.message)).collect();
            return Err(Stop::Entry(told.join("; ")));
        }
        let item = self.product.items().create(input).send().await?;
        outcome.created += 1;
        Ok(item)
    }

    /// Changes what differs, under the version that was compared; a change that came in between is compared anew.
    async fn update(&self, mut item: Item, wanted: &ItemInput, outcome: &mut Outcome) -> Result<Item, Stop> {
        for _ in 0..TRIES {
            let Some(patch) = difference(&item, wanted) else { return Ok(item) };
            match self.product.items().update(&item.item_id, patch).send().await {
                Ok(changed) => {
                    outcome.updated += 1;
                    return Ok(changed);
                }
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    item = self.product.items().get(&item.item_id).send().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Stop::Entry("somebody else keeps changing it".to_owned()))
    }

    /// Waits until the platform has looked at the items that are new or changed.
    async fn await_audits(&self, items: &mut BTreeMap<String, Item>) -> Result<(), Error> {
        let deadline = self.clock.monotonic() + AUDIT_PATIENCE;
        let mut pause = Duration::from_secs(5);
        loop {
            let pending: Vec<_> =
                of_status(items, &AuditStatus::Pending).map(|(_, item)| item.item_id.clone()).collect();
            if pending.is_empty() || self.clock.monotonic() >= deadline {
                return Ok(());
            }
            self.clock.sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(60));
            for some in pending.chunks(BATCH) {
                for result in self.product.items().batch_get(ItemIds::new(some)).send().await?.items {
                    result.item.into_iter().for_each(|item| put(items, item));
                }
            }
        }
    }

    /// Puts on sale what the platform allows, and tells what it doesn't.
    async fn publish(&self, items: &mut BTreeMap<String, Item>, outcome: &mut Outcome) -> Result<(), Error> {
        for status in [AuditStatus::Rejected, AuditStatus::Banned] {
            for (code, item) in of_status(items, &status) {
                let reason = item.audit_reason.as_deref().unwrap_or("no reason given");
                outcome.refused.insert(code.clone(), format!("{status} by the platform: {reason}"));
            }
        }
        let ready: Vec<(String, ItemId)> = of_status(items, &AuditStatus::Approved)
            .filter(|(_, item)| item.listing_status == ListingStatus::Draft)
            .map(|(code, item)| (code.clone(), item.item_id.clone()))
            .collect();
        for some in ready.chunks(BATCH) {
            let ids = ItemIds::new(some.iter().map(|(_, item_id)| item_id));
            let results = self.product.items().batch_publish(ids).send().await?.items;
            for ((code, _), result) in some.iter().zip(results) {
                match (result.item, result.error) {
                    (Some(item), _) => {
                        outcome.published += 1;
                        put(items, item);
                    }
                    (None, error) => {
                        let why = error.map_or_else(|| "no answer".to_owned(), |error| error.message);
                        outcome.refused.insert(code.clone(), why);
                    }
                }
            }
        }
        Ok(())
    }

    /// Sets the prices that differ, each under the version of its SKU that was compared.
    async fn set_prices(
        &self,
        catalogue: &Catalogue,
        items: &BTreeMap<String, Item>,
        outcome: &mut Outcome,
    ) -> Result<(), Error> {
        let mut wanted = BTreeMap::new();
        for variant in catalogue.items.iter().flat_map(|entry| &entry.skus) {
            wanted.insert(variant.outer_id.as_str(), (catalogue.price(variant), catalogue.list_price(variant)));
        }
        let mut skus: Vec<Sku> = items.values().flat_map(|item| item.skus.clone()).collect();
        for _ in 0..TRIES {
            let changes: Vec<PriceBatchEntry> = skus.iter().filter_map(|sku| price_change(sku, &wanted)).collect();
            let mut again: Vec<SkuId> = Vec::new();
            for some in changes.chunks(BATCH) {
                for result in self.product.prices().batch_set(PriceBatch::new(some.to_vec())).send().await?.items {
                    match result.error {
                        None => outcome.repriced += 1,
                        Some(error) if error.code == "product.sku_conflict" => again.push(result.sku_id),
                        Some(error) => drop(outcome.refused.insert(result.sku_id.to_string(), error.message)),
                    }
                }
            }
            if again.is_empty() {
                return Ok(());
            }
            skus.clear();
            for some in again.chunks(BATCH) {
                let results = self.product.skus().batch_get(SkuIds::new(some)).send().await?.items;
                skus.extend(results.into_iter().filter_map(|result| result.sku));
            }
        }
        Ok(())
    }
}

/// What the platform would only find when the item is put on sale, or what it says of no single field.
fn fault(rules: &CategoryRules, input: &ItemInput) -> Option<String> {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let images = count(input.images.as_ref().map_or(0, Vec::len));
    if !(rules.images_min..=rules.images_max).contains(&images) {
        let (least, most) = (rules.images_min, rules.images_max);
        return Some(format!("it has {images} pictures, and the category wants {least} to {most}"));
    }
    let skus = count(input.skus.len());
    (skus > rules.skus_max).then(|| format!("it has {skus} SKUs, and the category allows {}", rules.skus_max))
}

/// What of an item isn't as it should be.
fn difference(item: &Item, wanted: &ItemInput) -> Option<ItemPatch> {
    let unchanged = ItemPatch::new(item.version);
    let mut patch = unchanged.clone();
    if item.title != wanted.title {
        patch = patch.title(&wanted.title);
    }
    if item.category_id != wanted.category_id {
        patch = patch.category_id(CategoryId::clone(&wanted.category_id));
    }
    if item.description != wanted.description {
        patch = patch.description(wanted.description.as_deref().unwrap_or_default());
    }
    if wanted.properties.as_ref().is_some_and(|properties| item.properties != *properties) {
        patch.properties.clone_from(&wanted.properties);
    }
    if wanted.images.as_ref().is_some_and(|images| item.images != *images) {
        patch.images.clone_from(&wanted.images);
    }
    if item.weight_grams != wanted.weight_grams {
        patch.weight_grams = wanted.weight_grams;
    }
    (patch != unchanged).then_some(patch)
}

fn price_change(sku: &Sku, wanted: &BTreeMap<&str, (Money, Option<Money>)>) -> Option<PriceBatchEntry> {
    let (price, list_price) = *wanted.get(sku.outer_id.as_deref()?)?;
    if (sku.price, sku.list_price) == (price, list_price) {
        return None;
    }
    let change = PriceBatchEntry::new(&sku.sku_id, sku.version, price);
    Some(list_price.into_iter().fold(change, PriceBatchEntry::list_price))
}

fn of_status<'a>(
    items: &'a BTreeMap<String, Item>,
    status: &'a AuditStatus,
) -> impl Iterator<Item = (&'a String, &'a Item)> {
    items.iter().filter(move |(_, item)| item.audit_status == *status)
}

/// Keeps what an item has become.
fn put(items: &mut BTreeMap<String, Item>, item: Item) {
    if let Some(code) = item.outer_id.clone() {
        items.insert(code, item);
    }
}
