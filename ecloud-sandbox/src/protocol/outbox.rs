//! Events on their way (protocol, section 10): what is to be sent when, and what was acknowledged. It sends nothing itself.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::Timestamp;
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::event_faults::{EventFaults, EventFaultsRow};
use super::event_signature::{self, EventSecret};
use crate::business::Happening;
use crate::dice::Dice;
use crate::doors::Target;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// How long after an attempt the next one follows (Standard Webhooks 1.0, "Deliverability and reliability"); after the last one it
/// gives up.
const DELAYS: [Duration; 9] = {
    const HOUR: u64 = 3600;
    [
        Duration::from_secs(5),
        Duration::from_secs(300),
        Duration::from_secs(1800),
        Duration::from_secs(2 * HOUR),
        Duration::from_secs(5 * HOUR),
        Duration::from_secs(10 * HOUR),
        Duration::from_secs(14 * HOUR),
        Duration::from_secs(20 * HOUR),
        Duration::from_secs(24 * HOUR),
    ]
};
/// How many events are kept. Above that the oldest that is over goes; where none is, the oldest.
const KEPT: usize = 10_000;
/// How many deliveries are made out at a time; the others stay due.
const AT_A_TIME: usize = 10_000;

/// An event that is to be sent now: one attempt, signed.
///
/// `Debug` shows neither headers nor body.
#[derive(Clone)]
#[non_exhaustive]
pub struct EventDelivery {
    /// The event's id, which is its `webhook-id`.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// Which attempt it is, from 1; duplicates of one attempt have the same number.
    pub attempt: u32,
    /// The headers, with the signature.
    pub headers: HeaderMap,
    /// The body that was signed.
    pub body: Bytes,
    number: u64,
}

impl fmt::Debug for EventDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventDelivery")
            .field("event_id", &self.event_id)
            .field("event_type", &self.event_type)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// An event that happened, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PublishedEvent {
    /// The event's id.
    pub event_id: String,
    /// The event's type.
    pub event_type: String,
    /// In which shop it happened.
    pub shop_id: String,
    /// The version of the object that it is about.
    pub version: u64,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// How often it was sent, duplicates not counted.
    pub attempts: u32,
    /// The statuses that it was answered with, first to last; 0 where no answer came.
    pub statuses: Vec<u16>,
    /// When the receiver took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
}

/// The events on their way to one application.
#[derive(Debug)]
pub(crate) struct Outbox {
    subscription: Option<Subscription>,
    pub(crate) faults: EventFaults,
    /// Whether the door that sends has attempts in its hands.
    pub(crate) on_their_way: bool,
    events: BTreeMap<u64, Outgoing>,
    next_number: u64,
    dice: Dice,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Subscription {
    /// Where events are sent; `None` where they are fetched.
    url: Option<String>,
    /// What is signed with, the newest first: two, once the first was replaced.
    secrets: Vec<EventSecret>,
}

#[derive(Debug)]
struct Outgoing {
    published: PublishedEvent,
    body: Bytes,
    /// When the next attempt is due; `None` where none follows.
    due_at: Option<Timestamp>,
}

impl Outbox {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            subscription: None,
            faults: EventFaults::default(),
            on_their_way: false,
            events: BTreeMap::new(),
            next_number: 0,
            dice: Dice::for_purpose(seed, "events"),
        }
    }

    /// Sends what happens from now on, and what wasn't acknowledged yet, to this address.
    pub(crate) fn subscribe(&mut self, url: Option<String>, secret: EventSecret) {
        self.subscription = Some(Subscription { url, secrets: vec![secret] });
    }

    /// Signs with this secret, too, and no longer with any but the one before it. Whether anybody has subscribed.
    pub(crate) fn rotate_secret(&mut self, secret: EventSecret) -> bool {
        let Some(subscription) = &mut self.subscription else { return false };
        subscription.secrets.truncate(1);
        subscription.secrets.insert(0, secret);
        true
    }

    pub(crate) fn unsubscribe(&mut self) {
        self.subscription = None;
        self.events.clear();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.subscription.is_some()
    }

    pub(crate) fn url(&self) -> Option<&str> {
        self.subscription.as_ref()?.url.as_deref()
    }

    /// Takes an event in.
    pub(crate) fn publish(&mut self, happening: Happening, now: Timestamp) {
        if self.subscription.is_none() {
            return;
        }
        self.next_number += 1;
        let event_id = format!("evt_{:08}{:016x}", self.next_number, self.dice.next());
        let body = json!({
            "id": event_id,
            "type": happening.event_type,
            "occurred_at": happening.occurred_at,
            "shop_id": happening.shop_id,
            "version": happening.version,
            "data": happening.data,
        });
        let published = PublishedEvent {
            event_id,
            event_type: happening.event_type.to_owned(),
            shop_id: happening.shop_id,
            version: happening.version,
            occurred_at: happening.occurred_at,
            attempts: 0,
            statuses: Vec::new(),
            acknowledged_at: None,
        };
        let due_at = Some(now + self.faults.hold_back(&mut self.dice));
        self.events.insert(self.next_number, Outgoing { published, body: body.to_string().into(), due_at });
        if self.events.len() > KEPT {
            let over = self.events.iter().find(|(_, event)| event.due_at.is_none()).map(|(number, _)| *number);
            let number = over.or_else(|| self.events.keys().next().copied());
            number.map(|number| self.events.remove(&number));
        }
    }

    /// The attempts that are due. Each counts as failed until it is [answered](Self::answered), and comes again after its delay.
    pub(crate) fn due(&mut self, now: Timestamp) -> Vec<EventDelivery> {
        let Some(subscription) = &self.subscription else { return Vec::new() };
        let mut due = Vec::new();
        for (number, event) in &mut self.events {
            if due.len() >= AT_A_TIME {
                break;
            }
            if event.due_at.is_none_or(|at| at > now) {
                continue;
            }
            let delay = DELAYS.get(event.published.attempts as usize);
            event.published.attempts += 1;
            event.due_at = delay.map(|delay| now + *delay);
            for _ in 0..=self.faults.duplicates {
                due.push(event.sign(*number, &subscription.secrets, &self.faults, &mut self.dice, now));
            }
        }
        if self.faults.shuffled {
            for last in (1..due.len()).rev() {
                due.swap(last, self.dice.below(last as u64 + 1) as usize);
            }
        }
        due
    }

    /// The receiver has answered an attempt with a status, or not at all.
    pub(crate) fn answered(&mut self, delivery: &EventDelivery, status: Option<u16>, now: Timestamp) {
        let Some(event) = self.events.get_mut(&delivery.number) else { return };
        if event.published.event_id != delivery.event_id {
            return;
        }
        event.published.statuses.push(status.unwrap_or(0));
        if status.is_some_and(|status| (200..300).contains(&status)) {
            event.due_at = None;
            event.published.acknowledged_at.get_or_insert(now);
        }
    }

    /// When the next attempt is due.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.events.values().filter_map(|event| event.due_at).min()
    }

    /// All events, oldest first.
    pub(crate) fn list(&self) -> Vec<PublishedEvent> {
        self.events.values().map(|event| event.published.clone()).collect()
    }
}

impl Outgoing {
    fn sign(
        &self,
        number: u64,
        secrets: &[EventSecret],
        faults: &EventFaults,
        dice: &mut Dice,
        now: Timestamp,
    ) -> EventDelivery {
        let sent_at = now - faults.backdate(dice);
        // A forged signature has the right form, and is over another body.
        let signed: &[u8] = if faults.forges(dice) { b"forged" } else { &self.body };
        let id = &self.published.event_id;
        let mut headers = event_signature::headers(secrets, id, sent_at, signed, faults.other_versions);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        EventDelivery {
            event_id: id.clone(),
            event_type: self.published.event_type.clone(),
            attempt: self.published.attempts,
            headers,
            body: self.body.clone(),
            number,
        }
    }
}

/// The outbox as a row of a saved platform, without its events.
#[derive(Serialize, Deserialize)]
struct OutboxRow {
    subscription: Option<Subscription>,
    faults: EventFaultsRow,
    next_number: u64,
    dice: Dice,
}

/// An event as such a row.
#[derive(Serialize, Deserialize)]
struct EventRow {
    number: u64,
    published: PublishedEvent,
    #[serde(with = "crate::snapshot::base64")]
    body: Bytes,
    due_at: Option<Timestamp>,
}

impl Part for Outbox {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        // Whoever had attempts in his hands when the platform was saved has them still; each counts as failed until it is answered.
        let Self { subscription, faults, on_their_way: _, events, next_number, dice } = self;
        let (subscription, faults, dice) = (subscription.clone(), faults.into(), dice.clone());
        writer.row("outbox", &OutboxRow { subscription, faults, next_number: *next_number, dice })?;
        let row = |(number, event): (&u64, &Outgoing)| {
            let Outgoing { published, body, due_at } = event;
            EventRow { number: *number, published: published.clone(), body: body.clone(), due_at: *due_at }
        };
        writer.rows("event", events.iter().map(row))
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "outbox" => {
                let OutboxRow { subscription, faults, next_number, dice } = record.read()?;
                let url = subscription.as_ref().and_then(|subscription| subscription.url.as_deref());
                if url.is_some_and(|url| Target::parse(url).is_none()) {
                    return Err(record.refused("events are told to an address that isn't of this machine"));
                }
                (self.subscription, self.faults) = (subscription, faults.into());
                (self.next_number, self.dice) = (next_number, dice);
            }
            "event" => {
                let EventRow { number, published, body, due_at } = record.read()?;
                self.events.insert(number, Outgoing { published, body, due_at });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
