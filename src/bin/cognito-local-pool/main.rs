//! The local pool by itself, for apps in any language.

#![forbid(unsafe_code)]

mod arguments;
mod health;

use std::env;
use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Command, PORT_VARIABLE, USAGE};
use rocket::tokio::runtime::Runtime;
use rocket_cognito::Error;
use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
use serde::Serialize;

const NO_CLIENTS: &str = "\
the pool has no client, so no app can sign in. Type one:

cognito-local-pool --client my-app --callback-url http://localhost:8000/auth/callback \\
    --logout-url http://localhost:8000/

or put it into the file:

[[clients]]
client_id = \"my-app\"
callback_urls = [\"http://localhost:8000/auth/callback\"]
logout_urls = [\"http://localhost:8000/\"]
";

/// What the line on stdout says.
#[derive(Serialize)]
struct Ready<'p> {
    ready: bool,
    base_url: &'p str,
    server_url: String,
    issuer: &'p str,
    user_pool_id: &'p str,
    jwks_uri: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
    end_session_endpoint: String,
    clients: Vec<&'p str>,
    users: Vec<String>,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let done = match arguments::read(&arguments, env::var_os(PORT_VARIABLE)) {
        Err(problem) => {
            complain(&problem);
            return ExitCode::from(2);
        }
        Ok(Command::Help) => {
            let _ = io::stdout().write_all(USAGE.as_bytes());
            Ok(())
        }
        Ok(Command::Check(address)) => health::check(address),
        Ok(Command::Serve(config)) => serve(*config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(&problem);
            ExitCode::FAILURE
        }
    }
}

fn complain(problem: &str) {
    let _ = writeln!(io::stderr(), "cognito-local-pool: {problem}");
}

fn serve(config: LocalPoolConfig) -> Result<(), String> {
    let runtime = Runtime::new().map_err(|error| format!("threads cannot be started: {error}"))?;
    runtime.block_on(run(config))
}

/// Serves until a signal arrives.
async fn run(config: LocalPoolConfig) -> Result<(), String> {
    // From here on a signal does not kill, so that the pool stops in order at any time.
    let signal = signal().map_err(|error| format!("signals cannot be received: {error}"))?;
    let pool = LocalPool::start(config).await.map_err(|error| start_problem(&error))?;
    let address = pool.address();
    if !address.ip().is_loopback() {
        complain(&format!("it listens on {address}: whoever can reach that address can sign in as anybody"));
    }
    if pool.client_ids().is_empty() {
        complain(NO_CLIENTS);
    }
    announce(&pool).map_err(|error| format!("stdout cannot be written: {error}"))?;
    signal.await;
    pool.stop().await;
    Ok(())
}

/// Why the pool does not start. What the error advises is for apps; options stand above what FILE says.
fn start_problem(error: &Error) -> String {
    let Some(cause) = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()) else {
        return error.to_string();
    };
    match cause.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{cause}: stop the other program, or type --port and another number, which stands above `port = …` of FILE; \
             --port 0 takes any free one"
        ),
        _ => format!("{cause}: type another --address or --port, or leave them out"),
    }
}

fn announce(pool: &LocalPool) -> io::Result<()> {
    let (base_url, issuer) = (pool.base_url(), pool.issuer());
    let ready = Ready {
        ready: true,
        base_url: &base_url,
        server_url: pool.server_url(),
        issuer: &issuer,
        user_pool_id: pool.user_pool_id(),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        authorization_endpoint: format!("{base_url}/oauth2/authorize"),
        token_endpoint: format!("{base_url}/oauth2/token"),
        revocation_endpoint: format!("{base_url}/oauth2/revoke"),
        userinfo_endpoint: format!("{base_url}/oauth2/userInfo"),
        end_session_endpoint: format!("{base_url}/logout"),
        clients: pool.client_ids(),
        users: pool.usernames(),
    };
    let line = serde_json::to_string(&ready)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Waits for SIGINT or SIGTERM, from the call on and not from the first poll.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use rocket::tokio::select;
    use rocket::tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = rocket::tokio::signal::ctrl_c().await;
    })
}
