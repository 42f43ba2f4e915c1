//! Who everybody is who can reach an app in disabled mode: nobody at another site's page.

use reqwest::Method;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::{Callback, Cognito, CognitoUser, Login, Logout, OrForward, Refresh};

use super::disabled;
use crate::outcome;
use crate::support::agent::Agent;
use crate::support::app;
use crate::support::server::Server;

#[post("/me")]
fn change(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[get("/forward")]
fn forward(_user: OrForward<CognitoUser>) {}

#[get("/signin")]
fn signin() -> Login {
    Login::new()
}

#[get("/landed")]
fn landed(callback: Callback) -> Callback {
    callback
}

#[post("/renewed")]
fn renewed(_session: Refresh) {}

#[post("/signout")]
fn signout() -> Logout {
    Logout::new()
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    app::build(rocket).mount("/", routes![change, forward, signin, landed, renewed, signout])
}

async fn serve(hosts: &[&str]) -> Server {
    let figment = disabled().merge(("cognito.refresh_flow_enabled", true));
    Server::start(figment.merge(("cognito.disabled_hosts", hosts)), build).await
}

/// All that is guarded or our own, whatever the method.
const ALL: [(Method, &str); 12] = [
    (Method::GET, "/me"),
    (Method::POST, "/me"),
    (Method::GET, "/forward"),
    (Method::GET, "/auth/login"),
    (Method::GET, "/auth/callback"),
    (Method::POST, "/auth/refresh"),
    (Method::POST, "/auth/logout"),
    (Method::GET, "/signin"),
    (Method::GET, "/landed"),
    (Method::POST, "/renewed"),
    (Method::POST, "/signout"),
    (Method::GET, "/admin"),
];

/// O12: a page of a site whose name has been made to lead here is of that site's origin, and says `same-origin`.
#[rocket::async_test]
async fn no_page_under_another_name_meets_the_stub_user() {
    let server = serve(&["dev.example.com"]).await;
    let agent = Agent::new();
    let ours = ["localhost", "LOCALHOST", "127.0.0.1", "[::1]", "dev.example.com", "Dev.Example.com"];
    let others = [
        "evil.example",
        "dev.example.com.evil.example",
        "evil-dev.example.com",
        "x.dev.example.com",
        "example.com",
        "localhost.",
        "localhost.evil.example",
        "x.localhost",
        "127.0.0.2",
        "0.0.0.0",
        "a_b.evil.example",
        "localhost, evil.example",
        "",
    ];
    for port in [String::new(), format!(":{}", server.port)] {
        for (method, path) in ALL {
            for host in ours {
                let host = format!("{host}{port}");
                let headers = [("host", host.as_str()), ("sec-fetch-site", "same-origin")];
                let page = agent.send(method.clone(), &server.url(path), &headers, None).await;
                assert!([200, 303].contains(&page.status.as_u16()), "{host} {path}: {}", page.body);
            }
            for host in others {
                let host = format!("{host}{port}");
                let headers = [
                    ("host", host.as_str()),
                    ("sec-fetch-site", "same-origin"),
                    ("x-forwarded-host", "localhost"),
                    ("forwarded", "host=localhost"),
                ];
                let page = agent.send(method.clone(), &server.url(path), &headers, None).await;
                assert_eq!(outcome(&page), (421, "host_refused".to_owned()), "{host} {path}");
            }
        }
    }
    let headers = [("host", "evil.example")];
    let home = agent.send(Method::GET, &server.url("/"), &headers, None).await;
    assert_eq!(home.body, "nobody", "an optional guard");
}

/// O12: the same proof as with a session. The origin of the app is that of the host that the request names.
#[rocket::async_test]
async fn another_sites_page_changes_nothing_in_disabled_mode() {
    let figment = disabled()
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.trusted_origins", "https://shop.example.com"));
    let server = Server::start(figment, build).await;
    let origin = server.url("");
    let (https, by_address) = (origin.replace("http:", "https:"), origin.replace("localhost", "127.0.0.1"));
    let neighbour = format!("http://localhost:{}", server.port ^ 1);
    let rows: [(&[(&str, &str)], bool); 15] = [
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("origin", &origin)], true),
        (&[("origin", &https)], true),
        (&[("origin", &origin), ("sec-fetch-site", "same-site")], true),
        (&[("origin", "https://shop.example.com"), ("sec-fetch-site", "cross-site")], true),
        (&[], false),
        (&[("authorization", "Bearer x.y.z")], false),
        (&[("origin", "null")], false),
        (&[("origin", &neighbour), ("sec-fetch-site", "same-site")], false),
        (&[("origin", &by_address), ("sec-fetch-site", "cross-site")], false),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], false),
        (&[("origin", &origin), ("origin", "https://evil.example")], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("origin", "http://localhost")], false),
    ];
    let agent = Agent::new();
    for (headers, is_taken) in rows {
        for path in ["/me", "/auth/refresh", "/auth/logout", "/renewed", "/signout"] {
            let page = agent.post(&server.url(path), headers, &[]).await;
            if is_taken {
                assert!([200, 303].contains(&page.status.as_u16()), "{headers:?} {path}: {}", page.body);
            } else {
                assert_eq!(outcome(&page), (403, "cross_site".to_owned()), "{headers:?} {path}");
            }
        }
        let upgrade = [headers, &[("upgrade", "websocket"), ("connection", "upgrade")]].concat();
        let page = agent.send(Method::GET, &server.url("/me"), &upgrade, None).await;
        assert_eq!(page.status, if is_taken { 200 } else { 403 }, "{headers:?}");
        assert_eq!(agent.send(Method::GET, &server.url("/me"), headers, None).await.status, 200);
    }
}

/// The client of an app's own tests names no host, as no browser does.
#[rocket::async_test]
async fn a_local_client_that_names_no_host_is_the_stub_user() {
    let rocket = rocket::custom(disabled()).attach(Cognito::fairing()).mount("/", routes![change, forward]);
    let client = Client::untracked(rocket).await.unwrap();
    assert_eq!(client.get("/forward").dispatch().await.status().code, 200);
    let here = rocket::http::Header::new("Sec-Fetch-Site", "same-origin");
    assert_eq!(client.post("/me").header(here).dispatch().await.status().code, 200);
}
