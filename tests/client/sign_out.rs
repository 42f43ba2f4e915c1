//! The end of a session: revocation, and Cognito's own sign-out.

use rocket_cognito::client::CognitoClient;
use rocket_cognito::local_pool::Failure;

use crate::support::agent::Agent;
use crate::world::*;

#[rocket::async_test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() {
    let world = World::start().await;
    for client_id in ["web", "spa"] {
        let client = world.client_of(client_id);
        let [tokens, others] = [(); 2].map(|()| kept(&world.pool.sign_in("alice", client_id).unwrap()));
        let refresh_token = tokens.refresh_token().unwrap();
        assert!(client.user_info(tokens.access_token(), now()).await.is_ok());
        for _ in 0..2 {
            client.revoke(refresh_token).await.unwrap();
        }
        assert_eq!(kind(client.refresh(refresh_token, now()).await), "grant");
        assert_eq!(kind(client.user_info(tokens.access_token(), now()).await), "grant");
        let told = client.verify_access_token(tokens.access_token(), now()).await;
        assert!(told.is_ok(), "a token counts until it expires for whoever does not ask the pool");
        assert!(client.user_info(others.access_token(), now()).await.is_ok(), "another sign-in");
        client.revoke("made-up").await.unwrap();
    }
}

#[rocket::async_test]
async fn what_cannot_be_revoked_is_told() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    for token in [tokens.access_token(), tokens.id_token().unwrap()] {
        let told = text("misconfigured", world.client.revoke(token).await);
        assert!(told.contains("give the refresh token") && !told.contains(token), "{told}");
    }
    let told = text("misconfigured", world.client_of("spa").revoke(tokens.refresh_token().unwrap()).await);
    assert!(told.contains("this client's own"), "{told}");
    let wrong = world.client_with(&[("client_secret", "no")]);
    assert!(text("misconfigured", wrong.revoke("x").await).contains("invalid_client"));
    world.pool.fail_next(REVOKE, 1, Failure::Unavailable);
    assert_eq!(kind(world.client.revoke("x").await), "unavailable");
    assert!(world.client.refresh(tokens.refresh_token().unwrap(), now()).await.is_ok());
}

#[rocket::async_test]
async fn the_pools_own_sign_out_leads_back_to_the_app() {
    let world = World::start().await;
    let agent = Agent::new();
    let begun = world.client.authorization().begin().unwrap();
    let form = agent.open(begun.url()).await.location();
    agent.post(&form, &[], &[("username", "alice"), ("password", "Passw0rd!")]).await;
    assert!(agent.open(begun.url()).await.location().starts_with(CALLBACK), "signed in at the pool");

    let url = world.client.logout_url().unwrap();
    assert_eq!(agent.open(&url).await.location(), GOODBYE);
    let again = agent.open(begun.url()).await.location();
    assert!(again.starts_with(&format!("{}/login?", world.pool.base_url())), "{again}");
}

#[test]
fn a_sign_out_needs_a_page_to_lead_to() {
    let pool = [("user_pool_id", "eu-west-1_AbC123"), ("client_id", "web")];
    let with = |more: &[(&'static str, &'static str)]| {
        CognitoClient::new(pool.into_iter().chain(more.iter().copied())).unwrap().logout_url()
    };
    assert!(text("misconfigured", with(&[])).contains("`domain` is not set"));
    assert!(text("misconfigured", with(&[("domain", "acme")])).contains("`logout_url` is not set"));
    let url = with(&[("domain", "acme"), ("logout_url", "https://app.example.com/?a=1&b")]).unwrap();
    assert_eq!(parameter(&url, "logout_uri").as_deref(), Some("https://app.example.com/?a=1&b"));
    assert_eq!(parameter(&url, "client_id").as_deref(), Some("web"));
}
