//! One shop's token through its life: when it is refreshed, what is served meanwhile, and how an authorisation ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::authority::{Authority, LIFE, Step, text};
use async_trait::async_trait;
use ecloud_core::token::{
    MemoryTokenStore, ReauthReason, ReauthRequired, StoredToken, Swap, TokenKey, TokenPair, TokenRecord, TokenStore,
};
use ecloud_core::{Clock, Error, ErrorKind, Tokens};

const SHOP: &str = "shop-1";

/// Waits out the pauses after a failure, and lets tokens be refreshed in their advisory window.
async fn get(tokens: &Tokens) -> String {
    text(&tokens.access_token(SHOP).await.unwrap())
}

fn unavailable() -> Step {
    Step::Answer(503, String::new())
}

#[tokio::test]
async fn a_fresh_token_is_served_without_a_request() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE - 601));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    tokens.settled().await;
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn in_the_advisory_window_the_old_one_is_served_while_the_new_one_is_fetched() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE - 200));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    tokens.settled().await;
    assert_eq!(get(&tokens).await, "planted-a-shop-1-2");
    assert_eq!(authority.requests(), 1);
}

#[tokio::test]
async fn in_the_mandatory_window_callers_wait_and_get_the_old_one_if_it_fails() {
    let authority = Authority::new().steps(vec![unavailable(); 100]);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE - 50));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    let asked = authority.requests();
    assert!((3..20).contains(&asked), "{asked}");
    // Right after a failure nobody asks again.
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    assert_eq!(authority.requests(), asked);
}

#[tokio::test]
async fn an_expired_token_is_never_served_and_an_outage_is_no_end() {
    let authority = Authority::new().steps(vec![Step::Refuse; 200]);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let error = tokens.access_token(SHOP).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NotSent, true));
    assert!(error.to_string().contains("shop-1"), "{error}");
    let asked = authority.requests();
    let again = tokens.access_token(SHOP).await.unwrap_err();
    assert_eq!((again.kind(), authority.requests()), (ErrorKind::NotSent, asked), "told again without asking again");
    for _ in 0..50 {
        authority.clock.advance(Duration::from_secs(60));
        if tokens.access_token(SHOP).await.is_ok() {
            assert_eq!(authority.refreshed(SHOP), 1);
            return;
        }
    }
    panic!("an outage that ends has to end for the shop, too");
}

#[tokio::test]
async fn a_refresh_that_hangs_has_its_own_deadline() {
    let authority = Authority::new().steps([Step::Hang]);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let waiting = tokio::spawn({
        let tokens = tokens.clone();
        async move { get(&tokens).await }
    });
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished());
    authority.clock.advance(Duration::from_secs(11));
    assert_eq!(waiting.await.unwrap(), "planted-a-shop-1-2", "the second attempt got through");
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_rotation_is_asked_for_again() {
    let authority = Authority::new().steps([Step::LoseAnswer]);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-3");
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-4", "the chain goes on");
}

/// Events, and the tokens that tell them.
fn told(authority: &Authority) -> (Tokens, Arc<Mutex<Vec<ReauthRequired>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let listener = events.clone();
    let tokens = authority.tokens().on_reauth_required(move |event| listener.lock().unwrap().push(event.clone()));
    (tokens.build(), events)
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_authorisation_is_told_once_and_a_new_one_begins_it_again() {
    let authority = Authority::new();
    let (tokens, events) = told(&authority);
    let pair = authority.grant(SHOP);
    let stolen = authority.refresh_elsewhere(&pair);
    authority.refresh_elsewhere(&stolen);
    tokens.put(SHOP, pair).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    for _ in 0..3 {
        let error = tokens.access_token(SHOP).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::ReauthRequired, Some("invalid_grant")));
        assert!(error.to_string().contains("shop-1") && !error.is_retryable(), "{error}");
    }
    authority.clock.advance(Duration::from_secs(11));
    assert_eq!(tokens.access_token(SHOP).await.unwrap_err().kind(), ErrorKind::ReauthRequired);
    assert_eq!(authority.requests(), 1, "the platform isn't asked again for what it has refused");
    {
        let events = events.lock().unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].shop.as_str(), events[0].app.as_str()), (SHOP, "demo-app"));
        assert_eq!((events[0].reason, events[0].served_until), (ReauthReason::Refused, None));
    }
    let again = authority.grant(SHOP);
    tokens.put(SHOP, again.clone()).await.unwrap();
    assert_eq!(get(&tokens).await, again.access_token().expose());
}

#[tokio::test]
async fn while_the_old_token_lives_the_end_of_the_authorisation_is_told_and_the_token_served() {
    let authority = Authority::new();
    let (tokens, events) = told(&authority);
    let pair = authority.grant(SHOP);
    let end = pair.expires_at().unwrap();
    let stolen = authority.refresh_elsewhere(&pair);
    authority.refresh_elsewhere(&stolen);
    tokens.put(SHOP, pair).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE - 100));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    tokens.settled().await;
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1");
    assert_eq!(events.lock().unwrap()[0].served_until, Some(end));
}

#[tokio::test]
async fn an_authorisation_that_has_no_refresh_token_or_an_ended_one_ends_without_a_request() {
    let authority = Authority::new();
    for (ends, reason) in [(false, ReauthReason::NoRefreshToken), (true, ReauthReason::Expired)] {
        let (tokens, events) = told(&authority);
        let now = authority.clock.now();
        let mut pair = TokenPair::new("only", now).unwrap().with_expiry(now + Duration::from_secs(60));
        if ends {
            pair = pair.with_refresh_token("r").unwrap().with_refresh_expiry(now + Duration::from_secs(60));
        }
        tokens.put(SHOP, pair).await.unwrap();
        authority.clock.advance(Duration::from_secs(61));
        assert_eq!(tokens.access_token(SHOP).await.unwrap_err().kind(), ErrorKind::ReauthRequired);
        assert_eq!(events.lock().unwrap()[0].reason, reason);
    }
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn a_shop_that_never_authorised_is_named_and_no_event() {
    let authority = Authority::new();
    let (tokens, events) = told(&authority);
    let error = tokens.access_token("nobody").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReauthRequired);
    assert!(error.to_string().contains("`nobody`"), "{error}");
    assert!(events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_the_application_is_no_end_of_the_shops_authorisation() {
    let authority = Authority::new();
    let (tokens, events) = told(&authority);
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    authority.next(Step::Answer(401, r#"{"error":"invalid_client"}"#.to_owned()));
    let error = tokens.access_token(SHOP).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unauthenticated, Some("invalid_client")));
    assert_eq!((authority.requests(), events.lock().unwrap().len()), (1, 0));
}

#[tokio::test]
async fn a_pair_that_somebody_else_stored_counts_as_success() {
    let authority = Authority::new();
    let store = Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).build();
    let pair = authority.grant(SHOP);
    tokens.put(SHOP, pair.clone()).await.unwrap();
    // Before it asks.
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let second = authority.refresh_elsewhere(&pair);
    overwrite(&*store, &second).await;
    assert_eq!(get(&tokens).await, second.access_token().expose());
    assert_eq!(authority.requests(), 0);
    // While it is refused: the other's pair is on its way to the store.
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let third = authority.refresh_elsewhere(&second);
    let fourth = authority.refresh_elsewhere(&third);
    let late = Arc::new(Late { store, then: Mutex::new(Some(fourth.clone())), loads: Mutex::new(0) });
    let tokens = authority.tokens().store(late).build();
    assert_eq!(get(&tokens).await, fourth.access_token().expose());
    assert_eq!(authority.requests(), 1);
}

async fn overwrite(store: &dyn TokenStore, pair: &TokenPair) {
    let key = TokenKey::new("demo-app", SHOP);
    let version = store.load(&key).await.unwrap().map(|stored| stored.version);
    assert!(matches!(store.compare_and_swap(&key, version, &TokenRecord::new(pair.clone())).await, Ok(Swap::Done(_))));
}

/// A store to which somebody else writes after the third look at it.
#[derive(Debug)]
struct Late {
    store: Arc<MemoryTokenStore>,
    then: Mutex<Option<TokenPair>>,
    loads: Mutex<u32>,
}

#[async_trait]
impl TokenStore for Late {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error> {
        let loads = {
            let mut loads = self.loads.lock().unwrap();
            *loads += 1;
            *loads
        };
        let then = if loads == 3 { self.then.lock().unwrap().take() } else { None };
        if let Some(pair) = then {
            overwrite(&*self.store, &pair).await;
        }
        self.store.load(key).await
    }

    async fn compare_and_swap(&self, key: &TokenKey, v: Option<u64>, record: &TokenRecord) -> Result<Swap, Error> {
        self.store.compare_and_swap(key, v, record).await
    }

    async fn remove(&self, key: &TokenKey) -> Result<(), Error> {
        self.store.remove(key).await
    }
}

/// A store that fails when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Failing {
    pub(crate) store: MemoryTokenStore,
    /// Which of the next writes fail.
    pub(crate) fails: Mutex<Vec<bool>>,
}

#[async_trait]
impl TokenStore for Failing {
    async fn load(&self, key: &TokenKey) -> Result<Option<StoredToken>, Error> {
        self.store.load(key).await
    }

    async fn compare_and_swap(&self, key: &TokenKey, v: Option<u64>, record: &TokenRecord) -> Result<Swap, Error> {
        if self.fails.lock().unwrap().pop().unwrap_or(false) {
            return Err(Error::new(ErrorKind::Unavailable, "no room on the disk"));
        }
        self.store.compare_and_swap(key, v, record).await
    }

    async fn remove(&self, key: &TokenKey) -> Result<(), Error> {
        self.store.remove(key).await
    }
}

#[tokio::test]
async fn a_pair_that_can_not_be_stored_is_not_used_and_not_lost() {
    let authority = Authority::new();
    let store = Arc::new(Failing::default());
    let tokens = authority.tokens().store(store.clone()).build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    // The lease is written, the new pair is not.
    *store.fails.lock().unwrap() = vec![true, true, true, true, false];
    let error = tokens.access_token(SHOP).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TokenStore);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("no room"), "{error:?}");
    authority.clock.advance(Duration::from_secs(600));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-2");
    assert_eq!(authority.requests(), 1, "it wasn't asked for again");
    let stored = store.load(&TokenKey::new("demo-app", SHOP)).await.unwrap().unwrap();
    assert_eq!(stored.record.pair.access_token().expose(), "planted-a-shop-1-2");
    assert_eq!(stored.record.lease, None);
}

#[tokio::test]
async fn where_the_store_can_not_be_written_nothing_is_asked_for() {
    let authority = Authority::new();
    let store = Arc::new(Failing::default());
    let tokens = authority.tokens().store(store.clone()).build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    *store.fails.lock().unwrap() = vec![true; 100];
    authority.clock.advance(Duration::from_secs(LIFE - 20));
    assert_eq!(get(&tokens).await, "planted-a-shop-1-1", "it still lives");
    authority.clock.advance(Duration::from_secs(600));
    assert!(tokens.access_token(SHOP).await.is_err());
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn a_token_of_a_minute_is_not_refreshed_with_each_call() {
    let authority = Authority::new().life(60);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    for _ in 0..600 {
        get(&tokens).await;
        tokens.settled().await;
        authority.clock.advance(Duration::from_secs(1));
    }
    assert!((10..=15).contains(&authority.requests()), "{}", authority.requests());
}

#[tokio::test]
async fn a_token_that_is_given_dead_is_stored_and_not_asked_for_in_a_circle() {
    let authority = Authority::new().life(0);
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    for _ in 0..20 {
        let _ = tokens.access_token(SHOP).await;
    }
    assert!(authority.requests() <= 20, "{}", authority.requests());
}

#[tokio::test]
async fn revoking_forgets_the_shop_on_both_sides() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put(SHOP, authority.grant(SHOP)).await.unwrap();
    tokens.revoke(SHOP).await.unwrap();
    assert_eq!(authority.request(0)["token"], "planted-r-shop-1-1");
    assert_eq!(tokens.access_token(SHOP).await.unwrap_err().kind(), ErrorKind::ReauthRequired);
}

#[tokio::test]
async fn a_background_task_refreshes_what_is_due_and_ends_when_it_is_dropped() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    for number in 0..50 {
        let shop = format!("shop-{number}");
        tokens.put(&shop, authority.grant(&shop)).await.unwrap();
    }
    let keeper = tokens.keep_fresh(Duration::from_secs(30)).unwrap();
    let turn = async || {
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
    };
    turn().await;
    assert_eq!(authority.requests(), 0);
    authority.clock.advance(Duration::from_secs(LIFE - 100));
    turn().await;
    assert_eq!(authority.requests(), 50);
    drop(keeper);
    authority.clock.advance(Duration::from_secs(LIFE - 100));
    turn().await;
    assert_eq!(authority.requests(), 50);
}
