//! Commands to a Redis as the tests send them, whatever the app does meanwhile.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Nothing here takes longer, on a slow and busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to one server.
pub struct RedisClient(BufReader<TcpStream>);

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Bytes(Vec<u8>),
    Number(i64),
    List(Vec<Answer>),
    Nothing,
    Error(String),
}

impl RedisClient {
    /// Connects, and signs in as the user that each server of the tests has for them.
    pub fn connect(port: u16) -> Self {
        let stream =
            TcpStream::connect(("127.0.0.1", port)).unwrap_or_else(|error| panic!("at {port}: {error}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = RedisClient(BufReader::new(stream));
        // A Sentinel knows no such user, and needs none.
        client.send(&["AUTH", super::redis::ADMIN, "-"]);
        client
    }

    /// Sends a command, and returns what comes: an error too where the server hangs up, as one does that becomes a replica.
    pub fn send(&mut self, parts: &[impl AsRef<[u8]>]) -> Answer {
        let answer = self.write(parts).and_then(|()| self.receive());
        answer.unwrap_or_else(|error| Answer::Error(error.to_string()))
    }

    /// Sends a command, and does not wait for an answer.
    pub fn post(&mut self, parts: &[impl AsRef<[u8]>]) {
        self.write(parts).expect("the server listens");
    }

    fn write(&mut self, parts: &[impl AsRef<[u8]>]) -> io::Result<()> {
        let mut command = format!("*{}\r\n", parts.len()).into_bytes();
        for part in parts.iter().map(AsRef::as_ref) {
            command.extend(format!("${}\r\n", part.len()).as_bytes());
            command.extend(part);
            command.extend(b"\r\n");
        }
        self.0.get_mut().write_all(&command)
    }

    /// Sends words, which have to succeed.
    #[track_caller]
    pub fn run(&mut self, command: &str) -> Answer {
        let answer = self.send(&command.split(' ').collect::<Vec<_>>());
        assert!(!matches!(answer, Answer::Error(_)), "{command}: {answer:?}");
        answer
    }

    fn receive(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        let Some(line) = line.strip_suffix("\r\n") else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        let (kind, rest) = line.split_at(1);
        let number = || rest.parse::<i64>().unwrap();
        Ok(match (kind, rest) {
            ("$" | "*", "-1") => Answer::Nothing,
            ("+", _) => Answer::Bytes(rest.into()),
            ("-", _) => Answer::Error(rest.to_owned()),
            (":", _) => Answer::Number(number()),
            ("$", _) => {
                let mut bytes = vec![0; usize::try_from(number()).unwrap() + 2];
                self.0.read_exact(&mut bytes)?;
                bytes.truncate(bytes.len() - 2);
                Answer::Bytes(bytes)
            }
            ("*", _) => Answer::List((0..number()).map(|_| self.receive()).collect::<io::Result<_>>()?),
            _ => panic!("no answer: {line}"),
        })
    }
}

impl Answer {
    /// The parts of a list; of anything else none.
    pub fn list(self) -> Vec<Answer> {
        match self {
            Answer::List(parts) => parts,
            _ => Vec::new(),
        }
    }

    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Answer::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    #[track_caller]
    pub fn text(self) -> String {
        match self {
            Answer::Bytes(bytes) => String::from_utf8(bytes).expect("a text"),
            other => panic!("no text: {other:?}"),
        }
    }

    #[track_caller]
    pub fn number(self) -> i64 {
        match self {
            Answer::Number(number) => number,
            other => panic!("no number: {other:?}"),
        }
    }
}
