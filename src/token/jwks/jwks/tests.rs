use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Without a background task.
#[tokio::test]
async fn on_demand_keys_are_fetched_anew_when_overdue_and_nobody_waits_in_an_outage() {
    let name = format!("rocket_cognito-overdue-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let whole = include_str!("../../../../tests/data/jwks.json");
    std::fs::write(&path, whole.replace("second", "another")).unwrap();
    let clock = Clock::default();
    let http = HttpClient::for_urls([], None).unwrap();
    let jwks = Jwks::with_clock(JwksSource::File(path.clone()), http, &Arc::default(), clock.clone());
    let has = async |kid: &str| jwks.document().await.map(|keys| keys.to_string().contains(kid));
    let pass = |minutes: u64| clock.advance(Duration::from_secs(60 * minutes));
    assert_eq!(has("another").await, Ok(true));
    std::fs::write(&path, whole).unwrap();
    pass(60);
    assert_eq!(has("second").await, Ok(false), "not overdue");
    pass(10);
    assert_eq!(has("second").await, Ok(false), "nobody waits for the new keys");
    let fetch = jwks.lock().fetch.follow();
    ended(fetch.unwrap()).await;
    assert_eq!(has("second").await, Ok(true));
    std::fs::write(&path, whole.replace("second", "third")).unwrap();
    pass(72);
    assert_eq!(has("third").await, Ok(true), "who comes too late waits");
    std::fs::write(&path, whole).unwrap();
    pass(72);
    assert_eq!(has("second").await, Ok(true));

    std::fs::remove_file(&path).unwrap();
    pass(72);
    assert_eq!(has("second").await, Ok(true), "earlier keys serve");
    assert!(jwks.lock().failure.is_some());
    pass(1);
    let held = jwks.lock().fetch.lead();
    assert_eq!(has("second").await, Ok(true), "though a fetch is under way that never ends");
    drop(held);
    pass(24 * 60);
    assert_eq!(has("second").await, Err(KeysUnavailable));
    std::fs::write(&path, whole).unwrap();
    assert_eq!(has("second").await, Err(KeysUnavailable), "the last attempt was just now");
    pass(24 * 60);
    assert_eq!(has("second").await, Ok(true));
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn the_status_says_how_old_the_keys_are_and_until_when_they_serve() {
    let name = format!("rocket_cognito-status-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, include_str!("../../../../tests/data/jwks.json")).unwrap();
    let clock = Clock::default();
    let http = HttpClient::for_urls([], None).unwrap();
    let jwks = Jwks::with_clock(JwksSource::File(path.clone()), http, &Arc::default(), clock.clone());
    let none = jwks.status();
    assert_eq!((none.count, none.age, none.failure, none.are_usable), (0, None, None, false));
    jwks.refresh().await.unwrap();
    clock.advance(Duration::from_secs(7200));
    std::fs::remove_file(&path).unwrap();
    jwks.refresh().await.unwrap_err();
    let old = jwks.status();
    let hours = old.age.unwrap().as_secs() / 3600;
    assert_eq!((old.count, hours, old.failure.is_some(), old.are_usable), (2, 2, true, true));
    clock.advance(Duration::from_secs(22 * 3600));
    let stale = jwks.status();
    assert_eq!((stale.count, stale.are_usable), (2, false));
}

#[tokio::test]
async fn the_next_fetch_is_when_the_last_answer_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let body = include_str!("../../../../tests/data/jwks.json");
        let head = format!(
            "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=600\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    });
    let jwks = Jwks::new(
        JwksSource::Url { url, setting: "jwks_uri" },
        HttpClient::for_urls([], None).unwrap(),
        &Arc::default(),
    );
    assert!((3240.0..3960.0).contains(&jwks.next_refresh().as_secs_f64()), "hourly");
    assert_eq!(jwks.refresh().await, Ok(()));
    assert!((540.0..660.0).contains(&jwks.next_refresh().as_secs_f64()), "in ten minutes");
    answering.await.unwrap();
}

#[tokio::test]
async fn keys_are_fetched_anew_on_schedule_and_soon_after_a_failure() {
    let name = format!("rocket_cognito-schedule-{}.json", std::process::id());
    let path = std::env::temp_dir().join(name);
    let whole = include_str!("../../../../tests/data/jwks.json");
    std::fs::write(&path, whole.replace("second", "another")).unwrap();
    let jwks = Arc::new(Jwks {
        source: JwksSource::File(path.clone()),
        http: HttpClient::for_urls([], None).unwrap(),
        counts: Arc::default(),
        refresh_every: Duration::from_millis(20),
        state: Mutex::default(),
        trusted_until: AtomicU64::new(0),
        began_at: Instant::now(),
        clock: Clock::default(),
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
