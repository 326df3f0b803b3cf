//! Works through the queue of refunds and after-sale cases that wait for the seller, by his rules.
//!
//! Everything is decided about what was read, and done under its version: where the buyer or a colleague was faster, it is read and decided anew.
//! A run may break off anywhere, since what is done has left the queue.

use std::collections::BTreeMap;
use std::time::Duration;

use ecloud::Clock;
use ecloud::prelude::*;
use ecloud::product::inventory::Stock;
use ecloud::product::media::Medium;
use ecloud::trade::after_sales::{
    AfterSale, AfterSaleAgreement, AfterSaleRefusal, AfterSaleReturnConfirmation, AfterSaleStatus, ReplacementInput,
};
use ecloud::trade::refunds::{
    Refund, RefundAgreementBatch, RefundAgreementEntry, RefundBatch, RefundExtension, RefundRefusal, RefundStatus,
    ReturnConfirmation,
};
use ecloud::transfer::UploadSource;
use ecloud::types::AddressId;

use crate::parcels::Parcels;
use crate::returns::{Failure, Inspection, Returns};
use crate::rules::{Rules, Step, Whereabouts};

/// So many refunds are agreed to in one call; the platform reads more of them at once.
const BATCH: usize = 20;
/// How often something is decided anew because it changed meanwhile.
const TRIES: usize = 4;
/// Where so little time is left to decide, more is asked for.
const SHORT: Duration = Duration::from_secs(12 * 3600);

/// The job for one shop.
pub(crate) struct RefundDesk<R> {
    pub(crate) product: Product,
    pub(crate) parcels: Parcels,
    pub(crate) rules: Rules,
    pub(crate) returns: R,
    /// Where returned goods go.
    pub(crate) returns_address: AddressId,
    pub(crate) clock: std::sync::Arc<dyn Clock>,
}

/// What a run has done; true of one that broke off, too.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) agreed: usize,
    pub(crate) refused: usize,
    pub(crate) confirmed: usize,
    /// Parcels that were taken back or are being stopped.
    pub(crate) stopped: usize,
    pub(crate) replaced: usize,
    pub(crate) extended: usize,
    /// Decisions that came too late and were made anew.
    pub(crate) conflicts: usize,
    /// What waits for somebody else, and for what.
    pub(crate) waiting: BTreeMap<String, String>,
    /// What a person has to look at, and why.
    pub(crate) for_people: BTreeMap<String, String>,
}

/// What has become of something in the queue.
enum Progress {
    /// It is done with for now.
    Done,
    /// It has changed, by this job or by somebody else: it is looked at again.
    LookAgain,
}

impl<R: Returns> RefundDesk<R> {
    /// Works through the queue once.
    pub(crate) async fn run(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        self.refunds(outcome).await?;
        self.cases(outcome).await
    }

    async fn refunds(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        let mut queue = Vec::new();
        for status in [RefundStatus::WaitSeller, RefundStatus::WaitSellerReceipt] {
            let mut refunds = self.parcels.trade.refunds().list().status(status).limit(100).items();
            while let Some(refund) = refunds.try_next().await? {
                queue.push(refund);
            }
        }
        for _ in 0..TRIES {
            let (mut agreeable, mut again) = (Vec::new(), Vec::new());
            for refund in queue {
                match self.decide(&refund).await? {
                    Step::Agree => agreeable.push(refund),
                    step => match self.take(&refund, step, outcome).await {
                        Ok(Progress::Done) => {}
                        Ok(Progress::LookAgain) => again.push(refund.refund_id),
                        Err(error) => {
                            if passes(error, refund.refund_id.as_str(), outcome)? {
                                again.push(refund.refund_id);
                            }
                        }
                    },
                }
            }
            for some in agreeable.chunks(BATCH) {
                let entries = some.iter().map(|refund| {
                    RefundAgreementEntry::new(&refund.refund_id, refund.version, refund.amount)
                        .return_address_id(&self.returns_address)
                });
                let batch = RefundAgreementBatch::new(entries);
                for result in self.parcels.trade.refunds().batch_agree(batch).send().await?.items {
                    match result.error {
                        None => outcome.agreed += 1,
                        Some(error) if error.code == "trade.refund_conflict" => {
                            outcome.conflicts += 1;
                            again.push(result.refund_id);
                        }
                        Some(error) => drop(outcome.for_people.insert(result.refund_id.into(), error.message)),
                    }
                }
            }
            queue = Vec::new();
            for some in again.chunks(50) {
                let results = self.parcels.trade.refunds().batch_get(RefundBatch::new(some)).send().await?.items;
                queue.extend(results.into_iter().filter_map(|result| result.refund));
            }
        }
        Ok(())
    }

    async fn decide(&self, refund: &Refund) -> Result<Step, Failure> {
        let inspection = match &refund.return_parcel {
            Some(parcel) => self.returns.inspection(parcel.tracking_number.as_str()).await?,
            None => None,
        };
        let goods = match refund.status {
            RefundStatus::WaitSeller => self.parcels.whereabouts(&refund.order_id, &refund.line_id).await?,
            _ => Whereabouts::WithBuyer,
        };
        Ok(self.rules.refund(refund, goods, inspection))
    }

    /// Does what was decided about a refund, but for agreements, which are made together.
    async fn take(&self, refund: &Refund, step: Step, outcome: &mut Outcome) -> Result<Progress, Error> {
        let refunds = self.parcels.trade.refunds();
        let id = &refund.refund_id;
        match step {
            Step::Refuse { reason, explanation, photograph } => {
                let mut refusal = RefundRefusal::new(refund.version, reason, explanation);
                if let Some(photograph) = photograph {
                    refusal = refusal.evidence([self.keep(id.as_str(), photograph).await?.url]);
                }
                refunds.refuse(id, refusal).send().await?;
                outcome.refused += 1;
            }
            Step::ConfirmReturn => {
                refunds.confirm_return(id, ReturnConfirmation::new(refund.version)).send().await?;
                outcome.confirmed += 1;
            }
            Step::TakeBack(shipment_id) => {
                self.parcels.take_back(shipment_id).await?;
                outcome.stopped += 1;
                return Ok(Progress::LookAgain);
            }
            Step::Intercept(shipment_id) => {
                self.parcels.intercept(shipment_id).await?;
                outcome.stopped += 1;
                return Ok(Progress::LookAgain);
            }
            // While it was looked at, it has left the queue.
            _ if !is_sellers_turn(refund) => {}
            Step::Wait(why) => {
                outcome.waiting.insert(id.to_string(), why.to_owned());
                self.gain_time(refund, outcome).await?;
            }
            Step::ForPerson(why) => {
                outcome.for_people.insert(id.to_string(), why.to_owned());
                self.gain_time(refund, outcome).await?;
            }
            Step::Agree | Step::SendReplacement => {}
        }
        Ok(Progress::Done)
    }

    /// Takes the three more days that the seller may have once, where the platform would soon decide in his place.
    async fn gain_time(&self, refund: &Refund, outcome: &mut Outcome) -> Result<(), Error> {
        let is_short = refund.respond_by.is_some_and(|at| at < self.clock.now() + SHORT);
        if is_short && refund.extended_at.is_none() {
            let extension = RefundExtension::new(refund.version);
            self.parcels.trade.refunds().extend_deadline(&refund.refund_id, extension).send().await?;
            outcome.extended += 1;
        }
        Ok(())
    }

    /// Keeps the picture of what was found at the platform, so that the buyer can be shown it.
    async fn keep(&self, id: &str, photograph: Vec<u8>) -> Result<Medium, Error> {
        self.product.media().upload(UploadSource::bytes(format!("{id}.jpg"), "image/jpeg", photograph)).send().await
    }

    async fn cases(&self, outcome: &mut Outcome) -> Result<(), Failure> {
        let statuses =
            [AfterSaleStatus::WaitSeller, AfterSaleStatus::WaitSellerReceipt, AfterSaleStatus::WaitSellerShipment];
        let mut queue = Vec::new();
        for status in statuses {
            let mut cases = self.parcels.trade.after_sales().list().status(status).limit(100).items();
            while let Some(case) = cases.try_next().await? {
                queue.push(case);
            }
        }
        for mut case in queue {
            for _ in 0..TRIES {
                let (stock, inspection) = self.look_at(&case).await?;
                let step = self.rules.case(&case, &stock, inspection);
                match self.take_case(&case, step, outcome).await {
                    Ok(Progress::Done) => break,
                    Ok(Progress::LookAgain) => {}
                    Err(error) => {
                        if !passes(error, case.after_sale_id.as_str(), outcome)? {
                            break;
                        }
                    }
                }
                case = self.parcels.trade.after_sales().get(&case.after_sale_id).send().await?;
            }
        }
        Ok(())
    }

    /// What a decision about a case needs to know: the stock of what the buyer is to get, and what came back.
    async fn look_at(&self, case: &AfterSale) -> Result<(Stock, Option<Inspection>), Failure> {
        let stock = self.product.inventory().get(&case.wanted_sku_id).send().await?;
        let inspection = match &case.return_parcel {
            Some(parcel) => self.returns.inspection(parcel.tracking_number.as_str()).await?,
            None => None,
        };
        Ok((stock, inspection))
    }

    /// Does what was decided about a case.
    async fn take_case(&self, case: &AfterSale, step: Step, outcome: &mut Outcome) -> Result<Progress, Error> {
        let (cases, id, version) = (self.parcels.trade.after_sales(), &case.after_sale_id, case.version);
        match step {
            Step::Agree => {
                let agreement = AfterSaleAgreement::new(version).return_address_id(&self.returns_address);
                cases.agree(id, agreement).send().await?;
                outcome.agreed += 1;
                // What needn't come back can be sent at once.
                return Ok(Progress::LookAgain);
            }
            Step::Refuse { reason, explanation, photograph } => {
                let mut refusal = AfterSaleRefusal::new(version, reason, explanation);
                if let Some(photograph) = photograph {
                    refusal = refusal.media_ids([self.keep(id.as_str(), photograph).await?.media_id]);
                }
                cases.refuse(id, refusal).send().await?;
                outcome.refused += 1;
            }
            Step::ConfirmReturn => {
                cases.confirm_return(id, AfterSaleReturnConfirmation::new(version)).send().await?;
                outcome.confirmed += 1;
                return Ok(Progress::LookAgain);
            }
            Step::SendReplacement => {
                let waybill = self.parcels.replacement(case).await?;
                let parcel = ReplacementInput::new(version, &waybill.carrier_code, &waybill.tracking_number);
                cases.send_replacement(id, parcel).send().await?;
                outcome.replaced += 1;
            }
            Step::Wait(why) if is_open(case) => drop(outcome.waiting.insert(id.to_string(), why.to_owned())),
            Step::ForPerson(why) => drop(outcome.for_people.insert(id.to_string(), why.to_owned())),
            Step::Wait(_) | Step::TakeBack(_) | Step::Intercept(_) => {}
        }
        Ok(Progress::Done)
    }
}

/// Whether something is to be read and decided anew after this error. What the platform refuses is for a person; what concerns more than this
/// one thing ends the run.
fn passes(error: Error, id: &str, outcome: &mut Outcome) -> Result<bool, Error> {
    match error.kind() {
        ErrorKind::Conflict => {
            outcome.conflicts += 1;
            Ok(true)
        }
        ErrorKind::Rejected | ErrorKind::InvalidRequest | ErrorKind::NotFound => {
            outcome.for_people.insert(id.to_owned(), error.to_string());
            Ok(false)
        }
        _ => Err(error),
    }
}

fn is_sellers_turn(refund: &Refund) -> bool {
    matches!(refund.status, RefundStatus::WaitSeller | RefundStatus::WaitSellerReceipt)
}

fn is_open(case: &AfterSale) -> bool {
    use AfterSaleStatus::{WaitSeller, WaitSellerReceipt, WaitSellerShipment};
    matches!(case.status, WaitSeller | WaitSellerReceipt | WaitSellerShipment)
}
