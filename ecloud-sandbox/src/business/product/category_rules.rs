//! What an item must be like in its category: title, pictures, attributes and the properties in which its variants differ.

use std::collections::BTreeSet;

use super::category_profiles::{self, AttributeKind, Profile};
use super::items::ItemInput;
use super::{Category, Item, Property};
use crate::business::Shop;
use crate::platform::Refusal;

/// In how many properties the variants of one item may differ.
pub(super) const MOST_DIMENSIONS: usize = 3;

/// What the rules look at in an item, new or not.
pub(super) struct Draft<'a> {
    title: &'a str,
    properties: &'a [Property],
    images: usize,
    skus: Vec<&'a [Property]>,
}

impl<'a> From<&'a ItemInput> for Draft<'a> {
    fn from(input: &'a ItemInput) -> Self {
        let skus = input.skus.iter().map(|sku| sku.properties.as_slice()).collect();
        Self { title: &input.title, properties: &input.properties, images: input.images.len(), skus }
    }
}

/// What is wrong, and in which property of the item.
pub(super) type Fault = (String, Refusal);

/// All that keeps an item out of its leaf, in the order of its properties.
pub(super) fn faults(category: &Category, draft: &Draft<'_>) -> Vec<Fault> {
    let profile = category_profiles::of(category);
    let mut faults = Vec::new();
    let mut fault = |field: String, code: &'static str, message: String| {
        faults.push((field, Refusal::rule(code, message)));
    };
    if draft.title.chars().count() > profile.title_length_max {
        let message = format!("the title is longer than {} characters", profile.title_length_max);
        fault("title".to_owned(), "product.title_too_long", message);
    }
    if draft.images > profile.images_max {
        let message = format!("the item has more than {} pictures", profile.images_max);
        fault("images".to_owned(), "product.too_many_images", message);
    }
    for attribute in profile.of_items() {
        let given = draft.properties.iter().enumerate().find(|(_, property)| property.name == attribute.name);
        match given {
            None if attribute.required => {
                let message = format!("the category wants to know `{}`", attribute.name);
                fault("properties".to_owned(), "product.attribute_missing", message);
            }
            Some((index, property)) if !attribute.allows(&property.value) => {
                let message = format!("`{}` has no such value", attribute.name);
                fault(format!("properties[{index}].value"), "product.attribute_invalid", message);
            }
            _ => {}
        }
    }
    for (index, name) in unknown_dimensions(profile, &draft.skus) {
        let message = format!("SKUs of the category can't differ in `{name}`");
        fault(format!("skus[{index}].properties"), "product.sku_dimension_invalid", message);
    }
    let dimensions: BTreeSet<&str> = draft.skus.iter().flat_map(|sku| sku.iter().map(|it| it.name.as_str())).collect();
    if dimensions.len() > MOST_DIMENSIONS {
        let message = format!("the SKUs differ in more than {MOST_DIMENSIONS} properties");
        fault("skus".to_owned(), "product.sku_dimension_invalid", message);
    }
    faults
}

impl category_profiles::Attribute {
    fn allows(&self, value: &str) -> bool {
        match self.kind {
            AttributeKind::Text => true,
            AttributeKind::Choice => self.values.contains(&value),
            AttributeKind::Number => value.parse::<i64>().is_ok_and(|number| {
                self.minimum.is_none_or(|least| least <= number) && self.maximum.is_none_or(|most| number <= most)
            }),
        }
    }
}

/// The properties in which variants of the category can't differ, and whose they are.
fn unknown_dimensions<'a>(profile: &Profile, skus: &[&'a [Property]]) -> Vec<(usize, &'a str)> {
    let known = |name: &str| profile.sku_dimensions.contains(&name);
    let all = skus.iter().enumerate().flat_map(|(index, sku)| sku.iter().map(move |it| (index, it.name.as_str())));
    all.filter(|(_, name)| !known(name)).collect()
}

/// Refuses what the leaf doesn't allow, with the first fault.
pub(super) fn check(category: &Category, draft: &Draft<'_>) -> Result<(), Refusal> {
    faults(category, draft).into_iter().next().map_or(Ok(()), |(_, refusal)| Err(refusal))
}

/// Refuses an item that isn't, or is no longer, as its leaf wants it; `another` is one more variant that it is to have.
pub(super) fn check_item(shop: &Shop, item: &Item, another: Option<&[Property]>) -> Result<(), Refusal> {
    let Some(category) = shop.categories.iter().find(|it| it.category_id == item.category_id) else { return Ok(()) };
    let skus = item.sku_ids.iter().filter_map(|id| shop.skus.get(id)).map(|sku| sku.properties.as_slice());
    let draft = Draft {
        title: &item.title,
        properties: &item.properties,
        images: item.images.len(),
        skus: skus.chain(another).collect(),
    };
    check(category, &draft)
}

/// Refuses to show buyers an item that lacks what its category wants them to see.
pub(super) fn check_publishable(shop: &Shop, item: &Item) -> Result<(), Refusal> {
    let Some(category) = shop.categories.iter().find(|it| it.category_id == item.category_id) else { return Ok(()) };
    let fewest = category_profiles::of(category).images_min;
    if item.images.len() < fewest {
        let message = format!("items of the category need pictures, {fewest} at least");
        return Err(Refusal::rule("product.item_incomplete", message));
    }
    check_item(shop, item, None).map_err(|fault| Refusal::rule("product.item_incomplete", fault.message().to_owned()))
}
