//! Tokens that do not expire, where a test wants it so.

use rocket_cognito::Cognito;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};

use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, SECRET, Setup};
use crate::support::settings;
use crate::{ask_as, outcome};

/// Two hours before now, for tokens that last one.
const LONG_AGO: i32 = -7200;

#[rocket::async_test]
async fn an_expired_token_counts_and_everything_else_is_checked() {
    let app = Setup::new().pool(|pool| pool.client(LocalClient::new("another"))).start().await;
    let lenient = app.instance("check_expiration", false).await;
    let same_pool_id = LocalPoolConfig::default().port(0).client(LocalClient::new(CLIENT).secret(SECRET));
    let impostor = LocalPool::start(same_pool_id).await.unwrap();
    for pool in [&app.pool, &impostor] {
        pool.set_clock_skew_seconds(LONG_AGO);
    }
    let expired = app.pool.sign_in("alice", CLIENT).unwrap();
    let (head, signature) = expired.access_token.rsplit_once('.').unwrap();
    let broken = format!("{head}.{}", signature.chars().rev().collect::<String>());
    assert_ne!(broken, expired.access_token);
    app.pool.set_clock_skew_seconds(7200);
    let of_tomorrow = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    app.pool.set_clock_skew_seconds(0);
    let fresh = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    app.pool.set_clock_skew_seconds(LONG_AGO);

    let refused = (401, "invalid_token");
    for (what, token, strict, lax) in [
        ("a fresh token", fresh, true, true),
        ("an expired token", expired.access_token.clone(), false, true),
        ("an ID token", expired.id_token.clone(), false, false),
        ("a broken signature", broken, false, false),
        ("another client's", app.pool.sign_in("alice", "another").unwrap().access_token, false, false),
        ("another pool's", impostor.sign_in("alice", CLIENT).unwrap().access_token, false, false),
        ("one of tomorrow", of_tomorrow, false, false),
    ] {
        for (url, is_accepted) in [(app.url("/me"), strict), (lenient.url("/me"), lax)] {
            let (status, text) = outcome(&ask_as(&url, &token).await);
            let refusal = (status, text.as_str());
            assert!(if is_accepted { status == 200 } else { refusal == refused }, "{what}: {status} {text}");
        }
    }
}

#[rocket::async_test]
async fn a_session_does_not_expire_with_its_tokens_either() {
    let app = App::start().await;
    let lenient = app.instance("check_expiration", false).await;
    app.pool.set_clock_skew_seconds(LONG_AGO);
    let tokens = app.pool.sign_in("alice", CLIENT).unwrap();
    let agent = Agent::new();
    agent.set_cookie("cognito_access_token", &tokens.access_token);
    agent.set_cookie("cognito_id_token", &tokens.id_token);
    assert_eq!(outcome(&agent.get(&app.url("/me")).await), (401, "session_expired".into()));
    let page = agent.get(&lenient.url("/me")).await;
    assert!(page.status == 200 && page.body.contains("alice@example.com"), "{}", page.body);
}

/// From sign-in on, whatever the pool's clock says.
#[rocket::async_test]
async fn a_sign_in_with_expired_tokens_makes_a_session_that_lasts() {
    for has_renewals in [false, true] {
        let setup = Setup::new().set("check_expiration", false).set("refresh_flow_enabled", has_renewals);
        let app = setup.pool(|pool| pool.clock_skew_seconds(LONG_AGO)).start().await;
        let agent = app.signed_in("alice").await;
        for _ in 0..3 {
            assert!(agent.get(&app.url("/me")).await.body.contains("alice@example.com"));
        }
    }
}

#[test]
fn tokens_expire_where_people_are_served() {
    let figment = settings("").merge(("cognito.jwks_uri", "https://keys.example.com/"));
    let figment = figment.merge(("cognito.secret_keys", "a sealing key of more than thirty-two bytes"));
    let off = figment.merge(("cognito.check_expiration", false));
    assert!(Cognito::check_settings(&off).is_ok());
    for profile in ["release", "production", "staging"] {
        let off = off.clone().select(profile);
        let told = Cognito::check_settings(&off).unwrap_err().to_string();
        assert!(told.starts_with("1 setting needs"), "{told}");
        for words in [
            &format!("`check_expiration`: must not run in profile \"{profile}\""),
            &format!("to type: check_expiration = true; or, if profile \"{profile}\" is for tests only"),
        ] {
            assert!(told.contains(words), "{words:?} is not in:\n{told}");
        }
        assert!(Cognito::check_settings(&off.clone().merge(("cognito.check_expiration", true))).is_ok());
        assert!(Cognito::check_settings(&off.merge(("cognito.unsafe_in_profile", profile))).is_ok());
    }
    for text in ["false", "False", "no"] {
        let text = off.clone().merge(("cognito.check_expiration", text));
        let told = Cognito::check_settings(&text).unwrap_err().to_string();
        assert!(told.contains("is neither `true` nor `false`"), "{told}");
    }
}
