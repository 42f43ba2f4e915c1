//! Settings, or a clock, by which the pool's own tokens do not count: not the visitor's fault, and told to the operator.

use rocket_cognito::Clock;
use serde_json::{Value, json};

use super::assert_refused;
use crate::support::agent::Agent;
use crate::support::app::Setup;
use crate::support::forge::{self, CLIENT_ID, ISSUER, access_claims, id_claims, with};
use crate::support::log::assert_said;
use crate::support::rig::{REFRESH, Reply, Rig};

const CODE: &str = "cognito_token_contradicts_settings";

/// Whichever token says so.
#[rocket::async_test]
async fn tokens_of_another_set_up_are_the_operators_business() {
    let rig = Rig::start().await;
    let now = forge::now();
    let old = |claims: Value| with(with(claims, "iat", (now - 4_000).into()), "exp", (now - 400).into());
    let late = |claims: Value| with(with(claims, "iat", (now - 600).into()), "exp", (now - 5).into());
    let other_pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another";
    let issuer = format!("its `iss` is \"{other_pool}\", and not \"{ISSUER}\"");
    let client = format!("it is for the client \"another-client\", and not for \"{CLIENT_ID}\"");
    let (access, id) = (access_claims, id_claims);
    let ahead = |claims: Value| with(with(claims, "iat", (now + 400).into()), "exp", (now + 4_000).into());
    let clock = "set this machine's clock right; `expiration_leeway` bridges small differences";
    let rows: [(Value, Value, &str, &str); 10] = [
        (with(access(), "iss", other_pool.into()), id(), &issuer, "check `user_pool_id` and `domain`"),
        (access(), with(id(), "iss", other_pool.into()), &issuer, "check `user_pool_id` and `domain`"),
        (with(access(), "client_id", "another-client".into()), id(), &client, "check `client_id`"),
        (access(), with(id(), "aud", "another-client".into()), &client, "check `client_id`"),
        (
            with(access(), "aud", "https://api.example.com".into()),
            id(),
            "it is for the resource \"https://api.example.com\"",
            "list the resource in `accepted_audiences`",
        ),
        (old(access()), id(), "by this machine's clock it was issued 40", clock),
        (access(), old(id()), "by this machine's clock it was issued 40", clock),
        (late(access()), id(), "by this machine's clock it was issued 60", clock),
        (ahead(access()), id(), "by this machine's clock it is valid ", clock),
        (access(), with(id(), "nbf", (now + 400).into()), "by this machine's clock it is valid ", clock),
    ];
    for (index, (access, id, reason, remedy)) in rows.into_iter().enumerate() {
        let attempt = rig.begin().await;
        let tokens = rig.answer(&access, &with(id, "nonce", json!(attempt.nonce)));
        let page = rig.deliver(&attempt, Reply::json(200, &tokens)).await;
        assert_refused(&page, 503, "sign_in_misconfigured", reason);
        assert!(attempt.agent.cookies().is_empty(), "{reason}");
        assert_eq!(rig.revokes().await, [REFRESH], "{reason}");
        assert_eq!(rig.exchanges(), index + 1);
        assert_said(&format!("ERROR: {CODE}: a token of a sign-in was refused: {reason}"));
        assert_said(&format!("ERROR: {CODE}: >> {remedy}"));
    }
}

/// What a token says comes from outside: nothing in it is long enough to be a secret, or breaks the line.
#[rocket::async_test]
async fn what_tokens_of_another_set_up_say_stays_short() {
    let rig = Rig::start().await;
    let long = "a".repeat(40);
    let broken = format!("x\r\nERROR {}", "b".repeat(1_000));
    for (name, value, said) in [
        ("client_id", &long, "it is for the client \"[redacted]\""),
        ("iss", &broken, "its `iss` is \"x\\r\\nERROR bbb"),
    ] {
        let attempt = rig.begin().await;
        let id = with(id_claims(), "nonce", json!(attempt.nonce));
        let tokens = rig.answer(&with(access_claims(), name, json!(value)), &id);
        let page = rig.deliver(&attempt, Reply::json(200, &tokens)).await;
        assert_refused(&page, 503, "sign_in_misconfigured", name);
        assert_said(said);
    }
    let lines = crate::support::log::lines();
    assert!(lines.iter().all(|line| line.len() < 1_024 && !line.contains(&long)), "{lines:?}");
}

/// In earnest: the pool's own tokens are of the pool that there is, and that of the settings has no keys.
#[rocket::async_test]
async fn a_wrong_pool_id_is_named_and_not_the_visitors_fault() {
    let right = Setup::new().start().await;
    let wrong = right.pool.issuer().replace("_LocalPool", "_Mistyped");
    let app = right.instance("issuer", &wrong).await;
    let agent = Agent::new();
    let callback = right.begin_at(&agent, &app, "/me").await;
    let callback = callback.replace(&right.origin(), &app.url(""));
    assert_refused(&agent.get(&callback).await, 503, "sign_in_misconfigured", "another issuer");
    assert_said(&format!("its `iss` is \"{}\", and not \"{wrong}\"", right.pool.issuer()));
}

/// A wrong clock is named too, and the sign-in works as soon as it is right.
#[rocket::async_test]
async fn a_clock_that_is_five_minutes_behind_is_named_and_not_the_visitors_fault() {
    let app = Setup::new().pool(|pool| pool.clock_skew_seconds(300)).start_at(&Clock::default()).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    assert_refused(&agent.get(&callback).await, 503, "sign_in_misconfigured", "a clock");
    assert_said("by this machine's clock it is valid ");
    app.pool.set_clock_skew_seconds(0);
    app.signed_in("alice").await;
}
