//! What operators are told of an API that clients find by its URL: the settings `resource` and `pool_metadata`.

use figment::Figment;
use rocket::http::{Header, Status};
use rocket::{Build, Rocket, Route, get, routes};
use rocket_cognito::{Cognito, CognitoUser};
use serde_json::json;

use crate::launches::{launched, settings};
use crate::support::forge::{JwksFile, Key, access_claims, with};
use crate::support::log::new_lines;
use crate::{alone, assert_told, refused, support};

const API: &str = "https://api.example.com/v1";

#[get("/me")]
fn me(_user: CognitoUser) {}

#[get("/.well-known/oauth-protected-resource/v1")]
fn metadata() {}

#[get("/.well-known/oauth-authorization-server")]
fn copy() {}

fn app(figment: Figment, routes: Vec<Route>) -> Rocket<Build> {
    rocket::custom(figment).attach(Cognito::fairing()).mount("/", routes)
}

#[rocket::async_test]
async fn a_route_in_the_place_of_metadata_is_named_with_the_setting() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let settings = settings.merge(("cognito.resource", API)).merge(("cognito.pool_metadata", "served"));
    let said = refused(app(settings.clone(), routes![metadata])).await;
    assert_told(
        &said,
        &[
            "the application has a route at `/.well-known/oauth-protected-resource/v1` itself, where the setting \
             `resource` has this crate mount one.",
            "Remove that route, or leave `resource` out and list the resource in `accepted_audiences`.",
        ],
    );
    let said = refused(app(settings.clone(), routes![copy])).await;
    assert_told(
        &said,
        &[
            "the application has a route at `/.well-known/oauth-authorization-server` itself, where the setting \
             `pool_metadata` has this crate mount one.",
            "Remove that route, or leave `pool_metadata` out.",
        ],
    );
    // The remedies.
    let without = settings.clone().merge(("cognito.pool_metadata", "none"));
    launched(app(without.clone(), routes![copy])).await;
    let without = without.merge(("cognito.resource", "")).merge(("cognito.accepted_audiences", [API]));
    launched(app(without, routes![metadata])).await;
}

/// The visitor learns that the token does not count; the operator also why, and what is expected.
#[rocket::async_test]
async fn a_token_for_another_resource_is_reported_with_its_aud_and_the_accepted_ones() {
    let _alone = alone().await;
    let key = Key::new("pool");
    let keys = JwksFile::new(&[&key]);
    let settings = support::settings(&keys.uri())
        .merge(("cognito.resource", API))
        .merge(("cognito.accepted_audiences", ["https://old.example.com"]));
    let (client, _) = launched(app(settings, routes![me])).await;
    let ask = async |aud: &str| {
        let token = key.token(&with(access_claims(), "aud", json!(aud)));
        let header = Header::new("Authorization", format!("Bearer {token}"));
        let answer = client.get("/me").header(header).dispatch().await;
        let challenge = answer.headers().get_one("WWW-Authenticate").map(str::to_owned);
        (answer.status(), challenge, answer.into_string().await.unwrap_or_default())
    };
    assert_eq!(ask(API).await.0, Status::Ok);
    new_lines();
    let (status, challenge, body) = ask("https://elsewhere.example.com").await;
    let challenge = challenge.unwrap();
    assert_eq!(status, Status::Unauthorized);
    assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
    assert!(!format!("{challenge}{body}").contains("elsewhere"), "{challenge} {body}");
    assert_told(
        &new_lines().join("\n"),
        &[
            "its `aud` is \"https://elsewhere.example.com\", and not \"https://api.example.com/v1\" or \
             \"https://old.example.com\"",
            "have clients ask for this API by the parameter `resource`, which becomes the `aud`; if tokens for that \
             resource are to be accepted, too: accepted_audiences",
        ],
    );
}

/// ID tokens name their client alone, so `any` would count for none of them.
#[rocket::async_test]
async fn any_client_is_refused_where_id_tokens_alone_count() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let settings = settings.merge(("cognito.resource", API)).merge(("cognito.accepted_client_ids", "any"));
    let of =
        |token_use: &str| app(settings.clone().merge(("cognito.bearer_token_use", token_use)), routes![me]);
    let said = refused(of("id")).await;
    assert_told(
        &said,
        &[
            "`accepted_client_ids`: is `any`, which is for access tokens, while `bearer_token_use` is `id`",
            "to type: bearer_token_use = \"access\"; or list the clients: accepted_client_ids = [",
        ],
    );
    for accepted in ["access", "any"] {
        launched(of(accepted)).await;
    }
}
