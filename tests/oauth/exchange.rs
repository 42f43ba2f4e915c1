//! Faults between the app and the pool's token endpoint.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::Clock;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, code_for};
use crate::support::fault::{Fault, FaultProxy};
use crate::{Cell, MAX_TAKEN, assert_all, expect, refusal_of, refused, trap};

/// The callback's URL of a sign-in at the pool of `app`, where the browser goes past what stands at `domain`.
pub async fn callback_past(app: &App, domain: &str, agent: &Agent) -> String {
    let mut login = agent.get(&app.url("/auth/login?next=/me")).await;
    let location = login.location().replace(domain, &app.pool.base_url());
    login.headers.insert("location", location.parse().unwrap());
    code_for(agent, &login, "alice").await
}

/// An app that calls its pool through a proxy.
pub struct Rig {
    pub app: App,
    pub proxy: FaultProxy,
    /// The app's.
    pub clock: Clock,
}

impl Rig {
    pub async fn start(fault: Fault) -> Self {
        Rig::start_with(Setup::new(), fault).await
    }

    pub async fn start_with(setup: Setup, fault: Fault) -> Self {
        let (proxy, clock) = (FaultProxy::start(fault).await, Clock::default());
        let app = setup.set("domain", proxy.url("")).start_at(&clock).await;
        proxy.lead_to(app.pool.base_url().rsplit_once(':').unwrap().1.parse().unwrap());
        Rig { app, proxy, clock }
    }

    /// Signs in at the pool, where the browser goes without the proxy, up to the callback's URL.
    async fn callback(&self, agent: &Agent) -> String {
        callback_past(&self.app, &self.proxy.url(""), agent).await
    }

    pub async fn sign_in(&self, agent: &Agent) -> Page {
        agent.get(&self.callback(agent).await).await
    }
}

async fn exchange(fault: Fault) -> Cell {
    let cell = format!("code exchange, {fault:?}");
    let (rig, trap) = (Rig::start(fault).await, trap().await);
    rig.proxy.set_trap(trap.url("/oauth2/token"));
    let agent = Agent::new();
    let page = rig.sign_in(&agent).await;
    expect(&cell, "the callback's answer", refusal_of(&page), refused(503, "pool_unavailable", "5"))?;
    if !agent.cookies().is_empty() {
        return Err(format!("{cell}: cookies stay: {:?}", agent.cookies().keys()));
    }
    expect(&cell, "the answer without a session", agent.get(&rig.app.url("/me")).await.status.as_u16(), 401)?;
    if rig.proxy.requests() > 1 || rig.proxy.connections() > 1 || rig.app.exchanges() > 1 {
        let requests = rig.proxy.requests();
        return Err(format!("{cell}: {requests} requests over {} connections", rig.proxy.connections()));
    }
    if rig.proxy.written() > MAX_TAKEN {
        return Err(format!("{cell}: {} bytes were taken in", rig.proxy.written()));
    }
    // Every other connection of a flapping network works.
    if fault != Fault::Flap {
        rig.proxy.heal().await;
    }
    let page = rig.sign_in(&agent).await;
    expect(&cell, "the next sign-in", (page.status.as_u16(), page.header("location")), (303, "/me"))?;
    expect(&cell, "the answer with a session", agent.get(&rig.app.url("/me")).await.status.as_u16(), 200)?;
    expect(&cell, "the trap's count", trap.requests(), 0)
}

/// C24, C25, I5, I6, I7.
#[rocket::async_test]
async fn no_fault_of_the_network_makes_half_a_session_or_sends_a_code_twice() {
    assert_all(join_all(Fault::ALL.map(|fault| Box::pin(exchange(fault)))).await, 26);
}

/// C25, I8: nothing was sent yet, so that the code is still good.
#[rocket::async_test]
async fn a_refused_connection_is_tried_again() {
    let rig = Rig::start(Fault::Refuse).await;
    let agent = Agent::new();
    // On a busy machine the port may open too late for the last try, but not always.
    for _ in 0..20 {
        let callback = rig.callback(&agent).await;
        let opening = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            rig.proxy.heal().await;
        };
        let (page, ()) = tokio::join!(agent.get(&callback), opening);
        if page.status == 303 {
            assert_eq!(
                (page.header("location"), rig.proxy.connections(), rig.app.exchanges()),
                ("/me", 1, 1)
            );
            return;
        }
        rig.proxy.set(Fault::Refuse).await;
    }
    panic!("no sign-in succeeded");
}
