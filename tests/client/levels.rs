//! Levels of sign-in, and its age, for programs without Rocket.

use std::collections::BTreeMap;

use reqwest::Url;
use rocket_cognito::client::{CodeExchange, PendingSignIn};
use rocket_cognito::local_pool::{LocalLevels, LocalUser};

use serde_json::json;

use crate::support::agent::Agent;
use crate::support::forge::{Key, access_claims, with};
use crate::world::*;

fn parameters(url: &str) -> BTreeMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[rocket::async_test]
async fn every_accepted_level_is_asked_for_strongest_first() {
    let world = World::start().await;
    for (level, expected) in [
        (1, "urn:cognito:loa:4 urn:cognito:loa:3 urn:cognito:loa:2 urn:cognito:loa:1"),
        (3, "urn:cognito:loa:4 urn:cognito:loa:3"),
        (4, "urn:cognito:loa:4"),
    ] {
        let begun = world.client.authorization().level(level).begin().unwrap();
        assert_eq!(parameters(begun.url())["acr_values"], expected);
    }
    let named = world.client_with(&[("level_names.4", "platinum")]);
    let begun = named.authorization().level(4).max_age(900).begin().unwrap();
    assert_eq!(
        (&*parameters(begun.url())["acr_values"], &*parameters(begun.url())["max_age"]),
        ("platinum", "900")
    );
    let least = world.client.authorization().max_age(5).begin().unwrap();
    assert_eq!(parameters(least.url())["max_age"], "60", "clocks differ");
    let plain = parameters(world.client.authorization().begin().unwrap().url());
    assert!(!plain.contains_key("acr_values") && !plain.contains_key("max_age"));
    for level in [0, 5, 255] {
        assert_eq!(kind(world.client.authorization().level(level).begin()), "misconfigured", "{level}");
    }
}

/// The sign-in as it comes back from where the program has kept it.
fn kept_sign_in(begun: &PendingSignIn) -> PendingSignIn {
    serde_json::from_str(&serde_json::to_string(begun).unwrap()).unwrap()
}

#[rocket::async_test]
async fn a_sign_in_below_the_level_is_refused_and_its_tokens_are_revoked() {
    for levels in [LocalLevels::new(), LocalLevels::new().ignored()] {
        let world = World::of(config().levels(levels).user(LocalUser::new("carol"))).await;
        let begun = world.client.authorization().level(3).begin().unwrap();
        let (code, _) = world.code(begun.url(), "carol").await;
        let kept = kept_sign_in(&begun);
        assert_eq!(
            kind(world.client.exchange_code(CodeExchange::of(&kept, &code), now()).await),
            "weak sign-in"
        );
        assert_eq!(world.pool.requests(REVOKE), 1);
        // A program that keeps the parts gives them back one by one.
        let (code, _) = world.code(begun.url(), "carol").await;
        let of_parts = || {
            let parts = CodeExchange::new(&code).code_verifier(begun.code_verifier()).nonce(begun.nonce());
            parts.redirect_url(begun.redirect_url())
        };
        let exchange = of_parts().level(begun.level()).max_age(begun.max_age());
        assert_eq!(kind(world.client.exchange_code(exchange, now()).await), "weak sign-in");
        // Whoever does not ask gets what there is.
        let begun = world.client.authorization().begin().unwrap();
        let (code, _) = world.code(begun.url(), "carol").await;
        assert!(world.client.exchange_code(CodeExchange::of(&begun, &code), now()).await.is_ok());
    }
}

#[rocket::async_test]
async fn a_sign_in_of_the_level_is_accepted() {
    let world = World::start().await;
    let begun = world.client.authorization().level(3).begin().unwrap();
    let agent = Agent::new();
    let form = agent.follow(begun.url()).await;
    let page = agent.post(form.url.as_str(), &[], &[("user", "alice")]).await;
    let ticket = page.body.split("name=\"sign_in\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("sign_in", ticket), ("factor", "totp"), ("totp_code", "123456")];
    let code = agent.post(form.url.as_str(), &[], &fields).await.location_parameter("code");
    let tokens = world.client.exchange_code(CodeExchange::of(&begun, &code), now()).await.unwrap();
    let user = world.client.verify_access_token(tokens.access_token(), now()).await.unwrap();
    assert_eq!((user.level(), user.acr()), (Some(4), Some("urn:cognito:loa:4")));
}

/// A pool that ignores `max_age`, or signs in whom it has seen before.
#[rocket::async_test]
async fn a_sign_in_that_is_too_old_is_refused() {
    let world = World::of(config().classic_hosted_ui(true)).await;
    let begun = world.client.authorization().max_age(60).begin().unwrap();
    let (code, _) = world.code(begun.url(), "alice").await;
    let later = later(100);
    let tokens = world.client.exchange_code(CodeExchange::of(&begun, &code), later).await;
    assert_eq!(kind(tokens), "weak sign-in");
    for (max_age, expected) in
        [(Some(60), "weak sign-in"), (Some(1), "weak sign-in"), (Some(900), "none"), (None, "none")]
    {
        let (code, _) = world.code(begun.url(), "alice").await;
        let parts = CodeExchange::new(&code).code_verifier(begun.code_verifier()).nonce(begun.nonce());
        let tokens = world.client.exchange_code(parts.max_age(max_age), later).await;
        assert_eq!(kind(tokens), expected, "{max_age:?}");
    }
    let (code, _) = world.code(begun.url(), "alice").await;
    let parts = CodeExchange::new(&code).code_verifier(begun.code_verifier()).nonce(begun.nonce()).max_age(1);
    assert!(world.client.exchange_code(parts, now()).await.is_ok(), "less than 60 is 60");
}

/// Cognito does not check what they have shown.
#[rocket::async_test]
async fn people_of_another_provider_have_the_level_that_it_claims() {
    let key = Key::new("key");
    let client = forged(&key, "http://127.0.0.1:9", &[]);
    let of_okta = with(access_claims(), "username", json!("Okta_1234"));
    for (acr, amr, expected) in [
        (Some(3), json!(["mfa", "otp"]), Some(3)),
        (Some(4), json!(["fed"]), Some(4)),
        (Some(1), json!(["fed"]), Some(1)),
        (None, json!(["fed"]), None),
    ] {
        let claims = with(of_okta.clone(), "amr", amr);
        let name = acr.map(|level: u8| json!(format!("urn:cognito:loa:{level}")));
        let claims = name.map_or(claims.clone(), |acr| with(claims, "acr", acr));
        let user = client.verify_access_token(&key.token(&claims), now()).await.unwrap();
        assert_eq!(user.level(), expected, "{claims}");
    }
}
