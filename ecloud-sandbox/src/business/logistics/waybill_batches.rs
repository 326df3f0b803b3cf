//! Many waybills in one call.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::waybills::{PrintData, Waybill, WaybillInput, WaybillStatus, apply_for};
use crate::business::{BatchError, Call, Shop, encode};
use crate::platform::Refusal;

#[derive(Deserialize)]
struct WaybillBatch {
    waybills: Vec<WaybillInput>,
}

#[derive(Serialize)]
struct WaybillBatchResult {
    items: Vec<WaybillResult>,
}

#[derive(Serialize)]
struct WaybillResult {
    parcel_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waybill: Option<Waybill>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchApplyWaybills`
pub(crate) fn apply(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillBatch = call.input()?;
    let results = input.waybills.into_iter().map(|input| {
        let parcel_key = input.parcel_key.clone();
        // An application that is refused takes no number.
        let (waybill, error) = match apply_for(call.shop, input, call.now) {
            Ok(waybill) => (Some(waybill), None),
            Err(refusal) => (None, Some(refusal.into())),
        };
        WaybillResult { parcel_key, waybill, error }
    });
    encode(&WaybillBatchResult { items: results.collect() })
}

#[derive(Deserialize)]
struct WaybillIds {
    waybill_ids: Vec<String>,
}

#[derive(Serialize)]
struct PrintDataBatch<'a> {
    items: Vec<PrintDataResult<'a>>,
}

#[derive(Serialize)]
struct PrintDataResult<'a> {
    waybill_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    print_data: Option<&'a PrintData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// `batchGetPrintData`
pub(crate) fn print_data(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: WaybillIds = call.input()?;
    let results = input.waybill_ids.iter().map(|waybill_id| {
        let (print_data, error) = match printable(call.shop, waybill_id) {
            Ok(print_data) => (Some(print_data), None),
            Err(refusal) => (None, Some(refusal.into())),
        };
        PrintDataResult { waybill_id, print_data, error }
    });
    encode(&PrintDataBatch { items: results.collect() })
}

fn printable<'a>(shop: &'a Shop, waybill_id: &str) -> Result<&'a PrintData, Refusal> {
    let waybill = shop.waybill(waybill_id)?;
    if waybill.status == WaybillStatus::Cancelled {
        return Err(Refusal::rule("logistics.waybill_not_printable", "the waybill is cancelled"));
    }
    Ok(&waybill.print_data)
}
