//! The way from axum to a `WebhookHandler` and back.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use ecloud::event::WebhookHandler;
use ecloud::trade::events::TradeEvent;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::orders::Orders;

/// The largest body that is read, in bytes; events are short.
const BODY_LIMIT: usize = 64 * 1024;

/// What was answered, and how often.
pub(crate) type Tally = BTreeMap<String, u32>;

/// A server that runs.
pub(crate) struct Server {
    /// The address to give to the platform.
    pub(crate) callback: String,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

struct Shared {
    handler: WebhookHandler<TradeEvent>,
    orders: Arc<Orders>,
    tally: Mutex<Tally>,
}

pub(crate) async fn start(handler: WebhookHandler<TradeEvent>, orders: Arc<Orders>) -> io::Result<Server> {
    let shared = Arc::new(Shared { handler, orders, tally: Mutex::default() });
    let router = Router::new().route("/ecloud/events", post(receive)).with_state(Arc::clone(&shared));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let callback = format!("http://{}/ecloud/events", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        stopped.await.ok();
    });
    Ok(Server { callback, shared, stop, running: tokio::spawn(serving.into_future()) })
}

/// One delivery. The body is taken as it came: JSON that was parsed and written again has another signature.
async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return answer;
    };
    let answer = shared.handler.handle(&head.headers, &body, |event| shared.orders.take(event)).await;
    let mut tally = shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
    let why = answer.refusal().and_then(|refusal| refusal.code()).map(|code| format!(", {code}"));
    let what = format!("{:?} ({}{})", answer.outcome(), answer.status().as_u16(), why.unwrap_or_default());
    *tally.entry(what).or_default() += 1;
    answer.response().map(Body::from)
}

impl Server {
    /// Takes no more, and tells what was answered.
    pub(crate) async fn stop(self) -> Tally {
        self.stop.send(()).ok();
        self.running.await.ok();
        std::mem::take(&mut self.shared.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
