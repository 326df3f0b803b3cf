//! The door by which the platform itself sends something: events, to a callback on this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ecloud_core::Clock;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::platform::Platform;
use crate::protocol::outbox::EventDelivery;

/// How long a receiver may take to answer.
const WITHIN: Duration = Duration::from_secs(15);

/// What sends events; closed until it is opened, and when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct CallbackDoor {
    running: Mutex<Option<AbortHandle>>,
}

impl CallbackDoor {
    /// Sends from now on, on the runtime that it is called on, unless it does so already.
    pub(crate) fn open(&self, platform: &Arc<Platform>, clock: &Arc<dyn Clock>) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.as_ref().is_none_or(AbortHandle::is_finished) {
            *running = Some(tokio::spawn(send_all(Arc::downgrade(platform), Arc::clone(clock))).abort_handle());
        }
    }
}

impl Drop for CallbackDoor {
    fn drop(&mut self) {
        if let Some(running) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() {
            running.abort();
        }
    }
}

/// Sends what is due, one after the other, and waits for what comes next, until the platform is gone.
async fn send_all(platform: Weak<Platform>, clock: Arc<dyn Clock>) {
    loop {
        let Some(there) = platform.upgrade() else { return };
        if let Some((url, due)) = there.due_callbacks(clock.now())
            && let Some(target) = Target::parse(&url)
        {
            for delivery in due {
                let status = target.send_in_time(&delivery, &*clock).await;
                there.event_answered(&delivery, status, clock.now());
            }
        }
        there.callbacks_sent();
        let stirred = Arc::clone(&there.stirred);
        let next = there.next_event_in(clock.now());
        drop(there);
        match next {
            Some(wait) => {
                tokio::select! {
                    () = stirred.notified() => {}
                    () = clock.expiry(clock.monotonic().saturating_add(wait)) => {}
                }
            }
            None => stirred.notified().await,
        }
    }
}

/// A callback on this machine.
#[derive(Debug)]
pub(crate) struct Target {
    address: SocketAddr,
    host: HeaderValue,
    path: String,
}

impl Target {
    /// Reads an address; `None` unless it is `http` on exactly `localhost`, 127.0.0.0/8 or `[::1]`. No name is ever looked up.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok().filter(|uri: &Uri| uri.scheme_str() == Some("http"))?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let ip = match authority.host() {
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            "[::1]" => IpAddr::V6(Ipv6Addr::LOCALHOST),
            host => IpAddr::V4(host.parse().ok()?),
        };
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None => 80,
        };
        ip.is_loopback().then_some(())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Some(Self { address: SocketAddr::new(ip, port), host: HeaderValue::from_str(authority.as_str()).ok()?, path })
    }

    /// The status that the receiver answers with; `None` where none comes in time.
    async fn send_in_time(&self, delivery: &EventDelivery, clock: &dyn Clock) -> Option<u16> {
        let deadline = clock.expiry(clock.monotonic().saturating_add(WITHIN));
        tokio::select! {
            status = self.send(delivery) => status,
            () = deadline => None,
        }
    }

    async fn send(&self, delivery: &EventDelivery) -> Option<u16> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
        let mut request = Request::new(Full::new(delivery.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.parse().ok()?;
        *request.headers_mut() = delivery.headers.clone();
        request.headers_mut().insert(HOST, self.host.clone());
        // A connection may end in the moment in which it has brought the answer; then the answer still counts.
        let connected = async {
            let _ = connection.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            answer = sender.send_request(request) => Some(answer.ok()?.status().as_u16()),
            () = connected => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn only_addresses_of_this_machine_are_taken() {
        for url in ["http://127.0.0.1:8080/events", "http://localhost/", "http://127.9.9.9:1?a=b", "http://[::1]:9"] {
            assert!(Target::parse(url).is_some(), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1@example.com/",
            "http://user@127.0.0.1/",
            "http://0.0.0.0/",
            "http://10.0.0.1/",
            "http://169.254.169.254/latest",
            "http://[::]/",
            "http://[::ffff:10.0.0.1]/",
            "http://2130706433/",
            "http://0x7f.1/",
            "//127.0.0.1/",
            "/events",
            "file:///etc/passwd",
            "",
        ] {
            assert!(Target::parse(url).is_none(), "{url}");
        }
    }
}
