//! A server of raw bytes: it answers each request with what the test prepared.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a request is answered with.
pub(crate) enum Reply {
    /// These bytes; the connection stays open if they are a whole answer, and is closed otherwise.
    Bytes(&'static str),
    /// The connection is closed.
    Nothing,
    /// The connection stays open.
    Silence,
}

pub(crate) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    asked: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, connections, asked) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default(), Arc::new(Notify::new()));
        let task = tokio::spawn({
            let (seen, connections, asked) = (seen.clone(), connections.clone(), asked.clone());
            async move {
                let mut replies = replies.into_iter();
                loop {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    connections.fetch_add(1, Ordering::Relaxed);
                    while let Some(request) = read_request(&mut stream).await {
                        seen.lock().unwrap().push(request);
                        asked.notify_one();
                        match replies.next() {
                            Some(Reply::Bytes(bytes)) => {
                                stream.write_all(bytes.as_bytes()).await.unwrap();
                                if !bytes.ends_with("\"T1\"}") {
                                    break;
                                }
                            }
                            Some(Reply::Silence) => std::future::pending().await,
                            Some(Reply::Nothing) | None => break,
                        }
                    }
                }
            }
        });
        Self { address, seen, connections, asked, task }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Waits until a request has come.
    pub(crate) async fn until_asked(&self) {
        self.asked.notified().await;
    }

    /// Stops, and returns when nobody listens any more.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The head of a request; `None` where the client has closed the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}
