//! Run `cargo run --example delegation`, open http://localhost:8000 and sign in as alice.
//!
//! An agent calls an API for a person, and the API knows both. Two apps in one process: at the desk people sign in; the
//! orders are an API that knows bearer tokens alone. For a call the desk exchanges the person's token for one that counts at
//! the orders and names the agent in its claim `act` (RFC 8693). What the orders give to agents has the guard
//! `PersonOrAgent`; every other guard for people refuses them.
//!
//! The pool is for development. At a real one the desk is an app client with a secret and the flow
//! `ALLOW_TOKEN_EXCHANGE_DELEGATION`, and the agent a client of the type "Machine-to-machine".

use std::error::Error;
use std::time::SystemTime;

use rocket::figment::Figment;
use rocket::http::Status;
use rocket::response::content::RawHtml;
use rocket::tokio::try_join;
use rocket::{Build, Config, Rocket, State, get, routes};
use rocket_cognito::client::{ClientError, CognitoClient, ExchangedToken, TokenExchange};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTokenExchange};
use rocket_cognito::{Cognito, CognitoUser, PersonOrAgent};

/// The name of the orders, to which the tokens for them are bound: their `aud`.
const ORDERS: &str = "https://orders.example.com";
const READ_ORDERS: &str = "orders/read";

// The orders.

#[get("/orders")]
fn orders(by: PersonOrAgent) -> String {
    match by.actor() {
        None => format!("2 orders, for {}", by.username()),
        Some(agent) => {
            format!("2 orders, for {} by {}", by.username(), agent.sub().unwrap_or("an unknown agent"))
        }
    }
}

/// An account is its person's business.
#[get("/account")]
fn account(user: CognitoUser) -> String {
    format!("The account of {}", user.username())
}

fn api(settings: Figment) -> Rocket<Build> {
    let settings = settings
        .merge(("cognito.routes", "none"))
        .merge(("cognito.accepted_client_ids", ["desk"]))
        .merge(("cognito.accepted_audiences", [ORDERS]));
    rocket::custom(settings)
        .attach(Cognito::fairing())
        .mount("/", routes![orders, account])
        .register("/", rocket_cognito::catchers())
}

// The desk.

const HOME: &str = r#"<p><a href="/auth/login">Sign in</a>, then let the agent read
<a href="/agent/orders">your orders</a> or <a href="/agent/account">your account</a>.</p>"#;

/// Who calls the orders for people, and where they are.
struct Agent {
    client: CognitoClient,
    url: String,
}

impl Agent {
    /// A token by which this agent reads the orders of `user`.
    async fn token_for(
        &self,
        user: &CognitoUser,
        desk: &CognitoClient,
    ) -> Result<ExchangedToken, ClientError> {
        let now = SystemTime::now();
        // Got once, and again shortly before it expires.
        let own = self.client.client_credentials(&[], now).await?;
        let exchange = TokenExchange::of(user.access_token().unwrap_or_default()).actor(own.access_token());
        desk.exchange(exchange.scopes([READ_ORDERS]).resource(ORDERS), now).await
    }

    /// What the orders answer it.
    async fn ask(&self, path: &str, token: &ExchangedToken) -> reqwest::Result<(Status, String)> {
        let request = reqwest::Client::new().get(format!("{}/{path}", self.url));
        let answer = request.bearer_auth(token.token()).header("Accept", "application/json").send().await?;
        Ok((Status::new(answer.status().as_u16()), answer.text().await?))
    }
}

#[get("/")]
fn home() -> RawHtml<&'static str> {
    RawHtml(HOME)
}

#[get("/agent/<page>")]
async fn by_agent(
    user: CognitoUser,
    page: &str,
    desk: &State<CognitoClient>,
    agent: &State<Agent>,
) -> Result<(Status, String), Status> {
    let path = ["orders", "account"].into_iter().find(|path| *path == page).ok_or(Status::NotFound)?;
    let token = agent.token_for(&user, desk).await.map_err(|error| {
        eprintln!("{error}"); // what to correct, if anything, and no secret
        if error.is_unavailable() { Status::ServiceUnavailable } else { Status::InternalServerError }
    })?;
    agent.ask(path, &token).await.map_err(|_| Status::BadGateway)
}

fn desk(settings: Figment, agent: Agent) -> Rocket<Build> {
    rocket::custom(settings.merge(("cognito.scopes", ["openid", READ_ORDERS])))
        .manage(agent)
        .attach(Cognito::fairing())
        .mount("/", routes![home, by_agent])
        .register("/", rocket_cognito::catchers())
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::figment().merge(("cognito.local_pool", false));
    let port = config.extract_inner("port").unwrap_or(8000);
    let port_of_orders = config.extract_inner("port_of_orders").unwrap_or(8001);
    let desk_url = format!("http://localhost:{port}");
    let callback = format!("{desk_url}/auth/callback");

    let at_desk =
        LocalClient::new("desk").secret("of-the-desk").token_exchange(LocalTokenExchange::Delegation);
    let at_desk = at_desk.scope("openid").scope(READ_ORDERS).callback_url(&callback).logout_url(&desk_url);
    let agent = LocalClient::new("agent").secret("of-the-agent").scope("agents/any").client_credentials();
    let pool = LocalPool::start(LocalPoolConfig::default().client(at_desk).client(agent)).await?;

    let of_pool =
        [("user_pool_id", pool.user_pool_id()), ("issuer", &pool.issuer()), ("domain", &pool.base_url())];
    let agent = [("client_id", "agent"), ("client_secret", "of-the-agent")];
    let agent = CognitoClient::new(of_pool.into_iter().chain(agent))?;
    let agent = Agent { client: agent, url: format!("http://localhost:{port_of_orders}") };
    let config = of_pool
        .into_iter()
        .fold(config, |config, (key, value)| config.merge((format!("cognito.{key}"), value)));
    let of_desk = config
        .clone()
        .merge(("cognito.client_id", "desk"))
        .merge(("cognito.client_secret", "of-the-desk"))
        .merge(("cognito.redirect_url", callback))
        .merge(("cognito.logout_url", desk_url));
    try_join!(api(config.merge(("port", port_of_orders))).launch(), desk(of_desk, agent).launch())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rocket::Config;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The orders as they are shipped, and a pool for them.
    fn orders() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::api(Config::figment()))).unwrap();
        (pool, client)
    }

    #[test]
    fn agents_have_orders_and_no_account() {
        let (_, client) = orders();
        let map = testing::map(client.rocket()).to_string();
        let lines: Vec<_> = map.lines().collect();
        assert_eq!(lines, ["GET  /account  a person", "GET  /orders   a person or an agent for one"]);
    }

    #[test]
    fn an_agent_reads_orders_for_a_person_and_the_account_is_refused() {
        let (pool, orders) = orders();
        let alice = pool.person("alice").client_id("desk").audience(super::ORDERS);
        let agent = alice.clone().acted_for_by("agent");
        let answer = |path: &str| orders.get(path.to_owned());
        assert_eq!(
            answer("/orders").bearer(&agent).ask().into_string().unwrap(),
            "2 orders, for alice by agent"
        );
        assert_eq!(answer("/orders").bearer(&alice).ask().into_string().unwrap(), "2 orders, for alice");
        assert_eq!(answer("/account").bearer(&agent).ask().denial().unwrap().code(), "delegated");
        assert_eq!(answer("/account").bearer(&alice).ask().into_string().unwrap(), "The account of alice");
        let elsewhere = agent.audience("https://elsewhere.example.com");
        assert_eq!(answer("/orders").bearer(&elsewhere).ask().denial().unwrap().code(), "invalid_token");
    }
}
