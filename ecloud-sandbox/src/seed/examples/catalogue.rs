//! Items of the examples: a mug in two colours that sells, one that is a draft, and one that waits for the platform.

use ecloud_core::Timestamp;

use crate::business::Shop;
use crate::business::product::items::{ItemInput, SkuInput, Verdict, add, judge};
use crate::business::product::{Item, ListingStatus, Property};
use crate::platform::Refusal;

const DAY_MILLIS: i64 = 86_400_000;

/// A mug in red and blue that sells: `I1000001`, with `S1000001-1` and `S1000001-2`, 500 pieces each. A teapot that is a draft: `I1000002`,
/// with `S1000002-1`.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    let mug = on_sale(shop, "Stoneware mug", "KILN-MUG", &["red", "blue"], now)?;
    debug_assert_eq!(mug, "I1000001");
    let teapot = approved(shop, "Teapot", "KILN-POT", &["white"], now)?;
    debug_assert_eq!(teapot, "I1000002");
    Ok(())
}

/// An item that buyers see, with a variant of each colour: CNY 59.00, 500 pieces in stock.
pub(super) fn on_sale(
    shop: &mut Shop,
    title: &str,
    code: &str,
    colours: &[&str],
    now: Timestamp,
) -> Result<String, Refusal> {
    let item_id = approved(shop, title, code, colours, now)?;
    let mut item = Item::clone(shop.item(&item_id)?);
    item.listing_status = ListingStatus::OnSale;
    item.listed_at = Some(item.modified_at.offset_by_millis(60_000));
    item.modified_at = item.modified_at.offset_by_millis(60_000);
    item.version += 1;
    shop.items.put(item);
    Ok(item_id)
}

/// A draft that the platform has approved.
pub(super) fn approved(
    shop: &mut Shop,
    title: &str,
    code: &str,
    colours: &[&str],
    now: Timestamp,
) -> Result<String, Refusal> {
    let created_at = now.offset_by_millis(-60 * DAY_MILLIS);
    let skus = colours.iter().map(|colour| SkuInput {
        properties: vec![Property { name: "colour".to_owned(), value: (*colour).to_owned() }],
        outer_id: Some(format!("{code}-{}", colour.to_uppercase())),
        barcode: None,
        price: shop.money(5_900),
        list_price: None,
        available: 500,
        image: Some(format!("https://img.example.com/{code}-{colour}.jpg")),
    });
    let input = ItemInput {
        outer_id: Some(code.to_owned()),
        title: title.to_owned(),
        subtitle: None,
        category_id: "C110".to_owned(),
        brand: Some("Kiln".to_owned()),
        properties: vec![Property { name: "origin".to_owned(), value: "Jingdezhen".to_owned() }],
        skus: skus.collect(),
        stock_deduction: None,
        images: vec![format!("https://img.example.com/{code}.jpg")],
        description: Some(format!("<p>{title}, carefully made.</p>")),
        weight_grams: Some(420),
        ship_within_hours: None,
    };
    let item_id = add(shop, input, created_at)?;
    judge(shop, &item_id, Verdict::Approve, created_at.offset_by_millis(60_000))?;
    Ok(item_id)
}
