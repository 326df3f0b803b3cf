//! Many callers at once: one refresh for each shop, and nobody fails.

use std::time::Duration;

use crate::authority::{Authority, LIFE, Step, text};
use ecloud_core::Tokens;

async fn ask(tokens: &Tokens, shop: &str, tasks: usize) -> Vec<String> {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let (tokens, shop) = (tokens.clone(), shop.to_owned());
            tokio::spawn(async move { text(&tokens.access_token(&shop).await.unwrap()) })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn a_thousand_tasks_on_an_expired_shop_are_one_refresh() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let answers = ask(&tokens, "shop-1", 1000).await;
    assert!(answers.iter().all(|answer| answer == "planted-a-shop-1-2"));
    assert_eq!(authority.refreshed("shop-1"), 1);
}

#[tokio::test]
async fn a_thousand_tasks_get_over_a_platform_that_fails_at_first_and_loses_an_answer() {
    let unavailable = Step::Answer(503, String::new());
    let authority = Authority::new().steps([Step::Refuse, unavailable.clone(), Step::LoseAnswer, unavailable]);
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    let answers = ask(&tokens, "shop-1", 1000).await;
    assert!(answers.iter().all(|answer| answer == "planted-a-shop-1-3"), "{:?}", answers[0]);
    assert_eq!((authority.refreshed("shop-1"), authority.requests()), (2, 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several_threads_it_is_one_refresh_too() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    tokens.put("shop-1", authority.grant("shop-1")).await.unwrap();
    for round in 1..=20 {
        authority.clock.advance(Duration::from_secs(LIFE + 1));
        ask(&tokens, "shop-1", 200).await;
        assert_eq!(authority.refreshed("shop-1"), round);
    }
}

#[tokio::test]
async fn ten_thousand_shops_have_a_refresh_each() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    let shops: Vec<_> = (0..10_000).map(|number| format!("shop-{number}")).collect();
    for shop in &shops {
        tokens.put(shop, authority.grant(shop)).await.unwrap();
    }
    authority.clock.advance(Duration::from_secs(LIFE + 1));
    for some in shops.chunks(500) {
        let asked: Vec<_> = some
            .iter()
            .flat_map(|shop| [shop, shop, shop])
            .map(|shop| {
                let (tokens, shop) = (tokens.clone(), shop.clone());
                tokio::spawn(async move {
                    let token = text(&tokens.access_token(&shop).await.unwrap());
                    assert_eq!(token, format!("planted-a-{shop}-2"));
                })
            })
            .collect();
        for task in asked {
            task.await.unwrap();
        }
        // The clock forgets the deadlines that were waited for.
        authority.clock.advance(Duration::from_millis(1));
    }
    assert_eq!(authority.requests(), 10_000);
}

#[tokio::test]
async fn tokens_that_were_given_together_are_not_refreshed_together() {
    let authority = Authority::new();
    let tokens = authority.tokens().build();
    for number in 0..200 {
        let shop = format!("shop-{number}");
        tokens.put(&shop, authority.grant(&shop)).await.unwrap();
    }
    let mut seen = Vec::new();
    // The advisory window is ten minutes before the end, and begins in its first half.
    authority.clock.advance(Duration::from_secs(LIFE - 601));
    for _ in 0..7 {
        for number in 0..200 {
            tokens.access_token(&format!("shop-{number}")).await.unwrap();
        }
        tokens.settled().await;
        seen.push(authority.requests());
        authority.clock.advance(Duration::from_secs(60));
    }
    assert_eq!((seen[0], seen[6]), (0, 200), "{seen:?}");
    assert!(seen.windows(2).all(|two| two[1] - two[0] < 80), "{seen:?}");
}
