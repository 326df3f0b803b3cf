//! What waybills are printed by: the carriers' standard templates, and those that shops make of them.

use bytes::Bytes;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Carrier, waybills};
use crate::business::table::Row;
use crate::business::wire::wire_enum;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// The most templates of its own that a shop has.
const MOST: usize = 50;
/// Since when the platform has the standard templates: 1 January 2025.
const STANDARD_SINCE: Timestamp = Timestamp::from_unix_millis(1_735_689_600_000);
/// The sizes of standard templates, width by height, and how much of their foot they leave to the shop, in millimetres.
const SIZES: [(u32, u32, u32); 2] = [(76, 130, 26), (100, 180, 40)];

wire_enum! {
    /// Whose a template is.
    WaybillTemplateKind { Standard = "standard", Custom = "custom" }
}

wire_enum! {
    /// What is printed.
    TemplateContent {
        Text = "text",
        OrderId = "order_id",
        ParcelKey = "parcel_key",
        ParcelContents = "parcel_contents",
        Weight = "weight",
    }
}

/// What a waybill is printed by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WaybillTemplate {
    pub(super) waybill_template_id: String,
    kind: WaybillTemplateKind,
    name: String,
    pub(super) carrier_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_template_id: Option<String>,
    width_mm: u32,
    height_mm: u32,
    custom_area: TemplateArea,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    elements: Vec<TemplateElement>,
    pub(super) template_url: String,
    created_at: Timestamp,
    modified_at: Timestamp,
    version: u64,
}

impl Row for WaybillTemplate {
    fn id(&self) -> &str {
        &self.waybill_template_id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn modified_at(&self) -> Timestamp {
        self.modified_at
    }
}

/// A rectangle, in millimetres from the upper left corner.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct TemplateArea {
    pub(crate) x_mm: u32,
    pub(crate) y_mm: u32,
    pub(crate) width_mm: u32,
    pub(crate) height_mm: u32,
}

impl TemplateArea {
    fn right(self) -> u32 {
        self.x_mm + self.width_mm
    }

    fn bottom(self) -> u32 {
        self.y_mm + self.height_mm
    }

    fn holds(self, other: Self) -> bool {
        self.x_mm <= other.x_mm
            && self.y_mm <= other.y_mm
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    fn meets(self, other: Self) -> bool {
        self.x_mm < other.right()
            && other.x_mm < self.right()
            && self.y_mm < other.bottom()
            && other.y_mm < self.bottom()
    }
}

/// One thing that is printed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TemplateElement {
    pub(crate) content: TemplateContent,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    pub(crate) area: TemplateArea,
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listWaybillTemplates" => list,
        "createWaybillTemplate" => create,
        "getWaybillTemplate" => get,
        "replaceWaybillTemplate" => replace,
        "deleteWaybillTemplate" => delete,
        _ => return None,
    })
}

/// `listWaybillTemplates`
fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let carrier = call.query.one("carrier_code");
    let wanted = |it: &WaybillTemplate| {
        carrier.is_none_or(|carrier| it.carrier_code == carrier) && call.query.wants("kind", it.kind.as_str())
    };
    let own = call.shop.waybill_templates.oldest_first(None).map(|template| WaybillTemplate::clone(template));
    let all: Vec<WaybillTemplate> = standards(call.shop).chain(own).filter(wanted).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, WaybillTemplate::clone))
}

/// `getWaybillTemplate`
fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    encode(&find(call.shop, call.path("waybill_template_id"))?)
}

/// A new template of the shop's own.
#[derive(Debug, Deserialize)]
pub(crate) struct WaybillTemplateInput {
    pub(crate) base_template_id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) elements: Vec<TemplateElement>,
}

/// `createWaybillTemplate`
fn create(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillTemplateInput = call.input()?;
    encode(&add(call.shop, input, call.now)?)
}

/// Adds a template of the shop's own.
pub(crate) fn add(shop: &mut Shop, input: WaybillTemplateInput, now: Timestamp) -> Result<WaybillTemplate, Refusal> {
    let base = find(shop, &input.base_template_id)?;
    if base.kind != WaybillTemplateKind::Standard {
        let message = "a template is based on a carrier's only";
        return Err(Refusal::rule("logistics.waybill_template_unsuitable", message));
    }
    check_name(shop, &input.name, None)?;
    check_layout(base.custom_area, &input.elements)?;
    if shop.waybill_templates.iter().count() >= MOST {
        let message = format!("the shop has {MOST} templates of its own");
        return Err(Refusal::rule("logistics.waybill_template_limit_exceeded", message));
    }
    let waybill_template_id = shop.next_id("WT");
    let template = WaybillTemplate {
        kind: WaybillTemplateKind::Custom,
        name: input.name,
        base_template_id: Some(base.waybill_template_id),
        elements: input.elements,
        template_url: format!("https://templates.example.com/own/{waybill_template_id}"),
        waybill_template_id,
        created_at: now,
        modified_at: now,
        ..base
    };
    shop.waybill_templates.put(template.clone());
    Ok(template)
}

fn check_name(shop: &Shop, name: &str, own: Option<&str>) -> Result<(), Refusal> {
    let is_other = |other: &WaybillTemplate| own != Some(other.waybill_template_id.as_str());
    if shop.waybill_templates.iter().any(|other| other.name == name && is_other(other)) {
        return Err(Refusal::rule("logistics.template_name_taken", "another template of the shop has this name"));
    }
    Ok(())
}

/// Elements lie in the area that is left to the shop, none on another, and have a text where they print one.
fn check_layout(area: TemplateArea, elements: &[TemplateElement]) -> Result<(), Refusal> {
    let unsuitable = |message: &'static str| Err(Refusal::rule("logistics.template_layout_unsuitable", message));
    for (index, element) in elements.iter().enumerate() {
        if (element.content == TemplateContent::Text) != element.text.is_some() {
            return unsuitable("an element has a text and prints something else, or the other way round");
        }
        if !area.holds(element.area) {
            return unsuitable("an element lies outside the area that the template leaves to the shop");
        }
        if elements[..index].iter().any(|other| other.area.meets(element.area)) {
            return unsuitable("an element lies on another");
        }
    }
    Ok(())
}

/// What a template of the shop's own is from now on.
#[derive(Deserialize)]
struct WaybillTemplateReplacement {
    version: u64,
    name: String,
    #[serde(default)]
    elements: Vec<TemplateElement>,
}

/// `replaceWaybillTemplate`
fn replace(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillTemplateReplacement = call.input()?;
    let before = find(call.shop, call.path("waybill_template_id"))?;
    if before.version != input.version {
        let message = format!("the template has changed since that version; it is at {} now", before.version);
        return Err(Refusal::rule("logistics.waybill_template_conflict", message));
    }
    check_own(&before)?;
    check_name(call.shop, &input.name, Some(&before.waybill_template_id))?;
    check_layout(before.custom_area, &input.elements)?;
    let template = WaybillTemplate {
        name: input.name,
        elements: input.elements,
        modified_at: call.now,
        version: before.version + 1,
        ..before
    };
    call.shop.waybill_templates.put(template.clone());
    encode(&template)
}

/// `deleteWaybillTemplate`
fn delete(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let template = find(call.shop, call.path("waybill_template_id"))?;
    check_own(&template)?;
    if waybills::waiting(call.shop).any(|waybill| waybill.is_printed_by(&template.waybill_template_id)) {
        let message = "a waybill that is neither cancelled nor picked up is printed by the template";
        return Err(Refusal::rule("logistics.waybill_template_in_use", message));
    }
    call.shop.waybill_templates.remove(&template.waybill_template_id);
    Ok(None)
}

fn check_own(template: &WaybillTemplate) -> Result<(), Refusal> {
    if template.kind == WaybillTemplateKind::Custom {
        return Ok(());
    }
    Err(Refusal::rule("logistics.waybill_template_standard", "the template is a carrier's"))
}

/// The template of an identifier, of a carrier or the shop's own.
pub(super) fn find(shop: &Shop, id: &str) -> Result<WaybillTemplate, Refusal> {
    let own = shop.waybill_templates.get(id).map(|template| WaybillTemplate::clone(template));
    let found = own.or_else(|| standards(shop).find(|template| template.waybill_template_id == id));
    let message = "the shop and the platform have no such template";
    found.ok_or_else(|| Refusal::rule("logistics.waybill_template_not_found", message))
}

/// The template for a carrier's waybill: the one that is named, or its smallest standard template.
pub(super) fn for_carrier(carrier: &Carrier, named: Option<WaybillTemplate>) -> Result<WaybillTemplate, Refusal> {
    let template = named.unwrap_or_else(|| standard(carrier, SIZES[0]));
    if template.carrier_code == carrier.carrier_code {
        return Ok(template);
    }
    Err(Refusal::rule("logistics.waybill_template_unsuitable", "the template is for another carrier"))
}

/// The standard templates of all carriers that give waybills.
fn standards(shop: &Shop) -> impl Iterator<Item = WaybillTemplate> {
    let carriers = shop.carriers.iter().filter(|carrier| carrier.waybills);
    carriers.flat_map(|carrier| SIZES.map(|size| standard(carrier, size)))
}

fn standard(carrier: &Carrier, (width_mm, height_mm, left): (u32, u32, u32)) -> WaybillTemplate {
    let code = carrier.carrier_code;
    WaybillTemplate {
        waybill_template_id: format!("std-{code}-{width_mm}x{height_mm}"),
        kind: WaybillTemplateKind::Standard,
        name: format!("{} {width_mm}×{height_mm} mm", carrier.name),
        carrier_code: code.to_owned(),
        base_template_id: None,
        width_mm,
        height_mm,
        custom_area: TemplateArea { x_mm: 0, y_mm: height_mm - left, width_mm, height_mm: left },
        elements: Vec::new(),
        template_url: format!("https://templates.example.com/{code}/{width_mm}x{height_mm}"),
        created_at: STANDARD_SINCE,
        modified_at: STANDARD_SINCE,
        version: 1,
    }
}
