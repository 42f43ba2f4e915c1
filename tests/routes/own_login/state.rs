//! The app's own state: sealed in the login cookie, never on the wire.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket_cognito::Login;

use super::{Setup, World};
use crate::support::agent::Agent;

#[rocket::async_test]
async fn the_apps_state_lies_in_the_cookie_byte_for_byte_and_never_goes_to_the_pool() {
    let world = World::start().await;
    for text in [
        "",
        "homepage",
        "a__b&c=d#e?f g+h%20;i",
        "\0\u{1b}\r\n\"\\\u{7f}",
        "grüße 世界 \u{1f469}\u{200d}\u{1f467} \u{202e}",
        &"\u{1}".repeat(512),
    ] {
        let agent = Agent::new();
        let page = world.begin(&agent, Login::new().state(text).next("/me")).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let wire = page.location_parameter("state");
        assert!(wire.len() == 43 && wire != text);
        if text.len() > 4 {
            assert!(!page.location().contains(text) && !page.headers.iter().any(|(_, value)| value == text));
        }
        let attempt = world.attempt(&agent);
        let kept = URL_SAFE_NO_PAD.decode(attempt["app_state"].as_str().unwrap()).unwrap();
        assert_eq!(kept, text.as_bytes());
        assert_eq!((&attempt["state"], &attempt["next"]), (&wire.into(), &"/me".into()));
    }
    let agent = Agent::new();
    world.begin(&agent, Login::new()).await;
    assert_eq!(world.attempt(&agent).get("app_state"), None);
}

/// A second sign-in knows nothing of the first one's state.
#[rocket::async_test]
async fn every_login_has_its_own_state() {
    let world = World::start().await;
    let agent = Agent::new();
    let mut wires = BTreeSet::new();
    for text in ["one", "two", "three"] {
        wires.insert(world.begin(&agent, Login::new().state(text)).await.location_parameter("state"));
    }
    assert!(wires.iter().all(|wire| wire.len() == 43));
    assert_eq!((wires.len(), agent.cookies().len()), (3, 3));
}

#[rocket::async_test]
async fn a_state_fits_into_a_cookie_that_browsers_keep_or_the_sign_in_does_not_begin() {
    let redirect_url = "https://app.example.com/auth/callback";
    for setup in [Setup::new(), Setup::new().redirect_url(redirect_url)] {
        let world = World::start_with(setup, |rocket| rocket).await;
        let (mut fits, mut refused) = (0, 10_000);
        while refused - fits > 1 {
            let bytes = (fits + refused) / 2;
            let page = world.begin(&Agent::new(), Login::new().state("s".repeat(bytes))).await;
            match page.status.as_u16() {
                303 => fits = bytes,
                503 => refused = bytes,
                status => panic!("{status}: {}", page.body),
            }
        }
        assert!((1_800..2_500).contains(&fits), "{fits}");
        let long = format!("/page?{}", "n".repeat(2_000));
        for next in ["/me", &long] {
            let page = world.begin(&Agent::new(), Login::new().state("s".repeat(fits)).next(next)).await;
            let cookie = page.set_cookies()[0].split("; ").next().unwrap().to_owned();
            assert!((3_500..4_000).contains(&cookie.len()), "{}", cookie.len());
        }
        for bytes in [refused, 100_000] {
            let agent = Agent::new();
            let page = world.begin(&agent, Login::new().state("s".repeat(bytes))).await;
            super::refusals::assert_refused(&page, 503, "sign_in_misconfigured");
            assert!(agent.cookies().is_empty());
        }
    }
}

/// Five tabs with large states stay within what proxies take for a header line: the oldest give way.
#[rocket::async_test]
async fn login_cookies_with_states_stay_small_together() {
    let (world, agent) = (World::start().await, Agent::new());
    for tab in 0..5 {
        let text = format!("{tab}{}", "x".repeat(1_000));
        assert_eq!(world.begin(&agent, Login::new().state(text)).await.status, 303);
        let bytes: usize = agent.cookies().iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!((2_000..7_100).contains(&bytes), "{bytes} bytes with tab {tab}");
    }
    assert!((2..=3).contains(&agent.cookies().len()), "{} have room", agent.cookies().len());
    for tab in 5..9 {
        world.begin(&agent, Login::new().state(tab.to_string())).await;
    }
    assert!(agent.cookies().len() >= 4, "small ones have room: {}", agent.cookies().len());
}
