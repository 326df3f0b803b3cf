//! Where the examples of the API's reference run.

use std::error::Error;

use ecloud_core::Shop;

use crate::sandbox::Sandbox;
use crate::seed::examples::SHOP_ID;

/// Runs an example of the API's reference: in memory, in the shop and at the moment in which all of them play (see
/// [`SandboxBuilder::examples`](crate::SandboxBuilder::examples)). The examples of the domain crates' pages call it out of sight.
///
/// ```
/// ecloud_sandbox::run_example(async |shop| {
///     assert_eq!(shop.id(), Some("example-shop"));
///     Ok(())
/// });
/// ```
///
/// # Panics
///
/// Where the example fails, and within a tokio runtime.
#[allow(clippy::panic, reason = "an example that fails is a test that fails")]
pub fn run_example(example: impl AsyncFnOnce(Shop) -> Result<(), Box<dyn Error>>) {
    let run = || -> Result<(), Box<dyn Error>> {
        let sandbox = Sandbox::builder().examples().build();
        let shop = sandbox.client().build()?.for_shop(SHOP_ID);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(example(shop))
    };
    if let Err(error) = run() {
        panic!("the example failed: {error}");
    }
}
