//! `GET /oauth2/authorize`: the page that asks a shop's owner. Nobody sits in front of it: the owner agrees at once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ecloud_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use super::credentials::Fields;
use super::{OAuthRefusal, redirect};
use crate::description::Description;
use crate::platform::reply::Reply;
use crate::platform::{Request, Settings, State};
use crate::protocol::token::{Grant, GrantRow};
use crate::snapshot::{Record, SnapshotError};

/// A code that was given, to be exchanged once.
pub(super) struct Code {
    pub(super) app_key: String,
    pub(super) redirect_uri: String,
    challenge: String,
    pub(super) grant: Grant,
    pub(super) expires_at: Timestamp,
    /// The family that came of it.
    pub(super) used: Option<u64>,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code")
    }
}

impl Code {
    /// S256 (RFC 7636, section 4.6).
    pub(super) fn fits(&self, verifier: &str) -> bool {
        (43..=128).contains(&verifier.len())
            && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == self.challenge
    }
}

/// A code as a row of a saved platform.
#[derive(Serialize, Deserialize)]
pub(super) struct CodeRow {
    code: String,
    app_key: String,
    redirect_uri: String,
    challenge: String,
    grant: GrantRow,
    expires_at: Timestamp,
    used: Option<u64>,
}

impl CodeRow {
    pub(super) fn of(code: &str, entry: &Code) -> Self {
        let Code { app_key, redirect_uri, challenge, grant, expires_at, used } = entry;
        Self {
            code: code.to_owned(),
            app_key: app_key.clone(),
            redirect_uri: redirect_uri.clone(),
            challenge: challenge.clone(),
            grant: grant.into(),
            expires_at: *expires_at,
            used: *used,
        }
    }

    pub(super) fn read(self, record: &Record<'_>) -> Result<(String, Code), SnapshotError> {
        let Self { code, app_key, redirect_uri, challenge, grant, expires_at, used } = self;
        Ok((code, Code { app_key, redirect_uri, challenge, grant: grant.read(record)?, expires_at, used }))
    }
}

/// What a shop's owner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Agrees,
    Declines,
}

impl State {
    /// The page in a browser: `shop_id`, which only a sandbox knows, tells whose owner it is.
    pub(super) fn ask_owner(
        &mut self,
        settings: &Settings,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, OAuthRefusal> {
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let shop_id = Fields::read(query.as_bytes())?.get("shop_id").unwrap_or(&settings.shop_id).to_owned();
        redirect(&self.authorize(settings, query, Grant::new(shop_id), Owner::Agrees, now)?)
    }

    /// Where the browser of a shop's owner is sent who was asked with this query. What is wrong with the application or its address is shown to
    /// the owner, who is never sent to an address that isn't registered; all else goes back with the owner.
    pub(crate) fn authorize(
        &mut self,
        settings: &Settings,
        query: &str,
        grant: Grant,
        owner: Owner,
        now: Timestamp,
    ) -> Result<String, OAuthRefusal> {
        let fields = Fields::read(query.as_bytes())?;
        let app_key = fields.need("client_id")?.to_owned();
        if !self.apps.iter().any(|app| app.app_key == app_key) {
            return Err(OAuthRefusal::new("unauthorized_client", "the platform knows no such application"));
        }
        let redirect_uri = fields.need("redirect_uri")?.to_owned();
        if !self.oauth.redirects.get(&app_key).is_some_and(|known| known.contains(&redirect_uri)) {
            return Err(OAuthRefusal::request("redirect_uri is not exactly one that the application has registered"));
        }
        let mut answer = Serializer::new(String::new());
        match self.code(settings, &fields, &app_key, &redirect_uri, grant, owner, now) {
            Ok(code) => answer.append_pair("code", &code),
            Err(refusal) => {
                answer.append_pair("error", refusal.code()).append_pair("error_description", refusal.message())
            }
        };
        if let Some(state) = fields.get("state") {
            answer.append_pair("state", state);
        }
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        Ok(format!("{redirect_uri}{separator}{}", answer.finish()))
    }

    #[expect(clippy::too_many_arguments, reason = "all that a code is bound to")]
    fn code(
        &mut self,
        settings: &Settings,
        fields: &Fields,
        app_key: &str,
        redirect_uri: &str,
        grant: Grant,
        owner: Owner,
        now: Timestamp,
    ) -> Result<String, OAuthRefusal> {
        if fields.need("response_type")? != "code" {
            return Err(OAuthRefusal::new("unsupported_response_type", "response_type must be code"));
        }
        let challenge = fields.need("code_challenge")?.to_owned();
        if fields.get("code_challenge_method") != Some("S256") {
            return Err(OAuthRefusal::request("code_challenge_method must be S256"));
        }
        let is_digest = URL_SAFE_NO_PAD.decode(&challenge).is_ok_and(|digest| digest.len() == 32);
        if !is_digest {
            return Err(OAuthRefusal::request("code_challenge is no SHA-256 in base64url"));
        }
        let grant = with_scope(grant, fields.get("scope"))?;
        if owner == Owner::Declines {
            return Err(OAuthRefusal::new("access_denied", "the shop's owner has declined"));
        }
        let code = format!("code-{}", self.random_text(settings));
        let entry = Code {
            app_key: app_key.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            grant,
            expires_at: now + self.oauth.lives.code,
            used: None,
        };
        self.oauth.codes.retain(|_, code| now < code.expires_at);
        self.oauth.codes.insert(code.clone(), entry);
        Ok(code)
    }
}

/// The grant with the scopes that are asked for; all of its own where none are.
pub(super) fn with_scope(grant: Grant, scope: Option<&str>) -> Result<Grant, OAuthRefusal> {
    let Some(scope) = scope else {
        return Ok(grant);
    };
    let refused = |scope: &str| Err(OAuthRefusal::new("invalid_scope", format!("there is no scope {scope} to be had")));
    let asked: Vec<&str> = scope.split(' ').filter(|scope| !scope.is_empty()).collect();
    for scope in &asked {
        let may_be_given = match &grant.scopes {
            Some(granted) => granted.contains(*scope),
            None => Description::get().has_scope(scope),
        };
        if !may_be_given {
            return refused(scope);
        }
    }
    Ok(grant.scopes(asked))
}
