//! What orders cost: sums that are right to the minor unit.

use std::collections::BTreeMap;

use ecloud_core::Money;

use super::{Amounts, Line, Order, Promotion};

impl Line {
    /// What the buyer pays for it, in the minor unit; negative where the seller took off too much.
    pub(crate) fn price_now(&self) -> i64 {
        self.price.amount * i64::from(self.quantity) + self.adjustment.amount
            - self.discount.amount
            - self.allocated_promotion.amount
    }

    /// The line in two parts: so many pieces of it, and the rest. Each amount is divided by what is left of the parts before it, so that
    /// neither part falls below zero, and the parts add up to the line.
    pub(super) fn divide(&self, pieces: u32) -> [Self; 2] {
        let pieces = [pieces, self.quantity - pieces];
        let goods = pieces.map(|pieces| self.price.amount * i64::from(pieces));
        // What is added goes by the pieces; what is taken off can't be more than they cost.
        let adjustment = match self.adjustment.amount {
            added @ 0.. => shares(added, pieces.map(i64::from)),
            taken_off => shares(-taken_off, goods).map(|share| -share),
        };
        let adjusted = [goods[0] + adjustment[0], goods[1] + adjustment[1]];
        let discount = shares(self.discount.amount, adjusted);
        let discounted = [adjusted[0] - discount[0], adjusted[1] - discount[1]];
        let promotion = shares(self.allocated_promotion.amount, discounted);
        let money = |amount| Money::new(amount, self.price.currency);
        // Its stock is reserved by pieces, or not at all.
        let reserved = shares(i64::from(self.reserved), pieces.map(i64::from));
        [0, 1].map(|part| {
            let mut line = Self {
                quantity: pieces[part],
                adjustment: money(adjustment[part]),
                discount: money(discount[part]),
                allocated_promotion: money(promotion[part]),
                reserved: u32::try_from(reserved[part]).unwrap_or(0),
                ..self.clone()
            };
            line.payment.amount = line.price_now();
            line
        })
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

/// Divides the promotions of an order between the two that take its place, so that those of each line are its discount, and those of
/// the whole order what is allocated to its lines. `parts` are their lines, under the names that they had before.
pub(super) fn divide_promotions(promotions: &[Promotion], parts: &[Vec<Line>; 2]) -> [Vec<Promotion>; 2] {
    let mut divided = [Vec::new(), Vec::new()];
    let mut of: BTreeMap<Option<&str>, Vec<&Promotion>> = BTreeMap::new();
    for promotion in promotions {
        of.entry(promotion.line_id.as_deref()).or_default().push(promotion);
    }
    for (line_id, promotions) in of {
        // What they take off the first part: the discount of the line in it, or what is allocated to all its lines.
        let in_part = |part: &Vec<Line>| match line_id {
            Some(line_id) => part.iter().find(|line| line.line_id == line_id).map(|line| line.discount.amount),
            None => Some(part.iter().map(|line| line.allocated_promotion.amount).sum()),
        };
        let taken = parts.each_ref().map(in_part);
        let amounts: Vec<i64> = promotions.iter().map(|promotion| promotion.amount.amount).collect();
        let first = allocate(taken[0].unwrap_or(0), &amounts);
        for (promotion, first) in promotions.into_iter().zip(first) {
            let rest = promotion.amount.amount - first;
            for (part, share) in [first, rest].into_iter().enumerate() {
                // One that takes nothing off, such as a gift, stands wherever its line does.
                if share > 0 || (promotion.amount.amount == 0 && taken[part].is_some()) {
                    let amount = Money::new(share, promotion.amount.currency);
                    divided[part].push(Promotion { amount, ..promotion.clone() });
                }
            }
        }
    }
    divided
}

fn shares(total: i64, weights: [i64; 2]) -> [i64; 2] {
    let first = allocate(total, &weights)[0];
    [first, total - first]
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
    use super::*;
    use crate::business::trade::PromotionKind;
    use crate::dice::Dice;
    use crate::platform::{Market, Settings};

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

    /// A line of a seeded order, with amounts that the dice throw, and the promotions that its discount comes from.
    fn some_line(dice: &mut Dice, some: &Order) -> (Line, Vec<Promotion>) {
        let mut line = some.lines[0].clone();
        line.quantity = dice.between(2, 9) as u32;
        line.reserved = line.quantity;
        line.price.amount = dice.between(0, 50);
        let goods = line.price.amount * i64::from(line.quantity);
        line.adjustment.amount = dice.between(-goods, 20);
        line.discount.amount = dice.between(0, goods + line.adjustment.amount);
        line.allocated_promotion.amount = dice.between(0, goods + line.adjustment.amount - line.discount.amount);
        let promotion = |amount, line_id: Option<&String>| Promotion {
            promotion_id: "P1".to_owned(),
            name: "Some off".to_owned(),
            kind: PromotionKind::ItemDiscount,
            funded_by: crate::business::trade::PromotionFunder::Seller,
            amount: Money::new(amount, line.price.currency),
            line_id: line_id.cloned(),
        };
        let first = dice.between(0, line.discount.amount);
        let promotions = vec![
            promotion(first, Some(&line.line_id)),
            promotion(line.discount.amount - first, Some(&line.line_id)),
            promotion(line.allocated_promotion.amount, None),
        ];
        (line, promotions)
    }

    #[test]
    fn the_parts_of_a_line_add_up_to_it_and_cost_no_less_than_nothing() {
        let now = ecloud_core::Timestamp::from_unix_millis(1_763_800_000_000);
        let mut market = Market::new(&Settings::default(), now);
        let some = market.shop("demo-shop", now).unwrap().orders.iter().next().unwrap().clone();
        let mut dice = Dice::new(11);
        for _ in 0..3_000 {
            let (line, promotions) = some_line(&mut dice, &some);
            let parts = line.divide(dice.between(1, i64::from(line.quantity) - 1) as u32);
            let sum = |of: fn(&Line) -> i64| parts.iter().map(of).sum::<i64>();
            assert_eq!(sum(|line| i64::from(line.quantity)), i64::from(line.quantity));
            assert_eq!(sum(|line| i64::from(line.reserved)), i64::from(line.reserved));
            assert!(parts.iter().all(|part| part.reserved == part.quantity));
            assert_eq!(sum(|line| line.adjustment.amount), line.adjustment.amount);
            assert_eq!(sum(|line| line.discount.amount), line.discount.amount);
            assert_eq!(sum(|line| line.allocated_promotion.amount), line.allocated_promotion.amount);
            assert_eq!(sum(|line| line.payment.amount), line.price_now());
            assert!(parts.iter().all(|part| part.payment.amount >= 0), "{parts:?}");

            let lists = parts.map(|part| vec![part]);
            for (part, promotions) in lists.iter().zip(divide_promotions(&promotions, &lists)) {
                let of = |line_id: Option<&String>| -> i64 {
                    let mine = promotions.iter().filter(|promotion| promotion.line_id.as_ref() == line_id);
                    mine.map(|promotion| promotion.amount.amount).sum()
                };
                assert_eq!(of(Some(&part[0].line_id)), part[0].discount.amount);
                assert_eq!(of(None), part[0].allocated_promotion.amount);
            }
        }
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_remainders() {
        assert_eq!(allocate(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(allocate(500, &[5000, 6700]), [214, 286]);
        assert_eq!(allocate(7, &[0, 0]), [0, 0]);
    }
}
