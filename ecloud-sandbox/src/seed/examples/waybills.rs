//! Waybills of the examples, what they are printed by, and an account that has run out.

use ecloud_core::Timestamp;
use serde_json::{Value, json};

use super::{catalogue, sales};
use crate::business::Shop;
use crate::business::logistics::waybill_templates::{
    TemplateArea, TemplateContent, TemplateElement, WaybillTemplateInput,
};
use crate::business::logistics::{waybill_accounts, waybill_children, waybill_templates, waybills};
use crate::platform::Refusal;
use crate::seed::some_receiver;

const MINUTE_MILLIS: i64 = 60_000;

/// Under numbers from 801: `T1000801` is paid and has the waybills `W1000801`, `W1000802` and, under that, `W1000803`. `W1000804` is of ZTO, for a
/// parcel without an order. The shop has two templates of its own: `WT1000001`, which nothing is printed by, and
/// `WT1000002`, which `W1000801` is. Its second account with YTO, `WA1000008`, is empty.
pub(super) fn set_out(shop: &mut Shop, now: Timestamp) -> Result<(), Refusal> {
    for kind in ["I", "T", "W"] {
        shop.number_from(kind, 801);
    }
    let ago = |minutes: i64| now.offset_by_millis(-minutes * MINUTE_MILLIS);
    let item_id = catalogue::on_sale(shop, "Tray", "TRAY", &["bamboo"], now)?;
    let sku_id = format!("S{}-1", &item_id[1..]);
    let order_id = sales::paid(shop, &[(sku_id.as_str(), 3)], ago(140))?.order_id.clone();
    debug_assert_eq!(order_id, "T1000801");
    waybill_accounts::open(shop, "yto", "杭州萧山分部", 0, ago(50_000));

    template(shop, "顺丰带提示", ago(3_000))?;
    template(shop, "顺丰带内容", ago(2_900))?;
    let of_order = |number: u32, template: &str| {
        json!({"parcel_key": format!("T1000801/{number}"), "order_id": "T1000801", "carrier_code": "sf",
            "waybill_template_id": template})
    };
    waybill(shop, of_order(1, "WT1000002"), ago(90))?;
    waybill(shop, of_order(2, "std-sf-100x180"), ago(85))?;
    let child = json!({"parcel_key": "T1000801/2-1", "contents": [{"name": "Tray", "quantity": 1}]});
    waybill_children::append_to(shop, "W1000802", fit(child)?, ago(80))?;
    waybill(shop, json!({"parcel_key": "sample/1", "carrier_code": "zto"}), ago(75))
}

/// A template of the shop's own, for SF Express.
fn template(shop: &mut Shop, name: &str, at: Timestamp) -> Result<(), Refusal> {
    let notice = TemplateElement {
        content: TemplateContent::Text,
        text: Some("请先验货再签收".to_owned()),
        area: TemplateArea { x_mm: 2, y_mm: 106, width_mm: 72, height_mm: 8 },
    };
    let input = WaybillTemplateInput {
        base_template_id: "std-sf-76x130".to_owned(),
        name: name.to_owned(),
        elements: vec![notice],
    };
    waybill_templates::add(shop, input, at).map(drop)
}

/// A waybill of a tray for the receiver of all examples.
fn waybill(shop: &mut Shop, mut input: Value, at: Timestamp) -> Result<(), Refusal> {
    let receiver = some_receiver(&shop.safe);
    input["receiver"] = json!(receiver);
    input["contents"] = json!([{"name": "Tray", "quantity": 1}]);
    waybills::apply_for(shop, fit(input)?, at).map(drop)
}

fn fit<T: serde::de::DeserializeOwned>(input: Value) -> Result<T, Refusal> {
    serde_json::from_value(input).map_err(|_| Refusal::invalid("the example doesn't fit its operation"))
}
