//! What orders cost: sums that are right to the minor unit.

use ecloud_core::Money;

use super::{Amounts, Line, Order};

impl Line {
    /// What the buyer pays for it, in the minor unit; negative where the seller took off too much.
    pub(crate) fn price_now(&self) -> i64 {
        self.price.amount * i64::from(self.quantity) + self.adjustment.amount
            - self.discount.amount
            - self.allocated_promotion.amount
    }
}

impl Order {
    /// Adds the order up again, after a line's adjustment or the freight has changed.
    pub(crate) fn add_up(&mut self) {
        for line in &mut self.lines {
            line.payment.amount = line.price_now();
        }
        let sum = |of: fn(&Line) -> i64| self.lines.iter().map(of).sum::<i64>();
        let (payment, freight) = (sum(|line| line.payment.amount), self.amounts.freight);
        let money = |amount| Money::new(amount, freight.currency);
        self.amounts = Amounts {
            goods: money(sum(|line| line.price.amount * i64::from(line.quantity))),
            adjustment: money(sum(|line| line.adjustment.amount)),
            discount: money(sum(|line| line.discount.amount)),
            promotion: money(sum(|line| line.allocated_promotion.amount)),
            freight,
            payment: money(payment + freight.amount),
            paid: self.amounts.paid,
            refunded: self.amounts.refunded,
        };
    }
}

/// Divides `total` in proportion to `weights`, to the last unit: what rounding leaves goes to the largest remainders, ties to the
/// first. No share is larger than its weight as long as the total isn't larger than their sum.
pub(crate) fn allocate(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut shares: Vec<i64> = weights.iter().map(|weight| (exact(weight) / sum) as i64).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|index| std::cmp::Reverse(exact(&weights[*index]) % sum));
    let left = total - shares.iter().sum::<i64>();
    for index in by_remainder.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::allocate;
    use crate::dice::Dice;

    #[test]
    fn shares_add_up_and_never_exceed_their_weights() {
        let mut dice = Dice::new(3);
        for _ in 0..2_000 {
            let weights: Vec<i64> = (0..dice.between(1, 6)).map(|_| dice.between(0, 10_000)).collect();
            let total = dice.between(0, weights.iter().sum());
            let shares = allocate(total, &weights);
            assert_eq!(shares.iter().sum::<i64>(), total, "{weights:?}");
            assert!(
                shares.iter().zip(&weights).all(|(share, weight)| (0..=*weight).contains(share)),
                "{shares:?} {weights:?}"
            );
        }
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_remainders() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(500, &[5000, 6700]), [214, 286]);
        assert_eq!(allocate(7, &[0, 0]), [0, 0]);
    }
}
