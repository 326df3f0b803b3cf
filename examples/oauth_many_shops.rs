//! Many shops of one application: how they authorise it, and how their tokens stay fresh.
//!
//!     cargo run --example oauth_many_shops
//!
//! It starts the sandbox in this process, on a clock of its own, so that hours pass at once, and ends by itself. The shops' owners are
//! played by the sandbox; tokens are kept in a folder that is removed at the end.

#![allow(clippy::print_stdout, reason = "a report is printed")]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ecloud::prelude::*;
use ecloud::token::FileTokenStore;
use ecloud::{Clock, Json, ManualClock, Method, OAuth, Quota, Tokens};
use ecloud_sandbox::{Fault, Grant, Sandbox, Tier};

const SHOPS: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("ecloud-tokens-{}", std::process::id()));
    let outcome = run(&folder).await;
    let _ = std::fs::remove_dir_all(&folder);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\noauth_many_shops: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let clock = ManualClock::new(Timestamp::from_unix_seconds(1_795_336_200));
    let sandbox = Sandbox::builder().tier(Tier::Strategic).clock(Arc::new(clock.clone())).start().await;
    let oauth = sandbox.oauth().build()?;
    let tokens = tokens(&oauth, folder)?;
    let client = client(&sandbox, &tokens)?;

    println!("authorise     {SHOPS} shops, with PKCE and state");
    for number in 0..SHOPS {
        authorise(&sandbox, &oauth, &tokens, &shop(number)).await?;
    }
    println!("call          {} of {SHOPS} shops answer", call_all(&client).await);

    clock.advance(Duration::from_secs(2 * 3600));
    println!("\ntwo hours later all tokens have ended");
    println!("1,000 tasks   {} succeed on one shop", thousand_tasks(&client, &shop(0)).await);
    println!("              {} refresh at the platform", sandbox.refreshes(&shop(0)));
    println!("call          {} of {SHOPS} shops answer", call_all(&client).await);

    clock.advance(Duration::from_secs(2 * 3600));
    sandbox.inject(Fault::dropped_connection().after_effect().next(1).path_prefix("/oauth2/token"));
    println!("\ntwo hours later the platform rotates a refresh token, and its answer gets lost");
    println!("call          {}", outcome(&call(&client, &shop(1)).await));

    println!("\nanother process on the same store");
    let before = sandbox.refreshes(&shop(1));
    let second = self::client(&sandbox, &self::tokens(&oauth, folder)?)?;
    println!("call          {}", outcome(&call(&second, &shop(1)).await));
    println!("              {} more refreshes", sandbox.refreshes(&shop(1)) - before);

    println!("\nan owner takes the authorisation back");
    sandbox.revoke_shop(&shop(2));
    println!("call          {}", outcome(&call(&client, &shop(2)).await));
    println!("call          {}", outcome(&call(&client, &shop(2)).await));
    authorise(&sandbox, &oauth, &tokens, &shop(2)).await?;
    println!("and gives it again");
    println!("call          {}", outcome(&call(&client, &shop(2)).await));

    // Before a runtime is shut down, refreshes under way are let come to their end.
    tokens.settled().await;
    println!("\nit is {} on the platform's clock", clock.now());
    Ok(())
}

/// What an application makes once: tokens in files, and somebody who hears when a shop has to be asked again.
fn tokens(oauth: &OAuth, folder: &Path) -> Result<Tokens, Error> {
    Ok(Tokens::builder(oauth.clone())
        .store(FileTokenStore::open(folder)?)
        .on_reauth_required(|event| println!("event         {} has to authorise again: {}", event.shop, event.reason))
        .build())
}

fn client(sandbox: &Sandbox, tokens: &Tokens) -> Result<Client, Error> {
    sandbox.client().quota(Quota::none()).tokens(tokens.clone()).build()
}

/// What an application does once for each shop. Between `begin` and `accept` the owner's browser is at the platform.
async fn authorise(
    sandbox: &Sandbox,
    oauth: &OAuth,
    tokens: &Tokens,
    shop: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let pending = oauth.begin(["trade:read"])?;
    let query = sandbox.authorize(pending.url(), Grant::new(shop))?;
    let pair = oauth.exchange(pending.accept(&query)?).await?;
    tokens.put(shop, pair).await?;
    Ok(())
}

async fn call(client: &Client, shop: &str) -> Result<Json, Error> {
    client.for_shop(shop).request(Method::GET, "/trade/v1/orders").query("limit", 1).send().await
}

async fn call_all(client: &Client) -> usize {
    let mut answered = 0;
    for number in 0..SHOPS {
        answered += usize::from(call(client, &shop(number)).await.is_ok());
    }
    answered
}

async fn thousand_tasks(client: &Client, shop: &str) -> usize {
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let (client, shop) = (client.clone(), shop.to_owned());
            tokio::spawn(async move { call(&client, &shop).await.is_ok() })
        })
        .collect();
    let mut succeeded = 0;
    for task in tasks {
        succeeded += usize::from(task.await.unwrap_or(false));
    }
    succeeded
}

fn shop(number: usize) -> String {
    format!("shop-{number}")
}

fn outcome(outcome: &Result<Json, Error>) -> String {
    match outcome {
        Ok(_) => "answered".to_owned(),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}
