//! Events: where they go, what goes wrong with them, and what became of them.

use std::time::Duration;

use serde::Deserialize;

use super::ControlError;
use crate::doors::Target;
use crate::platform::Refusal;
use crate::protocol::event_faults::EventFaults;
use crate::protocol::event_signature::EventSecret;
use crate::protocol::outbox::{EventDelivery, Outbox, PublishedEvent};
use crate::sandbox::Sandbox;

impl Sandbox {
    /// Tells what happens from now on to a callback on this machine, as the platform does: signed with `secret` (`whsec_…`), at least once, again
    /// with growing delays until it gets a 2xx, by the platform's clock. One attempt at a time, each for 15 s at most.
    ///
    /// It runs on the tokio runtime that it is called on, and ends with the sandbox.
    ///
    /// # Errors
    ///
    /// `sandbox.callback_refused` for an address that isn't `http` on `localhost`, 127.0.0.0/8 or `[::1]`: a sandbox talks to nobody else.
    /// `request.invalid` for a secret of another form.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn deliver_to(&self, url: &str, secret: &str) -> Result<(), ControlError> {
        self.subscribe(Some(callback(url)?), secret)?;
        self.open_callbacks();
        Ok(())
    }

    /// Keeps what happens from now on for [`events`](Self::events), signed with `secret` (`whsec_…`).
    ///
    /// # Errors
    ///
    /// `request.invalid` for a secret of another form.
    pub fn keep_events(&self, secret: &str) -> Result<(), ControlError> {
        self.subscribe(None, secret)
    }

    /// Signs with a second secret (`whsec_…`) from now on, as a platform does while secrets rotate: every delivery has a signature by it and
    /// one by the secret before it. Those before that are dropped.
    ///
    /// # Errors
    ///
    /// `request.invalid` for a secret of another form, `sandbox.callback_not_found` where events are neither delivered nor kept.
    pub fn rotate_event_secret(&self, secret: &str) -> Result<(), ControlError> {
        Ok(rotate(&mut self.platform().state().outbox, secret)?)
    }

    /// Tells nothing any more, and forgets what was told.
    pub fn stop_events(&self) {
        self.platform().state().unsubscribe();
    }

    /// The attempts that are due now, 10,000 or so at most, for a receiver in the same process. What isn't [answered](Self::answer_event) with a 2xx is due
    /// again after its delay.
    pub fn events(&self) -> Vec<EventDelivery> {
        self.platform().due_events(self.outside_now())
    }

    /// Waits until all that is due now was sent to the callback and answered, or given up. On a manual clock nothing more comes then until the
    /// clock is moved. Returns at once where there is no callback.
    pub async fn events_rest(&self) {
        self.platform().callbacks_rest(&**self.clock()).await;
    }

    /// Answers an attempt with a status: a 2xx acknowledges the event.
    pub fn answer_event(&self, delivery: &EventDelivery, status: u16) {
        self.platform().event_answered(delivery, Some(status), self.outside_now());
    }

    /// What goes wrong with events from now on.
    pub fn set_event_faults(&self, faults: EventFaults) {
        self.platform().state().outbox.faults = faults;
    }

    /// The events so far, oldest first: how often each was sent, and what was answered. 10,000 are kept; those that are over go first.
    pub fn published_events(&self) -> Vec<PublishedEvent> {
        self.platform().state().outbox.list()
    }

    fn subscribe(&self, url: Option<String>, secret: &str) -> Result<(), ControlError> {
        let secret = self::secret(secret)?;
        let now = self.now();
        self.platform().state().subscribe(url, secret, now)?;
        self.platform().stirred.notify_one();
        Ok(())
    }
}

/// Where events are to go.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallbackInput {
    pub(super) url: String,
    pub(super) secret: String,
}

/// What events are signed with, too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventSecretInput {
    pub(super) secret: String,
}

/// What is to go wrong with events.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EventFaultsInput {
    duplicates: u32,
    shuffled: bool,
    forged_share: f64,
    other_versions: bool,
    held_back_share: f64,
    held_back_ms: u64,
    backdated_share: f64,
    backdated_ms: u64,
}

impl TryFrom<EventFaultsInput> for EventFaults {
    type Error = Refusal;

    fn try_from(input: EventFaultsInput) -> Result<Self, Refusal> {
        for (field, share) in [
            ("forged_share", input.forged_share),
            ("held_back_share", input.held_back_share),
            ("backdated_share", input.backdated_share),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return Err(Refusal::invalid_field(field, "must be from 0 to 1"));
            }
        }
        if input.duplicates > 100 {
            return Err(Refusal::invalid_field("duplicates", "must be at most 100"));
        }
        let faults = Self::new()
            .duplicates(input.duplicates)
            .forged(input.forged_share)
            .held_back(input.held_back_share, Duration::from_millis(input.held_back_ms))
            .backdated(input.backdated_share, Duration::from_millis(input.backdated_ms));
        let faults = if input.other_versions { faults.other_versions() } else { faults };
        Ok(if input.shuffled { faults.shuffled() } else { faults })
    }
}

/// The address of a callback, if it is one of this machine.
pub(super) fn callback(url: &str) -> Result<String, Refusal> {
    match Target::parse(url) {
        Some(_) => Ok(url.to_owned()),
        None => Err(Refusal::rule(
            "sandbox.callback_refused",
            "a sandbox tells events only to `http` on localhost, 127.0.0.0/8 or [::1]",
        )),
    }
}

pub(super) fn secret(text: &str) -> Result<EventSecret, Refusal> {
    let form = "must be `whsec_` and 24 to 64 bytes in base64";
    EventSecret::parse(text).ok_or_else(|| Refusal::invalid_field("secret", form))
}

pub(super) fn rotate(outbox: &mut Outbox, text: &str) -> Result<(), Refusal> {
    let secret = secret(text)?;
    match outbox.rotate_secret(secret) {
        true => Ok(()),
        false => Err(Refusal::rule("sandbox.callback_not_found", "nobody is told events")),
    }
}
