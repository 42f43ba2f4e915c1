//! Cookies of which one bit was changed.

use std::ops::Range;

use rocket::futures::future::join_all;
use rocket::http::RawStr;

use crate::support::agent::Agent;
use crate::support::app::App;
use crate::support::raw::{Answer, Line};

/// How many connections share the work.
const LINES: usize = 4;

/// The cookie as it is read: percent-decoded, where that gives text.
fn read(value: &[u8]) -> Option<String> {
    let text = str::from_utf8(value).ok()?;
    Some(RawStr::new(text).percent_decode().ok()?.into_owned())
}

/// `value` with the bit `index` changed, unless it is read as before: `%3D` is `%3d`.
fn flipped(value: &str, index: usize) -> Option<Vec<u8>> {
    let mut bytes = value.as_bytes().to_vec();
    bytes[index / 8] ^= 1 << (index % 8);
    (read(&bytes) != read(value.as_bytes())).then_some(bytes)
}

/// Sends the cookie `name` with each of its bits changed in turn, beside `others`; returns how many there were.
async fn each_bit(
    app: &App,
    start: &str,
    others: &str,
    (name, value): (&str, &str),
    judge: impl Fn(Answer, &[u8]),
) -> usize {
    let some = async |bits: Range<usize>| {
        let mut line = Line::new(app.server.port);
        let mut count = 0;
        for index in bits {
            let Some(bytes) = flipped(value, index) else { continue };
            let cookie = [format!("Cookie: {others}{name}=").as_bytes(), &bytes].concat();
            let answer = line.send(start, &[&cookie, b"Sec-Fetch-Site: same-origin"]).await;
            judge(answer, &bytes);
            count += 1;
        }
        count
    };
    let (bits, share) = (value.len() * 8, (value.len() * 8).div_ceil(LINES));
    let shares = (0..LINES).map(|part| some(part * share..bits.min((part + 1) * share)));
    join_all(shares).await.into_iter().sum()
}

/// How many bits of `value` there are to change.
fn bits(value: &str) -> usize {
    (0..value.len() * 8).filter(|index| flipped(value, *index).is_some()).count()
}

/// K6. Bytes that no header may have are refused by HTTP itself, with 400.
#[rocket::async_test]
async fn no_bit_of_an_access_token_can_be_changed() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let (name, value) = ("cognito_access_token", agent.cookie("cognito_access_token").unwrap());
    let tried = each_bit(&app, "GET /me", "", (name, &value), |answer, bytes| {
        assert!([400, 401].contains(&answer.status), "{}: {}", bytes.escape_ascii(), answer.status);
    });
    assert_eq!(tried.await, bits(&value));
    assert_eq!(agent.get(&app.url("/me")).await.status, 200);
}

/// K6: the user stays signed in, and the profile is not known.
#[rocket::async_test]
async fn no_bit_of_an_id_token_can_be_changed() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let access = format!("cognito_access_token={}; ", agent.cookie("cognito_access_token").unwrap());
    let value = agent.cookie("cognito_id_token").unwrap();
    let tried = each_bit(&app, "GET /me", &access, ("cognito_id_token", &value), |answer, bytes| {
        assert!([200, 400, 401].contains(&answer.status), "{}: {}", bytes.escape_ascii(), answer.status);
        assert!(!answer.body.contains("alice@example.com"), "{}: {}", bytes.escape_ascii(), answer.body);
        // HTTP refuses control characters, and Rocket drops the whole header where one byte is not UTF-8.
        let arrives = bytes.iter().all(|byte| (b' '..=b'~').contains(byte) || *byte == b'\t');
        assert_eq!(answer.status == 200, arrives, "{}: {}", bytes.escape_ascii(), answer.status);
    });
    assert_eq!(tried.await, bits(&value));
    assert!(agent.get(&app.url("/me")).await.body.contains("alice@example.com"));
}

/// K6: signing out reads it.
#[rocket::async_test]
async fn no_bit_of_a_sealed_refresh_token_can_be_changed() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let value = agent.cookie("cognito_refresh_token").unwrap();
    let cookie = ("cognito_refresh_token", value.as_str());
    let tried = each_bit(&app, "POST /auth/logout", "", cookie, |answer, bytes| {
        assert!([303, 400].contains(&answer.status), "{}: {}", bytes.escape_ascii(), answer.status);
    });
    assert_eq!(tried.await, bits(&value));
    assert_eq!(app.revocations(), 0);
    agent.post(&app.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!(app.revocations(), 1, "the value itself is read");
}

/// K6.
#[rocket::async_test]
async fn no_bit_of_a_login_cookie_can_be_changed() {
    let app = App::start().await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let (name, value) = agent.cookies().pop_first().unwrap();
    let start = format!("GET {}", callback.strip_prefix(&app.origin()).unwrap());
    let tried = each_bit(&app, &start, "", (&name, &value), |answer, bytes| {
        assert_eq!(answer.status, 400, "{}", bytes.escape_ascii());
        assert!(!answer.head.contains("set-cookie"), "{}: {}", bytes.escape_ascii(), answer.head);
    });
    assert_eq!((tried.await, app.exchanges()), (bits(&value), 0));
    assert_eq!(agent.follow(&callback).await.status, 200, "the value itself is read");
}
