//! The pool's own Rocket, on loopback unless told otherwise. It starts silently; its later requests are logged without
//! query.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rocket::config::{Config, Ident, LogLevel, Shutdown as ShutdownConfig};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method, Status};
use rocket::tokio::io::{AsyncReadExt, AsyncWriteExt};
use rocket::tokio::net::TcpStream;
use rocket::tokio::sync::oneshot;
use rocket::tokio::task::{JoinHandle, spawn};
use rocket::tokio::time::timeout;
use rocket::{Build, Request, Rocket, Shutdown, get, routes, uri};

use super::config::{USUAL_PORT, reachable_ip};
use super::endpoint::{self, HEALTH, Pages, Query, preflight};
use super::fault::{EndpointControl, Failure, PlannedFailure};
use super::state::Pool;
use crate::error::Error;
use crate::http::take_query;
use crate::telemetry::KeptLogLevel;

const MISDIRECTED: &str = "\
This is a local pool, which answers to localhost, 127.0.0.1, [::1] and the names that it was given. To add the name that
you used: `hosts = [\"…\"]` in its table, or `cognito-local-pool --host …`.
";

/// A running Rocket; it stops when dropped.
pub(super) struct Server {
    stop: StopOnDrop,
    task: JoinHandle<Result<(), StartFailure>>,
}

struct StopOnDrop(Shutdown);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.clone().notify();
    }
}

impl Server {
    /// Starts serving and returns once the port is open and known.
    pub(super) async fn launch(pool: Arc<Pool>) -> Result<Server, Error> {
        let _kept = KeptLogLevel::new();

        let started = match pool.config.port {
            Some(port) => Server::at(port, pool).await,
            // Who binds first has the usual one: asking beforehand would be a race.
            None => match Server::at(USUAL_PORT, pool.clone()).await {
                Err(StartFailure { cannot_listen: true, .. }) => Server::at(0, pool).await,
                started => started,
            },
        };
        started.map_err(|failure| failure.error)
    }

    async fn at(port: u16, pool: Arc<Pool>) -> Result<Server, StartFailure> {
        let (liftoff, lifted_off) = oneshot::channel();
        let address = SocketAddr::new(pool.config.ip(), port);
        let rocket = rocket(address, pool.clone(), Pages::compile()?, liftoff).ignite().await;
        let rocket = rocket.map_err(|error| StartFailure::of(&error, address))?;
        let stop = StopOnDrop(rocket.shutdown());
        let task = spawn(async move {
            // Asking for its kind also keeps Rocket's error from panicking when dropped.
            rocket.launch().await.map(drop).map_err(|error| StartFailure::of(&error, address))
        });
        if lifted_off.await.is_ok() {
            first_answer(&pool).await;
            return Ok(Server { stop, task });
        }
        match task.await {
            Ok(Err(failure)) => Err(failure),
            _ => Err(Error::local_pool("the local pool stopped while it was starting").into()),
        }
    }

    /// Stops serving and waits until the port is free.
    pub(super) async fn stop(self) {
        drop(self.stop);
        let _ = self.task.await;
    }
}

/// Waits until the pool answers. Rocket says "has launched" after liftoff: only an answer tells that
/// it has, and that the log level may be restored.
async fn first_answer(pool: &Pool) {
    let Some(port) = pool.port.get() else { return };
    let ask = async {
        let mut stream = TcpStream::connect((reachable_ip(pool.config.ip()), *port)).await?;
        stream.write_all(b"OPTIONS / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        stream.read_u8().await
    };
    let _ = timeout(Duration::from_secs(2), ask).await;
}

/// Nothing is read from Rocket.toml or `ROCKET_*`, and signals are left to the app.
fn config(address: SocketAddr) -> Config {
    Config {
        address: address.ip(),
        port: address.port(),
        ident: Ident::none(),
        log_level: LogLevel::Off,
        // Process-global too: this leaves the app's choice as it is.
        cli_colors: rocket::yansi::is_enabled(),
        shutdown: ShutdownConfig {
            ctrlc: false,
            #[cfg(unix)]
            signals: HashSet::new(),
            grace: 0,
            mercy: 0,
            force: false,
            ..ShutdownConfig::default()
        },
        ..Config::debug_default()
    }
}

fn rocket(address: SocketAddr, pool: Arc<Pool>, pages: Pages, liftoff: oneshot::Sender<()>) -> Rocket<Build> {
    let answering = pool.clone();
    let receiving = pool.clone();
    let lifting = pool.clone();
    rocket::custom(config(address))
        .manage(pool)
        .manage(pages)
        .attach(AdHoc::on_liftoff("Local pool port", move |rocket| {
            Box::pin(async move {
                let _ = lifting.port.set(rocket.config().port);
                let _ = liftoff.send(());
            })
        }))
        .attach(AdHoc::on_request("Local pool requests", move |request, _| {
            let pool = receiving.clone();
            Box::pin(async move { receive(&pool, request) })
        }))
        .attach(AdHoc::on_response("Local pool answers", move |request, response| {
            let pool = answering.clone();
            Box::pin(async move {
                let Requested { path, is_controlled } = request.local_cache(Requested::default);
                response.set_header(Header::new("Cache-Control", "no-store"));
                response.set_header(Header::new("Referrer-Policy", "same-origin"));
                endpoint::share_with_scripts(path, request, response);
                if let Some(control) = pool.control(path).filter(|_| *is_controlled) {
                    control.gate.pass().await;
                }
            })
        }))
        .mount("/", routes![preflight, misdirected, failed])
        .mount("/", endpoint::routes())
        .mount("/", endpoint::head_routes())
}

/// What was asked for, whatever the request was led to.
#[derive(Default)]
struct Requested {
    path: String,
    /// Whether tests see and plan it.
    is_controlled: bool,
}

/// Counts a request, and takes its query out of the URI before Rocket writes that to the app's log. Under
/// a name that is not its own the pool is not there: a web page could have that name lead here. Its health is no secret.
fn receive(pool: &Pool, request: &mut Request<'_>) {
    let path = request.uri().path().to_string();
    let control = control(pool, request, &path);
    if let Some(control) = control {
        control.count_request();
    }
    let is_own_name = request.host().is_some_and(|host| pool.answers_to(host.domain().as_str()));
    if !is_own_name && path != HEALTH {
        request.set_method(Method::Get);
        request.set_uri(uri!(misdirected));
        return;
    }
    request.local_cache(|| Requested { path: path.clone(), is_controlled: control.is_some() });
    if let Some(failure) = control.and_then(|control| control.next_failure()) {
        request.local_cache(|| PlannedFailure(Some(failure)));
        request.set_method(Method::Get);
        request.set_uri(uri!(failed));
        return;
    }
    if let Some(query) = take_query(request) {
        request.local_cache(|| Query(query));
    }
}

/// What tests see and plan of this request's endpoint; nothing of a preflight, which a browser sends by itself. At `/`
/// that is the API, and not the page beside it.
fn control<'p>(pool: &'p Pool, request: &Request<'_>, path: &str) -> Option<&'p EndpointControl> {
    pool.control(path).filter(|_| match request.method() {
        Method::Options => false,
        Method::Post => true,
        _ => path != "/",
    })
}

#[get("/misdirected")]
fn misdirected() -> (Status, &'static str) {
    (Status::MisdirectedRequest, MISDIRECTED)
}

/// Where requests that are to fail are led.
#[get("/failed")]
fn failed(planned: PlannedFailure) -> Option<Failure> {
    planned.0
}

/// Why a pool does not run.
struct StartFailure {
    error: Error,
    /// Whether another port may do.
    cannot_listen: bool,
}

impl StartFailure {
    fn of(error: &rocket::Error, address: SocketAddr) -> Self {
        match error.kind() {
            ErrorKind::Bind(error) => {
                StartFailure { error: cannot_listen(error, address), cannot_listen: true }
            }
            kind => Error::local_pool(format!("the local pool cannot start: {kind}")).into(),
        }
    }
}

impl From<Error> for StartFailure {
    fn from(error: Error) -> Self {
        StartFailure { error, cannot_listen: false }
    }
}

fn cannot_listen(error: &io::Error, address: SocketAddr) -> Error {
    let (ip, port) = (address.ip(), address.port());
    let (reason, remedy) = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let other = port.checked_add(1).unwrap_or(9400);
            let remedy = format!(
                ", so the local pool cannot start: stop the other program, or type `local_pool = {{ port = {other} }}` (in a \
                 file of the pool's own `port = {other}`); port 0 takes any free one, as tests side by side need"
            );
            (format!("port {port} on {ip} is taken"), remedy)
        }
        _ => {
            let remedy =
                ": choose another port, as in `local_pool = { port = 9400 }`, or leave `address` out";
            (format!("the local pool cannot listen on {address} ({error})"), remedy.to_owned())
        }
    };
    Error::cannot_listen(format!("{reason}{remedy}"), io::Error::new(error.kind(), reason))
}
