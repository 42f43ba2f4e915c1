//! Renewals whose answer gets lost, from the network before the pool to the one before the browser.

use rocket::futures::future::join_all;

use super::world::{EXPIRED, World, assert_waits, copy, rotating};
use crate::support::TOKEN;
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::fault::{Fault, FaultProxy};
use crate::support::kind::{Kind, each_kind};

/// Where an answer gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    BeforeSend,
    AfterSend,
    /// The pool has replaced the refresh token by then.
    AfterCommit,
    WhileRead,
    /// Read, and the browser is gone.
    BeforeTheBrowser,
    /// Read, and the app is gone.
    BeforeTheRestart,
}

impl Lost {
    const ALL: [Lost; 6] = [
        Lost::BeforeSend,
        Lost::AfterSend,
        Lost::AfterCommit,
        Lost::WhileRead,
        Lost::BeforeTheBrowser,
        Lost::BeforeTheRestart,
    ];

    fn fault(self) -> Fault {
        match self {
            Lost::BeforeSend => Fault::Refuse,
            Lost::AfterSend => Fault::ResetAfterRequest,
            Lost::AfterCommit => Fault::ResetInHead,
            Lost::WhileRead => Fault::Truncate,
            Lost::BeforeTheBrowser | Lost::BeforeTheRestart => Fault::None,
        }
    }
}

/// Whether the new tokens lie in the store: whatever happens to the browser or the app then, nothing is lost.
fn is_stored(kind: Kind, lost: Lost) -> bool {
    kind.is_stored() && lost.fault() == Fault::None
}

/// An app that calls its pool through a proxy.
pub async fn behind_a_proxy(kind: Kind, grace: u32) -> (World, FaultProxy) {
    let proxy = FaultProxy::start(Fault::None).await;
    let world = World::start(kind, rotating(grace).set("domain", proxy.url(""))).await;
    proxy.lead_to(world.app.pool.base_url().rsplit_once(':').unwrap().1.parse().unwrap());
    (world, proxy)
}

/// A session that has been renewed at the pool and in the store at most: the browser has not got anything of it.
async fn lose(kind: Kind, lost: Lost, grace: u32) -> (World, FaultProxy, Agent) {
    let (mut world, proxy) = behind_a_proxy(kind, grace).await;
    let agent = Agent::new();
    assert_eq!(agent.sign_in(&world.url("/me"), "alice").await.status, 200);
    world.advance(EXPIRED);
    proxy.set(lost.fault()).await;
    if lost.fault() == Fault::None {
        let browser = copy(&agent);
        assert_eq!(world.get(&browser, "/me").await.status, 200);
        assert_eq!(world.generation(&browser), 1);
    } else {
        assert_waits(&world.get(&agent, "/me").await, &format!("{lost:?}"));
    }
    if lost == Lost::BeforeTheRestart {
        world = world.restarted(|figment| figment).await;
    }
    proxy.heal().await;
    assert_eq!(world.generation(&agent), u64::from(is_stored(kind, lost)));
    (world, proxy, agent)
}

each_kind!(a_lost_answer_is_made_up_for_within_the_grace);
/// F6.
async fn a_lost_answer_is_made_up_for_within_the_grace(kind: Kind) {
    for lost in Lost::ALL {
        let (world, _proxy, agent) = lose(kind, lost, 60).await;
        // Later than the app itself remembers; the pool's grace does not follow this clock.
        world.advance(100);
        let page = world.get(&agent, "/me").await;
        assert_eq!((answer(&page), world.generation(&agent)), ((200, String::new()), 1), "{lost:?}");
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200, "{lost:?}");
        assert_eq!(world.generation(&agent), 2, "{lost:?}");
    }
}

each_kind!(without_a_grace_a_lost_answer_leads_to_a_new_sign_in_and_nowhere_else);
/// F6.
async fn without_a_grace_a_lost_answer_leads_to_a_new_sign_in_and_nowhere_else(kind: Kind) {
    for lost in Lost::ALL {
        let (world, _proxy, agent) = lose(kind, lost, 0).await;
        world.advance(100);
        // The pool knows of nothing, or the store of everything.
        if [Lost::BeforeSend, Lost::AfterSend].contains(&lost) || is_stored(kind, lost) {
            assert_eq!(world.get(&agent, "/me").await.status, 200, "{lost:?}");
            continue;
        }
        let page = world.get(&agent, "/me").await;
        // This process knows that the session went on, with a newer refresh token than the one that was refused.
        if lost == Lost::BeforeTheBrowser {
            kind.assert_over(&page, &agent, &format!("{lost:?}"));
        } else {
            kind.assert_ended_by_pool(&page, &agent, &format!("{lost:?}"));
        }
        let calls = world.calls();
        assert_eq!(answer(&world.get(&agent, "/me").await), kind.afterwards(), "{lost:?}");
        assert_eq!(world.calls(), calls, "{lost:?}");
        // The pool still knows this browser, so that one way there and back is enough.
        let page = agent.follow(&world.url("/me")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{lost:?}: {}", page.body);
        assert_eq!(world.calls() - calls, 1, "{lost:?}");
    }
}

each_kind!(an_answer_that_the_browser_missed_is_repeated_for_a_minute);
/// F6: for a minute the app itself makes up for it.
async fn an_answer_that_the_browser_missed_is_repeated_for_a_minute(kind: Kind) {
    let (world, _proxy, agent) = lose(kind, Lost::BeforeTheBrowser, 0).await;
    let calls = world.calls();
    world.advance(30);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!((world.generation(&agent), world.calls()), (1, calls));
}

/// What a fault of the network does to a renewal: the session waits, and goes on when it is over.
async fn fault(kind: Kind, fault: Fault) -> Result<(), String> {
    let (what, (world, proxy)) = (format!("{kind:?}, {fault:?}"), behind_a_proxy(kind, 60).await);
    let trap = crate::support::stub::Stub::start(crate::support::stub::Answer::ok("{}")).await;
    proxy.set_trap(trap.url(TOKEN));
    let agent = world.session("alice");
    world.advance(EXPIRED);
    proxy.set(fault).await;
    let page = world.get(&agent, "/me").await;
    if answer(&page) != (503, "session_not_renewed".into()) || !page.set_cookies().is_empty() {
        return Err(format!("{what}: {:?} {:?}", answer(&page), page.set_cookies()));
    }
    let connections = proxy.connections();
    if connections > 1 || trap.requests() > 0 {
        return Err(format!("{what}: {connections} connections, {} trapped", trap.requests()));
    }
    // Every other connection of a flapping network works.
    if fault != Fault::Flap {
        proxy.heal().await;
    }
    // A call that hangs does so until it is given up, or its answer comes after all.
    loop {
        world.advance(2);
        let page = world.get(&agent, "/me").await;
        match answer(&page).0 {
            200 if world.generation(&agent) == 1 => return Ok(()),
            503 if page.set_cookies().is_empty() => {}
            _ => return Err(format!("{what}: afterwards {:?}", answer(&page))),
        }
    }
}

/// F8: at both kinds at once, as a call that hangs does so for most of a minute.
#[rocket::async_test]
async fn no_fault_of_the_network_ends_a_session() {
    let all = Kind::all().flat_map(|kind| Fault::ALL.map(|it| Box::pin(fault(kind, it))));
    let results = join_all(all).await;
    let wrong: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_eq!(wrong, [""; 0]);
}
