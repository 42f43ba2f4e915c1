//! `--check`: whether a pool runs, for the health checks of containers without other programs.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(2);
const REQUEST: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const RIGHT: &[u8] = b"HTTP/1.1 200 ";

/// Asks the pool at this address for its health.
pub fn check(address: SocketAddr) -> Result<(), String> {
    match answer(address) {
        Ok(answer) if answer == RIGHT => Ok(()),
        Ok(_) => Err(format!("another program than this pool answers at http://{address}/health")),
        Err(error) => Err(format!("no pool answers at http://{address}/health: {error}")),
    }
}

/// How the answer begins.
fn answer(address: SocketAddr) -> io::Result<[u8; RIGHT.len()]> {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    stream.write_all(REQUEST)?;
    let mut answer = [0; RIGHT.len()];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}
