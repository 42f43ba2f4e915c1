//! A forward proxy (RFC 9110 sections 7.2 and 9.3.6): requests in absolute form, and tunnels by CONNECT.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy on loopback; it is gone when dropped.
pub struct ForwardProxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    listening: JoinHandle<()>,
}

impl ForwardProxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (port, heads) = (listener.local_addr().unwrap().port(), Arc::default());
        let listening = tokio::spawn(listen(listener, Arc::clone(&heads)));
        ForwardProxy { port, heads, listening }
    }

    /// Its address, with `user:password@` or nothing.
    pub fn url(&self, login: &str) -> String {
        format!("http://{login}127.0.0.1:{}", self.port)
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Their first lines, without the version.
    pub fn requests(&self) -> Vec<String> {
        let line = |head: &String| head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
        self.heads().iter().map(line).collect()
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, heads: Arc<Mutex<Vec<String>>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let heads = Arc::clone(&heads);
        tokio::spawn(async move { serve(stream, &heads).await.ok() });
    }
}

async fn serve(mut client: TcpStream, heads: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let [method, target, _] = head.lines().next().unwrap().split(' ').collect::<Vec<_>>()[..] else {
        panic!("no request: {head}")
    };
    if method == "CONNECT" {
        let mut server = TcpStream::connect(target).await?;
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        return copy_bidirectional(&mut client, &mut server).await.map(drop);
    }
    let url = Url::parse(target).expect("an absolute form");
    let origin = url.origin().ascii_serialization();
    let mut server = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap_or(80))).await?;
    // One request for each connection; the proxy's own headers go no further.
    let kept = head.replacen(&origin, "", 1);
    let kept = kept.lines().filter(|line| {
        let name = line.split(':').next().unwrap().to_ascii_lowercase();
        !["connection", "proxy-authorization", "proxy-connection"].contains(&name.as_str())
    });
    let kept: Vec<_> = kept.filter(|line| !line.is_empty()).collect();
    server.write_all(format!("{}\r\nConnection: close\r\n\r\n", kept.join("\r\n")).as_bytes()).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
