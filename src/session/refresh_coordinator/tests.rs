//! What many sessions, failures and stragglers come to; over HTTP they are in `tests/refresh`.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn turn(renewals: &Renewals, session: &str, generation: u32, now: Instant) -> Turn {
    renewals.turn(session, generation, now, |_| true)
}

fn finish(renewals: &Renewals, session: &str, replaced: u32, finished: Finished, now: Instant) {
    let Turn::First(leader, _) = turn(renewals, session, replaced, now) else { panic!("{session} is first") };
    renewals.finish(session, replaced, leader, finished, now);
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

fn renewed(generation: u32) -> Finished {
    Finished::Renewed { issued: tokens(generation, 1), is_usable: true }
}

/// To the next generation.
fn renew(renewals: &Renewals, session: &str, replaced: u32, now: Instant) {
    finish(renewals, session, replaced, renewed(replaced + 1), now);
}

fn generation(renewed: &IssuedSession) -> u32 {
    renewed.tokens.record.generation
}

/// F17.
#[test]
fn rests_double_up_to_half_a_minute_and_end_with_a_success() {
    let (renewals, mut now) = (Renewals::new(), Instant::now());
    for series in 0..2 {
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            finish(&renewals, "a", series, Finished::Unavailable(None), now);
            now += rest * SECOND - Duration::from_millis(1);
            assert!(matches!(turn(&renewals, "a", series, now), Turn::Done(Outcome::Unavailable)));
            assert!(matches!(turn(&renewals, "another", 0, now), Turn::First(..)));
            now += Duration::from_millis(1);
        }
        renew(&renewals, "a", series, now);
        // Nobody has missed the last generation by then.
        now += 2 * KEEP_TOKENS;
    }
}

/// F18.
#[test]
fn a_pause_holds_for_every_session_and_for_a_minute_at_most() {
    for (asked_for, kept) in [(7, 7), (60, 60), (u64::MAX, 60)] {
        let (renewals, now) = (Renewals::new(), Instant::now());
        finish(&renewals, "a", 0, Finished::Unavailable(Some(Duration::from_secs(asked_for))), now);
        let is_first = |after| matches!(turn(&renewals, "another", 0, now + after), Turn::First(..));
        assert!(!is_first(kept * SECOND - Duration::from_millis(1)));
        assert!(is_first(kept * SECOND));
    }
}

/// F4, F13.
#[test]
fn for_a_minute_the_replaced_generations_get_the_latest() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    renew(&renewals, "a", 0, now);
    renew(&renewals, "a", 1, now + 30 * SECOND);
    let successor = |missed, after| match turn(&renewals, "a", missed, now + after) {
        Turn::Done(Outcome::Renewed(renewed)) => Some(generation(&renewed)),
        _ => None,
    };
    assert_eq!([0, 1].map(|missed| successor(missed, 60 * SECOND)), [Some(2); 2]);
    assert!(matches!(renewals.since("a", 1), Since::Renewed(Some(_))));
    assert_eq!([0, 1].map(|missed| successor(missed, 91 * SECOND)), [None; 2]);
    assert!(matches!(renewals.since("a", 1), Since::Renewed(None)), "its tokens are gone");
    assert!(matches!(renewals.since("a", 2), Since::Nothing));
}

/// F7.
#[test]
fn a_refusal_of_an_older_generation_does_not_end_the_session() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    let Turn::First(late, _) = turn(&renewals, "a", 0, now) else { panic!("the first") };
    renewals.lock().sessions.remove("a");
    renew(&renewals, "a", 0, now);
    let outcome = renewals.finish("a", 0, late, Finished::Over, now);
    assert!(matches!(outcome, Outcome::Renewed(renewed) if generation(&renewed) == 1));
    finish(&renewals, "a", 0, Finished::Over, now + 61 * SECOND);
    assert!(!renewals.is_over("a"));
    finish(&renewals, "a", 1, Finished::Over, now + 62 * SECOND);
    assert!(renewals.is_over("a"));
}

/// L8.
#[test]
fn an_end_wins_over_a_renewal_and_is_remembered_for_ten_minutes() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    renew(&renewals, "a", 0, now);
    let Turn::First(leader, _) = turn(&renewals, "a", 1, now) else { panic!("the first") };
    assert_eq!(renewals.end("a", now).as_deref().map(generation), Some(1));
    assert!(renewals.end("a", now).is_none());
    assert!(matches!(renewals.finish("a", 1, leader, renewed(2), now), Outcome::Ended));
    assert!(matches!(renewals.since("a", 1), Since::Over));
    assert!(matches!(turn(&renewals, "a", 1, now + KEEP_TOKENS), Turn::Done(Outcome::Ended)), "a moment ago");
    assert!(matches!(renewals.end_of("a", now + KEEP_TOKENS), Some(Outcome::Ended)));
    assert!(matches!(renewals.end_of("a", now + KEEP_TOKENS + SECOND), Some(Outcome::Over)));
    assert!(matches!(turn(&renewals, "a", 1, now + KEEP), Turn::Done(Outcome::Over)));
    assert!(matches!(turn(&renewals, "a", 1, now + KEEP + SECOND), Turn::First(..)));
}

/// F1: a task that panics keeps nobody from asking.
#[test]
fn a_renewal_that_was_lost_is_begun_anew() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    let first = turn(&renewals, "a", 0, now);
    assert!(matches!(turn(&renewals, "a", 0, now), Turn::UnderWay(_)));
    drop(first);
    assert!(matches!(turn(&renewals, "a", 0, now), Turn::First(..)));
}

/// O5.
#[test]
fn a_million_sessions_take_bounded_memory() {
    let (renewals, start) = (Renewals::new(), Instant::now());
    let tokens = tokens(1, 10_000);
    for number in 0..1_000_000_u32 {
        let now = start + Duration::from_millis(u64::from(number) / 100);
        match number % 4 {
            0 => drop(renewals.end(&number.to_string(), now)),
            1 => finish(&renewals, &number.to_string(), 0, Finished::Unavailable(None), now),
            _ => {
                let renewed = Finished::Renewed { issued: Arc::clone(&tokens), is_usable: true };
                finish(&renewals, &number.to_string(), 0, renewed, now);
            }
        }
        if number % 100_000 == 99_999 {
            let entries = renewals.lock();
            let (sessions, (latest, bytes)) =
                (entries.sessions.len_and_weight().0, entries.tokens.len_and_weight());
            assert!(sessions <= CAPACITY && bytes <= MAX_TOKEN_BYTES);
            assert!((3_000..=sessions).contains(&latest), "{latest}");
        }
    }
    renewals.sweep(start + 2 * KEEP);
    let entries = renewals.lock();
    assert_eq!((entries.sessions.len_and_weight(), entries.tokens.len_and_weight()), ((0, 0), (0, 0)));
}

/// O5.
#[test]
fn who_signs_out_again_and_again_pushes_nobody_out() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    renewals.end("a", now);
    (0..10 * CAPACITY).for_each(|_| drop(renewals.end("b", now)));
    assert!(renewals.is_over("a"));
}

/// F15: that too many calls are under way is no failure of the pool.
#[test]
fn a_session_that_found_no_free_call_rests_a_second_however_often() {
    let (renewals, mut now) = (Renewals::new(), Instant::now());
    for _ in 0..10 {
        finish(&renewals, "a", 0, Finished::Busy, now);
        assert!(matches!(turn(&renewals, "a", 0, now), Turn::Done(Outcome::Unavailable)));
        now += SECOND;
        assert!(matches!(turn(&renewals, "a", 0, now), Turn::First(..)));
    }
}

/// F18.
#[test]
fn a_shorter_pause_does_not_end_a_longer_one() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    // Both are under way before either is answered.
    let turns =
        [("a", 60), ("b", 1)].map(|(session, seconds)| (session, seconds, turn(&renewals, session, 0, now)));
    for (session, seconds, turn) in turns {
        let Turn::First(leader, _) = turn else { panic!("{session} is first") };
        renewals.finish(session, 0, leader, Finished::Unavailable(Some(seconds * SECOND)), now);
    }
    let after = |seconds| turn(&renewals, "c", 0, now + Duration::from_secs(seconds));
    assert!(matches!(after(59), Turn::Done(Outcome::Unavailable)));
    assert!(matches!(after(60), Turn::First(..)));
}

/// F1, O5: forgotten, its refresh token would be used a second time.
#[test]
fn a_renewal_under_way_is_not_forgotten_for_others() {
    let (renewals, now) = (Renewals::new(), Instant::now());
    let first = turn(&renewals, "slow", 0, now);
    for number in 0..2 * CAPACITY {
        drop(renewals.end(&number.to_string(), now));
    }
    assert!(matches!(turn(&renewals, "slow", 0, now), Turn::UnderWay(_)));
    drop(first);
    assert!(renewals.lock().sessions.len_and_weight().0 <= CAPACITY);
}
