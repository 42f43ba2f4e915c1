//! What has been signed out stays so, wherever a refresh of it is under way.

use super::world::{EXPIRED, Fleet, SID, rotating, sign_out};
use crate::refresh::world::copy;
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::gated_store::When::{After, Before};

/// How often each case is tried.
const TIMES: usize = 100;

/// Where a refresh is, while somebody signs out.
#[derive(Debug, Clone, Copy)]
enum Point {
    BeforeTurn,
    WithTurn,
    AtThePool,
    BeforeWrite,
    Written,
}

const POINTS: [Point; 5] =
    [Point::BeforeTurn, Point::WithTurn, Point::AtThePool, Point::BeforeWrite, Point::Written];

impl Point {
    /// How many refresh tokens are revoked: the one that lay in the store, and a new one that nobody keeps.
    fn revocations(self) -> u64 {
        match self {
            Point::BeforeTurn | Point::WithTurn | Point::Written => 1,
            Point::AtThePool | Point::BeforeWrite => 2,
        }
    }
}

/// Runs `end` while the first app refreshes the session of `agent`, and returns what the refresh was answered.
async fn end_at(fleet: &Fleet, point: Point, agent: &Agent, end: impl Future<Output = ()>) -> (u16, String) {
    let tab = copy(agent);
    let meanwhile = async {
        let store_hold = |method, when| {
            let hold = fleet.store.hold(method, when);
            async move {
                hold.reached().await;
                hold
            }
        };
        match point {
            Point::BeforeTurn => drop((store_hold("turn", Before).await, end.await)),
            Point::WithTurn => drop((store_hold("turn", After).await, end.await)),
            Point::BeforeWrite => drop((store_hold("replace", Before).await, end.await)),
            Point::Written => drop((store_hold("replace", After).await, end.await)),
            Point::AtThePool => {
                let hold = fleet.app.pool.hold(TOKEN);
                hold.reached(1).await;
                end.await;
                drop(hold);
            }
        }
    };
    let (page, ()) = tokio::join!(fleet.get(&tab, "/me"), meanwhile);
    assert_eq!(page.set_cookies(), [""; 0], "{point:?}");
    answer(&page)
}

/// L8, L9.
#[rocket::async_test]
async fn a_sign_out_wins_over_a_refresh_at_another_process() {
    let fleet = Fleet::start(rotating(0), 2).await;
    for point in POINTS {
        let agents = fleet.all_signed_in(TIMES).await;
        fleet.advance(EXPIRED);
        for (time, agent) in agents.iter().enumerate() {
            let (tab, calls) = (copy(agent), fleet.app.revocations());
            let end = async {
                let page = sign_out(&fleet.url_at(1, "/auth/logout"), agent).await;
                assert_eq!((page.status.as_u16(), agent.cookie(SID)), (303, None));
            };
            let refreshed = end_at(&fleet, point, &tab, end).await;
            // The answer to a request that came before the sign-out may be either.
            let expected = if matches!(point, Point::Written) { 200 } else { 401 };
            assert_eq!(refreshed.0, expected, "{point:?} {time}: {refreshed:?}");
            for app in 0..2 {
                let page = fleet.get_at(app, &tab, "/me").await;
                assert_eq!(answer(&page), (401, "session_expired".into()), "{point:?} {time}");
                assert_eq!(page.set_cookies(), [""; 0], "a 401 removes nothing");
            }
            assert!(fleet.stored(&tab).await.is_none(), "{point:?} {time}");
            fleet.revoked(calls + point.revocations()).await;
        }
    }
}
