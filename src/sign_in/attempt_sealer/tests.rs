use std::collections::HashSet;

use super::*;
use crate::config::LevelNames;
use crate::crypto::Secret;
use crate::http::RedirectTargets;
use crate::oauth::AuthorizationRequest;
use crate::sign_in::reauthentication::Reauthentication;

const CALLBACK: &str = "https://app.example/cb";
const NOW: UnixSeconds = UnixSeconds(1_000);

fn attempts(client_id: &str, redirect_urls: &[&'static str]) -> AttemptSealer {
    let sealer = Sealer::new(&[Secret::new("a key of thirty-two bytes or more")], "login").unwrap();
    AttemptSealer::of(sealer, "https://pool.example/p", client_id, redirect_urls.iter().copied())
}

fn begin(attempts: &AttemptSealer, next: Option<String>, app_state: Option<&str>) -> Attempt {
    let targets = RedirectTargets::new([], "/");
    let next = next.map(|next| targets.judge(&next).unwrap());
    attempts.begin(CALLBACK, next, app_state, UnixMilliseconds(1_000_999)).unwrap()
}

fn max_age(attempt: &Attempt) -> Option<u64> {
    attempt.reauthentication.as_ref()?.max_age
}

fn parameters(request: &AuthorizationRequest) -> Vec<(&str, String)> {
    request.parameters(&[], &LevelNames::default())
}

#[test]
fn every_attempt_has_its_own_long_secrets() {
    let attempts = attempts("client", &[CALLBACK]);
    let mut seen = HashSet::new();
    for _ in 0..100_000 {
        let attempt = begin(&attempts, None, None);
        assert!((43..=128).contains(&attempt.verifier.len()));
        for secret in [&attempt.state, &attempt.nonce, &attempt.verifier].map(SecretText::expose) {
            assert!(secret.len() >= 43);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            assert!(seen.insert(secret.to_owned()));
        }
    }
}

#[test]
fn an_attempt_opens_for_its_state_client_and_time_only() {
    let ours = attempts("client", &[CALLBACK]);
    let mut attempt = begin(&ours, Some("/me".into()), None);
    let (sealed, state) = (ours.seal(&mut attempt).unwrap(), attempt.state.clone());
    for (now, is_over) in [(1_000, false), (1_600, false), (1_601, true), (4_600, true)] {
        let opened = ours.open_for(&sealed, state.expose(), UnixSeconds(now)).unwrap();
        assert_eq!((opened.next.as_deref(), opened.is_over), (Some("/me"), is_over), "{now}");
    }
    assert_eq!(ours.open_for(&sealed, state.expose(), UnixSeconds(4_601)).err(), Some(AttemptError::Expired));
    assert_eq!(ours.open_for(&sealed, "other", NOW).err(), Some(AttemptError::Foreign));
    assert_eq!(
        attempts("other", &[CALLBACK]).open_for(&sealed, state.expose(), NOW).err(),
        Some(AttemptError::Foreign)
    );
    assert_eq!(ours.open_for("x", state.expose(), NOW).err(), Some(AttemptError::Unreadable));
}

#[test]
fn a_next_that_would_make_the_cookie_too_large_is_left_out() {
    let ours = attempts("client", &[CALLBACK]);
    for (length, kept) in [(500, true), (2_000, false)] {
        let mut attempt = begin(&ours, Some(format!("/?{}", "x".repeat(length))), None);
        let sealed = ours.seal(&mut attempt).unwrap();
        assert!(sealed.len() <= MAX_SEALED_BYTES);
        let opened = ours.open_for(&sealed, attempt.state.expose(), NOW).unwrap();
        assert_eq!(opened.next.is_some(), kept, "{length}");
    }
}

#[test]
fn a_second_try_is_remembered_where_there_is_room() {
    let ours = attempts("client", &[CALLBACK]);
    let seal = |hint_bytes: usize, next_bytes: usize| {
        let mut request = AuthorizationRequest::default();
        request.hint("prompt", Some("login"));
        request.hint("login_hint", Some(&"x".repeat(hint_bytes)));
        request.resource(format!("https://api.example.com/{}", "x".repeat(hint_bytes)));
        let mut attempt = begin(&ours, Some(format!("/{}", "x".repeat(next_bytes))), None);
        request.set_max_age(900);
        attempt.reauthentication = Reauthentication::of(&request, false);
        let sealed = ours.seal(&mut attempt).unwrap();
        assert!(sealed.len() <= MAX_SEALED_BYTES, "{hint_bytes}, {next_bytes}");
        let opened = ours.open(&sealed, NOW).unwrap();
        assert_eq!(max_age(&opened), Some(900));
        let second_try = opened.second_try().map(|again| parameters(&again) == parameters(&request));
        (second_try, opened.next.is_some())
    };
    assert_eq!(seal(20, 400), (Some(true), true));
    assert_eq!(seal(200, 300), (None, true));
    assert_eq!(seal(20, 2_000), (Some(true), false));
    assert_eq!(seal(1_000, 2_000), (None, false));
}

#[test]
fn an_attempt_returns_to_the_callback_it_was_begun_for_while_that_is_one() {
    const OTHER: &str = "https://shop.example/cb";
    let both = attempts("client", &[CALLBACK, OTHER]);
    let sealed = [CALLBACK, OTHER].map(|url| {
        let mut attempt = both.begin(url, None, None, UnixMilliseconds(1_000_000)).unwrap();
        assert_eq!(attempt.redirect_url, url);
        both.seal(&mut attempt).unwrap()
    });
    let opened = sealed.each_ref().map(|sealed| both.open(sealed, NOW).unwrap());
    assert_eq!(opened.each_ref().map(|attempt| attempt.redirect_url.as_str()), [CALLBACK, OTHER]);
    assert!(both.begin("https://evil.example/cb", None, None, UnixMilliseconds(0)).is_none());

    let one = attempts("client", &[CALLBACK]);
    assert!(one.open(&sealed[0], NOW).is_ok());
    assert_eq!(one.open(&sealed[1], NOW).err(), Some(AttemptError::Foreign));
}

/// Each of what an attempt is bound to, with the others the same.
#[test]
fn an_attempt_opens_for_its_pool_its_client_and_its_callback_each_by_itself() {
    const POOL: &str = "https://pool.example/p";
    let of = |issuer, client_id, callback| {
        let sealer = Sealer::new(&[Secret::new("a key of thirty-two bytes or more")], "login").unwrap();
        AttemptSealer::of(sealer, issuer, client_id, [callback])
    };
    let ours = of(POOL, "client", CALLBACK);
    let sealed = ours.seal(&mut begin(&ours, None, None)).unwrap();
    assert!(ours.open(&sealed, NOW).is_ok());
    for (what, other) in [
        ("pool", of("https://pool.example/q", "client", CALLBACK)),
        ("client", of(POOL, "other", CALLBACK)),
        ("callback", of(POOL, "client", "https://app.example/cc")),
    ] {
        assert_eq!(other.open(&sealed, NOW).err(), Some(AttemptError::Foreign), "another {what}");
    }
}

#[test]
fn the_apps_state_opens_byte_for_byte() {
    let ours = attempts("client", &[CALLBACK]);
    let every_character: String = (0..=0x17f).filter_map(char::from_u32).collect();
    for text in [
        "",
        " ",
        "homepage",
        "a__b__c",
        "__",
        "a&b=c&state=d",
        "#fragment?query",
        "100% %20 %zz +",
        "\"quotes\" 'and' \\back\\slashes\\ ;,",
        "{\"json\":[null,1.0]}",
        "grüße, мир, 世界, 👩‍👩‍👧 \u{202e}\u{feff}\u{ff0f}",
        "\0\u{1}\u{1b}[31m\r\n\r\nSet-Cookie: x=y\t\u{7f}\u{85}",
        &"\0".repeat(512),
        &"\u{1f600}".repeat(128),
        &every_character,
        &"x".repeat(1_800),
    ] {
        let mut attempt = begin(&ours, Some("/me".into()), Some(text));
        let sealed = ours.seal(&mut attempt).unwrap();
        assert!(sealed.len() <= MAX_SEALED_BYTES_WITH_STATE);
        let opened = ours.open_for(&sealed, attempt.state.expose(), NOW).unwrap();
        assert_eq!(opened.app_state().as_deref(), Some(text));
        assert_eq!(opened.next.as_deref(), Some("/me"));
        let wire = opened.state.expose();
        assert!(
            wire.len() == 43
                && wire.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
    }
    let mut without = begin(&ours, None, None);
    assert_eq!(ours.open(&ours.seal(&mut without).unwrap(), NOW).unwrap().app_state(), None);
}

#[test]
fn a_state_that_does_not_fit_is_an_error_and_next_gives_way_first() {
    let ours = attempts("client", &[CALLBACK]);
    let seal = |state_bytes: usize, next_bytes: usize| {
        let next = format!("/{}", "n".repeat(next_bytes));
        let mut attempt = begin(&ours, Some(next), Some(&"s".repeat(state_bytes)));
        let sealed = ours.seal(&mut attempt);
        sealed.map(|sealed| (sealed.len(), attempt.next.is_some()))
    };
    let fits = (0..10_000).take_while(|bytes| seal(*bytes, 0).is_ok()).count();
    assert!((1_800..2_500).contains(&fits), "{fits}");
    for bytes in (0..fits).step_by(97) {
        let (long, kept) = seal(bytes, 2_000).unwrap();
        assert!(long <= MAX_SEALED_BYTES_WITH_STATE && !kept, "{bytes}");
    }
    assert!(seal(512, 500).unwrap().1);
    for bytes in [fits, fits + 1, 4_000, 100_000] {
        assert_eq!(seal(bytes, 10), Err(SealError::StateTooLong), "{bytes}");
    }
}

/// Sealed by the release before the sign-in had a folder of its own.
#[test]
fn a_recorded_login_cookie_still_opens() {
    const SEALED: &str = "gAAAAABrSdIA_KntYif_7cq4leHSkQvylHxdXFox-xIAKcVoAgBjYxSIEidd4iNNPmgNUZsnrKnytVdqU55uGS4YYz\
        ehTCeu5NV7cwEiM4YOzLbMY-zcMMcliwxm9DqsbOf4AYPGapZ-ENgrhdad4TmyVSRGY9P4VQa7nKuLSTWxOCS2F1NH\
        yWF5PAqBQLYUNVyJ9Xg6-DKXB8SW6Z9tbHv-LNaSkjyPgITPXDD4Yvm98X0H1tnZJHL67jQIBIlQtY_uIh5kSrBP6T\
        1xb_AFtlOq0moADIfocykNZf-xef4rEH0YuCnM1AK6JOZZ1BJmBEr5d8qjSgMX9A49dC82LSxUK1bGVPGoMf1r7jP2\
        MHkVIQ7mO6FPzltF3HHRkpmzORocetxRUnRS37LE5pviG387n2mgwBlKkiPeFv5OOqeB7oMHTYHEqunmageD5yZ8ox\
        SplS8MJd_0Ma9hljKbsyw357Api5nzkLQkw8a7zYZCBuTTFZqIY0imW53ejGbPpIcvK1C4xFKddB4_PTENonVsFhtp\
        XQ2SwOEfdf6DEqX3TaHruk2S3rtMNIH7oHs5bJIC9nwUkH73D6AmmfW3D4u_Uq5HXFH-Wqpo_mC5R-r-RcwK0SSBkT\
        mSJoP2bgpxIKbsx4_pfNzjPzQRC3wYJXxxvPGVgucNx6XbqBH8yr_o4s4VhO8-ggSX8MenqYk0B8fpUYDy8B2LHNbK\
        a01ZJaIF8_j7lWbcQbvMQZQkg9BZxAvZeY8s7D1kpUGUgiVVjoi0eN5ung-q";
    let sealer = Sealer::new(&[Secret::new("recorded: a key of thirty-two bytes")], "login").unwrap();
    let issuer = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123";
    let ours = AttemptSealer::of(sealer, issuer, "shop", [CALLBACK]);
    let attempt = ours.open(SEALED, UnixSeconds(1_800_000_600)).unwrap();
    assert_eq!(attempt.state.expose(), "KubhZ9qiJ7ZFOxcQJ0MuipKCW28o_nh6ieHZROogvxM");
    assert_eq!(attempt.nonce.expose(), "XFV0zyJEbCJF12--4lf11E-N6EKh2aANUgBVZvxPaNM");
    assert_eq!(attempt.verifier.expose(), "-WmF2V0MnWz-kBhcWScTyfsiXE0jUb9m_8QrkVPl9jfzggJ4XCe7HQwqAfLj_dz7");
    assert_eq!(attempt.next.as_deref(), Some("/me?tab=1"));
    assert_eq!(attempt.app_state().as_deref(), Some("from the shop & more"));
    assert_eq!((max_age(&attempt), attempt.started_at), (Some(900), UnixMilliseconds(1_800_000_000_123)));
    let second_try = attempt.second_try().unwrap();
    let expected =
        [("scope", "openid email"), ("resource", "https://api.example.com/v1"), ("prompt", "login")];
    assert_eq!(parameters(&second_try), expected.map(|(name, value)| (name, value.to_owned())));
}
