//! The options of the local pool as a program of its own.

use std::net::TcpListener;
use std::process::Command;

use rocket::tokio::task::spawn_blocking;
use rocket::{Build, Rocket, get, routes};
use serde_json::{Value, json};

use crate::browser::*;
use crate::program::{CLIENT, Running, Table, command, refused};

/// The health of another program.
#[get("/health")]
fn health() -> &'static str {
    "The local pool does not run.\n"
}

/// How a command ends, and what it says.
async fn answered(mut command: Command) -> (Option<i32>, String) {
    let output = in_time(spawn_blocking(move || command.output())).await.unwrap().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[rocket::async_test]
async fn wrong_usage_is_told() {
    for (arguments, words) in [
        (&["one.toml", "two.toml"][..], "there are two files"),
        (&["-x"], "there is no option `-x`; there are --port, --client"),
        (&["--prot", "9400"], "there is no option `--prot`"),
        (&["--port"], "`--port` needs a value, such as --port 9400"),
        (
            &["--callback-url="],
            "`--callback-url` needs a value, such as --callback-url http://localhost:8000/",
        ),
        (&["--port", "99999"], "type --port 9400"),
        (
            &["--address", "localhost"],
            "type --address 0.0.0.0 for all addresses of this machine; names are for --host",
        ),
        (
            &["--callback-url", CALLBACK],
            "`--callback-url` belongs to a client: type --client my-app beside it",
        ),
        (&["--client-secret=s3cret"], "`--client-secret` belongs to a client"),
        (&["--check", "--host", "pool"], "`--check` takes --address and --port only, and there is --host"),
        (&["--check", "pool.toml"], "`--check` takes --address and --port only, and there is FILE"),
        (&["--check=9400"], "`--check` takes no value"),
        (&["--help=all"], "`--help` takes no value"),
        (&["--client", "--callback-url", CALLBACK], "`--client` needs a value, such as --client my-app"),
        (&["--client=a", "--client", "b"], "`--client` is given twice: put further clients into FILE"),
        (&["--client=a", "--client-secret=s3cret", "--client-secret=t"], "`--client-secret` is given twice"),
    ] {
        let (status, said) = refused(arguments).await;
        assert_eq!(status, Some(2));
        assert!(said.contains(words) && said.contains("`cognito-local-pool --help` shows"), "{said}");
    }
    let (status, said) = refused(&["/nonexistent/pool.toml"]).await;
    assert_eq!(status, Some(2));
    assert!(said.contains("/nonexistent/pool.toml cannot be read: No such file"), "{said}");
    assert!(said.contains("cognito-local-pool --help"), "{said}");
}

/// Each names the option that was typed, not the key of a table that nobody has.
#[rocket::async_test]
async fn what_options_say_is_checked_as_in_a_file_and_told_by_option() {
    let file = Table::new(&format!("{CLIENT}[[users]]\nusername = \"dave\"\n"));
    let file = file.0.to_str().unwrap();
    for arguments in [&["--port=0"][..], &["--port=0", file]] {
        for (wrong, words) in [
            (&["--client", "a b"][..], "`--client`: the client_id \"a b\" needs"),
            (
                &["--client=a", "--callback-url=http://app.example/cb"],
                "`--callback-url`: client a: \"http://app.example/cb\" must be https",
            ),
            (
                &["--client=a", "--logout-url=nowhere"],
                "`--logout-url`: client a: \"nowhere\" must be an absolute URL",
            ),
            (&["--host=pool:9400"], "`--host`: \"pool:9400\" is no name of a host"),
            (&["--public-url=pool"], "`--public-url`: has no scheme"),
            (
                &["--public-url=http://pool.example.com"],
                "`--public-url`: uses `http`, which is accepted for private",
            ),
            (&["--user=a", "--user=a"], "`--user`: \"a\" is given twice"),
            (&["--user=a:b c"], "`--user`: "),
        ] {
            let (status, said) = refused(&[arguments, wrong].concat()).await;
            assert_eq!(status, Some(2), "{said}");
            assert!(said.contains(words) && !said.contains("clients["), "{said}");
        }
    }
    let (_, said) = refused(&[file, "--client=shop", "--user=dave"]).await;
    for words in ["`--client`: \"shop\" is given twice", "`--user`: \"dave\" is given twice"] {
        assert!(said.contains(words), "{said}");
    }
}

#[rocket::async_test]
async fn mistakes_on_the_command_line_are_told_together() {
    let file = Table::new("prot = 1\n");
    let wrong =
        ["--prot", "1", "--port=x", "--address=pool", "--host=a:1", "--client", "a b", "--public-url", "b"];
    let (status, said) = refused(&[&wrong[..], &["--user", "a b"]].concat()).await;
    assert_eq!(status, Some(2));
    for words in
        ["`--prot`", "`--port`", "`--address`", "`--host`", "`--client`", "`--public-url`", "`--user`"]
    {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    let (_, said) = refused(&[file.0.to_str().unwrap(), "--port=x"]).await;
    assert!(said.contains("`--port`") && said.contains("`prot`: there is no key `prot`"), "{said}");
}

#[rocket::async_test]
async fn a_taken_port_is_told_with_the_option_to_change() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for arguments in [&["--port", &port.to_string()][..], &[&format!("--port={port}"), "--address=127.0.0.1"]]
    {
        let (status, said) = refused(arguments).await;
        assert_eq!(status, Some(1));
        let told =
            format!("port {port} on 127.0.0.1 is taken: stop the other program, or type --port and another");
        assert!(said.contains(&told) && !said.contains("local_pool"), "{said}");
    }
    let (status, said) = refused(&["--port=0", "--address=192.0.2.1"]).await;
    assert_eq!(status, Some(1));
    assert!(
        said.contains("cannot listen on 192.0.2.1:0") && said.contains("type another --address"),
        "{said}"
    );
}

/// A health check asks where its image's variable says.
#[rocket::async_test]
async fn the_port_of_the_variable_is_asked_by_the_check_too() {
    let port = crate::support::free_port().to_string();
    let with_variable = |arguments: &[&str], port: &str| {
        let mut command = command();
        command.args(arguments).env("COGNITO_LOCAL_POOL_PORT", port);
        command
    };
    let table = Table::new(&format!("port = 1\n{CLIENT}"));
    let pool = Running::spawn(with_variable(&[table.0.to_str().unwrap()], &port)).await;
    assert_eq!(pool.text("base_url"), format!("http://127.0.0.1:{port}"));
    assert_eq!(answered(with_variable(&["--check"], &port)).await, (Some(0), String::new()));
    assert_eq!(answered(with_variable(&["--check", "--port", &port], "1")).await, (Some(0), String::new()));
    let (status, said) = answered(with_variable(&[], "x")).await;
    assert!(status == Some(2) && said.contains("type COGNITO_LOCAL_POOL_PORT=9400"), "{said}");
}

#[rocket::async_test]
async fn options_are_enough_for_an_app_to_sign_in() {
    let arguments = ["--port=0", "--client", "shop", "--client-secret", SECRET, "--callback-url", CALLBACK];
    let more = ["--logout-url", LOGOUT, "--user", "dave:admin,editor", "--user=erin"];
    let pool = Running::start_with(&[&arguments[..], &more].concat()).await;
    assert_eq!((&pool.ready["clients"], &pool.ready["users"]), (&json!(["shop"]), &json!(["dave", "erin"])));
    assert_eq!(pool.ready["base_url"], pool.ready["server_url"]);
    let mut browser = pool.browser();
    for (username, groups) in [("dave", json!(["admin", "editor"])), ("erin", Value::Null)] {
        let code = browser.code(username).await;
        let (status, tokens) = browser.token(&redeem(&code)).await;
        assert_eq!(status, 200);
        assert_eq!(part(tokens["access_token"].as_str().unwrap(), 1)["cognito:groups"], groups);
        browser.cookie = None;
    }
    let logout = browser.get("/logout", &[("client_id", "shop"), ("logout_uri", LOGOUT)]).await;
    assert_eq!(location(&logout), LOGOUT);
    pool.signal("TERM");
    assert_eq!(pool.ended().await.1, "", "it complains of nothing");
}

#[rocket::async_test]
async fn options_stand_above_the_file_and_the_last_one_counts() {
    let table = Table::new(&format!("port = 1\npublic_url = \"http://localhost:1\"\n{CLIENT}"));
    let file = table.0.to_str().unwrap();
    let port = crate::support::free_port().to_string();
    let public = "http://localhost:9500";
    let pool =
        Running::start_with(&["--port=2", file, "--port", &port, "--public-url", public, "--client=web"])
            .await;
    assert_eq!(pool.ready["clients"], json!(["shop", "web"]));
    assert_eq!(
        (pool.text("base_url"), pool.text("server_url")),
        (public.into(), format!("http://127.0.0.1:{port}"))
    );
}

#[rocket::async_test]
async fn a_pool_beyond_loopback_says_so() {
    let pool = Running::start_with(&["--address=0.0.0.0", "--port=0", "--host=pool", "--client=shop"]).await;
    let server_url = pool.text("server_url");
    assert!(server_url.starts_with("http://127.0.0.1:"), "{server_url}");
    let browser = Browser::at(server_url.clone());
    for (host, status) in [("pool:9400", 400), ("other:9400", 421)] {
        let request = browser.get_url(browser.url("/error", &[])).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
    pool.signal("TERM");
    let port = server_url.rsplit_once(':').unwrap().1;
    let (status, said) = pool.ended().await;
    let warning =
        format!("it listens on 0.0.0.0:{port}: whoever can reach that address can sign in as anybody\n");
    assert_eq!((status.code(), said), (Some(0), format!("cognito-local-pool: {warning}")));
}

#[rocket::async_test]
async fn a_check_finds_a_pool_that_runs_and_says_who_does_not_answer() {
    let pool = Running::start_with(&["--address=0.0.0.0", "--port=0"]).await;
    let port = pool.text("server_url").rsplit_once(':').unwrap().1.to_owned();
    for arguments in [&["--check", "--port", &port][..], &["--address=0.0.0.0", "--check", "--port", &port]] {
        let mut command = command();
        command.args(arguments);
        assert_eq!(answered(command).await, (Some(0), String::new()));
    }
    pool.signal("TERM");
    pool.ended().await;
    let (status, said) = refused(&["--check", "--port", &port]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains(&format!("no pool answers at http://127.0.0.1:{port}/health: ")), "{said}");

    // One that answers 404, and one that is healthy, too, in words of its own.
    for healthy in [routes![], routes![health]] {
        let build = |app: Rocket<Build>| app.mount("/", healthy);
        let other = crate::support::server::Server::start(crate::support::figment(), build).await;
        let (status, said) = refused(&["--check", "--port", &other.port.to_string()]).await;
        assert_eq!(status, Some(1));
        assert!(said.contains("another program than this pool answers"), "{said}");
        other.stop().await;
    }
}
