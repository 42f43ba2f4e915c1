//! Faults between the app and the pool's token endpoint when a session is to be renewed.

use std::time::Duration;

use rocket::futures::future::join_all;

use crate::exchange::Rig;
use crate::support::ACCESS;
use crate::support::agent::Agent;
use crate::support::app::Setup;
use crate::support::fault::Fault;
use crate::{Cell, MAX_TAKEN, assert_all, expect, refusal_of, refused, trap};

/// What lasts longer than a visitor waits.
const HANGING: [Fault; 5] =
    [Fault::BlackHole, Fault::Hang, Fault::TrickleHead, Fault::TrickleBody, Fault::Continues];

async fn renewal(fault: Fault) -> Cell {
    let cell = format!("refresh, {fault:?}");
    // Some faults strike when the pool has replaced the refresh token.
    let setup = Setup::new().pool(|pool| pool.refresh_token_rotation(true).refresh_token_grace_seconds(60));
    let (rig, trap) = (Rig::start_with(setup, Fault::None).await, trap().await);
    rig.proxy.set_trap(trap.url("/oauth2/token"));
    let agent = Agent::new();
    expect(&cell, "the sign-in", rig.sign_in(&agent).await.status.as_u16(), 303)?;
    // Without it the session has expired.
    agent.drop_cookie(ACCESS);
    let (cookies, refresh_token) = (agent.cookies(), rig.app.refresh_token(&agent));

    rig.proxy.set(fault).await;
    let calls = || (rig.proxy.connections(), rig.proxy.requests(), rig.app.exchanges());
    let before = calls();
    let page = agent.get(&rig.app.url("/me")).await;
    // After a failure the session rests for a second. A call that hangs is none as yet.
    let retry_after = if HANGING.contains(&fault) { "5" } else { "1" };
    expect(&cell, "the answer", refusal_of(&page), refused(503, "session_not_renewed", retry_after))?;
    expect(&cell, "what it does to cookies", page.set_cookies().len(), 0)?;
    expect(&cell, "what is left of them", agent.cookies(), cookies)?;
    let after = calls();
    if after.0 > before.0 + 1 || after.1 > before.1 + 1 || after.2 > before.2 + 1 {
        return Err(format!("{cell}: from {before:?} to {after:?} connections, requests, calls"));
    }
    if rig.proxy.written() > MAX_TAKEN {
        return Err(format!("{cell}: {} bytes were taken in", rig.proxy.written()));
    }

    // Every other connection of a flapping network works.
    if fault != Fault::Flap {
        rig.proxy.heal().await;
    }
    let before = rig.proxy.requests();
    loop {
        rig.clock.advance(Duration::from_secs(2));
        let page = agent.get(&rig.app.url("/me")).await;
        // A call that hangs does so until it is given up.
        if !HANGING.contains(&fault) || page.status != 503 {
            expect(&cell, "the next answer", page.status.as_u16(), 200)?;
            break;
        }
    }
    expect(&cell, "the next but one", agent.get(&rig.app.url("/me")).await.status.as_u16(), 200)?;
    expect(&cell, "the calls for it", rig.proxy.requests() - before, 1)?;
    expect(&cell, "its access cookie's presence", agent.cookie(ACCESS).is_some(), true)?;
    let renewed = rig.app.refresh_token(&agent);
    expect(&cell, "whether its refresh token is new", renewed != refresh_token, true)?;
    expect(&cell, "whether that counts", rig.app.accepts_refresh_token(&renewed).await, true)?;
    expect(&cell, "the trap's count", trap.requests(), 0)
}

/// I5, I6, I7, F6, F8.
#[rocket::async_test]
async fn no_fault_of_the_network_loses_a_session_or_asks_twice() {
    assert_all(join_all(Fault::ALL.map(|fault| Box::pin(renewal(fault)))).await, 26);
}
