//! Run `cargo run --example prometheus`. An API whose operators ask how it is, and what it has counted:
//!
//! ```sh
//! curl -i http://localhost:8000/ready
//! TOKEN=$(curl -s -u prometheus:of-prometheus -d grant_type=client_credentials http://127.0.0.1:9400/oauth2/token | grep -o 'eyJ[^"]*')
//! curl -H "Authorization: Bearer $TOKEN" http://localhost:8000/metrics
//! ```
//!
//! Prometheus gets such a token by itself:
//!
//! ```yaml
//! scrape_configs:
//!   - job_name: app
//!     static_configs: [{ targets: ["localhost:8000"] }]
//!     oauth2:
//!       client_id: prometheus
//!       client_secret: of-prometheus
//!       token_url: http://127.0.0.1:9400/oauth2/token
//! ```

use rocket::figment::providers::{Format, Toml};
use rocket::{Config, get, launch, routes};
use rocket_cognito::operation::{Counters, Health};
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, CognitoUser, Machine};

/// The pool is for development. At a real one, Prometheus is an app client of the type "Machine-to-machine".
const SETTINGS: &str = r#"
    [default.cognito]
    routes = "none"

    [debug.cognito]
    client_id = "prometheus"
    client_secret = "of-prometheus"

    [[debug.cognito.local_pool.clients]]
    client_id = "prometheus"
    client_secret = "of-prometheus"
    client_credentials = true
    scopes = ["ops/metrics.read"]
"#;

struct ReadMetrics;
impl Scope for ReadMetrics {
    const NAME: &'static str = "ops/metrics.read";
}

#[get("/orders")]
fn orders(user: CognitoUser) -> String {
    format!("2 orders, for {}", user.username())
}

/// For a load balancer, which has no credential: 200, or 503 while there are no keys. When the app is stopping, its port
/// accepts no new connection.
#[get("/ready")]
fn ready(health: Health) -> Health {
    health
}

/// For Prometheus alone: the numbers say how many people come.
#[get("/metrics")]
fn metrics(_by: Authorized<Scopes<(ReadMetrics,)>, Machine>, counters: Counters) -> Counters {
    counters
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(SETTINGS).nested()))
        .attach(Cognito::fairing())
        .mount("/", routes![orders, ready, metrics])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn the_numbers_are_for_machines_and_health_is_for_all() {
        let (_, client) = client();
        let map = testing::map(client.rocket()).to_string();
        let lines: Vec<_> = map.lines().collect();
        let metrics = r#"GET  /metrics  a machine: scope "ops/metrics.read""#;
        assert_eq!(lines, [metrics, "GET  /orders   a person", "GET  /ready    open"]);
    }

    #[test]
    fn a_scrape_shows_who_was_admitted_and_who_was_refused() {
        let (pool, client) = client();
        let prometheus = pool.machine("prometheus").scope("ops/metrics.read");
        assert_eq!(client.get("/orders").bearer(&pool.person("alice")).ask().status(), Status::Ok);
        assert_eq!(client.get("/metrics").bearer(&pool.person("alice")).ask().status(), Status::Forbidden);
        let scrape = client.get("/metrics").bearer(&prometheus).ask().into_string().unwrap();
        for line in [
            "rocket_cognito_admissions_total{by=\"bearer\"} 1",
            "rocket_cognito_refusals_total{code=\"machine_required\"} 1",
        ] {
            assert!(scrape.lines().any(|it| it == line), "{scrape}");
        }
    }

    #[test]
    fn an_app_with_keys_is_ready() {
        let (_, client) = client();
        let answer = client.get("/ready").ask();
        assert_eq!(answer.status(), Status::Ok);
        assert!(answer.into_string().unwrap().contains(r#""is_ready":true"#));
    }
}
