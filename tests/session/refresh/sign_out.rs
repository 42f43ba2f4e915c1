//! A sign-out ends a session whatever is under way.

use super::world::{EXPIRED, World, assert_ended, copy, rotating, setup};
use crate::support::TOKEN;
use crate::support::agent::answer;
use crate::support::agent::{Agent, Page};
use crate::support::kind::{Kind, each_kind};

async fn sign_out(world: &World, agent: &Agent) -> Page {
    agent.post(&world.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await
}

each_kind!(a_sign_out_wins_over_a_renewal_that_is_under_way);
/// L8.
async fn a_sign_out_wins_over_a_renewal_that_is_under_way(kind: Kind) {
    for setup in [setup(), rotating(0), rotating(60)] {
        let world = World::start(kind, setup).await;
        let agent = world.app.signed_in("alice").await;
        let (old, tab) = (world.refresh_token(&agent), copy(&agent));
        world.advance(EXPIRED);
        let hold = world.app.pool.hold(TOKEN);
        let meanwhile = async {
            hold.reached(1).await;
            assert_eq!(sign_out(&world, &agent).await.status, 303);
            assert!(agent.cookies().is_empty());
            drop(hold);
        };
        let (page, ()) = tokio::join!(world.get(&tab, "/me"), meanwhile);
        assert_ended(&page, "signed out while it was being renewed");
        assert!(!world.app.accepts_refresh_token(&old).await);
        assert_eq!(world.app.revocations(), 2, "the old refresh token, and the new one when it came");
        assert_eq!(answer(&world.get(&agent, "/me").await), (401, "not_signed_in".into()));
        world.advance(70);
        world.assert_over(&world.get(&tab, "/me").await, &tab, "a while later");
    }
}

each_kind!(a_session_that_has_been_signed_out_is_over_without_asking);
/// L8, F7: of a session that has been signed out nobody asks the pool any more.
async fn a_session_that_has_been_signed_out_is_over_without_asking(kind: Kind) {
    let world = World::start(kind, rotating(60)).await;
    let agent = world.session("alice");
    let (tab, another) = (copy(&agent), world.session("alice"));
    world.advance(EXPIRED);
    sign_out(&world, &agent).await;
    let calls = world.calls();
    for _ in 0..3 {
        assert_ended(&world.get(&tab, "/me").await, "signed out");
    }
    world.advance(70);
    world.assert_over(&world.get(&tab, "/me").await, &tab, "a while later");
    assert_eq!(world.calls(), calls);
    assert_eq!(world.get(&another, "/me").await.status, 200, "another browser's session goes on");
    assert_eq!(world.generation(&another), 1);
}
