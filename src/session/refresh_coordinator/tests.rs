//! What many sessions, failures and stragglers come to; over HTTP they are in `tests/session/refresh`.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn turn(coordinator: &RefreshCoordinator, session: &str, generation: u32, now: Instant) -> RefreshTurn {
    coordinator.turn(session, generation, false, now, |_| true)
}

fn finish(
    coordinator: &RefreshCoordinator,
    session: &str,
    replaced: u32,
    result: RefreshResult,
    now: Instant,
) {
    let RefreshTurn::Leader(leader, _) = turn(coordinator, session, replaced, now) else {
        panic!("{session} is first")
    };
    coordinator.finish(session, replaced, leader, result, now);
}

/// The tokens of a generation, of about so many bytes.
fn tokens(generation: u32, bytes: usize) -> Arc<IssuedSession> {
    let record = serde_json::json!({
        "issuer": "", "client_id": "", "sub": "", "session_id": "", "created_at": 0, "seen_at": 0,
        "generation": generation, "issued_at": 0, "refresh_token": "x".repeat(bytes),
    });
    let record = serde_json::from_value(record).unwrap();
    Arc::new(IssuedSession::unusable(record))
}

fn refreshed(generation: u32) -> RefreshResult {
    RefreshResult::Refreshed { issued: tokens(generation, 1), is_usable: true }
}

/// To the next generation, which a browser gets.
fn refresh(coordinator: &RefreshCoordinator, session: &str, replaced: u32, now: Instant) {
    finish(coordinator, session, replaced, refreshed(replaced + 1), now);
    assert!(coordinator.deliver(session, &tokens(replaced + 1, 1), now).is_some());
}

fn generation(refreshed: &IssuedSession) -> u32 {
    refreshed.generation()
}

/// The later generation that a browser gets without asking the pool.
fn found(coordinator: &RefreshCoordinator, session: &str, missed: u32, now: Instant) -> Option<u32> {
    match turn(coordinator, session, missed, now) {
        RefreshTurn::Done(RefreshOutcome::Refreshed(refreshed)) => Some(generation(&refreshed)),
        _ => None,
    }
}

/// F17.
#[test]
fn rests_double_up_to_half_a_minute_and_end_with_a_success() {
    let (coordinator, mut now) = (RefreshCoordinator::new(), Instant::now());
    for series in 0..2 {
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            finish(&coordinator, "a", series, RefreshResult::Unavailable(None), now);
            now += rest * SECOND - Duration::from_millis(1);
            assert!(matches!(
                turn(&coordinator, "a", series, now),
                RefreshTurn::Done(RefreshOutcome::Unavailable)
            ));
            assert!(matches!(turn(&coordinator, "another", 0, now), RefreshTurn::Leader(..)));
            now += Duration::from_millis(1);
        }
        refresh(&coordinator, "a", series, now);
        // Nobody has missed the last generation by then.
        now += 2 * KEEP_DELIVERED;
    }
}

/// F18.
#[test]
fn a_pause_holds_for_every_session_and_for_a_minute_at_most() {
    for (asked_for, kept) in [(7, 7), (60, 60), (u64::MAX, 60)] {
        let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
        finish(&coordinator, "a", 0, RefreshResult::Unavailable(Some(Duration::from_secs(asked_for))), now);
        let is_first =
            |after| matches!(turn(&coordinator, "another", 0, now + after), RefreshTurn::Leader(..));
        assert!(!is_first(kept * SECOND - Duration::from_millis(1)));
        assert!(is_first(kept * SECOND));
    }
}

/// F4, F13.
#[test]
fn for_a_minute_the_replaced_generations_get_the_latest() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    refresh(&coordinator, "a", 0, now);
    refresh(&coordinator, "a", 1, now + 30 * SECOND);
    let later = now + 60 * SECOND;
    assert_eq!([0, 1].map(|missed| found(&coordinator, "a", missed, later)), [Some(2); 2]);
    assert!(matches!(coordinator.since("a", 1, later), ChangeSince::Refreshed(Some(_))));
    assert!(coordinator.sweep(later));
    let later = now + 91 * SECOND;
    assert_eq!([0, 1].map(|missed| found(&coordinator, "a", missed, later)), [None; 2]);
    assert!(matches!(coordinator.since("a", 1, later), ChangeSince::Refreshed(None)), "its tokens are gone");
    assert!(matches!(coordinator.since("a", 2, later), ChangeSince::Nothing));
    assert!(!coordinator.sweep(later));
}

/// F3, F13: the pool has answered when nobody waited any more.
#[test]
fn for_ten_minutes_tokens_wait_for_the_browser_that_has_missed_them() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    finish(&coordinator, "a", 0, refreshed(1), now);
    assert_eq!(found(&coordinator, "a", 0, now + KEEP), Some(1));
    assert!(coordinator.sweep(now + KEEP));
    // By then they have expired themselves, and their refresh token has not.
    let later = now + KEEP;
    let RefreshTurn::Leader(leader, Some(successor)) = coordinator.turn("a", 0, false, later, |_| false)
    else {
        panic!("the first to ask")
    };
    assert_eq!(generation(&successor), 1);
    coordinator.finish("a", 1, leader, refreshed(2), later);
    let later = later + KEEP;
    assert_eq!([0, 1].map(|missed| found(&coordinator, "a", missed, later)), [Some(2); 2]);

    // An older answer does not say that they have arrived, and is not what the browser gets.
    let given = coordinator.deliver("a", &tokens(1, 1), later);
    assert_eq!(given.as_deref().map(generation), Some(2));
    let later = later + KEEP_DELIVERED;
    assert_eq!([0, 1].map(|missed| found(&coordinator, "a", missed, later)), [Some(2); 2]);
    assert_eq!([0, 1].map(|missed| found(&coordinator, "a", missed, later + SECOND)), [None; 2]);

    finish(&coordinator, "b", 0, refreshed(1), now);
    assert!(matches!(turn(&coordinator, "b", 0, now + KEEP + SECOND), RefreshTurn::Leader(_, None)));
}

/// O5, F3: forgotten, the only copy of a refresh token would be gone.
#[test]
fn tokens_that_no_browser_has_been_given_are_not_forgotten_for_others() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    finish(&coordinator, "late", 0, refreshed(1), now);
    let tokens = tokens(1, 64 * 1024);
    for number in 0..MAX_TOKEN_BYTES / tokens.tokens.bytes() + 2 {
        let refreshed = RefreshResult::Refreshed { issued: Arc::clone(&tokens), is_usable: true };
        finish(&coordinator, &number.to_string(), 0, refreshed, now);
        assert!(coordinator.deliver(&number.to_string(), &tokens, now).is_some());
    }
    assert_eq!(found(&coordinator, "0", 0, now), None, "the control: the oldest makes room");
    assert_eq!(found(&coordinator, "late", 0, now), Some(1));
    for number in 0..2 * CAPACITY {
        drop(coordinator.end(&number.to_string(), now));
    }
    assert_eq!(found(&coordinator, "late", 0, now), Some(1));
}

/// F7.
#[test]
fn a_refusal_of_an_older_generation_does_not_end_the_session() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    let RefreshTurn::Leader(late, _) = turn(&coordinator, "a", 0, now) else { panic!("the first") };
    coordinator.lock().sessions.remove("a");
    refresh(&coordinator, "a", 0, now);
    let outcome = coordinator.finish("a", 0, late, RefreshResult::Ended, now);
    assert!(matches!(outcome, RefreshOutcome::Refreshed(refreshed) if generation(&refreshed) == 1));
    finish(&coordinator, "a", 0, RefreshResult::Ended, now + 61 * SECOND);
    assert!(!coordinator.has_ended("a"));
    finish(&coordinator, "a", 1, RefreshResult::Ended, now + 62 * SECOND);
    assert!(coordinator.has_ended("a"));
}

/// M10: a sign-out before it or after it does not change that.
#[test]
fn who_has_ended_a_session_is_remembered() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    finish(&coordinator, "refused", 0, RefreshResult::Refused, now);
    finish(&coordinator, "ended", 0, RefreshResult::Ended, now);
    let RefreshTurn::Leader(leader, _) = turn(&coordinator, "signed out", 0, now) else {
        panic!("the first")
    };
    drop(coordinator.end("signed out", now));
    coordinator.finish("signed out", 0, leader, RefreshResult::Refused, now);
    drop(coordinator.end("refused", now));
    let ends = ["refused", "ended", "signed out"].map(|id| (coordinator.end_of(id, now), id));
    let (pool, app) = (Some((EndedBy::Pool, false)), Some((EndedBy::App, false)));
    assert_eq!(ends, [(pool, "refused"), (app, "ended"), (app, "signed out")]);
    // An older copy of a session that goes on was refused.
    refresh(&coordinator, "copied", 0, now);
    coordinator.lock().tokens.remove("copied");
    let RefreshTurn::Leader(leader, None) = turn(&coordinator, "copied", 0, now) else { panic!("no tokens") };
    let outcome = coordinator.finish("copied", 0, leader, RefreshResult::Refused, now);
    assert!(matches!(outcome, RefreshOutcome::Ended { by: EndedBy::App, clear_cookies: true }));
}

/// L8.
#[test]
fn an_end_wins_over_a_renewal_and_is_remembered_for_ten_minutes() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    refresh(&coordinator, "a", 0, now);
    let RefreshTurn::Leader(leader, _) = turn(&coordinator, "a", 1, now) else { panic!("the first") };
    assert_eq!(coordinator.end("a", now).as_deref().map(generation), Some(1));
    assert!(coordinator.end("a", now).is_none());
    assert!(matches!(
        coordinator.finish("a", 1, leader, refreshed(2), now),
        RefreshOutcome::Ended { clear_cookies: false, .. }
    ));
    assert!(matches!(coordinator.since("a", 1, now), ChangeSince::Ended));
    assert!(
        matches!(
            turn(&coordinator, "a", 1, now + KEEP_DELIVERED),
            RefreshTurn::Done(RefreshOutcome::Ended { clear_cookies: false, .. })
        ),
        "a moment ago"
    );
    assert_eq!(coordinator.end_of("a", now + KEEP_DELIVERED), Some((EndedBy::App, false)));
    assert_eq!(coordinator.end_of("a", now + KEEP_DELIVERED + SECOND), Some((EndedBy::App, true)));
    assert!(matches!(
        turn(&coordinator, "a", 1, now + KEEP),
        RefreshTurn::Done(RefreshOutcome::Ended { clear_cookies: true, .. })
    ));
    assert!(matches!(turn(&coordinator, "a", 1, now + KEEP + SECOND), RefreshTurn::Leader(..)));
}

/// F1: a task that panics keeps nobody from asking.
#[test]
fn a_renewal_that_was_lost_is_begun_anew() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    let first = turn(&coordinator, "a", 0, now);
    assert!(matches!(turn(&coordinator, "a", 0, now), RefreshTurn::Follower(_)));
    drop(first);
    assert!(matches!(turn(&coordinator, "a", 0, now), RefreshTurn::Leader(..)));
}

/// O5.
#[test]
fn a_million_sessions_take_bounded_memory() {
    let (coordinator, start) = (RefreshCoordinator::new(), Instant::now());
    let tokens = tokens(1, 10_000);
    for number in 0..1_000_000_u32 {
        let now = start + Duration::from_millis(u64::from(number) / 100);
        match number % 4 {
            0 => drop(coordinator.end(&number.to_string(), now)),
            1 => finish(&coordinator, &number.to_string(), 0, RefreshResult::Unavailable(None), now),
            _ => {
                let refreshed = RefreshResult::Refreshed { issued: Arc::clone(&tokens), is_usable: true };
                finish(&coordinator, &number.to_string(), 0, refreshed, now);
                drop(coordinator.deliver(&number.to_string(), &tokens, now));
            }
        }
        if number % 100_000 == 99_999 {
            let entries = coordinator.lock();
            let (sessions, (latest, bytes)) =
                (entries.sessions.len_and_weight().0, entries.tokens.len_and_weight());
            assert!(sessions <= CAPACITY && bytes <= MAX_TOKEN_BYTES);
            assert!((3_000..=sessions).contains(&latest), "{latest}");
        }
    }
    coordinator.sweep(start + 2 * KEEP);
    let entries = coordinator.lock();
    assert_eq!((entries.sessions.len_and_weight(), entries.tokens.len_and_weight()), ((0, 0), (0, 0)));
}

/// O5.
#[test]
fn who_signs_out_again_and_again_pushes_nobody_out() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    coordinator.end("a", now);
    (0..10 * CAPACITY).for_each(|_| drop(coordinator.end("b", now)));
    assert!(coordinator.has_ended("a"));
}

/// F15: that too many calls are under way is no failure of the pool.
#[test]
fn a_session_that_found_no_free_call_rests_a_second_however_often() {
    let (coordinator, mut now) = (RefreshCoordinator::new(), Instant::now());
    for _ in 0..10 {
        finish(&coordinator, "a", 0, RefreshResult::Busy, now);
        assert!(matches!(turn(&coordinator, "a", 0, now), RefreshTurn::Done(RefreshOutcome::Unavailable)));
        now += SECOND;
        assert!(matches!(turn(&coordinator, "a", 0, now), RefreshTurn::Leader(..)));
    }
}

/// F18.
#[test]
fn a_shorter_pause_does_not_end_a_longer_one() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    // Both are under way before either is answered.
    let turns = [("a", 60), ("b", 1)]
        .map(|(session, seconds)| (session, seconds, turn(&coordinator, session, 0, now)));
    for (session, seconds, turn) in turns {
        let RefreshTurn::Leader(leader, _) = turn else { panic!("{session} is first") };
        coordinator.finish(session, 0, leader, RefreshResult::Unavailable(Some(seconds * SECOND)), now);
    }
    let after = |seconds| turn(&coordinator, "c", 0, now + Duration::from_secs(seconds));
    assert!(matches!(after(59), RefreshTurn::Done(RefreshOutcome::Unavailable)));
    assert!(matches!(after(60), RefreshTurn::Leader(..)));
}

/// F1, O5: forgotten, its refresh token would be used a second time.
#[test]
fn a_renewal_under_way_is_not_forgotten_for_others() {
    let (coordinator, now) = (RefreshCoordinator::new(), Instant::now());
    // As many as may be, late ones included.
    let sessions = (0..44).map(|number| format!("slow {number}"));
    let slow: Vec<_> = sessions.map(|session| (turn(&coordinator, &session, 0, now), session)).collect();
    for number in 0..2 * CAPACITY {
        drop(coordinator.end(&number.to_string(), now));
    }
    for (_, session) in &slow {
        assert!(matches!(turn(&coordinator, session, 0, now), RefreshTurn::Follower(_)), "{session}");
    }
    drop(slow);
    assert!(coordinator.lock().sessions.len_and_weight().0 <= CAPACITY);
}
