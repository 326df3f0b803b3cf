//! The carriers that the platform works with, the same for all shops.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// A carrier.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Carrier {
    pub(crate) carrier_code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) service_phone: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number_pattern: Option<String>,
    pub(crate) waybills: bool,
    pub(crate) enabled: bool,
    #[serde(skip)]
    numbers: Option<Numbers>,
}

/// How a carrier's tracking numbers look: some letters, then so many digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    pub(crate) letters: &'static str,
    pub(crate) digits: usize,
}

impl Numbers {
    fn fit(self, number: &str) -> bool {
        number
            .strip_prefix(self.letters)
            .is_some_and(|digits| digits.len() == self.digits && digits.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl Carrier {
    /// A carrier that any number is taken from where `numbers` is absent.
    pub(crate) fn new(
        carrier_code: &'static str,
        name: &'static str,
        service_phone: &'static str,
        numbers: Option<Numbers>,
        waybills: bool,
    ) -> Self {
        let pattern = |numbers: Numbers| format!("^{}[0-9]{{{}}}$", numbers.letters, numbers.digits);
        let tracking_number_pattern = numbers.map(pattern);
        Self { carrier_code, name, service_phone, tracking_number_pattern, waybills, enabled: true, numbers }
    }

    /// A carrier that the platform no longer works with.
    pub(crate) fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// A number of its own, for a count.
    pub(crate) fn number(&self, count: u64) -> String {
        let numbers = self.numbers.unwrap_or(Numbers { letters: "", digits: 15 });
        format!("{}{count:0width$}", numbers.letters, width = numbers.digits)
    }

    /// Refuses what isn't one of its numbers.
    pub(crate) fn check_number(&self, number: &str) -> Result<(), Refusal> {
        match self.numbers {
            Some(numbers) if !numbers.fit(number) => {
                let pattern = self.tracking_number_pattern.as_deref().unwrap_or_default();
                let message = format!("the tracking numbers of {} match {pattern}", self.name);
                Err(Refusal::rule("logistics.tracking_number_invalid", message))
            }
            _ => Ok(()),
        }
    }
}

/// The code of shipments that no carrier brings.
pub(crate) const SELF: &str = "self";

/// The seller himself, as the carrier of what he delivers.
pub(super) fn the_seller() -> Carrier {
    Carrier::new(SELF, "The seller", "", None, false)
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listCarriers" => list,
        "getCarrier" => get,
        _ => return None,
    })
}

/// `listCarriers`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let waybills = call.query.one("waybills").map(|text| text == "true");
    let all: Vec<&Carrier> =
        call.shop.carriers.iter().filter(|carrier| waybills.is_none_or(|wanted| carrier.waybills == wanted)).collect();
    encode(&Numbered::of(&call.query)?.cut(&all, |carrier| *carrier))
}

/// `getCarrier`
pub(crate) fn get(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let code = call.path("carrier_code");
    let found = call.shop.carriers.iter().find(|carrier| carrier.carrier_code == code);
    encode(found.ok_or_else(|| Refusal::rule("logistics.carrier_not_found", "the platform has no such carrier"))?)
}

/// The carrier of this code, if new shipments may name it.
pub(crate) fn find(shop: &Shop, code: &str) -> Result<Carrier, Refusal> {
    let carriers = Arc::clone(&shop.carriers);
    let carrier = carriers.iter().find(|carrier| carrier.carrier_code == code && carrier.enabled);
    carrier.cloned().ok_or_else(|| {
        Refusal::rule("logistics.carrier_not_found", "the platform has no such carrier, or no longer works with it")
    })
}
