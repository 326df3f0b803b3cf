//! No secret in anything that is shown.

use std::time::Duration;

use crate::authority::{Authority, LIFE, SECRET, Step};
use ecloud_core::token::{MemoryTokenStore, StoredToken, TokenRecord};

#[tokio::test]
async fn nothing_that_can_be_printed_shows_a_secret_a_code_or_a_token() {
    let authority = Authority::new();
    let oauth = authority.oauth().build().unwrap();
    let pending = oauth.begin(["a"]).unwrap();
    let state = pending.state().expose().to_owned();
    let code = pending.accept(&format!("code=planted-code&state={state}")).unwrap();
    let store = std::sync::Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).build();
    let pair = authority.grant("shop-1");
    tokens.put("shop-1", pair.clone()).await.unwrap();
    let token = tokens.access_token("shop-1").await.unwrap();
    let record = TokenRecord::new(pair.clone());
    let mut shown = format!(
        "{oauth:?} {pending:?} {code:?} {tokens:#?} {:?} {pair:?} {token:?} {record:?} {:?} {store:?} {:?}",
        authority.oauth(),
        StoredToken::new(1, record.clone()),
        authority.tokens(),
    );
    for step in [
        Step::Refuse,
        Step::LoseAnswer,
        Step::Answer(400, r#"{"error":"x","error_description":"planted-r-shop-1-1 planted-app-secret"}"#.to_owned()),
        Step::Answer(400, "planted-r-shop-1-1".to_owned()),
        Step::Garble(r#"{"access_token":"planted-1 2"}"#.to_owned()),
    ] {
        let authority = Authority::new().steps(vec![step; 100]);
        let tokens = authority.tokens().build();
        tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
        authority.clock.advance(Duration::from_secs(LIFE + 1));
        let error = tokens.access_token("shop-1").await.unwrap_err();
        shown.push_str(&format!("{error} {error:?} {tokens:?}"));
    }
    assert!(SECRET.starts_with("planted") && pair.access_token().expose().starts_with("planted"));
    assert!(!shown.contains("planted") && !shown.contains(&state), "{shown}");
}
