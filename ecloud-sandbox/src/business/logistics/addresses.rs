//! The addresses of a shop: where goods are sent from and where returned ones go.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Address, AddressUse};
use crate::business::trade::Region;
use crate::business::trade::orders::SealedField;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;
use crate::protocol::sensitive::Kind;

/// The most addresses that a shop has.
const MOST: usize = 100;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listAddresses" => list,
        "createAddress" => create,
        "updateAddress" => update,
        "deleteAddress" => delete,
        "getAddress" => get,
        "setDefaultAddress" => set_default,
        "batchGetAddresses" => batch_get,
        _ => return None,
    })
}

/// `listAddresses`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let used_for = call.query.one("used_for");
    let fits =
        |address: &Address| used_for.is_none_or(|wanted| address.uses.iter().any(|used| used.as_str() == wanted));
    let all: Vec<_> = call.shop.addresses.oldest_first(None).filter(|address| fits(address)).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |address| &***address))
}

#[derive(Deserialize)]
struct AddressInput {
    version: Option<u64>,
    uses: Vec<AddressUse>,
    #[serde(default)]
    default_for: Vec<AddressUse>,
    name: SealedField,
    phone: SealedField,
    address: SealedField,
    #[serde(flatten)]
    region: Region,
}

impl AddressInput {
    fn into_address(
        self,
        shop: &Shop,
        address_id: String,
        before: Option<&Address>,
        now: Timestamp,
    ) -> Result<Address, Refusal> {
        Ok(Address {
            address_id,
            uses: self.uses,
            default_for: Vec::new(),
            name: self.name.open(shop, Kind::Name)?,
            phone: self.phone.open(shop, Kind::Phone)?,
            address: self.address.open(shop, Kind::Address)?,
            region: self.region,
            created_at: before.map_or(now, |before| before.created_at),
            modified_at: now,
            version: before.map_or(1, |before| before.version + 1),
        })
    }
}

/// `createAddress`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AddressInput = call.input()?;
    if call.shop.addresses.iter().count() >= MOST {
        return Err(Refusal::rule("logistics.address_limit_exceeded", format!("the shop has {MOST} addresses")));
    }
    let wanted = input.default_for.clone();
    let address_id = call.shop.next_id("A");
    let mut address = input.into_address(call.shop, address_id, None, call.now)?;
    let is_default = |used: &AddressUse| wanted.contains(used) || default_for(call.shop, *used).is_none();
    address.default_for = address.uses.iter().copied().filter(is_default).collect();
    add(call.shop, address.clone(), call.now);
    encode(&address)
}

/// Puts an address in, and takes from the others what it is the default for now.
pub(crate) fn add(shop: &mut Shop, address: Address, now: Timestamp) {
    let others: Vec<Address> = shop
        .addresses
        .iter()
        .filter(|other| other.address_id != address.address_id)
        .filter(|other| other.default_for.iter().any(|used| address.default_for.contains(used)))
        .map(|other| Address::clone(other))
        .collect();
    for mut other in others {
        other.default_for.retain(|used| !address.default_for.contains(used));
        other.version += 1;
        other.modified_at = now;
        shop.addresses.put(other);
    }
    shop.addresses.put(address);
}

/// `updateAddress`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AddressInput = call.input()?;
    let before = Address::clone(call.shop.address(call.path("address_id"))?);
    if input.version != Some(before.version) {
        return Err(has_changed(&before));
    }
    if before.default_for.iter().any(|used| !input.uses.contains(used)) {
        return Err(is_default());
    }
    let wanted = input.default_for.clone();
    let mut address = input.into_address(call.shop, before.address_id.clone(), Some(&before), call.now)?;
    let stays = |used: &AddressUse| {
        wanted.contains(used) || before.default_for.contains(used) || default_for(call.shop, *used).is_none()
    };
    address.default_for = address.uses.iter().copied().filter(stays).collect();
    add(call.shop, address.clone(), call.now);
    encode(&address)
}

/// `deleteAddress`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let address = call.shop.address(call.path("address_id"))?;
    if !address.default_for.is_empty() {
        return Err(is_default());
    }
    if call.shop.warehouses.iter().any(|warehouse| warehouse.address_id == address.address_id) {
        return Err(Refusal::rule("logistics.address_in_use", "a warehouse stands there"));
    }
    let address_id = address.address_id.clone();
    call.shop.addresses.remove(&address_id);
    Ok(None)
}

/// `getAddress`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&**call.shop.address(call.path("address_id"))?)
}

/// What an address becomes the default for.
#[derive(Deserialize)]
struct DefaultAddressInput {
    version: u64,
    default_for: Vec<AddressUse>,
}

/// `setDefaultAddress`
pub(crate) fn set_default(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: DefaultAddressInput = call.input()?;
    let mut address = Address::clone(call.shop.address(call.path("address_id"))?);
    if input.version != address.version {
        return Err(has_changed(&address));
    }
    if input.default_for.iter().any(|used| !address.uses.contains(used)) {
        let message = "the address isn't used for what it is to be the default for";
        return Err(Refusal::rule("logistics.address_use_unsuitable", message));
    }
    let is_default = |used: &AddressUse| input.default_for.contains(used) || address.default_for.contains(used);
    address.default_for = address.uses.iter().copied().filter(is_default).collect();
    address.version += 1;
    address.modified_at = call.now;
    add(call.shop, address.clone(), call.now);
    encode(&address)
}

/// Which addresses to get.
#[derive(Deserialize)]
struct AddressBatch {
    address_ids: Vec<String>,
}

/// The addresses asked for, one for one.
#[derive(Serialize)]
struct AddressBatchResult<'a> {
    items: Vec<AddressResult<'a>>,
}

/// One result of many.
#[derive(Serialize)]
struct AddressResult<'a> {
    address_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchGetAddresses`
pub(crate) fn batch_get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: AddressBatch = call.input()?;
    let result = |address_id: &'_ String| match call.shop.address(address_id) {
        Ok(address) => (Some(&**address), None),
        Err(refusal) => (None, Some(refusal.into())),
    };
    let items = input.address_ids.iter().map(|address_id| {
        let (address, error) = result(address_id);
        AddressResult { address_id, address, error }
    });
    encode(&AddressBatchResult { items: items.collect() })
}

fn has_changed(address: &Address) -> Refusal {
    let message = format!("the address has changed since that version; it is at {} now", address.version);
    Refusal::rule("logistics.address_conflict", message)
}

fn is_default() -> Refusal {
    Refusal::rule(
        "logistics.address_is_default",
        "the address is the default for a use; make another the default first",
    )
}

/// The shop's default address for a use.
pub(crate) fn default_for(shop: &Shop, used: AddressUse) -> Option<String> {
    shop.addresses.iter().find(|address| address.default_for.contains(&used)).map(|address| address.address_id.clone())
}
