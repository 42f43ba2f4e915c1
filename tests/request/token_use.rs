//! Policies that narrow `bearer_token_use`.

use rocket::{get, routes};
use rocket_cognito::policy::{HasAccessToken, HasIdToken};
use rocket_cognito::{Authorized, CognitoUser};

use crate::support::app::{App, CLIENT, Setup, build};
use crate::{ask_as, name, outcome};

#[get("/any-token")]
fn any_token(user: CognitoUser) -> String {
    name(&user)
}

#[get("/by-access-token")]
fn by_access_token(user: Authorized<HasAccessToken>) -> String {
    name(&user)
}

#[get("/by-id-token")]
fn by_id_token(user: Authorized<HasIdToken>) -> String {
    name(&user)
}

async fn start(token_use: &str) -> App {
    let routes = routes![any_token, by_access_token, by_id_token];
    let setup = Setup::new().set("bearer_token_use", token_use);
    setup.start_with(|rocket| build(rocket).mount("/", routes)).await
}

#[rocket::async_test]
async fn a_policy_narrows_the_setting_and_never_widens_it() {
    let alice = (200, "alice");
    let (narrowed, refused) = ((403, "rule_not_met"), (401, "invalid_token"));
    for (token_use, by_access, by_id) in [
        ("access", [alice, alice, narrowed], [refused; 3]),
        ("id", [refused; 3], [alice, narrowed, alice]),
        ("any", [alice, alice, narrowed], [alice, narrowed, alice]),
    ] {
        let app = start(token_use).await;
        let tokens = app.pool.sign_in("alice", CLIENT).unwrap();
        for (token, expected) in [(&tokens.access_token, by_access), (&tokens.id_token, by_id)] {
            let paths = ["/any-token", "/by-access-token", "/by-id-token"];
            for (path, (status, text)) in paths.into_iter().zip(expected) {
                let page = ask_as(&app.url(path), token).await;
                assert_eq!(outcome(&page), (status, text.to_owned()), "{token_use} {path}");
            }
        }
    }
}
