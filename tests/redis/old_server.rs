//! A Redis that says that it is of an old release.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy before a Redis, which changes the release in what that says of itself; it ends with the value.
pub struct OldServer {
    pub port: u16,
    serving: JoinHandle<()>,
}

impl OldServer {
    pub async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server));
            }
        });
        OldServer { port, serving }
    }
}

impl Drop for OldServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn carry(client: TcpStream, server: u16) {
    let server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
        let answer = &mut buffer[..length];
        make_old(answer);
        if to_client.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// Puts zeros in place of the number before the first dot of the release, if the answer is that to `HELLO`.
fn make_old(answer: &mut [u8]) {
    const FIELD: &[u8] = b"version\r\n$";
    let Some(field) = answer.windows(FIELD.len()).position(|window| window == FIELD) else { return };
    let release = answer[field..].iter_mut().skip(FIELD.len()).skip_while(|byte| **byte != b'\n').skip(1);
    release.take_while(|byte| **byte != b'.').for_each(|byte| *byte = b'0');
}
