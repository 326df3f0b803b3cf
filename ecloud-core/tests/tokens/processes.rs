//! Several processes, or several `Tokens`, on one store.

#![cfg(unix)]

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::authority::{Authority, LIFE, text};
use crate::files::{Folder, add, count, key};
use ecloud_core::token::{FileTokenStore, MemoryTokenStore, StoredToken, Swap, TokenKey, TokenRecord, TokenStore};
use ecloud_core::{Clock, Tokens};

const CHILD: &str = "ECLOUD_TEST_TOKEN_STORE";

/// What a child does; without the variable that names its store it is no child.
#[tokio::test]
async fn a_child_adds_its_words() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let store = FileTokenStore::open(path).unwrap();
    for step in 0..50 {
        add(&store, &format!("p{}s{step}", std::process::id())).await;
    }
}

#[tokio::test]
async fn two_processes_on_one_file_store_lose_no_change() {
    let folder = Folder::new();
    let store = folder.store();
    let children: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::a_child_adds_its_words"])
                .env(CHILD, &folder.0)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for step in 0..50 {
        add(&store, &format!("parent{step}")).await;
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let stored = store.load(&key()).await.unwrap().unwrap();
    assert_eq!((stored.version, count(&stored.record)), (150, 150));
}

async fn ask(all: &[Tokens], tasks: usize) -> Vec<String> {
    let tasks: Vec<_> = (0..tasks)
        .map(|number| {
            let tokens = all[number % all.len()].clone();
            tokio::spawn(async move { text(&tokens.access_token("shop-1").await.unwrap()) })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_tokens_on_one_file_store_refresh_once() {
    let folder = Folder::new();
    let authority = Authority::new();
    let number = std::sync::atomic::AtomicU64::new(1);
    let tokens = || {
        let seed = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let oauth = authority.oauth().random(ecloud_core::Random::seeded(seed)).build().unwrap();
        // Each look at the store while another refreshes moves the clock on, however quick the look was.
        Tokens::builder(oauth).store(folder.store()).timeout(Duration::from_secs(3000)).build()
    };
    let all = [tokens(), tokens(), tokens()];
    all[0].put("shop-1", authority.grant("shop-1")).await.unwrap();
    for round in 1..=10 {
        authority.clock.advance(Duration::from_secs(LIFE + 1));
        let answers = ask(&all, 300).await;
        assert!(answers.iter().all(|answer| *answer == format!("planted-a-shop-1-{}", round + 1)), "{answers:?}");
        assert_eq!(authority.refreshed("shop-1"), round);
    }
}

#[tokio::test]
async fn a_lease_that_its_holder_left_behind_is_waited_out_and_taken_over() {
    let authority = Authority::new();
    let store = Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let key = TokenKey::new("demo-app", "shop-1");
    // As somebody whose clock is an hour ahead has written it.
    let stored = store.load(&key).await.unwrap().unwrap();
    let since = authority.clock.now() + Duration::from_secs(3600);
    let record = serde_json::json!({
        "pair": stored.record.pair,
        "lease": {"holder": "somebody else", "since": since, "millis": 40_000},
    });
    let record: TokenRecord = serde_json::from_value(record).unwrap();
    assert!(matches!(store.compare_and_swap(&key, Some(stored.version), &record).await, Ok(Swap::Done(_))));
    let before = authority.clock.monotonic();
    assert_eq!(
        text(&tokens.access_token("shop-1").await.unwrap_or_else(|error| panic!("{error}"))),
        "planted-a-shop-1-2"
    );
    let waited = authority.clock.monotonic() - before;
    assert!((40..45).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test]
async fn while_somebody_else_refreshes_the_old_token_is_served() {
    let authority = Authority::new();
    let store = Arc::new(MemoryTokenStore::new());
    let tokens = authority.tokens().store(store.clone()).build();
    let pair = authority.grant("shop-1");
    tokens.put("shop-1", pair.clone()).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE - 50));
    let key = TokenKey::new("demo-app", "shop-1");
    let since = authority.clock.now();
    let lease = serde_json::json!({"pair": pair, "lease": {"holder": "other", "since": since, "millis": 40_000}});
    let record: TokenRecord = serde_json::from_value(lease).unwrap();
    assert!(matches!(store.compare_and_swap(&key, Some(1), &record).await, Ok(Swap::Done(2))));
    for _ in 0..20 {
        assert_eq!(text(&tokens.access_token("shop-1").await.unwrap()), pair.access_token().expose());
    }
    assert_eq!((authority.requests(), authority.clock.now()), (0, since), "nobody waited");
    assert_eq!(store.load(&key).await.unwrap(), Some(StoredToken::new(2, record)));
}
