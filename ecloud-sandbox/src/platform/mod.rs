//! The platform: everything but the sockets. A request and the time go in, an answer comes out.

mod events;
mod file;
mod market;
mod pipeline;
mod refusal;
pub(crate) mod reply;
mod request;
mod saving;
mod settings;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_core::dialect::ecloud::{NonceMemory, SigningKey};
use tokio::sync::Notify;

pub(crate) use file::sha256;
pub(crate) use market::Market;
pub(crate) use refusal::{Detail, Refusal};
pub use request::{Answer, Cut, Pace, Request, RequestBody};
pub(crate) use settings::Settings;

use crate::control;
use crate::dice::Dice;
use crate::fault::Faults;
use crate::oauth::OAuth;
use crate::protocol::cursor::Cursors;
use crate::protocol::data_keys::Security;
use crate::protocol::idempotency::Idempotency;
use crate::protocol::outbox::Outbox;
use crate::protocol::quota::{Quotas, Tier};
use crate::protocol::token::{Grant, Tokens};
use crate::received::ReceivedLog;

/// A whole platform in memory, without any I/O: the heart behind the sandbox's doors.
///
/// ```
/// use ecloud_sandbox::{Request, Sandbox};
/// use http::Method;
///
/// let sandbox = Sandbox::builder().build();
/// let request = Request::new(Method::GET, "/trade/v1/orders");
/// let answer = sandbox.platform().answer(&request, sandbox.now());
/// assert_eq!(answer.response.status(), 400, "the request has no headers");
/// ```
#[derive(Debug)]
pub struct Platform {
    settings: Settings,
    /// The token that allows everything in the demo shop.
    access_token: AccessToken,
    state: Mutex<State>,
    /// Whether the clock outside was given to the sandbox, and need not be the system's.
    given_clock: bool,
    /// Wakes the door that sends events.
    pub(crate) stirred: Arc<Notify>,
    /// Wakes those who wait until that door has sent what was due.
    rested: Notify,
}

/// All that changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) market: Market,
    pub(crate) apps: Vec<App>,
    pub(crate) tokens: Tokens,
    pub(crate) oauth: OAuth,
    pub(crate) nonces: NonceMemory,
    pub(crate) quotas: Quotas,
    pub(crate) idempotency: Idempotency,
    pub(crate) cursors: Cursors,
    pub(crate) security: Security,
    pub(crate) faults: Faults,
    pub(crate) outbox: Outbox,
    pub(crate) received: ReceivedLog,
    /// How far the platform's clock was put forward.
    pub(crate) advanced: Duration,
    /// The platform's time as of what it is doing: tokens are given out at it.
    now: Timestamp,
    ids: Dice,
}

/// An application that the platform knows.
pub(crate) struct App {
    pub(crate) app_key: String,
    /// What the key is made of.
    secret: String,
    pub(crate) key: SigningKey,
    pub(crate) tier: Tier,
}

impl App {
    fn new(app_key: &str, secret: &str, tier: Tier) -> Self {
        let key = SigningKey::new(secret.as_bytes());
        Self { app_key: app_key.to_owned(), secret: secret.to_owned(), key, tier }
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("app_key", &self.app_key).field("tier", &self.tier).finish_non_exhaustive()
    }
}

impl Platform {
    pub(crate) fn new(settings: Settings, now: Timestamp) -> Self {
        let mut state = State::new(&settings, now);
        let access_token = state.demo_token(&settings);
        Self::of(settings, access_token, state)
    }

    fn of(settings: Settings, access_token: String, state: State) -> Self {
        let (access_token, state) = (AccessToken(access_token), Mutex::new(state));
        Self { settings, access_token, state, given_clock: false, stirred: Arc::default(), rested: Notify::new() }
    }

    /// This platform, going by a clock that was given to it or by the system's.
    pub(crate) fn by_given_clock(self, given_clock: bool) -> Self {
        Self { given_clock, ..self }
    }

    /// The token that allows everything in the demo shop.
    pub(crate) fn access_token(&self) -> &str {
        &self.access_token.0
    }

    /// Gives an application a token, at the time outside.
    pub(crate) fn issue_token(&self, app_key: &str, grant: Grant, outside_now: Timestamp) -> String {
        let mut state = self.state();
        state.now = outside_now + state.advanced;
        state.give_token(&self.settings, app_key, grant)
    }

    /// Answers a request that came in at `now`, by the clock outside; the platform's own may have been put forward.
    pub fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let mut state = self.state();
        let outside_now = now;
        let now = now + state.advanced;
        state.now = now;
        let answer = match control::route(request) {
            Some(path) if control::is_about_snapshots(&path, &request.method) => {
                self.answer_about_snapshots(&mut state, request, now)
            }
            Some(path) => control::answer(&mut state, &self.settings, request, &path, now),
            None => state.answer(&self.settings, request, now),
        };
        // The clock may have been put forward meanwhile.
        let now = outside_now + state.advanced;
        self.tell(&mut state, now);
        answer
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins anew, as if it had just been started at `now`, by the clock outside.
    pub(crate) fn reset(&self, now: Timestamp) {
        let mut state = State::new(&self.settings, now);
        // A JWT speaks for itself; an opaque one has to be known again.
        state.demo_token(&self.settings);
        *self.state() = state;
    }
}

impl State {
    /// Puts the platform's clock forward.
    pub(crate) fn advance(&mut self, duration: Duration) {
        self.advanced = self.advanced.saturating_add(duration);
    }

    pub(crate) fn new(settings: &Settings, now: Timestamp) -> Self {
        Self {
            market: Market::new(settings, now),
            apps: vec![App::new(&settings.app_key, &settings.app_secret, settings.tier)],
            tokens: Tokens::new(settings.secret("token keys")),
            oauth: OAuth::new(&settings.app_key),
            nonces: NonceMemory::new(settings.nonce_capacity),
            quotas: Quotas::default(),
            idempotency: Idempotency::default(),
            cursors: Cursors::new(&settings.secret("cursors")),
            security: Security::new(settings.secret("data keys")),
            faults: Faults::default(),
            outbox: Outbox::new(settings.seed),
            received: ReceivedLog::new(settings.received_capacity),
            advanced: Duration::ZERO,
            now,
            ids: Dice::for_purpose(settings.seed, "request ids"),
        }
    }

    pub(crate) fn next_request_id(&mut self) -> String {
        format!("req-{:016x}", self.ids.next())
    }

    /// Adds an application, or replaces the one with this key.
    pub(crate) fn add_app(&mut self, app_key: &str, app_secret: &str, tier: Tier) {
        self.apps.retain(|app| app.app_key != app_key);
        self.apps.push(App::new(app_key, app_secret, tier));
    }

    /// The token that allows everything in the demo shop.
    fn demo_token(&mut self, settings: &Settings) -> String {
        let everything = Grant::new(settings.shop_id.clone());
        match &settings.access_token {
            Some(token) => {
                self.tokens.give(token.clone(), &settings.app_key, everything);
                token.clone()
            }
            None => self.make_token(settings, 0, &settings.app_key, everything),
        }
    }

    /// Gives an application a token, as of now, whose name follows from the seed and from what was given before.
    pub(crate) fn give_token(&mut self, settings: &Settings, app_key: &str, grant: Grant) -> String {
        let number = self.ids.next();
        self.make_token(settings, number, app_key, grant)
    }

    fn make_token(&mut self, settings: &Settings, number: u64, app_key: &str, grant: Grant) -> String {
        let tier = self.apps.iter().find(|app| app.app_key == app_key).map_or(settings.tier, |app| app.tier);
        self.tokens.make(settings.token_form, &settings.token_id(number), (app_key, tier), grant, self.now)
    }
}

/// A token that `Debug` shows nothing of.
struct AccessToken(String);

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
