//! Requests over one connection that stays open, one after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};

/// One route, asked for with these header lines in turn.
pub struct Case {
    pub name: &'static str,
    /// Which of the others it is held against.
    pub floor: &'static str,
    requests: Vec<String>,
    status: u16,
}

impl Case {
    pub fn new(name: &'static str, path: &str, headers: &[String], floor: &'static str) -> Self {
        let request = |header: &String| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
        Case { name, floor, requests: headers.iter().map(request).collect(), status: 200 }
    }

    /// Insists on this status, and not on 200.
    pub fn answered(self, status: u16) -> Self {
        Case { status, ..self }
    }

    /// How many requests there are before the first one's turn comes again.
    pub fn variety(&self) -> usize {
        self.requests.len()
    }

    /// Sends so many requests over a new connection.
    pub fn send(&self, port: u16, count: usize) {
        let mut connection = Connection::open(port);
        for number in 0..count {
            self.ask(&mut connection, number);
            self.check(&mut connection);
        }
    }

    /// Sends the request whose turn it is, and leaves the answer for [`check`](Self::check).
    pub fn ask(&self, connection: &mut Connection, number: usize) {
        connection.ask(&self.requests[number % self.requests.len()]);
    }

    /// Insists on the answer's status.
    pub fn check(&self, connection: &mut Connection) {
        connection.answer(self.status);
    }
}

/// A connection to the server.
pub struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    head: String,
    body: Vec<u8>,
}

impl Connection {
    pub fn open(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let reader = BufReader::new(stream.try_clone().expect("a socket"));
        Connection { stream, reader, head: String::new(), body: Vec::new() }
    }

    /// Sends one request, insists on the answer's status, and returns its body.
    pub fn send(&mut self, request: &str, status: u16) -> &[u8] {
        self.ask(request);
        self.answer(status);
        &self.body
    }

    /// The status line and the headers of the last answer.
    pub fn head(&self) -> &str {
        &self.head
    }

    fn ask(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).expect("a request");
    }

    fn answer(&mut self, status: u16) {
        self.head.clear();
        let answered = self.read_line().split(' ').nth(1).and_then(|code| code.parse().ok());
        assert_eq!(answered, Some(status), "{}", self.head);
        let mut length = 0;
        loop {
            let line = self.read_line();
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("a body");
    }

    fn read_line(&mut self) -> &str {
        let start = self.head.len();
        let read = self.reader.read_line(&mut self.head).expect("an answer");
        assert!(read > 0, "the server closed the connection");
        &self.head[start..]
    }
}
