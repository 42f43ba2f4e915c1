//! An app served over real HTTP on a free port.

use figment::Figment;
use rocket::fairing::AdHoc;
use rocket::{Build, Ignite, Rocket, Shutdown};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A served app; stopped by [`Server::stop`], or with its runtime.
pub struct Server {
    pub port: u16,
    shutdown: Shutdown,
    serving: JoinHandle<Result<Rocket<Ignite>, rocket::Error>>,
}

impl Server {
    /// Serves what `build` makes of settings that name a free port.
    pub async fn start(figment: Figment, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let port = figment.extract_inner::<u16>("port").ok().filter(|port| *port != 8000);
        let port = port.unwrap_or_else(super::free_port);
        let figment = figment.merge(("port", port)).merge(("shutdown.ctrlc", false));
        let (sender, lifted) = oneshot::channel();
        let rocket = build(rocket::custom(figment)).attach(AdHoc::on_liftoff("lifted", |rocket| {
            let _ = sender.send(rocket.shutdown());
            Box::pin(async {})
        }));
        let serving = tokio::spawn(async { rocket.launch().await });
        let Ok(shutdown) = lifted.await else { panic!("the app does not launch: {:?}", serving.await) };
        Server { port, shutdown, serving }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    pub async fn stop(self) {
        self.shutdown.notify();
        self.serving.await.expect("serving ends").expect("serving ends well");
    }
}
