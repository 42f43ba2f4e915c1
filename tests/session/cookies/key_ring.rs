//! Keys that are changed while people are signed in.

use crate::support::agent::Agent;
use crate::support::app::{SECRET_KEY, Setup};
use crate::support::server::Server;

const OLD: &str = SECRET_KEY;
const NEW: &str = "another-key-of-at-least-32-bytes-9876543210";

async fn who(agent: &Agent, instance: &Server) -> (u16, String) {
    let page = agent.get(&instance.url("/")).await;
    (page.status.as_u16(), page.body)
}

/// K10. Of two neighbouring phases there are instances at once, and a browser comes to either.
#[rocket::async_test]
async fn keys_change_in_phases_and_nobody_is_signed_out() {
    let phases = [vec![OLD], vec![OLD, NEW], vec![NEW, OLD], vec![NEW]];
    let app = Setup::new().start().await;
    let mut instances = Vec::new();
    for keys in &phases {
        instances.push(app.instance("secret_keys", keys).await);
    }
    for (before, after) in instances.iter().zip(&instances[1..]) {
        for (one, other) in [(before, after), (after, before)] {
            let agent = Agent::new();
            let callback = app.begin_at(&agent, one, "/me").await;
            let page = agent.follow(&callback.replace(&app.origin(), &other.url(""))).await;
            assert_eq!(page.status, 200, "a sign-in begun at one instance ends at the other: {}", page.body);
            for instance in [one, other] {
                assert_eq!(who(&agent, instance).await, (200, "alice".into()));
            }
            // The other instance has sealed the refresh token: that it is revoked shows that this one opened it.
            let revocations = app.revocations();
            let same_origin = [("sec-fetch-site", "same-origin")];
            assert_eq!(agent.post(&one.url("/auth/logout"), &same_origin, &[]).await.status, 303);
            assert_eq!(app.revocations(), revocations + 1);
            assert_eq!(who(&agent, other).await, (200, "nobody".into()));
        }
    }
}

/// K9, K10, the control: without a phase between, what one seals the other does not open, and nothing breaks.
#[rocket::async_test]
async fn what_is_sealed_with_an_unknown_key_counts_as_absent() {
    let app = Setup::new().start().await;
    let changed = app.instance("secret_keys", NEW).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let page = agent.get(&callback.replace(&app.origin(), &changed.url(""))).await;
    assert!(page.status == 400 && page.body.contains("login_not_recognised"), "{}", page.body);
    assert_eq!(agent.follow(&callback).await.status, 200);

    assert_eq!(who(&agent, &changed).await, (200, "alice".into()), "tokens are the pool's, not ours");
    let answer = agent.post(&changed.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await;
    assert_eq!((answer.status.as_u16(), app.revocations()), (303, 0));
    assert!(agent.cookies().is_empty(), "they are removed all the same");
}
