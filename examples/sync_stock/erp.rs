//! What the job asks of the seller's own system of goods, the ERP.

use std::collections::BTreeMap;

use ecloud::product::inventory::AdjustmentReason;

/// Whatever goes wrong, on either side.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// How many pieces stand in each warehouse, by the warehouse's code.
pub(crate) type Shelves = BTreeMap<String, u32>;

/// The ERP, which alone knows how many pieces there are.
pub(crate) trait Erp {
    /// Where the pieces of these SKUs stand, by the seller's codes; a code that it doesn't know is absent.
    ///
    /// Movements that the shop wasn't told yet aren't counted: they would be counted twice, here and when they are told.
    async fn on_hand(&self, codes: &[String]) -> Result<BTreeMap<String, Shelves>, Failure>;

    /// The movements that the shop wasn't told yet, oldest first.
    async fn untold(&self) -> Result<Vec<Movement>, Failure>;

    /// The shop was told of a movement, or has no use for it.
    async fn told(&self, movement_id: &str) -> Result<(), Failure>;
}

/// Pieces that came to a warehouse or left it otherwise than to a buyer.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    /// Its number in the ERP, which it never gives out again.
    pub(crate) movement_id: String,
    /// The seller's code of the SKU.
    pub(crate) code: String,
    /// The warehouse's code.
    pub(crate) warehouse: String,
    /// How many pieces came (positive) or left (negative).
    pub(crate) delta: i32,
    pub(crate) reason: AdjustmentReason,
}
