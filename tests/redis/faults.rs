//! Faults of servers and of the way to them: what visitors are answered, and that all is well as soon as they are over.

use std::time::Duration;

use rocket::futures::future::join_all;
use tokio::task::block_in_place;

use super::world::{EXPIRED, SID, World, assert_unavailable, copy, generation, until};
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::redis::RedisServer;
use crate::support::tcp_proxy::{TcpProxy, Way};

/// How often each fault comes, and goes: so often in so many worlds at once.
const TIMES: usize = 5;
const WORLDS: usize = 2;

/// A fault that lasts until it is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Refused,
    Reset,
    Silent,
    Slow,
    Garbled,
    /// The server keeps its connections and does nothing.
    StandsStill,
    /// The server ends, and starts again with what it had saved.
    ShutDown,
    /// A password that the app does not have.
    NeedsPassword,
    NoPermission,
    NoPermissionForScripts,
    Replica,
    /// A replica that does not serve what it has.
    MasterDown,
    Loading,
    /// A script that does not end.
    Busy,
    /// It does not write without a replica.
    NoReplicas,
}

/// A real app over a real server, which is about to be in trouble.
struct Trouble {
    fault: Fault,
    world: World,
    server: RedisServer,
    proxy: TcpProxy,
}

impl Fault {
    /// Whether the server reads what it has, and refuses to write.
    fn reads(self) -> bool {
        matches!(self, Fault::NoPermissionForScripts | Fault::NoReplicas)
    }

    /// The code by which the server refuses commands.
    fn code(self) -> Option<&'static str> {
        Some(match self {
            Fault::NeedsPassword => "NOAUTH",
            Fault::NoPermission => "NOPERM",
            Fault::MasterDown => "MASTERDOWN",
            Fault::Loading => "LOADING",
            Fault::Busy => "BUSY",
            Fault::NoReplicas => "NOREPLICAS",
            _ => return None,
        })
    }
}

impl Trouble {
    async fn start(fault: Fault) -> Option<Self> {
        // What is not compressed takes its time to load.
        let options = ["--busy-reply-threshold", "1", "--rdbcompression", "no"];
        let server = RedisServer::start(&options)?;
        let (world, proxy) = World::behind_a_proxy(&server).await;
        Some(Trouble { fault, world, server, proxy })
    }

    fn begin(&self) {
        let server = &self.server;
        let run = |commands: &[&str]| commands.iter().for_each(|command| _ = server.run(command));
        match self.fault {
            Fault::Refused => self.proxy.set(Way::Refused),
            Fault::Reset => self.proxy.set(Way::Reset),
            Fault::Silent => self.proxy.set(Way::Silent),
            Fault::Slow => self.proxy.set(Way::Slow(Duration::from_millis(1500))),
            Fault::Garbled => self.proxy.set(Way::Garbled),
            Fault::StandsStill => server.stand_still(true),
            Fault::ShutDown => server.shut_down(true),
            // Whoever is connected stays signed in.
            Fault::NeedsPassword => run(&["CONFIG SET requirepass other", "CLIENT KILL USER default"]),
            Fault::NoPermission => run(&["ACL SETUSER default -hmget -eval -evalsha -hgetall"]),
            Fault::NoPermissionForScripts => run(&["ACL SETUSER default -hset -hget -get -set"]),
            Fault::Replica => run(&["REPLICAOF 127.0.0.1 1", "CLIENT KILL USER default"]),
            Fault::MasterDown => run(&["CONFIG SET replica-serve-stale-data no", "REPLICAOF 127.0.0.1 1"]),
            Fault::Loading => {
                run(&["DEBUG POPULATE 4000 filler 1000"]);
                server.shut_down(true);
                let slowly = ["--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"];
                server.start_again(&slowly);
            }
            Fault::Busy => server.client().post(&["EVAL", "while true do end", "0"]),
            Fault::NoReplicas => run(&["CONFIG SET min-replicas-to-write 1"]),
        }
    }

    fn end(&self) {
        let server = &self.server;
        let run = |commands: &[&str]| commands.iter().for_each(|command| _ = server.run(command));
        match self.fault {
            Fault::Refused | Fault::Reset | Fault::Silent | Fault::Slow | Fault::Garbled => {
                self.proxy.set(Way::Open)
            }
            Fault::StandsStill => server.stand_still(false),
            Fault::ShutDown => server.start_again(&[]),
            Fault::NeedsPassword => run(&["CONFIG SET requirepass "]),
            Fault::NoPermission => run(&["ACL SETUSER default +hmget +eval +evalsha +hgetall"]),
            Fault::NoPermissionForScripts => run(&["ACL SETUSER default +hset +hget +get +set"]),
            Fault::Replica => run(&["REPLICAOF NO ONE"]),
            Fault::MasterDown => run(&["REPLICAOF NO ONE", "CONFIG SET replica-serve-stale-data yes"]),
            Fault::Loading => run(&["CONFIG SET key-load-delay 0"]),
            Fault::Busy => run(&["SCRIPT KILL"]),
            Fault::NoReplicas => run(&["CONFIG SET min-replicas-to-write 0"]),
        }
    }

    /// Whether the server has refused a command by this code since it started.
    fn has_refused(&self, code: &str) -> bool {
        self.server.run("INFO errorstats").text().contains(&format!("errorstat_{code}:"))
    }

    /// One coming and going of the fault, which a browser of each kind meets. It returns one that has been signed out.
    async fn round(&self, refreshing: &Agent) -> Agent {
        let Trouble { fault, world, .. } = self;
        let what = format!("{fault:?}");
        let (staying, leaving, entering) =
            (world.signed_in("bob").await, world.signed_in("carol").await, Agent::new());
        let (tab, token) = (copy(&leaving), world.token("bob"));
        let callback = world.app.begin(&entering, "/me").await;

        // The fault comes while the pool is asked for new tokens.
        let hold = world.app.pool.hold(TOKEN);
        let meanwhile = async {
            hold.reached(1).await;
            block_in_place(|| self.begin());
            drop(hold);
        };
        let (page, ()) = tokio::join!(world.get(refreshing, "/me"), meanwhile);
        assert_eq!(page.status, 200, "{what}: new tokens serve whoever waits for them: {}", page.body);

        if let Some(code) = fault.code().filter(|_| [Fault::Loading, Fault::NeedsPassword].contains(fault)) {
            // By then the app has connected to the server that refuses it.
            let refused = async {
                while !self.has_refused(code) {
                    assert_unavailable(&world.get(&staying, "/me").await, &what);
                }
            };
            tokio::time::timeout(Duration::from_secs(15), refused).await.expect("a connection");
        }

        let calls = world.calls();
        let anonymous = Agent::new();
        let (guard, list, sign_in, sign_out, bearer, anybody) = tokio::join!(
            world.get(&staying, "/me"),
            world.with_token("/sessions", &token),
            entering.get(&callback),
            world.sign_out(&leaving),
            world.with_token("/me", &token),
            world.get(&anonymous, "/"),
        );
        match fault.reads() {
            true => assert_eq!((guard.status.as_u16(), list.status.as_u16()), (200, 200), "{what}"),
            false => [&guard, &list].iter().for_each(|page| assert_unavailable(page, &what)),
        }
        assert_unavailable(&sign_in, &what);
        assert_eq!(world.calls(), calls, "{what}: the code is not sent");
        assert_eq!((sign_out.status.as_u16(), leaving.cookie(SID)), (303, None), "{what}");
        assert_eq!((bearer.status.as_u16(), anybody.body.as_str()), (200, "nobody"), "{what}");
        let page = world.get(&tab, "/me").await;
        assert_eq!(answer(&page), (401, "session_expired".into()), "{what}: who signed out is refused here");

        block_in_place(|| self.end());
        assert_eq!(world.recovered(&staying, &what).await.status, 200, "{what}");
        assert_eq!(world.get(&tab, "/me").await.status, 401, "{what}");
        let page = entering.get(&callback).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{what}: {}", page.body);
        assert_eq!(world.get(&entering, "/me").await.status, 200, "{what}");
        assert_eq!(world.calls(), calls + 1, "{what}");
        tab
    }
}

/// Each fault comes and goes, many times. Each world has a task of its own, so that none waits for another's server.
async fn assert_survived(faults: &[Fault]) {
    let worlds = faults.iter().flat_map(|fault| [*fault; WORLDS]);
    for world in worlds.map(|fault| tokio::spawn(assert_one_survived(fault))).collect::<Vec<_>>() {
        world.await.unwrap();
    }
}

async fn assert_one_survived(fault: Fault) {
    let Some(trouble) = Trouble::start(fault).await else { return };
    let Trouble { world, server, .. } = &trouble;
    let refreshing = join_all((0..TIMES).map(|_| world.signed_in("alice"))).await;
    world.advance(EXPIRED);
    let mut signed_out = Vec::new();
    for agent in &refreshing {
        signed_out.push(trouble.round(agent).await);
    }
    assert!(fault.code().is_none_or(|code| trouble.has_refused(code)), "{fault:?} did not come");
    let calls = world.calls();
    for tab in &signed_out {
        until("the session is removed", || generation(server, tab).is_none()).await;
    }
    for agent in &refreshing {
        until("new tokens are stored", || generation(server, agent) == Some(2)).await;
        assert_eq!(world.get(agent, "/me").await.status, 200, "{fault:?}");
    }
    assert_eq!(world.calls(), calls, "{fault:?}: the pool is asked once for each session");
}

/// O8.
#[rocket::async_test]
async fn a_way_to_redis_that_fails_ends_no_session() {
    assert_survived(&[Fault::Refused, Fault::Reset, Fault::Silent, Fault::Slow, Fault::Garbled]).await;
}

/// O8.
#[rocket::async_test]
async fn a_redis_that_does_not_do_its_work_ends_no_session() {
    let faults = [Fault::StandsStill, Fault::ShutDown, Fault::Loading, Fault::Busy];
    assert_survived(&faults).await;
}

/// O8.
#[rocket::async_test]
async fn a_redis_that_refuses_commands_ends_no_session() {
    use Fault::{MasterDown, NeedsPassword, NoPermission, NoPermissionForScripts, NoReplicas, Replica};
    let faults = [NeedsPassword, NoPermission, NoPermissionForScripts, NoReplicas, Replica, MasterDown];
    assert_survived(&faults).await;
}
