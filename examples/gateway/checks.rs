//! What a gateway checks, in the protocol's order: the first check that fails is the answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ecloud::dialect::ecloud::{Incoming, NonceMemory, Rejection, SigningKey};
use ecloud::http::HeaderMap;
use ecloud::jwt::{Claims, Jwks, Verifier};
use ecloud::trade::orders::{GetOrder, ListOrders, SetOrderMemo};
use ecloud::transport::{MemoryTransport, TransportError};
use ecloud::{Client, Clock, Error, Method, Operation, OperationInfo, Quota, QuotaLimit};

/// The operations that this gateway lets through.
const OPERATIONS: [&OperationInfo; 3] = [ListOrders::INFO, GetOrder::INFO, SetOrderMemo::INFO];

/// What a gateway knows.
pub(crate) struct Gateway {
    apps: HashMap<String, App>,
    nonces: NonceMemory,
    verifier: Verifier,
    jwks: Jwks,
    clock: Arc<dyn Clock>,
}

struct App {
    key: SigningKey,
    /// A client that sends nothing: it counts what the application may ask for.
    quota: Client,
}

/// Why a request isn't let through.
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

/// A request that is let through.
pub(crate) struct Allowed {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) claims: Claims,
}

impl Gateway {
    pub(crate) fn new(verifier: Verifier, jwks: Jwks, clock: Arc<dyn Clock>) -> Self {
        Self { apps: HashMap::new(), nonces: NonceMemory::new(1_000_000), verifier, jwks, clock }
    }

    /// Adds an application, with its secret and what it may ask for in each operation group.
    pub(crate) fn with_app(mut self, key: &str, secret: &str, limit: QuotaLimit) -> Result<Self, Error> {
        let nowhere = MemoryTransport::new(|_| Err(TransportError::not_sent("it sends nothing")));
        let quota = Quota::none().each_group(limit).reserve(Duration::ZERO);
        let quota =
            Client::builder().endpoint("http://localhost").app(key, secret).quota(quota).transport(nowhere).build()?;
        self.apps.insert(key.to_owned(), App { key: SigningKey::new(secret.as_bytes()), quota });
        Ok(self)
    }

    /// The time of the gateway.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Checks a request: form, application, signature, nonce, route, token, scope, role, quota.
    pub(crate) async fn check(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Allowed, Refused> {
        let now = self.clock.now();
        let incoming = Incoming::parse(method, target, headers, body)?;
        let app_key = incoming.app_key();
        let app = self.apps.get(app_key).ok_or_else(|| Refused::new(401, "auth.app_unknown", "no such application"))?;
        incoming.verify(&app.key, now)?;
        self.nonces.record(app_key, incoming.nonce(), now)?;

        let operation = operation(method, incoming.segments())
            .ok_or_else(|| Refused::new(404, "request.route_not_found", "there is no such route"))?;
        let token =
            incoming.access_token().ok_or_else(|| Refused::new(401, "auth.token_missing", "the token is missing"))?;
        let no_keys = |error: Error| Refused::new(503, "server.unavailable", error.message());
        let keys = self.jwks.keys_for(token).await.map_err(no_keys)?;
        let claims = self.verifier.verify(&keys, token, app_key, now)?;
        if claims.subject == app_key {
            let message = "the operation acts for a shop, and the token is the application's own";
            return Err(Refused::new(403, "auth.scope_denied", message));
        }
        claims.permit(operation).map_err(Rejection::from)?;
        charge(app, operation)?;
        Ok(Allowed { operation, claims })
    }
}

/// Draws what the operation costs from the application's quota, or says how long that is away.
fn charge(app: &App, operation: &OperationInfo) -> Result<(), Refused> {
    let Some(group) = operation.quota_group else {
        return Ok(());
    };
    let draw = app.quota.quota(group).weight(operation.quota_weight);
    match draw.try_now() {
        Some(permit) => {
            // Dropped, it is charged.
            drop(permit);
            Ok(())
        }
        None => {
            let refused = Refused::new(429, "quota.exceeded", "the quota is used up");
            Err(Refused { retry_after: Some(draw.expected_wait()), ..refused })
        }
    }
}

/// The operation that a path stands for.
fn operation(method: &Method, segments: &[String]) -> Option<&'static OperationInfo> {
    let fits = |operation: &&OperationInfo| {
        let mut template = operation.path.split('/').skip(1);
        let all = segments.iter().all(|segment| {
            template.next().is_some_and(|expected| expected.starts_with('{') || expected == segment.as_str())
        });
        all && template.next().is_none() && operation.method == method
    };
    OPERATIONS.into_iter().find(fits)
}

impl Refused {
    pub(crate) fn new(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), retry_after: None }
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::new(rejection.status(), rejection.code(), rejection.message())
    }
}
