//! Freight templates: what the transport of goods costs.

use std::collections::BTreeSet;

use bytes::Bytes;
use ecloud_core::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::regions;
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The most templates that a shop has.
const MOST: usize = 100;

wire_enum! {
    /// What freight goes by.
    FreightBasis { Weight = "weight", Piece = "piece" }
}

/// What the transport of goods costs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FreightTemplate {
    freight_template_id: String,
    name: String,
    basis: FreightBasis,
    rules: Vec<FreightRule>,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
}

impl Row for FreightTemplate {
    fn id(&self) -> &str {
        &self.freight_template_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

/// What transport to some regions costs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FreightRule {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) region_codes: Vec<String>,
    pub(crate) first: u32,
    pub(crate) first_fee: Money,
    pub(crate) next: u32,
    pub(crate) next_fee: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) free_from: Option<Money>,
}

impl FreightRule {
    /// What so many grams or pieces cost, in the minor unit.
    fn fee(&self, units: u32) -> Option<i64> {
        let further = units.saturating_sub(self.first).div_ceil(self.next);
        self.next_fee.amount.checked_mul(i64::from(further))?.checked_add(self.first_fee.amount)
    }

    /// Whether its amounts are in this shop's currency and none is negative.
    fn is_sound(&self, shop: &Shop) -> bool {
        let mut amounts = [Some(self.first_fee), Some(self.next_fee), self.free_from].into_iter().flatten();
        amounts.all(|money| money.amount >= 0 && money.currency == shop.currency)
    }
}

/// What is said of a template.
#[derive(Debug, Deserialize)]
pub(crate) struct FreightTemplateInput {
    pub(crate) version: Option<u64>,
    pub(crate) name: String,
    pub(crate) basis: FreightBasis,
    pub(crate) rules: Vec<FreightRule>,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listFreightTemplates" => list,
        "createFreightTemplate" => create,
        "getFreightTemplate" => get,
        "replaceFreightTemplate" => replace,
        "deleteFreightTemplate" => delete,
        "copyFreightTemplate" => copy,
        "quoteFreight" => quote,
        _ => return None,
    })
}

/// `listFreightTemplates`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let all: Vec<_> = call.shop.freight_templates.oldest_first(None).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |template| &***template))
}

/// `createFreightTemplate`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: FreightTemplateInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Adds a template.
pub(crate) fn add(shop: &mut Shop, input: FreightTemplateInput, now: Timestamp) -> Result<FreightTemplate, Refusal> {
    check_regions(&input.rules)?;
    check_name(shop, &input.name, None)?;
    check_rules(shop, &input.rules)?;
    if shop.freight_templates.iter().count() >= MOST {
        let message = format!("the shop has {MOST} freight templates");
        return Err(Refusal::rule("logistics.freight_template_limit_exceeded", message));
    }
    let template = FreightTemplate {
        freight_template_id: shop.next_id("FT"),
        name: input.name,
        basis: input.basis,
        rules: input.rules,
        created_at: now,
        modified_at: now,
        version: 1,
    };
    shop.freight_templates.put(template.clone());
    Ok(template)
}

fn check_regions(rules: &[FreightRule]) -> Result<(), Refusal> {
    rules.iter().flat_map(|rule| &rule.region_codes).try_for_each(|code| regions::find(code).map(drop))
}

fn check_name(shop: &Shop, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    let is_other = |other: &FreightTemplate| own != Some(other.freight_template_id.as_str());
    if shop.freight_templates.iter().any(|other| other.name == name && is_other(other)) {
        return Err(Refusal::rule("logistics.freight_name_taken", "another template of the shop has this name"));
    }
    Ok(())
}

/// One rule is for all other regions, no region has two, and the amounts are sound.
fn check_rules(shop: &Shop, rules: &[FreightRule]) -> Result<(), Refusal> {
    let unsuitable = |message: &'static str| Err(Refusal::rule("logistics.freight_rules_unsuitable", message));
    if rules.iter().filter(|rule| rule.region_codes.is_empty()).count() != 1 {
        return unsuitable("exactly one rule must be for all other regions");
    }
    let mut seen = BTreeSet::new();
    if !rules.iter().flat_map(|rule| &rule.region_codes).all(|code| seen.insert(code)) {
        return unsuitable("two rules name one region");
    }
    if !rules.iter().all(|rule| rule.is_sound(shop)) {
        return unsuitable("a fee is negative or in another currency than the shop's");
    }
    Ok(())
}

/// `getFreightTemplate`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(find(call.shop, call.path("freight_template_id"))?)
}

/// `replaceFreightTemplate`
pub(crate) fn replace(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: FreightTemplateInput = call.input()?;
    let before = find(call.shop, call.path("freight_template_id"))?.clone();
    check_regions(&input.rules)?;
    if input.version != Some(before.version) {
        let message = format!("the template has changed since that version; it is at {} now", before.version);
        return Err(Refusal::rule("logistics.freight_template_conflict", message));
    }
    check_name(call.shop, &input.name, Some(&before.freight_template_id))?;
    check_rules(call.shop, &input.rules)?;
    let template = FreightTemplate {
        name: input.name,
        basis: input.basis,
        rules: input.rules,
        modified_at: call.now,
        version: before.version + 1,
        ..before
    };
    call.shop.freight_templates.put(template.clone());
    encode(&template)
}

/// `deleteFreightTemplate`
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let id = find(call.shop, call.path("freight_template_id"))?.freight_template_id.clone();
    call.shop.freight_templates.remove(&id);
    Ok(None)
}

/// What a copy is called.
#[derive(Deserialize)]
struct FreightTemplateCopy {
    name: String,
}

/// `copyFreightTemplate`
pub(crate) fn copy(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: FreightTemplateCopy = call.input()?;
    let FreightTemplate { basis, rules, .. } = find(call.shop, call.path("freight_template_id"))?.clone();
    let input = FreightTemplateInput { version: None, name: input.name, basis, rules };
    encode(&add(call.shop, input, call.now)?)
}

/// Goods whose transport is to be priced.
#[derive(Deserialize)]
struct FreightQuery {
    region_code: String,
    quantity: u32,
    weight_grams: Option<u32>,
    goods: Money,
}

/// What their transport costs.
#[derive(Serialize)]
struct FreightQuote {
    freight: Money,
    free: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_region_code: Option<&'static str>,
}

/// `quoteFreight`
pub(crate) fn quote(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: FreightQuery = call.input()?;
    let template = find(call.shop, call.path("freight_template_id"))?;
    let codes = regions::up_from(&input.region_code)?;
    let unsuitable = |message: &'static str| Refusal::rule("logistics.freight_query_unsuitable", message);
    if input.goods.amount < 0 || input.goods.currency != call.shop.currency {
        return Err(unsuitable("the goods' amount is negative or in another currency than the shop's"));
    }
    let units = match template.basis {
        FreightBasis::Piece => input.quantity,
        FreightBasis::Weight => {
            input.weight_grams.ok_or_else(|| unsuitable("the template goes by weight and none is given"))?
        }
    };
    let naming = |code: &&str| template.rules.iter().find(|rule| rule.region_codes.iter().any(|other| other == code));
    let matched_region_code = codes.into_iter().find(|code| naming(code).is_some());
    let other = || template.rules.iter().find(|rule| rule.region_codes.is_empty());
    let rule = matched_region_code.and_then(|code| naming(&code)).or_else(other);
    let rule = rule.ok_or_else(|| unsuitable("the template has no rule for the region"))?;
    let free = rule.free_from.is_some_and(|from| input.goods.amount >= from.amount);
    let amount =
        if free { 0 } else { rule.fee(units).ok_or_else(|| unsuitable("the freight is beyond all bounds"))? };
    encode(&FreightQuote { freight: call.shop.money(amount), free, matched_region_code })
}

fn find<'a>(shop: &'a Shop, id: &str) -> Result<&'a FreightTemplate, Refusal> {
    let message = "the shop has no such freight template";
    let found = shop.freight_templates.get(id).map(|template| &**template);
    found.ok_or_else(|| Refusal::rule("logistics.freight_template_not_found", message))
}
