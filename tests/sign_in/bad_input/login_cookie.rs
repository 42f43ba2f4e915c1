//! Login cookies that are changed, cut, swapped, old or somebody else's.

use serde_json::{Value, json};

use super::{assert_no_cookies, assert_refused};
use crate::support::agent::Agent;
use crate::support::app::{App, SECRET_KEY};
use crate::support::forge::now;
use crate::support::sealing::Seal;

const OTHER_KEY: &str = "another-key-of-at-least-32-bytes-0123456789";

/// An attempt that is not delivered.
struct Attempt {
    agent: Agent,
    callback: String,
    cookie: String,
    sealed: String,
}

impl Attempt {
    async fn begin(app: &App) -> Self {
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let (cookie, sealed) = agent.cookies().pop_first().unwrap();
        Attempt { agent, callback, cookie, sealed }
    }

    fn inside(&self) -> Value {
        Seal::new(SECRET_KEY, "login").open(&self.sealed)
    }

    async fn assert_refused(&self, value: &str, denial: &str, what: &str) {
        self.agent.set_cookie(&self.cookie, value);
        let answer = self.agent.get(&self.callback).await;
        assert_refused(&answer, 400, denial, what);
        assert_no_cookies(&answer, what);
    }

    /// The attempt is still good with its own cookie.
    async fn assert_usable(&self) {
        self.agent.set_cookie(&self.cookie, &self.sealed);
        let page = self.agent.follow(&self.callback).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    }
}

#[rocket::async_test]
async fn no_changed_character_passes() {
    let app = App::start().await;
    let attempt = Attempt::begin(&app).await;
    let plain = attempt.sealed.trim_end_matches("%3D");
    for position in (0..plain.len()).step_by(3).chain(plain.len() - 3..plain.len()) {
        let other = if &plain[position..=position] == "A" { "B" } else { "A" };
        let mut changed = attempt.sealed.clone();
        changed.replace_range(position..=position, other);
        attempt.assert_refused(&changed, "login_not_recognised", &format!("position {position}")).await;
    }
    assert_eq!(app.exchanges(), 0);
    attempt.assert_usable().await;
}

/// K12.
#[rocket::async_test]
async fn no_other_form_passes() {
    let app = App::start().await;
    let (attempt, another) = (Attempt::begin(&app).await, Attempt::begin(&app).await);
    let sealed = &attempt.sealed;
    for (what, value) in [
        ("nothing", String::new()),
        ("text", "x".into()),
        ("the first half", sealed[..sealed.len() / 2].to_owned()),
        ("without its first character", sealed[1..].to_owned()),
        ("with one more", format!("{sealed}A")),
        ("with one more in front", format!("A{sealed}")),
        ("with more padding", format!("{sealed}%3D")),
        ("twice", format!("{sealed}{sealed}")),
        ("with a space", format!("{sealed}%20")),
        ("very long", "A".repeat(60_000)),
        ("another attempt's", another.sealed.clone()),
    ] {
        attempt.assert_refused(&value, "login_not_recognised", what).await;
    }
    attempt.agent.drop_cookie(&attempt.cookie);
    let answer = attempt.agent.get(&attempt.callback).await;
    assert_refused(&answer, 400, "no_login_attempt", "no cookie");
    assert_eq!(app.exchanges(), 0);
    attempt.assert_usable().await;
    another.assert_usable().await;
}

/// K12.
#[rocket::async_test]
async fn padding_is_part_of_the_value() {
    let app = App::start().await;
    let mut padded = 0;
    // The number of 16-byte blocks decides how much padding there is.
    for blocks in 0..3 {
        let agent = Agent::new();
        let next = format!("/page?{}", "x".repeat(16 * blocks));
        let state =
            agent.get(&app.url(&format!("/auth/login?next={next}"))).await.location_parameter("state");
        let (cookie, sealed) = agent.cookies().pop_first().unwrap();
        let trimmed = sealed.trim_end_matches("%3D");
        if trimmed != sealed {
            padded += 1;
            agent.set_cookie(&cookie, trimmed);
            let answer = agent.get(&app.url(&format!("/auth/callback?code=x&state={state}"))).await;
            assert_refused(&answer, 400, "login_not_recognised", "a second spelling");
        }
    }
    assert_eq!(padded, 2);
}

#[rocket::async_test]
async fn what_others_sealed_or_meant_otherwise_is_not_recognised() {
    let app = App::start().await;
    let attempt = Attempt::begin(&app).await;
    let inside = attempt.inside();
    let with = |name: &str, value: Value| {
        let mut changed = inside.clone();
        changed[name] = value;
        Seal::new(SECRET_KEY, "login").seal(&changed, now())
    };
    let mut incomplete = inside.clone();
    incomplete.as_object_mut().unwrap().remove("nonce");
    for (what, value) in [
        ("another key", Seal::new(OTHER_KEY, "login").seal(&inside, now())),
        ("another purpose", Seal::new(SECRET_KEY, "refresh").seal(&inside, now())),
        ("another pool, client or callback", with("binding", "x".repeat(43).into())),
        ("another state", with("state", "x".repeat(43).into())),
        ("a state of another type", with("state", json!([inside["state"]]))),
        ("a missing member", Seal::new(SECRET_KEY, "login").seal(&incomplete, now())),
        ("null", Seal::new(SECRET_KEY, "login").seal(&Value::Null, now())),
    ] {
        attempt.assert_refused(&value, "login_not_recognised", what).await;
    }
    assert_eq!(app.exchanges(), 0);
    attempt.assert_usable().await;
}

#[rocket::async_test]
async fn an_attempt_lives_ten_minutes_by_its_sealed_time() {
    let app = App::start().await;
    let attempt = Attempt::begin(&app).await;
    let at = |time| Seal::new(SECRET_KEY, "login").seal(&attempt.inside(), time);
    for (what, time) in [
        ("eleven minutes old", now() - 660),
        ("601 seconds old", now() - 601),
        ("two minutes ahead", now() + 120),
        ("of 1970", 0),
        ("of the far future", u64::MAX),
    ] {
        attempt.assert_refused(&at(time), "login_expired", what).await;
    }
    assert_eq!(app.exchanges(), 0);
    attempt.assert_usable().await;

    for time in [now() - 570, now() + 50] {
        let attempt = Attempt::begin(&app).await;
        let value = Seal::new(SECRET_KEY, "login").seal(&attempt.inside(), time);
        attempt.agent.set_cookie(&attempt.cookie, &value);
        assert_eq!(attempt.agent.follow(&attempt.callback).await.status, 200);
    }
}

/// K8, K14.
#[rocket::async_test]
async fn cookies_do_not_serve_each_others_purpose() {
    let app = App::start().await;
    let session = app.signed_in("alice").await.cookies();
    let attempt = Attempt::begin(&app).await;
    for (name, value) in &session {
        attempt.assert_refused(value, "login_not_recognised", name).await;
    }
    attempt.assert_usable().await;

    for (name, other) in [
        ("cognito_access_token", attempt.sealed.as_str()),
        ("cognito_access_token", &session["cognito_id_token"]),
        ("cognito_access_token", &session["cognito_refresh_token"]),
    ] {
        let agent = Agent::new();
        agent.set_cookie(name, other);
        let page = agent.get(&app.url("/me")).await;
        assert!(page.status == 401 && page.body.contains("session_expired"), "{}", page.body);
    }
    let agent = Agent::new();
    agent.set_cookie("cognito_refresh_token", &attempt.sealed);
    let page = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_eq!((page.status.as_u16(), app.revocations()), (303, 0));
}

#[rocket::async_test]
async fn of_two_cookies_with_one_name_none_counts_unless_they_agree() {
    let app = App::start().await;
    let attempt = Attempt::begin(&app).await;
    let (name, sealed) = (&attempt.cookie, &attempt.sealed);
    let get = async |header: &str| {
        Agent::new().send(reqwest::Method::GET, &attempt.callback, &[("cookie", header)], None).await
    };
    for header in [
        format!("{name}={sealed}; {name}=junk"),
        format!("{name}=junk; {name}={sealed}"),
        format!("{name}={sealed}; {name}="),
        format!("{name}={sealed}; x=y; {name}={sealed}A"),
        // Neighbouring hosts may set what decodes to a name with a prefix.
        format!("%63{}={sealed}", &name[1..]),
        format!("{}={sealed}", name.to_uppercase()),
    ] {
        assert_refused(&get(&header).await, 400, "no_login_attempt", &header);
    }
    assert_eq!(app.exchanges(), 0);
    assert_eq!(get(&format!("{name}={sealed}; {name}={sealed}")).await.status, 303);
}

#[rocket::async_test]
async fn login_makes_room_by_dropping_what_it_cannot_read_first() {
    let app = App::start().await;
    let agent = Agent::new();
    for _ in 0..11 {
        app.begin(&agent, "/me").await;
    }
    let good = agent.cookies();
    for junk in ["00000000", "77777777", "ffffffff"] {
        agent.set_cookie(&format!("cognito_login_{junk}"), "junk");
    }
    for theirs in ["cognito_login_", "cognito_login_x", "cognito_login_0000000g", "cognito_logi"] {
        agent.set_cookie(theirs, "not ours");
    }
    agent.get(&app.url("/auth/login")).await;
    let left = agent.cookies();
    assert!(good.keys().all(|name| left.contains_key(name)));
    assert_eq!(left.len(), 11 + 1 + 4, "{left:?}");
    assert_eq!(left.values().filter(|value| *value == "not ours").count(), 4);
}

#[rocket::async_test]
async fn hostile_cookie_headers_break_nothing() {
    let app = App::start().await;
    let many: String = (0..2_000).map(|index| format!("cognito_{index}=x; ")).collect();
    for header in [
        ";;;=;=;",
        "cognito_login_=; =x; cognito_access_token",
        "cognito_access_token=\"quoted\"; cognito_id_token=99999999999~x",
        "cognito_access_token=2~a; cognito_access_token_1=%00%FF",
        "cognito_access_token=é; cognito_refresh_token=%; cognito_login_x=%FF%FE",
        &many,
    ] {
        for path in ["/auth/login", "/auth/callback?state=x&code=y", "/me", "/"] {
            let headers = [("cookie", header)];
            let answer = Agent::new().send(reqwest::Method::GET, &app.url(path), &headers, None).await;
            assert!(answer.status.as_u16() < 500, "{path} with {header:.60}: {}", answer.status);
        }
    }
}

#[rocket::async_test]
async fn however_many_login_cookies_come_the_answer_fits_through_a_proxy() {
    let app = App::start().await;
    // Chromium keeps 180 for a site; most HTTP clients and proxies give up at 100 header lines.
    let cookies: String = (0..90).map(|index| format!("cognito_login_{index:08x}=junk; ")).collect();
    let headers = [("cookie", cookies.as_str())];
    let answer = Agent::new().send(reqwest::Method::GET, &app.url("/auth/login"), &headers, None).await;
    assert_eq!(answer.status, 303);
    let bytes: usize = answer.set_cookies().iter().map(|cookie| cookie.len()).sum();
    assert!(bytes <= 8 * 1024, "nginx takes 4 or 8 KiB of headers, not {bytes}");
}
