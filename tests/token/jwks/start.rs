//! Apps that start without keys, or with those of a file.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::error::ErrorKind;
use tokio::net::TcpSocket;

use super::*;
use crate::support::forge::JwksFile;
use crate::support::settings;
use crate::support::stub::{Answer, Stub};

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
