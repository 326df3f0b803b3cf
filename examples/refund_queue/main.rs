//! The queue of refunds and after-sale cases is worked through by rules, while buyers, carriers and colleagues go on.
//!
//!     cargo run --example refund_queue
//!
//! `refund_desk.rs`, `rules.rs`, `parcels.rs` and `returns.rs` are the part to take along: they know nothing of the sandbox. This file rehearses
//! two days against a sandbox in this process, and says of each refund and case how it has to end. Then the platform's books are looked at: who
//! got how much back, and that nothing was decided twice or by the platform.

#![allow(clippy::print_stdout, reason = "a report is printed")]

mod ledger;
mod parcels;
mod refund_desk;
mod returns;
mod rules;
mod unpacking;
#[path = "../verdict/mod.rs"]
mod verdict;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ecloud::ManualClock;
use ecloud::logistics::addresses::AddressUse;
use ecloud::logistics::shipments::ShipmentInput;
use ecloud::prelude::*;
use ecloud::product::items::ListingStatus;
use ecloud::trade::after_sales::AfterSaleStatus;
use ecloud::trade::refunds::{RefundMemoInput, RefundStatus};
use ecloud::types::AddressId;
use ecloud_sandbox::{
    AfterSaleRequest, AfterSaleWish, Carriage, Fault, Purchase, RefundReason, RefundRequest, Sandbox, Tier,
};
use parcels::Parcels;
use refund_desk::{Outcome, RefundDesk};
use returns::Failure;
use rules::Rules;
use unpacking::Unpacking;
use verdict::Verdict;

const RULES: Rules =
    Rules { agree_up_to: Money::new(30_000, Currency::CNY), goodwill_up_to: Money::new(5_000, Currency::CNY) };
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    verdict::exit("refund_queue", rehearse().await)
}

async fn rehearse() -> Result<Verdict, Failure> {
    let days = Days::begin().await?;
    let mut verdict = Verdict::default();
    let shop = days.buyers_complain().await?;

    println!("The first run, in which the answer to a batch of agreements gets lost");
    days.sandbox.inject(Fault::dropped_connection().after_effect().next(1).operation("trade.refunds.batch_agree"));
    let first = days.run().await?;
    verdict.same("parcels under way are stopped, one not picked up is taken back", first.stopped, 3);

    println!(
        "\nThree hours later parcels have come back, others went their way; a buyer withdraws while the job looks"
    );
    days.parcels_move(&shop).await?;
    let late = days.others_complain(&shop).await?;
    let second = days.run().await?;
    verdict.holds("what changed meanwhile is decided anew", second.conflicts >= 2);
    verdict.same("the replacement for the exchange is sent", second.replaced, 1);

    println!("\nOne and a half days after the first complaint nobody has decided about the large refund");
    days.clock.advance(35 * HOUR);
    let third = days.run().await?;
    verdict.holds("the seller takes his three more days", third.extended >= 1);

    println!("\nNothing has happened since");
    let written = ledger::writes(&days.sandbox);
    days.run().await?;
    verdict.same("nothing is written", ledger::writes(&days.sandbox), written);

    let trade = &days.desk.parcels.trade;
    for (name, refund_id, status) in shop.expected().into_iter().chain(late.expected()) {
        let refund = trade.refunds().get(refund_id).send().await?;
        verdict.same(&format!("how it ends: {name}"), &refund.status, &status);
        ledger::check_history(trade, &refund, &mut verdict).await?;
    }
    for (name, case_id, status) in shop.cases() {
        let case = trade.after_sales().get(case_id).send().await?;
        verdict.same(&format!("how it ends: {name}"), &case.status, &status);
    }
    ledger::check_evidence(&days.sandbox, &days.desk.product, &shop.incomplete, &mut verdict).await?;
    ledger::check_money(trade, &mut verdict).await?;
    Ok(verdict)
}

/// Everybody whom the job deals with.
struct Days {
    sandbox: Sandbox,
    clock: ManualClock,
    desk: RefundDesk<Unpacking>,
    /// A SKU of which one piece costs less than may be agreed to, and one of which three cost more.
    goods: [String; 2],
}

/// The refunds and cases of the first day, named for what happens in each.
struct Complaints {
    unshipped: String,
    large: String,
    stopped: String,
    missed: String,
    not_picked_up: String,
    returned: String,
    incomplete: String,
    changed_mind: String,
    damaged: String,
    exchange: String,
    repair: String,
    resend: String,
    /// The shipment of `missed`.
    missed_shipment: String,
}

impl Complaints {
    fn expected(&self) -> Vec<(&'static str, &str, RefundStatus)> {
        use RefundStatus::{Refused, Succeeded, WaitSeller};
        vec![
            ("a small one before the shipment", &self.unshipped, Succeeded),
            ("a large one, for a person", &self.large, WaitSeller),
            ("a parcel that was stopped", &self.stopped, Succeeded),
            ("a parcel that was delivered before it could be stopped", &self.missed, Refused),
            ("a parcel that wasn't picked up", &self.not_picked_up, Succeeded),
            ("goods that came back", &self.returned, Succeeded),
            ("goods of which something is missing", &self.incomplete, Refused),
            ("goods that the buyer keeps though he doesn't want them", &self.changed_mind, Refused),
            ("a little back for what is damaged", &self.damaged, Succeeded),
        ]
    }

    fn cases(&self) -> [(&'static str, &str, AfterSaleStatus); 3] {
        [
            ("an exchange", &self.exchange, AfterSaleStatus::WaitBuyerReceipt),
            ("a repair, for a person", &self.repair, AfterSaleStatus::WaitSeller),
            ("goods that were missing", &self.resend, AfterSaleStatus::WaitBuyerReceipt),
        ]
    }
}

/// Two refunds that change while the job looks at them.
struct Latecomers {
    withdrawn: String,
    noted: String,
}

impl Latecomers {
    fn expected(&self) -> [(&'static str, &str, RefundStatus); 2] {
        [
            ("one that the buyer withdraws meanwhile", &self.withdrawn, RefundStatus::Closed),
            ("one that a colleague notes something about", &self.noted, RefundStatus::Succeeded),
        ]
    }
}

impl Days {
    async fn begin() -> Result<Self, Failure> {
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        let builder = Sandbox::builder().tier(Tier::Strategic).received_capacity(100_000);
        let sandbox = builder.clock(Arc::new(clock.clone())).start().await;
        let shop = sandbox.client().build()?.for_shop(sandbox.shop_id());
        let (product, logistics) = (Product::new(&shop), Logistics::new(&shop));

        let mut items = product.items().list().status(ListingStatus::OnSale).page_size(100).items();
        let (mut cheap, mut dear) = (None, None);
        while let Some(item) = items.try_next().await? {
            for sku in item.skus.into_iter().filter(|sku| sku.available > 50) {
                match sku.price.amount {
                    6_000..=15_000 => cheap = cheap.or(Some(String::from(sku.sku_id))),
                    18_000.. => dear = dear.or(Some(String::from(sku.sku_id))),
                    _ => {}
                }
            }
        }
        let goods = [cheap.ok_or("nothing cheap is on sale")?, dear.ok_or("nothing dear is on sale")?];
        let returns_address = returns_address(&logistics).await?;
        let desk = RefundDesk {
            product,
            parcels: Parcels { trade: Trade::new(&shop), logistics, carrier_code: "sf".into() },
            rules: RULES,
            returns: Unpacking::default(),
            returns_address,
            clock: Arc::new(clock.clone()),
        };
        Ok(Self { sandbox, clock, desk, goods })
    }

    /// One run of the job, and what it says.
    async fn run(&self) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        self.desk.run(&mut outcome).await?;
        let Outcome { agreed, refused, confirmed, stopped, replaced, extended, conflicts, waiting, for_people } =
            &outcome;
        println!("  {agreed} agreed to, {refused} refused, {confirmed} returns confirmed, {stopped} parcels stopped,");
        println!("  {replaced} replacements sent, {extended} deadlines extended, {conflicts} decided anew");
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for why in waiting.values().chain(for_people.values()) {
            *reasons.entry(why).or_default() += 1;
        }
        for (why, count) in reasons {
            println!("  {count:3} left: {why}");
        }
        Ok(outcome)
    }

    fn buy(&self, pieces: u32) -> Result<String, Failure> {
        let [cheap, dear] = &self.goods;
        Ok(self.sandbox.buyer().buy(Purchase::new(if pieces == 1 { cheap } else { dear }, pieces))?)
    }

    /// An order of one piece that was shipped, and what the carrier has done with it since.
    async fn shipped(&self, carriages: &[Carriage]) -> Result<(String, String), Failure> {
        let order_id = self.buy(1)?;
        let number = format!("SF9{:0>12}", order_id.trim_start_matches('T'));
        let shipments = self.desk.parcels.logistics.shipments();
        let shipment = shipments.create(ShipmentInput::new(&*order_id, "sf", number)).send().await?;
        for carriage in carriages {
            self.sandbox.carry(shipment.shipment_id.as_str(), *carriage)?;
        }
        Ok((order_id, shipment.shipment_id.into()))
    }

    /// What buyers want on the first day.
    async fn buyers_complain(&self) -> Result<Complaints, Failure> {
        use Carriage::{Deliver, PickUp, SetOut};
        let (buyer, delivered) = (self.sandbox.buyer(), [PickUp, SetOut, Deliver]);
        let money = RefundRequest::new;
        let (stopped, _) = self.shipped(&[PickUp]).await?;
        let (missed, missed_shipment) = self.shipped(&[PickUp]).await?;
        let (not_picked_up, _) = self.shipped(&[]).await?;
        let (returned, _) = self.shipped(&delivered).await?;
        let (incomplete, _) = self.shipped(&delivered).await?;
        let (changed_mind, _) = self.shipped(&delivered).await?;
        let (damaged, _) = self.shipped(&delivered).await?;
        let (exchange, _) = self.shipped(&delivered).await?;
        let (repair, _) = self.shipped(&delivered).await?;
        let (resend, _) = self.shipped(&[PickUp]).await?;
        let a_little = money().amount(4_000).reason(RefundReason::Damaged);
        let wish = AfterSaleRequest::new;
        Ok(Complaints {
            unshipped: buyer.request_refund(&self.buy(1)?, money())?,
            large: buyer.request_refund(&self.buy(3)?, money())?,
            stopped: buyer.request_refund(&stopped, money())?,
            missed: buyer.request_refund(&missed, money())?,
            not_picked_up: buyer.request_refund(&not_picked_up, money())?,
            returned: buyer.request_refund(&returned, money().returns_goods())?,
            incomplete: buyer.request_refund(&incomplete, money().returns_goods())?,
            changed_mind: buyer.request_refund(&changed_mind, money())?,
            damaged: buyer.request_refund(&damaged, a_little)?,
            exchange: buyer.request_after_sale(&exchange, wish(AfterSaleWish::Exchange))?,
            repair: buyer.request_after_sale(&repair, wish(AfterSaleWish::Repair))?,
            resend: buyer.request_after_sale(&resend, wish(AfterSaleWish::Resend).quantity(1))?,
            missed_shipment,
        })
    }

    /// Buyers return goods, the returns table unpacks them, and one parcel is delivered before the carrier could stop it.
    async fn parcels_move(&self, shop: &Complaints) -> Result<(), Failure> {
        let (buyer, table) = (self.sandbox.buyer(), &self.desk.returns);
        self.sandbox.carry(&shop.missed_shipment, Carriage::SetOut)?;
        self.sandbox.carry(&shop.missed_shipment, Carriage::Deliver)?;
        buyer.return_goods(&shop.returned, "sf", "SF9900000000001")?;
        buyer.return_goods(&shop.incomplete, "sf", "SF9900000000002")?;
        buyer.return_for_after_sale(&shop.exchange, "sf", "SF9900000000003")?;
        for (number, complete) in [("SF9900000000001", true), ("SF9900000000002", false), ("SF9900000000003", true)] {
            table.unpack(number, complete);
        }
        self.clock.advance(3 * HOUR);
        Ok(())
    }

    /// Two more want their money. While the job asks the returns table, the one withdraws, and a colleague notes something about the other.
    async fn others_complain(&self, shop: &Complaints) -> Result<Latecomers, Failure> {
        let buyer = self.sandbox.buyer();
        let withdrawn = buyer.request_refund(&self.buy(1)?, RefundRequest::new())?;
        let noted = buyer.request_refund(&self.buy(1)?, RefundRequest::new())?;
        let (refunds, ids) = (self.desk.parcels.trade.refunds(), (withdrawn.clone(), noted.clone()));
        let large = shop.large.clone();
        self.desk.returns.while_asked(async move {
            buyer.withdraw_refund(&ids.0)?;
            refunds.set_memo(&*ids.1, RefundMemoInput::new("a regular customer")).send().await?;
            refunds.set_memo(&*large, RefundMemoInput::new("Ms Li looks into it")).send().await?;
            Ok(())
        });
        Ok(Latecomers { withdrawn, noted })
    }
}

/// Returned goods go to the warehouse that does nothing else.
async fn returns_address(logistics: &Logistics) -> Result<AddressId, Failure> {
    let mut addresses = logistics.addresses().list().items();
    let mut found = None;
    while let Some(address) = addresses.try_next().await? {
        if address.uses == [AddressUse::Return] {
            found = found.or(Some(address.address_id));
        }
    }
    Ok(found.ok_or("the shop has no address for returns")?)
}
