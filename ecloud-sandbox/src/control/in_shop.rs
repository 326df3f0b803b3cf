//! `/sandbox/v1/…`: what buyers, carriers and the platform's own people do in one shop.

use std::time::Duration;

use ::http::StatusCode;
use serde::Deserialize;

use super::address_change;
use super::after_sale::{self, AfterSaleRequest};
use super::buyer::{self, PlainReceiver, Purchase, RefundRequest};
use super::http::{Control, Done, decode, no_route};
use super::invoice::{self, InvoiceRequest};
use super::operator::{self, AuditVerdict, Carriage, ReviewVerdict};
use super::payment::{self, FailedPaymentInput, PaymentInput};
use super::scenario::{Step, Teller, WaitInput, at_step};
use super::shown;
use super::traffic::{Traffic, TrafficReport};
use crate::business::buyer::RefundStep;
use crate::business::trade::after_sale_buyer::AfterSaleStep;
use crate::platform::Refusal;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewInput {
    verdict: ReviewVerdict,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CarriageInput {
    carriage: Carriage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerInput {
    agrees: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReturnInput {
    carrier_code: String,
    tracking_number: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsInput {
    text: String,
}

/// As many steps a scenario has at most, over HTTP.
const STEPS: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioInput {
    #[serde(default)]
    buyer_id: Option<String>,
    steps: Vec<Step>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ChangeInput {
    amount: Option<i64>,
}

impl Control<'_> {
    /// The shop that `?shop_id=` names, or the demo shop.
    pub(super) fn shop_id(&self) -> String {
        let query = self.request.target.split_once('?').map_or("", |(_, query)| query);
        let named = query.split('&').find_map(|pair| pair.strip_prefix("shop_id="));
        named.and_then(decode).unwrap_or_else(|| self.settings.shop_id.clone())
    }

    /// What happens in one shop: the one that `?shop_id=` names, or the demo shop.
    pub(super) fn post_in_shop(&mut self, path: &[&str]) -> Done {
        let shop_id = self.shop_id();
        let now = self.now;
        let (status, done) = match path {
            ["scenarios"] => return self.play_scenario(&shop_id),
            ["traffic"] => return self.start_traffic(&shop_id),
            ["orders"] => {
                let purchase: Purchase = self.input()?;
                (StatusCode::CREATED, buyer::place(self.state.market.shop(&shop_id, now)?, purchase, now))
            }
            ["orders", id, "pay"] => {
                let input: PaymentInput = self.input_or_default()?;
                (StatusCode::OK, payment::pay(self.state.market.shop(&shop_id, now)?, id, &input, now))
            }
            ["orders", id, "fail-payment"] => {
                let input: FailedPaymentInput = self.input()?;
                (StatusCode::CREATED, payment::fail(self.state.market.shop(&shop_id, now)?, id, &input, now))
            }
            ["orders", id, "confirm"] => {
                (StatusCode::OK, buyer::confirm(self.state.market.shop(&shop_id, now)?, id, now))
            }
            ["orders", id, "address-changes"] => {
                let receiver: PlainReceiver = self.input()?;
                let shop = self.state.market.shop(&shop_id, now)?;
                (StatusCode::CREATED, address_change::request(shop, id, &receiver, now))
            }
            ["address-changes", id, "withdraw"] => {
                (StatusCode::OK, address_change::take_back(self.state.market.shop(&shop_id, now)?, id, now))
            }
            ["orders", id, "invoices"] => {
                let request: InvoiceRequest = self.input()?;
                (StatusCode::CREATED, invoice::request(self.state.market.shop(&shop_id, now)?, id, request, now))
            }
            ["invoices", id, "withdraw"] => {
                (StatusCode::OK, invoice::take_back(self.state.market.shop(&shop_id, now)?, id, now))
            }
            ["orders", id, "promise-extension"] => {
                let AnswerInput { agrees } = self.input()?;
                (StatusCode::OK, buyer::answer_extension(self.state.market.shop(&shop_id, now)?, id, agrees, now))
            }
            ["orders", id, "review"] => {
                let ReviewInput { verdict } = self.input()?;
                (StatusCode::OK, operator::review(self.state.market.shop(&shop_id, now)?, id, verdict, now))
            }
            ["orders", id, "refunds"] => {
                let request: RefundRequest = self.input_or_default()?;
                (StatusCode::CREATED, buyer::claim(self.state.market.shop(&shop_id, now)?, id, request, now))
            }
            ["orders", id, "after-sales"] => {
                let request: AfterSaleRequest = self.input()?;
                (StatusCode::CREATED, after_sale::open(self.state.market.shop(&shop_id, now)?, id, request, now))
            }
            ["after-sales", id, step] => {
                let step = match *step {
                    "return" => {
                        let ReturnInput { carrier_code, tracking_number } = self.input()?;
                        AfterSaleStep::Returns { carrier_code, tracking_number }
                    }
                    "confirm" => AfterSaleStep::Confirms,
                    "ask-again" => AfterSaleStep::AsksAgain,
                    "withdraw" => AfterSaleStep::Withdraws,
                    _ => return Err(no_route()),
                };
                (StatusCode::OK, after_sale::go_on(self.state.market.shop(&shop_id, now)?, id, step, now))
            }
            ["refunds", id, "messages"] => {
                let WordsInput { text } = self.input()?;
                (StatusCode::CREATED, buyer::write(self.state.market.shop(&shop_id, now)?, id, text, now))
            }
            ["refunds", id, step] => {
                let step = match *step {
                    "return" => {
                        let ReturnInput { carrier_code, tracking_number } = self.input()?;
                        RefundStep::Returns { carrier_code, tracking_number }
                    }
                    "change" => RefundStep::Changes { amount: self.input_or_default::<ChangeInput>()?.amount },
                    "accept" => RefundStep::Accepts,
                    "decline" => RefundStep::Declines,
                    "withdraw" => RefundStep::Withdraws,
                    _ => return Err(no_route()),
                };
                (StatusCode::OK, buyer::go_on(self.state.market.shop(&shop_id, now)?, id, step, now))
            }
            ["items", id, "audit"] => {
                let verdict: AuditVerdict = self.input()?;
                (StatusCode::OK, operator::audit(self.state.market.shop(&shop_id, now)?, id, verdict, now))
            }
            ["shipments", id, "carriage"] => {
                let CarriageInput { carriage } = self.input()?;
                (StatusCode::OK, operator::carry(self.state.market.shop(&shop_id, now)?, id, carriage, now))
            }
            ["waybills", id, "print"] => {
                (StatusCode::OK, operator::print(self.state.market.shop(&shop_id, now)?, id, now))
            }
            _ => return Err(no_route()),
        };
        Ok((status, done?))
    }

    /// Plays a scenario. The steps before one that can't happen have happened.
    fn play_scenario(&mut self, shop_id: &str) -> Done {
        let ScenarioInput { buyer_id, steps } = self.input()?;
        if steps.len() > STEPS {
            return Err(Refusal::invalid_field("steps", format!("must have at most {STEPS} entries")));
        }
        let mut teller = Teller::new(buyer_id);
        let mut now = self.now;
        for (index, step) in steps.into_iter().enumerate() {
            if let Step::Waits(WaitInput { seconds }) = step {
                self.state.advance(Duration::from_secs(seconds));
                now = now + Duration::from_secs(seconds);
                continue;
            }
            let shop = self.state.market.shop(shop_id, now)?;
            teller.tell(shop, step, now).map_err(|refusal| at_step(index + 1, refusal))?;
        }
        Ok((StatusCode::CREATED, shown(&teller.end())?))
    }

    /// Lets buyers come to a shop from now on, instead of those that came before.
    fn start_traffic(&mut self, shop_id: &str) -> Done {
        let traffic: Traffic = self.input()?;
        let now = self.now;
        traffic.start(self.state.market.shop(shop_id, now)?, now)?;
        Ok((StatusCode::CREATED, shown(&TrafficReport::of(self.state.market.shop(shop_id, now)?))?))
    }
}
