//! A proxy that does to connections what networks do, and changes its mind while they are open.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// What becomes of connections, those that are open already too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Nobody listens.
    Refused,
    /// Each is reset as soon as it is there.
    Reset,
    /// Each is accepted, and nothing passes.
    Silent,
    /// Answers take so long.
    Slow(Duration),
    /// Answers are not what the server said.
    Garbled,
}

/// A proxy on loopback in front of a port of loopback; it is gone when dropped.
pub struct TcpProxy {
    pub port: u16,
    way: watch::Sender<Way>,
    upstream: Arc<AtomicU16>,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl TcpProxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, super::free_port())).await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (way, ways) = watch::channel(Way::Open);
        let (upstream, connections) = (Arc::new(AtomicU16::new(port)), Arc::default());
        let serving = tokio::spawn(serve(listener, ways, Arc::clone(&upstream), Arc::clone(&connections)));
        TcpProxy { port: own, way, upstream, connections, serving }
    }

    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Leads those who connect from now on to another port.
    pub fn lead_to(&self, port: u16) {
        self.upstream.store(port, Ordering::SeqCst);
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    listener: TcpListener,
    mut ways: watch::Receiver<Way>,
    upstream: Arc<AtomicU16>,
    connections: Arc<AtomicUsize>,
) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    loop {
        if *ways.borrow_and_update() == Way::Refused {
            listener = None;
            if ways.wait_for(|way| *way != Way::Refused).await.is_err() {
                return;
            }
        }
        if listener.is_none() {
            listener = TcpListener::bind(address).await.ok();
        }
        let Some(listener) = &listener else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        tokio::select! {
            Ok((client, _)) = listener.accept() => {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(carry(client, upstream.load(Ordering::SeqCst), ways.clone()));
            }
            changed = ways.changed() => if changed.is_err() { return },
        }
    }
}

/// Carries what both sides say, as the way allows at the moment.
async fn carry(mut client: TcpStream, upstream: u16, mut ways: watch::Receiver<Way>) {
    if matches!(*ways.borrow_and_update(), Way::Refused | Way::Reset) {
        return reset(&client);
    }
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, upstream)).await else { return };
    let (mut said, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut answers = VecDeque::<(Instant, Vec<u8>)>::new();
    loop {
        if matches!(*ways.borrow_and_update(), Way::Refused | Way::Reset) {
            return reset(&client);
        }
        let due = answers.front().map(|(due, _)| *due);
        tokio::select! {
            changed = ways.changed() => if changed.is_err() { return },
            read = client.read(&mut said) => match (read, now(&ways)) {
                (Ok(1..), Way::Silent | Way::Refused | Way::Reset) => {}
                (Ok(length @ 1..), _) if server.write_all(&said[..length]).await.is_ok() => {}
                _ => return,
            },
            read = server.read(&mut answered) => match (read, now(&ways)) {
                (Ok(1..), Way::Silent | Way::Refused | Way::Reset) => {}
                (Ok(length @ 1..), way) => {
                    let pause = if let Way::Slow(pause) = way { pause } else { Duration::ZERO };
                    let mut answer = answered[..length].to_vec();
                    if way == Way::Garbled {
                        answer.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
                    }
                    answers.push_back((Instant::now() + pause, answer));
                }
                _ => return,
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                let Some((_, answer)) = answers.pop_front() else { continue };
                if client.write_all(&answer).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn now(ways: &watch::Receiver<Way>) -> Way {
    *ways.borrow()
}

/// Lets the connection end with a reset instead of an end.
fn reset(client: &TcpStream) {
    let _ = client.set_zero_linger();
}
