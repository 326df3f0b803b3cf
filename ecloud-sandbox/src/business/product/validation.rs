//! A new item is looked at before it is created.

use std::collections::BTreeSet;

use bytes::Bytes;
use serde::Serialize;

use super::barcodes;
use super::brands;
use super::categories::leaf;
use super::category_rules::{self, Draft};
use super::items::{ItemInput, SkuInput, check_item_outer_id, sorted};
use super::skus::{check_outer_id, check_price};
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;

/// What does an operation of this kind.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "validateItem" => validate,
        _ => return None,
    })
}

wire_enum! {
    /// How grave a finding is.
    FindingSeverity { Error = "error", Advice = "advice" }
}

/// One thing that was found.
#[derive(Debug, Serialize)]
struct ItemFinding {
    severity: FindingSeverity,
    code: String,
    field: String,
    message: String,
}

#[derive(Serialize)]
struct ItemValidation {
    creatable: bool,
    findings: Vec<ItemFinding>,
}

/// `validateItem`
pub(crate) fn validate(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ItemInput = call.input()?;
    let mut findings = errors(call.shop, &input);
    let creatable = findings.is_empty();
    findings.extend(advice(&input));
    encode(&ItemValidation { creatable, findings })
}

/// What keeps an item from being created: what `createItem` would refuse, all of it.
fn errors(shop: &Shop, input: &ItemInput) -> Vec<ItemFinding> {
    let mut findings = Vec::new();
    let mut check = |field: String, outcome: Result<(), Refusal>| {
        if let Err(refusal) = outcome {
            let (code, message) = (refusal.code().to_owned(), refusal.message().to_owned());
            findings.push(ItemFinding { severity: FindingSeverity::Error, code, field, message });
        }
    };
    match leaf(&shop.categories, &input.category_id) {
        Ok(category) => {
            for (field, refusal) in category_rules::faults(category, &Draft::from(input)) {
                check(field, Err(refusal));
            }
        }
        Err(refusal) => check("category_id".to_owned(), Err(refusal)),
    }
    check("outer_id".to_owned(), check_item_outer_id(shop, input.outer_id.as_deref(), None));
    check("brand".to_owned(), brands::check(shop, input.brand.as_deref()));
    let (mut seen, mut outer_ids, mut barcodes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (index, sku) in input.skus.iter().enumerate() {
        if !seen.insert(sorted(&sku.properties)) {
            let refusal = Refusal::rule("product.sku_properties_repeated", "two SKUs have the same properties");
            check(format!("skus[{index}].properties"), Err(refusal));
        }
        if let Some(outer_id) = &sku.outer_id {
            let repeated = !outer_ids.insert(outer_id);
            let refusal = || Refusal::rule("product.outer_id_taken", "two SKUs have the same outer code");
            let outcome = if repeated { Err(refusal()) } else { check_outer_id(shop, outer_id, None) };
            check(format!("skus[{index}].outer_id"), outcome);
        }
        check(format!("skus[{index}].price"), check_price(shop, sku.price, sku.list_price));
        let repeated = sku.barcode.as_ref().is_some_and(|barcode| !barcodes.insert(barcode));
        let refusal = || Refusal::rule("product.barcode_taken", "two SKUs have the same barcode");
        let outcome = if repeated { Err(refusal()) } else { barcodes::check(shop, sku.barcode.as_deref(), None) };
        check(format!("skus[{index}].barcode"), outcome);
    }
    findings
}

/// What buyers would miss.
fn advice(input: &ItemInput) -> Vec<ItemFinding> {
    let mut findings = Vec::new();
    let mut advise = |missing: bool, code: &str, field: String, message: &str| {
        if missing {
            let (code, message) = (code.to_owned(), message.to_owned());
            findings.push(ItemFinding { severity: FindingSeverity::Advice, code, field, message });
        }
    };
    advise(input.images.is_empty(), "product.image_missing", "images".to_owned(), "buyers see no picture");
    let described = input.description.as_ref().is_some_and(|text| !text.is_empty());
    advise(!described, "product.description_missing", "description".to_owned(), "buyers find no description");
    advise(input.weight_grams.is_none(), "product.weight_missing", "weight_grams".to_owned(), "the weight is unknown");
    for (index, SkuInput { available, .. }) in input.skus.iter().enumerate() {
        advise(*available == 0, "product.stock_empty", format!("skus[{index}].available"), "nothing can be sold of it");
    }
    findings
}
