//! A program without a runtime: it waits for calls, and goes through lists with `for`.
//!
//!     cargo run --example blocking
//!
//! It starts the sandbox in this process. In a program of your own, `ecloud` has the feature `blocking`.

#![allow(clippy::print_stdout, reason = "a report is printed")]

use ecloud::blocking::{Wait, block_on};
use ecloud::bulk;
use ecloud::prelude::*;
use ecloud::trade::orders::OrderStatus;
use ecloud_sandbox::{Purchase, Sandbox};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = block_on(Sandbox::start())?;
    let client = sandbox.client().build()?;
    let trade = Trade::new(&client);

    let order_id = sandbox.buyer().buy(Purchase::new("S1000001-1", 2))?;
    let order = trade.orders().get(order_id).send().wait()?;
    println!("order {} is {} and costs {}", order.order_id, order.status, order.amounts.payment);

    let mut ids = Vec::new();
    for order in trade.orders().list().status(OrderStatus::Paid).items().prefetch().wait().take(40) {
        ids.push(order?.order_id);
    }
    println!("the first {} orders that wait to be shipped were listed", ids.len());

    let mut failed = 0;
    for result in bulk(ids, |id| trade.orders().get(id).send()).at_once(16).wait() {
        if let Err(error) = result?.outcome {
            eprintln!("{error}");
            failed += 1;
        }
    }
    println!("all of them were read again, {failed} failed");

    let missing = trade.orders().get("T0").send().wait();
    println!("and one that doesn't exist: {}", missing.expect_err("no such order"));
    println!("{} requests in all", sandbox.received().len());
    Ok(())
}
