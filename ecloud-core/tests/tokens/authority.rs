//! An authorisation server of a few lines: it rotates refresh tokens as the protocol says, on a clock that the tests hold.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use ecloud_core::token::{OAuthBuilder, TokenPair, TokensBuilder};
use ecloud_core::transport::{Body, Transport, TransportError};
use ecloud_core::{Clock, ManualClock, OAuth, Random, Timestamp, Tokens};
use http::{Request, Response, StatusCode};

pub(crate) const APP: &str = "demo-app";
pub(crate) const SECRET: &str = "planted-app-secret";
/// How long an access token lives, in seconds.
pub(crate) const LIFE: u64 = 3600;

/// What happens to one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// It never gets there.
    Refuse,
    /// It is done, and the answer is lost.
    LoseAnswer,
    /// It is not done, and this is answered.
    Answer(u16, String),
    /// It is done, and something else is answered.
    Garble(String),
    /// No answer comes, ever; it is not done.
    Hang,
}

#[derive(Clone, Debug)]
pub(crate) struct Authority {
    pub(crate) clock: ManualClock,
    state: Arc<Mutex<State>>,
    /// How often a request is polled before it gets there, and before its answer is back.
    yields: usize,
}

#[derive(Debug, Default)]
struct State {
    steps: VecDeque<Step>,
    refresh_tokens: HashMap<String, Refresh>,
    /// The access tokens that live, and until when.
    access_tokens: HashMap<String, (String, Timestamp)>,
    numbers: HashMap<String, u32>,
    requests: Vec<HashMap<String, String>>,
    refreshed: HashMap<String, u32>,
    /// Grants that were done.
    rotates: bool,
    life: u64,
}

#[derive(Debug, Clone)]
struct Refresh {
    shop: String,
    spent_at: Option<Timestamp>,
    successor: Option<String>,
    is_revoked: bool,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let state = State { rotates: true, life: LIFE, ..State::default() };
        let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
        Self { clock, state: Arc::new(Mutex::new(state)), yields: 3 }
    }

    pub(crate) fn steps(self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.state().steps.extend(steps);
        self
    }

    pub(crate) fn next(&self, step: Step) {
        self.state().steps.push_back(step);
    }

    pub(crate) fn without_rotation(self) -> Self {
        self.state().rotates = false;
        self
    }

    pub(crate) fn life(self, seconds: u64) -> Self {
        self.state().life = seconds;
        self
    }

    pub(crate) fn oauth(&self) -> OAuthBuilder {
        OAuth::builder()
            .endpoint("https://open.example.com")
            .app(APP, SECRET)
            .redirect_uri("https://isv.example.com/callback")
            .clock(Arc::new(self.clock.clone()))
            .random(Random::seeded(1))
            .transport(self.clone())
    }

    pub(crate) fn tokens(&self) -> TokensBuilder {
        Tokens::builder(self.oauth().build().unwrap())
    }

    /// A shop authorises the application.
    pub(crate) fn grant(&self, shop: &str) -> TokenPair {
        let mut state = self.state();
        let (access, refresh) = state.issue(shop, self.clock.now());
        TokenPair::new(access, self.clock.now())
            .unwrap()
            .with_refresh_token(refresh)
            .unwrap()
            .with_expiry(self.clock.now() + Duration::from_secs(state.life))
    }

    /// How often tokens of this shop were refreshed.
    pub(crate) fn refreshed(&self, shop: &str) -> u32 {
        self.state().refreshed.get(shop).copied().unwrap_or(0)
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().requests.len()
    }

    pub(crate) fn request(&self, number: usize) -> HashMap<String, String> {
        self.state().requests[number].clone()
    }

    /// Whether the platform would take this access token.
    pub(crate) fn knows(&self, access_token: &str) -> bool {
        let now = self.clock.now();
        self.state().access_tokens.get(access_token).is_some_and(|(_, end)| now < *end)
    }

    /// The platform ends all access tokens of a shop early.
    pub(crate) fn end(&self, shop: &str) {
        self.state().access_tokens.retain(|_, (of, _)| of != shop);
    }

    /// Somebody else uses the shop's refresh token.
    pub(crate) fn refresh_elsewhere(&self, pair: &TokenPair) -> TokenPair {
        let now = self.clock.now();
        let mut state = self.state();
        let (access, refresh) = state.refresh(pair.refresh_token().unwrap().expose(), now).unwrap();
        let pair = TokenPair::new(access, now).unwrap().with_refresh_token(refresh).unwrap();
        pair.with_expiry(now + Duration::from_secs(state.life))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn answer(&self, form: &HashMap<String, String>) -> Response<Bytes> {
        let now = self.clock.now();
        let mut state = self.state();
        let given = match form.get("grant_type").map(String::as_str) {
            Some("refresh_token") => state.refresh(&form["refresh_token"], now),
            Some("authorization_code") => Some(state.issue(&form["code"], now)),
            Some("client_credentials") => Some(state.issue("application", now)),
            _ => return json(200, "{}".to_owned()),
        };
        match given {
            None => json(400, r#"{"error":"invalid_grant","error_description":"no such refresh token"}"#.to_owned()),
            Some((access, refresh)) => {
                let life = state.life;
                let body = format!(
                    r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{life},"refresh_token":"{refresh}"}}"#
                );
                json(200, body)
            }
        }
    }
}

impl State {
    fn issue(&mut self, shop: &str, now: Timestamp) -> (String, String) {
        let number = self.numbers.entry(shop.to_owned()).or_default();
        *number += 1;
        let (access, refresh) = (format!("planted-a-{shop}-{number}"), format!("planted-r-{shop}-{number}"));
        self.access_tokens.insert(access.clone(), (shop.to_owned(), now + Duration::from_secs(self.life)));
        let entry = Refresh { shop: shop.to_owned(), spent_at: None, successor: None, is_revoked: false };
        self.refresh_tokens.insert(refresh.clone(), entry);
        (access, refresh)
    }

    fn refresh(&mut self, token: &str, now: Timestamp) -> Option<(String, String)> {
        let known = self.refresh_tokens.get(token)?.clone();
        if known.is_revoked {
            return None;
        }
        if let Some(spent_at) = known.spent_at {
            let successor = known.successor.as_deref()?;
            let is_unused = self.refresh_tokens.get(successor).is_some_and(|one| one.spent_at.is_none());
            if !is_unused || now.duration_since(spent_at)? > Duration::from_secs(60) {
                self.refresh_tokens
                    .values_mut()
                    .filter(|one| one.shop == known.shop)
                    .for_each(|one| one.is_revoked = true);
                self.access_tokens.retain(|_, (shop, _)| *shop != known.shop);
                return None;
            }
            let successor = successor.to_owned();
            self.refresh_tokens.get_mut(&successor)?.is_revoked = true;
        }
        *self.refreshed.entry(known.shop.clone()).or_default() += 1;
        let (access, refresh) = self.issue(&known.shop, now);
        if !self.rotates {
            self.refresh_tokens.remove(&refresh);
            return Some((access, token.to_owned()));
        }
        let entry = self.refresh_tokens.get_mut(token)?;
        entry.spent_at.get_or_insert(now);
        entry.successor = Some(refresh.clone());
        Some((access, refresh))
    }
}

#[async_trait::async_trait]
impl Transport for Authority {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (_, body) = request.into_parts();
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(body.as_bytes().unwrap()).into_owned().collect();
        for _ in 0..self.yields {
            tokio::task::yield_now().await;
        }
        let step = {
            let mut state = self.state();
            state.requests.push(form.clone());
            state.steps.pop_front()
        };
        let answer = match step {
            None => self.answer(&form),
            Some(Step::Refuse) => return Err(TransportError::not_sent("connection refused")),
            Some(Step::LoseAnswer) => {
                self.answer(&form);
                return Err(TransportError::outcome_unknown("connection reset"));
            }
            Some(Step::Answer(status, body)) => json(status, body),
            Some(Step::Garble(body)) => {
                self.answer(&form);
                json(200, body)
            }
            Some(Step::Hang) => std::future::pending().await,
        };
        for _ in 0..self.yields {
            tokio::task::yield_now().await;
        }
        Ok(answer.map(Body::from))
    }
}

fn json(status: u16, body: String) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

/// The text of a token that is handed out.
pub(crate) fn text(token: &ecloud_core::AccessToken) -> String {
    token.bearer().to_str().unwrap().strip_prefix("Bearer ").unwrap().to_owned()
}
