//! The platform's categories.

use bytes::Bytes;

use super::Category;
use crate::business::{Call, Handler, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listCategories" => list,
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

/// The category with this name, if items may stand in it.
pub(super) fn leaf<'a>(categories: &'a [Category], id: &str) -> Result<&'a Category, Refusal> {
    let category = categories
        .iter()
        .find(|category| category.category_id == id)
        .ok_or_else(|| Refusal::rule("product.category_not_found", "the platform has no such category"))?;
    if category.leaf && category.enabled {
        Ok(category)
    } else {
        Err(Refusal::rule("product.category_not_leaf", "the category has children or is closed for new items"))
    }
}
