//! Sessions that end with the browser, and those that outlast it: by the setting, and by what one sign-in says. Notes of a
//! session are of sessions in cookies alone: the cookie of a stored one is written once.

use std::collections::BTreeSet;

use super::SESSION;
use super::world::{DUE, EXPIRED, World, setup};
use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{Setup, code_for, set_cookie};
use crate::support::kind::{Kind, each_kind};
use crate::support::{ACCESS, REFRESH, SAME_ORIGIN};

const ID: &str = "cognito_id_token";

/// Whether the cookies of a session that an answer sets outlast the browser: all of them, or none.
#[track_caller]
fn outlasts(page: &Page, names: &[&str]) -> bool {
    let cookies: Vec<_> = page.set_cookies().into_iter().map(set_cookie).collect();
    let session = cookies.iter().filter(|(name, ..)| !name.contains("cognito_login"));
    let mut written = BTreeSet::new();
    let mut lasting = BTreeSet::new();
    for (name, value, attributes) in session {
        assert!(!value.is_empty(), "{name} is removed");
        written.insert(*name);
        lasting.insert(attributes.iter().any(|it| it.starts_with("Max-Age=") || it.starts_with("Expires=")));
    }
    assert_eq!(written, names.iter().copied().collect(), "{}", page.status);
    assert_eq!(lasting.len(), 1, "not all of one kind");
    lasting.contains(&true)
}

/// A browser with a session, and the answer that brought it.
async fn signed_in(world: &World, query: &str) -> (Agent, Page) {
    let agent = Agent::new();
    let login = agent.open(&world.url(&format!("/signin{query}"))).await;
    let page = agent.get(&code_for(&agent, &login, "alice").await).await;
    assert_eq!(page.status, 303, "{}", page.body);
    (agent, page)
}

/// Setting, what the sign-in says, and whether the cookies outlast the browser.
const ROWS: [(Option<bool>, &str, bool); 6] = [
    (None, "", true),
    (None, "?remember_me=false", false),
    (Some(false), "", false),
    (Some(false), "?remember_me=true", true),
    (Some(true), "?remember_me=false", false),
    (Some(true), "?remember_me=true", true),
];

fn with(setup: Setup, persistent: Option<bool>) -> Setup {
    persistent.into_iter().fold(setup, |setup, it| setup.set("persistent_cookies", it))
}

each_kind!(a_session_ends_with_the_browser_where_setting_or_sign_in_say_so);
/// At sign-in, when guards renew it and on demand, with and without encryption; the login cookie is no session.
async fn a_session_ends_with_the_browser_where_setting_or_sign_in_say_so(kind: Kind) {
    for (persistent, query, lasts) in ROWS {
        let world = World::start(kind, with(setup(), persistent)).await;
        let (agent, page) = signed_in(&world, query).await;
        let what = format!("{persistent:?} {query}");
        assert_eq!(outlasts(&page, kind.cookie_names()), lasts, "{what}");
        for seconds in [DUE, EXPIRED, 0] {
            world.advance(seconds);
            let page = match seconds {
                0 => agent.post(&world.url("/auth/refresh"), &SAME_ORIGIN, &[]).await,
                _ => world.get(&agent, "/me").await,
            };
            match kind {
                Kind::Cookies => assert_eq!(outlasts(&page, kind.cookie_names()), lasts, "{what}"),
                Kind::Stored | Kind::Redis => {
                    assert_eq!(page.set_cookies(), [""; 0], "{what}: never written again")
                }
            }
        }
        assert_eq!(world.generation(&agent), 3, "{what}");
        let login = agent.open(&world.url("/auth/login")).await;
        assert!(login.set_cookies().iter().all(|cookie| cookie.contains("Max-Age=3600")), "{what}");

        // A sign-out removes them, of whatever kind they are.
        let page = agent.post(&world.url("/auth/logout"), &SAME_ORIGIN, &[]).await;
        assert!(page.set_cookies().iter().all(|cookie| cookie.contains("Max-Age=0")), "{what}");
        assert_eq!(answer(&world.get(&agent, "/me").await), (401, "not_signed_in".into()), "{what}");
    }
}

/// Each way in which cookies are written again: the refresh token beside its record, and a record alone.
#[rocket::async_test]
async fn every_note_of_a_session_keeps_to_what_its_sign_in_said() {
    let raw = || setup().set("refresh_cookie_encrypted", false);
    let alone = || Setup::new().set("refresh_flow_enabled", false).set("session_idle_seconds", 600);
    for (persistent, query, lasts) in ROWS {
        let what = format!("{persistent:?} {query}");
        let world = World::start(Kind::Cookies, with(raw(), persistent)).await;
        let (agent, page) = signed_in(&world, query).await;
        assert_eq!(outlasts(&page, &[ACCESS, ID, REFRESH, SESSION]), lasts, "{what}");
        world.advance(EXPIRED);
        let page = world.get(&agent, "/me").await;
        assert_eq!(outlasts(&page, &[ACCESS, ID, REFRESH, SESSION]), lasts, "{what}");

        let world = World::start(Kind::Cookies, with(alone(), persistent)).await;
        let (agent, page) = signed_in(&world, query).await;
        assert_eq!(outlasts(&page, &[ACCESS, ID, SESSION]), lasts, "{what}");
        world.advance(200);
        assert_eq!(outlasts(&world.get(&agent, "/me").await, &[SESSION]), lasts, "{what}");
    }
}

each_kind!(a_session_that_ends_with_the_browser_keeps_its_limits);
/// The limits are those of what the cookies hold: a browser that never closes does not lengthen them.
async fn a_session_that_ends_with_the_browser_keeps_its_limits(kind: Kind) {
    let session_cookies = || setup().set("persistent_cookies", false);
    for (setup, seconds) in [
        (session_cookies().set("session_idle_seconds", 600), 601),
        (session_cookies().set("session_max_seconds", 1_000), 1_001),
    ] {
        let world = World::start(kind, setup).await;
        let (agent, _) = signed_in(&world, "").await;
        world.advance(seconds);
        world.assert_over(&world.get(&agent, "/me").await, &agent, "its limit");
    }
    let world = World::start(kind, session_cookies().set("refresh_cookie_age_seconds", 1_000)).await;
    let (agent, _) = signed_in(&world, "").await;
    world.advance(1_001);
    assert_eq!(answer(&world.get(&agent, "/me").await), (401, "session_expired".into()));
    let world = World::start(kind, session_cookies().set("refresh_flow_enabled", false)).await;
    let (agent, _) = signed_in(&world, "").await;
    world.advance(EXPIRED);
    assert_eq!(answer(&world.get(&agent, "/me").await), (401, "session_expired".into()), "with its token");
}
