//! The carriers that the platform works with, the same for all shops.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::carrier_choice;
use crate::business::{Call, Handler, Shop, encode};
use crate::platform::Refusal;
use crate::protocol::page::Numbered;

/// A carrier.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Carrier {
    pub(crate) carrier_code: &'static str,
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_phone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number_pattern: Option<String>,
    pub(crate) waybills: bool,
    pub(super) child_waybills: bool,
    pub(super) partner_reports: bool,
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
        Self {
            carrier_code,
            name,
            service_phone: Some(service_phone),
            tracking_number_pattern,
            waybills,
            child_waybills: false,
            partner_reports: false,
            enabled: true,
            numbers,
        }
    }

    /// A carrier that gives waybills for further parcels under that of the first.
    pub(crate) fn with_children(mut self) -> Self {
        self.child_waybills = true;
        self
    }

    /// A carrier that lets sellers report what happens to its parcels.
    pub(crate) fn with_reports(mut self) -> Self {
        self.partner_reports = true;
        self
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
pub(crate) fn the_seller() -> Carrier {
    // Disabled, as only self-deliveries name him.
    let carrier = Carrier::new(SELF, "The seller", "", None, false).with_reports().disabled();
    Carrier { service_phone: None, ..carrier }
}

/// What does an operation of this resource.
pub(super) fn handler(operation_id: &str) -> Option<Handler> {
    Some(match operation_id {
        "listCarriers" => list,
        "getCarrier" => get,
        "checkServiceability" => carrier_choice::check,
        "recommendCarriers" => carrier_choice::recommend,
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
    encode(known(call.shop, call.path("carrier_code"))?)
}

/// The carrier of a code, also one that new shipments can't name.
pub(super) fn known<'a>(shop: &'a Shop, code: &str) -> Result<&'a Carrier, Refusal> {
    let found = shop.carriers.iter().find(|carrier| carrier.carrier_code == code);
    found.ok_or_else(|| Refusal::rule("logistics.carrier_not_found", "the platform has no such carrier"))
}

/// The carrier of this code, if new shipments may name it.
pub(crate) fn find(shop: &Shop, code: &str) -> Result<Carrier, Refusal> {
    let carriers = Arc::clone(&shop.carriers);
    let carrier = carriers.iter().find(|carrier| carrier.carrier_code == code && carrier.enabled);
    carrier.cloned().ok_or_else(|| {
        Refusal::rule("logistics.carrier_not_found", "the platform has no such carrier, or no longer works with it")
    })
}
