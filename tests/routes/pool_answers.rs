//! What the pool says at the callback instead of a code, and its page for new users.

use reqwest::Url;
use rocket::http::RawStr;
use rocket::serde::json::Json;
use rocket::{Build, Request, Rocket, catch, catchers, get, routes};
use rocket_cognito::{Callback, Cognito, CognitoUser, Denial, Login};
use serde_json::{Value, json};

use crate::support::agent::{Agent, Page};
use crate::support::app;
use crate::support::app::{App, Setup, parameters};

const REFUSED: &str = "error=invalid_request&error_description=PreSignUp+failed+with+error+NOT_INVITED.";

/// The callback with what the pool says, for a sign-in that `login` has begun.
async fn comes_back(app: &App, agent: &Agent, login: &Page, says: &str) -> Page {
    let state = login.location_parameter("state");
    agent.open(&app.url(&format!("/auth/callback?state={state}&{says}"))).await
}

#[rocket::async_test]
async fn a_silent_sign_in_leads_to_its_page_with_or_without_a_session() {
    let app = App::start().await;
    let silent = app.url("/auth/login?prompt=none&next=/?asked");
    let nobody = Agent::new();
    let page = nobody.follow(&silent).await;
    assert_eq!(
        (page.status.as_u16(), page.url.as_str(), page.body.as_str()),
        (200, &*app.url("/?asked"), "nobody")
    );
    assert!(nobody.cookies().is_empty(), "{:?}", nobody.cookies());

    let agent = app.signed_in("alice").await;
    agent.cookies().into_keys().for_each(|name| agent.drop_cookie(&name));
    assert_eq!(agent.follow(&silent).await.body, "alice", "the pool knows her");

    for error in ["login_required", "interaction_required", "consent_required", "account_selection_required"]
    {
        let agent = Agent::new();
        let login = agent.open(&silent).await;
        let page = comes_back(&app, &agent, &login, &format!("error={error}")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/?asked"), "{error}");
    }
    // Other errors are errors, and so are these where the pool was to ask.
    for (login, error) in [(silent.as_str(), "access_denied"), (&app.url("/auth/login"), "login_required")] {
        let agent = Agent::new();
        let login = agent.open(login).await;
        let page = comes_back(&app, &agent, &login, &format!("error={error}")).await;
        assert!([400, 403].contains(&page.status.as_u16()), "{error}: {}", page.status);
    }
    // A guarded page asks in earnest then.
    let page = Agent::new().follow(&app.url("/auth/login?prompt=none&next=/me")).await;
    assert_eq!(page.url.path(), "/login");
}

#[catch(default)]
fn tell(request: &Request<'_>) -> Json<Value> {
    let denial = Denial::of(request);
    let denial = denial.as_ref();
    Json(json!({
        "code": denial.map(Denial::code),
        "error": denial.and_then(Denial::pool_error),
        "description": denial.and_then(Denial::pool_error_description),
        "next": denial.and_then(Denial::next),
    }))
}

#[get("/auth/callback")]
fn own_callback(callback: Result<Callback, Denial>) -> Json<Value> {
    match callback {
        Ok(callback) => Json(json!({ "user": callback.user().username() })),
        Err(denial) => Json(json!({
            "code": denial.code(),
            "error": denial.pool_error(),
            "description": denial.pool_error_description(),
            "next": denial.next(),
        })),
    }
}

fn with_own_catcher(rocket: Rocket<Build>) -> Rocket<Build> {
    app::without_catchers(rocket).register("/", catchers![tell])
}

fn with_own_callback(rocket: Rocket<Build>) -> Rocket<Build> {
    app::build(rocket).mount("/", routes![own_callback])
}

#[rocket::async_test]
async fn catchers_and_own_callbacks_see_what_the_pool_says() {
    let catching = Setup::new().start_with(with_own_catcher).await;
    let own = Setup::new().set("routes", ["login", "logout"]).start_with(with_own_callback).await;
    for app in [&catching, &own] {
        let agent = Agent::new();
        let login = agent.open(&app.url("/auth/login?next=/me")).await;
        let page = comes_back(app, &agent, &login, REFUSED).await;
        let said: Value = serde_json::from_str(&page.body).unwrap();
        let description = "PreSignUp failed with error NOT_INVITED.";
        let expected = json!({
            "code": "sign_in_refused", "error": "invalid_request", "description": description, "next": "/me",
        });
        assert_eq!(said, expected);

        // What does not belong to a sign-in of this browser's is not the pool's word.
        let unknown = Agent::new().get(&app.url(&format!("/auth/callback?state=x&{REFUSED}"))).await;
        let said: Value = serde_json::from_str(&unknown.body).unwrap();
        assert_eq!((&said["code"], &said["error"]), (&json!("no_login_attempt"), &Value::Null));
        let login = agent.open(&app.url("/auth/login")).await;
        let foreign = comes_back(app, &agent, &login, "error=x&iss=https://evil.example").await;
        let said: Value = serde_json::from_str(&foreign.body).unwrap();
        assert_eq!((&said["code"], &said["error"]), (&json!("login_not_recognised"), &Value::Null));

        let login = agent.open(&app.url("/auth/login")).await;
        let long = format!("error={}&error_description={}", "e".repeat(300), "%C3%A4".repeat(900));
        let said: Value = serde_json::from_str(&comes_back(app, &agent, &login, &long).await.body).unwrap();
        assert_eq!(said["error"].as_str().unwrap().len(), 128);
        assert_eq!(said["description"].as_str().unwrap().len(), 1024);
    }
    let agent = Agent::new();
    let login = agent.open(&own.url("/auth/login?prompt=none&next=/me")).await;
    let page = comes_back(&own, &agent, &login, "error=login_required").await;
    let said: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!((&said["code"], &said["next"]), (&json!("login_required"), &json!("/me")));
}

/// X3: our own pages repeat nothing of it.
#[rocket::async_test]
async fn our_own_page_says_nothing_that_the_pool_says() {
    let app = App::start().await;
    let agent = Agent::new();
    let login = agent.open(&app.url("/auth/login")).await;
    let page = comes_back(&app, &agent, &login, REFUSED).await;
    assert!(page.status == 400 && !page.body.contains("INVITED") && !page.body.contains("invalid_request"));
}

fn with_hook(rocket: Rocket<Build>) -> Rocket<Build> {
    let fairing = Cognito::fairing().on_pool_error(|_, denial| {
        let description = denial.pool_error_description().unwrap_or_default().to_owned();
        let again = format!("{}&identity_provider=Google", denial.login_path());
        Box::pin(async move {
            match description.as_str() {
                "not invited" => Ok(Some("/page?invitation".to_owned())),
                "already linked" => Ok(Some(again)),
                "elsewhere" => Ok(Some("https://evil.example".to_owned())),
                "logout" => Ok(Some("/auth/logout".to_owned())),
                "broken" => Err("no database".into()),
                _ => Ok(None),
            }
        })
    });
    rocket.attach(fairing).mount("/", routes![me]).register("/", rocket_cognito::catchers())
}

#[get("/me")]
fn me(_user: CognitoUser) {}

#[rocket::async_test]
async fn a_hook_may_lead_elsewhere_or_begin_again_once_after_an_error_of_the_pool() {
    let app = Setup::new().start_with(with_hook).await;
    let agent = Agent::new();
    for (description, location) in [
        ("not invited", "/page?invitation"),
        ("elsewhere", "/"),
        ("logout", "/"),
        ("already linked", "/auth/login?next=%2Fme&identity_provider=Google&again=1"),
    ] {
        let login = agent.open(&app.url("/auth/login?next=/me")).await;
        let says =
            format!("error=invalid_request&error_description={}", RawStr::new(description).percent_encode());
        let page = comes_back(&app, &agent, &login, &says).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, location), "{description}");
    }
    // A sign-in without a page of its own.
    let login = agent.open(&app.url("/auth/login")).await;
    let page = comes_back(&app, &agent, &login, "error=x&error_description=already+linked").await;
    assert_eq!(page.header("location"), "/auth/login?identity_provider=Google&again=1");
    let again = agent.open(&app.url("/auth/login?next=/me&identity_provider=Google&again=1")).await;
    assert_eq!(again.location_parameter("identity_provider"), "Google");
    let page =
        comes_back(&app, &agent, &again, "error=invalid_request&error_description=already+linked").await;
    assert_eq!(page.status, 400, "the pool refused twice within a minute");
    for (description, status) in [("broken", 400), ("anything else", 400)] {
        let login = agent.open(&app.url("/auth/login")).await;
        let says = format!("error=other&error_description={}", RawStr::new(description).percent_encode());
        assert_eq!(comes_back(&app, &agent, &login, &says).await.status, status, "{description}");
    }
    let unknown =
        Agent::new().open(&app.url("/auth/callback?state=x&error=y&error_description=not+invited")).await;
    assert_eq!(unknown.status, 400, "the hook hears of sign-ins of this browser alone");
    assert_eq!(
        agent.follow(&app.url("/auth/login?prompt=none&next=/page")).await.status,
        404,
        "no error to ask about"
    );
}

#[get("/join")]
fn join() -> Login {
    Login::new().next("/me").lang("de").sign_up()
}

#[rocket::async_test]
async fn a_sign_up_goes_to_the_pools_page_for_new_users_and_comes_back_like_a_sign_in() {
    let app = Setup::new().start_with(|rocket| app::build(rocket).mount("/", routes![join])).await;
    for path in ["/auth/login?screen=signup&next=/me&lang=de", "/join"] {
        let agent = Agent::new();
        let login = agent.open(&app.url(path)).await;
        let url = Url::parse(&login.location()).unwrap();
        assert_eq!((login.status.as_u16(), url.path()), (303, "/signup"), "{path}");
        let names: Vec<_> = parameters(url.as_str()).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
            "lang",
        ];
        assert_eq!(names, expected, "{path}");
        assert_eq!(agent.cookies().len(), 1, "{path}");
        let username = if path == "/join" { "dave" } else { "erin" };
        let form = [("username", username), ("email", "new@example.com"), ("password", "Secr3t-word")];
        let answer = agent.post(url.as_str(), &[], &form).await;
        let page = agent.follow(&answer.location()).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{path}");
        assert!(page.body.contains(username), "{}", page.body);
    }
    for path in ["/auth/login?screen=other", "/auth/login?screen=", "/auth/login?screen=signup&screen=signup"]
    {
        assert_eq!(Agent::new().open(&app.url(path)).await.status, 400, "{path}");
    }
}
