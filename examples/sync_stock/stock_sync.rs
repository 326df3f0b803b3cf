//! Keeps what a shop can sell in step with what stands in its warehouses.
//!
//! What can be sold is what stands in the open warehouses, less what orders hold. Goods that come and go are told at once, as movements: each
//! under its own number, so that one that is told again isn't counted again. Then everything is compared, and what still differs is set under
//! the version that was compared; where a buyer was faster, the version is another one, and it is compared anew.

use std::collections::{BTreeMap, BTreeSet};

use ecloud::bulk;
use ecloud::logistics::warehouses::WarehouseStatus;
use ecloud::prelude::*;
use ecloud::product::inventory::{Stock, StockAdjustment, StockBatch, StockBatchEntry, StockSkuIds};
use ecloud::types::SkuId;

use crate::erp::{Erp, Failure, Movement, Shelves};

/// So many stocks the platform tells in one call.
const READ: usize = 100;
/// So many stocks the platform sets in one call.
const SET: usize = 20;
/// How often a stock is compared anew because it changed meanwhile.
const TRIES: usize = 5;
/// What can be sold of less than this is told as low.
const LOW: u32 = 10;

/// The job for one shop.
pub(crate) struct StockSync<E> {
    pub(crate) product: Product,
    pub(crate) logistics: Logistics,
    pub(crate) erp: E,
}

/// What a run has done; true of one that broke off, too.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Movements that the platform has taken.
    pub(crate) told: usize,
    /// Stocks that were set.
    pub(crate) set: usize,
    /// Stocks that had changed while they were compared.
    pub(crate) conflicts: usize,
    /// What buyers will soon find sold out: the seller's code, and how many pieces can be sold.
    pub(crate) low: Vec<(String, u32)>,
    /// What orders hold beyond what is there: somebody has to ask those buyers.
    pub(crate) oversold: BTreeMap<String, i64>,
    /// What somebody has to look at, and why.
    pub(crate) refused: BTreeMap<String, String>,
}

/// The shop's SKUs, by the seller's codes and by the platform's identifiers.
struct Skus {
    ids: BTreeMap<String, SkuId>,
    codes: BTreeMap<SkuId, String>,
}

impl<E: Erp> StockSync<E> {
    /// Brings the shop's stock in step.
    pub(crate) async fn run(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        let (skus, open) = (self.skus().await?, self.open_warehouses().await?);
        self.tell_movements(&skus, &open, outcome).await?;
        self.compare(&skus, &open, outcome).await?;

        let mut low = self.product.inventory().list().available_below(LOW).page_size(100).items();
        while let Some(stock) = low.try_next().await? {
            if let Some(code) = skus.codes.get(&stock.sku_id) {
                outcome.low.push((code.clone(), stock.available));
            }
        }
        Ok(())
    }

    async fn skus(&self) -> Result<Skus, Error> {
        let (mut ids, mut codes) = (BTreeMap::new(), BTreeMap::new());
        let mut all = self.product.skus().search().limit(100).items();
        while let Some(sku) = all.try_next().await? {
            if let Some(code) = sku.outer_id {
                ids.insert(code.clone(), sku.sku_id.clone());
                codes.insert(sku.sku_id, code);
            }
        }
        Ok(Skus { ids, codes })
    }

    /// The codes of the warehouses that goods can be sent from.
    async fn open_warehouses(&self) -> Result<BTreeSet<String>, Error> {
        let mut open = BTreeSet::new();
        let mut warehouses = self.logistics.warehouses().list().items();
        while let Some(warehouse) = warehouses.try_next().await? {
            if warehouse.status == WarehouseStatus::Enabled {
                open.insert(warehouse.code);
            }
        }
        Ok(open)
    }

    /// Tells what came and went, a few movements at a time.
    async fn tell_movements(&self, skus: &Skus, open: &BTreeSet<String>, outcome: &mut Outcome) -> Result<(), Failure> {
        let mut movements = Vec::new();
        for movement in self.erp.untold().await? {
            match skus.ids.get(&movement.code) {
                Some(sku_id) if open.contains(&movement.warehouse) => movements.push((movement, sku_id)),
                // What can't be sold from there counts when its warehouse opens again, in the comparison.
                Some(_) => self.erp.told(&movement.movement_id).await?,
                None => drop(outcome.refused.insert(movement.code, "the shop has no such SKU".to_owned())),
            }
        }
        let mut calls = bulk(movements, |(movement, sku_id): (Movement, &SkuId)| {
            let adjustment = StockAdjustment::new(movement.delta).reason(movement.reason);
            // The movement's own number: what was sent by a run that broke off is answered again and not done again.
            let key = format!("stock-movement-{}", movement.movement_id);
            self.product.inventory().adjust(sku_id, adjustment).with_idempotency_key(key).send()
        });
        while let Some(result) = calls.next().await {
            let (movement, _) = result.input;
            match result.outcome {
                Ok(_) => outcome.told += 1,
                // Orders hold what is gone. The comparison takes off what can be, and tells what is missing.
                Err(error) if error.code() == Some("product.stock_insufficient") => {}
                Err(error) if error.kind() == ErrorKind::Rejected => {
                    outcome.refused.insert(movement.code, error.to_string());
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
            self.erp.told(&movement.movement_id).await?;
        }
        Ok(())
    }

    /// Compares all stocks with the shelves, and sets those that differ.
    async fn compare(&self, skus: &Skus, open: &BTreeSet<String>, outcome: &mut Outcome) -> Result<(), Failure> {
        let mut left: Vec<SkuId> = skus.codes.keys().cloned().collect();
        for _ in 0..TRIES {
            let mut again = Vec::new();
            for some in left.chunks(READ) {
                // The versions come first, then the shelves: a change of the stock after that is a conflict, never lost.
                let read = self.product.inventory().batch_get(StockSkuIds::new(some)).send().await?;
                let stocks: Vec<Stock> = read.items.into_iter().filter_map(|result| result.stock).collect();
                let codes: Vec<String> = some.iter().filter_map(|sku_id| skus.codes.get(sku_id)).cloned().collect();
                let shelves = self.erp.on_hand(&codes).await?;
                let mut entries = Vec::new();
                for (stock, code) in stocks.iter().filter_map(|stock| Some((stock, skus.codes.get(&stock.sku_id)?))) {
                    match shelves.get(code) {
                        Some(shelves) => entries.extend(entry(stock, code, shelves, open, outcome)),
                        None => drop(outcome.refused.insert(code.clone(), "the ERP has no such SKU".to_owned())),
                    }
                }
                for batch in entries.chunks(SET) {
                    again.extend(self.set(batch, skus, outcome).await?);
                }
            }
            if again.is_empty() {
                return Ok(());
            }
            left = again;
        }
        for code in left.iter().filter_map(|sku_id| skus.codes.get(sku_id)) {
            outcome.refused.insert(code.clone(), "it keeps changing; the next run looks at it again".to_owned());
        }
        Ok(())
    }

    /// Sets some stocks; those that have changed meanwhile.
    async fn set(&self, batch: &[StockBatchEntry], skus: &Skus, outcome: &mut Outcome) -> Result<Vec<SkuId>, Error> {
        let mut again = Vec::new();
        for result in self.product.inventory().batch_set(StockBatch::new(batch.to_vec())).send().await?.items {
            match result.error {
                None => outcome.set += 1,
                Some(error) if error.code == "product.inventory_conflict" => {
                    outcome.conflicts += 1;
                    again.push(result.sku_id);
                }
                Some(error) => {
                    let code = skus.codes.get(&result.sku_id).cloned();
                    outcome.refused.insert(code.unwrap_or_else(|| result.sku_id.into()), error.message);
                }
            }
        }
        Ok(again)
    }
}

/// What is to be set of a stock; nothing where it is as it should be.
fn entry(
    stock: &Stock,
    code: &str,
    shelves: &Shelves,
    open: &BTreeSet<String>,
    outcome: &mut Outcome,
) -> Option<StockBatchEntry> {
    let pieces = shelves.iter().filter(|(warehouse, _)| open.contains(*warehouse)).map(|(_, pieces)| *pieces);
    let free = pieces.map(i64::from).sum::<i64>() - i64::from(stock.reserved);
    if free < 0 {
        outcome.oversold.insert(code.to_owned(), -free);
    } else {
        outcome.oversold.remove(code);
    }
    let available = u32::try_from(free.max(0)).unwrap_or(u32::MAX);
    (available != stock.available).then(|| StockBatchEntry::new(&stock.sku_id, available, stock.version))
}
