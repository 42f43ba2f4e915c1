//! Run `cargo run --example machine_to_machine`, then `curl http://localhost:8000/report`.
//!
//! Two programs in one: a service that machines with a scope may call, and a worker that calls it with a token of its
//! own. People are refused, and so is everybody without a token: try `curl -i http://localhost:8000/orders`. By hand
//! it goes like this:
//!
//! ```sh
//! TOKEN=$(curl -s -u worker:of-the-worker -d grant_type=client_credentials http://127.0.0.1:9400/oauth2/token | grep -o 'eyJ[^"]*')
//! curl -i -H "Authorization: Bearer $TOKEN" http://localhost:8000/orders
//! ```

use std::time::SystemTime;

use rocket::figment::providers::{Format, Toml};
use rocket::http::Status;
use rocket::{Config, State, get, launch, routes};
use rocket_cognito::client::CognitoClient;
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, Machine};

/// The pool is for development. At a real one, the worker is an app client of the type "Machine-to-machine".
const SETTINGS: &str = r#"
    [default.cognito]
    routes = "none"

    [debug.cognito]
    client_id = "worker"
    client_secret = "of-the-worker"

    [[debug.cognito.local_pool.clients]]
    client_id = "worker"
    client_secret = "of-the-worker"
    client_credentials = true
    scopes = ["orders/read", "orders/write"]
"#;

struct ReadOrders;
impl Scope for ReadOrders {
    const NAME: &'static str = "orders/read";
}

/// The service. It takes the tokens of its own client and of `accepted_client_ids`.
#[get("/orders")]
fn orders(machine: Authorized<Scopes<(ReadOrders,)>, Machine>) -> String {
    format!("2 orders, for {}", machine.client_id())
}

/// The worker. In a program of its own it has its client from `CognitoClient::from_figment` or `CognitoClient::new`.
#[get("/report")]
async fn report(client: &State<CognitoClient>, config: &Config) -> Result<String, Status> {
    // Got once, and again shortly before it expires.
    let token = client.client_credentials(&["orders/read"], SystemTime::now()).await.map_err(|error| {
        eprintln!("{error}"); // what to correct, if anything, and no secret
        if error.is_unavailable() { Status::ServiceUnavailable } else { Status::InternalServerError }
    })?;
    let orders = ask(config.port, token.access_token()).await.map_err(|_| Status::BadGateway)?;
    Ok(format!("The service says: {orders}"))
}

async fn ask(port: u16, token: &str) -> reqwest::Result<String> {
    let request = reqwest::Client::new().get(format!("http://localhost:{port}/orders")).bearer_auth(token);
    request.send().await?.error_for_status()?.text().await
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(SETTINGS).nested()))
        .attach(Cognito::fairing())
        .mount("/", routes![orders, report])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn the_service_is_for_machines_and_the_worker_for_all() {
        let (_, client) = client();
        let map = testing::map(client.rocket()).to_string();
        let lines: Vec<_> = map.lines().collect();
        assert_eq!(lines, [r#"GET  /orders  a machine: scope "orders/read""#, "GET  /report  open"]);
    }

    #[test]
    fn machines_with_the_scope_read_orders() {
        let (pool, client) = client();
        let worker = pool.machine("worker");
        let answer = client.get("/orders").bearer(&worker.clone().scope("orders/read")).ask();
        assert_eq!(answer.into_string().unwrap(), "2 orders, for worker");
        for (answer, code) in [
            (client.get("/orders").bearer(&worker.scope("orders/write")).ask(), "rule_not_met"),
            (client.get("/orders").bearer(&pool.person("alice")).ask(), "machine_required"),
            (
                client.get("/orders").bearer(&pool.machine("stranger").scope("orders/read")).ask(),
                "invalid_token",
            ),
            (client.get("/orders").ask(), "bearer_required"),
        ] {
            assert_eq!(answer.denial().unwrap().code(), code);
        }
    }
}
