//! `Level` through a whole app: a browser shows what is missing and comes back, or ends at a page that says why not.

use reqwest::Url;
use rocket::{Build, Rocket, get, routes};
use rocket_cognito::local_pool::{LocalIdentity, LocalLevels, LocalUser};
use rocket_cognito::policy::{All, Fresh, Level};
use rocket_cognito::{Authorized, CognitoUser};

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::Setup;
use crate::support::groups::Admin;
use crate::{LONG, World, fetch, under_way};

#[get("/strong")]
fn strong(user: Authorized<Level<3>>) -> String {
    let mut methods = user.amr().to_vec();
    methods.sort_unstable();
    format!("{} {:?} {}", user.acr().unwrap_or_default(), user.level(), methods.join(" "))
}

#[get("/strongest")]
fn strongest(_user: Authorized<Level<4>>) {}

#[get("/payout")]
fn payout(_user: Authorized<All<(Admin, Level<3>, Fresh<900>)>>) {}

#[get("/level")]
fn level(user: CognitoUser) -> String {
    format!("{:?}", user.level())
}

fn with_routes(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket.mount("/", routes![strong, strongest, payout, level])
}

async fn start(setup: Setup) -> World {
    World::start_with(setup, with_routes).await
}

/// The value of the hidden field of this name.
fn hidden<'p>(page: &'p Page, name: &str) -> &'p str {
    let (_, rest) =
        page.body.split_once(&format!("name=\"{name}\" value=\"")).expect("a form with this field");
    rest.split('"').next().unwrap()
}

/// Shows a factor on the pool's page for a second one, and follows back into the app.
async fn show(agent: &Agent, page: &Page, factor: &str) -> Page {
    assert!(page.body.contains("<h1>One more step</h1>"), "{}: {}", page.url, page.body);
    let code = format!("{factor}_code");
    let fields = [("sign_in", hidden(page, "sign_in")), ("factor", factor), (&code, "123456")];
    let answer = agent.post(page.url.as_str(), &[], &fields).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    agent.follow(&answer.location()).await
}

#[rocket::async_test]
async fn a_browser_shows_a_second_factor_and_lands_on_the_page() {
    let world = start(Setup::new()).await;
    let agent = world.signed_in("alice").await;
    assert_eq!(agent.get(&world.url("/level")).await.body, "Some(1)");
    let page = agent.open(&world.url("/strong")).await;
    assert_eq!(
        (page.status.as_u16(), page.location()),
        (303, world.url("/auth/login?next=%2Fstrong&level=3"))
    );
    let authorize = agent.open(&page.location()).await;
    assert_eq!(authorize.location_parameter("acr_values"), "urn:cognito:loa:4 urn:cognito:loa:3");
    assert_eq!(authorize.location_parameter("max_age"), "");
    assert_eq!(authorize.location_parameter("prompt"), "");

    let form = agent.follow(&authorize.location()).await;
    assert!(form.body.contains("Code of the authenticator app"), "{}", form.body);
    assert!(!form.body.contains("passkey"), "the strongest level is what is asked for: {}", form.body);
    let landed = show(&agent, &form, "totp").await;
    assert_eq!(landed.body, "urn:cognito:loa:4 Some(4) mfa otp pwd");
    assert_eq!((world.visits(), under_way(&agent)), ((2, 0), 0));
    assert_eq!(agent.get(&world.url("/strongest")).await.status, 200, "4 is more than 3");
    world.revoked(1).await;
}

#[rocket::async_test]
async fn whoever_signs_in_for_such_a_page_is_asked_for_both_factors() {
    let world = start(Setup::new()).await;
    let agent = Agent::new();
    let form = agent.follow(&world.url("/auth/login?next=/strong&level=3")).await;
    let fields = [("username", "bob"), ("password", "Passw0rd!")];
    let page = agent.post(form.url.as_str(), &[], &fields).await;
    assert_eq!(page.status, 200);
    assert_eq!(show(&agent, &page, "email").await.body, "urn:cognito:loa:3 Some(3) email_otp mfa pwd");
}

#[rocket::async_test]
async fn a_refresh_keeps_the_level() {
    let world = start(Setup::new()).await;
    let agent = world.signed_in("alice").await;
    let form = agent.follow(&world.url("/strong")).await;
    show(&agent, &form, "totp").await;
    let origin = world.origin();
    let refreshed = agent.post(&world.url("/auth/refresh"), &[("origin", &origin)], &[]).await;
    assert!(refreshed.status.is_success() || refreshed.status.is_redirection(), "{}", refreshed.body);
    assert_eq!(agent.get(&world.url("/level")).await.body, "Some(4)");
}

/// Who has no such factor, or signs in elsewhere: the pool lets them in at a lower level, and does not say so.
#[rocket::async_test]
async fn a_sign_in_that_stays_below_the_level_ends_at_a_page_and_goes_round_in_no_circle() {
    let grace = LocalUser::federated(LocalIdentity::new("Google", "1234"));
    let carol = LocalUser::new("carol");
    let world = start(Setup::new().pool(|pool| pool.user(carol).user(grace))).await;
    for username in ["carol", "Google_1234"] {
        let agent = Agent::new();
        let form = agent.follow(&world.url("/me")).await;
        let signed_in = agent.post(form.url.as_str(), &[], &[("user", username)]).await;
        agent.follow(&signed_in.location()).await;
        let before = world.visits().0;
        let page = agent.follow(&world.url("/strong")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (403, "/auth/callback"), "{username}");
        assert!(page.body.contains("this one was without"), "{}", page.body);
        assert_eq!(world.visits().0, before + 1, "once");
        assert_eq!(agent.get(&world.url("/level")).await.body, "Some(1)", "the session of before goes on");
        let again = fetch(&agent, &world.url("/strong"), &[]).await;
        assert_eq!(answer(&again), (401, "level_too_low".to_owned()));
    }
    world.revoked(2).await;
}

#[rocket::async_test]
async fn a_pool_that_ignores_levels_satisfies_none() {
    let lite = Setup::new().pool(|pool| pool.levels(LocalLevels::new().ignored()));
    let classic = Setup::new().pool(|pool| pool.classic_hosted_ui(true));
    for (setup, level) in [(lite, "None"), (classic, "Some(1)")] {
        let world = start(setup).await;
        let agent = world.signed_in("alice").await;
        let page = agent.follow(&world.url("/strong")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (403, "/auth/callback"), "{level}");
        assert_eq!(world.visits(), (2, 0));
        assert_eq!(agent.get(&world.url("/level")).await.body, level);
    }
}

#[rocket::async_test]
async fn levels_have_the_names_of_the_pool() {
    let named = |setup: Setup| {
        setup
            .pool(|pool| pool.levels(LocalLevels::new().name(1, "basic").name(3, "gold").name(4, "platinum")))
    };
    let names = [("1", "basic"), ("3", "gold"), ("4", "platinum")];
    let setup = named(Setup::new()).set("level_names", std::collections::BTreeMap::from(names));
    let world = start(setup).await;
    let agent = world.signed_in("alice").await;
    let form = agent.follow(&world.url("/strong")).await;
    assert_eq!(show(&agent, &form, "totp").await.body, "platinum Some(4) mfa otp pwd");

    // An app that does not know them asks for names that the pool skips, and is given one that it does not know.
    let world = start(named(Setup::new())).await;
    let agent = world.signed_in("alice").await;
    let page = agent.follow(&world.url("/strong")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (403, "/auth/callback"));
    assert_eq!(agent.get(&world.url("/level")).await.body, "None");
}

#[rocket::async_test]
async fn what_is_too_old_too_is_asked_for_from_scratch() {
    let world = start(Setup::new()).await;
    let agent = world.stale().await;
    let page = fetch(&agent, &world.url("/payout"), &[]).await;
    assert_eq!(
        page.header("www-authenticate"),
        "Bearer error=\"insufficient_user_authentication\", error_description=\"A recent and strong authentication is required\", \
         acr_values=\"urn:cognito:loa:4 urn:cognito:loa:3\", max_age=\"900\""
    );
    let page = agent.open(&world.url("/payout")).await;
    assert_eq!(page.location(), world.url("/auth/login?next=%2Fpayout&level=3&prompt=login&max_age=900"));
    let form = agent.follow(&page.location()).await;
    assert!(form.body.contains("<h1>Sign in</h1>"), "{}", form.body);
    let fields = [("username", "alice"), ("password", "Passw0rd!")];
    let second = agent.post(form.url.as_str(), &[], &fields).await;
    assert_eq!(show(&agent, &second, "totp").await.status, 200);

    // A strong sign-in grows old, too.
    world.later(LONG);
    let page = fetch(&agent, &world.url("/payout"), &[]).await;
    assert_eq!(answer(&page), (401, "login_too_old".to_owned()));
    let before = world.visits().0;
    let page = agent.open(&world.url("/payout")).await;
    assert_eq!(page.location(), world.url("/auth/login?next=%2Fpayout&level=3&prompt=login&max_age=900"));
    let form = agent.follow(&page.location()).await;
    let second = agent.post(form.url.as_str(), &[], &fields).await;
    assert_eq!(show(&agent, &second, "totp").await.status, 200);
    assert_eq!(world.visits().0, before + 1, "one sign-in is enough");
}

/// Nobody is asked for a second factor in vain.
#[rocket::async_test]
async fn a_factor_that_would_not_help_is_not_asked_for() {
    let world = start(Setup::new()).await;
    let bob = world.signed_in("bob").await;
    let page = fetch(&bob, &world.url("/payout"), &[]).await;
    assert_eq!(answer(&page), (403, "rule_not_met".to_owned()), "he is no admin");
}

#[rocket::async_test]
async fn a_link_with_any_level_does_no_harm() {
    let world = start(Setup::new()).await;
    let agent = Agent::new();
    for level in ["0", "5", "-1", "300", "x", "", "3&level=4"] {
        let login = agent.open(&world.url(&format!("/auth/login?level={level}"))).await;
        let asked = Url::parse(&login.location()).unwrap();
        assert!(asked.query_pairs().all(|(name, _)| name != "acr_values"), "{level}: {asked}");
    }
}
