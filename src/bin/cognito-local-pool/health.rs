//! `--check`: whether a pool runs, for the health checks of containers without other programs.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// For the whole call.
const DEADLINE: Duration = Duration::from_secs(2);
const MAX_ANSWER: usize = 4096;
const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const RIGHT_STATUS: &[u8] = b"HTTP/1.1 200 ";
/// No other program says so.
const RIGHT_BODY: &[u8] = b"\r\n\r\nThe local pool runs.\n";

/// Asks the pool at this address for its health.
pub fn check(address: SocketAddr) -> Result<(), String> {
    match answer(address) {
        Ok(answer) if answer.starts_with(RIGHT_STATUS) && answer.ends_with(RIGHT_BODY) => Ok(()),
        Ok(_) => Err(format!("another program than this pool answers at http://{address}/health")),
        Err(error) => Err(format!("no pool answers at http://{address}/health: {error}")),
    }
}

/// The whole answer, or as much of it as a pool would say.
fn answer(address: SocketAddr) -> io::Result<Vec<u8>> {
    let end = Instant::now() + DEADLINE;
    let left = || {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(left) }
    };
    let mut stream = TcpStream::connect_timeout(&address, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    stream.write_all(REQUEST)?;
    let (mut answer, mut part) = (Vec::new(), [0; 512]);
    while answer.len() < MAX_ANSWER {
        stream.set_read_timeout(Some(left()?))?;
        match stream.read(&mut part)? {
            0 => break,
            length => answer.extend(part.iter().take(length)),
        }
    }
    Ok(answer)
}
