//! Section 5, the authorisation server: the page that asks a shop's owner, the endpoint that gives tokens, and the one that takes them back.
//!
//! Access tokens are given by the platform's one way to give them ([`State::give_token`]); here is what comes before and after: codes, refresh tokens
//! and the families that they form.

mod authorize;
mod credentials;
mod families;
mod grants;
mod refusal;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use ecloud_core::Timestamp;
use http::{HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

pub(crate) use self::authorize::Owner;
pub(crate) use self::families::Families;
pub(crate) use self::refusal::OAuthRefusal;

use self::authorize::{Code, CodeRow};
use crate::control;
use crate::platform::reply::Reply;
use crate::platform::{Request, Settings, State};
use crate::snapshot::{Part, Record, SnapshotError, Writer};
use crate::xml::Format;

/// Where a platform sends shop owners back to, unless another address is registered.
pub(crate) const REDIRECT_URI: &str = "https://isv.example.com/callback";

/// What the authorisation server knows.
#[derive(Debug)]
pub(crate) struct OAuth {
    /// Addresses by application, to be matched exactly.
    redirects: HashMap<String, BTreeSet<String>>,
    codes: HashMap<String, Code>,
    pub(crate) families: Families,
    pub(crate) lives: Lives,
}

/// How long things live.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Lives {
    pub(crate) access: Duration,
    pub(crate) refresh: Duration,
    pub(crate) code: Duration,
    /// What an answer tells of an access token's life, where that isn't the truth.
    pub(crate) told: Option<Duration>,
}

impl OAuth {
    pub(crate) fn new(app_key: &str) -> Self {
        let lives = Lives {
            access: Duration::from_secs(2 * 3600),
            refresh: Duration::from_secs(30 * 24 * 3600),
            code: Duration::from_secs(600),
            told: None,
        };
        let mut oauth = Self { redirects: HashMap::new(), codes: HashMap::new(), families: Families::default(), lives };
        oauth.add_redirect(app_key, REDIRECT_URI);
        oauth
    }

    /// Registers an address that an application's shop owners may be sent back to.
    pub(crate) fn add_redirect(&mut self, app_key: &str, address: &str) {
        self.redirects.entry(app_key.to_owned()).or_default().insert(address.to_owned());
    }
}

/// The server as a row of a saved platform, without what grows.
#[derive(Serialize, Deserialize)]
struct OAuthRow {
    redirects: BTreeMap<String, BTreeSet<String>>,
    lives: Lives,
}

impl Part for OAuth {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        let Self { redirects, codes, families, lives } = self;
        let redirects = redirects.iter().map(|(app_key, known)| (app_key.clone(), known.clone())).collect();
        writer.row("oauth", &OAuthRow { redirects, lives: *lives })?;
        let codes: BTreeMap<_, _> = codes.iter().collect();
        writer.rows("code", codes.into_iter().map(|(code, entry)| CodeRow::of(code, entry)))?;
        families.save(writer)
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "oauth" => {
                let OAuthRow { redirects, lives } = record.read()?;
                (self.redirects, self.lives) = (redirects.into_iter().collect(), lives);
            }
            "code" => {
                let (code, entry) = record.read::<CodeRow>()?.read(record)?;
                self.codes.insert(code, entry);
            }
            _ => return self.families.restore(record),
        }
        Ok(true)
    }
}

/// One of the server's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Authorize,
    Token,
    Revoke,
}

/// The route that a request is for, however its path is encoded. A method that a route doesn't have is none.
pub(crate) fn route(request: &Request) -> Option<Route> {
    let segments = control::segments(request)?;
    let [first, second] = segments.as_slice() else { return None };
    match (&request.method, first.as_str(), second.as_str()) {
        (&Method::GET, "oauth2", "authorize") => Some(Route::Authorize),
        (&Method::POST, "oauth2", "token") => Some(Route::Token),
        (&Method::POST, "oauth2", "revoke") => Some(Route::Revoke),
        _ => None,
    }
}

impl State {
    /// A text that follows from the seed and from what was given before.
    fn random_text(&mut self, settings: &Settings) -> String {
        let number = self.next_request_id();
        settings.secret(&number)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Ends a shop's access tokens before their time.
    pub(crate) fn expire_tokens(&mut self, shop_id: &str) {
        for token in self.oauth.families.access_tokens(shop_id) {
            self.tokens.end(token);
        }
    }

    /// Takes back all that a shop has allowed.
    pub(crate) fn revoke_shop(&mut self, shop_id: &str) {
        for token in self.oauth.families.revoke_shop(shop_id) {
            self.tokens.revoke(&token);
        }
    }

    /// Answers a request to the authorisation server, and tells the code of a refusal.
    pub(crate) fn answer_oauth(
        &mut self,
        settings: &Settings,
        route: Route,
        request: &Request,
        now: Timestamp,
    ) -> (Reply, Option<String>) {
        let outcome = match route {
            Route::Authorize => self.ask_owner(settings, request, now),
            Route::Token => self.grant(settings, request, now),
            Route::Revoke => self.take_back(request),
        };
        match outcome {
            Ok(reply) => (reply, None),
            Err(refusal) => {
                let code = refusal.code().to_owned();
                (refusal.into_reply(), Some(code))
            }
        }
    }
}

/// A success with a JSON body.
fn json(value: &serde_json::Value) -> Reply {
    Reply::success(StatusCode::OK, Some(value.to_string().into()), Format::Json)
}

/// Sends a browser on.
fn redirect(address: &str) -> Result<Reply, OAuthRefusal> {
    let location =
        HeaderValue::from_str(address).map_err(|_| OAuthRefusal::request("the address fits in no header"))?;
    let mut reply = Reply::success(StatusCode::FOUND, None, Format::Json);
    reply.headers.insert(header::LOCATION, location);
    Ok(reply)
}
