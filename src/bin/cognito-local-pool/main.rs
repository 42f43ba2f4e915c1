//! The local pool by itself, for apps in any language.

#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use rocket::tokio::runtime::Runtime;
use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
use serde::Serialize;

const USAGE: &str = "\
Usage: cognito-local-pool [FILE]

Runs a Cognito user pool on 127.0.0.1, for development and tests, until SIGINT or SIGTERM. Once it answers,
it writes one line of JSON to stdout, with its addresses, clients and users.

FILE is TOML. Without it the pool has port 9400, the users alice, bob and carol (password Passw0rd!), and no
client. Keys and their defaults:

  port                           9400; 0 takes any free port
  user_pool_id                   eu-west-1_LocalPool
  access_token_seconds           3600
  id_token_seconds               3600
  refresh_token_seconds          2592000
  refresh_token_rotation         false
  refresh_token_grace_seconds    0, to 60
  clock_skew_seconds             0, from -86400 to 86400
  classic_hosted_ui              false; true: ignores `prompt`
  username_attributes            none; email, phone_number: what people sign in by,
                                 with a UUID as username
  alias_attributes               none; email, phone_number, preferred_username:
                                 beside the username
  case_sensitive                 true; false: capitals and small letters are the same in names
  identity_providers             none, such as [\"Google\", { name = \"Acme\",
                                 identifiers = [\"acme.example\"] }]
  sso_seconds                    3600; 0 to 7776000: how long a browser stays signed in here

  [[clients]]
  client_id                      required
  client_secret                  none: a public client
  callback_urls, logout_urls     none
  scopes                         all five of Cognito's
  client_credentials             false; true: a machine, with a secret and
                                 scopes such as \"orders/read\", without URLs
  trigger                        none, such as { access_claims = { tenant = 7 } }, for a machine

  [[users]]
  username                       required
  password                       Passw0rd!
  groups                         none
  email                          <username>@example.com
  attributes                     none, such as { name = \"Dave\", \"custom:team\" = \"blue\" }
  without                        none; email, email_verified, phone_number_verified
  sub                            follows from the username
  roles, preferred_role          none: IAM roles
  identities                     none, such as [{ provider = \"Google\", user_id = \"1234\" }];
                                 without a username the user is Google_1234
  trigger                        none, such as { groups = [\"A b\"], access_claims = { tenant = 7 },
                                 id_claims = { beta = true } }
  disabled                       false

Exit status: 0 after a signal, 1 if the pool cannot run, 2 if the command line or FILE is wrong.
";

const NO_CLIENTS: &str = "\
the pool has no client, so no app can sign in. Put one into the file:

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
    if let [flag] = arguments.as_slice()
        && (flag == "--help" || flag == "-h")
    {
        let _ = io::stdout().write_all(USAGE.as_bytes());
        return ExitCode::SUCCESS;
    }
    let (problem, status) = match config(&arguments) {
        Err(problem) => (problem, 2),
        Ok(config) => match serve(config) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(problem) => (problem, 1),
        },
    };
    complain(&problem);
    ExitCode::from(status)
}

fn config(arguments: &[OsString]) -> Result<LocalPoolConfig, String> {
    match arguments {
        [] => Ok(LocalPoolConfig::default()),
        [file] if !file.as_encoded_bytes().starts_with(b"-") => {
            LocalPoolConfig::from_file(file).map_err(|error| {
                format!("{error}\n`cognito-local-pool --help` shows every key and its default.")
            })
        }
        _ => Err("expected one file, or nothing: `cognito-local-pool --help` says more".into()),
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
    // Apps have these addresses in their settings.
    let pool = LocalPool::start(config.port_or(9400)).await.map_err(|error| error.to_string())?;
    if pool.client_ids().is_empty() {
        complain(NO_CLIENTS);
    }
    announce(&pool).map_err(|error| format!("stdout cannot be written: {error}"))?;
    signal.await;
    pool.stop().await;
    Ok(())
}

fn announce(pool: &LocalPool) -> io::Result<()> {
    let (base_url, issuer) = (pool.base_url(), pool.issuer());
    let ready = Ready {
        ready: true,
        base_url: &base_url,
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
