//! Faults as the control interface writes them.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::{Fault, Harm, InjectedFault, When};
use crate::platform::{Cut, Refusal};

/// A fault that is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultInput {
    effect: Effect,
    status: Option<u16>,
    retry_after_ms: Option<u64>,
    #[serde(default)]
    without_body: bool,
    delay_ms: Option<u64>,
    bytes: Option<usize>,
    pause_ms: Option<u64>,
    #[serde(default)]
    after_effect: bool,
    next: Option<u32>,
    share: Option<f64>,
    seed: Option<u64>,
    method: Option<String>,
    path_prefix: Option<String>,
    operation: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    Status,
    Delay,
    Drop,
    SlowBody,
    CutBody,
}

impl TryFrom<FaultInput> for Fault {
    type Error = Refusal;

    fn try_from(input: FaultInput) -> Result<Self, Refusal> {
        let mut fault = match input.effect {
            Effect::Status => {
                let status = needed("status", input.status)?;
                if !(400..=599).contains(&status) {
                    return Err(Refusal::invalid_field("status", "must be at least 400 and at most 599"));
                }
                Self::status(status)
            }
            Effect::Delay => Self::delay(Duration::from_millis(needed("delay_ms", input.delay_ms)?)),
            Effect::Drop => Self::dropped_connection(),
            Effect::SlowBody => Self::slow_body(
                needed("bytes", input.bytes)?,
                Duration::from_millis(needed("pause_ms", input.pause_ms)?),
            ),
            Effect::CutBody => Self::cut_body(needed("bytes", input.bytes)?),
        };
        if let Some(millis) = input.retry_after_ms {
            fault = fault.retry_after(Duration::from_millis(millis));
        }
        if input.without_body {
            fault = fault.without_body();
        }
        if input.after_effect {
            fault = fault.after_effect();
        }
        fault = match (input.next, input.share) {
            (Some(_), Some(_)) => return Err(Refusal::invalid_field("share", "excludes next")),
            (_, Some(share)) if !(0.0..=1.0).contains(&share) => {
                return Err(Refusal::invalid_field("share", "must be at least 0 and at most 1"));
            }
            (_, Some(share)) => fault.share(share, input.seed.unwrap_or(1)),
            (next, None) => fault.next(next.unwrap_or(1)),
        };
        fault.only.method = input.method;
        fault.only.path_prefix = input.path_prefix;
        fault.only.operation = input.operation;
        Ok(fault)
    }
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::invalid_field(field, "is required for this effect"))
}

/// An injected fault as it is listed, with what it was asked for as.
pub(super) fn listed(injected: &InjectedFault) -> Value {
    let fault = &injected.fault;
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut listed = match fault.harm {
        Harm::Status { status, retry_after, bare } => {
            json!({"effect": "status", "status": status.as_u16(), "retry_after_ms": retry_after.map(millis), "without_body": bare})
        }
        Harm::Delay(delay) => json!({"effect": "delay", "delay_ms": millis(delay)}),
        Harm::Cut(Cut::Connection) => json!({"effect": "drop"}),
        Harm::Cut(Cut::Body { after }) => json!({"effect": "cut_body", "bytes": after}),
        Harm::Pace(pace) => json!({"effect": "slow_body", "bytes": pace.bytes, "pause_ms": millis(pace.pause)}),
    };
    let when = match fault.when {
        When::Next(count) => [("next", json!(count))].to_vec(),
        When::Share { share, seed } => [("share", json!(share)), ("seed", json!(seed))].to_vec(),
    };
    let only = [
        ("method", &fault.only.method),
        ("path_prefix", &fault.only.path_prefix),
        ("operation", &fault.only.operation),
    ];
    if let Value::Object(members) = &mut listed {
        members.insert("id".to_owned(), json!(injected.id));
        members.insert("happened".to_owned(), json!(injected.happened));
        members.insert("after_effect".to_owned(), json!(fault.after_effect));
        members.extend(when.into_iter().map(|(name, value)| (name.to_owned(), value)));
        members.extend(only.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
        members.retain(|_, value| !value.is_null());
    }
    listed
}
