//! The stock of a shop is kept in step with two warehouses, while buyers go on buying.
//!
//!     cargo run --example sync_stock
//!
//! `stock_sync.rs` and `erp.rs` are the part to take along: they know nothing of the sandbox. This file rehearses a day against a sandbox in
//! this process: answers get lost, the ERP's book can't be written, buyers are faster than the job, goods are lost that were sold, and a warehouse
//! closes. In the end the platform's ledger is held against the orders and the ERP, to the piece.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod depot;
mod erp;
mod stock_sync;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use depot::Depot;
use ecloud::ManualClock;
use ecloud::logistics::addresses::AddressUse;
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::logistics::warehouses::{Warehouse, WarehouseInput};
use ecloud::prelude::*;
use ecloud::product::inventory::{AdjustmentReason, MovementReason};
use ecloud::product::items::{ListingStatus, StockDeduction};
use ecloud::product::skus::Sku;
use ecloud::trade::orders::{Order, OrderLineStatus};
use ecloud_sandbox::{Fault, Purchase, Sandbox, Tier};
use erp::Failure;
use stock_sync::{Outcome, StockSync};
use verdict::Verdict;

const HANGZHOU: &str = "HZ";
const SHANGHAI: &str = "SH";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    verdict::exit("sync_stock", rehearse().await)
}

async fn rehearse() -> Result<Verdict, Failure> {
    let start = Timestamp::from_unix_seconds(1_795_336_200);
    let clock = Arc::new(ManualClock::new(start));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(clock).received_capacity(100_000).start().await;
    let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
    let depot = Depot::default();
    let sync = StockSync { product: Product::new(&shop), logistics: Logistics::new(&shop), erp: depot.clone() };
    let day = Day { sandbox, trade: Trade::new(&shop), start, goods: goods(&sync.product).await?, depot, sync };
    let mut verdict = Verdict::default();

    let (hangzhou, shanghai) = day.open_warehouses().await?;
    day.count_goods().await?;

    println!("The warehouses were counted; the platform's answers get lost");
    day.sandbox
        .inject(Fault::dropped_connection().after_effect().share(1.0, 7).operation("product.inventory.batch_set"));
    verdict.holds("lost answers end the run", day.run().await.is_err());
    day.sandbox.clear_faults();

    println!("\nIt is started again, and buyers are faster");
    day.buyers_come_meanwhile();
    let raced = day.run().await?;
    verdict.holds("stocks that changed are compared anew", raced.conflicts > 0);

    println!("\nGoods come and go, and the ERP's book can't be written after three movements");
    let lost = day.goods_come_and_go();
    day.send_off_orders().await?;
    day.sandbox.inject(Fault::dropped_connection().after_effect().next(2).operation("product.inventory.adjust"));
    day.depot.fail_after(3);
    verdict.holds("a book that can't be written ends the run", day.run().await.is_err());

    println!("\nIt is started again");
    let resumed = day.run().await?;
    verdict.same("what is gone and sold is told", resumed.oversold.keys().collect::<Vec<_>>(), vec![&lost]);
    verdict.holds("what is sold out is told as low", resumed.low.iter().any(|(code, _)| *code == lost));

    println!("\nShanghai closes to count its shelves, and finds some more");
    day.sync.logistics.warehouses().disable(&shanghai.warehouse_id).send().await?;
    day.depot.book(&day.code(20), SHANGHAI, 30, AdjustmentReason::Counted);
    let closed = day.run().await?;
    verdict.same("what came to a closed warehouse isn't told", closed.told, 0);
    verdict.holds("its pieces aren't sold", closed.set > 100);

    println!("\nShanghai opens again");
    day.sync.logistics.warehouses().enable(&shanghai.warehouse_id).send().await?;
    let opened = day.run().await?;
    verdict.same("its pieces are sold again", opened.set, closed.set);

    println!("\nNothing has happened since");
    let idle = day.run().await?;
    verdict.same("nothing is told or set", (idle.told, idle.set), (0, 0));

    day.reconcile(&lost, &mut verdict).await?;
    verdict.holds("there are two warehouses", hangzhou.warehouse_id != shanghai.warehouse_id);
    Ok(verdict)
}

/// Everybody whom the job deals with, and what they deal in.
struct Day {
    sandbox: Sandbox,
    trade: Trade,
    start: Timestamp,
    /// SKUs that buyers can buy, with their codes.
    goods: Vec<(String, Sku)>,
    depot: Depot,
    sync: StockSync<Depot>,
}

/// What buyers can buy, and what is reserved as soon as it is ordered.
async fn goods(product: &Product) -> Result<Vec<(String, Sku)>, Error> {
    let mut items = product.items().list().status(ListingStatus::OnSale).page_size(100).items();
    let mut goods = Vec::new();
    while let Some(item) = items.try_next().await? {
        if item.stock_deduction == StockDeduction::AtOrder {
            let in_stock = item.skus.into_iter().filter(|sku| sku.available > 50);
            goods.extend(in_stock.filter_map(|sku| Some((sku.outer_id.clone()?, sku))));
        }
    }
    Ok(goods)
}

impl Day {
    /// One run of the job, and what it says.
    async fn run(&self) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        let ended = self.sync.run(&mut outcome).await;
        let Outcome { told, set, conflicts, low, oversold, refused } = &outcome;
        println!("  {told} movements told, {set} stocks set, {conflicts} compared anew, {} low", low.len());
        for (code, pieces) in oversold {
            println!("  look at {code}: orders hold {pieces} pieces that aren't there");
        }
        for (code, why) in refused {
            println!("  look at {code}: {why}");
        }
        if let Err(error) = &ended {
            println!("  ended by {error}");
        }
        ended.map(|()| outcome)
    }

    fn code(&self, index: usize) -> String {
        self.goods.get(index).map_or_else(String::new, |(code, _)| code.clone())
    }

    async fn open_warehouses(&self) -> Result<(Warehouse, Warehouse), Failure> {
        let logistics = &self.sync.logistics;
        let mut addresses = logistics.addresses().list().items();
        let mut sender = None;
        while let Some(address) = addresses.try_next().await? {
            sender = sender.or(address.uses.contains(&AddressUse::Sender).then_some(address.address_id));
        }
        let sender = sender.ok_or("the shop has no address to send from")?;
        let open = |code, name| logistics.warehouses().create(WarehouseInput::new(code, name, &sender)).send();
        Ok((open(HANGZHOU, "Hangzhou").await?, open(SHANGHAI, "Shanghai").await?))
    }

    /// The ERP knows every SKU: as many pieces as the platform has, in two warehouses, but for those that were counted wrong.
    async fn count_goods(&self) -> Result<(), Failure> {
        let mut stocks = BTreeMap::new();
        let mut list = self.sync.product.inventory().list().page_size(100).items();
        while let Some(stock) = list.try_next().await? {
            stocks.insert(stock.sku_id.clone(), stock.available + stock.reserved);
        }
        let mut skus = self.sync.product.skus().search().limit(100).items();
        let mut number = 0;
        while let Some(sku) = skus.try_next().await? {
            let (Some(code), Some(pieces)) = (sku.outer_id, stocks.get(&sku.sku_id)) else { continue };
            let found = if number % 7 == 0 { pieces + 13 } else { pieces - pieces.min(&(number % 2)) };
            self.depot.put(&code, HANGZHOU, found - found / 3);
            self.depot.put(&code, SHANGHAI, found / 3);
            number += 1;
        }
        Ok(())
    }

    /// While the job asks the ERP, eight buyers buy two pieces each of what it is about to set.
    fn buyers_come_meanwhile(&self) {
        // These were found again meanwhile, so that they differ once more.
        let wanted: Vec<_> = self.goods.iter().take(8).cloned().collect();
        for (code, _) in &wanted {
            let pieces = self.depot.pieces(code);
            self.depot.put(code, HANGZHOU, pieces + 5 - pieces / 3);
            self.depot.put(code, SHANGHAI, pieces / 3);
        }
        let buyer = self.sandbox.buyer();
        self.depot.while_asked_for(&self.code(0), move || {
            for (_, sku) in &wanted {
                buyer.buy(Purchase::new(sku.sku_id.as_str(), 2))?;
            }
            Ok(())
        });
    }

    /// Goods are received and damaged, and all pieces of one SKU are gone though buyers have bought some; its code.
    fn goods_come_and_go(&self) -> String {
        for index in 8..14 {
            self.depot.book(&self.code(index), HANGZHOU, 40, AdjustmentReason::Received);
            self.depot.book(&self.code(index), SHANGHAI, -3, AdjustmentReason::Damaged);
        }
        let lost = self.code(7);
        self.depot.book_as_lost(&lost);
        lost
    }

    /// Those at the packing tables ship the first four of the day's orders.
    async fn send_off_orders(&self) -> Result<(), Failure> {
        for (number, order) in (1..).zip(self.orders().await?.iter().take(4)) {
            let parcel = ShipmentInput::new(&order.order_id, "sf", format!("SF9{number:012}"));
            self.sync.logistics.shipments().create(parcel).send().await?;
            for line in &order.lines {
                self.depot.send_off(line.sku_outer_id.as_deref().unwrap_or_default(), line.quantity);
            }
        }
        Ok(())
    }

    /// The day's orders, as the platform has them.
    async fn orders(&self) -> Result<Vec<Order>, Error> {
        let mut orders = self.trade.orders().list().created_from(self.start).limit(100).items();
        let mut all = Vec::new();
        while let Some(order) = orders.try_next().await? {
            all.push(order);
        }
        Ok(all)
    }

    /// Holds the platform's ledger against the orders and the ERP.
    async fn reconcile(&self, lost: &str, verdict: &mut Verdict) -> Result<(), Failure> {
        let (mut ordered, mut shipped) = (BTreeMap::new(), BTreeMap::new());
        for line in self.orders().await?.iter().flat_map(|order| &order.lines) {
            *ordered.entry(line.sku_id.clone()).or_insert(0) += i64::from(line.quantity);
            *shipped.entry(line.sku_id.clone()).or_insert(0) += i64::from(line.shipped_quantity);
            verdict.holds(
                "a line is paid or shipped",
                [OrderLineStatus::Paid, OrderLineStatus::Shipped].contains(&line.status),
            );
        }
        let (mut movements, mut pieces) = (0, 0);
        for (code, sku) in &self.goods {
            let stock = self.sync.product.inventory().get(&sku.sku_id).send().await?;
            let mut ledger = self.sync.product.inventory().list_ledger(&sku.sku_id).limit(100).items();
            let (mut available, mut reserved, mut version) = (0_i64, 0_i64, 0);
            let mut today: BTreeMap<&'static str, i64> = BTreeMap::new();
            while let Some(entry) = ledger.try_next().await? {
                (available, reserved) =
                    (available + i64::from(entry.available_delta), reserved + i64::from(entry.reserved_delta));
                let adds_up = (available, reserved, version + 1)
                    == (i64::from(entry.available), i64::from(entry.reserved), entry.version);
                verdict.holds(&format!("each movement of {code} follows from the one before"), adds_up);
                version = entry.version;
                movements += 1;
                if entry.created_at >= self.start {
                    let (kind, delta) = match entry.reason {
                        MovementReason::OrderReserved => ("ordered", entry.reserved_delta),
                        MovementReason::Shipped => ("shipped", -entry.reserved_delta),
                        MovementReason::Adjusted => ("told", entry.available_delta),
                        _ => continue,
                    };
                    *today.entry(kind).or_insert(0) += i64::from(delta);
                }
            }
            let of = |kind| today.get(kind).copied().unwrap_or(0);
            let known = |of: &BTreeMap<_, i64>| of.get(&sku.sku_id).copied().unwrap_or(0);
            verdict.same(&format!("{code}: the ledger ends at the stock"), version, stock.version);
            verdict.same(&format!("{code}: what buyers ordered is reserved"), of("ordered"), known(&ordered));
            verdict.same(&format!("{code}: what they were sent has left"), of("shipped"), known(&shipped));
            let on_shelves = i64::from(self.depot.pieces(code));
            if code == lost {
                verdict.same(&format!("{code} isn't sold any more"), (stock.available, on_shelves), (0, 0));
            } else {
                verdict.same(&format!("{code}: all that is there is sold or held"), available + reserved, on_shelves);
            }
            if *code != self.code(20) && code != lost {
                verdict.same(&format!("{code}: each movement is told once"), of("told"), self.depot.moved(code));
            }
            pieces += on_shelves;
        }
        println!("\n{} SKUs, {movements} movements of the ledger, {pieces} pieces on the shelves", self.goods.len());
        Ok(())
    }
}
