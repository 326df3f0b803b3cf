//! What carriers carry, where, in what time and for how much: the sandbox's own tables.

use crate::business::wire::wire_enum;

wire_enum! {
    /// Why a carrier doesn't carry a parcel.
    UnserviceableReason {
        CarrierDisabled = "carrier_disabled",
        OriginNotServed = "origin_not_served",
        DestinationNotServed = "destination_not_served",
        WeightExceeded = "weight_exceeded",
        CashOnDeliveryUnsupported = "cash_on_delivery_unsupported",
        CashOnDeliveryExceeded = "cash_on_delivery_exceeded",
    }
}

/// How far apart two regions are. Tables by distance go in this order.
#[derive(Clone, Copy)]
enum Distance {
    City,
    Province,
    /// The provinces whose codes begin alike, as those of East China.
    Area,
    Country,
}

/// Provinces that take longer and cost twice as much: Tibet and Xinjiang.
const REMOTE: [&str; 2] = ["54", "65"];
const REMOTE_DAYS: u32 = 2;
/// Provinces that only some carriers reach: Taiwan, Hong Kong and Macao.
const OVERSEAS: &[&str] = &["71", "81", "82"];

/// What one carrier offers.
struct Tariff {
    carrier_code: &'static str,
    /// The provinces that it doesn't serve, by the first two digits of their codes.
    without: &'static [&'static str],
    within_a_city: bool,
    most_grams: u32,
    /// The most that it collects on delivery, in the minor unit; nothing where it collects none.
    most_collected: Option<i64>,
    /// In how many days it delivers, by distance.
    days: [u32; 4],
    /// What the first kilogram costs, and each further one begun, in the minor unit, by distance.
    fees: [(i64, i64); 4],
}

const TARIFFS: [Tariff; 9] = [
    Tariff {
        carrier_code: "ems",
        without: &[],
        within_a_city: false,
        most_grams: 40_000,
        most_collected: Some(300_000),
        days: [1, 2, 3, 4],
        fees: [(900, 200), (1_000, 300), (1_200, 500), (1_500, 900)],
    },
    Tariff {
        carrier_code: "jd",
        without: OVERSEAS,
        within_a_city: false,
        most_grams: 60_000,
        most_collected: Some(1_000_000),
        days: [0, 1, 2, 3],
        fees: [(1_000, 200), (1_200, 200), (1_500, 500), (1_900, 1_000)],
    },
    Tariff {
        carrier_code: "jt",
        without: &["54", "65", "71", "81", "82"],
        within_a_city: false,
        most_grams: 50_000,
        most_collected: None,
        days: [1, 2, 3, 5],
        fees: [(550, 100), (600, 120), (800, 250), (1_050, 600)],
    },
    Tariff {
        carrier_code: "local",
        without: &[],
        within_a_city: true,
        most_grams: 20_000,
        most_collected: Some(50_000),
        days: [0; 4],
        fees: [(1_500, 300); 4],
    },
    Tariff {
        carrier_code: "sf",
        without: &[],
        within_a_city: false,
        most_grams: 80_000,
        most_collected: Some(2_000_000),
        days: [0, 1, 1, 2],
        fees: [(1_200, 200), (1_300, 200), (1_800, 600), (2_300, 1_300)],
    },
    Tariff {
        carrier_code: "sto",
        without: OVERSEAS,
        within_a_city: false,
        most_grams: 50_000,
        most_collected: None,
        days: [1, 2, 3, 4],
        fees: [(600, 100), (650, 130), (850, 280), (1_100, 650)],
    },
    Tariff {
        carrier_code: "yto",
        without: OVERSEAS,
        within_a_city: false,
        most_grams: 50_000,
        most_collected: None,
        days: [1, 2, 2, 4],
        fees: [(600, 100), (680, 130), (900, 300), (1_150, 700)],
    },
    Tariff {
        carrier_code: "yunda",
        without: OVERSEAS,
        within_a_city: false,
        most_grams: 50_000,
        most_collected: Some(200_000),
        days: [1, 2, 3, 4],
        fees: [(580, 100), (650, 120), (870, 270), (1_120, 650)],
    },
    Tariff {
        carrier_code: "zto",
        without: OVERSEAS,
        within_a_city: false,
        most_grams: 50_000,
        most_collected: Some(200_000),
        days: [1, 2, 2, 3],
        fees: [(650, 100), (700, 150), (950, 300), (1_200, 700)],
    },
];

/// A parcel that is to be carried. Both places are regions' codes.
pub(super) struct Way<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) grams: u32,
    /// What is collected on delivery, in the minor unit.
    pub(super) collected: Option<i64>,
}

/// What a carrier asks for a parcel, and how long it takes.
pub(super) struct Offer {
    /// In the minor unit.
    pub(super) fee: i64,
    pub(super) days: u32,
}

impl Way<'_> {
    /// What a carrier offers, or the first reason for which it offers nothing.
    pub(super) fn offer_of(&self, carrier_code: &str) -> Result<Offer, UnserviceableReason> {
        let tariff = TARIFFS.iter().find(|tariff| tariff.carrier_code == carrier_code);
        let tariff = tariff.ok_or(UnserviceableReason::CarrierDisabled)?;
        if tariff.without.contains(&province(self.from)) {
            return Err(UnserviceableReason::OriginNotServed);
        }
        let distance = self.distance();
        let beyond = tariff.within_a_city && !matches!(distance, Distance::City);
        if beyond || tariff.without.contains(&province(self.to)) {
            return Err(UnserviceableReason::DestinationNotServed);
        }
        if self.grams > tariff.most_grams {
            return Err(UnserviceableReason::WeightExceeded);
        }
        let collecting = match (self.collected, tariff.most_collected) {
            (None, _) => 0,
            (Some(_), None) => return Err(UnserviceableReason::CashOnDeliveryUnsupported),
            (Some(amount), Some(most)) if amount > most => return Err(UnserviceableReason::CashOnDeliveryExceeded),
            // One per cent, but at least two yuan.
            (Some(amount), Some(_)) => (amount / 100).max(200),
        };
        let (first, next) = tariff.fees[distance as usize];
        let further = i64::from(self.grams.saturating_sub(1_000).div_ceil(1_000));
        let remote = [self.from, self.to].iter().any(|code| REMOTE.contains(&province(code)));
        let (times, more_days) = if remote { (2, REMOTE_DAYS) } else { (1, 0) };
        Ok(Offer {
            fee: (first + next * further) * times + collecting,
            days: tariff.days[distance as usize] + more_days,
        })
    }

    fn distance(&self) -> Distance {
        let alike = |digits: usize| self.from.get(..digits) == self.to.get(..digits);
        // A province's code doesn't say which of its cities is meant.
        let of_city = |code: &str| !code.ends_with("0000");
        if alike(4) && of_city(self.from) && of_city(self.to) {
            Distance::City
        } else if alike(2) {
            Distance::Province
        } else if alike(1) {
            Distance::Area
        } else {
            Distance::Country
        }
    }
}

/// The first two digits of a region's code, which are its province's.
fn province(code: &str) -> &str {
    code.get(..2).unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::{TARIFFS, Way};
    use crate::seed::carriers;

    #[test]
    fn every_carrier_that_shipments_may_name_has_a_tariff() {
        let enabled = carriers().iter().filter(|carrier| carrier.enabled).count();
        assert_eq!(TARIFFS.len(), enabled);
        for carrier in carriers().iter().filter(|carrier| carrier.enabled) {
            let way = Way { from: "330110", to: "330110", grams: 1_000, collected: None };
            assert!(way.offer_of(carrier.carrier_code).is_ok(), "{}", carrier.carrier_code);
        }
    }
}
