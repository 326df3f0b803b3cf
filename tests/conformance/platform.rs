//! Where the calls go.

use std::env;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use ecloud_core::{Client, ManualClock, Shop, Timestamp};
use ecloud_sandbox::{MovedClock, Sandbox, Server};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, MutexGuard};

/// The moment in which all examples play: 1 March 2026, 08:00 UTC.
const NOW: Timestamp = Timestamp::from_unix_millis(1_772_352_000_000);
/// The shop in which all examples play.
const SHOP: &str = "example-shop";

/// A platform elsewhere has one state, so one operation at a time is tried there.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A platform with the shop of the examples.
///
/// A sandbox on a port of its own, unless the environment names another:
///
/// | variable | what |
/// |---|---|
/// | `ECLOUD_CONFORMANCE_ENDPOINT` | where the platform answers, for example `http://127.0.0.1:8080` |
/// | `ECLOUD_CONFORMANCE_APP_KEY`, `ECLOUD_CONFORMANCE_APP_SECRET` | the application that calls |
/// | `ECLOUD_CONFORMANCE_ACCESS_TOKEN` | its token for the shop |
/// | `ECLOUD_CONFORMANCE_SHOP` | the shop; `example-shop` unless given |
/// | `ECLOUD_CONFORMANCE_RESET` | a path that is posted to before each operation, after which the shop is as the examples need it; `/sandbox/v1/reset` with a sandbox |
pub(crate) struct Platform {
    client: Client,
    shop_id: String,
    server: Option<Server>,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Platform {
    pub(crate) async fn open() -> Self {
        match env::var("ECLOUD_CONFORMANCE_ENDPOINT") {
            Ok(endpoint) => Self::elsewhere(endpoint).await,
            Err(_) => Self::embedded().await,
        }
    }

    async fn embedded() -> Self {
        let clock = ManualClock::new(NOW);
        let sandbox = Sandbox::builder().examples().clock(Arc::new(clock.clone())).build();
        let server = sandbox.serve(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
        let client = Client::builder()
            .endpoint(server.endpoint())
            .app(sandbox.app_key(), sandbox.app_secret())
            .access_token(sandbox.access_token())
            .clock(Arc::new(clock))
            .build()
            .unwrap();
        Self { client, shop_id: SHOP.to_owned(), server: Some(server), _alone: None }
    }

    async fn elsewhere(endpoint: String) -> Self {
        let alone = ALONE.lock().await;
        // Only the first test installs it; reqwest has none of its own.
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        if let Ok(path) = env::var("ECLOUD_CONFORMANCE_RESET") {
            let reset = http.post(format!("{endpoint}{path}")).send().await.unwrap();
            assert!(reset.status().is_success(), "the platform can't be reset: {}", reset.status());
        }
        // Where the examples play is further away than a client corrects its clock.
        let any = http.get(&endpoint).send().await.unwrap();
        let date = httpdate::parse_http_date(any.headers()["date"].to_str().unwrap()).unwrap();
        let now = date.duration_since(UNIX_EPOCH).unwrap().as_millis();
        let clock = MovedClock::starting_at(Timestamp::from_unix_millis(now.try_into().unwrap()));
        let said = |name: &str| {
            let name = format!("ECLOUD_CONFORMANCE_{name}");
            env::var(&name).unwrap_or_else(|_| panic!("{name} is needed beside ECLOUD_CONFORMANCE_ENDPOINT"))
        };
        let client = Client::builder()
            .endpoint(endpoint.as_str())
            .app(said("APP_KEY"), said("APP_SECRET"))
            .access_token(said("ACCESS_TOKEN"))
            .clock(Arc::new(clock))
            .build()
            .unwrap();
        let shop_id = env::var("ECLOUD_CONFORMANCE_SHOP").unwrap_or_else(|_| SHOP.to_owned());
        Self { client, shop_id, server: None, _alone: Some(alone) }
    }

    /// The shop of the examples.
    pub(crate) fn shop(&self) -> Shop {
        self.client.for_shop(&self.shop_id)
    }

    pub(crate) async fn close(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}
