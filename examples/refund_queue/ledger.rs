//! An independent look at what the platform wrote down.

use std::collections::BTreeMap;

use ecloud::prelude::*;
use ecloud::trade::payments::PaymentKind;
use ecloud::trade::refunds::{Refund, RefundAction, RefundActor, RefundStatus};
use ecloud_sandbox::Sandbox;

use crate::returns::Failure;
use crate::verdict::Verdict;

/// So many requests have changed something.
pub(crate) fn writes(sandbox: &Sandbox) -> usize {
    let reads = |operation: &str| operation.ends_with(".batch_get");
    sandbox.received().iter().filter(|it| it.method != "GET" && !it.operation.as_deref().is_some_and(reads)).count()
}

/// The seller has decided, and the platform in no case in his place; nothing was decided twice.
pub(crate) async fn check_history(trade: &Trade, refund: &Refund, verdict: &mut Verdict) -> Result<(), Failure> {
    let mut history = trade.refunds().list_history(&refund.refund_id).items();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(entry) = history.try_next().await? {
        verdict.holds("the platform decides nothing", entry.actor != RefundActor::Platform);
        *counts.entry(entry.action.to_string()).or_default() += 1;
    }
    let count = |action: RefundAction| counts.get(action.as_str()).copied().unwrap_or(0);
    let id = &refund.refund_id;
    let is_paid = usize::from(refund.status == RefundStatus::Succeeded);
    verdict.holds(&format!("{id}: agreed to once"), (is_paid..=1).contains(&count(RefundAction::Agreed)));
    let is_refused = usize::from(refund.status == RefundStatus::Refused);
    verdict.same(&format!("{id}: refused once"), count(RefundAction::Refused), is_refused);
    Ok(())
}

/// Whoever was refused because something is missing was shown a picture that the platform has.
pub(crate) async fn check_evidence(
    sandbox: &Sandbox,
    product: &Product,
    refund_id: &str,
    verdict: &mut Verdict,
) -> Result<(), Failure> {
    let received = sandbox.received();
    let target = format!("/trade/v1/refunds/{refund_id}/refuse");
    let shown = received.iter().filter(|it| it.target == target && it.status == 200);
    let urls: Vec<_> = shown.filter_map(|it| it.body.as_ref()?["evidence"][0].as_str()).collect();
    verdict.same("one refusal shows a picture", urls.len(), 1);
    let mut media = product.media().list().limit(100).items();
    let mut found = 0;
    while let Some(medium) = media.try_next().await? {
        found += usize::from(urls.contains(&medium.url.as_str()));
    }
    verdict.same("the platform has the picture", found, 1);
    Ok(())
}

/// What refunds, orders and payments say of the money that went back is the same, to the cent.
pub(crate) async fn check_money(trade: &Trade, verdict: &mut Verdict) -> Result<(), Failure> {
    let mut by_order: BTreeMap<String, i64> = BTreeMap::new();
    let mut by_refund: BTreeMap<String, i64> = BTreeMap::new();
    let mut refunds = trade.refunds().list().limit(100).items();
    while let Some(refund) = refunds.try_next().await? {
        if refund.status == RefundStatus::Succeeded {
            *by_order.entry(refund.order_id.into()).or_default() += refund.amount.amount;
            by_refund.insert(refund.refund_id.into(), refund.amount.amount);
        }
    }
    let mut paid_back: BTreeMap<String, i64> = BTreeMap::new();
    let mut payments = trade.payments().list().limit(100).items();
    while let Some(payment) = payments.try_next().await? {
        if let (PaymentKind::Refund, Some(refund_id)) = (&payment.kind, payment.refund_id) {
            *paid_back.entry(refund_id.into()).or_default() += payment.amount.amount;
        }
    }
    for (order_id, amount) in &by_order {
        let order = trade.orders().get(order_id.as_str()).send().await?;
        verdict.same(&format!("what {order_id} says was refunded"), order.amounts.refunded.amount, *amount);
    }
    verdict.same("each refund was paid out in full", &paid_back, &by_refund);
    let total = Money::new(by_refund.values().sum(), Currency::CNY);
    println!("\n{total} went back to buyers in {} refunds", by_refund.len());
    Ok(())
}
