//! What has been signed out stays so, wherever a refresh of it is under way.

use rocket_cognito::local_pool::Hold;

use super::world::{Fleet, SID, rotating, sign_out};
use crate::refresh::world::copy;
use crate::support::agent::{Agent, Page, answer};
use crate::support::gated_store::StoreHold;
use crate::support::gated_store::When::{After, Before};
use crate::support::kind::{Kind, each_store};
use crate::support::{SAME_ORIGIN, TOKEN};

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

/// What holds a refresh up.
enum Held {
    Store(StoreHold),
    Pool(Hold),
}

impl Point {
    /// Holds up the next refresh.
    fn hold(self, fleet: &Fleet) -> Held {
        match self {
            Point::BeforeTurn => Held::Store(fleet.store.hold("turn", Before)),
            Point::WithTurn => Held::Store(fleet.store.hold("turn", After)),
            Point::AtThePool => Held::Pool(fleet.app.pool.hold(TOKEN)),
            Point::BeforeWrite => Held::Store(fleet.store.hold("replace", Before)),
            Point::Written => Held::Store(fleet.store.hold("replace", After)),
        }
    }

    /// How many refresh tokens are revoked: the one that lay in the store, and a new one that nobody keeps.
    fn revocations(self) -> u64 {
        match self {
            Point::BeforeTurn | Point::WithTurn | Point::Written => 1,
            Point::AtThePool | Point::BeforeWrite => 2,
        }
    }
}

impl Held {
    async fn reached(&self) {
        match self {
            Held::Store(hold) => hold.reached().await,
            Held::Pool(hold) => hold.reached(1).await,
        }
    }
}

/// Runs `end` while the first app refreshes the session of `agent`, and checks that nothing is left of it.
async fn end_at(fleet: &Fleet, point: Point, agent: &Agent, end: impl Future<Output = ()>) {
    let (tab, revoked) = (copy(agent), fleet.app.revocations());
    let held = point.hold(fleet);
    let meanwhile = async {
        held.reached().await;
        end.await;
        drop(held);
    };
    let url = fleet.app.url("/auth/refresh");
    let (page, ()): (Page, _) = tokio::join!(tab.post(&url, &SAME_ORIGIN, &[]), meanwhile);
    // Where the new tokens were written before, the answer may be either.
    let expected = if matches!(point, Point::Written) { [303, 401] } else { [401, 401] };
    assert!(expected.contains(&page.status.as_u16()), "{point:?}: {}", page.status);
    assert_eq!(page.set_cookies(), [""; 0], "{point:?}");
    for app in 0..2 {
        let page = fleet.get_at(app, &tab, "/me").await;
        assert_eq!(answer(&page), (401, "session_expired".into()), "{point:?}");
        assert_eq!(page.set_cookies(), [""; 0], "a 401 removes nothing");
    }
    assert!(fleet.stored(&tab).await.is_none(), "{point:?}");
    fleet.revoked(revoked + point.revocations()).await;
}

each_store!(a_sign_out_wins_over_a_refresh_at_another_process);
/// L8, L9.
async fn a_sign_out_wins_over_a_refresh_at_another_process(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    for point in POINTS {
        for agent in fleet.all_signed_in(TIMES).await {
            end_at(&fleet, point, &copy(&agent), async {
                let page = sign_out(&fleet.url_at(1, "/auth/logout"), &agent).await;
                assert_eq!((page.status.as_u16(), agent.cookie(SID)), (303, None));
            })
            .await;
        }
    }
}

each_store!(the_end_of_all_sessions_wins_over_a_refresh_at_another_process);
/// L8, L10.
async fn the_end_of_all_sessions_wins_over_a_refresh_at_another_process(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    for point in POINTS {
        for _ in 0..TIMES {
            let agent = fleet.signed_in("alice").await;
            end_at(&fleet, point, &agent, async {
                let page = fleet.get_at(1, &agent, "/end-all").await;
                assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "1"), "{point:?}");
            })
            .await;
        }
    }
}
