//! A statement is held against the account and the seller's own books, line by line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ecloud::prelude::*;
use ecloud::trade::account::AccountEntry;
use ecloud::trade::settlements::{Settlement, SettlementLine};

use crate::books::{Books, Key};

/// Something that isn't the same on both sides.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// Where: the statement, and what of it.
    pub(crate) place: String,
    /// What differs.
    pub(crate) what: &'static str,
    /// What the platform says, where it says something.
    pub(crate) platform: Option<Money>,
    /// What it should be.
    pub(crate) own: Option<Money>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |amount: Option<Money>| amount.map_or_else(|| "nothing".to_owned(), |amount| amount.to_string());
        write!(f, "{}: {}: the platform has {}, we have ", self.place, self.what, told(self.platform))?;
        f.write_str(&told(self.own))
    }
}

/// A line of a statement and what was found about it.
pub(crate) struct Matched {
    pub(crate) line: SettlementLine,
    /// What the account got for it.
    pub(crate) booked: Money,
    pub(crate) differences: Vec<Difference>,
}

/// A statement, matched.
pub(crate) struct Report {
    pub(crate) settlement: Settlement,
    pub(crate) lines: Vec<Matched>,
    /// What concerns no single line.
    pub(crate) differences: Vec<Difference>,
}

impl Report {
    pub(crate) fn all_differences(&self) -> impl Iterator<Item = &Difference> {
        self.lines.iter().flat_map(|matched| &matched.differences).chain(&self.differences)
    }
}

/// Matches a statement with its lines and the account's entries for it.
pub(crate) fn reconcile(
    settlement: Settlement,
    lines: Vec<SettlementLine>,
    entries: &[AccountEntry],
    books: &Books,
) -> Report {
    let currency = settlement.total.currency;
    let mut booked: BTreeMap<Key, i64> = BTreeMap::new();
    for entry in entries {
        *booked.entry((entry.order_id.clone(), entry.refund_id.clone())).or_default() += entry.amount.amount;
    }
    let mut told = BTreeSet::new();
    let mut matched = Vec::new();
    for line in lines {
        let key = (line.order_id.clone(), line.refund_id.clone());
        let booked = Money::new(booked.get(&key).copied().unwrap_or(0), currency);
        let place = place(&settlement, &key);
        let differences = differences(&line, booked, books, &key, &place);
        matched.push(Matched { line, booked, differences });
        told.insert(key);
    }

    let mut differences = Vec::new();
    for (key, amount) in books.due(settlement.period_from, settlement.period_to) {
        if !told.contains(&key) {
            let place = place(&settlement, &key);
            differences.push(Difference { place, what: "a line", platform: None, own: Some(amount) });
        }
    }
    let sum = |of: fn(&SettlementLine) -> Money| matched.iter().map(|matched| of(&matched.line).amount).sum::<i64>();
    let sums = [
        ("the sum of payments", settlement.payment, sum(|line| line.payment)),
        ("the sum of refunds", settlement.refunded, sum(|line| line.refunded)),
        ("the sum of fees", settlement.commission, sum(|line| line.commission)),
        ("the total", settlement.total, sum(|line| line.amount)),
        ("what the account got", settlement.total, booked.values().sum()),
    ];
    for (what, platform, own) in sums {
        let place = settlement.settlement_id.to_string();
        differences.extend(compare(&place, what, platform, Money::new(own, currency)));
    }
    if usize::try_from(settlement.line_count).ok() != Some(matched.len()) {
        let place = settlement.settlement_id.to_string();
        differences.push(Difference { place, what: "the number of lines", platform: None, own: None });
    }
    Report { settlement, lines: matched, differences }
}

/// What is wrong with one line.
fn differences(line: &SettlementLine, booked: Money, books: &Books, key: &Key, place: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    let net = line.payment.amount - line.refunded.amount - line.commission.amount;
    found.extend(compare(place, "its own sum", line.amount, Money::new(net, line.amount.currency)));
    found.extend(compare(place, "what the account got", booked, line.amount));
    match books.expected(key) {
        None => found.push(Difference {
            place: place.to_owned(),
            what: "a sale or refund",
            platform: Some(line.amount),
            own: None,
        }),
        Some(expected) => {
            let base = found.len();
            found.extend(compare(place, "the payment", line.payment, expected.payment));
            found.extend(compare(place, "the refunds", line.refunded, expected.refunded));
            // The fee follows from those two: it is told by itself only where they agree.
            if found.len() == base {
                found.extend(compare(place, "the fee", line.commission, expected.commission));
            }
        }
    }
    found
}

/// To the cent, and in the same currency.
fn compare(place: &str, what: &'static str, platform: Money, own: Money) -> Option<Difference> {
    let difference = || Difference { place: place.to_owned(), what, platform: Some(platform), own: Some(own) };
    (platform != own).then(difference)
}

fn place(settlement: &Settlement, (order_id, refund_id): &Key) -> String {
    match refund_id {
        Some(refund_id) => format!("{}, refund {refund_id} of order {order_id}", settlement.settlement_id),
        None => format!("{}, order {order_id}", settlement.settlement_id),
    }
}
