use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

#[test]
fn keys_are_kept_for_a_day_and_unknown_ones_ask_again_after_ten_seconds() {
    let start = Instant::now();
    let later = |seconds| start + Duration::from_secs(seconds);
    let keys = KeySet::parse(include_bytes!("../../../tests/data/jwks.json")).unwrap();
    let state = State {
        keys: Some(Arc::new(keys)),
        fetched_at: Some(start),
        attempted_at: Some(start),
        ..State::default()
    };
    assert!(matches!(state.find("first", later(86_399)), Found::Key(_)));
    assert!(matches!(state.find("third", later(86_399)), Found::Unknown { .. }));
    assert!(matches!(state.find("first", later(86_400)), Found::NoKeys));
    assert!(!state.is_rested(later(9)));
    assert!(state.is_rested(later(10)));
}

/// They are part of the settings, which last as long as the process.
#[test]
fn keys_in_the_settings_never_age_and_are_read_once() {
    let start = Instant::now();
    let keys = KeySet::parse(include_bytes!("../../../tests/data/jwks.json")).unwrap();
    let unread = State { is_fixed: true, ..State::default() };
    assert!(unread.is_overdue(REFRESH_EVERY, start) && unread.is_rested(start));
    let state =
        State { keys: Some(Arc::new(keys)), fetched_at: Some(start), attempted_at: Some(start), ..unread };
    let in_a_year = start + Duration::from_secs(365 * 24 * 3600);
    assert!(matches!(state.find("first", in_a_year), Found::Key(_)));
    assert!(matches!(state.find("third", in_a_year), Found::Unknown { last_attempt_failed: false }));
    assert!(!state.is_overdue(REFRESH_EVERY, in_a_year) && !state.is_rested(in_a_year));
}

#[test]
fn the_schedule_heeds_cache_control_from_five_minutes_to_an_hour() {
    for (max_age, due) in [(None, 3600), (Some(0), 300), (Some(900), 900), (Some(86_400), 3600)] {
        for _ in 0..1_000 {
            let next = next_refresh(REFRESH_EVERY, max_age.map(Duration::from_secs)).as_secs_f64();
            assert!((0.9..1.1).contains(&(next / f64::from(due))), "{max_age:?}: {next}");
        }
    }
}

/// Without a background task.
#[tokio::test]
async fn on_demand_keys_are_fetched_anew_when_overdue_and_nobody_waits_in_an_outage() {
    let start = Instant::now();
    let state = State { fetched_at: Some(start), ..State::default() };
    let later = |seconds| start + Duration::from_secs(seconds);
    assert!(State::default().is_overdue(REFRESH_EVERY, start));
    for (max_age, overdue) in [(None, 3960), (Some(0), 330), (Some(86_400), 3960)] {
        let state = State { max_age: max_age.map(Duration::from_secs), ..state.clone() };
        assert!(!state.is_overdue(REFRESH_EVERY, later(overdue - 1)), "{max_age:?}");
        assert!(state.is_overdue(REFRESH_EVERY, later(overdue)), "{max_age:?}");
    }

    let name = format!("rocket_cognito-overdue-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let whole = include_str!("../../../tests/data/jwks.json");
    std::fs::write(&path, whole.replace("second", "another")).unwrap();
    let jwks = Jwks::new(JwksSource::File(path.clone()), Http::for_urls([], None).unwrap());
    let has = async |kid: &str| jwks.document().await.map(|keys| keys.to_string().contains(kid));
    // As if an hour and more had passed, or a day.
    let age = |minutes: u64| {
        let mut state = jwks.lock();
        let at = Instant::now().checked_sub(Duration::from_secs(60 * minutes)).unwrap();
        (state.fetched_at, state.attempted_at) = (Some(at), Some(at));
    };
    assert_eq!(has("another").await, Ok(true));
    std::fs::write(&path, whole).unwrap();
    age(60);
    assert_eq!(has("second").await, Ok(false), "not overdue");
    age(70);
    assert_eq!(has("second").await, Ok(false), "nobody waits for the new keys");
    let fetch = jwks.lock().fetch.follow();
    ended(fetch.unwrap()).await;
    assert_eq!(has("second").await, Ok(true));
    std::fs::write(&path, whole.replace("second", "third")).unwrap();
    age(72);
    assert_eq!(has("third").await, Ok(true), "who comes too late waits");
    std::fs::write(&path, whole).unwrap();
    age(72);
    assert_eq!(has("second").await, Ok(true));

    std::fs::remove_file(&path).unwrap();
    age(72);
    assert_eq!(has("second").await, Ok(true), "earlier keys serve");
    assert!(jwks.lock().failure.is_some());
    jwks.lock().attempted_at = None;
    let held = jwks.lock().fetch.lead();
    assert_eq!(has("second").await, Ok(true), "though a fetch is under way that never ends");
    drop(held);
    age(24 * 60);
    assert_eq!(has("second").await, Err(KeysUnavailable));
    std::fs::write(&path, whole).unwrap();
    assert_eq!(has("second").await, Err(KeysUnavailable), "the last attempt was just now");
    age(24 * 60);
    assert_eq!(has("second").await, Ok(true));
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn the_next_fetch_is_when_the_last_answer_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let body = include_str!("../../../tests/data/jwks.json");
        let head = format!(
            "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=600\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    });
    let jwks = Jwks::new(JwksSource::Url(url), Http::for_urls([], None).unwrap());
    assert!((3240.0..3960.0).contains(&jwks.next_refresh().as_secs_f64()), "hourly");
    assert_eq!(jwks.refresh().await, Ok(()));
    assert!((540.0..660.0).contains(&jwks.next_refresh().as_secs_f64()), "in ten minutes");
    answering.await.unwrap();
}

#[tokio::test]
async fn keys_are_fetched_anew_on_schedule_and_soon_after_a_failure() {
    let name = format!("rocket_cognito-schedule-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let whole = include_str!("../../../tests/data/jwks.json");
    std::fs::write(&path, whole.replace("second", "another")).unwrap();
    let jwks = Arc::new(Jwks {
        source: JwksSource::File(path.clone()),
        http: Http::for_urls([], None).unwrap(),
        refresh_every: Duration::from_millis(20),
        state: Mutex::default(),
        trusted_until: AtomicU64::new(0),
        began_at: Instant::now(),
        failed: Notify::new(),
    });
    assert_eq!(jwks.refresh().await, Ok(()));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let keeping = tokio::spawn(Arc::clone(&jwks).keep_fresh(async { drop(stopped.await) }));
    let has = |kid: &'static str| {
        let jwks = Arc::clone(&jwks);
        async move {
            while !matches!(jwks.lock().find(kid, Instant::now()), Found::Key(_)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    let soon = |wait| tokio::time::timeout(Duration::from_secs(30), wait);
    soon(has("another")).await.unwrap();

    std::fs::write(&path, "nonsense").unwrap();
    let failure = async {
        while jwks.lock().failure.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), failure).await.unwrap();
    assert!(matches!(jwks.lock().find("another", Instant::now()), Found::Key(_)));

    std::fs::write(&path, whole).unwrap();
    soon(has("second")).await.unwrap();
    drop(stop);
    keeping.await.unwrap();
    std::fs::remove_file(&path).unwrap();
}
