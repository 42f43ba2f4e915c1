//! Sessions that end at the pool: what their visitors see of it, and who does not notice.

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket_cognito::local_pool::LocalSessions;
use serde_json::{Value, json};

use crate::refresh::world::{DUE, EXPIRED, World, copy, setup};
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, Page, answer};
use crate::support::kind::{Kind, each_kind};

const SCRIPT: [(&str, &str); 1] = [("sec-fetch-mode", "cors")];
const FORM: [(&str, &str); 3] = [SAME_ORIGIN[0], ("sec-fetch-mode", "navigate"), ("accept", "text/html")];

/// How a session ends at the pool.
#[derive(Debug, Clone, Copy)]
enum End {
    /// By the third sign-in, where a user may have two sessions.
    Evicted,
    /// By an admin, who revokes this one.
    Revoked,
    /// By its user, who signs out everywhere.
    SignedOut,
}

/// The world of a pool that tracks `max_per_user` sessions of each user, if it tracks any.
async fn world(kind: Kind, max_per_user: Option<u32>) -> World {
    let sessions = max_per_user.map(|max| LocalSessions::new().max_per_user(max));
    let setup = setup().pool(|pool| sessions.into_iter().fold(pool, |pool, it| pool.sessions(it)));
    World::start(kind, setup).await
}

/// What the pool's API answers, unsigned as the local pool takes it.
async fn call(world: &World, operation: &str, body: Value) -> (u16, Value) {
    let request = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let request = request.post(world.app.pool.base_url());
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let request = request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.1");
    let response = request.body(body.to_string()).send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

/// The ids of the sessions of alice at the pool, the oldest first.
async fn ids(world: &World) -> Vec<Value> {
    let pool = world.app.pool.user_pool_id();
    let body = json!({ "UserPoolId": pool, "Username": "alice" });
    let (status, answer) = call(world, "AdminListUserSessions", body).await;
    assert_eq!(status, 200, "{answer}");
    let tokens = answer["Sessions"].as_array().unwrap().iter().filter(|it| it["SessionType"] == "TOKEN");
    tokens.map(|session| session["SessionId"].clone()).collect()
}

async fn revoke(world: &World, id: &Value) -> (u16, Value) {
    let pool = world.app.pool.user_pool_id();
    let body = json!({ "UserPoolId": pool, "Username": "alice", "SessionId": id });
    call(world, "AdminRevokeUserSession", body).await
}

async fn sign_out_everywhere(world: &World, agent: &Agent) {
    let body = json!({ "AccessToken": world.access_token(agent) });
    assert_eq!(call(world, "GlobalSignOut", body).await.0, 200);
}

/// A browser of alice whose session the pool has ended, and one whose session it has not, if there is one.
async fn ended(world: &World, end: End) -> (Agent, Option<Agent>) {
    let here = world.app.signed_in("alice").await;
    let listed = ids(world).await;
    match end {
        End::Evicted => {
            let there = world.app.signed_in("alice").await;
            world.app.signed_in("alice").await;
            (here, Some(there))
        }
        End::Revoked => {
            let there = world.app.signed_in("alice").await;
            assert_eq!(revoke(world, &listed[0]).await.0, 200);
            (here, Some(there))
        }
        End::SignedOut => {
            let there = world.app.signed_in("alice").await;
            sign_out_everywhere(world, &there).await;
            (here, None)
        }
    }
}

fn title(page: &Page) -> &str {
    page.body.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>")).expect("a title").0
}

/// Signs in as alice where `url` leads to, and ends where the sign-in leads.
async fn sign_in_again(agent: &Agent, url: &str) -> Page {
    let page = agent.follow(url).await;
    if page.url.path() != "/login" {
        return page;
    }
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let answer = agent.post(page.url.as_str(), &[], &fields).await;
    agent.follow(&answer.location()).await
}

each_kind!(a_session_that_the_pool_has_ended_says_so_and_leads_to_the_sign_in);
/// M10, M11: to scripts, forms and pages alike, which come at the same time as their browser learns of it.
async fn a_session_that_the_pool_has_ended_says_so_and_leads_to_the_sign_in(kind: Kind) {
    for end in [End::Evicted, End::Revoked, End::SignedOut] {
        let world = world(kind, Some(2)).await;
        let bob = world.app.signed_in("bob").await;
        let (here, there) = ended(&world, end).await;
        assert_eq!(world.get(&here, "/me").await.status, 200, "{end:?}: the token of before");
        world.advance(EXPIRED);
        let (form, visitor, calls) = (copy(&here), copy(&here), world.calls());

        let page = here.send(Method::GET, &world.url("/me"), &SCRIPT, None).await;
        assert_eq!(answer(&page), (401, "session_ended".into()), "{end:?}");
        kind.assert_nothing_left(&page, &here, "the pool has ended it");
        assert_eq!(page.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        let body: Value = serde_json::from_str(&page.body).unwrap();
        assert!(body["message"].as_str().unwrap().contains("another device"), "{body}");

        let page = form.post(&world.url("/change"), &FORM, &[]).await;
        assert_eq!((page.status.as_u16(), title(&page)), (401, "You have been signed out"), "{end:?}");
        assert!(page.body.contains("href=\"/auth/login"), "{}", page.body);
        assert_eq!(world.calls() - calls, 1, "the pool is asked once");

        for other in there.iter().chain([&bob]) {
            assert_eq!(world.get(other, "/me").await.status, 200, "{end:?}: not another session");
        }
        let page = sign_in_again(&visitor, &world.url("/page?tab=2")).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "/page?tab=2"), "{end:?}");
        assert_eq!(world.get(&visitor, "/me").await.status, 200);
    }
}

each_kind!(without_tracking_sign_ins_end_no_session_and_a_sign_out_everywhere_still_does);
/// M11.
async fn without_tracking_sign_ins_end_no_session_and_a_sign_out_everywhere_still_does(kind: Kind) {
    let world = world(kind, None).await;
    let bob = world.app.signed_in("bob").await;
    let alice = join_all((0..4).map(|_| world.app.signed_in("alice"))).await;
    let id = json!(format!("tkn{}", "a".repeat(25)));
    assert_eq!(revoke(&world, &id).await.1["__type"], "OperationNotEnabledException");
    world.advance(EXPIRED);
    for agent in alice.iter().chain([&bob]) {
        assert_eq!(world.get(agent, "/me").await.status, 200);
    }
    sign_out_everywhere(&world, &alice[0]).await;
    world.advance(EXPIRED);
    for agent in &alice {
        assert_eq!(answer(&world.get(agent, "/me").await), (401, "session_ended".into()));
    }
    assert_eq!(world.get(&bob, "/me").await.status, 200);
}

each_kind!(a_session_that_the_pool_has_ended_is_over_ahead_of_its_tokens_time_and_on_demand);
/// M10: as soon as the pool is asked.
async fn a_session_that_the_pool_has_ended_is_over_ahead_of_its_tokens_time_and_on_demand(kind: Kind) {
    let world = world(kind, Some(2)).await;
    let (here, there) = ended(&world, End::Revoked).await;
    let url = world.url("/auth/refresh");
    let page = here.post(&url, &[SAME_ORIGIN[0], SCRIPT[0]], &[]).await;
    assert_eq!(answer(&page), (401, "session_ended".into()));
    kind.assert_nothing_left(&page, &here, "on demand");
    sign_out_everywhere(&world, &there.unwrap()).await;
    let (here, _) = ended(&world, End::Evicted).await;
    world.advance(DUE);
    assert_eq!(answer(&world.get(&here, "/me").await), (401, "session_ended".into()));
}

each_kind!(another_instance_says_that_the_pool_has_ended_a_session_where_it_asks_the_pool);
/// M14: an instance that finds nothing in the store knows that a session is over, and not who has ended it.
async fn another_instance_says_that_the_pool_has_ended_a_session_where_it_asks_the_pool(kind: Kind) {
    let world = world(kind, Some(2)).await;
    let (here, _) = ended(&world, End::Evicted).await;
    world.advance(EXPIRED);
    let there = copy(&here);
    assert_eq!(answer(&world.get(&here, "/me").await), (401, "session_ended".into()));
    let other = world.another(|figment| figment).await;
    let code = if kind.is_stored() { "session_expired" } else { "session_ended" };
    assert_eq!(answer(&there.get(&other.url("/me")).await), (401, code.into()));
}

each_kind!(a_session_that_this_app_has_ended_is_not_said_to_be_ended_by_the_pool);
/// M10: by a limit, or by a sign-out in the same browser, whatever the pool says to its refresh token afterwards.
async fn a_session_that_this_app_has_ended_is_not_said_to_be_ended_by_the_pool(kind: Kind) {
    let setup = setup().set("session_max_seconds", 300).pool(|pool| pool.sessions(LocalSessions::new()));
    let world = World::start(kind, setup).await;
    let [over, left] = [world.app.signed_in("alice").await, world.app.signed_in("alice").await];
    let behind = copy(&left);
    assert_eq!(left.post(&world.url("/auth/logout"), &SAME_ORIGIN, &[]).await.status.as_u16() / 100, 3);
    world.revoked().await;
    world.advance(DUE);
    assert_eq!(answer(&world.get(&behind, "/me").await), (401, "session_expired".into()), "signed out");
    sign_out_everywhere(&world, &over).await;
    world.advance(EXPIRED - DUE);
    assert_eq!(answer(&world.get(&over, "/me").await), (401, "session_expired".into()), "too old");
}
