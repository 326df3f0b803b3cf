//! What is to be done with an order: the rules of this seller.

use ecloud::logistics::shipments::ShipmentLineInput;
use ecloud::logistics::waybills::ParcelContent;
use ecloud::trade::orders::{Order, OrderLineStatus, OrderStatus, Receiver, RefundProgress, RiskStatus};

/// What is to be done with an order now.
pub(crate) enum Decision {
    /// This goes into a parcel. `complete` says that nothing is left for another one.
    Ship { receiver: Box<Receiver>, lines: Vec<ShipmentLineInput>, contents: Vec<ParcelContent>, complete: bool },
    /// Nothing of it may be shipped yet.
    Wait(&'static str),
    /// Nothing of it is to be shipped any more.
    Done,
}

/// Looks at an order as it is now.
pub(crate) fn decide(order: &Order) -> Decision {
    if !waits_to_be_shipped(order) {
        return Decision::Done;
    }
    let (RiskStatus::Clear, Some(receiver)) = (&order.risk_status, &order.receiver) else {
        return Decision::Wait("held by the risk control");
    };
    let (mut lines, mut contents, mut complete) = (Vec::new(), Vec::new(), true);
    for line in &order.lines {
        let pieces = line.quantity.saturating_sub(line.shipped_quantity + line.refunded_quantity);
        if pieces == 0 || line.status == OrderLineStatus::Closed {
            continue;
        }
        // The buyer may get his money back for it: the others don't wait for that.
        if line.refund_status == RefundProgress::InProgress {
            complete = false;
            continue;
        }
        lines.push(ShipmentLineInput::new(&line.line_id).quantity(pieces));
        contents.push(ParcelContent::new(&line.title, pieces));
    }
    if lines.is_empty() {
        return Decision::Wait("a refund is open");
    }
    Decision::Ship { receiver: Box::new(receiver.clone()), lines, contents, complete }
}

/// Whether an order is the business of those who ship.
pub(crate) fn waits_to_be_shipped(order: &Order) -> bool {
    matches!(order.status, OrderStatus::Paid | OrderStatus::PartlyShipped)
}
