//! Requests byte by byte, which HTTP clients would tidy up.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What an app on `port` answers to these bytes, until it closes the connection.
pub async fn exchange(port: u16, request: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    let mut answer = Vec::new();
    // What follows a bad request may be reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// A connection to an app, kept for as long as the app keeps it.
pub struct Line {
    port: u16,
    stream: Option<TcpStream>,
}

/// Status, head and body of an answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Line {
    pub fn new(port: u16) -> Self {
        Line { port, stream: None }
    }

    /// What the app answers to `start`, such as `GET /me`, with these lines of headers.
    pub async fn send(&mut self, start: &str, headers: &[&[u8]]) -> Answer {
        let mut request = format!("{start} HTTP/1.1\r\nHost: localhost:{}\r\n", self.port).into_bytes();
        for header in headers {
            request.extend_from_slice(header);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"Content-Length: 0\r\n\r\n");
        let stream = match &mut self.stream {
            Some(stream) => stream,
            closed => closed.insert(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap()),
        };
        stream.write_all(&request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        stream.read_exact(&mut body).await.unwrap();
        if head.contains("\r\nconnection: close\r\n") {
            self.stream = None;
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: String::from_utf8_lossy(&body).into_owned() }
    }
}
