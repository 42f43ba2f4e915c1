//! Why bearer tokens are refused, as whoever runs an app in production reads it.

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};

use crate::clocks::with_bearer;
use crate::process::World;
use crate::support::agent::answer;
use crate::support::app::CLIENT;

const LINE: &str = "Warning: cognito_bearer_token_unaccepted: ";

/// The four most common reasons, at the level of Rocket's release profile: the printed lines alone show each, with
/// the setting that would accept the token, and the visitor learns none of it.
#[rocket::async_test]
async fn why_a_bearer_token_is_refused_is_printed_at_the_release_level() {
    let world = World::start(|pool| pool.client(LocalClient::new("client-of-another-app"))).await;
    let stranger = LocalClient::new(CLIENT);
    let other = LocalPoolConfig::default().port(0).user_pool_id("eu-west-1_Another").client(stranger);
    let other = LocalPool::start(other).await.unwrap();
    let app = world.launch(&[("ROCKET_LOG_LEVEL", "critical")]).await;

    let id_token = world.pool.sign_in("alice", CLIENT).unwrap().id_token;
    let of_another_client = world.pool.sign_in("alice", "client-of-another-app").unwrap().access_token;
    let of_another_pool = other.sign_in("alice", CLIENT).unwrap().access_token;
    world.pool.set_clock_skew_seconds(-86_400);
    let expired = world.pool.sign_in("alice", CLIENT).unwrap().access_token;

    let pools = [other.issuer(), world.pool.issuer()].map(|issuer| format!("{issuer:?}"));
    let rows = [
        (id_token, "it is an ID token, and access tokens are accepted".to_owned(), "bearer_token_use"),
        (
            of_another_client,
            format!("it is for the app client \"client-of-another-app\", and not for {CLIENT:?}"),
            "accepted_client_ids",
        ),
        (of_another_pool, format!("its `iss` is {}, and not {}", pools[0], pools[1]), "accepted_issuers"),
        (expired, "it expired 82".to_owned(), "set this machine's clock right"),
    ];
    for (token, reason, remedy) in &rows {
        let before = app.output().len();
        let page = with_bearer(&world.url("/me"), token).await;
        assert_eq!(answer(&page), (401, "invalid_token".into()), "{reason}");
        assert!(!page.body.contains(reason) && !page.body.contains("cognito_"), "{}", page.body);

        let output = app.output();
        let printed = output[before..].lines().filter(|line| line.contains("cognito_"));
        let printed: Vec<_> = printed.collect();
        let [said, remedied] = printed[..] else { panic!("{reason}: {printed:?}") };
        assert!(said.starts_with(&format!("{LINE}a bearer token was refused: {reason}")), "{said}");
        assert!(remedied.starts_with(&format!("{LINE}>> ")) && remedied.contains(remedy), "{remedied}");
        assert_eq!(rows.iter().filter(|row| said.contains(&row.1)).count(), 1, "{said}");
        assert_eq!(rows.iter().filter(|row| remedied.contains(row.2)).count(), 1, "{remedied}");
    }
}
