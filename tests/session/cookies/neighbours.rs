//! Several apps on one host: ports share cookies.

use super::world::World;
use crate::support::agent::Agent;
use crate::support::app::{App, Setup, code_for};

const TOKENS: [&str; 3] = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];

async fn home(agent: &Agent, app: &App) -> String {
    let page = agent.get(&app.url("/")).await;
    assert_eq!(page.status, 200);
    page.body
}

async fn sign_out(agent: &Agent, app: &App) {
    let answer = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_eq!(answer.status, 303);
}

/// K17. Suffixes that a chunk or another suffix might be taken for.
#[rocket::async_test]
async fn apps_with_suffixes_of_their_own_share_a_host_without_noticing() {
    let agent = Agent::new();
    let suffixes = ["", "shop", "shop-1", "1"];
    let mut apps = Vec::new();
    for (suffix, user) in suffixes.into_iter().zip(["alice", "bob", "carol", "alice"]) {
        let app = Setup::new().set("cookie_suffix", suffix).start().await;
        let page = agent.sign_in(&app.url("/me"), user).await;
        assert_eq!(page.status, 200, "{}", page.body);
        apps.push((app, user));
    }
    let name = |token: &str, suffix: &str| match suffix {
        "" => token.to_owned(),
        suffix => format!("{token}-{suffix}"),
    };
    let mut names: Vec<_> =
        suffixes.iter().flat_map(|suffix| TOKENS.map(|token| name(token, suffix))).collect();
    names.sort();
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), names);

    // As many attempts at once as one app allows, in each of them.
    let mut attempts = Vec::new();
    for _ in 0..5 {
        for (app, user) in &apps {
            let login = agent.open(&app.url("/auth/login")).await;
            attempts.push((code_for(&agent, &login, user).await, user));
        }
    }
    assert_eq!(agent.cookies().len(), names.len() + attempts.len());
    for (callback, user) in attempts {
        assert_eq!(agent.follow(&callback).await.body, *user);
    }
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), names);

    while let Some((app, _)) = apps.pop() {
        sign_out(&agent, &app).await;
        assert_eq!(home(&agent, &app).await, "nobody");
        for (other, user) in &apps {
            assert_eq!(home(&agent, other).await, *user);
        }
    }
    assert!(agent.cookies().is_empty());
}

/// K17: without suffixes one session takes the other's place, and nothing of it counts elsewhere.
#[rocket::async_test]
async fn apps_without_suffixes_end_each_others_sessions_and_mix_nothing() {
    let (one, two) = (App::start().await, App::start().await);
    let agent = Agent::new();
    for (app, other, user) in [(&one, &two, "alice"), (&two, &one, "bob"), (&one, &two, "carol")] {
        let page = agent.sign_in(&app.url("/me"), user).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!(home(&agent, app).await, user);
        assert_eq!(home(&agent, other).await, "nobody");
        assert_eq!(agent.get(&other.url("/me")).await.status, 401);
        assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), TOKENS);
    }
    // The sealed refresh token is carol's at the first app.
    sign_out(&agent, &two).await;
    assert_eq!((one.revocations(), two.revocations()), (0, 0));
    assert!(agent.cookies().is_empty());
}

/// K17, K15.
#[rocket::async_test]
async fn a_neighbours_name_is_not_ours() {
    let plain = World::new(|settings| settings).await;
    let shop = World::new(|settings| settings.merge(("cognito.cookie_suffix", "shop"))).await;
    for (world, ours, theirs) in [
        (&plain, "", ["-shop", "-", "-shop_1", "_0", "_8", "_01"].as_slice()),
        (&shop, "-shop", &["", "-shop2", "-sho", "-Shop", "shop", "_shop", "-shop_", "-shop-1"]),
    ] {
        let token = world.token("ours");
        assert_eq!(world.who(&format!("cognito_access_token{ours}={token}")).await, (200, "ours".into()));
        for theirs in theirs {
            let cookie = format!("cognito_access_token{theirs}={token}");
            assert_eq!(world.who(&cookie).await.0, 401, "{theirs:?}");
            let both =
                format!("{cookie}; cognito_access_token{ours}={token}; cognito_access_token{theirs}=x");
            assert_eq!(world.who(&both).await, (200, "ours".into()), "{theirs:?}");
        }
    }
}
