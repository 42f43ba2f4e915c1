//! What operators are told of an app that launches, and lacks something all the same, or cannot launch.

use figment::Figment;
use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use rocket::{Build, Request, Rocket, catch, catchers, get, routes};
use rocket_cognito::{Cognito, CognitoUser, guarded};

use crate::support::{
    self,
    forge::{JwksFile, Key},
    log::new_lines,
};
use crate::{alone, assert_told, refused};

#[get("/me")]
fn me(_user: CognitoUser) {}

#[catch(403)]
fn forbidden(_: &Request<'_>) {}

/// The app's settings, and the file of keys that they name.
pub fn settings() -> (Figment, JwksFile) {
    let keys = JwksFile::new(&[&Key::new("k")]);
    (support::settings(&keys.uri()), keys)
}

fn app(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment).attach(Cognito::fairing()).mount("/", routes![me])
}

pub async fn launched(rocket: Rocket<Build>) -> (Client, Vec<String>) {
    new_lines();
    (Client::untracked(rocket).await.expect("it launches"), new_lines())
}

#[rocket::async_test]
async fn an_own_catcher_beside_the_ready_one_is_told_what_to_type() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let both = app(settings.clone()).register("/", rocket_cognito::catchers());
    let said = refused(both.register("/", catchers![forbidden])).await;
    assert_told(
        &said,
        &["a catcher for 403 at `/`", "`.register(\"/\", rocket_cognito::catchers().without(403))`"],
    );
    let below = app(settings).register("/", rocket_cognito::catchers());
    launched(below.register("/below", catchers![forbidden])).await;
}

#[rocket::async_test]
async fn two_fairings_of_which_one_would_lose_its_hooks_are_refused() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let hooked = Cognito::fairing().on_logout(|_, _| Box::pin(async { Ok(None) }));
    let said = refused(rocket::custom(settings.clone()).attach(hooked).attach(Cognito::fairing())).await;
    assert_told(
        &said,
        &[
            "ERROR: cognito_launch_refused: the fairing is attached twice",
            "Attach it once",
            "manage a `Clock`",
        ],
    );
    let pool = support::figment().merge(("cognito.local_pool.port", 0_u16));
    let said = refused(app(pool).attach(Cognito::fairing())).await;
    assert_told(&said, &["ERROR: cognito_launch_refused: the fairing is attached twice"]);
}

#[rocket::async_test]
async fn whoever_accepts_clients_that_no_list_names_is_told_what_that_means() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let settings = settings.merge(("cognito.resource", "https://api.example.com"));
    const LINE: &str = "INFO: cognito_launched: >> access tokens of every client of the pool count whose `aud` is \
                        https://api.example.com: if anybody may register one, guard with `Scopes` of your own too";
    for (client_ids, is_told) in [("mobile", false), ("any", true), ("mobile any", true)] {
        let figment = settings.clone().merge(("cognito.accepted_client_ids", client_ids));
        let (_client, said) = launched(app(figment)).await;
        assert_eq!(said.iter().any(|line| line == LINE), is_told, "{said:#?}");
    }
}

const UNCAUGHT: &str = "a browser that a guard refuses sees Rocket's bare page instead of the sign-in";
const REGISTER: &str = "`.register(\"/\", rocket_cognito::catchers())`";

#[rocket::async_test]
async fn a_guard_without_a_catcher_for_401_is_told_at_launch() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let (_, said) = launched(app(settings.clone())).await;
    assert_told(
        &said.join("\n"),
        &["WARN: cognito_catcher_missing: no catcher answers 401", UNCAUGHT, REGISTER],
    );

    let bearer_only = settings.clone().merge(("cognito.redirect_url", "")).merge(("cognito.logout_url", ""));
    for rocket in [
        app(settings.clone()).register("/", rocket_cognito::catchers()),
        app(settings.clone()).register("/", catchers![anything]),
        app(bearer_only.merge(("cognito.routes", "none"))),
        app(settings.clone().merge(("cognito.disabled", true))),
    ] {
        let (_, said) = launched(rocket).await;
        assert!(!said.iter().any(|line| line.contains(UNCAUGHT)), "{said:#?}");
    }
}

#[get("/help")]
fn help() {}

#[rocket::async_test]
async fn a_guard_before_routes_is_reported_as_in_a_signature_and_is_no_route_of_the_app() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let guarded = |base: &'static str| {
        let rocket = rocket::custom(settings.clone().merge(("cognito.routes", "login callback")));
        rocket.attach(Cognito::fairing()).mount(base, guarded::<CognitoUser>(routes![help]))
    };
    let (_, said) = launched(guarded("/auth/logout")).await;
    assert_told(&said.join("\n"), &[UNCAUGHT, "the app has no route at /auth/logout"]);
    let (_, said) = launched(guarded("/docs").register("/docs", rocket_cognito::catchers())).await;
    assert!(!said.iter().any(|line| line.contains(UNCAUGHT)), "{said:#?}");
}

#[catch(default)]
fn anything(_: Status, _: &Request<'_>) {}

#[rocket::async_test]
async fn a_browser_that_meets_no_catcher_for_401_is_told_once() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let below = app(settings).mount("/shop", routes![me]).register("/shop", rocket_cognito::catchers());
    let (app, said) = launched(below).await;
    assert!(!said.iter().any(|line| line.contains(UNCAUGHT)), "{said:#?}");
    let html = Header::new("Accept", "text/html");
    let program = app.get("/me").dispatch().await;
    let caught = app.get("/shop/me").header(html.clone()).dispatch().await;
    assert_eq!((program.status(), caught.status()), (Status::Unauthorized, Status::SeeOther));
    assert_eq!(new_lines(), [""; 0]);
    for _ in 0..3 {
        let page = app.get("/me").header(html.clone()).dispatch().await;
        assert_eq!(page.status(), Status::Unauthorized);
    }
    let said = new_lines();
    assert_eq!(said.len(), 2, "{said:#?}");
    assert_told(
        &said.join("\n"),
        &["WARN: cognito_catcher_missing: no catcher answers 401 below \"/\"", UNCAUGHT, REGISTER],
    );
}

#[rocket::async_test]
async fn urls_that_lead_elsewhere_are_told_in_development() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let moved = settings.clone().merge(("port", 8100));
    let (_, said) = launched(app(moved.clone())).await;
    assert_told(
        &said.join("\n"),
        &[
            "WARN: cognito_own_url_elsewhere: `redirect_url` leads to \"http://localhost:8000/auth/callback\", and this app listens on port 8100",
            ">> put \"http://localhost:8100/auth/callback\" in its place",
            "WARN: cognito_own_url_elsewhere: `logout_url` leads to \"http://localhost:8000/\"",
            ">> put \"http://localhost:8100/\" in its place",
        ],
    );
    let further =
        settings.clone().merge(("cognito.accepted_redirect_urls", "http://127.0.0.1:9999/auth/callback"));
    let (_, said) = launched(app(further)).await;
    let told = ">> put \"http://127.0.0.1:8000/auth/callback\" in its place";
    assert_told(&said.join("\n"), &["`accepted_redirect_urls` leads to", told]);

    let public = settings
        .clone()
        .merge(("cognito.redirect_url", "https://app.example.com/auth/callback"))
        .merge(("cognito.logout_url", "https://app.example.com/bye"));
    let (_, said) = launched(app(public.clone())).await;
    assert_told(
        &said.join("\n"),
        &[
            "`redirect_url` leads to \"https://app.example.com/auth/callback\", while the pool is on this machine",
            ">> put \"http://localhost:8000/auth/callback\" in its place",
            ">> put \"http://localhost:8000/bye\" in its place",
        ],
    );

    let key = ("cognito.secret_keys", "a sealing key of more than thirty-two bytes");
    for right in [
        settings,
        public.merge(("cognito.domain", "acme")),
        // A proxy is the rule there.
        moved.merge(key).select("production"),
    ] {
        let (_, said) = launched(app(right)).await;
        assert!(!said.iter().any(|line| line.contains("leads to")), "{said:#?}");
    }
}

#[rocket::async_test]
async fn secrets_that_leave_by_plain_http_outside_profile_debug_are_told_once() {
    let _alone = alone().await;
    let (settings, _keys) = settings();
    let settings = settings
        .merge(("cognito.unsafe_in_profile", "bench"))
        .merge(("cognito.secret_keys", "0123456789abcdefghijklmnopqrstuvwxyz"));
    let called = settings.clone().merge(("cognito.server_domain", "http://pool.test:9400"));
    let keys = settings.clone().merge(("cognito.jwks_uri", "http://127.0.0.2:9/jwks.json?key=CANARY"));
    let both = called.clone().merge(("cognito.jwks_uri", "http://127.0.0.2:9/jwks.json"));
    let local = settings.clone().merge(("cognito.server_domain", "http://localhost:9"));
    for (figment, told) in [
        (&called, Some(("http://pool.test:9400", "server_domain"))),
        (&keys, Some(("http://127.0.0.2:9", "jwks_uri"))),
        (&both, Some(("http://pool.test:9400", "server_domain"))),
        (&local, None),
    ] {
        for profile in ["debug", "bench"] {
            let (_, said) = launched(app(figment.clone().select(profile))).await;
            let lines: Vec<_> =
                said.iter().filter(|line| line.contains("cognito_called_by_plain_http")).collect();
            let Some((url, key)) = told.filter(|_| profile == "bench") else {
                assert!(lines.is_empty(), "{said:#?}");
                continue;
            };
            let warning = format!(
                "WARN: cognito_called_by_plain_http: calls to {url} leave this machine by plain http: others may read \
                 secrets, or forge tokens"
            );
            let remedy = format!("set `{key}` to an https URL");
            assert!(lines.len() == 2 && *lines[0] == warning && lines[1].contains(&remedy), "{said:#?}");
        }
    }
}

#[rocket::async_test]
async fn a_local_pool_beyond_loopback_launches_with_a_warning() {
    let _alone = alone().await;
    let pool = support::figment().merge(("cognito.local_pool.port", 0_u16));
    let told = "WARN: cognito_local_pool_exposed: the local pool listens on 0.0.0.0: whoever can reach that address can \
        sign in as anybody";
    for (address, is_told) in [("127.0.0.1", false), ("0.0.0.0", true)] {
        let (_, said) = launched(app(pool.clone().merge(("cognito.local_pool.address", address)))).await;
        assert_eq!(said.contains(&told.into()), is_told, "{said:#?}");
    }
}

#[rocket::async_test]
async fn a_local_pool_outside_of_profile_debug_launches_with_a_warning() {
    let _alone = alone().await;
    let pool = support::figment().merge(("cognito.local_pool.port", 0_u16));
    let told = "WARN: cognito_local_pool_outside_debug: the local pool runs in profile \"bench\": whoever can reach it can \
        sign in as anybody";
    let (_, said) = launched(app(pool.clone())).await;
    assert!(!said.iter().any(|line| line.contains("runs in profile")), "{said:#?}");
    let bench = pool.select("bench").merge(("cognito.unsafe_in_profile", "bench"));
    let (_, said) = launched(app(bench)).await;
    assert!(said.contains(&told.into()), "{said:#?}");
    assert_told(&said.join("\n"), &[">> to switch it off: local_pool = false"]);
}
