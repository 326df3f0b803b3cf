//! A server of raw bytes: it answers each request with what the test prepared.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

/// What a request is answered with.
pub(crate) enum Reply {
    /// These bytes; the connection stays open if they are a whole answer, and is closed otherwise.
    Bytes(&'static str),
    /// These bytes, and the connection stays open.
    Open(Vec<u8>),
    /// These bytes, and the connection is closed.
    Closed(Vec<u8>),
    /// The connection is closed.
    Nothing,
    /// The connection stays open.
    Silence,
}

pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    replies: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<String>>,
    connections: AtomicUsize,
    asked: Notify,
    /// How many connections have come to their end, on whichever side.
    ended: watch::Sender<usize>,
}

impl Server {
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            replies: Mutex::new(replies.into()),
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            asked: Notify::new(),
            ended: watch::Sender::new(0),
        });
        let task = tokio::spawn({
            let state = state.clone();
            async move {
                // They end with this task.
                let mut connections = JoinSet::new();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    state.connections.fetch_add(1, Ordering::Relaxed);
                    connections.spawn(state.clone().serve(stream));
                }
            }
        });
        Self { address, state, task }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, each with its body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// Waits until a request has come.
    pub(crate) async fn until_asked(&self) {
        self.state.asked.notified().await;
    }

    /// Waits until so many connections have come to their end, and the client's runtime could notice.
    pub(crate) async fn until_ended(&self, connections: usize) {
        self.state.ended.subscribe().wait_for(|ended| *ended >= connections).await.unwrap();
        // The runtime looks at its sockets once in 61 tasks.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
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

impl State {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        while let Some(request) = read_request(&mut stream).await {
            self.seen.lock().unwrap().push(request);
            self.asked.notify_one();
            let reply = self.replies.lock().unwrap().pop_front();
            let (bytes, is_over) = match reply {
                Some(Reply::Bytes(bytes)) => (bytes.as_bytes().to_vec(), !bytes.ends_with("\"T1\"}")),
                Some(Reply::Open(bytes)) => (bytes, false),
                Some(Reply::Closed(bytes)) => (bytes, true),
                Some(Reply::Silence) => (Vec::new(), false),
                Some(Reply::Nothing) | None => (Vec::new(), true),
            };
            // Who breaks off doesn't read to the end.
            if stream.write_all(&bytes).await.is_err() || is_over {
                break;
            }
        }
        drop(stream);
        self.ended.send_modify(|ended| *ended += 1);
    }
}

/// A request with its body; `None` where the client has closed the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(request.clone()).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
