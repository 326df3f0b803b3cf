//! Barcodes of variants: the manufacturers' own, and those that a shop gives to what has none.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Sku;
use super::prices::PriceReason;
use super::skus::{self, find, for_change};
use crate::business::wire::wire_enum;
use crate::business::{BatchError, Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "batchSetBarcodes" => batch_set,
        "findBarcode" => look_up,
        "generateBarcodes" => generate,
        "deleteBarcode" => delete,
        _ => return None,
    })
}

wire_enum! {
    /// What a barcode is.
    BarcodeKind { Ean8 = "ean_8", UpcA = "upc_a", Ean13 = "ean_13", Gtin14 = "gtin_14", Internal = "internal" }
}

impl BarcodeKind {
    /// What a barcode is; nothing where no scanner takes it.
    fn of(barcode: &str) -> Option<Self> {
        let (digits, last) = barcode.split_at_checked(barcode.len().checked_sub(1)?)?;
        if check_digit(digits)?.to_string() != last {
            return None;
        }
        match barcode.len() {
            8 => Some(Self::Ean8),
            12 => Some(Self::UpcA),
            13 if barcode.starts_with('2') => Some(Self::Internal),
            13 => Some(Self::Ean13),
            14 => Some(Self::Gtin14),
            _ => None,
        }
    }
}

/// The digit that a code ends with: from the right every other digit counts threefold, and all together make a multiple of ten.
pub(crate) fn check_digit(digits: &str) -> Option<u32> {
    let mut sum = 0;
    for (index, letter) in digits.chars().rev().enumerate() {
        sum += letter.to_digit(10)? * if index % 2 == 0 { 3 } else { 1 };
    }
    Some((10 - sum % 10) % 10)
}

/// The barcode of a variant, as it is answered.
#[derive(Serialize)]
struct SkuBarcode<'a> {
    sku_id: &'a str,
    item_id: &'a str,
    barcode: &'a str,
    kind: BarcodeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    outer_id: Option<&'a str>,
    version: u64,
}

/// The barcode of a variant; nothing where it has none.
fn view(sku: &Sku) -> Option<SkuBarcode<'_>> {
    let barcode = sku.barcode.as_deref()?;
    Some(SkuBarcode {
        sku_id: &sku.sku_id,
        item_id: &sku.item_id,
        barcode,
        kind: BarcodeKind::of(barcode)?,
        outer_id: sku.outer_id.as_deref(),
        version: sku.version,
    })
}

/// A barcode is one that scanners take, and names one variant of the shop.
pub(super) fn check(shop: &Shop, barcode: Option<&str>, own: Option<&str>) -> Result<(), Refusal> {
    let Some(barcode) = barcode.filter(|text| !text.is_empty()) else { return Ok(()) };
    if BarcodeKind::of(barcode).is_none() {
        let message = "a barcode has 8, 12, 13 or 14 digits, of which the last follows from the others";
        return Err(Refusal::rule("product.barcode_invalid", message));
    }
    if with(shop, barcode).is_some_and(|sku| Some(sku.sku_id.as_str()) != own) {
        return Err(Refusal::rule("product.barcode_taken", "another SKU of the shop has this barcode"));
    }
    Ok(())
}

/// The variant that has a barcode.
fn with<'a>(shop: &'a Shop, barcode: &str) -> Option<&'a Sku> {
    shop.skus.iter().find(|sku| sku.barcode.as_deref() == Some(barcode)).map(|sku| &**sku)
}

#[derive(Deserialize)]
struct BarcodeBatch {
    items: Vec<BarcodeBatchEntry>,
}

#[derive(Deserialize)]
struct BarcodeBatchEntry {
    sku_id: String,
    version: u64,
    barcode: String,
}

/// `batchSetBarcodes`
pub(crate) fn batch_set(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: BarcodeBatch = call.input()?;
    let mut results: Vec<Value> = Vec::new();
    for entry in input.items {
        let outcome = set_one(call.shop, &entry, call.now);
        results.push(result(&entry.sku_id, outcome));
    }
    encode(&json!({"items": results}))
}

fn set_one(shop: &mut Shop, entry: &BarcodeBatchEntry, now: Timestamp) -> Result<Sku, Refusal> {
    let mut sku = for_change(shop, &entry.sku_id, entry.version)?;
    check(shop, Some(&entry.barcode), Some(&sku.sku_id))?;
    sku.barcode = Some(entry.barcode.clone());
    Ok(keep(shop, sku, now))
}

fn keep(shop: &mut Shop, sku: Sku, now: Timestamp) -> Sku {
    skus::keep(shop, sku, PriceReason::Updated.into(), now)
}

fn result(sku_id: &str, outcome: Result<Sku, Refusal>) -> Value {
    match outcome {
        Ok(sku) => json!({"sku_id": sku_id, "barcode": view(&sku)}),
        Err(refusal) => json!({"sku_id": sku_id, "error": BatchError::from(refusal)}),
    }
}

/// `findBarcode`
pub(crate) fn look_up(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let found = call.query.one("barcode").and_then(|barcode| with(call.shop, barcode)).and_then(view);
    let not_found = || Refusal::rule("product.barcode_not_found", "no SKU of the shop has this barcode");
    encode(&found.ok_or_else(not_found)?)
}

#[derive(Deserialize)]
struct BarcodeSkuIds {
    sku_ids: Vec<String>,
}

/// `generateBarcodes`
pub(crate) fn generate(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: BarcodeSkuIds = call.input()?;
    let mut results: Vec<Value> = Vec::new();
    for sku_id in input.sku_ids {
        let outcome = make(call.shop, &sku_id, call.now);
        results.push(result(&sku_id, outcome));
    }
    encode(&json!({"items": results}))
}

/// Gives a variant that has no barcode one that only its shop uses.
pub(crate) fn make(shop: &mut Shop, sku_id: &str, now: Timestamp) -> Result<Sku, Refusal> {
    let mut sku = Sku::clone(find(shop, sku_id)?);
    if sku.barcode.is_some() {
        return Err(Refusal::rule("product.barcode_present", "the SKU has a barcode"));
    }
    // A shop may have given such codes itself.
    let barcode = loop {
        let barcode = internal(&shop.next_id("BC")[2..]);
        if with(shop, &barcode).is_none() {
            break barcode;
        }
    };
    sku.barcode = Some(barcode);
    Ok(keep(shop, sku, now))
}

/// An EAN-13 of a number of up to 11 digits, of those that the standard keeps for use within a shop.
fn internal(number: &str) -> String {
    let digits = format!("2{number:0>11}");
    let last = check_digit(&digits).unwrap_or_default();
    format!("{digits}{last}")
}

/// `deleteBarcode`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let mut sku = Sku::clone(find(call.shop, call.path("sku_id"))?);
    if sku.barcode.take().is_none() {
        return Err(Refusal::rule("product.barcode_not_found", "the SKU has no barcode"));
    }
    keep(call.shop, sku, call.now);
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{BarcodeKind, internal};

    #[test]
    fn a_barcode_is_what_its_length_says_if_its_check_digit_is_right() {
        for (barcode, kind) in [
            ("96385074", Some(BarcodeKind::Ean8)),
            ("036000291452", Some(BarcodeKind::UpcA)),
            ("4006381333931", Some(BarcodeKind::Ean13)),
            ("6901234567892", Some(BarcodeKind::Ean13)),
            ("10614141000415", Some(BarcodeKind::Gtin14)),
            ("6901234567893", None),
            ("6901234567829", None),
            ("123456784", None),
            ("", None),
        ] {
            assert_eq!(BarcodeKind::of(barcode), kind, "{barcode}");
        }
    }

    #[test]
    fn a_code_of_a_shops_own_is_a_valid_one() {
        assert_eq!(internal("1000201"), "2000010002016");
        assert_eq!(BarcodeKind::of(&internal("1000201")), Some(BarcodeKind::Internal));
    }
}
