//! Which denials go to a catcher, and which are a catcher's answer.

use std::time::Duration;

use reqwest::Method;
use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, catch, catchers, get, post, routes};
use rocket_cognito::policy::Rule;
use rocket_cognito::{Clock, CognitoUser, Denial, InGroups};

use crate::handler::{HTMX, NAVIGATION, TURBO, own, read, rule, whole, without_catchers};
use crate::snapshot::{PAGE, PROGRAM};
use crate::support::agent::{Agent, answer};
use crate::support::app::{App, CLIENT, Setup};
use crate::support::forge::now;
use crate::support::groups::Admin;

const CLIENTS: [&[(&str, &str)]; 5] = [PAGE, PROGRAM, HTMX, TURBO, NAVIGATION];

#[get("/demanded")]
fn demanded(_admin: InGroups<Admin>) {}

#[get("/returned")]
fn returned(admin: Result<InGroups<Admin>, Denial>) -> Result<(), Denial> {
    admin.map(drop)
}

#[catch(401)]
fn own_401(request: &Request<'_>) -> String {
    read(request)
}

#[catch(500)]
fn own_500() -> &'static str {
    "the app's 500"
}

async fn start(register: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> App {
    let build = |rocket| {
        let routes = routes![demanded, returned, asked_before, saves, named];
        register(without_catchers(rocket).mount("/", routes))
    };
    Setup::new().start_with(build).await
}

/// It may be an optional guard's, of which the handler makes what it likes: only what the handler itself forbids is left to
/// a catcher.
#[rocket::async_test]
async fn a_guards_denial_that_a_handler_returns_is_answered_as_by_the_ready_catchers() {
    let app = start(|rocket| rocket.register("/", catchers![own, own_401])).await;
    let ready = start(|rocket| rocket.register("/", rocket_cognito::catchers())).await;
    for name in [Some("bob"), None] {
        let [here, there] = match name {
            Some(name) => [app.session(name, now()), ready.session(name, now())],
            None => [Agent::new(), Agent::new()],
        };
        for headers in CLIENTS {
            let page = here.send(Method::GET, &app.url("/returned"), headers, None).await;
            let expected = there.send(Method::GET, &ready.url("/demanded"), headers, None).await;
            assert_eq!(whole(&page, "returned"), whole(&expected, "demanded"), "{headers:?}");
        }
    }
}

#[catch(401)]
async fn asks_for_user(request: &Request<'_>) -> Option<Denial> {
    request.guard::<CognitoUser>().await.error_then_denial()
}

#[catch(403)]
async fn asks_for_admin(request: &Request<'_>) -> Option<Denial> {
    request.guard::<InGroups<Admin>>().await.error_then_denial()
}

trait ErrorOf {
    fn error_then_denial(self) -> Option<Denial>;
}

impl<G> ErrorOf for Outcome<G, Denial> {
    fn error_then_denial(self) -> Option<Denial> {
        match self {
            Outcome::Error((_, denial)) => Some(denial),
            _ => None,
        }
    }
}

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> String {
    match Denial::of(request).filter(|denial| denial.status() == status) {
        Some(denial) => denial.message().to_owned(),
        None => status.to_string(),
    }
}

/// Beside whatever other catchers.
#[rocket::async_test]
async fn a_catcher_may_return_what_a_guard_gives_it() {
    let ready = start(|rocket| rocket.register("/", rocket_cognito::catchers())).await;
    let asking = start(|rocket| rocket.register("/", catchers![asks_for_user, asks_for_admin])).await;
    let with_500 =
        start(|rocket| rocket.register("/", catchers![asks_for_user, asks_for_admin, own_500])).await;
    let with_any = start(|rocket| rocket.register("/", catchers![asks_for_user, asks_for_admin, any])).await;
    for app in [asking, with_500, with_any] {
        for name in [Some("bob"), None] {
            let [here, there] = match name {
                Some(name) => [app.session(name, now()), ready.session(name, now())],
                None => [Agent::new(), Agent::new()],
            };
            for headers in CLIENTS {
                for method in [Method::GET, Method::HEAD] {
                    let page = here.send(method.clone(), &app.url("/admin"), headers, None).await;
                    let expected = there.send(method, &ready.url("/admin"), headers, None).await;
                    assert_eq!(whole(&page, "-"), whole(&expected, "-"), "{headers:?}");
                }
            }
        }
    }
}

/// Beside a catcher of the app's own for 403 Rocket takes it for a failure.
#[rocket::async_test]
async fn a_catcher_that_forbids_answers_beside_the_ready_catchers_alone() {
    #[catch(404)]
    fn hides() -> Denial {
        Denial::forbidden(rule())
    }

    #[get("/none")]
    fn none() -> Option<()> {
        None
    }

    let ready = rocket_cognito::catchers();
    let app =
        start(|rocket| rocket.mount("/", routes![none]).register("/", ready).register("/", catchers![hides]))
            .await;
    for path in ["/nowhere", "/none"] {
        let page = Agent::new().send(Method::GET, &app.url(path), PROGRAM, None).await;
        assert_eq!(answer(&page), (403, "rule_not_met".into()), "{path}");
    }
    let app = start(|rocket| rocket.register("/", catchers![hides, own])).await;
    assert_eq!(Agent::new().get(&app.url("/nowhere")).await.status, 500);
}

/// What one visitor was refused for is no answer to another one.
#[rocket::async_test]
async fn a_denial_that_is_kept_shows_nothing_of_its_request() {
    #[derive(Default)]
    struct Kept(std::sync::Mutex<Option<Denial>>);

    #[get("/keep?<_secret>")]
    fn keep(user: Result<CognitoUser, Denial>, kept: &rocket::State<Kept>, _secret: &str) -> Option<Denial> {
        *kept.0.lock().unwrap() = user.err();
        None
    }

    #[get("/return")]
    fn give(kept: &rocket::State<Kept>) -> Option<Denial> {
        kept.0.lock().unwrap().clone()
    }

    let app = start(|rocket| rocket.manage(Kept::default()).mount("/", routes![keep, give])).await;
    let agent = Agent::new();
    agent.send(Method::GET, &app.url("/keep?_secret=canary"), PAGE, None).await;
    let page = agent.send(Method::GET, &app.url("/return"), PAGE, None).await;
    assert_eq!(page.status, 401);
    assert!(!page.body.contains("canary") && page.body.contains("%2Freturn"), "{}", page.body);
}

/// What a catcher answers by itself is the app's answer, also a failure.
#[rocket::async_test]
async fn a_catchers_own_500_stays() {
    #[catch(403)]
    fn fails_unasked() -> (Status, &'static str) {
        (Status::InternalServerError, "its own 500")
    }

    #[catch(403)]
    fn fails_asked(request: &Request<'_>) -> (Status, &'static str) {
        assert!(Denial::of(request).is_some());
        (Status::InternalServerError, "its own 500")
    }

    #[catch(403)]
    fn panics(request: &Request<'_>) -> &'static str {
        assert!(Denial::of(request).is_none(), "a catcher may panic");
        ""
    }

    let unasked = start(|rocket| rocket.register("/", catchers![fails_unasked])).await;
    let asked = start(|rocket| rocket.register("/", catchers![fails_asked])).await;
    let panics = start(|rocket| rocket.register("/", catchers![panics, own_500])).await;
    for (app, paths, body) in [
        (&unasked, &["/by/handler", "/by/guard"][..], "its own 500"),
        (&asked, &["/by/handler", "/by/guard", "/by/options"], "its own 500"),
        (&panics, &["/by/handler", "/by/guard", "/by/options"], "the app's 500"),
    ] {
        let bob = app.session("bob", now());
        for path in paths {
            let page = bob.get(&app.url(path)).await;
            assert_eq!((page.status.as_u16(), page.body.as_str()), (500, body), "{path}");
        }
    }
}

/// A guard of the app's own, which looks at what was refused before.
struct Asks(Option<Denial>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Asks {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let admin = request.guard::<InGroups<Admin>>().await;
        assert!(admin.is_error());
        Outcome::Success(Asks(Denial::of(request)))
    }
}

#[get("/asked-before")]
fn asked_before(_user: CognitoUser, asks: Asks) -> Denial {
    assert_eq!(asks.0.unwrap().rule().unwrap().to_string(), "group \"admin\"");
    Denial::forbidden(Rule::named("another thing"))
}

#[rocket::async_test]
async fn a_handler_that_looked_up_one_denial_may_return_another() {
    let app = start(|rocket| rocket.register("/", catchers![own])).await;
    let page = app.session("bob", now()).get(&app.url("/asked-before")).await;
    assert_eq!(page.status, 403);
    assert!(page.body.starts_with("rule_not_met: needs another thing "), "{}", page.body);
}

#[post("/saves")]
fn saves(_user: CognitoUser) -> Denial {
    Denial::forbidden(rule())
}

/// Rocket drops the cookies of a handler that a catcher answers for; those of the session are none of these.
#[rocket::async_test]
async fn a_session_that_was_refreshed_is_kept_though_the_handler_refuses() {
    for catchers in [catchers![], catchers![own]] {
        let clock = Clock::default();
        let build = |rocket| {
            without_catchers(rocket).manage(clock.clone()).mount("/", routes![saves]).register("/", catchers)
        };
        let app = Setup::new().start_with(build).await;
        let bob = app.session("bob", now());
        let before = bob.cookie("cognito_access_token").unwrap();
        clock.advance(Duration::from_secs(4000));
        app.pool.set_clock_skew_seconds(4000);
        let page = bob.post(&app.url("/saves"), &[("origin", &app.origin())], &[]).await;
        assert_eq!(page.status, 403);
        assert_ne!(bob.cookie("cognito_access_token").unwrap(), before, "{:?}", page.set_cookies());
        assert_eq!(bob.get(&app.url("/me")).await.status, 200);
    }
}

/// Rules that follow from what the visitor has typed.
#[get("/named/<kind>?<name>")]
fn named(_user: CognitoUser, kind: &str, name: String) -> Denial {
    Denial::forbidden(match kind {
        "group" => Rule::group(name),
        "scope" => Rule::Any(vec![Rule::scope(name), Rule::scope("orders/read")]),
        _ => Rule::named(name),
    })
}

#[rocket::async_test]
async fn a_rule_in_a_visitors_words_breaks_no_line_and_shows_in_no_ready_answer() {
    let ready = start(|rocket| rocket.register("/", rocket_cognito::catchers())).await;
    let own = start(|rocket| rocket.register("/", catchers![own])).await;
    let token = |app: &App| format!("Bearer {}", app.pool.sign_in("bob", CLIENT).unwrap().access_token);
    let (ready_token, own_token) = (token(&ready), token(&own));
    let names = [
        "canary\"",
        "canary\r\nX-Canary: canary",
        "<script>canary()</script>",
        "canary\u{202e}\u{2028}\u{85}\u{0}",
        "canary\\",
        "\" canary=\"",
    ];
    for name in names {
        for kind in ["group", "scope", "words"] {
            let query = reqwest::Url::parse_with_params("http://x/", [("name", name)]).unwrap();
            let path = format!("/named/{kind}?{}", query.query().unwrap());
            for headers in CLIENTS {
                let headers = [headers, &[("authorization", &*ready_token)]].concat();
                let page = Agent::new().send(Method::GET, &ready.url(&path), &headers, None).await;
                assert_eq!(page.status, 403);
                let is_scope = kind == "scope" && name.starts_with('<');
                let scope = if is_scope { format!("scope=\"{name} orders/read\"") } else { String::new() };
                assert!(page.header("www-authenticate").ends_with(&scope), "{:?}", page.headers);
                let answer = format!("{:?} {}", page.headers, page.body).to_lowercase();
                assert_eq!(answer.matches("canary").count(), usize::from(is_scope), "{answer}");
            }
            let headers = [("authorization", &*own_token)];
            let page = Agent::new().send(Method::GET, &own.url(&path), &headers, None).await;
            let has_broken = page.body.chars().any(|it| it.is_control() || "\u{202e}\u{2028}".contains(it));
            assert!(page.body.contains("canary") && !has_broken, "{:?}", page.body);
        }
    }
}
