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
