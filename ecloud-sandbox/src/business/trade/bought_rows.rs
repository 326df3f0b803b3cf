//! What orders have bought, as rows of a saved platform. Thousands of lines share an item as it was when they were bought, so each stands in
//! the file once, before the orders, and their lines name it by its number.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::LocalKey;

use serde::Serialize;

use super::Order;
use crate::business::Table;
use crate::business::product::{Item, Sku};
use crate::snapshot::{Record, SnapshotError, Writer};

/// Rows that are shared by others, of one shop.
pub(crate) struct Shared<T> {
    /// When read: the rows, by their number.
    rows: Vec<Arc<T>>,
    /// When written: the number of each row. The orders keep them alive and in their place meanwhile.
    numbers: HashMap<*const T, usize>,
    /// When written: the number of each row by its text, since orders from before a restart share nothing with those that came after.
    texts: HashMap<Box<str>, usize>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), numbers: HashMap::new(), texts: HashMap::new() }
    }
}

/// Something that orders share.
pub(crate) trait Goods: Serialize + Sized + 'static {
    /// Serde passes nothing along to the members of a row, so what they share lies beside the thread that writes or reads them.
    fn shared() -> &'static LocalKey<RefCell<Shared<Self>>>;
}

thread_local! {
    static ITEMS: RefCell<Shared<Item>> = RefCell::default();
    static SKUS: RefCell<Shared<Sku>> = RefCell::default();
}

impl Goods for Item {
    fn shared() -> &'static LocalKey<RefCell<Shared<Self>>> {
        &ITEMS
    }
}

impl Goods for Sku {
    fn shared() -> &'static LocalKey<RefCell<Shared<Self>>> {
        &SKUS
    }
}

/// Forgets what the orders of one shop share, before the next shop's.
pub(crate) fn forget() {
    ITEMS.take();
    SKUS.take();
}

/// Writes what the orders have bought.
pub(crate) fn save(orders: &Table<Order>, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
    for line in orders.iter().flat_map(|order| &order.lines) {
        write("bought_item", &line.bought.item, writer)?;
        write("bought_sku", &line.bought.sku, writer)?;
    }
    Ok(())
}

fn write<T: Goods>(kind: &str, row: &Arc<T>, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
    if T::shared().with_borrow(|shared| shared.numbers.contains_key(&Arc::as_ptr(row))) {
        return Ok(());
    }
    let text = writer.raw(&**row)?;
    let is_new = T::shared().with_borrow_mut(|shared| {
        let next = shared.texts.len();
        let number = *shared.texts.entry(text.get().into()).or_insert(next);
        shared.numbers.insert(Arc::as_ptr(row), number);
        number == next
    });
    if is_new { writer.row(kind, &text) } else { Ok(()) }
}

/// Takes back what an order has bought; whether the row is such a one.
pub(crate) fn restore(record: &Record<'_>) -> Result<bool, SnapshotError> {
    match record.kind() {
        "bought_item" => keep::<Item>(record.read()?),
        "bought_sku" => keep::<Sku>(record.read()?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn keep<T: Goods>(row: T) {
    T::shared().with_borrow_mut(|shared| shared.rows.push(Arc::new(row)));
}

/// A member by its number: `#[serde(with = "bought_rows::shared")]`.
pub(super) mod shared {
    use std::sync::Arc;

    use serde::de::Error as _;
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Goods;

    pub(crate) fn serialize<T: Goods, S: Serializer>(row: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let number = T::shared().with_borrow(|shared| shared.numbers.get(&Arc::as_ptr(row)).copied());
        number.ok_or_else(|| S::Error::custom("what was bought wasn't written before"))?.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Goods, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<T>, D::Error> {
        let number = usize::deserialize(deserializer)?;
        let row = T::shared().with_borrow(|shared| shared.rows.get(number).cloned());
        row.ok_or_else(|| D::Error::custom("what was bought doesn't stand before it"))
    }
}
