//! Who refreshes a session that several processes share, and what becomes of tokens when something goes wrong.

use std::time::Duration;

use rocket_cognito::local_pool::Failure;
use rocket_cognito::store::SessionStore;

use super::world::{EXPIRED, Fleet, LIFETIME, address, rotating, sign_out};
use crate::refresh::world::copy;
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::gated_store::When::{After, Before};
use crate::support::kind::{Kind, each_store};

/// By then tokens are to be refreshed, and are still valid.
const DUE: u32 = LIFETIME - 50;

/// Returns when the session is of this generation.
async fn comes_to(fleet: &Fleet, agent: &Agent, generation: u64) {
    let comes = async {
        while fleet.generation(agent).await != Some(generation) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), comes).await;
    assert!(waited.is_ok(), "{:?} instead of {generation}", fleet.generation(agent).await);
}

/// A session that is served again, as soon as it has rested.
async fn served(fleet: &Fleet, app: usize, agent: &Agent) {
    let mut page = fleet.get_at(app, agent, "/me").await;
    while page.status == 503 {
        assert_eq!(answer(&page).1, "session_not_renewed");
        page = fleet.get_at(app, agent, "/me").await;
    }
    assert_eq!(page.status, 200, "{}", page.body);
}

each_store!(a_valid_token_serves_while_another_process_refreshes);
/// F2, F12: whoever has a valid token is served while another process refreshes, and asks for the turn once a second.
async fn a_valid_token_serves_while_another_process_refreshes(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(DUE);
    let (hold, turns) = (fleet.app.pool.hold(TOKEN), fleet.store.calls("turn"));
    let meanwhile = async {
        hold.reached(1).await;
        for _ in 0..20 {
            assert_eq!(fleet.get_at(1, &agent, "/me").await.status, 200);
        }
        assert_eq!(fleet.store.calls("turn") - turns, 2, "one for each process");
        fleet.clock.advance(Duration::from_secs(1));
        assert_eq!(fleet.get_at(1, &agent, "/me").await.status, 200);
        assert_eq!(fleet.store.calls("turn") - turns, 3);
        drop(hold);
    };
    let (page, ()) = tokio::join!(fleet.get(&agent, "/me"), meanwhile);
    assert_eq!((page.status.as_u16(), fleet.generation(&agent).await), (200, Some(2)));
}

each_store!(an_expired_token_waits_for_the_process_that_refreshes);
/// F2: whoever has none waits, and gets what the other process has brought.
async fn an_expired_token_waits_for_the_process_that_refreshes(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let (hold, calls) = (fleet.app.pool.hold(TOKEN), fleet.calls());
    let turns = fleet.store.calls("turn");
    let others: Vec<_> = (0..20).map(|_| copy(&agent)).collect();
    let waiting = rocket::futures::future::join_all(others.iter().map(|tab| fleet.get_at(1, tab, "/me")));
    let meanwhile = async {
        hold.reached(1).await;
        while fleet.store.calls("turn") - turns < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(hold);
    };
    let (first, pages, ()) = tokio::join!(fleet.get(&agent, "/me"), waiting, meanwhile);
    assert!(pages.iter().chain([&first]).all(|page| page.status == 200));
    assert_eq!((fleet.calls() - calls, fleet.generation(&agent).await), (1, Some(2)));
}

each_store!(a_lost_lease_loses_no_token_and_ends_no_session);
/// F6: a process that was paused loses its lease, and no token.
async fn a_lost_lease_loses_no_token_and_ends_no_session(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let tab = copy(&agent);
    // The first process has the new tokens in hand, and cannot write them.
    let hold = fleet.store.hold("replace", Before);
    let meanwhile = async {
        hold.reached().await;
        fleet.advance(11);
        let page = fleet.get_at(1, &tab, "/me").await;
        assert_eq!(
            answer(&page),
            (503, "session_not_renewed".into()),
            "refused after a lease that was taken over"
        );
        assert_eq!(page.header("retry-after"), "10");
        assert_eq!(fleet.generation(&tab).await, Some(1));
        drop(hold);
    };
    let (page, ()) = tokio::join!(fleet.get(&agent, "/me"), meanwhile);
    assert_eq!((page.status.as_u16(), fleet.generation(&agent).await), (200, Some(2)));
    for app in 0..2 {
        assert_eq!(fleet.get_at(app, &agent, "/me").await.status, 200, "{app}");
    }
    assert_eq!(fleet.app.revocations(), 0);
}

each_store!(tokens_are_written_when_the_store_is_back);
/// New tokens outlive a store that is out of reach when they come.
async fn tokens_are_written_when_the_store_is_back(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    for answer_is_lost in [false, true] {
        let agent = fleet.signed_in("alice").await;
        fleet.advance(EXPIRED);
        let calls = fleet.calls();
        let hold = fleet.store.hold("replace", if answer_is_lost { After } else { Before });
        let meanwhile = async {
            hold.reached().await;
            fleet.store.set_down(true);
            fleet.store.lose_answers(answer_is_lost);
            drop(hold);
        };
        let (page, ()) = tokio::join!(fleet.get(&agent, "/me"), meanwhile);
        assert_eq!(page.status, 200, "{answer_is_lost}");
        let page = fleet.get(&agent, "/me").await;
        assert_eq!(answer(&page), (503, "sessions_unavailable".into()), "no copy answers in its place");
        assert_eq!(page.set_cookies(), [""; 0]);
        fleet.store.set_down(false);
        fleet.store.lose_answers(false);
        comes_to(&fleet, &agent, 2).await;
        for app in 0..2 {
            assert_eq!(fleet.get_at(app, &agent, "/me").await.status, 200, "{answer_is_lost} {app}");
        }
        assert_eq!(fleet.calls() - calls, 1, "{answer_is_lost}");
    }
    assert_eq!(fleet.app.revocations(), 0);
}

each_store!(tokens_that_wait_for_the_store_do_not_bring_a_session_back);
/// A session that was signed out while its new tokens waited for the store does not come back.
async fn tokens_that_wait_for_the_store_do_not_bring_a_session_back(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let hold = fleet.store.hold("replace", Before);
    let meanwhile = async {
        hold.reached().await;
        fleet.store.set_down(true);
        drop(hold);
    };
    let (page, ()) = tokio::join!(fleet.get(&agent, "/me"), meanwhile);
    assert_eq!(page.status, 200);
    let tab = copy(&agent);
    assert_eq!(sign_out(&fleet.url_at(1, "/auth/logout"), &agent).await.status, 303);
    assert!(agent.cookies().is_empty(), "the cookie goes");
    let page = fleet.get_at(1, &tab, "/me").await;
    assert_eq!(answer(&page), (401, "session_expired".into()), "the process refuses it");
    fleet.store.set_down(false);
    // Whichever process comes first: the tokens in the store are revoked, and new ones that come too late.
    fleet.revoked(1).await;
    while fleet.generation(&tab).await.is_some() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for app in 0..2 {
        assert_eq!(fleet.get_at(app, &tab, "/me").await.status, 401, "{app}");
    }
}

each_store!(a_process_that_remembers_later_tokens_mends_the_store);
/// A failover that lost the last write ends no session.
async fn a_process_that_remembers_later_tokens_mends_the_store(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    let before = fleet.stored(&agent).await.unwrap();
    fleet.advance(EXPIRED);
    let calls = fleet.calls();
    served(&fleet, 0, &agent).await;
    let at = address(&agent);
    // Minutes after the refresh.
    fleet.advance(300);
    fleet.store.inner.remove(&at, None).await.unwrap();
    fleet.store.inner.create(&at, &before.value, Duration::from_secs(900), 100).await.unwrap();
    for app in 0..2 {
        assert_eq!(fleet.get_at(app, &agent, "/me").await.status, 200, "{app}");
        assert_eq!(fleet.generation(&agent).await, Some(2));
    }
    assert_eq!(fleet.calls() - calls, 1);
}

each_store!(a_session_that_is_gone_stays_gone);
/// What has been lost altogether, or was removed elsewhere, is not brought back.
async fn a_session_that_is_gone_stays_gone(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    served(&fleet, 0, &agent).await;
    fleet.store.inner.remove(&address(&agent), None).await.unwrap();
    assert_eq!(answer(&fleet.get(&agent, "/me").await), (401, "session_expired".into()));
    assert!(fleet.stored(&agent).await.is_none());
}

each_store!(a_sick_pool_is_not_asked_by_each_process);
/// Failures and rests count over all processes.
async fn a_sick_pool_is_not_asked_by_each_process(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 3).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let calls = fleet.calls();
    fleet.app.pool.fail(TOKEN, Failure::ServerError);
    let mut rests = Vec::new();
    for failures in 1..=4 {
        for app in 0..3 {
            let page = fleet.get_at(app, &agent, "/me").await;
            assert_eq!(answer(&page), (503, "session_not_renewed".into()), "{failures} {app}");
            rests.push(page.header("retry-after").parse::<u32>().unwrap());
        }
        assert_eq!(fleet.calls() - calls, failures);
        fleet.advance(1 << (failures - 1));
    }
    assert_eq!(rests[..3], [1, 1, 1]);
    assert_eq!(rests[9..], [8, 8, 8]);
    fleet.app.pool.recover(TOKEN);
    served(&fleet, 2, &agent).await;
    assert_eq!(fleet.generation(&agent).await, Some(2));
}

each_store!(a_guarded_request_reads_once_and_an_open_one_not_at_all);
/// A guarded request reads once, however many guards it has, and an open one not at all.
async fn a_guarded_request_reads_once_and_an_open_one_not_at_all(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    for (path, reads) in [("/open", 0), ("/me", 1), ("/many", 1), ("/nowhere", 0)] {
        let before = fleet.store.all_calls();
        fleet.get(&agent, path).await;
        assert_eq!(fleet.store.all_calls() - before, reads, "{path}");
    }
    // A cookie of another form costs nothing, and two are in doubt.
    let before = fleet.store.all_calls();
    for cookie in ["", "1", "1.A.B", "2.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let other = Agent::new();
        other.set_cookie(super::world::SID, cookie);
        assert_eq!(answer(&fleet.get(&other, "/me").await), (401, "session_expired".into()), "{cookie}");
    }
    let two = format!("cognito_sid={}; cognito_sid=1.x.y", agent.cookie(super::world::SID).unwrap());
    let page =
        Agent::new().send(reqwest::Method::GET, &fleet.app.url("/me"), &[("cookie", &two)], None).await;
    assert_eq!(answer(&page), (401, "session_in_doubt".into()));
    assert_eq!(fleet.store.all_calls(), before);
}

each_store!(a_user_is_noted_every_five_minutes_or_by_a_quarter_of_the_idle_limit);
/// S5: that a user has been seen is noted after the answer, now and then.
async fn a_user_is_noted_every_five_minutes_or_by_a_quarter_of_the_idle_limit(kind: Kind) {
    for (setup, every) in [(rotating(0), 300), (rotating(0).set("session_idle_seconds", 600), 150)] {
        let fleet = Fleet::start(kind, setup, 1).await;
        let agent = fleet.signed_in("alice").await;
        // The call is counted before the server has carried it out.
        let is_noted = async || fleet.stored(&agent).await.unwrap().unseen_for < Duration::from_secs(100);
        let touched = async |count| {
            while fleet.store.calls("touch") < count || !is_noted().await {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        for count in 1..=3 {
            fleet.advance(every - 60);
            fleet.get(&agent, "/me").await;
            assert_eq!(fleet.store.calls("touch"), count - 1, "{every}");
            fleet.advance(60);
            fleet.get(&agent, "/me").await;
            tokio::time::timeout(Duration::from_secs(60), touched(count)).await.unwrap();
        }
    }
}

each_store!(a_holder_that_was_overtaken_ends_nothing);
/// F6: a holder that lost its lease and comes late with the old token ends nothing.
async fn a_holder_that_was_overtaken_ends_nothing(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 2).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let (tab, other) = (copy(&agent), copy(&agent));
    // The first process has the lease, and has not asked the pool yet.
    let paused = fleet.store.hold("turn", After);
    let meanwhile = async {
        paused.reached().await;
        fleet.advance(11);
        let written = fleet.store.hold("replace", Before);
        let overtaking = async {
            written.reached().await;
            drop(paused);
            // The first process has been refused by now, and asks the store whose turn it is.
            let turns = fleet.store.calls("turn");
            while fleet.store.calls("turn") < turns + 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(written);
        };
        tokio::join!(fleet.get_at(1, &other, "/me"), overtaking).0
    };
    let (first, second) = tokio::join!(fleet.get(&tab, "/me"), meanwhile);
    assert_eq!(second.status, 200, "{}", second.body);
    assert_ne!(first.status, 401, "{}", first.body);
    assert_eq!(fleet.generation(&agent).await, Some(2));
    assert_eq!(fleet.get_at(1, &agent, "/me").await.status, 200);
    assert_eq!(fleet.app.revocations(), 0);
}

each_store!(a_failure_after_a_lease_was_taken_over_forgets_nothing);
/// F6: another failure in between does not make the next process forget that a holder may be at work.
async fn a_failure_after_a_lease_was_taken_over_forgets_nothing(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 3).await;
    let agent = fleet.signed_in("alice").await;
    fleet.advance(EXPIRED);
    let (tab, hold) = (copy(&agent), fleet.store.hold("replace", Before));
    let meanwhile = async {
        hold.reached().await;
        fleet.advance(11);
        fleet.app.pool.fail_next(TOKEN, 1, Failure::ServerError);
        assert_eq!(fleet.get_at(1, &agent, "/me").await.status, 503);
        fleet.advance(11);
        assert_eq!(fleet.get_at(2, &agent, "/me").await.status, 503, "refused, and not ended");
        drop(hold);
    };
    let (page, ()) = tokio::join!(fleet.get(&tab, "/me"), meanwhile);
    assert_eq!((page.status.as_u16(), fleet.generation(&agent).await), (200, Some(2)));
    assert_eq!(fleet.app.revocations(), 0);
}
