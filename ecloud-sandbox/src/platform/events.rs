//! Events as data: what has happened goes into the outbox, and comes out of it as attempts for whoever sends them.

use ecloud_core::{Clock, Timestamp};

use super::{Platform, Refusal, State};
use crate::protocol::event_signature::EventSecret;
use crate::protocol::outbox::EventDelivery;

impl Platform {
    /// Puts what has happened into the outbox, and wakes the door that sends.
    pub(crate) fn tell(&self, state: &mut State, now: Timestamp) {
        if state.outbox.is_open() {
            state.tell(now);
            self.stirred.notify_one();
        }
    }

    /// The attempts that are due at `now`, by the clock outside.
    pub(crate) fn due_events(&self, now: Timestamp) -> Vec<EventDelivery> {
        let mut state = self.state();
        let now = now + state.advanced;
        state.tell(now);
        state.outbox.due(now)
    }

    /// The attempts for a callback that are due at `now`, and its address. They are on their way until they [were sent](Self::callbacks_sent).
    pub(crate) fn due_callbacks(&self, now: Timestamp) -> Option<(String, Vec<EventDelivery>)> {
        let mut state = self.state();
        let url = state.outbox.url()?.to_owned();
        let now = now + state.advanced;
        state.tell(now);
        let due = state.outbox.due(now);
        state.outbox.on_their_way = !due.is_empty();
        Some((url, due))
    }

    /// All attempts that were due were sent.
    pub(crate) fn callbacks_sent(&self) {
        self.state().outbox.on_their_way = false;
        self.rested.notify_waiters();
    }

    /// Waits until nothing is due or on its way to the callback at the time of `clock`.
    pub(crate) async fn callbacks_rest(&self, clock: &dyn Clock) {
        loop {
            let rested = self.rested.notified();
            let is_due = self.next_event_in(clock.now()).is_some_and(|wait| wait.is_zero());
            if !is_due && !self.state().outbox.on_their_way {
                return;
            }
            rested.await;
        }
    }

    /// What a receiver has answered to an attempt; `None` where nothing came.
    pub(crate) fn event_answered(&self, delivery: &EventDelivery, status: Option<u16>, now: Timestamp) {
        let mut state = self.state();
        let now = now + state.advanced;
        state.outbox.answered(delivery, status, now);
    }

    /// How long after `now` something may be to be sent again: an attempt, or what time brings to a shop.
    pub(crate) fn next_event_in(&self, now: Timestamp) -> Option<std::time::Duration> {
        let state = self.state();
        state.outbox.url()?;
        let at = state.outbox.next_at().into_iter().chain(state.market.next_at()).min()?;
        Some(at.duration_since(now + state.advanced).unwrap_or_default())
    }
}

impl State {
    /// Tells the application what happens from now on.
    pub(crate) fn subscribe(
        &mut self,
        url: Option<String>,
        secret: EventSecret,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.market.watch(now)?;
        self.outbox.subscribe(url, secret);
        Ok(())
    }

    /// Tells nothing any more, and forgets what was told.
    pub(crate) fn unsubscribe(&mut self) {
        self.market.look_away();
        self.outbox.unsubscribe();
    }

    fn tell(&mut self, now: Timestamp) {
        if self.outbox.is_open() {
            for happening in self.market.happenings(now) {
                self.outbox.publish(happening, now);
            }
        }
    }
}
