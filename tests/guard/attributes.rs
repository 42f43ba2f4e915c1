//! Claims of an ID token in a type of the app's own.

use rocket::serde::Deserialize;
use rocket::serde::json::Json;
use rocket::{get, routes};
use rocket_cognito::CognitoUser;
use serde_json::{Value, json};

use crate::support::forge::{access_claims, id_claims, with};
use crate::{World, answer};

/// What a SAML provider says of its user, by way of the pool's attribute mapping.
#[derive(Deserialize, rocket::serde::Serialize)]
#[serde(crate = "rocket::serde")]
struct Federated {
    identities: Vec<Identity>,
    /// Pools map lists of texts to one text.
    #[serde(rename = "custom:groups")]
    groups: String,
    #[serde(rename = "cognito:preferred_role")]
    role: Option<String>,
}

#[derive(Deserialize, rocket::serde::Serialize)]
#[serde(crate = "rocket::serde", rename_all = "camelCase")]
struct Identity {
    user_id: String,
    provider_type: String,
}

#[get("/federated")]
fn federated(user: CognitoUser) -> Option<Json<Federated>> {
    user.id_claims()?.ok().map(Json)
}

#[rocket::async_test]
async fn attributes_of_a_federated_user_arrive_as_the_pool_has_mapped_them() {
    let world = World::new(|rocket| rocket.mount("/", routes![federated])).await;
    let ask = async |id: &Value| {
        answer(world.signed_in(world.client.get("/federated"), &access_claims(), Some(id))).await
    };
    let identity = json!({
        "userId": "dora@corp.example", "providerName": "Corp", "providerType": "SAML", "issuer": "urn:corp",
        "primary": "true", "dateCreated": "1700000000000",
    });
    let id = with(with(id_claims(), "identities", json!([identity])), "custom:groups", "[a, b]".into());
    let (status, body) = ask(&id).await;
    let expected = json!({
        "identities": [{ "userId": "dora@corp.example", "providerType": "SAML" }],
        "custom:groups": "[a, b]",
        "cognito:preferred_role": null,
    });
    assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, expected));
    // Of another kind than the type says: the claims are not there, and nothing breaks.
    assert_eq!(ask(&with(id, "custom:groups", json!(true))).await.0, 404);
}
