//! A proxy that does to a connection what networks and broken servers do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// Between two bytes of a trickle: far too slow for any deadline, yet never silent.
const TRICKLE: Duration = Duration::from_millis(100);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Passes everything on.
    None,
    /// Nobody listens.
    Refuse,
    /// Accepts, and never reads.
    BlackHole,
    /// Reads the request, and says nothing.
    Hang,
    ResetAtOnce,
    ResetAfterRequest,
    ResetInHead,
    ResetInBody,
    /// Ends its side without an answer.
    HalfClose,
    TrickleHead,
    TrickleBody,
    /// Ends within the body.
    Truncate,
    LengthTooLarge,
    LengthTooSmall,
    EndlessChunks,
    /// A gigabyte, as announced.
    Gigabyte,
    /// The good answer, compressed though nobody asked for that.
    Gzip,
    /// 60 MB in 60 kB.
    GzipBomb,
    GarbageStatus,
    /// `100 Continue` without end.
    Continues,
    /// A header without end.
    EndlessHeader,
    NoContent,
    Html,
    Empty,
    BadChunks,
    /// To the trap.
    Redirect,
    /// Every other connection is reset after the request, the first of them too.
    Flap,
}

impl Fault {
    pub const ALL: [Fault; 26] = [
        Fault::Refuse,
        Fault::BlackHole,
        Fault::Hang,
        Fault::ResetAtOnce,
        Fault::ResetAfterRequest,
        Fault::ResetInHead,
        Fault::ResetInBody,
        Fault::HalfClose,
        Fault::TrickleHead,
        Fault::TrickleBody,
        Fault::Truncate,
        Fault::LengthTooLarge,
        Fault::LengthTooSmall,
        Fault::EndlessChunks,
        Fault::Gigabyte,
        Fault::Gzip,
        Fault::GzipBomb,
        Fault::GarbageStatus,
        Fault::Continues,
        Fault::EndlessHeader,
        Fault::NoContent,
        Fault::Html,
        Fault::Empty,
        Fault::BadChunks,
        Fault::Redirect,
        Fault::Flap,
    ];
}

/// What stands in the socket's place: a listener, or a socket that only keeps the port.
enum Port {
    Open(JoinHandle<()>),
    Closed(TcpSocket),
}

struct Shared {
    fault: Mutex<Fault>,
    upstream: Mutex<Option<u16>>,
    trap: Mutex<String>,
    /// Whether a flapping connection works at the moment.
    up: AtomicBool,
    connections: AtomicUsize,
    requests: AtomicUsize,
    written: AtomicUsize,
}

/// A proxy on loopback in front of a port of loopback; it is gone when dropped.
pub struct FaultProxy {
    port: u16,
    place: Mutex<Option<Port>>,
    shared: Arc<Shared>,
}

impl FaultProxy {
    pub async fn start(fault: Fault) -> Self {
        let socket = bound(0);
        let proxy = FaultProxy {
            port: socket.local_addr().unwrap().port(),
            place: Mutex::new(Some(Port::Closed(socket))),
            shared: Arc::new(Shared {
                fault: Mutex::new(fault),
                upstream: Mutex::new(None),
                trap: Mutex::default(),
                up: AtomicBool::new(false),
                connections: AtomicUsize::new(0),
                requests: AtomicUsize::new(0),
                written: AtomicUsize::new(0),
            }),
        };
        proxy.set(fault).await;
        proxy
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Where good answers come from.
    pub fn lead_to(&self, port: u16) {
        *self.shared.upstream.lock().unwrap() = Some(port);
    }

    /// Where `Redirect` points.
    pub fn set_trap(&self, url: String) {
        *self.shared.trap.lock().unwrap() = url;
    }

    pub async fn set(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = fault;
        let place = self.place.lock().unwrap().take().expect("a place");
        let place = match (place, fault) {
            (Port::Open(accepting), Fault::Refuse) => {
                accepting.abort();
                // The listener is gone with its task.
                assert!(accepting.await.is_err_and(|error| error.is_cancelled()));
                Port::Closed(bound(self.port))
            }
            (Port::Closed(socket), fault) if fault != Fault::Refuse => {
                let listener = socket.listen(128).unwrap();
                Port::Open(tokio::spawn(accept(listener, self.shared.clone())))
            }
            (unchanged, _) => unchanged,
        };
        *self.place.lock().unwrap() = Some(place);
    }

    pub async fn heal(&self) {
        self.set(Fault::None).await;
    }

    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Requests that were read, so that whatever they carried is spent.
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// Bytes that the client let us write of answers without end.
    pub fn written(&self) -> usize {
        self.shared.written.load(Ordering::SeqCst)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        if let Some(Port::Open(accepting)) = self.place.lock().unwrap().take() {
            accepting.abort();
        }
    }
}

fn bound(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
    socket
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let fault = match *shared.fault.lock().unwrap() {
            Fault::Flap if shared.up.fetch_not(Ordering::SeqCst) => Fault::None,
            Fault::Flap => Fault::ResetAfterRequest,
            fault => fault,
        };
        // A client that has had enough hangs up.
        tokio::spawn(serve(stream, fault, shared.clone()));
    }
}

async fn serve(mut stream: TcpStream, fault: Fault, shared: Arc<Shared>) -> io::Result<()> {
    match fault {
        Fault::BlackHole => return std::future::pending().await,
        Fault::ResetAtOnce => return reset(stream),
        _ => {}
    }
    let request = read_request(&mut stream).await?;
    shared.requests.fetch_add(1, Ordering::SeqCst);
    let ok = |headers: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    match fault {
        Fault::Hang => std::future::pending().await,
        Fault::ResetAfterRequest => reset(stream),
        Fault::HalfClose => {
            stream.shutdown().await?;
            std::future::pending().await
        }
        Fault::EndlessChunks => {
            stream.write_all(&ok("Transfer-Encoding: chunked\r\n", b"")).await?;
            let chunk = [b"4000\r\n", &[b' '; 0x4000][..], b"\r\n"].concat();
            without_end(&mut stream, &chunk, &shared).await
        }
        Fault::Gigabyte => {
            stream.write_all(&ok("Content-Length: 1073741824\r\n", b"")).await?;
            without_end(&mut stream, &[b' '; 0x4000], &shared).await
        }
        Fault::Continues => loop {
            // They are read and forgotten, as fast as they come.
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            tokio::time::sleep(TRICKLE / 100).await;
        },
        Fault::EndlessHeader => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ").await?;
            without_end(&mut stream, &[b'x'; 0x4000], &shared).await
        }
        _ => {
            let answer = forward(&request, &shared).await?;
            let (head, body) = answer.split_at(head_length(&answer));
            let half = body.len() / 2;
            let length = |length: usize| format!("Content-Length: {length}\r\n");
            match fault {
                Fault::None => stream.write_all(&answer).await?,
                Fault::ResetInHead => {
                    stream.write_all(&head[..head.len() / 2]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(TRICKLE).await;
                    return reset(stream);
                }
                Fault::ResetInBody => {
                    stream.write_all(&answer[..head.len() + half]).await?;
                    stream.flush().await?;
                    tokio::time::sleep(TRICKLE).await;
                    return reset(stream);
                }
                Fault::TrickleHead => trickle(&mut stream, head).await?,
                Fault::TrickleBody => {
                    stream.write_all(head).await?;
                    trickle(&mut stream, body).await?;
                }
                Fault::Truncate => stream.write_all(&answer[..head.len() + half]).await?,
                Fault::LengthTooLarge => stream.write_all(&ok(&length(body.len() + 1), body)).await?,
                Fault::LengthTooSmall => stream.write_all(&ok(&length(half), body)).await?,
                Fault::Gzip => {
                    let zipped = gzip(body);
                    let headers = format!("Content-Encoding: gzip\r\n{}", length(zipped.len()));
                    stream.write_all(&ok(&headers, &zipped)).await?;
                }
                Fault::GzipBomb => {
                    let bomb = gzip_bomb();
                    let headers = format!("Content-Encoding: gzip\r\n{}", length(bomb.len()));
                    stream.write_all(&ok(&headers, &bomb)).await?;
                }
                Fault::GarbageStatus => stream.write_all(b"\x16\x03\x01 no HTTP at all\r\n\r\n").await?,
                Fault::NoContent => stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?,
                Fault::Html => {
                    let page = b"<!doctype html><title>Sign in to this network</title>";
                    stream.write_all(&ok(&length(page.len()), page)).await?;
                }
                Fault::Empty => stream.write_all(&ok(&length(0), b"")).await?,
                Fault::BadChunks => {
                    stream.write_all(&ok("Transfer-Encoding: chunked\r\n", b"zz\r\n")).await?;
                    stream.write_all(body).await?;
                }
                Fault::Redirect => {
                    let trap = shared.trap.lock().unwrap().clone();
                    let head =
                        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {trap}\r\n{}\r\n", length(0));
                    stream.write_all(head.as_bytes()).await?;
                }
                _ => unreachable!("{fault:?} is done above"),
            }
            stream.shutdown().await
        }
    }
}

/// Ends the connection by a reset instead of a farewell.
fn reset(stream: TcpStream) -> io::Result<()> {
    stream.set_zero_linger()
}

async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(TRICKLE).await;
    }
    Ok(())
}

async fn without_end(stream: &mut TcpStream, piece: &[u8], shared: &Shared) -> io::Result<()> {
    loop {
        stream.write_all(piece).await?;
        shared.written.fetch_add(piece.len(), Ordering::SeqCst);
    }
}

/// The whole answer of the upstream, which is asked to close after it.
async fn forward(request: &[u8], shared: &Shared) -> io::Result<Vec<u8>> {
    let port = shared.upstream.lock().unwrap().expect("an upstream");
    let line = request.windows(2).position(|pair| pair == b"\r\n").expect("a request line") + 2;
    let (line, rest) = request.split_at(line);
    let mut upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    upstream.write_all(&[line, b"Connection: close\r\n", rest].concat()).await?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn read_request(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    stream.read_exact(&mut body).await?;
    Ok([request, body].concat())
}

fn head_length(answer: &[u8]) -> usize {
    answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4
}

/// gzip without compression (RFC 1951 section 3.2.4, RFC 1952).
fn gzip(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("one stored block");
    let crc = body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    [
        &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        body,
        &(!crc).to_le_bytes(),
        &u32::from(length).to_le_bytes(),
    ]
    .concat()
}

/// 60 MiB of zeros, as `gzip -9` writes them: repetitions are zeros themselves.
fn gzip_bomb() -> Vec<u8> {
    let head = *b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xec\xc1\x01\x01\0\0\0\x80\x90\xfe\xaf\xee\x08\x0a";
    let tail = *b"\xe0\x2f\x0b\xe4\xc6\xd2\0\0\xc0\x03";
    [&head[..], &vec![0; 61_173 - head.len() - tail.len()], &tail].concat()
}
