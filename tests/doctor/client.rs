//! The app client and its secret.

use rocket_cognito::local_pool::LocalClient;

use crate::setup::{CALLBACK, SECRET, Setup, client};
use crate::support::stub::Answer;

#[rocket::async_test]
async fn a_client_that_the_pool_does_not_know_is_found() {
    Setup::new().await.set("cognito.client_id", "shopp").shows(&[("client_unknown", "\"shopp\"")]).await;
    let setup = Setup::new().await.set("cognito.client_id", "shopp").without("cognito.client_secret");
    setup.shows(&[("client_unknown", "\"shopp\"")]).await;
}

#[rocket::async_test]
async fn a_wrong_secret_is_found() {
    let setup = Setup::new().await.set("cognito.client_secret", "another-one");
    setup.shows(&[("secret_refused", "Show client secret")]).await;
}

#[rocket::async_test]
async fn a_secret_that_is_missing_here_is_found() {
    let setup = Setup::new().await.without("cognito.client_secret");
    setup.shows(&[("secret_missing", "ROCKET_COGNITO_CLIENT_SECRET")]).await;
}

#[rocket::async_test]
async fn a_secret_for_a_client_that_has_none_is_found() {
    let public = LocalClient::new("shop").callback_url(CALLBACK).logout_url("http://localhost:8000/");
    let setup = Setup::with_client(public.clone()).await;
    setup.shows(&[("secret_refused", "must have none here")]).await;
    Setup::with_client(public).await.without("cognito.client_secret").shows(&[]).await;
}

#[rocket::async_test]
async fn the_dead_one_of_two_secrets_is_found() {
    for (secrets, which) in [(["dead", SECRET], "first"), ([SECRET, "dead"], "second")] {
        let setup = Setup::new().await.set("cognito.client_secret", secrets.to_vec());
        setup.shows(&[("one_secret_refused", which)]).await;
    }
    let setup = Setup::new().await.set("cognito.client_secret", vec!["dead", "gone"]);
    setup.shows(&[("secret_refused", "\"shop\"")]).await;
}

#[rocket::async_test]
async fn a_client_for_machines_signs_nobody_in() {
    let machine = LocalClient::new("shop").secret(SECRET).scope("shop/read").client_credentials();
    let setup = Setup::with_client(machine).await;
    setup.shows(&[("code_grant_off", "OAuth grant types")]).await;
}

#[rocket::async_test]
async fn an_api_with_a_wrong_secret_for_its_own_tokens_is_found() {
    let setup = Setup::new().await.set("cognito.client_secret", "another-one");
    let setup = setup.set("cognito.routes", Vec::<String>::new());
    setup.shows(&[("secret_refused", "\"shop\"")]).await;
}

#[rocket::async_test]
async fn a_token_endpoint_that_is_none_or_throttles_is_found() {
    let setup = Setup::with_client(client()).await;
    setup.front.answer("/oauth2/token", Answer::new("404 Not Found", "", ""));
    setup.shows(&[("token_unexpected", "404")]).await;
    setup.front.answer("/oauth2/token", Answer::new("429 Too Many Requests", "", ""));
    setup.shows(&[("pool_busy", "429")]).await;
}
