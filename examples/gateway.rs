//! A platform's gateway, built from the same pieces as the client: it verifies signature, nonce, access token, scope, role and quota.
//!
//!     cargo run --example gateway
//!
//! It starts a sandbox that gives out tokens and publishes its keys, puts an axum server in front of it, calls that with the SDK's own client
//! in ways that are right and wrong, and prints what came of each. `gateway/checks.rs` is the part to take along.

#![allow(clippy::print_stdout, reason = "a report is printed")]

#[path = "gateway/checks.rs"]
mod checks;
#[path = "gateway/server.rs"]
mod server;
#[path = "gateway/twice.rs"]
mod twice;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use checks::Gateway;
use ecloud::jwt::{Jwks, Verifier};
use ecloud::prelude::*;
use ecloud::trade::orders::MemoInput;
use ecloud::{ClientBuilder, Clock, QuotaLimit, RetryPolicy, SystemClock};
use ecloud_sandbox::{Grant, Role, Sandbox};
use twice::Twice;

const APP: &str = "partner-app";
const SECRET: &str = "partner-secret";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let keys = format!("{}/.well-known/jwks.json", sandbox.endpoint());
    let jwks = Jwks::fetched(&keys, sandbox.transport(), Arc::clone(&clock))?;
    // The limiter was made for clients, and keeps one token of a bucket back: five calls, and hardly any more ever.
    let quota = QuotaLimit::new(0.01, 6.0).ok_or("no quota")?;
    let gateway = Gateway::new(Verifier::new(sandbox.issuer()), jwks, clock).with_app(APP, SECRET, quota)?;
    let server = server::start(gateway, sandbox.clone()).await?;

    let calls = Calls { endpoint: server.endpoint.clone(), sandbox };
    let mut report = Report::default();
    calls.refused(&mut report).await?;
    calls.within_the_quota_and_beyond(&mut report).await?;
    server.stop().await;
    println!(
        "\n{}",
        if report.as_expected { "Everything came out as it should." } else { "Something came out otherwise." }
    );
    Ok(report.as_expected)
}

/// What the client does.
struct Calls {
    endpoint: String,
    sandbox: Sandbox,
}

impl Calls {
    /// A client of the gateway: it waits for no quota and tries nothing twice, so that each answer is seen.
    fn client(&self) -> ClientBuilder {
        Client::builder()
            .endpoint(&self.endpoint)
            .app(APP, SECRET)
            .quota(QuotaLimit::UNLIMITED)
            .retry(RetryPolicy::none())
            .without_token_check()
    }

    /// A token of the platform for the client's application.
    fn token(&self, allow: impl FnOnce(Grant) -> Grant) -> String {
        self.sandbox.issue_token_to(APP, allow(Grant::new(self.sandbox.shop_id())))
    }

    async fn refused(&self, report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
        let everything = self.token(|grant| grant);
        let list = |client: Client, token: &str| {
            let shop = client.for_shop("demo-shop").access_token(token);
            async move { Trade::new(shop).orders().list().limit(1).send().await.map(drop) }
        };
        let client = self.client().build()?;
        report.note("allowed", None, list(client.clone(), &everything).await);

        let forger = self.client().app(APP, "another-secret").build()?;
        report.note("wrong signature", Some("auth.signature_mismatch"), list(forger, &everything).await);

        let repeater = self.client().transport(Twice::new()?).build()?;
        report.note("replayed", Some("auth.replayed"), list(repeater, &everything).await);

        report.note("opaque token", Some("auth.token_invalid"), list(client.clone(), "opaque").await);
        let others = self.sandbox.access_token();
        report.note("another application's token", Some("auth.token_invalid"), list(client.clone(), others).await);

        let expired = self.token(|grant| grant.expires_at(self.sandbox.now() - Duration::from_secs(1)));
        report.note("expired token", Some("auth.token_expired"), list(client.clone(), &expired).await);

        let own = self.sandbox.issue_token_to(APP, Grant::new(""));
        report.note("the application's own token", Some("auth.scope_denied"), list(client.clone(), &own).await);

        let read_only = self.token(|grant| grant.scopes(["trade:read"]));
        let set_memo = |client: &Client, token: &str| {
            let orders = Trade::new(client.for_shop("demo-shop").access_token(token)).orders();
            orders.set_memo("T1000001", MemoInput::new("fragile")).send()
        };
        report.note("wrong scope", Some("auth.scope_denied"), set_memo(&client, &read_only).await.map(drop));
        let operator = self.token(|grant| grant.role(Role::Operator));
        report.note("wrong role", Some("auth.role_denied"), set_memo(&client, &operator).await.map(drop));

        let checking = Client::builder().endpoint(&self.endpoint).app(APP, SECRET).build()?;
        report.note(
            "wrong scope, not sent",
            Some("auth.scope_denied"),
            set_memo(&checking, &read_only).await.map(drop),
        );
        Ok(())
    }

    async fn within_the_quota_and_beyond(&self, report: &mut Report) -> Result<(), Box<dyn std::error::Error>> {
        let shop = self.client().build()?.for_shop("demo-shop").access_token(self.token(|grant| grant));
        let trade = Trade::new(shop);
        // Three of the five calls that the quota allows were made: by the call that was allowed, and by the first of each pair of the repeated
        // one, whose client made a second attempt.
        for expected in [None, None, Some("quota.exceeded")] {
            let name = if expected.is_none() { "within the quota" } else { "over quota" };
            report.note(name, expected, trade.orders().list().limit(1).send().await.map(drop));
        }
        Ok(())
    }
}

/// What came of the calls.
struct Report {
    as_expected: bool,
}

impl Default for Report {
    fn default() -> Self {
        Self { as_expected: true }
    }
}

impl Report {
    fn note(&mut self, call: &str, expected: Option<&str>, outcome: Result<(), Error>) {
        let (code, said) = match &outcome {
            Ok(()) => (None, "taken".to_owned()),
            Err(error) => (error.code(), error.to_string()),
        };
        let is_expected = code == expected && (outcome.is_ok() == expected.is_none());
        self.as_expected &= is_expected;
        println!("{} {call:<28} {said}", if is_expected { "ok " } else { "NOT" });
    }
}
