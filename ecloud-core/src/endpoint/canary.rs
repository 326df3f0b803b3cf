//! Which shops a canary has.

use sha2::{Digest, Sha256};

/// Whether a shop is among this share of all shops: the same in every process, in any language.
pub(super) fn has(share: f64, shop: &str) -> bool {
    let digest = Sha256::digest(shop.as_bytes());
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // Fifty-three bits, so that no number is rounded up to the whole.
    ((first >> 11) as f64) < share * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_shops_is_on_it_and_stays_when_the_share_grows() {
        let shops: Vec<String> = (0..10_000).map(|number| format!("shop-{number}")).collect();
        let on = |share| shops.iter().filter(|shop| has(share, shop)).collect::<Vec<_>>();
        assert_eq!((on(0.0).len(), on(1.0).len()), (0, 10_000));
        let (few, more) = (on(0.05), on(0.2));
        assert!((400..600).contains(&few.len()) && (1_800..2_200).contains(&more.len()));
        assert!(few.iter().all(|shop| more.contains(shop)));
    }

    #[test]
    fn the_hash_is_as_documented() {
        // printf shop-1 | sha256sum: 79326c2c…, and 0x79326c2c / 2^32 is 0.4734.
        assert!(!has(0.473, "shop-1") && has(0.474, "shop-1"));
    }
}
