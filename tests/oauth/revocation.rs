//! Faults between the app and the pool's revocation endpoint.

use rocket::futures::future::join_all;

use crate::exchange::Rig;
use crate::support::agent::Agent;
use crate::support::fault::Fault;
use crate::{Cell, MAX_TAKEN, assert_all, expect, trap};

async fn sign_out(fault: Fault) -> Cell {
    let cell = format!("revocation, {fault:?}");
    let (rig, trap) = (Rig::start(Fault::None).await, trap().await);
    rig.proxy.set_trap(trap.url("/oauth2/revoke"));
    let agent = Agent::new();
    expect(&cell, "the sign-in", rig.sign_in(&agent).await.status.as_u16(), 303)?;
    rig.proxy.set(fault).await;
    let requests = rig.proxy.requests();
    let answer = agent.post(&rig.app.url("/auth/logout"), &[("origin", &rig.app.origin())], &[]).await;
    expect(&cell, "the sign-out", answer.status.as_u16(), 303)?;
    if !agent.cookies().is_empty() {
        return Err(format!("{cell}: cookies stay: {:?}", agent.cookies().keys()));
    }
    expect(&cell, "the answer after it", agent.get(&rig.app.url("/me")).await.status.as_u16(), 401)?;
    if rig.proxy.requests() > requests + 1 || rig.proxy.written() > MAX_TAKEN {
        return Err(format!("{cell}: {} requests, {} bytes", rig.proxy.requests(), rig.proxy.written()));
    }
    rig.proxy.heal().await;
    expect(&cell, "the next sign-in", rig.sign_in(&agent).await.status.as_u16(), 303)?;
    expect(&cell, "the trap's count", trap.requests(), 0)
}

/// I5, I6, I7.
#[rocket::async_test]
async fn no_fault_of_the_network_keeps_anybody_signed_in() {
    assert_all(join_all(Fault::ALL.map(|fault| Box::pin(sign_out(fault)))).await, 26);
}
