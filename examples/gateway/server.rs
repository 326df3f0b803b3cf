//! The gateway on a port of this machine: axum on one side, the platform on the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Response, header};
use ecloud::dialect::ecloud::Incoming;
use ecloud_sandbox::{Grant, Sandbox};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::checks::{Gateway, Refused};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// A server that runs.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

struct Shared {
    gateway: Gateway,
    /// The platform behind the gateway.
    platform: Sandbox,
    request_ids: AtomicU64,
}

pub(crate) async fn start(gateway: Gateway, platform: Sandbox) -> io::Result<Server> {
    let shared = Arc::new(Shared { gateway, platform, request_ids: AtomicU64::new(1) });
    let router = Router::new().fallback(answer).with_state(shared);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        stopped.await.ok();
    });
    Ok(Server { endpoint, stop, running: tokio::spawn(serving.into_future()) })
}

impl Server {
    pub(crate) async fn stop(self) {
        self.stop.send(()).ok();
        self.running.await.ok();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let request_id = format!("gw-{:06}", shared.request_ids.fetch_add(1, Ordering::Relaxed));
    let mut answer = match pass(&shared, request).await {
        Ok(answer) => answer,
        Err(refused) => refusal(&refused, &request_id),
    };
    let now = std::time::SystemTime::from(shared.gateway.clock().now());
    let headers = [
        (header::DATE.as_str(), httpdate::fmt_http_date(now)),
        (header::CACHE_CONTROL.as_str(), "no-store".to_owned()),
        (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
        ("x-ecloud-request-id", request_id),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// Checks the request, and asks the platform.
async fn pass(shared: &Shared, request: Request) -> Result<Response<Body>, Refused> {
    let (head, body) = request.into_parts();
    let too_large = |_| Refused::new(413, "request.too_large", "the body is too large");
    let body = to_bytes(body, BODY_LIMIT).await.map_err(too_large)?;
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
    let allowed = shared.gateway.check(&head.method, target, &head.headers, &body).await?;

    // The platform sees the gateway's application, and a token of its own for the shop that the caller's token names, and for no other.
    let incoming = Incoming::parse(&head.method, target, &head.headers, &body)?;
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let behind = |error: ecloud::Error| Refused::new(502, "server.unavailable", error.message());
    let shop_id = allowed.claims.subject;
    let token = shared.platform.issue_token(Grant::new(&*shop_id));
    let client = shared.platform.client().build().map_err(behind)?;
    let shop = client.for_shop(shop_id).access_token(token);
    let mut request = shop.request(allowed.operation.method.clone(), path);
    for (name, value) in incoming.query() {
        request = request.query(name, value);
    }
    if !body.is_empty() {
        request = request.body("application/json", body);
    }
    let answer = request.send_raw().await.map_err(behind)?;
    Ok(Response::new(Body::from(answer.body)))
}

/// An error as the protocol writes it.
fn refusal(refused: &Refused, request_id: &str) -> Response<Body> {
    let error =
        serde_json::json!({"error": {"code": refused.code, "message": refused.message, "request_id": request_id}});
    let mut answer = Response::new(Body::from(error.to_string()));
    *answer.status_mut() = refused.status.try_into().unwrap_or_default();
    if let Some(wait) = refused.retry_after {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        answer.headers_mut().insert("x-ecloud-retry-after-ms", millis.into());
    }
    answer
}
