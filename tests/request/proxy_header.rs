//! A bearer token that a proxy adds to whatever a browser sends: it says who, and not that the request was meant.

use figment::Figment;
use reqwest::Method;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{BearerOnly, Cognito, CognitoUser, catchers};

use crate::support::agent::Agent;
use crate::support::figment;
use crate::support::server::Server;
use crate::{name, outcome};

/// The header in which AWS's load balancer adds the access token.
const HEADER: &str = "x-amzn-oidc-accesstoken";
const FRONT_END: &str = "https://shop.example.com";

#[get("/me")]
fn me(user: CognitoUser) -> String {
    name(&user)
}

#[post("/me")]
fn change(user: CognitoUser) -> String {
    name(&user)
}

#[get("/bearer")]
fn bearer(user: BearerOnly) -> String {
    name(&user)
}

#[post("/bearer")]
fn change_bearer(user: BearerOnly) -> String {
    name(&user)
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let rocket = rocket.attach(Cognito::fairing()).register("/", catchers());
    rocket.mount("/", routes![me, change, bearer, change_bearer])
}

async fn pool() -> LocalPool {
    LocalPool::start(LocalPoolConfig::default().port(0).client(LocalClient::new("shop"))).await.unwrap()
}

/// An app behind a proxy at which people sign in.
fn behind(pool: &LocalPool) -> Figment {
    figment()
        .merge(("cognito.routes", "none"))
        .merge(("cognito.user_pool_id", pool.user_pool_id()))
        .merge(("cognito.issuer", pool.issuer()))
        .merge(("cognito.client_id", "shop"))
        .merge(("cognito.jwt_header_name", HEADER))
        .merge(("cognito.jwt_header_prefix", ""))
}

#[rocket::async_test]
async fn a_token_that_a_proxy_adds_does_not_prove_that_a_request_was_meant() {
    let pool = pool().await;
    let settings = behind(&pool).merge(("cognito.trusted_origins", FRONT_END));
    let trusting =
        Server::start(settings.clone().merge(("cognito.jwt_header_from_proxy", false)), build).await;
    let app = Server::start(settings.merge(("cognito.jwt_header_from_proxy", true)), build).await;
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    let by = (HEADER, token.as_str());
    let upgrade = [("upgrade", "websocket"), ("connection", "upgrade")];
    let rows: [(&[(&str, &str)], bool); 9] = [
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("origin", FRONT_END)], true),
        (&[("origin", FRONT_END), ("sec-fetch-site", "cross-site")], true),
        (&[], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
        (&[("origin", "null")], false),
        (&[("origin", FRONT_END), ("origin", FRONT_END)], false),
    ];
    // Twice: the second time the token is remembered.
    for (headers, is_meant) in rows.into_iter().chain(rows) {
        let headers = [headers, &[by]].concat();
        let expected = if is_meant { (200, "alice") } else { (403, "cross_site") };
        for path in ["/me", "/bearer"] {
            let agent = Agent::new();
            let page = agent.send(Method::POST, &app.url(path), &headers, Some(&[])).await;
            assert_eq!(outcome(&page), (expected.0, expected.1.to_owned()), "{headers:?}");
            let page =
                agent.send(Method::GET, &app.url(path), &[&headers[..], &upgrade].concat(), None).await;
            assert_eq!(outcome(&page), (expected.0, expected.1.to_owned()), "{headers:?}");
            // Who only reads changes nothing.
            let page = agent.send(Method::GET, &app.url(path), &headers, None).await;
            assert_eq!(outcome(&page), (200, "alice".to_owned()), "{headers:?}");
            // The control: a header that scripts send themselves.
            let page = agent.send(Method::POST, &trusting.url(path), &headers, Some(&[])).await;
            assert_eq!(outcome(&page), (200, "alice".to_owned()), "{headers:?}");
        }
    }
    // What is no token stays that, wherever it comes from.
    let page = Agent::new().send(Method::POST, &app.url("/me"), &[(HEADER, "x.y.z")], Some(&[])).await;
    assert_eq!(outcome(&page), (401, "invalid_token".to_owned()));
}
