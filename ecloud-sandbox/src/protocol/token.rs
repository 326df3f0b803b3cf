//! Section 5, as far as calls need it: an access token is a JWT that names the application, the shop, the scopes and the role; an opaque one where
//! the settings say so. Here is the one place where tokens are made out, and the one where they are checked, whoever gave them out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use ecloud_core::Timestamp;
use ecloud_core::jwt::{Algorithm, Claims, Verifier};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use super::quota::Tier;
use super::token_keys::TokenKeys;
use crate::description::{Description, Operation};
use crate::platform::Refusal;
use crate::snapshot::{Part, Record, SnapshotError, Writer};

/// What the platform calls itself in `iss`.
pub(crate) const ISSUER: &str = "https://sandbox.ecloud.example";
/// How long a token lives that lives for ever.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
/// How many verified tokens are kept in mind.
const VERIFIED: usize = 10_000;

/// What a person does with the platform, as far as a token tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A shop's business: sells, ships, refunds.
    #[default]
    Business,
    /// An application's developer.
    Developer,
    /// The platform's operator.
    Operator,
}

impl Role {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownRole;

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a role is business, developer or operator")
    }
}

impl std::error::Error for UnknownRole {}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Business, Self::Developer, Self::Operator]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// What a token allows.
///
/// ```
/// use ecloud_sandbox::{Grant, Role};
///
/// let read_only = Grant::new("shop-2").scopes(["trade:read"]).role(Role::Developer);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Empty for an application that acts for itself.
    pub(crate) shop_id: String,
    pub(crate) scopes: Option<BTreeSet<String>>,
    pub(crate) role: Role,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) algorithm: Algorithm,
}

impl Grant {
    /// Everything that the business of `shop_id` may do, for ever.
    pub fn new(shop_id: impl Into<String>) -> Self {
        Self {
            shop_id: shop_id.into(),
            scopes: None,
            role: Role::Business,
            expires_at: None,
            algorithm: Algorithm::EdDsa,
        }
    }

    /// Only these scopes, for example `trade:read`.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// For this role instead of the business.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// In a token that is signed so; by EdDSA unless given. RS256 is signed with a key that all sandboxes share.
    #[must_use]
    pub fn signed_by(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Only before this moment, by the platform's clock.
    #[must_use]
    pub fn expires_at(mut self, moment: Timestamp) -> Self {
        self.expires_at = Some(moment);
        self
    }
}

/// What the tokens look like that are given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenForm {
    #[default]
    Jwt,
    Opaque,
}

/// The tokens that the platform has given out: what a JWT grants stands in it, so only what it doesn't say is kept.
pub(crate) struct Tokens {
    pub(crate) keys: TokenKeys,
    /// Opaque tokens: application and grant.
    opaque: HashMap<String, (String, Grant)>,
    /// The `jti` of JWTs that were taken back.
    revoked: HashSet<String>,
    /// Tokens that were ended before their time.
    ended: HashSet<String>,
    /// JWTs whose signature was verified, so that a simulation doesn't do it for each call.
    verified: HashMap<String, Claims>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("keys", &self.keys).field("opaque", &self.opaque.len()).finish_non_exhaustive()
    }
}

impl Tokens {
    /// No tokens yet; the keys follow from the secret.
    pub(crate) fn new(secret: [u8; 32]) -> Self {
        Self {
            keys: TokenKeys::new(secret),
            opaque: HashMap::new(),
            revoked: HashSet::new(),
            ended: HashSet::new(),
            verified: HashMap::new(),
        }
    }

    /// Makes out a token for what `grant` allows an application, given out at `now` under the name `id`: a JWT, whose `sub` is the application
    /// where it acts for itself (RFC 9068, section 2.2), or an opaque one.
    pub(crate) fn make(
        &mut self,
        form: TokenForm,
        id: &str,
        app: (&str, Tier),
        grant: Grant,
        now: Timestamp,
    ) -> String {
        match form {
            TokenForm::Jwt => self.sign(id, app, &grant, now),
            TokenForm::Opaque => {
                let token = format!("opaque-{id}");
                self.give(token.clone(), app.0, grant);
                token
            }
        }
    }

    fn sign(&self, id: &str, (app_key, tier): (&str, Tier), grant: &Grant, now: Timestamp) -> String {
        let scopes: Vec<&str> = match &grant.scopes {
            Some(scopes) => scopes.iter().map(String::as_str).collect(),
            None => Description::get().scopes().collect::<BTreeSet<_>>().into_iter().collect(),
        };
        let subject = if grant.shop_id.is_empty() { app_key } else { &grant.shop_id };
        let payload = json!({
            "iss": ISSUER,
            "aud": app_key,
            "sub": subject,
            "exp": numeric_date(grant.expires_at.unwrap_or(now + FOR_EVER)),
            "iat": now.unix_seconds(),
            "jti": id,
            "scope": scopes.join(" "),
            "role": grant.role.as_str(),
            "tier": tier.as_str(),
        });
        self.keys.sign(grant.algorithm, &payload)
    }

    /// Gives this very token to an application: an opaque one.
    pub(crate) fn give(&mut self, token: String, app_key: &str, grant: Grant) {
        self.opaque.insert(token, (app_key.to_owned(), grant));
    }

    /// Takes a token back; whether there was one.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        if self.opaque.remove(token).is_some() {
            return true;
        }
        let id = self.signed(token).and_then(|claims| claims.id);
        id.is_some_and(|id| self.revoked.insert(id))
    }

    /// Whether a token was given to this application, whatever has become of it since.
    pub(crate) fn is_of(&self, token: &str, app_key: &str) -> bool {
        match self.opaque.get(token) {
            Some((owner, _)) => owner == app_key,
            None => self.signed(token).is_some_and(|claims| claims.audience == [app_key]),
        }
    }

    /// The claims of a JWT that the platform has signed, at whatever time.
    fn signed(&self, token: &str) -> Option<Claims> {
        let claims = Claims::of(token)?;
        let app_key = claims.audience.first()?;
        Verifier::new(ISSUER).verify(self.keys.taken(), token, app_key, claims.issued_at).ok()
    }

    /// Ends a token before its time: it counts as expired.
    pub(crate) fn end(&mut self, token: String) {
        self.ended.insert(token);
    }

    /// Keys have changed: what was verified has to be verified again.
    pub(crate) fn change_keys(&mut self, change: impl FnOnce(&mut TokenKeys)) {
        change(&mut self.keys);
        self.verified.clear();
    }

    /// The grant behind the request's token. A token is checked wherever one is sent, needed or not.
    pub(crate) fn check(
        &mut self,
        app_key: &str,
        token: Option<&str>,
        operation: &Operation,
        now: Timestamp,
    ) -> Result<Option<Grant>, Refusal> {
        let Some(token) = token else {
            return if operation.shop { Err(missing()) } else { Ok(None) };
        };
        let grant = match self.opaque.get(token) {
            Some((owner, grant)) if owner == app_key => grant.clone(),
            Some(_) => return Err(invalid("the access token is another application's")),
            None => self.read(app_key, token, now)?,
        };
        let is_over = self.ended.contains(token) || grant.expires_at.is_some_and(|end| end <= now);
        if is_over { Err(refused("auth.token_expired", "the access token has expired")) } else { Ok(Some(grant)) }
    }

    /// The grant that stands in a JWT.
    fn read(&mut self, app_key: &str, token: &str, now: Timestamp) -> Result<Grant, Refusal> {
        let Some(said) = Claims::of(token) else {
            return Err(invalid("the platform knows no such access token of this application"));
        };
        // Before its time and its signature: what was taken back isn't merely expired.
        if said.id.is_some_and(|id| self.revoked.contains(&id)) {
            return Err(invalid("the access token was taken back"));
        }
        let known = self.verified.get(token).filter(|claims| claims.audience == [app_key] && now < claims.expires_at);
        let claims = match known {
            Some(claims) => claims.clone(),
            None => {
                let claims = Verifier::new(ISSUER).verify(self.keys.taken(), token, app_key, now)?;
                if self.verified.len() >= VERIFIED {
                    self.verified.clear();
                }
                self.verified.insert(token.to_owned(), claims.clone());
                claims
            }
        };
        let role = claims.role.as_str().parse().map_err(|error: UnknownRole| invalid(&error.to_string()))?;
        let shop_id = if claims.subject == app_key { String::new() } else { claims.subject };
        let grant = Grant::new(shop_id).scopes(claims.scopes).role(role).expires_at(claims.expires_at);
        Ok(grant)
    }
}

fn refused(code: &'static str, message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, code, message)
}

fn invalid(message: &str) -> Refusal {
    refused("auth.token_invalid", message)
}

fn missing() -> Refusal {
    let message = "the operation acts for a shop: send its access token as `authorization: Bearer …`";
    refused("auth.token_missing", message)
}

/// Seconds since 1970; with a fraction only where there is one.
fn numeric_date(time: Timestamp) -> Value {
    let millis = time.unix_millis();
    if millis % 1000 == 0 {
        return time.unix_seconds().into();
    }
    Number::from_f64(millis as f64 / 1000.0).map_or(Value::Null, Value::Number)
}

/// Whether what a token grants covers an operation: a shop where it acts for one, scope, then role.
pub(crate) fn permit(grant: &Grant, operation: &Operation) -> Result<(), Refusal> {
    let refused = |code, message: String| Err(Refusal::new(StatusCode::FORBIDDEN, code, message));
    if operation.shop && grant.shop_id.is_empty() {
        let message = "the operation acts for a shop, and the token is the application's own";
        return refused("auth.scope_denied", message.to_owned());
    }
    if let (Some(scope), Some(granted)) = (&operation.scope, &grant.scopes)
        && !granted.contains(scope)
    {
        return refused("auth.scope_denied", format!("the access token doesn't have the scope {scope}"));
    }
    if !operation.roles.is_empty() && !operation.roles.iter().any(|role| role == grant.role.as_str()) {
        return refused("auth.role_denied", format!("the role {} may not call this operation", grant.role.as_str()));
    }
    Ok(())
}

/// A grant as a member of rows of a saved platform.
#[derive(Serialize, Deserialize)]
pub(crate) struct GrantRow {
    shop_id: String,
    scopes: Option<BTreeSet<String>>,
    role: String,
    expires_at: Option<Timestamp>,
    algorithm: String,
}

impl From<&Grant> for GrantRow {
    fn from(grant: &Grant) -> Self {
        let Grant { shop_id, scopes, role, expires_at, algorithm } = grant.clone();
        Self { shop_id, scopes, role: role.as_str().to_owned(), expires_at, algorithm: algorithm.as_str().to_owned() }
    }
}

impl GrantRow {
    /// The grant that a record tells of.
    pub(crate) fn read(self, record: &Record<'_>) -> Result<Grant, SnapshotError> {
        let Self { shop_id, scopes, role, expires_at, algorithm } = self;
        let role = role.parse().map_err(|error: UnknownRole| record.refused(error.to_string()))?;
        let known = [Algorithm::EdDsa, Algorithm::Rs256].into_iter().find(|known| known.as_str() == algorithm);
        let algorithm = known.ok_or_else(|| record.refused("a token is signed by EdDSA or RS256"))?;
        Ok(Grant { shop_id, scopes, role, expires_at, algorithm })
    }
}

/// An opaque token as a row of a saved platform.
#[derive(Serialize, Deserialize)]
struct OpaqueRow {
    token: String,
    app_key: String,
    grant: GrantRow,
}

impl Part for Tokens {
    fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        // What was verified is verified again when it is needed.
        let Self { keys, opaque, revoked, ended, verified: _ } = self;
        keys.save(writer)?;
        let mut opaque: Vec<_> = opaque.iter().collect();
        opaque.sort_by_key(|(token, _)| *token);
        let row = |(token, (app_key, grant)): (&String, &(String, Grant))| OpaqueRow {
            token: token.clone(),
            app_key: app_key.clone(),
            grant: grant.into(),
        };
        writer.rows("opaque_token", opaque.into_iter().map(row))?;
        writer.rows("revoked_token", revoked.iter().collect::<BTreeSet<_>>())?;
        writer.rows("ended_token", ended.iter().collect::<BTreeSet<_>>())
    }

    fn restore(&mut self, record: &Record<'_>) -> Result<bool, SnapshotError> {
        match record.kind() {
            "opaque_token" => {
                let OpaqueRow { token, app_key, grant } = record.read()?;
                self.opaque.insert(token, (app_key, grant.read(record)?));
            }
            "revoked_token" => {
                self.revoked.insert(record.read()?);
            }
            "ended_token" => {
                self.ended.insert(record.read()?);
            }
            _ => return self.keys.restore(record),
        }
        Ok(true)
    }
}
