//! The platform's brands, the same for all shops.

use std::sync::LazyLock;

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::Serialize;

use super::brand_authorizations;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Row, Shop, Table, encode};
use crate::platform::Refusal;

/// When the platform began to keep brands, in milliseconds; each came a day after the one before.
const FIRST_BRAND_MILLIS: i64 = 1_577_836_800_000;
const DAY_MILLIS: i64 = 86_400_000;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listBrands" => list,
        "getBrand" => get,
        _ => return None,
    })
}

wire_enum! {
    /// Who may sell a brand.
    BrandAccess { Free = "free", Authorized = "authorized", Exclusive = "exclusive" }
}

/// A brand that the platform knows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Brand {
    pub(super) brand_id: String,
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chinese_name: Option<&'static str>,
    /// The top categories that it sells in; all of them where it is empty.
    #[serde(skip_serializing_if = "<[&str]>::is_empty")]
    category_ids: &'static [&'static str],
    pub(super) access: BrandAccess,
    pub(super) open: bool,
    #[serde(skip)]
    known_since: Timestamp,
}

impl Row for Brand {
    fn id(&self) -> &str {
        &self.brand_id
    }

    fn created_at(&self) -> Timestamp {
        self.known_since
    }

    fn modified_at(&self) -> Timestamp {
        self.known_since
    }
}

static BRANDS: LazyLock<Table<Brand>> = LazyLock::new(|| {
    use BrandAccess::{Authorized, Exclusive, Free};
    type Known = (&'static str, Option<&'static str>, &'static [&'static str], BrandAccess, bool);
    const KNOWN: [Known; 10] = [
        ("Kiln", None, &["C100"], Free, true),
        ("Northwind", Some("北风"), &[], Free, true),
        ("Aurora", Some("极光"), &["C400"], Authorized, true),
        ("青山", None, &[], Free, true),
        ("Harbour", None, &[], Free, true),
        ("Silk Road", Some("丝路"), &["C200", "C300"], Exclusive, true),
        ("Old Mill", None, &["C500"], Authorized, false),
        ("Lakeside", Some("湖畔"), &["C100", "C200"], Authorized, true),
        ("Tern", Some("燕鸥"), &["C300"], Exclusive, true),
        ("Little Abacus", Some("小算盘"), &["C600"], Authorized, true),
    ];
    let mut brands = Table::default();
    for (index, (name, chinese_name, category_ids, access, open)) in KNOWN.into_iter().enumerate() {
        let known_since = Timestamp::from_unix_millis(FIRST_BRAND_MILLIS + index as i64 * DAY_MILLIS);
        let brand_id = format!("BR{}", 1_001 + index);
        brands.put(Brand { brand_id, name, chinese_name, category_ids, access, open, known_since });
    }
    brands
});

/// A brand as a shop sees it.
#[derive(Serialize)]
struct BrandView<'a> {
    #[serde(flatten)]
    brand: &'a Brand,
    authorized: bool,
}

fn view<'a>(shop: &Shop, brand: &'a Brand) -> BrandView<'a> {
    BrandView { brand, authorized: may_sell(shop, brand) }
}

fn may_sell(shop: &Shop, brand: &Brand) -> bool {
    brand.access == BrandAccess::Free || brand_authorizations::holds(shop, &brand.brand_id)
}

/// `listBrands`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let name = call.query.one("name").map(str::to_lowercase);
    let category = call.query.one("category_id").map(|id| top(call.shop, id));
    let authorized = call.query.one("authorized").map(|text| text == "true");
    let wanted = |brand: &Brand| {
        let names = [Some(brand.name), brand.chinese_name];
        name.as_ref()
            .is_none_or(|name| names.into_iter().flatten().any(|own| own.to_lowercase().contains(name.as_str())))
            && category.is_none_or(|top| brand.category_ids.is_empty() || brand.category_ids.contains(&top))
            && authorized.is_none_or(|authorized| may_sell(call.shop, brand) == authorized)
    };
    call.cursor_page(&BRANDS, wanted, |brand| view(call.shop, brand))
}

/// The top category that a category stands under; itself, where the platform doesn't know it.
fn top<'a>(shop: &'a Shop, category_id: &'a str) -> &'a str {
    let known = shop.categories.iter().find(|category| category.category_id == category_id);
    match known.and_then(|category| category.parent_id.as_deref()) {
        Some(parent) => top(shop, parent),
        None => category_id,
    }
}

/// `getBrand`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&view(call.shop, find(call.path("brand_id"))?))
}

pub(super) fn find(brand_id: &str) -> Result<&'static Brand, Refusal> {
    let found = BRANDS.get(brand_id).map(|brand| &**brand);
    found.ok_or_else(|| Refusal::rule("product.brand_not_found", "the platform has no such brand"))
}

/// An item may be of any brand that the platform doesn't know, and of those that the shop may sell.
pub(super) fn check(shop: &Shop, name: Option<&str>) -> Result<(), Refusal> {
    let Some(name) = name.map(str::to_lowercase) else { return Ok(()) };
    let named = |brand: &Brand| {
        let names = [Some(brand.name), brand.chinese_name];
        names.into_iter().flatten().any(|own| own.to_lowercase() == name)
    };
    match BRANDS.iter().find(|brand| named(brand)) {
        Some(brand) if !may_sell(shop, brand) => {
            let message = "the brand needs an authorisation, and the shop has none";
            Err(Refusal::rule("product.brand_not_authorized", message))
        }
        _ => Ok(()),
    }
}
