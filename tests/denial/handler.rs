//! What a handler refuses is answered as what a guard refuses.

use std::collections::BTreeMap;
use std::time::SystemTime;

use reqwest::Method;
use rocket::http::Status;
use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome};
use rocket::response::content::RawHtml;
use rocket::{Build, Request, Responder, Rocket, catch, catchers, get, post, routes};
use rocket_cognito::policy::{Decision, Policy, Rule};
use rocket_cognito::{Authorized, CognitoUser, Denial, InGroups, Machine};

use crate::snapshot::{PAGE, PROGRAM};
use crate::support::agent::{Agent, Page};
use crate::support::app::{self, App, CLIENT, Setup};
use crate::support::forge::now;
use crate::support::groups::Admin;

/// With everything that an answer might show of a rule.
pub fn rule() -> Rule {
    Rule::All(vec![Rule::group("team-blue"), Rule::scope("orders/write"), Rule::named("its author")])
}

struct Refused;
impl Policy for Refused {
    fn check(_: &CognitoUser, _: SystemTime) -> Decision {
        Decision::Refused(Self::rule())
    }

    fn rule() -> Rule {
        rule()
    }
}

#[get("/by/guard")]
fn by_guard(_user: Authorized<Refused>) {}

#[post("/by/guard")]
fn by_guard_post(_user: Authorized<Refused>) {}

#[get("/by/handler")]
fn by_handler(_user: CognitoUser) -> Denial {
    Denial::forbidden(rule())
}

#[post("/by/handler")]
async fn by_handler_post(user: CognitoUser) -> Result<&'static str, Denial> {
    edit(&user).await?;
    Ok("edited")
}

/// Refuses from deep within what a handler calls.
async fn edit(user: &CognitoUser) -> Result<(), Denial> {
    fn ask(user: &CognitoUser) -> Result<(), Denial> {
        if user.username() == "its author" { Ok(()) } else { Err(Denial::forbidden(rule())) }
    }
    ask(user)?;
    Ok(())
}

/// An optional guard has refused before.
#[get("/by/options")]
fn by_options(
    user: CognitoUser,
    machine: Result<Machine, Denial>,
    admin: Option<InGroups<Admin>>,
) -> Result<Option<String>, Denial> {
    assert!(machine.is_err() && admin.is_none());
    Err(Denial::forbidden(if user.username().is_empty() { Rule::Fresh(1) } else { rule() }))
}

#[derive(Responder)]
enum AppError {
    Denied(Denial),
}

impl From<Denial> for AppError {
    fn from(denial: Denial) -> Self {
        AppError::Denied(denial)
    }
}

#[get("/by/apperror")]
async fn by_error(user: CognitoUser) -> Result<(), AppError> {
    Ok(edit(&user).await?)
}

/// A guard of the app's own.
struct Author;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Author {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        let user = try_outcome!(request.guard::<CognitoUser>().await);
        edit(&user).await.map_or_else(|denial| Denial::refuse(request, denial), |()| Outcome::Success(Author))
    }
}

#[get("/by/own-guard")]
fn by_own_guard(_author: Author) {}

#[get("/by/nested")]
fn by_nested(_user: CognitoUser) -> Option<Result<(), (Status, Denial)>> {
    Some(Err((Status::Forbidden, Denial::forbidden(rule()))))
}

/// All that a catcher reads of a denial.
pub fn read(request: &Request<'_>) -> String {
    let denial = Denial::of(request).expect("the denial");
    let json = rocket::serde::json::to_string(&denial).unwrap();
    let (rule, next, login) = (denial.rule(), denial.next(), denial.login_path());
    format!("{denial:?} {denial} {rule:?} {next:?} {login} {json} {}", Denial::wants_page(request))
}

#[catch(403)]
pub fn own(request: &Request<'_>) -> String {
    read(request)
}

#[catch(default)]
fn default(status: Status, request: &Request<'_>) -> (Status, RawHtml<String>) {
    (status, RawHtml(read(request)))
}

/// The app's catcher, as in the README.
#[catch(403)]
fn own_page(request: &Request<'_>) -> Result<RawHtml<&'static str>, Denial> {
    match Denial::of(request) {
        Some(denial) if !Denial::wants_page(request) => Err(denial),
        _ => Ok(RawHtml("<h1>This is not for you.</h1>")),
    }
}

const OTHERS: [&str; 5] = ["handler", "options", "apperror", "nested", "own-guard"];

pub fn without_catchers(rocket: Rocket<Build>) -> Rocket<Build> {
    app::without_catchers(rocket)
        .mount("/", routes![by_guard, by_guard_post, by_handler, by_handler_post])
        .mount("/", routes![by_options, by_error, by_nested, by_own_guard])
}

/// Status, headers and body.
pub type Answer = (u16, BTreeMap<String, String>, String);
type Answers = Vec<Answer>;

/// The whole answer, but for the time and the page that was asked for.
pub fn whole(page: &Page, by: &str) -> Answer {
    let neutral = |text: &str| text.replace(by, "-");
    let headers =
        page.headers.iter().filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), neutral(value.to_str().unwrap())));
    (page.status.as_u16(), headers.collect(), neutral(&page.body))
}

pub const HTMX: &[(&str, &str)] = &[("hx-request", "true"), ("hx-current-url", "http://localhost/list")];
pub const TURBO: &[(&str, &str)] =
    &[("accept", "text/vnd.turbo-stream.html, text/html, application/xhtml+xml")];
pub const NAVIGATION: &[(&str, &str)] = &[("accept", "text/html"), ("sec-fetch-mode", "navigate")];

/// What each kind of client is answered where `by` refuses it.
async fn answers(app: &App, by: &str) -> Answers {
    let session = app.session("bob", now());
    let bearer = format!("Bearer {}", app.pool.sign_in("bob", CLIENT).unwrap().access_token);
    let with_token = [("authorization", &*bearer)];
    let mut answers = Vec::new();
    for (agent, credential) in [(session, &[][..]), (Agent::new(), &with_token)] {
        for headers in [PAGE, PROGRAM, HTMX, TURBO, NAVIGATION] {
            for method in [Method::GET, Method::HEAD, Method::POST] {
                if method == Method::POST && !["guard", "handler"].contains(&by) {
                    continue;
                }
                let headers = [headers, credential, &[("sec-fetch-site", "same-origin")]].concat();
                let page = agent.send(method, &app.url(&format!("/by/{by}")), &headers, None).await;
                answers.push(whole(&page, by));
            }
        }
    }
    answers
}

/// Without the POSTs, which only some routes have.
fn reads(answers: &[Answer]) -> Answers {
    let indexed = answers.iter().enumerate().filter(|(index, _)| index % 3 != 2);
    indexed.map(|(_, answer)| answer.clone()).collect()
}

#[rocket::async_test]
async fn a_handlers_denial_is_answered_as_a_guards() {
    let ready = |rocket| without_catchers(rocket).register("/", rocket_cognito::catchers());
    let ready_answers = answers(&Setup::new().start_with(ready).await, "guard").await;
    let apps = [
        ("ready catchers", Setup::new().start_with(ready).await),
        ("no catcher", Setup::new().start_with(without_catchers).await),
        (
            "a catcher elsewhere",
            Setup::new()
                .start_with(|rocket| without_catchers(rocket).register("/elsewhere", catchers![own, default]))
                .await,
        ),
        (
            "its own",
            Setup::new().start_with(|rocket| without_catchers(rocket).register("/", catchers![own])).await,
        ),
        (
            "its own below",
            Setup::new().start_with(|rocket| ready(rocket).register("/by", catchers![own])).await,
        ),
        (
            "default",
            Setup::new()
                .start_with(|rocket| without_catchers(rocket).register("/", catchers![default]))
                .await,
        ),
        (
            "its own for pages",
            Setup::new()
                .start_with(|rocket| {
                    let ready = rocket_cognito::catchers().without(403);
                    without_catchers(rocket).register("/", ready).register("/", catchers![own_page])
                })
                .await,
        ),
    ];
    for (catchers, app) in &apps {
        let catchers_are_absent = ["no catcher", "a catcher elsewhere"].contains(catchers);
        // Rocket's page says nothing of a guard's denial; a denial that is returned answers by itself.
        let of_guard = if catchers_are_absent { ready_answers.clone() } else { answers(app, "guard").await };
        assert_eq!(of_guard.len(), 2 * 5 * 3);
        for (status, headers, _) in &of_guard {
            assert_eq!((*status, &*headers["cache-control"]), (403, "no-store"), "{catchers}");
            let challenge = "Bearer error=\"insufficient_scope\", scope=\"orders/write\"";
            assert_eq!(headers["www-authenticate"], challenge, "{catchers}");
        }
        for by in OTHERS {
            if by == "own-guard" && catchers_are_absent {
                continue;
            }
            let expected = if by == "handler" { of_guard.clone() } else { reads(&of_guard) };
            assert_eq!(answers(app, by).await, expected, "{by} with {catchers}");
        }
    }
}

#[test]
fn before_it_is_returned_a_denial_says_what_it_knows() {
    let denial = Denial::forbidden(rule());
    assert_eq!((denial.status(), denial.code()), (Status::Forbidden, "rule_not_met"));
    assert_eq!((denial.title(), denial.login_path(), denial.next()), ("Not for this account", "", None));
    assert_eq!(denial.rule(), Some(&rule()));
    let words = "group \"team-blue\" and scope \"orders/write\" and its author";
    assert_eq!(format!("{denial:?}"), format!("rule_not_met: needs {words}"));
    let json = rocket::serde::json::to_string(&denial).unwrap();
    assert!(json.contains("\"code\":\"rule_not_met\"") && json.contains("\"way_on\":\"\""), "{json}");
}
