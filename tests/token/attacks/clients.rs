//! Clients that no list names: whoever may register one at the pool has tokens that the pool has signed.

use figment::Figment;
use serde_json::{Value, json};

use super::{App, POOL};
use crate::support::forge::{CLIENT_ID, access_claims, id_claims, with, without};

const API: &str = "https://api.example.com/v1";
const LISTED: &str = "https://orders.example.com";

async fn start(client_ids: &str, token_use: &str) -> App {
    let change = |figment: Figment| {
        figment
            .merge(("cognito.resource", API))
            .merge(("cognito.accepted_audiences", [LISTED]))
            .merge(("cognito.accepted_client_ids", client_ids))
            .merge(("cognito.bearer_token_use", token_use))
    };
    App::with(change).await
}

/// Claims of an access token that `client` got for a person, with this `aud`.
fn of_person(client: &str, aud: &Value) -> Value {
    let claims = with(access_claims(), "client_id", client.into());
    if aud.is_null() { claims } else { with(claims, "aud", aud.clone()) }
}

/// Claims of an access token that `client` got for itself, with this `aud`.
fn of_machine(client: &str, aud: &Value) -> Value {
    let claims =
        ["username", "cognito:groups", "origin_jti"].into_iter().fold(of_person(client, aud), without);
    with(claims, "sub", client.into())
}

/// What a token is bound to.
enum Bound {
    /// The resource that this API is.
    Here,
    /// One of `accepted_audiences`.
    ToAListed,
    Elsewhere,
}

/// Audiences × client lists.
#[rocket::async_test]
async fn clients_that_no_list_names_count_with_the_own_resource_alone() {
    const STRANGER: &str = "registered";
    let named = [CLIENT_ID, "mobile"];
    let audiences = [
        (json!(API), Bound::Here),
        (json!([API]), Bound::Here),
        // Such as for a gateway in front, whose clients are on the list.
        (json!(LISTED), Bound::ToAListed),
        (json!(null), Bound::Elsewhere),
        (json!("https://other.example.com"), Bound::Elsewhere),
        (json!(format!("{API}/")), Bound::Elsewhere),
        (json!("https://api.example.com"), Bound::Elsewhere),
        (json!(STRANGER), Bound::Elsewhere),
        (json!(CLIENT_ID), Bound::Elsewhere),
        (json!([API, "https://other.example.com"]), Bound::Elsewhere),
        (json!(""), Bound::Elsewhere),
        (json!([]), Bound::Elsewhere),
        (json!(7), Bound::Elsewhere),
    ];
    for (client_ids, listed, is_any) in [
        ("", &named[..1], false),
        ("mobile", &named, false),
        ("any", &named[..1], true),
        ("any mobile", &named, true),
        ("mobile ANY", &named, true),
    ] {
        let app = start(client_ids, "access").await;
        for (aud, bound) in &audiences {
            for client in [CLIENT_ID, "mobile", STRANGER] {
                let is_listed = listed.contains(&client);
                let counts_unbound = is_listed && (aud.is_null() || *aud == client);
                let counts = match bound {
                    Bound::Here => is_listed || is_any,
                    Bound::ToAListed => is_listed,
                    Bound::Elsewhere => counts_unbound,
                };
                let case = format!("accepted_client_ids = {client_ids:?}, {client} for {aud}");
                let person = app.bearer(&POOL.token(&of_person(client, aud))).await;
                assert_eq!(person.status, if counts { 200 } else { 401 }, "{case}");
                // A machine is known, and is no person.
                let machine = app.bearer(&POOL.token(&of_machine(client, aud))).await;
                assert_eq!(machine.status, if counts { 403 } else { 401 }, "{case}, a machine");
            }
        }
    }
}

#[rocket::async_test]
async fn id_tokens_count_for_named_clients_alone() {
    let app = start("any mobile", "any").await;
    for (aud, status) in [(CLIENT_ID, 200), ("mobile", 200), ("registered", 401), (API, 401), (LISTED, 401)] {
        let token = POOL.token(&with(id_claims(), "aud", aud.into()));
        assert_eq!(app.bearer(&token).await.status, status, "{aud}");
    }
}

#[rocket::async_test]
async fn no_session_is_of_a_client_that_is_not_the_apps() {
    let app = start("any mobile", "access").await;
    for (client, status) in [(CLIENT_ID, 200), ("mobile", 401), ("registered", 401)] {
        let token = POOL.token(&of_person(client, &json!(API)));
        assert_eq!(app.bearer(&token).await.status, 200, "{client}, the control");
        assert_eq!(app.cookie(&token).await.status, status, "{client}");
    }
}

#[rocket::async_test]
async fn a_token_that_names_no_client_is_nobodys() {
    let app = start("any", "access").await;
    for claims in [without(access_claims(), "client_id"), with(access_claims(), "client_id", json!(["a"]))] {
        assert_eq!(app.bearer(&POOL.token(&with(claims, "aud", API.into()))).await.status, 401);
    }
}

/// An app that has no client of its own, and lists none.
#[rocket::async_test]
async fn any_client_is_enough_where_nobody_signs_in() {
    let change = |figment: Figment| {
        figment
            .merge(("cognito.routes", "none"))
            .merge(("cognito.client_id", ""))
            .merge(("cognito.resource", API))
            .merge(("cognito.accepted_client_ids", "any"))
    };
    let app = App::with(|figment| change(without_urls(figment))).await;
    assert_eq!(app.bearer(&POOL.token(&of_person("registered", &json!(API)))).await.status, 200);
    assert_eq!(app.bearer(&POOL.token(&of_person("registered", &json!(null)))).await.status, 401);
    assert_eq!(app.cookie(&POOL.token(&of_person("registered", &json!(API)))).await.status, 401);
}

/// Without what says that people sign in.
fn without_urls(figment: Figment) -> Figment {
    let urls = ["redirect_url", "logout_url", "login_path", "logout_path", "callback_path"];
    urls.into_iter().fold(figment, |figment, key| figment.merge((format!("cognito.{key}"), "")))
}
