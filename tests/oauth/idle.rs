//! Connections that are kept between calls, and die meanwhile.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::exchange::callback_past;
use crate::jwks::{app, ask};
use crate::support::agent::Agent;
use crate::support::app::Setup;
use crate::support::forge::{Key, access_claims};

/// Passes connections on, and kills all that are open when told to.
struct Relay {
    port: u16,
    connections: Arc<AtomicUsize>,
    kill: watch::Sender<()>,
}

impl Relay {
    async fn start() -> (Self, watch::Sender<u16>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (kill, killed) = watch::channel(());
        let (lead, upstream) = watch::channel(0);
        let connections = Arc::new(AtomicUsize::new(0));
        let relay = Relay { port, connections: connections.clone(), kill };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (upstream, mut killed) = (*upstream.borrow(), killed.clone());
                killed.mark_unchanged();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = pass_on(client, upstream) => {}
                        _ = killed.changed() => {}
                    }
                });
            }
        });
        (relay, lead)
    }
}

async fn pass_on(mut client: TcpStream, upstream: u16) -> io::Result<(u64, u64)> {
    let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream)).await?;
    copy_bidirectional(&mut client, &mut upstream).await
}

/// I9.
#[rocket::async_test]
async fn connections_are_kept_and_dead_ones_fail_no_sign_in() {
    let (relay, lead) = Relay::start().await;
    let domain = format!("http://127.0.0.1:{}", relay.port);
    let app = Setup::new().set("domain", &domain).start().await;
    lead.send(app.pool.base_url().rsplit_once(':').unwrap().1.parse().unwrap()).unwrap();
    let sign_in = async || {
        let agent = Agent::new();
        let page = agent.get(&callback_past(&app, &domain, &agent).await).await;
        (page.status.as_u16(), page.header("location").to_owned())
    };
    for _ in 0..5 {
        assert_eq!(sign_in().await, (303, "/me".to_owned()));
    }
    assert_eq!(relay.connections.load(Ordering::SeqCst), 1, "one connection serves them all");
    for _ in 0..20 {
        relay.kill.send(()).unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(sign_in().await, (303, "/me".to_owned()));
    }
    assert_eq!(relay.connections.load(Ordering::SeqCst), 21);
}

/// Answers the first request of each connection, and forgets the connection without a word.
async fn forgetful(listener: TcpListener, body: watch::Receiver<String>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let body = body.borrow().clone();
        tokio::spawn(async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await?;
            std::future::pending::<io::Result<()>>().await
        });
    }
}

/// I9: a firewall drops what has been idle, and tells neither side.
#[rocket::async_test]
async fn a_connection_that_was_forgotten_fails_nobody_who_brings_a_new_key() {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let keys =
        |keys: &[&Key]| json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string();
    let (publish, published) = watch::channel(keys(&[&old]));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let endpoint = tokio::spawn(forgetful(listener, published));
    let app = app(&url).await;
    assert_eq!(ask(&app, &old.token(&access_claims())).await.0, 200);
    publish.send(keys(&[&old, &new])).unwrap();
    // A new key causes a fetch ten seconds after the last one.
    tokio::time::sleep(Duration::from_millis(10_200)).await;
    assert_eq!(ask(&app, &new.token(&access_claims())).await.0, 200);
    endpoint.abort();
}
