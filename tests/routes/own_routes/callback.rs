//! The guard `Callback`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, State, get, routes};
use rocket_cognito::{Callback, Cognito, CognitoUser, Denial, Login, Refresh, catchers};
use serde_json::{Value, json};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, code_for};

/// How often somebody came by `/once`.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// What the login route is given as its state.
type AppState = Arc<Mutex<Option<String>>>;

#[get("/signin?<next>")]
fn signin(next: Option<&str>, state: &State<AppState>) -> Login {
    let login = Login::new().next(next);
    match &*state.lock().unwrap() {
        Some(text) => login.state(text),
        None => login,
    }
}

/// Says what the guard has handed over; `next` says how to answer.
#[get("/auth/callback")]
fn callback(callback: Callback, user: CognitoUser) -> Result<Json<Value>, Status> {
    match callback.next() {
        "/forbidden" => Err(Status::Forbidden),
        "/unavailable" => Err(Status::ServiceUnavailable),
        "/panic" => panic!("a bug in the app"),
        "/once" if TAKEN.fetch_add(1, Ordering::SeqCst) > 0 => Err(Status::Conflict),
        next => Ok(Json(json!({
            "user": callback.user().username(),
            "guard": user.username(),
            "groups": callback.user().groups(),
            "state": callback.state(),
            "next": next,
            "new": callback.is_new(),
        }))),
    }
}

#[get("/second/callback")]
fn onward(callback: Callback) -> Callback {
    callback
}

#[get("/optional/callback")]
fn optional(callback: Result<Callback, Denial>) -> String {
    callback.map_or_else(|denial| denial.code().to_owned(), |callback| callback.next().to_owned())
}

/// Who was signed in before, and who is now.
#[get("/before/callback")]
fn before(old: Option<&CognitoUser>, callback: Callback, new: &CognitoUser, again: &CognitoUser) -> String {
    let names = [old.map_or("nobody", CognitoUser::username), callback.user().username(), new.username()];
    format!("{} {}", names.join(" "), again.username())
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

fn setup() -> Setup {
    Setup::new().set("routes", "none").set("login_path", "/signin")
}

async fn start(setup: Setup) -> (App, AppState) {
    let state = AppState::default();
    let managed = Arc::clone(&state);
    let build = |rocket: Rocket<Build>| {
        let routes = routes![signin, callback, onward, optional, before, me];
        rocket.attach(Cognito::fairing()).manage(managed).mount("/", routes).register("/", catchers())
    };
    (setup.start_with(build).await, state)
}

/// A sign-in as alice, up to the callback's URL.
async fn begin(app: &App, agent: &Agent, next: &str) -> String {
    let login = agent.open(&app.url(&format!("/signin?next={next}"))).await;
    code_for(agent, &login, "alice").await
}

async fn complete(app: &App, agent: &Agent, next: &str) -> Page {
    agent.get(&begin(app, agent, next).await).await
}

fn json(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

#[rocket::async_test]
async fn it_hands_over_the_user_the_state_and_where_to_go() {
    let (app, state) = start(setup()).await;
    *state.lock().unwrap() = Some("a plan".to_owned());
    let agent = Agent::new();
    let callback = begin(&app, &agent, "/me").await;
    let page = agent.get(&callback).await;
    let mut expected = json!({
        "user": "alice", "guard": "alice", "groups": ["admin"], "state": "a plan", "next": "/me", "new": true,
    });
    assert_eq!(json(&page), expected);
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice");

    // The back button.
    expected["state"] = Value::Null;
    expected["next"] = json!("/");
    expected["new"] = json!(false);
    assert_eq!(json(&agent.get(&callback).await), expected);
    assert_eq!(app.exchanges(), 1);
}

/// E9 of `docs/seeds.md`: whatever it contains.
#[rocket::async_test]
async fn the_apps_state_comes_back_byte_for_byte() {
    let (app, state) = start(setup()).await;
    let agent = Agent::new();
    let all_bytes: String = (0..=255_u8).map(char::from).collect();
    for text in [
        "",
        "a__b",
        "__",
        "a&state=b&code=c",
        "#",
        "a b",
        "%2F%252F",
        "{\"next\":\"/x\"}",
        "\\ ^ > <script>",
        "grüße \u{1f980} \u{202e}",
        "\r\nSet-Cookie: x=y",
        "\0\u{1}",
        &all_bytes,
        &"x".repeat(1_500),
    ] {
        *state.lock().unwrap() = Some(text.to_owned());
        assert_eq!(json(&complete(&app, &agent, "/me").await)["state"], text);
    }
    *state.lock().unwrap() = None;
    assert_eq!(json(&complete(&app, &agent, "/me").await)["state"], Value::Null);
}

#[rocket::async_test]
async fn an_answer_that_is_an_error_leaves_no_session_here_or_at_the_pool() {
    for (next, status) in [("/forbidden", 403), ("/unavailable", 503), ("/panic", 500)] {
        let (app, _) = start(setup()).await;
        let agent = Agent::new();
        let callback = begin(&app, &agent, next).await;
        let page = agent.get(&callback).await;
        assert_eq!(page.status, status, "{next}");
        assert!(agent.cookies().is_empty(), "{next}: {:?}", agent.cookies());
        assert_eq!(agent.get(&app.url("/me")).await.status, 401);
        while app.revocations() == 0 {
            tokio::task::yield_now().await;
        }
        let again = agent.get(&callback).await;
        assert_eq!((again.status.as_u16(), agent.cookies().len()), (400, 0), "{next}: its twin gets nothing");
        assert_eq!((app.exchanges(), app.revocations()), (1, 1));
    }
}

#[rocket::async_test]
async fn returned_as_it_is_it_goes_on() {
    let (app, _) = start(setup().redirect_path("/second/callback")).await;
    let agent = Agent::new();
    let page = complete(&app, &agent, "/me?tab=1").await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me?tab=1"));
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice");
}

#[rocket::async_test]
async fn strict_cookies_come_with_a_page_that_moves_on() {
    let setup = setup().redirect_path("/second/callback").set("cookie_samesite", "strict");
    let (app, _) = start(setup).await;
    let page = complete(&app, &Agent::new(), "/me").await;
    assert_eq!((page.status.as_u16(), page.header("location")), (200, ""));
    assert!(page.body.contains("url=/me"), "{}", page.body);
}

#[rocket::async_test]
async fn parallel_deliveries_are_one_sign_in() {
    let (app, _) = start(setup()).await;
    let agent = Agent::new();
    let callback = begin(&app, &agent, "/me").await;
    let pages = join_all((0..50).map(|_| agent.get(&callback))).await;
    assert!(pages.iter().all(|page| json(page)["user"] == "alice"));
    assert_eq!(app.exchanges(), 1);
}

#[rocket::async_test]
async fn a_refusal_is_the_apps_to_answer() {
    let (app, _) = start(setup().redirect_path("/optional/callback")).await;
    let agent = Agent::new();
    let login = agent.get(&app.url("/signin")).await;
    let state = login.location_parameter("state");
    let denied = app.url(&format!("/optional/callback?error=access_denied&state={state}"));
    assert_eq!(agent.get(&denied).await.body, "access_denied");
    assert!(agent.cookies().is_empty());
    assert_eq!(agent.get(&app.url("/optional/callback?code=a&state=b")).await.body, "no_login_attempt");
    assert_eq!(agent.get(&app.url("/optional/callback")).await.body, "bad_callback");
    assert_eq!(app.exchanges(), 0);
}

/// Rocket answers HEAD with the GET route; a link scanner would burn the code.
#[rocket::async_test]
async fn head_spends_no_code() {
    let (app, _) = start(setup()).await;
    let agent = Agent::new();
    let callback = begin(&app, &agent, "/me").await;
    assert_eq!(agent.send(Method::HEAD, &callback, &[], None).await.status, 405);
    assert_eq!(app.exchanges(), 0);
    assert_eq!(json(&agent.get(&callback).await)["user"], "alice");
}

/// A double click on a route that inserts a row: the second delivery fails, and the first has begun the session.
#[rocket::async_test]
async fn a_second_delivery_that_fails_does_not_end_the_session_that_the_first_has_begun() {
    let (app, _) = start(setup()).await;
    let agent = Agent::new();
    let callback = begin(&app, &agent, "/once").await;
    // As it is sent before the first answer arrives.
    let second = Agent::new();
    agent.cookies().iter().for_each(|(name, value)| second.set_cookie(name, value));
    assert_eq!(agent.get(&callback).await.status, 200);
    assert_eq!(second.get(&callback).await.status, 409);
    assert_eq!((second.cookie("cognito_access_token"), app.revocations()), (None, 0));
    agent.drop_cookie("cognito_access_token");
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice", "it can be renewed");
}

#[rocket::async_test]
async fn it_leads_where_the_route_wants_within_the_site() {
    #[get("/auth/callback")]
    fn elsewhere(callback: Callback) -> Callback {
        let path = callback.state().unwrap_or_default().to_owned();
        callback.go_to(path)
    }
    let state = AppState::default();
    let managed = Arc::clone(&state);
    let build = |rocket: Rocket<Build>| {
        rocket.attach(Cognito::fairing()).manage(managed).mount("/", routes![signin, elsewhere])
    };
    let app = setup().start_with(build).await;
    for (path, location) in [
        ("/welcome?x=1", "/welcome?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/signin", "/"),
    ] {
        *state.lock().unwrap() = Some(path.to_owned());
        let page = complete(&app, &Agent::new(), "/me").await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, location), "{path}");
    }
}

/// An app that could never work does not launch.
#[rocket::async_test]
async fn a_guard_that_could_never_succeed_stops_the_launch() {
    #[get("/renew")]
    fn renew(_session: Refresh) {}
    let settings = crate::support::settings("http://127.0.0.1:9/jwks.json");
    let launch = async |figment: figment::Figment, route: Vec<rocket::Route>| {
        let rocket = rocket::custom(figment).attach(Cognito::fairing()).mount("/", route);
        rocket.ignite().await.map(drop).map_err(|error| format!("{:?}", error.kind()))
    };
    let refused = launch(settings.clone(), routes![renew]).await.unwrap_err();
    assert!(refused.contains("Sentinel"), "{refused}");
    launch(settings.clone().merge(("cognito.refresh_flow_enabled", true)), routes![renew]).await.unwrap();

    let refused = launch(settings.clone(), routes![onward]).await.unwrap_err();
    assert!(refused.contains("Sentinel"), "{refused}");
    launch(settings.merge(("cognito.routes", "none")), routes![onward]).await.unwrap();
}

#[rocket::async_test]
async fn a_borrowed_user_is_the_one_of_the_guards_before_it() {
    let (app, _) = start(setup().redirect_path("/before/callback")).await;
    let agent = Agent::new();
    for (username, expected) in [("alice", "nobody alice alice alice"), ("bob", "alice bob bob bob")] {
        app.leave_pool(&agent).await;
        let login = agent.open(&app.url("/signin?next=/")).await;
        let page = agent.get(&code_for(&agent, &login, username).await).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, expected));
    }
}
