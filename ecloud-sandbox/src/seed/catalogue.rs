//! What the platform and the seeded shop sell: categories, carriers, items.

use std::sync::{Arc, LazyLock};

use ecloud_core::{Money, Timestamp};

use super::Size;
use crate::business::Shop;
use crate::business::logistics::Carrier;
use crate::business::logistics::carriers::{Numbers, the_seller};
use crate::business::product::items::{ItemInput, SkuInput, Verdict, add, judge};
use crate::business::product::{Category, Item, ListingStatus, Property, StockDeduction, barcodes, category_profiles};
use crate::dice::Dice;
use crate::platform::Refusal;

const DAY_MILLIS: i64 = 86_400_000;

/// A category and what stands in it.
type Leaf = (&'static str, [&'static str; 4]);

/// Top categories with their leaves, and what the seeded shop sells in each.
const SHELVES: [(&str, &[Leaf]); 6] = [
    (
        "Kitchen",
        &[
            ("Mugs", ["Stoneware mug", "Enamel mug", "Espresso cup", "青瓷茶杯"]),
            ("Pans", ["Cast-iron pan", "Wok", "Saucepan", "Grill pan"]),
            ("Knives", ["Chef's knife", "Bread knife", "Paring knife", "Cleaver"]),
        ],
    ),
    (
        "Textiles",
        &[
            ("Towels", ["Tea towel", "Bath towel", "Hand towel", "Beach towel"]),
            ("Bed linen", ["Linen sheet", "Duvet cover", "Pillow case", "真丝枕套"]),
            ("Cushions", ["Velvet cushion", "Floor cushion", "Bolster", "Seat pad"]),
        ],
    ),
    (
        "Clothing",
        &[
            ("Shoes", ["Running shoe", "Canvas shoe", "Rain boot", "Slipper"]),
            ("Shirts", ["Oxford shirt", "Linen shirt", "Polo shirt", "Flannel shirt"]),
            ("Hats", ["Straw hat", "Beanie", "Cap", "Bucket hat"]),
        ],
    ),
    (
        "Electronics",
        &[
            ("Headphones", ["Earbuds", "Over-ear headphones", "Neckband headphones", "Headset"]),
            ("Chargers", ["USB-C charger", "Power bank", "Charging cable", "Car charger"]),
            ("Lamps", ["Desk lamp", "Reading light", "Night light", "LED strip"]),
        ],
    ),
    (
        "Food",
        &[
            ("Tea", ["Longjing tea", "Pu'er tea", "Jasmine tea", "铁观音"]),
            ("Nuts", ["Walnuts", "Cashews", "Pistachios", "Almonds"]),
            ("Snacks", ["Rice crackers", "Dried mango", "Seaweed snack", "Sesame bar"]),
        ],
    ),
    ("Toys", &[("Puzzles", ["Wooden puzzle", "Jigsaw 1000", "Cube puzzle", "Tangram"])]),
];

const COLOURS: [&str; 5] = ["red", "blue", "green", "black", "white"];
const SIZES: [&str; 3] = ["S", "M", "L"];
const ORIGINS: [&str; 3] = ["Jingdezhen", "Hangzhou", "Foshan"];

static CATEGORIES: LazyLock<Arc<[Category]>> = LazyLock::new(|| {
    let mut categories = Vec::new();
    for (top, (name, leaves)) in SHELVES.iter().enumerate() {
        let parent_id = format!("C{}00", top + 1);
        let category = |id: String, parent: Option<String>, path: Vec<String>, leaf: bool, enabled: bool| Category {
            category_id: id,
            parent_id: parent,
            name: path.last().cloned().unwrap_or_default(),
            path,
            leaf,
            enabled,
        };
        categories.push(category(parent_id.clone(), None, vec![(*name).to_owned()], false, true));
        for (index, (leaf, _)) in leaves.iter().enumerate() {
            let path = vec![(*name).to_owned(), (*leaf).to_owned()];
            categories.push(category(format!("C{}{}0", top + 1, index + 1), Some(parent_id.clone()), path, true, true));
        }
        // One leaf of each is closed for new items.
        let path = vec![(*name).to_owned(), format!("Antique {}", name.to_lowercase())];
        categories.push(category(format!("C{}90", top + 1), Some(parent_id), path, true, false));
    }
    // Parents before their children.
    categories.sort_by_key(|category| category.path.len());
    categories.into()
});

static CARRIERS: LazyLock<Arc<[Carrier]>> = LazyLock::new(|| {
    let numbers = |letters, digits| Some(Numbers { letters, digits });
    let mut carriers = vec![
        Carrier::new("ems", "China Post EMS", "11183", numbers("E", 12), true).with_children(),
        Carrier::new("jd", "JD Logistics", "950616", numbers("JD", 13), true).with_children(),
        Carrier::new("jt", "J&T Express", "956025", numbers("JT", 13), true),
        Carrier::new("local", "Local courier", "02100000000", None, false).with_reports(),
        Carrier::new("sf", "SF Express", "95338", numbers("SF", 13), true).with_children(),
        Carrier::new("sto", "STO Express", "95543", numbers("77", 13), true),
        Carrier::new("yto", "YTO Express", "95554", numbers("YT", 13), true),
        Carrier::new("yunda", "Yunda Express", "95546", numbers("4", 12), false),
        Carrier::new("zto", "ZTO Express", "95311", numbers("ZT", 13), true),
        Carrier::new("rapid", "Rapid Post", "95000", numbers("RP", 12), false).disabled(),
        the_seller(),
    ];
    carriers.sort_by_key(|carrier| carrier.carrier_code);
    carriers.into()
});

/// The platform's categories, parents before their children.
pub(crate) fn categories() -> Arc<[Category]> {
    Arc::clone(&CATEGORIES)
}

/// The platform's carriers, by code.
pub(crate) fn carriers() -> Arc<[Carrier]> {
    Arc::clone(&CARRIERS)
}

/// Fills the shop's shelves over the two months before `hour`. Most items are on sale; some are drafts, rejected, banned, waiting or
/// deleted, and a few are sold out.
pub(super) fn fill(shop: &mut Shop, seed: u64, size: Size, hour: Timestamp) -> Result<(), Refusal> {
    let mut dice = Dice::for_purpose(seed, "catalogue");
    let shelves = SHELVES.iter().enumerate();
    let leaves =
        shelves.flat_map(|(top, (_, leaves))| leaves.iter().enumerate().map(move |(index, leaf)| (top, index, leaf)));
    let titles = leaves.flat_map(|(top, index, (leaf, titles))| {
        let category = format!("C{}{}0", top + 1, index + 1);
        titles.iter().map(move |title| (category.clone(), *leaf, *title))
    });
    for (count, (category, leaf, title)) in titles.take(size.items).enumerate() {
        let created_at = hour.offset_by_millis(-60 * DAY_MILLIS + count as i64 * DAY_MILLIS / 2);
        let item_id = add(shop, item(shop, &mut dice, count, category, leaf, title), created_at)?;
        let judged_at = created_at.offset_by_millis(60_000);
        let verdict = match count % 20 {
            13 => Verdict::Reject("The pictures show another brand.".to_owned()),
            17 => Verdict::Ban("The item infringes a trademark.".to_owned()),
            _ => Verdict::Approve,
        };
        let approved = verdict == Verdict::Approve;
        judge(shop, &item_id, verdict, judged_at)?;
        let mut item = Item::clone(shop.item(&item_id)?);
        if approved {
            item.listing_status = match count % 20 {
                9 => ListingStatus::Draft,
                19 => ListingStatus::Deleted,
                _ => ListingStatus::OnSale,
            };
            item.listed_at =
                Some(judged_at.offset_by_millis(60_000)).filter(|_| item.listing_status == ListingStatus::OnSale);
            item.modified_at = judged_at.offset_by_millis(60_000);
            item.version += 1;
            shop.items.put(item);
        }
    }
    Ok(())
}

fn item(shop: &Shop, dice: &mut Dice, count: usize, category_id: String, leaf: &str, title: &str) -> ItemInput {
    let code = format!("{}-{:03}", leaf.to_uppercase().replace(' ', "-"), count + 1);
    let price = dice.between(9, 299) * 100 - 10 * dice.between(0, 1);
    let variants: Vec<Vec<Property>> = match count % 4 {
        0 => vec![Vec::new()],
        1 | 2 => COLOURS[..2 + count % 3].iter().map(|colour| vec![property("colour", colour)]).collect(),
        _ => COLOURS[..2]
            .iter()
            .flat_map(|colour| SIZES.map(|size| vec![property("colour", colour), property("size", size)]))
            .collect(),
    };
    let sold_out = count % 20 == 7;
    let to_sku = |(index, properties): (usize, Vec<Property>)| {
        let price = price + index as i64 * 100;
        SkuInput {
            properties,
            outer_id: Some(format!("{code}-{}", index + 1)),
            barcode: barcode(count * 100 + index),
            price: shop.money(price),
            list_price: count.is_multiple_of(3).then(|| Money::new(price * 6 / 5, shop.currency)),
            available: if sold_out { 0 } else { dice.between(300, 900) as u32 },
            image: Some(format!("https://img.example.com/{code}-{}.jpg", index + 1)),
        }
    };
    let skus = variants.into_iter().enumerate().map(to_sku).collect();
    ItemInput {
        outer_id: Some(code.clone()),
        title: title.to_owned(),
        subtitle: count.is_multiple_of(5).then(|| "Chosen by our buyers".to_owned()),
        category_id: category_id.clone(),
        brand: Some((*dice.pick(&["Kiln", "Northwind", "青山", "Harbour"])).to_owned()),
        properties: attributes(shop, &category_id, count, ORIGINS[dice.below(ORIGINS.len() as u64) as usize]),
        skus,
        stock_deduction: Some(if count % 8 == 2 { StockDeduction::AtPayment } else { StockDeduction::AtOrder }),
        images: vec![format!("https://img.example.com/{code}.jpg")],
        description: Some(format!("<p>{title}, carefully made.</p>")),
        weight_grams: Some(dice.between(80, 4_000) as u32),
        ship_within_hours: count.is_multiple_of(6).then_some(72),
    }
}

/// Where an item comes from, and whatever else its category must know.
fn attributes(shop: &Shop, category_id: &str, count: usize, origin: &str) -> Vec<Property> {
    let mut properties = vec![property("origin", origin)];
    let category = shop.categories.iter().find(|category| category.category_id == category_id);
    let wanted = category.into_iter().flat_map(|category| category_profiles::of(category).of_items());
    for attribute in wanted.filter(|attribute| attribute.required && attribute.name != "origin") {
        let number = attribute.minimum.unwrap_or_default() + 12 + count as i64 % 12;
        let value = match attribute.values {
            [] => number.min(attribute.maximum.unwrap_or(number)).to_string(),
            values => values[count % values.len()].to_owned(),
        };
        properties.push(property(attribute.name, &value));
    }
    properties
}

/// An EAN-13 of the country that the shop is in.
fn barcode(number: usize) -> Option<String> {
    let digits = format!("690{number:09}");
    barcodes::check_digit(&digits).map(|last| format!("{digits}{last}"))
}

fn property(name: &str, value: &str) -> Property {
    Property { name: name.to_owned(), value: value.to_owned() }
}
