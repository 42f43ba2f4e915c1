//! What stands in front of a local pool, and answers some paths in its place.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::support::stub::Answer;

#[derive(Default)]
struct Shared {
    upstream: AtomicU16,
    answers: Mutex<HashMap<String, Answer>>,
    requests: AtomicUsize,
    received: Mutex<String>,
}

/// A listener on loopback; it is gone when dropped.
pub struct Front {
    pub port: u16,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Front {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Front { port, shared, serving }
    }

    /// Passes on to the pool at this port.
    pub fn lead_to(&self, port: u16) {
        self.shared.upstream.store(port, Ordering::SeqCst);
    }

    /// Answers the requests for `path` from now on.
    pub fn answer(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// All requests with heads and bodies, one after the other.
    pub fn received(&self) -> String {
        self.shared.received.lock().unwrap().clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that hangs up early has had enough.
        let shared = Arc::clone(&shared);
        tokio::spawn(async move { serve_one(stream, &shared).await.ok() });
    }
}

/// One request: a client that keeps its connection is asked to make another one.
async fn serve_one(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let request = read_request(&mut stream).await?;
    shared.requests.fetch_add(1, Ordering::SeqCst);
    shared.received.lock().unwrap().push_str(&String::from_utf8_lossy(&request));
    let text = String::from_utf8_lossy(&request);
    let path = text.split([' ', '?']).nth(1).unwrap_or_default();
    let answer = shared.answers.lock().unwrap().get(path).cloned();
    match answer {
        Some(Answer::Bytes(bytes)) => stream.write_all(&bytes).await?,
        Some(Answer::Held(..)) => unreachable!("no test holds an answer here"),
        Some(Answer::Hang) => std::future::pending().await,
        None => {
            let port = shared.upstream.load(Ordering::SeqCst);
            let mut pool = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
            let lines = text.split_inclusive("\r\n");
            let others = lines.filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
            let closing = others.collect::<String>().replacen("\r\n", "\r\nConnection: close\r\n", 1);
            pool.write_all(closing.as_bytes()).await?;
            tokio::io::copy(&mut pool, &mut stream).await?;
        }
    }
    stream.shutdown().await
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).await?;
    request.append(&mut body);
    Ok(request)
}
