//! `POST /oauth2/token` and `POST /oauth2/revoke`.

use ecloud_core::Timestamp;
use http::StatusCode;
use serde_json::json as value;

use super::authorize::with_scope;
use super::credentials::{Fields, application};
use super::families::Verdict;
use super::{OAuthRefusal, json};
use crate::platform::reply::Reply;
use crate::platform::{Request, Settings, State};
use crate::protocol::token::Grant;
use crate::xml::Format;

impl State {
    pub(super) fn grant(
        &mut self,
        settings: &Settings,
        request: &Request,
        now: Timestamp,
    ) -> Result<Reply, OAuthRefusal> {
        let fields = Fields::of(request)?;
        let app_key = application(&self.apps, request)?.app_key.clone();
        match fields.need("grant_type")? {
            "authorization_code" => self.exchange(settings, &app_key, &fields, now),
            "refresh_token" => self.refresh(settings, &app_key, &fields, now),
            "client_credentials" => {
                let grant = with_scope(Grant::new(""), fields.get("scope"))?;
                let (access, grant) = self.access_token(settings, &app_key, grant, now);
                Ok(self.answer_pair(&access, None, &grant))
            }
            _ => Err(OAuthRefusal::new("unsupported_grant_type", "there is no such grant")),
        }
    }

    fn exchange(
        &mut self,
        settings: &Settings,
        app_key: &str,
        fields: &Fields,
        now: Timestamp,
    ) -> Result<Reply, OAuthRefusal> {
        let (code, verifier) = (fields.need("code")?, fields.need("code_verifier")?);
        let known = self.oauth.codes.get(code).filter(|known| known.app_key == app_key && now < known.expires_at);
        let Some(known) = known else {
            return Err(OAuthRefusal::grant("the platform knows no such code of this application, or it has ended"));
        };
        if let Some(family) = known.used {
            // RFC 6749, section 4.1.2: somebody else may have it.
            self.revoke_family(family);
            return Err(OAuthRefusal::grant("the code was used before: what came of it is revoked"));
        }
        if fields.get("redirect_uri") != Some(&known.redirect_uri) {
            return Err(OAuthRefusal::grant("redirect_uri is not the one that the code was sent to"));
        }
        if !known.fits(verifier) {
            return Err(OAuthRefusal::grant("code_verifier doesn't fit the code's challenge"));
        }
        let grant = known.grant.clone();
        let family = self.oauth.families.begin(app_key, grant.clone());
        if let Some(code) = self.oauth.codes.get_mut(code) {
            code.used = Some(family);
        }
        let (reply, _) = self.give_pair(settings, app_key, family, grant, now);
        Ok(reply)
    }

    fn refresh(
        &mut self,
        settings: &Settings,
        app_key: &str,
        fields: &Fields,
        now: Timestamp,
    ) -> Result<Reply, OAuthRefusal> {
        let token = fields.need("refresh_token")?;
        let (family, grant) = match self.oauth.families.judge(token, app_key, now) {
            Verdict::Good { family, grant } => (family, grant),
            Verdict::Refused(refusal) => return Err(refusal),
            Verdict::Reused(access_tokens) => {
                for token in access_tokens {
                    self.tokens.revoke(&token);
                }
                return Err(OAuthRefusal::grant("the refresh token was used before: the authorisation is revoked"));
            }
        };
        let grant = with_scope(grant, fields.get("scope"))?;
        let (reply, successor) = self.give_pair(settings, app_key, family, grant, now);
        self.oauth.families.spend(token, &successor, now);
        Ok(reply)
    }

    pub(super) fn take_back(&mut self, request: &Request) -> Result<Reply, OAuthRefusal> {
        let fields = Fields::of(request)?;
        let app_key = application(&self.apps, request)?.app_key.clone();
        let token = fields.need("token")?;
        if let Some(family) = self.oauth.families.of_refresh_token(token, &app_key) {
            self.revoke_family(family);
        } else if self.tokens.is_of(token, &app_key) {
            self.tokens.revoke(token);
        }
        // One that nobody knows is no error (RFC 7009, section 2.2).
        Ok(Reply::success(StatusCode::OK, None, Format::Json))
    }

    /// Gives a pair, and tells its refresh token, too.
    fn give_pair(
        &mut self,
        settings: &Settings,
        app_key: &str,
        family: u64,
        grant: Grant,
        now: Timestamp,
    ) -> (Reply, String) {
        let refresh = format!("refresh-{}", self.random_text(settings));
        let (access, grant) = self.access_token(settings, app_key, grant, now);
        let lives = self.oauth.lives;
        let ends = (now + lives.access, now + lives.refresh);
        self.oauth.families.add(family, (access.clone(), ends.0), (refresh.clone(), ends.1), now);
        (self.answer_pair(&access, Some(&refresh), &grant), refresh)
    }

    fn access_token(&mut self, settings: &Settings, app_key: &str, grant: Grant, now: Timestamp) -> (String, Grant) {
        let grant = grant.expires_at(now + self.oauth.lives.access);
        (self.give_token(settings, app_key, grant.clone()), grant)
    }

    fn answer_pair(&self, access: &str, refresh: Option<&str>, grant: &Grant) -> Reply {
        let lives = self.oauth.lives;
        let mut answer = value!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": lives.told.unwrap_or(lives.access).as_secs(),
        });
        if let Some(refresh) = refresh {
            answer["refresh_token"] = refresh.into();
            answer["refresh_expires_in"] = lives.refresh.as_secs().into();
        }
        if let Some(scopes) = &grant.scopes {
            answer["scope"] = scopes.iter().cloned().collect::<Vec<_>>().join(" ").into();
        }
        if !grant.shop_id.is_empty() {
            answer["shop_id"] = grant.shop_id.as_str().into();
        }
        json(&answer)
    }

    fn revoke_family(&mut self, family: u64) {
        for token in self.oauth.families.revoke(family) {
            self.tokens.revoke(&token);
        }
    }
}
