//! The pool's public keys: fetched once, again when there is a reason, and kept through outages.
//! Letters with numbers are rows of `docs/requirements.md`.

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use figment::Figment;
use rocket::error::ErrorKind;
use rocket::futures::future::join_all;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{get, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use support::forge::{JwksFile, Key, access_claims, base64url, with};
use support::stub::{Answer, Stub};
use support::{figment, settings};

static POOL: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
/// The key that the pool rotates to.
static NEXT: LazyLock<Key> = LazyLock::new(|| Key::new("next"));
static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::new("stranger"));

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

async fn app(figment: Figment) -> Client {
    Client::untracked(rocket(figment)).await.expect("the app launches")
}

fn rocket(figment: Figment) -> rocket::Rocket<rocket::Build> {
    rocket::custom(figment)
        .attach(Cognito::fairing())
        .mount("/", routes![me])
        .register("/", rocket_cognito::catchers())
}

/// An app that gets its keys from `endpoint`.
async fn app_of(endpoint: &Stub) -> Client {
    app(settings(&endpoint.url("/jwks.json"))).await
}

fn good(key: &Key) -> String {
    key.token(&access_claims())
}

fn jwks(keys: &[&Key]) -> String {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string()
}

async fn status(app: &Client, token: &str) -> u16 {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    app.get("/me").header(header).dispatch().await.status().code
}

/// How often each status came, of requests that run at the same time.
async fn statuses(app: &Client, tokens: &[String]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for status in join_all(tokens.iter().map(|token| status(app, token))).await {
        *counts.entry(status).or_default() += 1;
    }
    counts
}

/// A thousand requests in batches of a hundred.
async fn thousand(app: &Client, token: impl Fn() -> String) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for _ in 0..10 {
        let tokens: Vec<_> = (0..100).map(|_| token()).collect();
        for (status, count) in statuses(app, &tokens).await {
            *counts.entry(status).or_default() += count;
        }
    }
    counts
}

/// Well-formed, for the right pool and client, with a key that nobody has heard of.
fn unknown_kid(claims: &Value) -> String {
    let kid = base64url(rand::random::<[u8; 32]>());
    STRANGER.sign(&with(STRANGER.header(), "kid", kid.into()), claims)
}

/// Asks until the app has keys; it retries in the background.
async fn recovers(app: &Client) {
    let token = good(&POOL);
    let asking = async {
        while status(app, &token).await != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("the app recovers without a restart");
}

fn session(token: &str) -> Header<'static> {
    Header::new("Cookie", format!("cognito_access_token={token}"))
}

async fn assert_unavailable(app: &Client, token: &str, why: &str) {
    let request = app.get("/me").header(Header::new("Authorization", format!("Bearer {token}")));
    let response = request.header(session(token)).dispatch().await;
    assert_eq!(response.status().code, 503, "{why}");
    assert_eq!(response.headers().get_one("Retry-After"), Some("5"));
    assert_eq!(response.headers().get_one("WWW-Authenticate"), None, "the credential is not at fault");
    assert_eq!(response.headers().get_one("Set-Cookie"), None, "cookies stay");
    let body: Value = serde_json::from_str(&response.into_string().await.unwrap()).unwrap();
    assert_eq!(body["error"], "keys_unavailable");
}

async fn local_pool() -> LocalPool {
    let client = LocalClient::new("shop").callback_url("http://localhost:8000/auth/callback");
    LocalPool::start(LocalPoolConfig::default().port(0).client(client)).await.unwrap()
}

fn settings_of(pool: &LocalPool) -> Figment {
    figment()
        .merge(("cognito.user_pool_id", pool.user_pool_id()))
        .merge(("cognito.client_id", "shop"))
        .merge(("cognito.domain", pool.base_url()))
        .merge(("cognito.issuer", pool.issuer()))
        .merge(("cognito.redirect_url", "http://localhost:8000/auth/callback"))
        .merge(("cognito.logout_url", "http://localhost:8000/"))
}

fn fetches(pool: &LocalPool) -> u64 {
    pool.requests(&format!("/{}/.well-known/jwks.json", pool.user_pool_id()))
}

fn access_token(pool: &LocalPool) -> String {
    pool.sign_in("alice", "shop").unwrap().access_token
}

/// J1, J3.
#[rocket::async_test]
async fn a_thousand_requests_cause_one_fetch_and_a_thousand_unknown_keys_at_most_two_more() {
    let pool = local_pool().await;
    let app = app(settings_of(&pool)).await;
    let token = access_token(&pool);
    assert_eq!(thousand(&app, || token.clone()).await, BTreeMap::from([(200, 1_000)]));
    assert_eq!(fetches(&pool), 1);

    let claims = with(with(access_claims(), "iss", pool.issuer().into()), "client_id", "shop".into());
    assert_eq!(thousand(&app, || unknown_kid(&claims)).await, BTreeMap::from([(401, 1_000)]));
    assert!(fetches(&pool) <= 3, "{} fetches", fetches(&pool));
    assert_eq!(status(&app, &token).await, 200);
    pool.stop().await;
}

/// Unknown keys cause a fetch ten seconds after the last one at the earliest, that of the launch
/// included. What happens then is shown here side by side, so that all of it waits only once.
#[rocket::async_test]
async fn a_fetch_is_repeated_for_an_unknown_key_ten_seconds_later() {
    let scenarios = [
        tokio::spawn(a_rotation_is_followed_by_one_fetch_for_all_who_wait()),
        tokio::spawn(a_withdrawn_key_no_longer_counts()),
        tokio::spawn(a_changed_file_is_read_again()),
        tokio::spawn(a_flood_of_unknown_keys_causes_one_fetch()),
        tokio::spawn(bad_answers_never_replace_good_keys()),
        tokio::spawn(known_keys_outlive_an_outage()),
    ];
    for scenario in scenarios {
        scenario.await.expect("what its name says holds");
    }
}

async fn cool_down() {
    tokio::time::sleep(Duration::from_millis(10_200)).await;
}

/// J2, J7.
async fn a_rotation_is_followed_by_one_fetch_for_all_who_wait() {
    let endpoint = Stub::start(Answer::ok(jwks(&[&POOL]))).await;
    let app = app_of(&endpoint).await;
    let (gate, answer) = Answer::ok(jwks(&[&NEXT, &POOL])).held();
    endpoint.set(answer);
    assert_eq!(status(&app, &good(&NEXT)).await, 401, "too early for another fetch");
    assert_eq!(endpoint.requests(), 1);
    cool_down().await;

    // The visitor whose request begins the fetch goes away; it ends well for the others.
    let next = good(&NEXT);
    tokio::select! {
        status = status(&app, &next) => panic!("{status} without keys"),
        () = endpoint.asked(2) => {}
    }
    let many = |token: &dyn Fn() -> String| (0..50).map(|_| token()).collect::<Vec<_>>();
    let (rotated, unknown) = (many(&|| good(&NEXT)), many(&|| unknown_kid(&access_claims())));
    let known = many(&|| good(&POOL));
    let known_do_not_wait = async {
        let known = statuses(&app, &known).await;
        drop(gate);
        known
    };
    let (rotated, unknown, known) =
        tokio::join!(statuses(&app, &rotated), statuses(&app, &unknown), known_do_not_wait);
    assert_eq!(rotated, BTreeMap::from([(200, 50)]));
    assert_eq!(unknown, BTreeMap::from([(401, 50)]));
    assert_eq!(known, BTreeMap::from([(200, 50)]));
    assert_eq!(endpoint.requests(), 2, "one fetch for all");
}

/// J6, with a pool that rotates twice and so drops its first keys.
async fn a_withdrawn_key_no_longer_counts() {
    let pool = local_pool().await;
    let app = app(settings_of(&pool)).await;
    let first = access_token(&pool);
    pool.rotate_keys();
    let second = access_token(&pool);
    pool.rotate_keys();
    let third = access_token(&pool);
    assert_eq!(status(&app, &first).await, 200, "known until the keys are fetched again");
    cool_down().await;

    for (token, expected) in [(&first, 200), (&third, 200), (&second, 200), (&first, 401)] {
        assert_eq!(status(&app, token).await, expected);
    }
    assert_eq!(fetches(&pool), 2);
    pool.stop().await;
}

async fn a_changed_file_is_read_again() {
    let file = JwksFile::new(&[&POOL]);
    let app = app(settings(&file.uri())).await;
    file.write(&jwks(&[&NEXT]));
    cool_down().await;
    assert_eq!(status(&app, &good(&POOL)).await, 200);
    assert_eq!(status(&app, &good(&NEXT)).await, 200);
    assert_eq!(status(&app, &good(&POOL)).await, 401);
}

/// J1.
async fn a_flood_of_unknown_keys_causes_one_fetch() {
    let endpoint = Stub::start(Answer::ok(jwks(&[&POOL]))).await;
    let app = app_of(&endpoint).await;
    cool_down().await;
    let flood = thousand(&app, || unknown_kid(&access_claims())).await;
    assert_eq!(flood, BTreeMap::from([(401, 1_000)]));
    let fetches = endpoint.requests() - 1;
    assert!((1..=2).contains(&fetches), "{fetches} fetches; a second one if this took ten seconds");
}

/// J4, J9.
async fn known_keys_outlive_an_outage() {
    let endpoint = Stub::start(Answer::ok(jwks(&[&POOL]))).await;
    let app = app_of(&endpoint).await;
    endpoint.set(Answer::new("503 Service Unavailable", "", ""));
    cool_down().await;
    for _ in 0..3 {
        assert_eq!(status(&app, &good(&POOL)).await, 200);
        assert_unavailable(&app, &good(&NEXT), "the key may be new").await;
        assert_eq!(status(&app, "x.y.z").await, 401, "no outage makes a bad token better");
    }
    endpoint.set(Answer::ok(jwks(&[&NEXT, &POOL])));
    endpoint.asked(endpoint.requests() + 1).await;
    assert_eq!(status(&app, &good(&NEXT)).await, 200, "asked in the background, without a request");
}

/// J5: whatever is wrong with these answers, most of them vouch for the stranger.
async fn bad_answers_never_replace_good_keys() {
    let evil = jwks(&[&STRANGER]);
    let elsewhere = Stub::start(Answer::ok(&evil)).await;
    let spaces = " ".repeat(300 * 1024);
    let chunk = format!("{evil}{spaces}");
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n0\r\n\r\n",
        chunk.len()
    );
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{evil}", evil.len() + 1);
    let oct = json!({ "keys": [STRANGER.jwk(), { "kid": "oct", "kty": "oct", "k": "AA" }] });
    let encrypting = json!({ "keys": [with(STRANGER.jwk(), "use", "enc".into())] });
    let others = (0..32).map(|index| with(STRANGER.jwk(), "kid", index.to_string().into()));
    let many = json!({ "keys": others.chain([STRANGER.jwk()]).collect::<Vec<_>>() });
    let nested = evil.replacen('{', &format!("{{\"x\":{}{},", "[".repeat(40), "]".repeat(40)), 1);
    let status = |status: &str| Answer::new(status, "Content-Type: application/json\r\n", &evil);
    let raw = |bytes: &str| Answer::Bytes(bytes.into());
    let cases = vec![
        ("a page", Answer::new("200 OK", "Content-Type: text/html\r\n", "<!doctype html><p>Welcome")),
        ("nothing", Answer::ok("")),
        ("an array", Answer::ok("[]")),
        ("the keys alone", Answer::ok(json!([STRANGER.jwk()]).to_string())),
        ("an empty object", Answer::ok("{}")),
        ("no keys", Answer::ok(r#"{"keys":[]}"#)),
        ("keys that are null", Answer::ok(r#"{"keys":null}"#)),
        ("keys in an object", Answer::ok(json!({ "keys": { "stranger": STRANGER.jwk() } }).to_string())),
        ("a key that is no object", Answer::ok(r#"{"keys":["stranger"]}"#)),
        ("a symmetric key", Answer::ok(oct.to_string())),
        ("no usable key", Answer::ok(encrypting.to_string())),
        ("too many keys", Answer::ok(many.to_string())),
        ("keys twice", Answer::ok(evil.replacen('{', "{\"keys\":[],", 1))),
        ("a member twice", Answer::ok(evil.replacen("\"kty\"", "\"kid\":\"pool\",\"kty\"", 1))),
        ("too deep", Answer::ok(nested)),
        ("two documents", Answer::ok(evil.repeat(2))),
        ("a byte order mark", Answer::ok(format!("\u{feff}{evil}"))),
        ("no UTF-8", Answer::ok([&evil.as_bytes()[..evil.len() - 1], b",\"x\":\"\xff\"}"].concat())),
        ("compressed", Answer::new("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\xff")),
        ("too large", Answer::ok(&chunk)),
        ("too large, in chunks", raw(&chunked)),
        ("cut", raw(&cut)),
        ("no HTTP", raw("hello\r\n\r\n")),
        ("a closed connection", raw("")),
        ("201", status("201 Created")),
        ("204", raw("HTTP/1.1 204 No Content\r\n\r\n")),
        ("206", status("206 Partial Content")),
        ("304", raw("HTTP/1.1 304 Not Modified\r\n\r\n")),
        ("400", status("400 Bad Request")),
        ("403", status("403 Forbidden")),
        ("404", status("404 Not Found")),
        ("429", status("429 Too Many Requests")),
        ("500", status("500 Internal Server Error")),
        ("503", status("503 Service Unavailable")),
        ("302 to keys", Answer::redirect(&elsewhere.url("/jwks.json"))),
        ("307 to keys", Answer::new("307 Temporary Redirect", &location(&elsewhere), "")),
        ("308 to keys", Answer::new("308 Permanent Redirect", &location(&elsewhere), "")),
        ("200 with a location", Answer::new("200 OK", &location(&elsewhere), "")),
    ];
    let apps = join_all(cases.into_iter().map(async |(name, bad)| {
        let endpoint = Stub::start(Answer::ok(jwks(&[&POOL]))).await;
        let app = app_of(&endpoint).await;
        endpoint.set(bad);
        (name, endpoint, app)
    }));
    let apps = apps.await;
    cool_down().await;
    for (name, endpoint, app) in &apps {
        for _ in 0..5 {
            assert_eq!(self::status(app, &good(&POOL)).await, 200, "{name}");
            assert_unavailable(app, &good(&STRANGER), name).await;
        }
        let fetches = endpoint.requests() - 1;
        assert!((1..=3).contains(&fetches), "{name}: {fetches} fetches; more than one if this took seconds");
    }
    assert_eq!(elsewhere.requests(), 0, "redirects are not followed");
}

fn location(to: &Stub) -> String {
    format!("Location: {}\r\n", to.url("/jwks.json"))
}

/// J9, J10, T44.
#[rocket::async_test]
async fn without_an_endpoint_the_app_starts_answers_503_and_recovers() {
    // A port that is taken, so that nobody else comes by, and refuses connections.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = socket.local_addr().unwrap();
    let app = app(settings(&format!("http://{endpoint}/jwks.json"))).await;
    assert_unavailable(&app, &good(&POOL), "no keys yet").await;
    let session = app.get("/me").header(session(&good(&POOL))).dispatch().await;
    assert_eq!((session.status().code, session.headers().get_one("Set-Cookie")), (503, None));
    assert_eq!(status(&app, "x.y.z").await, 401);
    assert_eq!(app.get("/me").dispatch().await.status().code, 401, "nobody asked for keys");

    let _endpoint = Stub::on(socket.listen(16).unwrap(), Answer::ok(jwks(&[&POOL])));
    recovers(&app).await;
}

/// J10: the endpoint is asked in the background alone, with growing pauses.
#[rocket::async_test]
async fn an_endpoint_in_trouble_is_not_asked_by_every_visitor() {
    let endpoint = Stub::start(Answer::new("500 Internal Server Error", "", "")).await;
    let app = app_of(&endpoint).await;
    let token = good(&POOL);
    assert_eq!(thousand(&app, || token.clone()).await, BTreeMap::from([(503, 1_000)]));
    endpoint.set(Answer::ok(jwks(&[&POOL])));
    recovers(&app).await;
    assert!(endpoint.requests() <= 6, "{} requests", endpoint.requests());
}

/// J10: five seconds, which is not asserted.
#[rocket::async_test]
async fn a_silent_endpoint_does_not_keep_the_app_from_starting() {
    let endpoint = Stub::start(Answer::Hang).await;
    let starting = tokio::time::timeout(Duration::from_secs(30), app_of(&endpoint));
    let app = starting.await.expect("the app starts");
    assert_unavailable(&app, &good(&POOL), "no keys yet").await;
    endpoint.set(Answer::ok(jwks(&[&POOL])));
    recovers(&app).await;
}

/// J10: the operator may prefer no app to an app that lets nobody in.
#[rocket::async_test]
async fn an_app_that_requires_keys_launches_with_them_and_not_without() {
    let endpoint = Stub::start(Answer::new("404 Not Found", "", "")).await;
    let figment = settings(&endpoint.url("/jwks.json?password=canary"));
    let figment = figment.merge(("cognito.require_keys_at_launch", true));
    let error = Client::untracked(rocket(figment.clone())).await.expect_err("the launch is refused");
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
    endpoint.set(Answer::ok(jwks(&[&POOL])));
    let refused = endpoint.requests();
    assert_eq!(status(&app(figment).await, &good(&POOL)).await, 200);
    assert_eq!(endpoint.requests() - refused, 1, "one fetch is enough");
}

#[rocket::async_test]
async fn a_jwks_file_serves_instead_of_an_endpoint() {
    let file = JwksFile::new(&[&POOL, &NEXT]);
    for uri in [file.uri(), format!("file://{}", file.path().display())] {
        let app = app(settings(&uri)).await;
        for (key, expected) in [(&POOL, 200), (&NEXT, 200), (&STRANGER, 401)] {
            assert_eq!(status(&app, &good(key)).await, expected);
        }
    }
}

#[rocket::async_test]
async fn a_file_without_keys_is_an_outage_until_it_is_corrected() {
    let file = JwksFile::new(&[]);
    let too_large = format!("{}{}", jwks(&[&POOL]), " ".repeat(300 * 1024));
    let mut apps = Vec::new();
    for text in [r#"{"keys":[]}"#, "", "{}", "<html>", &jwks(&[&POOL])[1..], &too_large] {
        file.write(text);
        let app = app(settings(&file.uri())).await;
        assert_unavailable(&app, &good(&POOL), &text[..text.len().min(60)]).await;
        apps.push(app);
    }
    file.write(&jwks(&[&POOL]));
    for app in apps {
        recovers(&app).await;
    }
}

#[rocket::async_test]
async fn a_missing_file_refuses_the_launch() {
    let missing = { JwksFile::new(&[]).uri() };
    let figment = settings(&missing);
    let error = Cognito::check_settings(&figment).unwrap_err();
    assert!(error.is_settings());
    for word in ["jwks_uri", missing.as_str(), "cannot be read"] {
        assert!(error.to_string().contains(word), "{word} is not in: {error}");
    }
    let error = Client::untracked(rocket(figment)).await.expect_err("the launch is refused");
    assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
}
