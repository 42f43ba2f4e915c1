//! An HTTP endpoint that answers whatever it is told to, right or wrong, and counts.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Keeps a held answer back.
pub struct Gate {
    _closed: watch::Sender<()>,
}

/// What the endpoint does with a request.
#[derive(Clone)]
pub enum Answer {
    /// Writes these bytes, and closes.
    Bytes(Vec<u8>),
    /// The same, as soon as its [`Gate`] is dropped.
    Held(watch::Receiver<()>, Vec<u8>),
    /// Reads, and says nothing.
    Hang,
}

impl Answer {
    pub fn new(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        Answer::Bytes([head.as_bytes(), body].concat())
    }

    pub fn ok(body: impl AsRef<[u8]>) -> Self {
        Answer::new("200 OK", "Content-Type: application/json\r\n", body)
    }

    pub fn redirect(url: &str) -> Self {
        Answer::new("302 Found", &format!("Location: {url}\r\n"), "")
    }

    /// This answer, which waits until the gate is dropped.
    pub fn held(self) -> (Gate, Self) {
        let Answer::Bytes(bytes) = self else { panic!("only an answer can be held") };
        let (closed, gate) = watch::channel(());
        (Gate { _closed: closed }, Answer::Held(gate, bytes))
    }
}

/// A listener on loopback; it is gone when dropped.
pub struct Stub {
    port: u16,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<Answer>>,
    listening: JoinHandle<()>,
}

impl Stub {
    pub async fn start(answer: Answer) -> Self {
        Stub::on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap(), answer)
    }

    pub fn on(listener: TcpListener, answer: Answer) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (requests, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(answer)));
        let listening = tokio::spawn(listen(listener, requests.clone(), answer.clone()));
        Stub { port, requests, answer, listening }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn set(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How many connections there were: one request each.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits for the `count`th request.
    pub async fn asked(&self, count: usize) {
        while self.requests() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, requests: Arc<AtomicUsize>, answer: Arc<Mutex<Answer>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        requests.fetch_add(1, Ordering::SeqCst);
        let answer = answer.lock().unwrap().clone();
        // A client that hangs up early has had enough.
        tokio::spawn(async { serve(stream, answer).await.ok() });
    }
}

async fn serve(mut stream: TcpStream, answer: Answer) -> io::Result<()> {
    read_request(&mut stream).await?;
    match answer {
        Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
        Answer::Held(mut gate, bytes) => {
            while gate.changed().await.is_ok() {}
            stream.write_all(&bytes).await?;
        }
        Answer::Hang => std::future::pending().await,
    }
    stream.shutdown().await
}

/// Reads head and body: closing a socket with unread bytes would reset it under the answer.
async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).await.map(drop)
}
