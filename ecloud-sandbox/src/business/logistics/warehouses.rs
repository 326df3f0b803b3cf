//! The warehouses of a shop, and the regions that they serve.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AddressUse, regions};
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::description::Description;
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The most warehouses that a shop has.
const MOST: usize = 50;
/// The priority of a warehouse that names none.
const USUAL_PRIORITY: u32 = 100;

wire_enum! {
    /// Whether a warehouse serves its regions.
    WarehouseStatus { Enabled = "enabled", Disabled = "disabled" }
}

/// A warehouse of a shop.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Warehouse {
    warehouse_id: String,
    code: String,
    name: String,
    pub(crate) address_id: String,
    priority: u32,
    status: WarehouseStatus,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
    /// The regions that it serves, by code.
    #[serde(skip_serializing_if = "crate::snapshot::is_answer")]
    region_codes: Vec<String>,
}

impl Row for Warehouse {
    fn id(&self) -> &str {
        &self.warehouse_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

impl Warehouse {
    /// Keeps it as changed, and answers with it.
    fn changed(mut self, shop: &mut Shop, now: Timestamp) -> Self {
        self.version += 1;
        self.modified_at = now;
        shop.warehouses.put(self.clone());
        self
    }

    /// Refuses a caller who hasn't seen its latest version.
    fn check_version(&self, version: u64) -> Result<(), Refusal> {
        if self.version == version {
            return Ok(());
        }
        let message = format!("the warehouse has changed since version {version}; it is at {} now", self.version);
        Err(Refusal::rule("logistics.warehouse_conflict", message))
    }

    fn coverage(&self) -> WarehouseCoverage<'_> {
        let region_codes = &self.region_codes;
        WarehouseCoverage { warehouse_id: &self.warehouse_id, region_codes, version: self.version }
    }
}

/// What is said of a warehouse.
#[derive(Debug, Deserialize)]
pub(crate) struct WarehouseInput {
    pub(crate) version: Option<u64>,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) address_id: String,
    pub(crate) priority: Option<u32>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listWarehouses" => list,
        "createWarehouse" => create,
        "matchWarehouse" => match_region,
        "getWarehouse" => get,
        "updateWarehouse" => update,
        "enableWarehouse" => enable,
        "disableWarehouse" => disable,
        "getWarehouseCoverage" => get_coverage,
        "setWarehouseCoverage" => set_coverage,
        _ => return None,
    })
}

/// `listWarehouses`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let wanted = |warehouse: &Warehouse| call.query.wants("status", warehouse.status.as_str());
    let all: Vec<_> = call.shop.warehouses.oldest_first(None).filter(|warehouse| wanted(warehouse)).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |warehouse| &***warehouse))
}

/// `createWarehouse`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WarehouseInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Adds a warehouse.
pub(crate) fn add(shop: &mut Shop, input: WarehouseInput, now: Timestamp) -> Result<Warehouse, Refusal> {
    check(shop, &input, None)?;
    if shop.warehouses.iter().count() >= MOST {
        return Err(Refusal::rule("logistics.warehouse_limit_exceeded", format!("the shop has {MOST} warehouses")));
    }
    let warehouse = Warehouse {
        warehouse_id: shop.next_id("WH"),
        code: input.code,
        name: input.name,
        address_id: input.address_id,
        priority: input.priority.unwrap_or(USUAL_PRIORITY),
        status: WarehouseStatus::Enabled,
        created_at: now,
        modified_at: now,
        version: 1,
        region_codes: Vec::new(),
    };
    shop.warehouses.put(warehouse.clone());
    Ok(warehouse)
}

/// Refuses an address that goods aren't sent from, and a code that another warehouse has.
fn check(shop: &Shop, input: &WarehouseInput, own: Option<&Warehouse>) -> Result<(), Refusal> {
    let address = shop.address(&input.address_id)?;
    if let (Some(own), Some(version)) = (own, input.version) {
        own.check_version(version)?;
    }
    if !address.uses.contains(&AddressUse::Sender) {
        return Err(Refusal::rule("logistics.address_use_unsuitable", "goods aren't sent from the address"));
    }
    let is_other = |other: &Warehouse| own.is_none_or(|own| own.warehouse_id != other.warehouse_id);
    if shop.warehouses.iter().any(|other| other.code == input.code && is_other(other)) {
        return Err(Refusal::rule("logistics.warehouse_code_taken", "another warehouse of the shop has this code"));
    }
    Ok(())
}

/// What serves a region.
#[derive(Serialize)]
struct WarehouseMatch<'a> {
    region_code: &'a str,
    matched_region_code: &'static str,
    warehouse: &'a Warehouse,
}

/// `matchWarehouse`
pub(crate) fn match_region(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let region_code = call.query.one("region_code").unwrap_or_default();
    for matched_region_code in regions::up_from(region_code)? {
        let serves = |warehouse: &&Warehouse| {
            warehouse.status == WarehouseStatus::Enabled
                && warehouse.region_codes.iter().any(|code| code == matched_region_code)
        };
        let serving = call.shop.warehouses.oldest_first(None).map(|warehouse| &**warehouse).filter(serves);
        // Of equals the first, which is the oldest.
        if let Some(warehouse) = serving.min_by_key(|warehouse| warehouse.priority) {
            return encode(&WarehouseMatch { region_code, matched_region_code, warehouse });
        }
    }
    Err(Refusal::rule("logistics.region_not_served", "no enabled warehouse serves the region"))
}

/// `getWarehouse`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("warehouse_id"))?)
}

/// `updateWarehouse`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WarehouseInput = call.input()?;
    let mut warehouse = find(call.shop, call.path("warehouse_id"))?.clone();
    check(call.shop, &input, Some(&warehouse))?;
    warehouse.code = input.code;
    warehouse.name = input.name;
    warehouse.address_id = input.address_id;
    warehouse.priority = input.priority.unwrap_or(USUAL_PRIORITY);
    encode(&warehouse.changed(call.shop, call.now))
}

/// `enableWarehouse`
pub(crate) fn enable(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    switch(call, "enableWarehouse", WarehouseStatus::Enabled)
}

/// `disableWarehouse`
pub(crate) fn disable(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    switch(call, "disableWarehouse", WarehouseStatus::Disabled)
}

fn switch(call: &mut Call<'_>, operation: &str, status: WarehouseStatus) -> Result<Option<Bytes>, Refusal> {
    let warehouse = find(call.shop, call.path("warehouse_id"))?.clone();
    Description::get().machine("WarehouseStatus").operation(operation, warehouse.status.as_str())?;
    encode(&turned(call.shop, warehouse, status, call.now))
}

/// A warehouse that begins or ceases to serve its regions.
pub(crate) fn turned(shop: &mut Shop, mut warehouse: Warehouse, status: WarehouseStatus, now: Timestamp) -> Warehouse {
    warehouse.status = status;
    warehouse.changed(shop, now)
}

/// The regions that a warehouse serves.
#[derive(Serialize)]
struct WarehouseCoverage<'a> {
    warehouse_id: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    region_codes: &'a [String],
    version: u64,
}

/// `getWarehouseCoverage`
pub(crate) fn get_coverage(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&find(call.shop, call.path("warehouse_id"))?.coverage())
}

/// The regions that a warehouse is to serve.
#[derive(Deserialize)]
struct CoverageInput {
    version: u64,
    #[serde(default)]
    region_codes: Vec<String>,
}

/// `setWarehouseCoverage`
pub(crate) fn set_coverage(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: CoverageInput = call.input()?;
    let warehouse = find(call.shop, call.path("warehouse_id"))?.clone();
    input.region_codes.iter().try_for_each(|code| regions::find(code).map(drop))?;
    warehouse.check_version(input.version)?;
    encode(&covering(call.shop, warehouse, input.region_codes, call.now).coverage())
}

/// A warehouse that serves these regions from now on.
pub(crate) fn covering(shop: &mut Shop, mut warehouse: Warehouse, mut codes: Vec<String>, now: Timestamp) -> Warehouse {
    codes.sort();
    warehouse.region_codes = codes;
    warehouse.changed(shop, now)
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a Warehouse, Refusal> {
    let found = shop.warehouses.get(id).map(|warehouse| &**warehouse);
    found.ok_or_else(|| Refusal::rule("logistics.warehouse_not_found", "the shop has no such warehouse"))
}
