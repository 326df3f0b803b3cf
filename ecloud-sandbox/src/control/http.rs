//! `/sandbox/v1/…`: the control interface for those who don't write Rust.

use std::str::FromStr;
use std::time::Duration;

use ::http::header::CONTENT_TYPE;
use ::http::{Method, StatusCode};
use ecloud_core::Timestamp;
use ecloud_core::jwt::Algorithm;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::events::{self, CallbackInput, EventFaultsInput, EventSecretInput};
use super::faults::{FaultInput, listed};
use super::oauth::visit;
use super::shown;
use super::traffic::TrafficReport;
use crate::fault::Fault;
use crate::oauth::Owner;
use crate::platform::{Answer, Refusal, Request, RequestBody, Settings, State, reply::Reply};
use crate::protocol::quota::Tier;
use crate::protocol::token::{Grant, Role};
use crate::protocol::token_keys::TokenKeys;
use crate::xml::Format;

/// The path's segments below `/sandbox`, decoded, if the request is for the control interface.
pub(crate) fn route(request: &Request) -> Option<Vec<String>> {
    match segments(request)?.split_first() {
        Some((first, rest)) if first == "sandbox" => Some(rest.to_vec()),
        _ => None,
    }
}

/// The path's segments, each decoded once; `None` where the path isn't well formed.
pub(crate) fn segments(request: &Request) -> Option<Vec<String>> {
    let path = request.target.split('?').next()?.strip_prefix('/')?;
    path.split('/').map(decode).collect()
}

/// A segment, decoded once; `None` where it is empty or not well formed.
pub(super) fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(rest.next()?)? * 16 + digit(rest.next()?)?).ok()?
            }
            plain => plain,
        };
        bytes.push(decoded);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// Answers a request for the control interface.
pub(crate) fn answer(
    state: &mut State,
    settings: &Settings,
    request: &Request,
    path: &[String],
    now: Timestamp,
) -> Answer {
    let request_id = state.next_request_id();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let control = Control { state, settings, request, now };
    let reply = match control.act(&path) {
        Ok((StatusCode::NO_CONTENT, _)) => Reply::success(StatusCode::NO_CONTENT, None, Format::Json),
        Ok((status, value)) => Reply::success(status, Some(value.to_string().into()), Format::Json),
        Err(refusal) => Reply::refusal(&refusal, &request_id, Format::Json),
    };
    reply.into_answer(&request.method, &request_id, now)
}

pub(super) struct Control<'a> {
    pub(super) state: &'a mut State,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) now: Timestamp,
}

pub(super) type Done = Result<(StatusCode, Value), Refusal>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    milliseconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenInput {
    app_key: Option<String>,
    shop_id: Option<String>,
    scopes: Option<Vec<String>>,
    role: Option<String>,
    expires_in_ms: Option<u64>,
    algorithm: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HidingInput {
    hidden: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppInput {
    app_key: String,
    app_secret: String,
    tier: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitInput {
    url: String,
    shop_id: Option<String>,
    scopes: Option<Vec<String>>,
    role: Option<String>,
    #[serde(default)]
    declines: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedirectInput {
    app_key: Option<String>,
    redirect_uri: String,
}

/// In seconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LivesInput {
    access_token: Option<u64>,
    refresh_token: Option<u64>,
    told: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopInput {
    shop_id: String,
}

impl Control<'_> {
    fn act(mut self, path: &[&str]) -> Done {
        if !self.request.from_loopback {
            return Err(no_route());
        }
        let method = &self.request.method;
        let is_read = method == Method::GET || method == Method::HEAD;
        match path {
            ["v1"] if is_read => self.about(),
            ["v1", "clock"] if is_read => Ok((StatusCode::OK, json!({"now": self.now}))),
            ["v1", "faults"] if is_read => {
                let items: Vec<Value> = self.state.faults.list().iter().map(listed).collect();
                Ok((StatusCode::OK, json!({ "items": items })))
            }
            ["v1", "traffic"] if is_read => self.traffic(),
            ["v1", "traffic"] if method == Method::DELETE => self.stop_traffic(),
            ["v1", "requests"] if is_read => Ok((StatusCode::OK, json!({"items": self.state.received.list()}))),
            ["v1", "faults"] if method == Method::DELETE => {
                self.state.faults.clear();
                gone()
            }
            ["v1", "faults", id] if method == Method::DELETE => match id.parse().map(|id| self.state.faults.remove(id))
            {
                Ok(true) => gone(),
                _ => Err(Refusal::rule("sandbox.fault_not_found", "there is no such fault")),
            },
            ["v1", "events"] if is_read => Ok((StatusCode::OK, json!({"items": self.state.outbox.list()}))),
            ["v1", "events", "callback"] if method == Method::DELETE => {
                self.state.unsubscribe();
                gone()
            }
            ["v1", "requests"] if method == Method::DELETE => {
                self.state.received.clear();
                gone()
            }
            ["v1", rest @ ..] if method == Method::POST => self.post(rest),
            _ => Err(no_route()),
        }
    }

    fn post(&mut self, path: &[&str]) -> Done {
        match path {
            ["reset"] => self.reset(),
            ["clock", "advance"] => {
                let Advance { milliseconds } = self.input()?;
                self.state.advance(Duration::from_millis(milliseconds));
                Ok((StatusCode::OK, json!({"now": self.now + Duration::from_millis(milliseconds)})))
            }
            ["faults"] => {
                let fault = Fault::try_from(self.input::<FaultInput>()?)?;
                let id = self.state.faults.inject(fault);
                let injected = self.state.faults.list().into_iter().find(|injected| injected.id == id);
                Ok((StatusCode::CREATED, injected.as_ref().map(listed).unwrap_or_default()))
            }
            ["events", "callback"] => {
                let CallbackInput { url, secret } = self.input()?;
                self.state.subscribe(Some(events::callback(&url)?), events::secret(&secret)?, self.now)?;
                gone()
            }
            ["events", "secret"] => {
                let EventSecretInput { secret } = self.input()?;
                events::rotate(&mut self.state.outbox, &secret)?;
                gone()
            }
            ["events", "faults"] => {
                self.state.outbox.faults = self.input_or_default::<EventFaultsInput>()?.try_into()?;
                gone()
            }
            ["apps"] => self.add_app(),
            ["oauth", what] => self.oauth(what),
            ["tokens"] => self.give_token(),
            ["tokens", "revoke"] => {
                let Revocation { access_token } = self.input()?;
                self.state.tokens.revoke(&access_token);
                gone()
            }
            ["token-keys", change] => self.change_token_keys(change),
            _ => self.post_in_shop(path),
        }
    }

    fn change_token_keys(&mut self, change: &str) -> Done {
        let tokens = &mut self.state.tokens;
        match change {
            "rotate" => tokens.change_keys(TokenKeys::rotate),
            "withdraw" => tokens.change_keys(TokenKeys::withdraw_old),
            "hide" => {
                let HidingInput { hidden } = self.input()?;
                self.state.tokens.change_keys(|keys| keys.hide(hidden));
            }
            _ => return Err(no_route()),
        }
        gone()
    }

    /// How much traffic there was in the shop that is named.
    fn traffic(&mut self) -> Done {
        let (shop_id, now) = (self.shop_id(), self.now);
        match TrafficReport::of(self.state.market.shop(&shop_id, now)?) {
            Some(report) => Ok((StatusCode::OK, shown(&report)?)),
            None => Err(Refusal::rule("sandbox.traffic_not_found", "nobody comes to this shop by himself")),
        }
    }

    fn stop_traffic(&mut self) -> Done {
        let (shop_id, now) = (self.shop_id(), self.now);
        self.state.market.shop(&shop_id, now)?.traffic = None;
        gone()
    }

    fn about(&self) -> Done {
        let about = json!({
            "app_key": self.settings.app_key,
            "shop_id": self.settings.shop_id,
            "tier": self.settings.tier.as_str(),
            "seed": self.settings.seed,
            "now": self.now,
        });
        Ok((StatusCode::OK, about))
    }

    fn reset(&mut self) -> Done {
        let outside_now = self.now - self.state.advanced;
        *self.state = State::new(self.settings, outside_now);
        gone()
    }

    fn add_app(&mut self) -> Done {
        let input: AppInput = self.input()?;
        let tier = named("tier", input.tier)?.unwrap_or(Tier::Standard);
        self.state.add_app(&input.app_key, &input.app_secret, tier);
        Ok((StatusCode::CREATED, json!({"app_key": input.app_key, "tier": tier.as_str()})))
    }

    /// The authorisation server: what a shop's owner does, and how long tokens live.
    fn oauth(&mut self, what: &str) -> Done {
        match what {
            "authorize" => {
                let input: VisitInput = self.input()?;
                let mut grant = Grant::new(input.shop_id.unwrap_or_else(|| self.settings.shop_id.clone()));
                if let Some(scopes) = input.scopes {
                    grant = grant.scopes(scopes);
                }
                if let Some(role) = named::<Role>("role", input.role)? {
                    grant = grant.role(role);
                }
                let owner = if input.declines { Owner::Declines } else { Owner::Agrees };
                let location = visit(self.state, self.settings, &input.url, grant, owner, self.now)?;
                Ok((StatusCode::OK, json!({ "location": location })))
            }
            "redirect_uris" => {
                let input: RedirectInput = self.input()?;
                let app_key = input.app_key.unwrap_or_else(|| self.settings.app_key.clone());
                self.state.oauth.add_redirect(&app_key, &input.redirect_uri);
                gone()
            }
            "lives" => {
                let input: LivesInput = self.input()?;
                let lives = &mut self.state.oauth.lives;
                let seconds = |given: Option<u64>, before| given.map_or(before, Duration::from_secs);
                lives.access = seconds(input.access_token, lives.access);
                lives.refresh = seconds(input.refresh_token, lives.refresh);
                lives.told = input.told.map(Duration::from_secs);
                gone()
            }
            "expire" => {
                let ShopInput { shop_id } = self.input()?;
                self.state.expire_tokens(&shop_id);
                gone()
            }
            "revoke" => {
                let ShopInput { shop_id } = self.input()?;
                self.state.revoke_shop(&shop_id);
                gone()
            }
            _ => Err(no_route()),
        }
    }

    fn give_token(&mut self) -> Done {
        let input: TokenInput = self.input()?;
        let app_key = input.app_key.unwrap_or_else(|| self.settings.app_key.clone());
        let mut grant = Grant::new(input.shop_id.unwrap_or_else(|| self.settings.shop_id.clone()));
        if let Some(scopes) = input.scopes {
            grant = grant.scopes(scopes);
        }
        if let Some(role) = named::<Role>("role", input.role)? {
            grant = grant.role(role);
        }
        if let Some(millis) = input.expires_in_ms {
            grant = grant.expires_at(self.now + Duration::from_millis(millis));
        }
        match input.algorithm.as_deref() {
            None | Some("EdDSA") => {}
            Some("RS256") => grant = grant.signed_by(Algorithm::Rs256),
            Some(_) => return Err(Refusal::invalid_field("algorithm", "is EdDSA or RS256")),
        }
        let shop_id = grant.shop_id.clone();
        let access_token = self.state.give_token(self.settings, &app_key, grant);
        Ok((StatusCode::CREATED, json!({"access_token": access_token, "app_key": app_key, "shop_id": shop_id})))
    }

    fn bytes(&self) -> &[u8] {
        match &self.request.body {
            RequestBody::Whole(bytes) => bytes,
            RequestBody::TooLarge | RequestBody::Incomplete => b"",
        }
    }

    /// The body, which must be JSON and say so: a page in a browser can't send that without being asked first.
    pub(super) fn input<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let content_type =
            self.request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "request.unsupported_media_type",
                "the body must be JSON, with content-type: application/json",
            ));
        }
        serde_json::from_slice(self.bytes())
            .map_err(|error| Refusal::invalid(format!("the body can't be read: {error}")))
    }

    /// The body, or what stands for none.
    pub(super) fn input_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refusal> {
        if self.bytes().is_empty() { Ok(T::default()) } else { self.input() }
    }
}

fn named<T: FromStr>(field: &str, text: Option<String>) -> Result<Option<T>, Refusal>
where
    T::Err: std::fmt::Display,
{
    text.map(|text| text.parse().map_err(|error: T::Err| Refusal::invalid_field(field, error.to_string()))).transpose()
}

fn gone() -> Done {
    Ok((StatusCode::NO_CONTENT, Value::Null))
}

/// Where nothing is, or nothing for the caller.
pub(super) fn no_route() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "request.route_not_found",
        "the control interface has no such route, or none for you",
    )
}
