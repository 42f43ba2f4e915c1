//! What those who are refused are told.

use std::collections::BTreeSet;

use rocket::http::{Header, Status};
use rocket::local::asynchronous::LocalResponse;
use rocket::request::Request;
use rocket::response::content::RawHtml;
use rocket::{catch, catchers, get, routes};
use rocket_cognito::{CognitoUser, Denial, InGroups, Machine, RedirectToLogin};
use serde_json::Value;

use crate::{Admin, World, answer};

#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

#[catch(403)]
fn forbidden(request: &Request<'_>) -> String {
    let denial = Denial::of(request).unwrap();
    let user = CognitoUser::of(request).map(|user| user.username().to_owned());
    format!("{} {:?} {}", denial.code(), user, denial.rule().unwrap())
}

#[rocket::async_test]
async fn catchers_learn_who_was_refused_and_why() {
    let world = World::new(|rocket| rocket.register("/", catchers![unauthorized, forbidden])).await;
    let (status, body) = world.get("/any", Some(world.in_groups(&["x"]))).await;
    let rule = "group \"admin\" or (group \"editor\" and a bearer token)";
    assert_eq!((status, body), (403, format!("rule_not_met Some(\"dora\") {rule}")));
    let (_, body) = world.get("/not", Some(world.in_groups(&["suspended"]))).await;
    assert_eq!(body, "rule_not_met Some(\"dora\") not (group \"suspended\")");
}

async fn refused<'c>(
    world: &'c World,
    path: &'static str,
    headers: &[(&'static str, &'static str)],
) -> LocalResponse<'c> {
    let mut request = world.client.get(path);
    for (name, value) in headers {
        request.add_header(Header::new(*name, *value));
    }
    request.dispatch().await
}

#[rocket::async_test]
async fn sign_in_sends_browsers_to_the_login_and_answers_everybody_else_with_401() {
    let world = World::new(|rocket| rocket.register("/", catchers![unauthorized])).await;
    let html = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let browsers: [&[(&str, &str)]; 2] = [&[html], &[html, ("Sec-Fetch-Mode", "navigate")]];
    for headers in browsers {
        let response = refused(&world, "/user?a=1&b=%2F", headers).await;
        assert_eq!(response.status(), Status::SeeOther);
        let location = response.headers().get_one("Location").unwrap();
        assert_eq!(location, "/auth/login?next=%2Fuser%3Fa%3D1%26b%3D%252F");
        assert_eq!(response.headers().get_one("Cache-Control"), Some("no-store"));
    }
    let others: [&[(&str, &str)]; 4] = [
        &[],
        &[("Accept", "application/json")],
        &[html, ("Sec-Fetch-Mode", "cors")],
        &[html, ("Authorization", "Bearer nonsense")],
    ];
    for headers in others {
        let response = refused(&world, "/user", headers).await;
        assert_eq!(response.status(), Status::Unauthorized, "{headers:?}");
        let challenge = response.headers().get_one("WWW-Authenticate").unwrap();
        let sent = headers.iter().any(|(name, _)| *name == "Authorization");
        assert_eq!(challenge, if sent { "Bearer error=\"invalid_token\"" } else { "Bearer" });
        assert_eq!(response.headers().get_one("Cache-Control"), Some("no-store"));
    }
}

#[get("/own-401")]
fn own_401() -> Status {
    Status::Unauthorized
}

#[rocket::async_test]
async fn sign_in_redirects_only_where_a_guard_of_ours_refused() {
    let world =
        World::new(|rocket| rocket.mount("/", routes![own_401]).register("/", catchers![unauthorized])).await;
    let response = refused(&world, "/own-401", &[("Accept", "text/html")]).await;
    assert_eq!(response.status(), Status::Unauthorized);
}

#[rocket::async_test]
async fn the_ready_catchers_speak_html_to_people_and_json_to_programs() {
    let world = World::new(|rocket| rocket.register("/", rocket_cognito::catchers())).await;
    let forbidden = |accept: &'static str| {
        let request = world.client.get("/group").header(world.in_groups(&["x"]));
        request.header(Header::new("Accept", accept))
    };
    let page = forbidden("text/html").dispatch().await;
    assert_eq!(page.status(), Status::Forbidden);
    let policy = page.headers().get_one("Content-Security-Policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let html = page.into_string().await.unwrap();
    assert!(html.contains("your account may not do this") && !html.contains("{{"), "{html}");

    let json: Value = serde_json::from_str(&answer(forbidden("application/json")).await.1).unwrap();
    assert_eq!(json["error"], "rule_not_met");
    assert_eq!(world.get("/user", None).await.0, 401);
}

#[catch(403)]
fn own_page(request: &Request<'_>) -> Result<RawHtml<String>, Denial> {
    match Denial::of(request).unwrap() {
        denial if Denial::wants_page(request) => Ok(RawHtml(format!("<h1>Ours: {}</h1>", denial.message()))),
        denial => Err(denial),
    }
}

#[rocket::async_test]
async fn one_ready_catcher_gives_way_to_the_apps_own_which_leaves_json_to_programs() {
    let ready = rocket_cognito::catchers().without(403).without(404);
    let world = World::new(|rocket| rocket.register("/", ready).register("/", catchers![own_page])).await;
    let forbidden = |accept: &'static str| {
        let request = world.client.get("/group").header(world.in_groups(&["x"]));
        request.header(Header::new("Accept", accept))
    };
    let page = answer(forbidden("text/html")).await;
    assert_eq!(page, (403, "<h1>Ours: You are signed in, but your account may not do this.</h1>".into()));
    let json = forbidden("application/json").dispatch().await;
    assert_eq!(json.status(), Status::Forbidden);
    assert!(json.headers().get_one("WWW-Authenticate").is_none());
    let json: Value = serde_json::from_str(&json.into_string().await.unwrap()).unwrap();
    assert_eq!(json["error"], "rule_not_met");
    // The others are still there.
    assert_eq!(refused(&world, "/user", &[("Accept", "text/html")]).await.status(), Status::SeeOther);
    let names = world.client.rocket().catchers().filter_map(|catcher| catcher.name.as_deref());
    let ours: BTreeSet<_> = names.filter(|name| name.starts_with("cognito")).collect();
    assert_eq!(ours, BTreeSet::from(["cognito 400", "cognito 401", "cognito 421", "cognito 503"]));
}

#[get("/handled")]
fn handled(admin: Result<InGroups<Admin>, Denial>, user: Result<CognitoUser, Denial>) -> Result<(), Denial> {
    user?;
    admin?;
    Ok(())
}

#[get("/first")]
fn first(user: Result<CognitoUser, Denial>, _machine: Result<Machine, Denial>) -> Denial {
    user.unwrap_err()
}

#[rocket::async_test]
async fn a_denial_that_a_handler_returns_is_answered_as_by_the_ready_catchers() {
    let world = World::new(|rocket| rocket.mount("/", routes![handled, first])).await;
    let html = ("Accept", "text/html");
    let browser = refused(&world, "/handled", &[html]).await;
    assert_eq!(browser.headers().get_one("Location"), Some("/auth/login?next=%2Fhandled"));
    for path in ["/handled", "/first"] {
        let program = refused(&world, path, &[]).await;
        assert_eq!(program.status(), Status::Unauthorized);
        assert_eq!(program.headers().get_one("WWW-Authenticate"), Some("Bearer"));
        assert_eq!(program.headers().get_one("Cache-Control"), Some("no-store"));
    }
    let (status, body) = world.get("/handled", Some(world.in_groups(&["x"]))).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["error"]), (403, &"rule_not_met".into()));
    assert_eq!(world.get("/handled", Some(world.in_groups(&["admin"]))).await.0, 200);
}

#[rocket::async_test]
async fn the_template_page_says_what_the_built_in_page_says() {
    use rocket_dyn_templates::Template;

    #[catch(403)]
    fn from_template(request: &Request<'_>) -> Option<Template> {
        Some(Template::render("cognito/denial.html", Denial::of(request)?))
    }
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let world = World::new(|rocket| {
        let figment = rocket.figment().clone().merge(("template_dir", templates));
        rocket
            .configure(figment)
            .attach(Template::custom(rocket_cognito::Cognito::templates))
            .register("/", catchers![from_template])
    })
    .await;
    let built_in = World::new(|rocket| rocket.register("/", rocket_cognito::catchers())).await;
    let mut pages = Vec::new();
    for world in [&world, &built_in] {
        let request = world.client.get("/group").header(world.in_groups(&["x"]));
        pages.push(answer(request.header(Header::new("Accept", "text/html"))).await);
    }
    assert_eq!(pages[0].0, 403);
    assert_eq!(pages[0].1.trim_end(), pages[1].1.trim_end());
}

#[rocket::async_test]
async fn behind_a_proxy_that_strips_a_prefix_sign_in_keeps_it() {
    let world = World::new(|rocket| {
        let figment = rocket.figment().clone();
        let figment = figment
            .merge(("cognito.redirect_url", "http://localhost:8000/shop/auth/callback"))
            .merge(("cognito.callback_path", "/auth/callback"));
        rocket.configure(figment).register("/", catchers![unauthorized])
    })
    .await;
    let response = refused(&world, "/user", &[("Accept", "text/html")]).await;
    assert_eq!(response.headers().get_one("Location"), Some("/shop/auth/login?next=%2Fshop%2Fuser"));

    let is_over = [("Accept", "text/html"), ("Sec-Fetch-Mode", "cors"), ("Cookie", "cognito_access_token=x")];
    let response = refused(&world, "/user", &is_over).await;
    let page = response.into_string().await.unwrap();
    assert!(
        page.contains("href=\"/shop/\"") && page.contains("href=\"/shop/auth/login?next=%2Fshop%2Fuser\""),
        "{page}"
    );
}

#[rocket::async_test]
async fn an_applications_own_challenge_is_kept() {
    #[derive(rocket::Responder)]
    #[response(status = 401)]
    struct Basic {
        body: &'static str,
        challenge: Header<'static>,
    }

    #[get("/basic")]
    fn basic(_user: Option<CognitoUser>) -> Basic {
        Basic { body: "", challenge: Header::new("WWW-Authenticate", "Basic realm=\"mine\"") }
    }

    let world = World::new(|rocket| rocket.mount("/", routes![basic])).await;
    let response = refused(&world, "/basic", &[]).await;
    let challenges: Vec<_> = response.headers().get("WWW-Authenticate").collect();
    assert_eq!(challenges, ["Basic realm=\"mine\""]);
}
