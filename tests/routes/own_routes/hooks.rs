//! The hooks of apps that keep the mounted routes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rocket::futures::future::join_all;
use rocket::response::Redirect;
use rocket::{Build, Request, Rocket, catch, get, routes};
use rocket_cognito::hooks::{AppResult, HookDecision};
use rocket_cognito::testing::TestPool;
use rocket_cognito::{Callback, Cognito, CognitoUser, catchers};

use crate::support::agent::Agent;
use crate::support::app::{App, Setup, code_for};
use crate::support::log::lines_with;
use crate::support::{SAME_ORIGIN, figment};

/// What the hooks are to say, and how often they were asked.
#[derive(Default)]
struct Say {
    login: Mutex<Option<&'static str>>,
    refresh: Mutex<Option<&'static str>>,
    logout: Mutex<Option<&'static str>>,
    asked: AtomicUsize,
    /// Whom the last one was asked about.
    about: Mutex<Option<String>>,
}

impl Say {
    /// The managed value, by the request.
    fn of<'r>(request: &'r Request<'_>) -> &'r Say {
        request.rocket().state::<Arc<Say>>().unwrap()
    }

    fn asked(&self, about: Option<&CognitoUser>) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.about.lock().unwrap() = about.map(|user| user.username().to_owned());
    }

    fn verdict(what: &Mutex<Option<&'static str>>) -> AppResult<HookDecision> {
        let says = *what.lock().unwrap();
        match says {
            None => Ok(HookDecision::Proceed),
            Some("refuse") => Ok(HookDecision::Refuse),
            Some("fail") => Err("the database is down".into()),
            Some("panic") => panic!("a bug in the app"),
            Some(path) => Ok(HookDecision::GoTo(path.to_owned())),
        }
    }
}

async fn on_login(request: &Request<'_>, login: &Callback) -> AppResult<HookDecision> {
    let say = Say::of(request);
    say.asked(Some(login.user()));
    tokio::task::yield_now().await;
    if *say.login.lock().unwrap() == Some("leak") {
        let token = login.user().access_token().unwrap();
        return Err(format!("the directory refused Authorization: Bearer {token}").into());
    }
    Say::verdict(&say.login)
}

async fn on_refresh(request: &Request<'_>, user: &CognitoUser) -> AppResult<HookDecision> {
    let say = Say::of(request);
    say.asked(Some(user));
    tokio::task::yield_now().await;
    Say::verdict(&say.refresh)
}

async fn on_logout(request: &Request<'_>, user: Option<&CognitoUser>) -> AppResult<Option<String>> {
    let say = Say::of(request);
    say.asked(user);
    match Say::verdict(&say.logout)? {
        HookDecision::GoTo(path) => Ok(Some(path)),
        _ => Ok(None),
    }
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

async fn start() -> (App, Arc<Say>) {
    let say = Arc::new(Say::default());
    let managed = Arc::clone(&say);
    let build = |rocket: Rocket<Build>| {
        let cognito = Cognito::fairing()
            .on_login(|request, login| Box::pin(on_login(request, login)))
            .on_refresh(|request, user| Box::pin(on_refresh(request, user)))
            .on_logout(|request, user| Box::pin(on_logout(request, user)));
        rocket.attach(cognito).manage(managed).mount("/", routes![me]).register("/", catchers())
    };
    (Setup::new().start_with(build).await, say)
}

#[rocket::async_test]
async fn on_login_may_choose_where_to_go() {
    let (app, say) = start().await;
    for (says, location) in [
        (None, "/me"),
        (Some("/welcome"), "/welcome"),
        (Some("https://evil.example/"), "/"),
        (Some("/auth/logout"), "/"),
    ] {
        *say.login.lock().unwrap() = says;
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let page = agent.get(&callback).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, location), "{says:?}");
        assert_eq!(agent.get(&app.url("/me")).await.body, "alice");
    }
}

#[rocket::async_test]
async fn a_sign_in_that_on_login_refuses_or_fails_at_leaves_nothing() {
    for (says, status, code) in
        [("refuse", 403, "refused_by_app"), ("fail", 500, "hook_failed"), ("panic", 500, "hook_failed")]
    {
        let (app, say) = start().await;
        *say.login.lock().unwrap() = Some(says);
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let page = agent.get(&callback).await;
        assert_eq!(page.status, status, "{says}");
        assert!(page.body.contains(code), "{}", page.body);
        assert!(agent.cookies().is_empty(), "{says}: {:?}", agent.cookies());
        while app.revocations() == 0 {
            tokio::task::yield_now().await;
        }
        *say.login.lock().unwrap() = None;
        assert_eq!(agent.get(&callback).await.status, 400, "{says}: its twin gets nothing");
        assert_eq!((app.exchanges(), app.revocations()), (1, 1));
        assert_eq!(agent.follow(&app.url("/auth/login?next=/me")).await.body, "alice", "the next sign-in");
    }
}

#[rocket::async_test]
async fn the_log_says_why_a_hook_failed_and_repeats_no_token() {
    // From the launch of an app with such a pool on each failure is logged: other tests' hooks fail within the minute.
    let other = TestPool::new().attach(rocket::custom(figment()).attach(Cognito::fairing()));
    other.ignite().await.unwrap();
    let (app, say) = start().await;
    *say.login.lock().unwrap() = Some("leak");
    let agent = Agent::new();
    let page = agent.get(&app.begin(&agent, "/me").await).await;
    assert_eq!(page.status, 500);
    let told = "the hook `on_login` failed: \"the directory refused Authorization: Bearer [redacted]\"";
    assert_eq!((lines_with(told), lines_with("eyJ")), (1, 0));
}

#[rocket::async_test]
async fn on_login_is_asked_once_for_fifty_deliveries() {
    for (says, status) in [(None, 303), (Some("refuse"), 403)] {
        let (app, say) = start().await;
        *say.login.lock().unwrap() = says;
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let pages = join_all((0..50).map(|_| agent.get(&callback))).await;
        // A delivery that comes after a refusal finds nothing.
        assert!(pages.iter().all(|page| page.status == status || (status == 403 && page.status == 400)));
        assert!(pages.iter().any(|page| page.status == status));
        assert_eq!(say.asked.load(Ordering::SeqCst), 1);
    }
}

#[rocket::async_test]
async fn on_refresh_may_end_the_session() {
    let (app, say) = start().await;
    let agent = app.signed_in("alice").await;
    *say.refresh.lock().unwrap() = Some("refuse");
    agent.drop_cookie("cognito_access_token");
    let page = agent.get(&app.url("/me")).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("session_expired"), "{}", page.body);
    assert!(agent.cookies().is_empty());
    assert_eq!(say.about.lock().unwrap().as_deref(), Some("alice"));
    while app.revocations() == 0 {
        tokio::task::yield_now().await;
    }
}

/// A hook's trouble with its database signs nobody out.
#[rocket::async_test]
async fn a_session_goes_on_when_on_refresh_fails() {
    for says in ["fail", "panic"] {
        let (app, say) = start().await;
        let agent = app.signed_in("alice").await;
        *say.refresh.lock().unwrap() = Some(says);
        agent.drop_cookie("cognito_access_token");
        assert_eq!(agent.get(&app.url("/me")).await.body, "alice", "{says}");
        assert_eq!(agent.get(&app.url("/me")).await.body, "alice", "{says}");
        assert_eq!((say.asked.load(Ordering::SeqCst), app.revocations()), (2, 0));
    }
}

#[rocket::async_test]
async fn on_refresh_is_asked_once_and_may_choose_where_a_form_leads() {
    let (app, say) = start().await;
    let agent = app.signed_in("alice").await;
    agent.drop_cookie("cognito_access_token");
    let pages = join_all((0..50).map(|_| async { agent.get(&app.url("/me")).await.body })).await;
    assert!(pages.iter().all(|page| page == "alice"));
    assert_eq!(say.asked.load(Ordering::SeqCst), 2, "the sign-in and one renewal");

    for (says, location) in [(None, "/me"), (Some("/news"), "/news")] {
        *say.refresh.lock().unwrap() = says;
        let page = agent.post(&app.url("/auth/refresh?next=/me"), &SAME_ORIGIN, &[]).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, location));
    }
}

#[rocket::async_test]
async fn on_logout_may_choose_where_to_go_and_keeps_nobody_signed_in() {
    let (app, say) = start().await;
    let pool = format!("{}/logout", app.pool.base_url());
    for (says, location) in
        [(None, pool.as_str()), (Some("/goodbye"), "/goodbye"), (Some("fail"), &pool), (Some("panic"), &pool)]
    {
        let agent = app.signed_in("bob").await;
        *say.logout.lock().unwrap() = says;
        let page = agent.post(&app.url("/auth/logout"), &SAME_ORIGIN, &[]).await;
        assert_eq!(page.status, 303, "{says:?}");
        assert_eq!(page.header("location").split('?').next().unwrap(), location, "{says:?}");
        assert_eq!(say.about.lock().unwrap().as_deref(), Some("bob"));
        assert!(agent.cookies().is_empty(), "{says:?}");
    }
    assert_eq!(app.revocations(), 4);
    let agent = Agent::new();
    assert_eq!(agent.post(&app.url("/auth/logout"), &SAME_ORIGIN, &[]).await.status, 303);
    assert_eq!(*say.about.lock().unwrap(), None, "of nobody");
}

/// S2: who is signed in stays so, though somebody else tried on the same browser.
#[rocket::async_test]
async fn a_refused_sign_in_leaves_the_session_before_it_as_it_was() {
    for says in ["refuse", "fail"] {
        let (app, say) = start().await;
        let agent = app.signed_in("alice").await;
        let cookies = agent.cookies();
        app.leave_pool(&agent).await;
        *say.login.lock().unwrap() = Some(says);
        let login = agent.open(&app.url("/auth/login?next=/me")).await;
        let callback = code_for(&agent, &login, "carol").await;
        assert!(agent.get(&callback).await.status.as_u16() >= 400, "{says}");
        assert_eq!(agent.cookies(), cookies, "{says}");
        agent.drop_cookie("cognito_access_token");
        assert_eq!(agent.get(&app.url("/me")).await.body, "alice", "{says}: it can be renewed");
    }
}

/// A hook's function itself may panic, before there is anything to await.
#[rocket::async_test]
async fn a_hook_that_panics_at_once_signs_nobody_out_and_keeps_nobody_signed_in() {
    let build = |rocket: Rocket<Build>| {
        let cognito = Cognito::fairing()
            .on_refresh(|_, _| panic!("a bug in the app"))
            .on_logout(|_, _| panic!("another bug in the app"));
        rocket.attach(cognito).mount("/", routes![me]).register("/", catchers())
    };
    let app = Setup::new().start_with(build).await;
    let agent = app.signed_in("alice").await;
    agent.drop_cookie("cognito_access_token");
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice");
    assert_eq!(agent.post(&app.url("/auth/logout"), &SAME_ORIGIN, &[]).await.status, 303);
    assert_eq!((agent.cookies().len(), app.revocations()), (0, 1));
}

/// The app's catcher answers in its own way, and not with an error.
#[rocket::async_test]
async fn a_refused_sign_in_leaves_nothing_even_if_a_catcher_redirects() {
    #[catch(403)]
    fn elsewhere() -> Redirect {
        Redirect::to("/sorry")
    }
    let build = |rocket: Rocket<Build>| {
        let cognito = Cognito::fairing().on_login(|_, _| Box::pin(async { Ok(HookDecision::Refuse) }));
        rocket.attach(cognito).mount("/", routes![me]).register("/", rocket::catchers![elsewhere])
    };
    let app = Setup::new().start_with(build).await;
    let agent = Agent::new();
    let callback = app.begin(&agent, "/me").await;
    let page = agent.get(&callback).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/sorry"));
    assert!(agent.cookies().is_empty(), "{:?}", agent.cookies());
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    while app.revocations() == 0 {
        tokio::task::yield_now().await;
    }
}
