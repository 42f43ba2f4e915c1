//! A way to the pool on which answers take their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A proxy in front of a port of this machine, which hands requests on at once and answers later.
pub struct SlowWay {
    pub port: u16,
    delay: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

impl SlowWay {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let delay = Arc::new(AtomicU64::new(0));
        let serving = tokio::spawn(serve(listener, port, delay.clone()));
        SlowWay { port: own, delay, serving }
    }

    /// Lets answers take so long from now on.
    pub fn delay(&self, delay: Duration) {
        self.delay.store(delay.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }
}

impl Drop for SlowWay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, port: u16, delay: Arc<AtomicU64>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(connect(client, port, delay.clone()));
    }
}

async fn connect(client: TcpStream, port: u16, delay: Arc<AtomicU64>) {
    let Ok(pool) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_pool, mut to_pool) = pool.into_split();
    let answers = tokio::spawn(async move {
        let mut answer = vec![0; 256 * 1024];
        loop {
            let Ok(mut length @ 1..) = from_pool.read(&mut answer).await else { return };
            let pause = delay.load(Ordering::SeqCst);
            if pause > 0 {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                // The rest of it has arrived meanwhile.
                while let Ok(more @ 1..) = from_pool.try_read(&mut answer[length..]) {
                    length += more;
                }
            }
            if to_client.write_all(&answer[..length]).await.is_err() {
                return;
            }
        }
    });
    let _ = tokio::io::copy(&mut from_client, &mut to_pool).await;
    let _ = to_pool.shutdown().await;
    let _ = answers.await;
}
