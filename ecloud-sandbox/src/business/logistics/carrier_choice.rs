//! Which carrier to take for a parcel: who carries it at all, and who does best.

use bytes::Bytes;
use ecloud_core::Money;
use serde::{Deserialize, Serialize};

use super::carrier_tariffs::{UnserviceableReason, Way};
use super::{Carrier, carriers, regions};
use crate::business::wire::wire_enum;
use crate::business::{Call, Shop, encode};
use crate::platform::Refusal;

/// How many cubic centimetres count for a kilogram.
const CM3_PER_KILOGRAM: u64 = 6_000;

wire_enum! {
    /// What carriers are ranked by.
    CarrierPreference { Price = "price", Time = "time" }
}

/// A parcel, and who might carry it.
#[derive(Deserialize)]
struct ServiceabilityQuery {
    carrier_codes: Option<Vec<String>>,
    from_region_code: String,
    to_region_code: String,
    weight_grams: u32,
    cash_on_delivery: Option<Money>,
}

#[derive(Serialize)]
struct Serviceability {
    items: Vec<CarrierServiceability>,
}

/// Whether a carrier carries a parcel.
#[derive(Serialize)]
struct CarrierServiceability {
    carrier_code: &'static str,
    serviceable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<UnserviceableReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    promised_days: Option<u32>,
}

/// `checkServiceability`
pub(super) fn check(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: ServiceabilityQuery = call.input()?;
    let shop = &*call.shop;
    let asked: Vec<&Carrier> = match &input.carrier_codes {
        Some(codes) => codes.iter().map(|code| carriers::known(shop, code)).collect::<Result<_, _>>()?,
        None => shop.carriers.iter().filter(|carrier| carrier.enabled).collect(),
    };
    let places = (input.from_region_code.as_str(), input.to_region_code.as_str());
    let way = way(shop, places, input.weight_grams, input.cash_on_delivery)?;
    let result = |carrier: &Carrier| {
        let offer = match carrier.enabled {
            true => way.offer_of(carrier.carrier_code),
            false => Err(UnserviceableReason::CarrierDisabled),
        };
        CarrierServiceability {
            carrier_code: carrier.carrier_code,
            serviceable: offer.is_ok(),
            promised_days: offer.as_ref().ok().map(|offer| offer.days),
            reason: offer.err(),
        }
    };
    encode(&Serviceability { items: asked.into_iter().map(result).collect() })
}

/// The way between two regions that there are, of a parcel for which a sound amount is collected.
fn way<'a>(
    shop: &Shop,
    (from, to): (&'a str, &'a str),
    grams: u32,
    collected: Option<Money>,
) -> Result<Way<'a>, Refusal> {
    regions::find(from)?;
    regions::find(to)?;
    if collected.is_some_and(|money| money.amount <= 0 || money.currency != shop.currency) {
        let message = "the amount to be collected isn't positive or in another currency than the shop's";
        return Err(Refusal::rule("logistics.cash_on_delivery_unsuitable", message));
    }
    Ok(Way { from, to, grams, collected: collected.map(|money| money.amount) })
}

/// A parcel, and what counts in the choice of its carrier.
#[derive(Deserialize)]
struct CarrierChoice {
    from_region_code: String,
    to_region_code: String,
    weight_grams: u32,
    volume_cm3: Option<u32>,
    cash_on_delivery: Option<Money>,
    prefer: CarrierPreference,
    waybills: Option<bool>,
}

impl CarrierChoice {
    /// What is charged for: the weight, or what the volume counts for.
    fn charged_grams(&self) -> u32 {
        let of_volume = (u64::from(self.volume_cm3.unwrap_or_default()) * 1_000).div_ceil(CM3_PER_KILOGRAM);
        self.weight_grams.max(u32::try_from(of_volume).unwrap_or(u32::MAX))
    }
}

#[derive(Serialize)]
struct CarrierRanking<'a> {
    items: Vec<RankedCarrier<'a>>,
}

/// What a carrier offers for a parcel.
#[derive(Serialize)]
struct RankedCarrier<'a> {
    carrier_code: &'a str,
    name: &'a str,
    fee: Money,
    promised_days: u32,
    charged_grams: u32,
    waybills: bool,
}

/// `recommendCarriers`
pub(super) fn recommend(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let input: CarrierChoice = call.input()?;
    let shop = &*call.shop;
    let charged_grams = input.charged_grams();
    let places = (input.from_region_code.as_str(), input.to_region_code.as_str());
    let way = way(shop, places, charged_grams, input.cash_on_delivery)?;
    let wanted = |carrier: &&Carrier| carrier.enabled && input.waybills.is_none_or(|only| carrier.waybills == only);
    let ranked = |carrier: &'_ Carrier| {
        let offer = way.offer_of(carrier.carrier_code).ok()?;
        Some(RankedCarrier {
            carrier_code: carrier.carrier_code,
            name: carrier.name,
            fee: shop.money(offer.fee),
            promised_days: offer.days,
            charged_grams,
            waybills: carrier.waybills,
        })
    };
    let mut items: Vec<RankedCarrier<'_>> = shop.carriers.iter().filter(wanted).filter_map(ranked).collect();
    // The platform's carriers stand by code, and the order of equals is kept.
    items.sort_by_key(|it| match input.prefer {
        CarrierPreference::Price => (it.fee.amount, i64::from(it.promised_days)),
        CarrierPreference::Time => (i64::from(it.promised_days), it.fee.amount),
    });
    encode(&CarrierRanking { items })
}
