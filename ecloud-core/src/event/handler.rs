//! All that a receiver does with a delivery, but for what the event means.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::duplicates::{Admission, DuplicateGuard};
use super::envelope::Envelope;
use super::versions::{VersionGuard, named};
use super::{Acknowledgement, Event, EventData, EventOutcome, WebhookVerifier};
use crate::Error;

/// How many events and how many objects are remembered.
const CAPACITY: usize = 100_000;
/// How long events are remembered: longer than a platform tries to deliver one (three days in Standard Webhooks 1.0).
const WINDOW: Duration = Duration::from_secs(96 * 3600);

/// What becomes of an event that is older than what was handled of the same object.
///
/// Where the [object](EventData::object) isn't known, as of an [`UntypedEvent`](super::UntypedEvent) and of types that a generated enum doesn't
/// know, nothing is older than anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StaleEvents {
    /// It is handled like any other, and says so in [`Event::stale`]. For those who do something at each event.
    #[default]
    Handle,
    /// It is acknowledged and not handled. For those who keep a copy of the object: then events of one object are handled one at a time, and one that
    /// comes meanwhile is asked to come again.
    Skip,
}

/// Receives deliveries: verifies them, hands each event once to a function, and says what to answer.
///
/// An event counts as handled when the function has returned `Ok`. If it fails, panics or is cancelled (since the connection broke, for
/// example), the platform is told to send the event again, and it comes as if for the first time. So the function is called once for
/// each event that it handles, as far as [memory](DuplicateGuard) reaches: what must hold beyond that belongs into the function's
/// own transaction.
///
/// Platforms wait for 15 to 30 s. What takes longer should be written down in the function and done elsewhere.
///
/// `T` is what events are read as; see the [module](super) for an example. It is shared by reference or in an `Arc`.
pub struct WebhookHandler<T> {
    verifier: WebhookVerifier,
    handled: DuplicateGuard,
    versions: VersionGuard,
    busy: DuplicateGuard,
    stale: StaleEvents,
    reads: PhantomData<fn() -> T>,
}

impl<T: EventData> WebhookHandler<T> {
    /// A handler of what this verifier finds genuine; it goes by the verifier's clock.
    pub fn new(verifier: WebhookVerifier) -> Self {
        let clock = Arc::clone(verifier.the_clock());
        Self {
            handled: DuplicateGuard::new(CAPACITY, WINDOW, Arc::clone(&clock)),
            versions: VersionGuard::new(CAPACITY),
            busy: DuplicateGuard::new(0, Duration::ZERO, clock),
            stale: StaleEvents::default(),
            verifier,
            reads: PhantomData,
        }
    }

    /// How many handled events and how many objects are remembered, and events for how long; 100,000 and 96 hours unless given, which
    /// take at most about 25 MB.
    #[must_use]
    pub fn remember(mut self, capacity: usize, window: Duration) -> Self {
        self.handled = DuplicateGuard::new(capacity, window, Arc::clone(self.verifier.the_clock()));
        self.versions = VersionGuard::new(capacity);
        self
    }

    /// What becomes of events that are older than what was handled; they are handled unless given.
    #[must_use]
    pub fn stale_events(mut self, stale: StaleEvents) -> Self {
        self.stale = stale;
        self
    }

    /// What says which deliveries are genuine; for changing its secrets.
    pub fn verifier(&self) -> &WebhookVerifier {
        &self.verifier
    }

    /// Takes a delivery: its headers, and its body exactly as it came.
    ///
    /// `function` is called at most once, and not for duplicates.
    pub async fn handle<F, R, E>(&self, headers: &HeaderMap, body: &[u8], function: F) -> Acknowledgement
    where
        F: FnOnce(Event<T>) -> R,
        R: Future<Output = Result<(), E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        match self.take(headers, body, function).await {
            Ok(acknowledgement) => acknowledgement,
            Err(refusal) => Acknowledgement::refused(refusal),
        }
    }

    async fn take<F, R, E>(&self, headers: &HeaderMap, body: &[u8], function: F) -> Result<Acknowledgement, Error>
    where
        F: FnOnce(Event<T>) -> R,
        R: Future<Output = Result<(), E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let envelope = Envelope::read(self.verifier.verify(headers, body)?.body)?;
        let claim = match self.handled.admit(&envelope.id) {
            Admission::First(claim) => claim,
            Admission::UnderWay => return Ok(Acknowledgement::under_way()),
            Admission::Done => return Ok(Acknowledgement::done(EventOutcome::Duplicate)),
        };
        let mut event: Event<T> = envelope.open()?;
        let object = event.data.object().map(|object| (object.kind.to_owned(), object.id.to_owned()));
        let object = object.as_ref().map(|(kind, id)| super::EventObject { kind, id });
        let (shop_id, version) = (event.shop_id.clone(), event.version);

        // Held until the end: an older event of the object must not overtake this one while it is handled.
        let _turn = match object.filter(|_| self.stale == StaleEvents::Skip) {
            Some(object) => match self.busy.admit_name(named(shop_id.as_str(), object)) {
                Admission::First(turn) => Some(turn),
                Admission::UnderWay | Admission::Done => return Ok(Acknowledgement::under_way()),
            },
            None => None,
        };
        event.stale = object.is_some_and(|object| self.versions.is_stale(shop_id.as_str(), object, version));
        if event.stale && self.stale == StaleEvents::Skip {
            claim.done();
            return Ok(Acknowledgement::done(EventOutcome::Skipped));
        }
        if let Err(failure) = function(event).await {
            return Ok(Acknowledgement::failed(failure.into()));
        }
        if let Some(object) = object {
            self.versions.handled(shop_id.as_str(), object, version);
        }
        claim.done();
        Ok(Acknowledgement::done(EventOutcome::Handled))
    }
}

impl<T> fmt::Debug for WebhookHandler<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookHandler")
            .field("verifier", &self.verifier)
            .field("handled", &self.handled)
            .field("versions", &self.versions)
            .field("stale_events", &self.stale)
            .finish_non_exhaustive()
    }
}
