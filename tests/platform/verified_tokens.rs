//! Tokens of shops that the client verifies: what a token says of itself is looked at for each attempt, as each may have another one.

use std::sync::Arc;
use std::time::Duration;

use ecloud::jwt::{Claims, Denial, Jwks, Role, Verifier};
use ecloud::prelude::*;
use ecloud::token::{MemoryTokenStore, TokenPair};
use ecloud::{AttemptReason, ManualClock, OAuth, QuotaLimit, Tokens};
use ecloud_sandbox::{Grant, Role as Duty, Sandbox};

use crate::sandbox;

const SHOP: &str = "shop-7";

/// A shop's authorisation for these scopes.
async fn pair(sandbox: &Sandbox, oauth: &OAuth, scopes: &[&str]) -> TokenPair {
    let pending = oauth.begin(scopes.iter().copied()).unwrap();
    let query = sandbox.authorize(pending.url(), Grant::new(SHOP)).unwrap();
    oauth.exchange(pending.accept(&query).unwrap()).await.unwrap()
}

fn jwks(sandbox: &Sandbox, clock: &ManualClock) -> Jwks {
    let address = format!("{}/.well-known/jwks.json", sandbox.endpoint());
    Jwks::fetched(&address, sandbox.transport(), Arc::new(clock.clone())).unwrap()
}

/// A client that verifies the tokens that it takes.
fn verifying(sandbox: &Sandbox, clock: &ManualClock, tokens: Tokens) -> Client {
    let client = sandbox.client().quota(QuotaLimit::STRATEGIC).tokens(tokens);
    client.verify_tokens(Verifier::new(sandbox.issuer()), jwks(sandbox, clock)).build().unwrap()
}

/// Two processes on one store; the first one's client verifies its tokens.
struct Processes {
    sandbox: Sandbox,
    clock: ManualClock,
    client: Client,
    oauth: OAuth,
    other: Tokens,
}

impl Processes {
    /// The platform's tokens end after ten minutes, and it says that they live for two hours.
    async fn new(scopes: &[&str]) -> Self {
        let (sandbox, clock) = sandbox().await;
        sandbox.set_access_token_life(Duration::from_secs(600));
        sandbox.set_told_life(Some(Duration::from_secs(7200)));
        let oauth = sandbox.oauth().build().unwrap();
        let store = Arc::new(MemoryTokenStore::new());
        let tokens = || Tokens::builder(oauth.clone()).store(store.clone()).build();
        let (own, other) = (tokens(), tokens());
        own.put(SHOP, pair(&sandbox, &oauth, scopes).await).await.unwrap();
        let client = verifying(&sandbox, &clock, own);
        Self { sandbox, clock, client, oauth, other }
    }

    async fn orders(&self) -> Result<usize, Error> {
        Trade::new(self.client.for_shop(SHOP)).orders().list().limit(1).send().await.map(|page| page.items.len())
    }

    async fn items(&self) -> Result<usize, Error> {
        Product::new(self.client.for_shop(SHOP)).items().list().send().await.map(|page| page.items.len())
    }

    /// How many calls the platform has refused because of their token.
    fn refused(&self) -> usize {
        let received = self.sandbox.received();
        received.iter().filter(|request| request.code.as_deref().is_some_and(|code| code.starts_with("auth."))).count()
    }

    /// Calls that came to the platform's operations.
    fn called(&self) -> usize {
        self.sandbox.received().iter().filter(|request| request.operation.is_some()).count()
    }
}

#[tokio::test]
async fn a_stored_token_that_is_over_by_its_own_claims_is_refreshed_before_anything_is_sent() {
    let processes = Processes::new(&["trade:read"]).await;
    processes.orders().await.unwrap();
    processes.clock.advance(Duration::from_secs(601));
    let list = Trade::new(processes.client.for_shop(SHOP)).orders().list().limit(1);
    let answer = list.send_with_meta().await.unwrap();
    assert!(answer.meta.earlier_attempts().is_empty());
    assert_eq!((processes.sandbox.refreshes(SHOP), processes.refused(), processes.called()), (1, 0, 2));
}

#[tokio::test]
async fn before_the_platform_was_heard_it_says_itself_that_a_token_is_over() {
    let processes = Processes::new(&["trade:read"]).await;
    processes.clock.advance(Duration::from_secs(601));
    let list = Trade::new(processes.client.for_shop(SHOP)).orders().list().limit(1);
    let answer = list.send_with_meta().await.unwrap();
    assert_eq!(answer.meta.earlier_attempts()[0].reason, AttemptReason::TokenExpired);
    assert_eq!((processes.sandbox.refreshes(SHOP), processes.refused()), (1, 1));
}

#[tokio::test]
async fn a_token_is_replaced_once_a_call_whoever_says_that_it_is_over() {
    let processes = Processes::new(&["trade:read"]).await;
    processes.orders().await.unwrap();
    processes.sandbox.set_access_token_life(Duration::ZERO);
    processes.clock.advance(Duration::from_secs(601));
    let error = processes.orders().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("auth.token_expired")));
    assert_eq!(error.attempts().last().unwrap().reason, AttemptReason::TokenUnfit);
    assert!(error.to_string().contains("nothing was sent") && !error.is_outcome_unknown(), "{error}");
    assert_eq!((processes.sandbox.refreshes(SHOP), processes.called()), (1, 1));
}

#[tokio::test]
async fn scopes_are_those_of_the_token_that_the_attempt_has() {
    let processes = Processes::new(&["trade:read"]).await;
    processes.orders().await.unwrap();
    let denied = processes.items().await.unwrap_err();
    assert_eq!((denied.kind(), denied.code()), (ErrorKind::Denied, Some("auth.scope_denied")));
    assert_eq!(denied.attempts().last().unwrap().reason, AttemptReason::TokenUnfit);
    assert_eq!(processes.called(), 1);

    // The shop authorises the application anew, for more, in another process. This one finds out when its token is over.
    let wider = pair(&processes.sandbox, &processes.oauth, &["product:read"]).await;
    processes.clock.advance(Duration::from_secs(601));
    let wider = processes.oauth.refresh(wider.refresh_token().unwrap()).await.unwrap();
    processes.other.put(SHOP, wider).await.unwrap();
    processes.items().await.unwrap();
    let denied = processes.orders().await.unwrap_err();
    let Some(Denial::Scope { needed: "trade:read", granted, .. }) = denied.denial() else { panic!("{denied:?}") };
    assert_eq!(granted.as_slice(), ["product:read"]);
    assert_eq!(processes.refused(), 0);
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_and_the_next_call_has_another() {
    let mut processes = Processes::new(&["trade:read"]).await;
    processes.sandbox.add_app("other-app", "other-secret", ecloud_sandbox::Tier::Standard);
    let good = pair(&processes.sandbox, &processes.oauth, &["trade:read"]).await;
    let others = processes.sandbox.issue_token_to("other-app", Grant::new(SHOP));
    let mixed = TokenPair::new(others, processes.sandbox.now()).unwrap();
    let mixed = mixed.with_refresh_token(good.refresh_token().unwrap().expose()).unwrap();
    let mixed = mixed.with_expiry(processes.sandbox.now() + Duration::from_secs(7200));
    processes.other.put(SHOP, mixed).await.unwrap();
    processes.client = verifying(&processes.sandbox, &processes.clock, processes.other.clone());
    let error = processes.orders().await.unwrap_err();
    assert_eq!(error.code(), Some("auth.token_invalid"));
    processes.orders().await.unwrap();
    assert_eq!((processes.sandbox.refreshes(SHOP), processes.called()), (1, 1));
}

#[tokio::test]
async fn what_the_authorisation_server_gives_is_signed_by_the_published_keys_and_says_what_was_granted() {
    let (sandbox, clock) = sandbox().await;
    let oauth = sandbox.oauth().build().unwrap();
    let pending = oauth.begin(["trade:read", "product:read"]).unwrap();
    let query = sandbox.authorize(pending.url(), Grant::new(SHOP).role(Duty::Developer)).unwrap();
    let first = oauth.exchange(pending.accept(&query).unwrap()).await.unwrap();
    sandbox.rotate_token_key();
    let second = oauth.refresh(first.refresh_token().unwrap()).await.unwrap();
    let own = oauth.client_credentials(["trade:read"]).await.unwrap();
    let jwks = jwks(&sandbox, &clock);
    let now = sandbox.now();
    let mut ids = Vec::new();
    for (pair, subject, scopes, role) in [
        (&first, SHOP, &["product:read", "trade:read"][..], Role::Developer),
        (&second, SHOP, &["product:read", "trade:read"], Role::Developer),
        (&own, sandbox.app_key(), &["trade:read"], Role::Business),
    ] {
        let token = pair.access_token().expose();
        let keys = jwks.keys_for(token).await.unwrap();
        let claims: Claims = Verifier::new(sandbox.issuer()).verify(&keys, token, sandbox.app_key(), now).unwrap();
        assert_eq!(
            (claims.subject.as_str(), claims.scopes, claims.role),
            (subject, scopes.iter().map(|&s| s.to_owned()).collect(), role)
        );
        assert_eq!((claims.expires_at, claims.issued_at), (now + Duration::from_secs(7200), now));
        assert_eq!((claims.expires_at, claims.tier.as_deref()), (pair.expires_at().unwrap(), Some("strategic")));
        ids.push(claims.id.unwrap());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each has a name of its own");
}
