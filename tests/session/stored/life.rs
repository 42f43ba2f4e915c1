//! How a stored session begins, is refreshed and ends.

use crate::refresh::world::{DUE, EXPIRED, World, rotating};
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, answer};
use crate::support::kind::{Kind, SID};

fn names(agent: &Agent) -> Vec<String> {
    agent.cookies().into_keys().collect()
}

#[rocket::async_test]
async fn a_browser_has_one_cookie_that_only_sign_in_and_sign_out_write() {
    let world = World::start(Kind::Stored, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    assert_eq!(names(&agent), [SID]);
    let cookie = agent.cookie(SID);
    for passed in [1, DUE, EXPIRED, 400] {
        world.advance(passed);
        let (calls, page) = (world.calls(), world.get(&agent, "/me").await);
        assert_eq!((answer(&page), page.set_cookies()), ((200, String::new()), vec![]), "{passed}");
        assert_eq!(world.calls() - calls, u64::from(passed > 1));
    }
    let page = agent.post(&world.url("/auth/refresh"), &SAME_ORIGIN, &[]).await;
    assert_eq!((page.status.as_u16(), page.set_cookies()), (303, vec![]));
    assert_eq!(agent.cookie(SID), cookie);
    let page = agent.post(&world.url("/auth/logout"), &SAME_ORIGIN, &[]).await;
    assert_eq!(page.status, 303);
    assert_eq!(names(&agent), [""; 0]);
    agent.set_cookie(SID, &cookie.unwrap());
    let page = world.get(&agent, "/me").await;
    assert_eq!((answer(&page), page.set_cookies()), ((401, "session_expired".into()), vec![]));
    assert_eq!(world.app.revocations(), 1);
}
