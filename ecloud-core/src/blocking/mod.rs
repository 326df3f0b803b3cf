//! Calls and lists for programs without a runtime: [`Wait::wait`] waits for a call, and makes an iterator of a list.
//!
//! ```no_run
//! use ecloud_core::blocking::Wait;
//! use ecloud_core::{Client, Json, Method};
//!
//! # fn main() -> Result<(), ecloud_core::Error> {
//! let client = Client::builder().endpoint("https://open.example.com").app("app-key", "app-secret").build()?;
//! let shop = client.for_shop("shop-42").access_token("the shop's token");
//! let order: Json = shop.request(Method::GET, "/trade/v1/orders/T1001").send().wait()?;
//! # Ok(()) }
//! ```
//!
//! | with a runtime | without one |
//! |---|---|
//! | `orders.get("T1001").send().await?` | `orders.get("T1001").send().wait()?` |
//! | `while let Some(order) = items.try_next().await? { … }` | `for order in items.wait() { let order = order?; … }` |
//! | `while let Some(result) = bulk.next().await { … }` | `for result in bulk.wait() { let result = result?; … }` |
//! | `bulk.finish().await` | `block_on(bulk.finish())?` |
//! | `quota.deadline(patience).await?` | `quota.deadline(patience).wait()?` |
//! | `quota.wait().await` | `quota.wait().wait()?` |
//! | any other future | [`block_on(future)?`](block_on) |
//!
//! # What it runs on
//!
//! The caller's thread does the work of its call and sleeps meanwhile. Sockets and timers are driven by a runtime of the process, on one
//! thread named `ecloud-blocking`, which starts at the first use and stays; so connections are kept between calls, and threads that
//! call together share them. Looking up a host's name takes a further thread for a while. Nothing of it keeps a program from ending
//! or handles signals: Ctrl-C ends the program as it would without. How long a call may take at most is its own
//! [timeout](crate::ClientBuilder::timeout).
//!
//! A program that forks does so before its first call: the thread isn't there in the child.
//!
//! # Where it may be used
//!
//! On any thread that may block: one of your own, the closures of tokio's `spawn_blocking` and `block_in_place`, rayon's workers. Not in an async
//! task, whose thread has others to serve, the other side of the call perhaps: there, and within a future that is itself being waited
//! for, it is an error of kind [`Configuration`](crate::ErrorKind::Configuration), at once and before anything is sent, that says to
//! `.await` instead. It is told by the budget that tokio gives to each task; a future under `tokio::task::unconstrained` has none, and holds up its
//! thread until the call is over.
//!
//! # What dropping does
//!
//! A dropped [`Iter`] ends its stream, and the calls that were under way for it; a write of them may have taken effect all the same. A
//! wait can't be dropped: it ends with its call.

mod iter;
mod runtime;
mod wait;

pub use iter::Iter;
pub use runtime::block_on;
pub use wait::{Each, Once, Outcome, Wait};
