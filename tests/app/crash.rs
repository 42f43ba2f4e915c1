//! Apps that are killed before they could store what the pool has given them: with sessions in cookies, since a store in
//! memory dies with its process. `tests/session/stored/crash.rs` has stored ones.

use crate::process::{World, expire, generation, received};
use crate::support::TOKEN;
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::code_for;

const ROUNDS: u64 = 10;

impl World {
    /// Has a process killed when the pool has carried out what this request caused, and nobody has heard of it.
    async fn crash(&self, agent: &Agent, path: &str) {
        let app = self.launch(&[]).await;
        let hold = self.pool.hold(TOKEN);
        let request = self.send(agent, path).await;
        hold.reached(1).await;
        // By SIGKILL.
        drop(app);
        assert_eq!(received(request).await, "");
    }

    async fn rotating(grace: u32) -> Self {
        World::start(|pool| pool.refresh_token_rotation(true).refresh_token_grace_seconds(grace)).await
    }

    async fn session(&self) -> Agent {
        let _app = self.launch(&[]).await;
        self.signed_in("alice").await
    }
}

/// O2: the old refresh token is good for another minute.
#[rocket::async_test]
async fn a_renewal_that_a_crash_has_lost_is_made_up_for_within_the_grace() {
    let world = World::rotating(60).await;
    let agent = world.session().await;
    for round in 1..=ROUNDS {
        expire(&agent);
        world.crash(&agent, "/me").await;
        let _app = world.launch(&[]).await;
        assert_eq!((world.me(&agent).await, generation(&agent)), (200, round));
    }
}

/// O2.
#[rocket::async_test]
async fn without_a_grace_a_renewal_that_a_crash_has_lost_leads_to_a_new_sign_in() {
    let world = World::rotating(0).await;
    let agent = world.session().await;
    for _ in 0..ROUNDS {
        expire(&agent);
        world.crash(&agent, "/me").await;
        let _app = world.launch(&[]).await;
        let page = agent.get(&world.url("/me")).await;
        assert_eq!(answer(&page), (401, "session_ended".into()));
        assert_eq!(agent.cookies().len(), 0);
        // The pool still knows this browser.
        let page = agent.follow(&world.url("/me")).await;
        assert_eq!((page.status.as_u16(), page.url.path(), generation(&agent)), (200, "/me", 0));
    }
}

/// O2: the code is used up, and its browser begins again.
#[rocket::async_test]
async fn a_sign_in_that_a_crash_has_lost_is_begun_again() {
    let world = World::rotating(0).await;
    let agent = Agent::new();
    for _ in 0..ROUNDS {
        let app = world.launch(&[]).await;
        let login = agent.open(&world.url("/auth/login?next=/me")).await;
        let callback = code_for(&agent, &login, "alice").await;
        drop(app);
        world.crash(&agent, callback.strip_prefix(&world.url("")).unwrap()).await;
        let _app = world.launch(&[]).await;
        assert_eq!(answer(&agent.get(&callback).await), (400, "code_refused".into()));
        assert_eq!(agent.cookies().len(), 0);
        let page = agent.follow(&world.url("/me")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
        agent.cookies().keys().for_each(|name| agent.drop_cookie(name));
    }
}
