//! Run `cargo run --features redis,local-pool --example three_instances`, and open the address that it prints.
//!
//! Three instances of one app, each a process of its own, behind haproxy; their sessions lie in Redis. The first process
//! starts the others, a local pool, redis-server and haproxy, each on a free port. All of them end with it.

use std::io::{self, BufRead, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use rocket::http::{RawStr, Status};
use rocket::request::FlashMessage;
use rocket::response::content::RawHtml;
use rocket::response::{Flash, Redirect};
use rocket::tokio::sync::mpsc;
use rocket::tokio::time::{Instant, sleep};
use rocket::tokio::{select, signal};
use rocket::{Build, Config, Either, Rocket, State, get, post, routes, uri};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::store::StoreError;
use rocket_cognito::{Cognito, CognitoUser, Denial, SessionInfo, Sessions};

const CLIENT: &str = "three-instances";
const NAMES: [&str; 3] = ["a", "b", "c"];

#[rocket::main]
async fn main() -> ExitCode {
    let done = match Config::figment().extract_inner("instance") {
        Ok(name) => serve(name).await,
        Err(_) => run().await,
    };
    let Err(problem) = done else { return ExitCode::SUCCESS };
    eprintln!("three_instances: {problem}");
    ExitCode::FAILURE
}

// The app, of which each instance is one process.

struct Instance(String);

const SIGN_IN: &str = r#"<p>You are not signed in.</p><a href="/auth/login?next=/">Sign in</a>"#;

#[get("/")]
async fn home(
    user: Result<CognitoUser, Denial>,
    sessions: Sessions,
    instance: &State<Instance>,
    flash: Option<FlashMessage<'_>>,
) -> Result<RawHtml<String>, Either<Denial, StoreError>> {
    let user = match user {
        Ok(user) => user,
        Err(denial) if denial.status() == Status::Unauthorized => return Ok(page(instance, flash, SIGN_IN)),
        Err(denial) => return Err(Either::Left(denial)),
    };
    let rows: String = sessions.of(user.sub()).await.map_err(Either::Right)?.iter().map(row).collect();
    let username = RawStr::new(user.username()).html_escape();
    let content = format!(
        r#"<p>You are signed in as <strong>{username}</strong>, here:</p>
        <table><tr><th>Device</th><th>Signed in</th><th>Last seen</th><th></th></tr>{rows}</table>
        <form method="post" action="/sessions/end-all"><button>End all sessions</button></form>
        <form method="post" action="/auth/logout"><button>Sign out</button></form>"#
    );
    Ok(page(instance, flash, &content))
}

#[get("/me")]
fn me(user: CognitoUser, instance: &State<Instance>) -> String {
    format!("{} at instance {}", user.username(), instance.0)
}

#[post("/sessions/end-all")]
async fn end_all(user: CognitoUser, sessions: Sessions) -> Result<Flash<Redirect>, StoreError> {
    let ended = sessions.end_all(user.sub()).await?;
    Ok(Flash::success(Redirect::to(uri!(home)), format!("Ended at every instance: {ended}.")))
}

fn row(session: &SessionInfo) -> String {
    let device = RawStr::new(session.device()).html_escape();
    let ago = |time: std::time::SystemTime| time.elapsed().unwrap_or_default().as_secs();
    let (created, seen) = (ago(session.created_at()), ago(session.last_seen_at()));
    let current = if session.is_current() { "this one" } else { "" };
    format!("<tr><td>{device}</td><td>{created} s ago</td><td>{seen} s ago</td><td>{current}</td></tr>")
}

fn page(instance: &Instance, flash: Option<FlashMessage<'_>>, content: &str) -> RawHtml<String> {
    let name = RawStr::new(&instance.0).html_escape();
    let notice = flash.map_or(String::new(), |flash| format!("<p>{}</p>", flash.message()));
    RawHtml(format!(
        r#"<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,"><title>Instance {name}</title>
        <style>body {{ font: 1rem/1.5 system-ui; margin: 3rem auto; max-width: 44rem; padding: 0 1rem }}
        td, th {{ padding: .25rem 1.5rem .25rem 0; text-align: left }} form {{ display: inline-block; margin: 1rem .5rem 0 0 }}
        </style><h1>Instance {name} answers</h1>{notice}{content}</html>"#
    ))
}

fn app(name: String) -> Rocket<Build> {
    rocket::build()
        .attach(Cognito::fairing())
        .manage(Instance(name))
        .mount("/", routes![home, me, end_all])
        .register("/", rocket_cognito::catchers())
}

/// Serves one instance until it is asked to stop, or the process that has started it is gone.
async fn serve(name: String) -> Result<(), String> {
    let rocket = app(name).ignite().await.map_err(|error| error.to_string())?;
    let shutdown = rocket.shutdown();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        shutdown.notify();
    });
    rocket.launch().await.map(drop).map_err(|error| error.to_string())
}

// What starts the instances and all that they need.

/// Runs everything until Ctrl-C.
async fn run() -> Result<(), String> {
    let [redis_server, haproxy] = programs()?;
    let [front, redis, ports @ ..] = free_ports::<5>().map_err(|error| error.to_string())?;
    let origin = format!("http://localhost:{front}");
    let client = LocalClient::new(CLIENT).callback_url(format!("{origin}/auth/callback"));
    let pool = LocalPoolConfig::default().port(0).client(client.logout_url(format!("{origin}/")));
    let pool =
        LocalPool::start(pool.refresh_token_rotation(true)).await.map_err(|error| error.to_string())?;

    let redis_options = format!("--port {redis} --bind 127.0.0.1 --appendonly no --save");
    let redis_options = redis_options.split(' ').chain([""]).map(Path::new);
    let _redis = Process::start(keeper(&redis_server).args(redis_options), redis).await?;
    let settings = settings(&pool, &origin, redis);
    let mut instances = Vec::new();
    for (name, port) in NAMES.into_iter().zip(ports) {
        instances.push(Some(instance(&settings, name, port).await?));
    }
    let haproxy = balance(&haproxy, front, ports).await?;
    explain(&origin, redis, &instances);

    let mut lines = typed_lines();
    loop {
        let line = select! {
            Some(line) = lines.recv() => line,
            _ = signal::ctrl_c() => break,
        };
        let Some(place) = NAMES.iter().position(|name| *name == line.trim()) else { continue };
        let is_running = instances[place].as_mut().is_some_and(Process::is_running);
        // What has run there is stopped, or has crashed.
        instances[place] = None;
        match is_running {
            true => println!("Instance {} has stopped.", NAMES[place]),
            false => {
                let process = instance(&settings, NAMES[place], ports[place]).await?;
                println!("Instance {} is back, as process {}.", NAMES[place], process.child.id());
                instances[place] = Some(process);
            }
        }
    }
    println!("Stopping.");
    drop((haproxy, instances));
    Ok(())
}

/// Where redis-server and haproxy are, or what to type to get them.
fn programs() -> Result<[PathBuf; 2], String> {
    let folders: Vec<_> = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .collect();
    let find = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    match [find("redis-server").or_else(|| find("valkey-server")), find("haproxy")] {
        [Some(redis_server), Some(haproxy)] => Ok([redis_server, haproxy]),
        found => {
            let packages = found.iter().zip(["redis-server", "haproxy"]);
            let missing: Vec<_> = packages.filter(|(found, _)| found.is_none()).map(|(_, it)| it).collect();
            Err(format!(
                "not installed: {}. On Debian and Ubuntu type: apt-get install -y {}",
                missing.join(", "),
                missing.join(" ")
            ))
        }
    }
}

fn free_ports<const COUNT: usize>() -> io::Result<[u16; COUNT]> {
    // All are bound at once, so that they differ.
    let listeners = (0..COUNT).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    let listeners = listeners.collect::<io::Result<Vec<_>>>()?;
    let mut ports = [0; COUNT];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// What each instance reads from its environment.
fn settings(pool: &LocalPool, origin: &str, redis: u16) -> Vec<(String, String)> {
    let key: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let settings = [
        ("COGNITO_LOCAL_POOL", "false".to_owned()),
        ("COGNITO_USER_POOL_ID", pool.user_pool_id().to_owned()),
        ("COGNITO_CLIENT_ID", CLIENT.to_owned()),
        ("COGNITO_DOMAIN", pool.base_url()),
        ("COGNITO_ISSUER", pool.issuer()),
        ("COGNITO_REDIRECT_URL", format!("{origin}/auth/callback")),
        ("COGNITO_LOGOUT_URL", format!("{origin}/")),
        ("COGNITO_REFRESH_FLOW_ENABLED", "true".to_owned()),
        // One key for all, since each opens what another one has sealed.
        ("COGNITO_SECRET_KEYS", key),
        ("COGNITO_SESSION_STORE", format!("redis://127.0.0.1:{redis}")),
        // As in production, where `redirect_url` is the proxy's.
        ("PROFILE", "release".to_owned()),
        ("LOG_LEVEL", "critical".to_owned()),
    ];
    settings.map(|(name, value)| (format!("ROCKET_{name}"), value)).into()
}

/// An instance: this program once more.
async fn instance(settings: &[(String, String)], name: &str, port: u16) -> Result<Process, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command.env("ROCKET_INSTANCE", name).env("ROCKET_PORT", port.to_string());
    Process::start(&mut command, port).await
}

/// haproxy, which hands requests to the instances in turn, and no more to one that has stopped.
async fn balance(haproxy: &Path, front: u16, ports: [u16; 3]) -> Result<Process, String> {
    let servers = NAMES.iter().zip(ports).map(|(name, port)| format!("    server {name} 127.0.0.1:{port}\n"));
    let configuration = format!(
        "defaults\n    mode http\n    timeout connect 1s\n    timeout client 60s\n    timeout server 60s\n\
         listen app\n    bind 127.0.0.1:{front}\n    balance roundrobin\n    default-server check inter 200 fall 1 rise 1\n    \
         # Another instance serves what one has left unanswered, unless it changes something.\n    \
         retry-on conn-failure empty-response\n    option redispatch 1\n    \
         http-request disable-l7-retry unless METH_GET\n{}",
        servers.collect::<String>()
    );
    let file = env::temp_dir().join(format!("three_instances-{}.cfg", std::process::id()));
    fs::write(&file, configuration).map_err(|error| format!("{}: {error}", file.display()))?;
    let started = Process::start(keeper(haproxy).args(["-q", "-f"]).arg(&file), front).await;
    // By now haproxy has read it.
    let _ = fs::remove_file(&file);
    started
}

/// A program that ends with its stdin, as the instances do, and so with this process, however that ends.
fn keeper(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(r#""$@" & cat > /dev/null; kill $!; wait"#).arg("sh").arg(program);
    command.stdout(Stdio::null());
    command
}

/// A process that listens, and that ends with this value.
struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Process {
    /// Starts it, and waits until it listens on its port.
    async fn start(command: &mut Command, port: u16) -> Result<Self, String> {
        // Ctrl-C is for the first process alone, which then ends the others.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let program = command.get_program().to_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let stdin = child.stdin.take();
        let mut process = Process { child, stdin };
        let given_up = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if !process.is_running() || Instant::now() > given_up {
                return Err(format!("nothing listens on port {port}: the lines above may say why"));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(process)
    }

    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

fn explain(origin: &str, redis: u16, instances: &[Option<Process>]) {
    let ids = instances.iter().flatten().map(|process| process.child.id());
    let ids: Vec<_> = NAMES.iter().zip(ids).map(|(name, id)| format!("{id} ({name})")).collect();
    println!(
        "\nOpen {origin} and sign in as alice, bob or carol, by one click.\n\n\
         - Reload the page: each time another instance answers, and you stay signed in.\n\
         - Type a, b or c and Enter: that instance stops, and the others go on. Once more: it is back.\n\
         - Have one crash, and bring it back in the same way: kill -9 {}\n\
         - Sign in with a second browser as the same user, and end all sessions: both are signed out.\n\
         - See what lies in Redis: redis-cli -p {redis} --scan\n\n\
         Ctrl-C ends all of it.\n",
        ids.join(", or ")
    );
    let _ = io::stdout().flush();
}

/// What is typed into the terminal.
fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// An instance, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let app = super::app("a".into());
        // What the environment says where it is served has no effect in a test.
        let settings = app.figment().clone().merge(("cognito.session_store", "memory"));
        let client = Client::tracked(pool.attach(app.configure(settings))).unwrap();
        (pool, client)
    }

    #[test]
    fn all_sessions_of_a_user_end() {
        let (pool, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
        let [one, other] = [(); 2].map(|()| pool.person("alice").session());
        for session in [&one, &other] {
            let answer = client.get("/me").signed_in(session).ask();
            assert_eq!(answer.into_string().unwrap(), "alice at instance a");
        }
        assert_eq!(client.post("/sessions/end-all").signed_in(&one).ask().status(), Status::SeeOther);
        for session in [&one, &other] {
            assert_eq!(client.get("/me").signed_in(session).ask().status(), Status::Unauthorized);
        }
    }
}
