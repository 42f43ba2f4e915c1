//! From a page that asks for a sign-in, by way of the pool, to that page.

use std::collections::{BTreeMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket_cognito::local_pool::LocalPool;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, SECRET, SECRET_KEY, Setup, build, code_for, parameters};
use crate::support::sealing::Seal;
use crate::support::server::Server;
use crate::support::{figment, free_port};

fn json_of(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("JSON, not {}", page.body))
}

#[rocket::async_test]
async fn an_app_with_an_embedded_pool_needs_no_other_setting() {
    let settings = figment().merge(("cognito.local_pool.port", 0u16));
    let app = Server::start(settings, build).await;
    let agent = Agent::new();
    let page = agent.sign_in(&app.url("/page?tab=2"), "bob").await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url("/page?tab=2").as_str()));
    assert_eq!(json_of(&agent.get(&app.url("/me")).await)["groups"], json!(["editor"]));
    app.stop().await;
}

#[rocket::async_test]
async fn the_embedded_pool_is_managed_by_the_app() {
    let settings = figment().merge(("cognito.local_pool.port", 0u16));
    let rocket = build(rocket::custom(settings)).ignite().await.unwrap();
    let pool = rocket.state::<LocalPool>().unwrap();
    assert!(pool.sign_in("alice", "localclient").is_some());
}

#[rocket::async_test]
async fn the_page_asked_for_is_reached_with_its_query() {
    let app = App::start().await;
    for path in [
        "/page",
        "/page?tab=2",
        "/page?q=a%20b+c&q=%C3%A9&empty=&=&x",
        "/page?next=//evil.example/&code=x&state=y",
        "/page?percent=%25%32%35&plus=%2B",
    ] {
        let page = Agent::new().sign_in(&app.url(path), "carol").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url(path).as_str()));
        assert_eq!(page.body, path);
    }
}

#[rocket::async_test]
async fn a_sign_in_without_next_ends_at_login_redirect() {
    let app = App::start().await;
    let page = Agent::new().sign_in(&app.url("/auth/login"), "alice").await;
    assert_eq!((page.url.as_str(), page.body.as_str()), (app.url("/").as_str(), "alice"));

    let app = Setup::new().set("login_redirect", "/page?welcome=1").start().await;
    let page = Agent::new().sign_in(&app.url("/auth/login"), "alice").await;
    assert_eq!(page.url.as_str(), app.url("/page?welcome=1"));
}

#[rocket::async_test]
async fn groups_let_in_and_keep_out() {
    let app = App::start().await;
    let rows = [
        ("alice", json!(["admin"]), 200, 200),
        ("bob", json!(["editor"]), 403, 200),
        ("carol", json!([]), 403, 403),
    ];
    let mut subjects = HashSet::new();
    for (username, groups, admin, edit) in rows {
        let agent = app.signed_in(username).await;
        let me = json_of(&agent.get(&app.url("/me")).await);
        assert!(subjects.insert(me["sub"].as_str().unwrap().to_owned()));
        let email = format!("{username}@example.com");
        assert_eq!(me, json!({ "sub": me["sub"], "username": username, "email": email, "groups": groups }));
        for (path, status) in [("/admin", admin), ("/edit", edit)] {
            for page in [agent.open(&app.url(path)).await, agent.get(&app.url(path)).await] {
                assert_eq!(page.status, status, "{username} at {path}");
            }
        }
    }
}

#[rocket::async_test]
async fn who_is_not_signed_in_is_sent_to_sign_in_or_told_so() {
    let app = App::start().await;
    for path in ["/me", "/admin", "/edit"] {
        let page = Agent::new().open(&app.url(path)).await;
        assert_eq!(
            (page.status.as_u16(), page.location()),
            (303, app.url(&format!("/auth/login?next={}", path.replace('/', "%2F"))))
        );
        let page = Agent::new().get(&app.url(path)).await;
        assert_eq!((page.status.as_u16(), page.header("www-authenticate")), (401, "Bearer"));
        assert_eq!(json_of(&page)["error"], "not_signed_in");
    }
}

#[rocket::async_test]
async fn within_the_pools_session_a_second_sign_in_is_silent() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    for name in agent.cookies().into_keys() {
        agent.drop_cookie(&name);
    }
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    let page = agent.follow(&app.url("/page?again")).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "/page?again"));
}

#[rocket::async_test]
async fn public_and_confidential_clients_sign_in() {
    for setup in [Setup::new(), Setup::new().public_client()] {
        let app = setup.start().await;
        app.signed_in("alice").await;
        assert_eq!(app.exchanges(), 1);
    }
}

#[rocket::async_test]
async fn machines_in_the_pools_table_are_not_the_apps_own_client() {
    for own in ["localclient", "shop"] {
        let port = free_port();
        let worker = json!({
            "client_id": "worker",
            "client_secret": SECRET,
            "scopes": ["orders/read"],
            "client_credentials": true,
        });
        let shop = json!({
            "client_id": "shop",
            "callback_urls": [format!("http://localhost:{port}/auth/callback")],
            "logout_urls": [format!("http://localhost:{port}/")],
        });
        let clients = if own == "shop" { vec![worker, shop] } else { vec![worker] };
        let settings = figment()
            .merge(("port", port))
            .merge(("cognito.local_pool.port", 0u16))
            .merge(("cognito.local_pool.clients", clients));
        let app = Server::start(settings, build).await;
        let agent = Agent::new();
        let login = agent.open(&app.url("/auth/login")).await;
        assert_eq!(login.location_parameter("client_id"), own);
        let page = agent.sign_in(&app.url("/page"), "bob").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url("/page").as_str()));
        app.stop().await;
    }
}

#[rocket::async_test]
async fn every_parameter_of_the_authorize_url_is_ours_and_stands_once() {
    let app = App::start().await;
    let hostile = "/auth/login?next=/x%26redirect_uri%3Dhttps://evil.example%23&code_challenge=z&scope=admin&state=1\
                   &nonce=1&client_id=evil&redirect_uri=https://evil.example/&response_type=token&resource=x\
                   &code_challenge_method=plain&response_mode=fragment&logout_uri=x";
    for path in ["/auth/login", hostile] {
        let agent = Agent::new();
        let login = agent.open(&app.url(path)).await;
        assert_eq!(login.status, 303);
        let location = login.location();
        assert_eq!(location.split('?').next().unwrap(), format!("{}/oauth2/authorize", app.pool.base_url()));

        let parameters: Vec<_> = parameters(&location);
        let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        let expected =
            "response_type client_id redirect_uri state nonce code_challenge code_challenge_method";
        assert_eq!(names.join(" "), expected);
        let sent: BTreeMap<_, _> = parameters.into_iter().collect();
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["client_id"], CLIENT);
        assert_eq!(sent["redirect_uri"], app.url("/auth/callback"));
        assert_eq!(sent["code_challenge_method"], "S256");

        let (_, cookie) = agent.cookies().pop_first().unwrap();
        let attempt = Seal::new(SECRET_KEY, "login").open(&cookie);
        assert_eq!((&attempt["state"], &attempt["nonce"]), (&json!(sent["state"]), &json!(sent["nonce"])));
        let verifier = attempt["verifier"].as_str().unwrap();
        assert!((43..=128).contains(&verifier.len()));
        assert_eq!(sent["code_challenge"], URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
        assert_eq!(sent["code_challenge"].len(), 43);
    }
}

#[rocket::async_test]
async fn state_nonce_and_challenge_are_long_and_never_repeat() {
    let app = App::start().await;
    let mut seen = HashSet::new();
    for _ in 0..200 {
        let login = Agent::new().get(&app.url("/auth/login")).await;
        for name in ["state", "nonce", "code_challenge"] {
            let value = login.location_parameter(name);
            assert!(value.len() >= 43, "{name}={value}");
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert!(seen.insert(value));
        }
    }
}

#[rocket::async_test]
async fn scopes_are_sent_as_configured_and_granted() {
    let app = Setup::new().set("scopes", ["openid", "email"]).start().await;
    let agent = Agent::new();
    let login = agent.open(&app.url("/auth/login")).await;
    assert_eq!(login.location_parameter("scope"), "openid email");
    let page = agent.follow(&code_for(&agent, &login, "alice").await).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "alice"));
}

#[rocket::async_test]
async fn hints_are_passed_on_unchanged_and_nothing_else_is() {
    let app = App::start().await;
    let plain = Agent::new().open(&app.url("/auth/login")).await;
    let ours = parameters(&plain.location()).len();
    for name in ["identity_provider", "idp_identifier", "login_hint", "lang", "prompt"] {
        for (sent, meant) in [("x", "x"), ("a%26b%3Dc%23d%3Fe", "a&b=c#d?e"), ("%C3%A9%20%22%3C", "é \"<")] {
            let login = Agent::new().open(&app.url(&format!("/auth/login?{name}={sent}"))).await;
            assert_eq!(login.location_parameter(name), meant);
            assert_eq!(parameters(&login.location()).len(), ours + 1);
        }
        let login = Agent::new().open(&app.url(&format!("/auth/login?{name}="))).await;
        assert_eq!(parameters(&login.location()).len(), ours, "an empty {name} is none");
    }
    for name in ["max_age", "display", "ui_locales", "resource", "acr_values", "LANG", "lang[]", "request"] {
        let login = Agent::new().open(&app.url(&format!("/auth/login?{name}=x"))).await;
        assert_eq!(parameters(&login.location()).len(), ours, "{name}");
    }
    let all =
        "/auth/login?lang=fr&prompt=login&login_hint=alice&identity_provider=X&idp_identifier=y&next=/me";
    assert_eq!(parameters(&Agent::new().open(&app.url(all)).await.location()).len(), ours + 5);
}

#[rocket::async_test]
async fn a_sign_in_begun_under_another_name_of_loopback_ends_signed_in_under_the_callbacks() {
    let app = App::start().await;
    let elsewhere = app.url("/page?tab=2&q=%C3%A9").replace("localhost", "127.0.0.1");
    let agent = Agent::new();
    let page = agent.sign_in(&elsewhere, "alice").await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url("/page?tab=2&q=%C3%A9").as_str()));
    assert_eq!(agent.get(&app.url("/me")).await.status, 200);
}

#[rocket::async_test]
async fn only_another_name_of_loopback_leads_login_to_the_callbacks_name() {
    let app = App::start().await;
    let port = app.server.port;
    let login = app.url("/auth/login?next=/me&lang=fr");
    let moved = app.url("/auth/login?moved=1&next=/me&lang=fr");
    let open = async |url: &str, host: &str| {
        let agent = Agent::new();
        let answer = agent.send(reqwest::Method::GET, url, &[("host", host)], None).await;
        assert_eq!((answer.status.as_u16(), agent.cookies().is_empty()), (303, answer.location() == moved));
        answer.location()
    };
    for (host, is_moved) in [
        (&*format!("127.0.0.1:{port}"), true),
        (&*format!("[::1]:{port}"), true),
        ("127.0.0.1", true),
        (&*format!("localhost:{port}"), false),
        ("localhost:1", false),
        ("app.example.com", false),
        ("127.0.0.1.example.com", false),
    ] {
        assert_eq!(open(&login, host).await == moved, is_moved, "{host}");
        // A proxy that rewrites the name never changes it: to move again would be to move for ever.
        assert_ne!(open(&moved, host).await, moved, "{host}");
    }
}

#[rocket::async_test]
async fn callback_path_serves_behind_a_proxy_that_strips_a_prefix() {
    let setup = Setup::new().redirect_path("/shop/auth/callback").set("callback_path", "/auth/callback");
    let app = setup.start().await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    assert!(callback.starts_with(&app.url("/shop/auth/callback?")), "{callback}");
    assert_eq!(agent.open(&callback).await.status, 404, "without the proxy nobody is there");
    assert_eq!(
        agent.open(&app.url("/page?x")).await.header("location"),
        "/shop/auth/login?next=%2Fshop%2Fpage%3Fx"
    );
    let page = agent.follow(&callback.replace("/shop/", "/")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
}

#[rocket::async_test]
async fn mount_and_redirect_url_place_the_routes() {
    for (mount, callback, login, logout) in [
        ("/account/v1", "/signed-in", "/account/v1/login", "/account/v1/logout"),
        ("/", "/cb/x.y_z~1", "/login", "/logout"),
    ] {
        let app = Setup::new().set("mount", mount).redirect_path(callback).start().await;
        let agent = app.signed_in("alice").await;
        for gone in ["/auth/login", "/auth/callback"] {
            assert_eq!(agent.get(&app.url(gone)).await.status, 404);
        }
        let answer = agent.post(&app.url(logout), &[("origin", &app.origin())], &[]).await;
        assert_eq!(answer.status, 303);
        let page = agent.open(&app.url("/me")).await;
        assert_eq!(page.header("location"), format!("{login}?next=%2Fme"));
    }
}

#[rocket::async_test]
async fn who_signs_in_as_somebody_else_is_somebody_else() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    app.leave_pool(&agent).await;
    let page = agent.sign_in(&app.url("/auth/login?next=/me"), "bob").await;
    let me = json_of(&page);
    assert_eq!((&me["username"], &me["email"]), (&json!("bob"), &json!("bob@example.com")));
    assert_eq!(agent.get(&app.url("/admin")).await.status, 403);
}

#[rocket::async_test]
async fn a_new_sign_in_revokes_the_session_that_it_replaces() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let replaced = app.refresh_token(&agent);
    assert_eq!(agent.follow(&app.url("/auth/login?next=/me")).await.status, 200);
    for _ in 0..200 {
        if app.revocations() > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!app.accepts_refresh_token(&replaced).await);
    assert!(app.accepts_refresh_token(&app.refresh_token(&agent)).await);
    assert_eq!(app.revocations(), 1);
}

/// J7: the pool rotates its keys just before it signs, too soon after the last fetch for anybody else to cause one.
#[rocket::async_test]
async fn a_rotation_during_a_sign_in_costs_one_fetch_and_not_the_sign_in() {
    let app = App::start().await;
    let fetches = || app.pool.requests(&format!("/{}/.well-known/jwks.json", app.pool.user_pool_id()));
    // The fetch at liftoff is over when somebody has signed in.
    app.signed_in("bob").await;
    let before = fetches();
    app.pool.rotate_keys();
    app.signed_in("alice").await;
    assert_eq!(fetches() - before, 1);
}
