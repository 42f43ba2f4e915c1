//! Callbacks that belong to no sign-in of the browser's.

use std::time::Duration;

use reqwest::Method;
use rocket_cognito::Clock;

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{App, SECRET_KEY, Setup};
use crate::support::sealing::Seal;

/// Where a browser is led to begin again.
const AGAIN: &str = "/auth/login?again=1";
const UNKNOWN: &str = "/auth/callback?code=a-code&state=ZhMSTCk7UF4hYNhKBYsWmhzYAFpFZPZq2zyiWtXSMIw";

async fn logins(agent: &Agent) -> usize {
    agent.cookies().into_keys().filter(|name| name.starts_with("cognito_login_")).count()
}

async fn visit(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Page {
    let browser = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
    agent.send(Method::GET, url, &[&browser, headers].concat(), None).await
}

#[rocket::async_test]
async fn a_callback_without_its_cookie_begins_a_sign_in_again() {
    let app = App::start().await;
    let long = format!("/auth/callback?code=y&state={}", "x".repeat(200));
    for path in [
        UNKNOWN,
        "/auth/callback?code=a-code",
        "/auth/callback?state=x&code=y",
        "/auth/callback?code=a-code&state=",
        &long,
    ] {
        let agent = Agent::new();
        let callback = agent.open(&app.url(path)).await;
        assert_eq!((callback.status.as_u16(), callback.header("location")), (303, AGAIN), "{path}");
        let page = agent.sign_in(&callback.location(), "alice").await;
        assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url("/").as_str()), "{path}");
        assert_eq!(page.body, "alice");
    }
    assert_eq!(app.exchanges(), 5, "no code of a stranger's was sent to the pool");
}

#[rocket::async_test]
async fn an_attempt_that_took_too_long_begins_again_and_leads_to_its_page() {
    let clock = Clock::default();
    let app = Setup::new().start_at(&clock).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/page?of=mine").await;
    clock.advance(Duration::from_secs(601));
    assert_eq!(answer(&agent.get(&callback).await), (400, "login_expired".into()), "a program is told why");
    assert_eq!(
        agent.open(&callback).await.header("location"),
        "/auth/login?next=%2Fpage%3Fof%3Dmine&again=1"
    );
    assert_eq!(logins(&agent).await, 0);

    // The pool knows who this is.
    let page = agent.follow(&app.url("/auth/login?next=%2Fpage%3Fof%3Dmine&again=1")).await;
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, app.url("/page?of=mine").as_str()));

    // Whoever is signed in meanwhile goes on to the page.
    let callback = app.begin(&agent, "/page?of=another").await;
    clock.advance(Duration::from_secs(700));
    assert_eq!(agent.open(&callback).await.header("location"), "/page?of=another");
}

#[rocket::async_test]
async fn the_page_says_that_it_took_too_long_when_it_has_begun_again_already() {
    let clock = Clock::default();
    let app = Setup::new().start_at(&clock).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/page").await;
    clock.advance(Duration::from_secs(601));
    agent.get(&app.url(AGAIN)).await;
    let page = agent.open(&callback).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("Sign-in took too long"), "{}", page.body);
    assert!(page.body.contains("href=\"/auth/login?next=%2Fpage\""), "{}", page.body);

    clock.advance(Duration::from_secs(3600));
    let gone = agent.get(&app.begin(&Agent::new(), "/page").await).await;
    assert_eq!(answer(&gone), (400, "no_login_attempt".into()));
}

#[rocket::async_test]
async fn six_tabs_opened_one_after_the_other_all_end_on_their_own_pages() {
    let app = App::start().await;
    let agent = Agent::new();
    let mut forms = Vec::new();
    for tab in 0..6 {
        forms.push(agent.follow(&app.url(&format!("/page?tab={tab}"))).await);
    }
    for (tab, form) in forms.iter().enumerate() {
        let fields = [("username", "alice"), ("password", "Passw0rd!")];
        let done = agent.post(form.url.as_str(), &[], &fields).await;
        let page = agent.follow(&done.location()).await;
        assert_eq!((page.status.as_u16(), page.body), (200, format!("/page?tab={tab}")));
    }
}

#[rocket::async_test]
async fn tabs_opened_in_parallel_are_trimmed_to_a_dozen_by_the_first_callback() {
    let app = App::start().await;
    let agent = Agent::new();
    // Each answer arrives at a browser that knows nothing of the others.
    for tab in 0..20 {
        let twin = Agent::new();
        twin.get(&app.url(&format!("/auth/login?next=/page?tab={tab}"))).await;
        twin.cookies().iter().for_each(|(name, value)| agent.set_cookie(name, value));
    }
    let copy = Agent::new();
    let callback = app.begin(&copy, "/page").await;
    copy.cookies().iter().filter(|(name, _)| name.starts_with("cognito_login_")).for_each(|(name, value)| {
        agent.set_cookie(name, value);
    });
    assert_eq!(logins(&agent).await, 21);
    assert_eq!(agent.get(&callback).await.header("location"), "/page");
    assert!(logins(&agent).await <= 12, "{}", logins(&agent).await);
}

/// Without cookies, too: the state of the second sign-in says that it is one.
#[rocket::async_test]
async fn a_browser_without_cookies_begins_again_once_and_then_reads_why() {
    let clock = Clock::default();
    let app = Setup::new().start_at(&clock).await;
    let blocked = |agent: &Agent| agent.cookies().into_keys().for_each(|name| agent.drop_cookie(&name));
    let agent = Agent::new();
    let first = app.begin(&agent, "/me").await;
    blocked(&agent);
    let again = agent.open(&first).await;
    assert_eq!(again.header("location"), AGAIN);
    let login = agent.open(&again.location()).await;
    let second = agent.open(&login.location()).await.location();
    blocked(&agent);
    let page = agent.open(&second).await;
    assert_eq!(page.status, 400, "no circle");
    assert!(page.body.contains("no sign-in under way"), "{}", page.body);
    assert!(page.body.contains("delete those of this site and its parent domain"), "{}", page.body);

    // However slow the person, and whatever the clocks of several instances say.
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(agent.open(&second).await.status, 400, "an hour later");
}

#[rocket::async_test]
async fn one_browser_begins_again_once_within_a_minute() {
    let clock = Clock::default();
    let app = Setup::new().start_at(&clock).await;
    let agent = Agent::new();
    assert_eq!(agent.follow(&app.url(UNKNOWN)).await.url.path(), "/login");
    assert_eq!(agent.open(&app.url(UNKNOWN)).await.status, 400);
    assert_eq!(agent.open(&app.url("/auth/callback?code=x")).await.status, 400);
    clock.advance(Duration::from_secs(60));
    assert_eq!(agent.open(&app.url(UNKNOWN)).await.header("location"), AGAIN);
}

#[rocket::async_test]
async fn keys_that_were_changed_while_somebody_signed_in_are_no_dead_end() {
    let app = App::start().await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let (name, sealed) = agent.cookies().pop_first().unwrap();
    let inside = Seal::new(SECRET_KEY, "login").open(&sealed);
    let other = Seal::new("another-key-of-more-than-thirty-two-bytes", "login");
    agent.set_cookie(&name, &other.seal(&inside, crate::support::forge::now()));
    assert_eq!(answer(&agent.get(&callback).await), (400, "login_not_recognised".into()));
    assert_eq!(agent.open(&callback).await.header("location"), AGAIN);
}

#[rocket::async_test]
async fn whoever_is_signed_in_goes_on() {
    let app = App::start().await;
    let agent = app.signed_in("bob").await;
    let cookies = agent.cookies();
    for path in [UNKNOWN, "/auth/callback?code=a-code"] {
        let page = agent.open(&app.url(path)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/"), "{path}");
    }
    assert_eq!(agent.cookies(), cookies, "and stays who they are");
}

/// C17: what no person has opened, or the pool has refused, begins nothing.
#[rocket::async_test]
async fn nothing_but_a_persons_visit_with_a_code_begins_again() {
    let app = App::start().await;
    let rows: [(&str, &[(&str, &str)]); 7] = [
        ("/auth/callback?state=x&error=access_denied", &[]),
        ("/auth/callback?state=x", &[]),
        ("/auth/callback", &[]),
        (UNKNOWN, &[("sec-fetch-dest", "iframe")]),
        (UNKNOWN, &[("sec-purpose", "prefetch;prerender")]),
        (UNKNOWN, &[("sec-purpose", "prefetch")]),
        ("/auth/callback?code=x&code=y", &[]),
    ];
    for (path, headers) in rows {
        let page = visit(&Agent::new(), &app.url(path), headers).await;
        assert_eq!(page.status, 400, "{path}, {headers:?}");
        assert_eq!(page.set_cookies(), [""; 0], "{path}, {headers:?}");
    }
    for mode in ["cors", "no-cors", "same-origin", "websocket"] {
        let headers = [("accept", "text/html"), ("sec-fetch-mode", mode)];
        let page = Agent::new().send(Method::GET, &app.url(UNKNOWN), &headers, None).await;
        assert_eq!(page.status, 400, "{mode}");
    }
    assert_eq!(app.exchanges(), 0);
}

/// Login CSRF: a link to the callback with a stranger's code signs nobody in as the stranger, and costs nobody a sign-in
/// that is under way.
#[rocket::async_test]
async fn a_strangers_callback_signs_nobody_in_as_the_stranger() {
    let app = App::start().await;
    let stranger = Agent::new();
    let callback = app.begin(&stranger, "/page?of=the-stranger").await;

    let victim = Agent::new();
    let own = app.begin(&victim, "/page?of=mine").await;
    let again = victim.open(&callback).await;
    assert_eq!(again.header("location"), AGAIN, "nothing of the stranger's comes along");
    assert_eq!(app.exchanges(), 0);
    let page = victim.follow(&own).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "/page?of=mine"));
}
