//! What a test does to the authorisation server: it is the shop's owner, and the one who says how long tokens live.

use std::time::Duration;

use ecloud_core::{Clock, OAuth};

use super::ControlError;
use crate::oauth::{Owner, REDIRECT_URI};
use crate::platform::{Refusal, Settings, State};
use crate::protocol::token::Grant;
use crate::sandbox::Sandbox;

/// Takes a shop's owner through the page at `url`, and tells where the browser is sent.
pub(super) fn visit(
    state: &mut State,
    settings: &Settings,
    url: &str,
    grant: Grant,
    owner: Owner,
    now: ecloud_core::Timestamp,
) -> Result<String, Refusal> {
    let query = url.split_once('?').map_or(url, |(_, query)| query);
    let refused = |refusal: crate::oauth::OAuthRefusal| {
        Refusal::rule("sandbox.authorization_refused", format!("{}: {}", refusal.code(), refusal.message()))
    };
    state.authorize(settings, query, grant, owner, now).map_err(refused)
}

impl Sandbox {
    /// The sandbox's authorisation server, to be built: endpoint, application and redirect address are filled in, and the clock where one was
    /// given. Without a port it talks in memory.
    pub fn oauth(&self) -> ecloud_core::token::OAuthBuilder {
        let mut oauth = OAuth::builder()
            .endpoint(self.endpoint())
            .app(self.app_key(), self.app_secret())
            .redirect_uri(REDIRECT_URI);
        if self.has_clock_of_its_own() {
            oauth = oauth.clock(std::sync::Arc::clone(self.clock()) as std::sync::Arc<dyn Clock>);
        }
        if self.mock_server().is_none() {
            oauth = oauth.transport(self.transport());
        }
        oauth
    }

    /// A shop's owner opens the page at `url` in a browser and agrees to what `grant` says, of which the application gets what it has asked
    /// for. Tells the query with which the owner comes back to the application.
    ///
    /// ```
    /// use ecloud_sandbox::{Grant, Sandbox};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().build();
    /// let oauth = sandbox.oauth().build()?;
    /// let pending = oauth.begin(["trade:read"])?;
    /// let query = sandbox.authorize(pending.url(), Grant::new("shop-7"))?;
    /// let pair = oauth.exchange(pending.accept(&query)?).await?;
    /// assert_eq!(pair.shop_id(), Some("shop-7"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Where the page would send nobody back: an unknown application, or an address that it hasn't registered.
    pub fn authorize(&self, url: &str, grant: Grant) -> Result<String, ControlError> {
        self.visit(url, grant, Owner::Agrees)
    }

    /// A shop's owner opens the page at `url` in a browser and declines.
    ///
    /// # Errors
    ///
    /// Those of [`authorize`](Self::authorize).
    pub fn decline(&self, url: &str) -> Result<String, ControlError> {
        self.visit(url, Grant::new(self.shop_id()), Owner::Declines)
    }

    fn visit(&self, url: &str, grant: Grant, owner: Owner) -> Result<String, ControlError> {
        let now = self.now();
        let mut state = self.platform().state();
        let address = visit(&mut state, self.platform().settings(), url, grant, owner, now)?;
        Ok(address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default())
    }

    /// Registers an address that an application's shop owners may be sent back to; the application of the sandbox has
    /// `https://isv.example.com/callback`.
    pub fn add_redirect_uri(&self, app_key: &str, address: &str) {
        self.platform().state().oauth.add_redirect(app_key, address);
    }

    /// How long access tokens live that are given from now on; 2 hours unless set.
    pub fn set_access_token_life(&self, life: Duration) {
        self.platform().state().oauth.lives.access = life;
    }

    /// How long refresh tokens live that are given from now on; 30 days unless set.
    pub fn set_refresh_token_life(&self, life: Duration) {
        self.platform().state().oauth.lives.refresh = life;
    }

    /// What `expires_in` tells from now on, whatever the truth is, as if the platform's clock were off; `None`: the truth.
    pub fn set_told_life(&self, told: Option<Duration>) {
        self.platform().state().oauth.lives.told = told;
    }

    /// Ends all access tokens that a shop was given by the authorisation server: the platform calls them expired, their refresh tokens live on.
    pub fn expire_tokens(&self, shop_id: &str) {
        self.platform().state().expire_tokens(shop_id);
    }

    /// A shop's owner takes the authorisation back, of all applications.
    pub fn revoke_shop(&self, shop_id: &str) {
        self.platform().state().revoke_shop(shop_id);
    }

    /// How often the tokens of a shop were refreshed.
    pub fn refreshes(&self, shop_id: &str) -> u64 {
        self.platform().state().oauth.families.refreshed(shop_id)
    }
}
