//! What a rehearsal needs and production doesn't have: a buyer, and a platform that fails when it is told to.
//!
//! Both come from the sandbox's control interface under `/sandbox/v1`. It isn't signed, so it is spoken to as a plain REST platform.

use ecloud::dialect::Rest;
use ecloud::prelude::*;
use ecloud::product::items::Item;
use ecloud::types::OrderId;
use ecloud::{Method, RetryPolicy};
use serde_json::{Value, json};

/// The control interface of a sandbox, if the platform is one.
pub(crate) struct Rehearsal {
    control: Shop,
}

impl Rehearsal {
    pub(crate) fn at(endpoint: &str) -> Result<Self, Error> {
        let client = Client::builder().endpoint(endpoint).dialect(Rest::new()).retry(RetryPolicy::none()).build()?;
        Ok(Self { control: client.into() })
    }

    /// Places and pays an order as a buyer; the order's id, or `None` where nobody can.
    pub(crate) async fn place_and_pay_order(&self, items: &[Item]) -> Result<Option<OrderId>, Error> {
        let Some(sku) = items.iter().flat_map(|item| &item.skus).find(|sku| sku.available > 0) else {
            println!("  nothing is in stock, so no buyer comes");
            return Ok(None);
        };
        let purchase = json!({"lines": [{"sku_id": sku.sku_id, "quantity": 1}]});
        let Some(order) = self.post("/sandbox/v1/orders", &purchase).await? else {
            println!("  the platform has no /sandbox/v1, so no buyer comes");
            return Ok(None);
        };
        let Some(order_id) = order["order_id"].as_str() else { return Ok(None) };
        self.post(format!("/sandbox/v1/orders/{order_id}/pay"), &json!({})).await?;
        println!("  a buyer placed and paid order {order_id}");
        Ok(Some(order_id.into()))
    }

    /// Lets calls to logistics fail: a burst of 503 and 429, a connection that breaks after the order was shipped, then one call in
    /// twenty. Whether the platform can be told to.
    pub(crate) async fn inject_burst(&self) -> Result<bool, Error> {
        let (ship, track) = ("logistics.shipments.create", "logistics.tracking.get");
        let burst = [
            json!({"effect": "status", "status": 503, "next": 3, "operation": ship}),
            json!({"effect": "status", "status": 429, "retry_after_ms": 120, "next": 3, "operation": track}),
            json!({"effect": "drop", "after_effect": true, "next": 1, "operation": ship}),
            json!({"effect": "status", "status": 503, "share": 0.05, "seed": 7, "path_prefix": "/logistics/"}),
        ];
        for fault in &burst {
            if self.post("/sandbox/v1/faults", fault).await?.is_none() {
                println!("  the platform has no /sandbox/v1, so it fails only by itself");
                return Ok(false);
            }
        }
        println!("  from now on the platform fails: a burst of 503 and 429, and then one call in twenty");
        Ok(true)
    }

    /// Takes the faults out again; how many calls they hit.
    pub(crate) async fn end_faults(&self) -> Result<usize, Error> {
        let listed: Value = self.control.request(Method::GET, "/sandbox/v1/faults").send().await?;
        let hits = listed["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|fault| fault["happened"].as_u64())
            .sum::<u64>();
        self.control.request(Method::DELETE, "/sandbox/v1/faults").send::<()>().await?;
        Ok(usize::try_from(hits).unwrap_or(usize::MAX))
    }

    /// `None` where the platform has no such interface.
    async fn post(
        &self,
        path: impl Into<std::borrow::Cow<'static, str>>,
        body: &Value,
    ) -> Result<Option<Value>, Error> {
        match self.control.request(Method::POST, path).json(body).send().await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.status().is_some_and(|status| (400..500).contains(&status)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
