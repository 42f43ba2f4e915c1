//! Where a pool listens, under which names it answers, and what it says to browsers.

use std::net::IpAddr;

use reqwest::header::HOST;
use rocket_cognito::local_pool::{Failure, LocalPool, LocalPoolConfig};
use serde_json::Value;

use crate::browser::*;
use crate::support::agent::Agent;
use crate::support::app::{Setup, build};
use crate::support::server::Server;
use crate::support::tcp_proxy::{TcpProxy, Way};
use crate::support::{figment, free_port, further_address};

/// Status and body of what the pool answers under this name.
async fn asked(pool: &LocalPool, host: &str, path: &str) -> (u16, String) {
    let browser = Browser::at(pool.server_url());
    let response = browser.get_url(browser.url(path, &[])).header(HOST, host).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn discovery(pool: &LocalPool, host: &str) -> Value {
    let path = format!("/{}/.well-known/openid-configuration", pool.user_pool_id());
    serde_json::from_str(&asked(pool, host, &path).await.1).unwrap()
}

#[rocket::async_test]
async fn a_pool_answers_to_its_names_and_says_to_all_others_what_to_type() {
    let config =
        config().host("pool").host("my_pool").host("pool.internal").public_url("https://id.example.com/");
    let pool = LocalPool::start(config).await.unwrap();
    for host in [
        "localhost",
        "127.0.0.1:9400",
        "[::1]:9400",
        "pool",
        "pool:9400",
        "POOL",
        "my_pool:9400",
        "pool.internal",
        "id.example.com",
        "ID.Example.com",
        "LOCALHOST:9400",
    ] {
        assert_eq!(asked(&pool, host, "/error").await.0, 400, "{host}");
    }
    for host in ["internal", "pool.example.com", "example.com", "10.0.0.1", "evil.localhost", "pool@evil"] {
        let (status, body) = asked(&pool, host, "/error").await;
        assert_eq!(status, 421, "{host}");
        assert!(body.contains("hosts = [") && body.contains("--host") && !body.contains(host), "{body}");
    }
}

#[rocket::async_test]
async fn health_is_answered_under_any_name() {
    let pool = start().await;
    for host in ["localhost", "10.0.0.1:9400", "pool"] {
        assert_eq!(asked(&pool, host, "/health").await, (200, "The local pool runs.\n".into()), "{host}");
        let browser = Browser::of(&pool);
        let head = browser.head_url(browser.url("/health", &[])).header(HOST, host).send().await.unwrap();
        assert_eq!(head.status(), 200, "{host}");
        assert_eq!(asked(&pool, host, "/health/").await.0, if host == "localhost" { 200 } else { 421 });
    }
    pool.fail("/health", Failure::ServerError);
    assert_eq!(asked(&pool, "localhost", "/health").await.0, 500);
}

#[rocket::async_test]
async fn issuer_and_discovery_are_what_browsers_reach_and_a_container_calls_its_own_name() {
    let public = "http://localhost:9500";
    let pool = LocalPool::start(config().host("pool").public_url(public)).await.unwrap();
    let id = pool.user_pool_id();
    assert_eq!((pool.base_url(), pool.issuer()), (public.into(), format!("{public}/{id}")));
    assert_ne!(pool.server_url(), public);
    assert_eq!(pool.server_url(), format!("http://{}", pool.address()));
    let token = pool.sign_in("alice", "shop").unwrap().access_token;
    assert_eq!(part(&token, 1)["iss"], pool.issuer());

    for (host, called) in
        [("localhost:9500", public), ("127.0.0.1", public), ("pool:9400", "http://pool:9400")]
    {
        let discovery = discovery(&pool, host).await;
        assert_eq!(discovery["issuer"], pool.issuer(), "{host}");
        for (key, path) in
            [("authorization_endpoint", "oauth2/authorize"), ("end_session_endpoint", "logout")]
        {
            assert_eq!(discovery[key], format!("{public}/{path}"), "{host}");
        }
        for (key, path) in [
            ("token_endpoint", "oauth2/token"),
            ("revocation_endpoint", "oauth2/revoke"),
            ("userinfo_endpoint", "oauth2/userInfo"),
            ("jwks_uri", &format!("{id}/.well-known/jwks.json")),
        ] {
            assert_eq!(discovery[key], format!("{called}/{path}"), "{host}");
        }
    }
}

#[rocket::async_test]
async fn discovery_names_the_public_url_under_its_own_host_even_where_apps_call_that() {
    let public = "https://id.example.com";
    let pool = LocalPool::start(config().host("id.example.com").public_url(public)).await.unwrap();
    for (host, called) in [
        ("id.example.com", public),
        ("ID.example.com", public),
        ("id.example.com:9400", "http://id.example.com:9400"),
    ] {
        assert_eq!(
            discovery(&pool, host).await["token_endpoint"],
            format!("{called}/oauth2/token"),
            "{host}"
        );
    }
}

/// An older browser sends `Origin` alone, and a proxy with TLS changes `Host`.
#[rocket::async_test]
async fn behind_a_proxy_with_tls_its_own_form_signs_in() {
    let public = "https://id.example.com";
    let pool = LocalPool::start(config().host("pool").public_url(public)).await.unwrap();
    let browser = Browser::at(pool.server_url());
    let form = [("username", "alice"), ("password", "Passw0rd!")];
    for (origin, status) in
        [(public, 302), ("http://pool:9400", 302), ("https://evil.example.com", 403), ("null", 403)]
    {
        let request = browser.post(browser.url("/login", &authorize("shop")), &form);
        let response = request.header(HOST, "pool:9400").header("origin", origin).send().await.unwrap();
        assert_eq!(response.status(), status, "{origin}");
    }
}

#[rocket::async_test]
async fn a_pool_listens_where_it_is_told() {
    let Some(inner) = further_address() else { return };
    let config_there = config().address(inner.parse::<IpAddr>().unwrap());
    let pool = LocalPool::start(config_there).await.unwrap();
    let port = pool.address().port();
    assert_eq!((pool.server_url(), pool.base_url()), (format!("http://{inner}:{port}"), pool.server_url()));
    assert_eq!(asked(&pool, inner, "/error").await.0, 400);
    // Whoever else may listen there.
    let asked_before = pool.requests("/error");
    let _ = reqwest::get(format!("http://127.0.0.1:{port}/error")).await;
    assert_eq!(pool.requests("/error"), asked_before);

    let pool = LocalPool::start(config().address([0, 0, 0, 0])).await.unwrap();
    let port = pool.address().port();
    assert_eq!(pool.address().ip().to_string(), "0.0.0.0");
    assert_eq!(pool.base_url(), format!("http://127.0.0.1:{port}"));
    let error = LocalPool::start(config().address([0, 0, 0, 0]).port(port)).await.unwrap_err().to_string();
    assert!(error.contains(&format!("port {port} on 0.0.0.0 is taken")), "{error}");
    let nowhere = LocalPool::start(config().address([192, 0, 2, 1])).await.unwrap_err().to_string();
    assert!(
        nowhere.contains("cannot listen on 192.0.2.1:0") && nowhere.contains("leave `address` out"),
        "{nowhere}"
    );
}

#[rocket::async_test]
async fn a_wrong_address_name_or_url_is_told() {
    let public = |url| LocalPoolConfig::default().public_url(url);
    for (config, key, words) in [
        (LocalPoolConfig::default().host("http://pool"), "hosts", "\"http://pool\" is no name of a host"),
        (LocalPoolConfig::default().host("pool:9400"), "hosts", "without scheme or port"),
        (LocalPoolConfig::default().host("Pool"), "hosts", "in lower case"),
        (public("localhost:9400"), "public_url", "has no scheme"),
        (LocalPoolConfig::default().host("_pool"), "hosts", "\"_pool\" is no name of a host"),
        (public("http://id.example.com"), "public_url", "private names and addresses only"),
        (public("http://localhost:9400/pool"), "public_url", "has a path"),
        (public("http://a@pool"), "public_url", "it should look like \"http://localhost:9400\""),
    ] {
        let text = LocalPool::start(config.port(0)).await.unwrap_err().to_string();
        assert!(text.contains(&format!("`{key}`: ")) && text.contains(words), "{text}");
    }
}

/// Signs somebody in, while browsers reach the pool through `mapping` alone, which is closed once they have a code.
async fn sign_in_past(mapping: &TcpProxy, app: &Server) -> Agent {
    let agent = Agent::new();
    let form = agent.follow(&app.url("/me")).await;
    let origin = format!("http://localhost:{}/login?", mapping.port);
    assert!(form.url.as_str().starts_with(&origin), "{}", form.url);
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let callback = agent.post(form.url.as_str(), &[], &fields).await.location();
    mapping.set(Way::Refused);
    let page = agent.follow(&callback).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    agent
}

/// Signs in through a port of the machine that is mapped to the pool's, like a container's.
#[rocket::async_test]
async fn an_app_calls_the_pool_by_another_name_than_browsers_reach_it() {
    let Some(inner) = further_address() else { return };
    let port = free_port();
    let mapping = TcpProxy::to(port).await;
    let public = format!("http://localhost:{}", mapping.port);
    let setup = Setup::new()
        .pool(|pool| pool.port(port).address([0, 0, 0, 0]).host(inner).public_url(&public))
        .set("server_domain", format!("http://{inner}:{port}"));
    let app = setup.start().await;
    assert_eq!(app.pool.base_url(), public);

    let agent = sign_in_past(&mapping, &app.server).await;
    let keys = format!("/{}/.well-known/jwks.json", app.pool.user_pool_id());
    assert_eq!((app.exchanges(), app.pool.requests(&keys)), (1, 1));
    let refreshed = agent.post(&app.url("/auth/refresh"), &[("origin", &app.origin())], &[]).await;
    assert_eq!((refreshed.status.as_u16(), app.exchanges()), (303, 2), "{}", refreshed.body);
    let logout = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert!(logout.location().starts_with(&format!("{public}/logout?")), "{}", logout.location());
    assert_eq!(app.revocations(), 1);
}

#[rocket::async_test]
async fn an_app_calls_its_embedded_pool_where_that_listens() {
    let port = free_port();
    let mapping = TcpProxy::to(port).await;
    let figment = figment()
        .merge(("port", free_port()))
        .merge(("cognito.local_pool.port", port))
        .merge(("cognito.local_pool.public_url", format!("http://localhost:{}", mapping.port)));
    let app = Server::start(figment, build).await;
    sign_in_past(&mapping, &app).await;
    app.stop().await;
}

#[test]
fn browsers_may_be_sent_to_an_embedded_pool() {
    let check = |settings: &[(&str, &str)]| {
        let figment = settings.iter().fold(figment(), |figment, (key, value)| {
            figment.merge((format!("cognito.local_pool.{key}"), value))
        });
        rocket_cognito::Cognito::check_settings(&figment).map_err(|error| error.to_string())
    };
    let public = ("public_url", "https://id.example.com");
    for right in
        [&[public][..], &[("address", "127.0.0.2"), public], &[("address", "::")], &[("address", "::1")]]
    {
        assert_eq!(check(right), Ok(()));
    }
    let plain = [("public_url", "http://pool:9400")];
    for (wrong, words) in [
        (&plain[..], "`local_pool.public_url`: uses `http`"),
        (&[("address", "127.0.0.2")], "`local_pool.address`: needs a `public_url` beside it"),
        (&[("address", "localhost")], "`local_pool.address`: \"localhost\" is no IP address"),
    ] {
        let error = check(wrong).unwrap_err();
        assert!(error.contains("1 setting needs") && error.contains(words), "{error}");
    }
}
