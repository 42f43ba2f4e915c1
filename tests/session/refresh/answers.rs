//! What the pool answers to a refresh decides whether the session goes on, waits or ends.

use std::time::Duration;

use figment::Figment;
use reqwest::Method;
use rocket_cognito::{Clock, catchers};
use serde_json::{Value, json};

use super::world::{assert_ended, assert_waits, copy};
use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{SECRET, with_routes};
use crate::support::backing::Backing;
use crate::support::forge::{CLIENT_ID, ISSUER, Key, access_claims, id_claims, now, with, without};
use crate::support::kind::{Kind, each_kind};
use crate::support::log::{assert_said, lines_with};
use crate::support::rig::{Reply, Rig, answer as tokens, pairs};
use crate::support::sessions::Sessions;

const KEY: &str = "the/secret+key_of=this%app-and-no-other";
const OLD: &str = "the-old-refresh-token";
/// In the log.
const OVER: &str = "a session has ended: the pool's answer to its refresh is not of this session";

async fn rig(kind: Kind) -> (Rig, Sessions) {
    let settings = [("cognito.client_secret", SECRET), ("cognito.secret_keys", KEY)];
    let backing = Backing::new(kind, &Clock::default());
    let build = |rocket| with_routes(rocket).attach(kind.fairing(&backing)).register("/", catchers());
    let change = |figment| settings.into_iter().fold(figment, |figment: Figment, it| figment.merge(it));
    let rig = Rig::start_as(change, build).await;
    let sessions = Sessions {
        kind,
        backing,
        issuer: ISSUER.into(),
        client_id: CLIENT_ID.into(),
        secret_key: KEY.into(),
        life: Duration::from_secs(3600),
    };
    (rig, sessions)
}

/// A session whose access token has expired.
fn session(rig: &Rig, sessions: &Sessions) -> Agent {
    let at = now() - 4000;
    let expired = [("iat", at), ("exp", at + 3600)].into_iter();
    let expired = expired.fold(access_claims(), |claims, (name, time)| with(claims, name, time.into()));
    let record = json!({
        "sub": expired["sub"], "created_at": at, "issued_at": now(), "refresh_token": OLD,
        "access_token": rig.key.token(&expired),
    });
    sessions.begin(&record, at)
}

async fn renew(rig: &Rig, agent: &Agent, reply: Reply) -> Page {
    rig.will_answer(reply);
    agent.get(&rig.app.url("/me")).await
}

fn good(rig: &Rig) -> Reply {
    Reply::json(200, &rig.answer(&access_claims(), &id_claims()))
}

#[track_caller]
fn assert_renewed(page: &Page, agent: &Agent, sessions: &Sessions, what: &str) {
    assert_eq!(answer(page), (200, String::new()), "{what}: {}", page.body);
    assert_eq!(sessions.generation(agent), 1, "{what}");
}

each_kind!(a_refresh_names_the_client_and_the_token_and_asks_for_nothing_else);
/// F4, F5: the call is the one of RFC 6749 section 6.
async fn a_refresh_names_the_client_and_the_token_and_asks_for_nothing_else(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let agent = session(&rig, &sessions);
    assert_renewed(&renew(&rig, &agent, good(&rig)).await, &agent, &sessions, "a good answer");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", OLD),
        ("client_secret", SECRET),
    ];
    assert_eq!(*rig.endpoint.exchanges.lock().unwrap(), [(pairs(&form), None)]);
    assert_eq!(sessions.record(&agent)["refresh_token"], crate::support::rig::REFRESH);
}

each_kind!(only_an_invalid_grant_said_as_oauth_says_it_ends_a_session);
/// F8, F9, F10.
async fn only_an_invalid_grant_said_as_oauth_says_it_ends_a_session(kind: Kind) {
    let (json, html) = ("application/json", "text/html");
    let invalid = r#"{"error":"invalid_grant"}"#;
    let ends = [
        (400, json, invalid),
        (401, json, invalid),
        (403, json, invalid),
        (400, json, r#"{"error":"invalid_grant","error_description":"Refresh Token has been revoked"}"#),
        (400, json, r#"{"error_description":"server_error","error":"invalid_grant"}"#),
    ];
    let waits = [
        (400, json, r#"{"error":"server_error","error_description":"not an invalid_grant"}"#),
        (400, json, r#"{"error":"invalid_client","error_description":"invalid_grant"}"#),
        (400, json, r#"{"error":"unauthorized_client"}"#),
        (400, json, r#"{"error":"invalid_request"}"#),
        (400, json, r#"{"error":"invalid_grant_type"}"#),
        (400, json, r#"{"error":"INVALID_GRANT"}"#),
        (400, json, r#"{"error":["invalid_grant"]}"#),
        (400, json, r#"{"error":{"code":"invalid_grant"}}"#),
        (400, json, r#"{"message":"invalid_grant"}"#),
        (400, json, r#"["invalid_grant"]"#),
        (400, json, r#""invalid_grant""#),
        (400, json, r#"{"error":"slow_down","error":"invalid_grant"}"#),
        (400, json, r#"{"error":"invalid_grant""#),
        (400, json, ""),
        (400, html, "<p>{\"error\":\"invalid_grant\"}</p>"),
        (400, html, "error=invalid_grant"),
        (200, json, invalid),
        (200, html, invalid),
        (404, json, invalid),
        (408, json, invalid),
        (409, json, invalid),
        (429, json, invalid),
        (500, json, invalid),
        (502, html, invalid),
        (503, json, invalid),
        (504, json, invalid),
    ];
    for ((status, content_type, body), is_over) in
        ends.map(|row| (row, true)).into_iter().chain(waits.map(|row| (row, false)))
    {
        // An app of its own: some of these answers stop all of its calls for a while.
        let (rig, sessions) = rig(kind).await;
        let agent = session(&rig, &sessions);
        let what = format!("{status} {content_type} {body}");
        let page = renew(&rig, &agent, Reply::new(status, content_type, body)).await;
        if is_over {
            kind.assert_ended_by_pool(&page, &agent, &what);
        } else {
            assert_waits(&page, &what);
            assert_eq!(sessions.record(&agent)["refresh_token"], OLD, "{what}");
        }
        assert_eq!((rig.exchanges(), rig.revoked()), (1, vec![]), "{what}");
    }
}

/// F11: in each of them one thing is not as it was, and that ends the session, there too.
#[rocket::async_test]
async fn new_tokens_that_are_not_of_this_session_end_it() {
    // One after the other: they count lines of one log.
    for kind in Kind::all() {
        foreign_tokens_end_a_session(kind).await;
    }
}

async fn foreign_tokens_end_a_session(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let other = Key::new(&rig.key.kid);
    let both = |name: &str, value: Value| {
        let [access, id] = [access_claims(), id_claims()].map(|claims| with(claims, name, value.clone()));
        rig.answer(&access, &id)
    };
    let access = |name: &str, value: Value| rig.answer(&with(access_claims(), name, value), &id_claims());
    let id = |name: &str, value: Value| rig.answer(&access_claims(), &with(id_claims(), name, value));
    let foreign = "99999999-2222-4333-8444-555555555555";
    let rows = [
        ("another person", both("sub", foreign.into())),
        ("another person's access token", access("sub", foreign.into())),
        ("another person's ID token", id("sub", foreign.into())),
        ("another issuer", both("iss", format!("{ISSUER}4").into())),
        ("another issuer of the ID token", id("iss", format!("{ISSUER}4").into())),
        ("another client", access("client_id", "another".into())),
        ("another audience", id("aud", "another".into())),
        ("an access token issued before", access("iat", (now() - 120).into())),
        ("an ID token issued before", id("iat", (now() - 120).into())),
        ("an ID token of another access token", id("at_hash", "AAAAAAAAAAAAAAAAAAAAAA".into())),
        ("an ID token of another sign-in", id("origin_jti", "p".into())),
        ("an access token of another sign-in", access("origin_jti", "p".into())),
        ("an ID token in the place of an access token", access("token_use", "id".into())),
        ("two access tokens", tokens(&rig.key.token(&access_claims()), &rig.key.token(&access_claims()))),
        ("a forged access token", tokens(&other.token(&access_claims()), &rig.key.token(&id_claims()))),
        ("a forged ID token", tokens(&rig.key.token(&access_claims()), &other.token(&id_claims()))),
        ("nothing new to revoke", without(both("sub", foreign.into()), "refresh_token")),
    ];
    for (what, reply) in rows {
        let agent = session(&rig, &sessions);
        let (thief, lines) = (copy(&agent), lines_with(OVER));
        kind.assert_over(&renew(&rig, &agent, Reply::json(200, &reply)).await, &agent, what);
        let latest = reply["refresh_token"].as_str().unwrap_or(OLD);
        assert_eq!(rig.revoked(), [latest], "{what}");
        assert_eq!(lines_with(OVER), lines + 1, "{what}");
        let calls = rig.exchanges();
        assert_ended(&renew(&rig, &thief, good(&rig)).await, what);
        assert_eq!(rig.exchanges(), calls, "nobody asks for it again: {what}");
    }
}

each_kind!(no_session_goes_on_with_a_token_of_an_agent);
/// A6: neither with one that comes with a refresh, nor with one that lies where the session lies.
async fn no_session_goes_on_with_a_token_of_an_agent(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let act = |claims: Value| with(claims, "act", json!({ "sub": "agent" }));
    for (what, access, id) in [
        ("the access token", act(access_claims()), id_claims()),
        ("the ID token", access_claims(), act(id_claims())),
        ("both", act(access_claims()), act(id_claims())),
    ] {
        let agent = session(&rig, &sessions);
        let page = renew(&rig, &agent, Reply::json(200, &rig.answer(&access, &id))).await;
        kind.assert_over(&page, &agent, what);
        assert_eq!(rig.revoked(), [crate::support::rig::REFRESH], "{what}");
    }
    let calls = rig.exchanges();
    let agent = session(&rig, &sessions);
    sessions.change(&agent, "access_token", rig.key.token(&act(access_claims())).into(), now());
    let page = renew(&rig, &agent, good(&rig)).await;
    assert_eq!(answer(&page), (401, "session_expired".into()), "in the session itself");
    assert_eq!(rig.exchanges(), calls);
    sessions.change(&agent, "access_token", rig.key.token(&access_claims()).into(), now());
    assert_eq!(renew(&rig, &agent, good(&rig)).await.status, 200, "the control");
}

each_kind!(what_does_not_matter_in_new_tokens_ends_no_session);
/// F11: what a refresh may change or leave out.
async fn what_does_not_matter_in_new_tokens_ends_no_session(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let id = |name: &str, value: Value| rig.answer(&access_claims(), &with(id_claims(), name, value));
    let all = rig.answer(&access_claims(), &id_claims());
    let rows = [
        ("a nonce that nobody sent", id("nonce", "unasked".into())),
        ("no ID token", without(all.clone(), "id_token")),
        ("no refresh token", without(all.clone(), "refresh_token")),
        ("clocks that differ a little", id("iat", (now() - 10).into())),
        ("other groups", id("cognito:groups", json!(["admin"]))),
        ("a member of its own", with(all, "scope", "openid".into())),
    ];
    for (what, reply) in rows {
        let agent = session(&rig, &sessions);
        let has_id_token = reply.get("id_token").is_some();
        assert_renewed(&renew(&rig, &agent, Reply::json(200, &reply)).await, &agent, &sessions, what);
        assert_eq!(sessions.record(&agent)["id_token"].is_string(), has_id_token, "{what}");
        assert_eq!(rig.revoked(), [""; 0], "{what}");
    }
}

each_kind!(new_tokens_that_may_be_good_another_time_end_no_session);
/// F8: a clock that is wrong, here or there, is nothing that a session has to do with; nor are tokens that have grown.
async fn new_tokens_that_may_be_good_another_time_end_no_session(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let at = |seconds: i64| {
        let at = now().saturating_add_signed(seconds);
        let claims = [access_claims(), id_claims()];
        let [access, id] = claims.map(|it| with(with(it, "iat", at.into()), "exp", (at + 3600).into()));
        rig.answer(&access, &id)
    };
    let groups: Vec<_> = (0..900).map(|number| format!("a-group-of-27-characters-{number:03}")).collect();
    let large = with(access_claims(), "cognito:groups", groups.into());
    for (what, reply) in [
        ("tokens of the future", at(600)),
        ("tokens of the past", at(-7200)),
        ("a token beyond all bounds", rig.answer(&large, &id_claims())),
        ("no JWT", with(at(0), "access_token", "opaque".into())),
    ] {
        let agent = session(&rig, &sessions);
        let page = renew(&rig, &agent, Reply::json(200, &reply)).await;
        assert_eq!(answer(&page), (503, "session_not_renewed".into()), "{what}");
        assert_eq!(
            sessions.record(&agent)["refresh_token"],
            crate::support::rig::REFRESH,
            "{what}: the new one is kept"
        );
        assert_eq!(rig.revoked(), [""; 0], "{what}");
        // What could be renewed later can be ended now.
        let headers = [("sec-fetch-site", "same-origin")];
        agent.send(Method::POST, &rig.app.url("/auth/logout"), &headers, None).await;
        assert_eq!(rig.revoked(), [crate::support::rig::REFRESH], "{what}");
    }
    assert_said(
        "ERROR: cognito_token_contradicts_settings: a token of a refresh was refused: by this machine's clock",
    );
    assert_said("ERROR: cognito_token_contradicts_settings: >> set this machine's clock right");
}

each_kind!(a_sign_out_revokes_the_refresh_token_of_a_renewal_that_the_browser_missed);
/// L8: the browser does not know the refresh token that the pool knows.
async fn a_sign_out_revokes_the_refresh_token_of_a_renewal_that_the_browser_missed(kind: Kind) {
    let (rig, sessions) = rig(kind).await;
    let agent = session(&rig, &sessions);
    let tab = copy(&agent);
    assert_renewed(&renew(&rig, &tab, good(&rig)).await, &tab, &sessions, "the browser's other tab");
    let headers = [("sec-fetch-site", "same-origin")];
    agent.post(&rig.app.url("/auth/logout"), &headers, &[]).await;
    assert_eq!(rig.revoked(), [crate::support::rig::REFRESH]);
}
