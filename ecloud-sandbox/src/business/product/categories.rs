//! The platform's categories.

use bytes::Bytes;
use serde::Serialize;

use super::skus::MOST_SKUS;
use super::{Category, category_profiles, category_rules};
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listCategories" => list,
        "getCategory" => get,
        "listCategoryAttributes" => list_attributes,
        "getCategoryRules" => rules,
        _ => return None,
    })
}

/// `listCategories`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let parent = call.query.one("parent_id");
    let all: Vec<&Category> = call
        .shop
        .categories
        .iter()
        .filter(|category| parent.is_none_or(|parent| category.parent_id.as_deref() == Some(parent)))
        .collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |category| *category))
}

/// `getCategory`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(&call.shop.categories, call.path("category_id"))?)
}

/// `listCategoryAttributes`
pub(crate) fn list_attributes(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let category = without_children(&call.shop.categories, call.path("category_id"))?;
    let attributes = category_profiles::of(category).attributes();
    encode(&Numbered::of(&call.query)?.cut(&attributes, |attribute| *attribute))
}

#[derive(Serialize)]
struct CategoryRules<'a> {
    category_id: &'a str,
    title_length_max: usize,
    images_min: usize,
    images_max: usize,
    skus_max: usize,
    sku_dimensions: &'static [&'static str],
    sku_dimensions_max: usize,
    size_chart: bool,
}

/// `getCategoryRules`
pub(crate) fn rules(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let category = without_children(&call.shop.categories, call.path("category_id"))?;
    let profile = category_profiles::of(category);
    encode(&CategoryRules {
        category_id: &category.category_id,
        title_length_max: profile.title_length_max,
        images_min: profile.images_min,
        images_max: profile.images_max,
        skus_max: MOST_SKUS,
        sku_dimensions: profile.sku_dimensions,
        sku_dimensions_max: category_rules::MOST_DIMENSIONS,
        size_chart: profile.size_chart,
    })
}

fn find<'a>(categories: &'a [Category], id: &str) -> Result<&'a Category, Refusal> {
    let found = categories.iter().find(|category| category.category_id == id);
    found.ok_or_else(|| Refusal::rule("product.category_not_found", "the platform has no such category"))
}

/// The category with this name, if items stand or stood in it.
fn without_children<'a>(categories: &'a [Category], id: &str) -> Result<&'a Category, Refusal> {
    let category = find(categories, id)?;
    if category.leaf {
        Ok(category)
    } else {
        Err(Refusal::rule("product.category_not_leaf", "the category has children"))
    }
}

/// The category with this name, if new items may stand in it.
pub(super) fn leaf<'a>(categories: &'a [Category], id: &str) -> Result<&'a Category, Refusal> {
    let category = find(categories, id)?;
    if category.leaf && category.enabled {
        Ok(category)
    } else {
        Err(Refusal::rule("product.category_not_leaf", "the category has children or is closed for new items"))
    }
}
