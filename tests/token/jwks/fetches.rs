//! When keys are fetched again, and what an answer must be to replace those that are there.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::futures::future::join_all;
use serde_json::json;

use super::*;
use crate::support::forge::{JwksFile, access_claims, with};
use crate::support::settings;
use crate::support::stub::{Answer, Stub};

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
