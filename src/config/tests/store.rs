//! What follows from the settings about the store for sessions.

use super::*;

/// Kind, writes, sessions for each user, deny list, and whether it is required at launch.
fn store(settings: &Settings) -> (Option<StoreKind>, bool, usize, bool, bool) {
    let StoreSettings { kind, writes, sessions_per_user, bearer_denylist, is_required_at_launch, .. } =
        settings.store;
    (kind, writes, sessions_per_user, bearer_denylist, is_required_at_launch)
}

#[test]
fn sessions_lie_in_cookies_unless_a_store_is_named() {
    let settings = with::<&str>(&[]);
    assert_eq!(store(&settings), (None, true, 100, false, false));
    assert_eq!(store(&with(&[("session_store", "")])).0, None);
    assert_eq!(store(&with(&[("session_store", "MEMORY")])).0, Some(StoreKind::Memory));
    let on = figment(&[("bearer_denylist", true), ("require_store_at_launch", true)]);
    let on = on.merge(("cognito.session_store_writes", false)).merge(("cognito.sessions_per_user", 1000));
    let settings = Settings::load(&figment(&POOL).merge(on.clone()), None).unwrap();
    assert_eq!(store(&settings), (None, false, 1000, true, true));
    // In disabled mode nobody is called.
    let settings = Settings::load(&on.merge(("cognito.disabled", true)), None).unwrap();
    assert_eq!(store(&settings), (None, false, 1000, true, false));
}

#[test]
fn one_store_is_right_and_two_are_not_nor_none_where_it_is_needed() {
    let memory = || ("session_store", "memory");
    let told = |settings: &Settings, is_given| {
        settings.store.check(is_given).map_err(|error| error.to_string()).err().unwrap_or_default()
    };
    let cookies = with::<&str>(&[]);
    assert_eq!([false, true].map(|is_given| told(&cookies, is_given)), ["", ""]);
    let in_memory = with(&[memory()]);
    assert_eq!(told(&in_memory, false), "");
    let both = told(&in_memory, true);
    assert!(both.starts_with("1 setting needs") && both.contains("gives the fairing another one"), "{both}");

    let needed = figment(&[("bearer_denylist", true), ("require_store_at_launch", true)]);
    let needed = figment(&POOL).merge(needed);
    let settings = Settings::load(&needed, None).unwrap();
    assert_eq!(told(&settings, true), "");
    let none = told(&settings, false);
    for key in ["bearer_denylist", "require_store_at_launch"] {
        assert!(none.contains(&format!("`{key}`: is on, and there is no store for sessions")), "{none}");
        assert!(none.contains(&format!("to type: {key} = false; or session_store = \"memory\"")), "{none}");
    }
    let settings = Settings::load(&needed.clone().merge(figment(&[memory()])), None).unwrap();
    assert_eq!(told(&settings, false), "");

    let release = told(&Settings::load(&needed.select("release"), None).unwrap(), false);
    assert!(release.contains("to type: bearer_denylist = false; or give the fairing a store"), "{release}");
}

#[test]
fn settings_of_cookies_that_a_session_in_the_store_does_not_have_are_known() {
    assert_eq!(with::<&str>(&[]).store.idle_settings, [""; 0]);
    let all = [
        "cookie_age_seconds",
        "cookie_domain",
        "cookie_samesite",
        "cookie_suffix",
        "persistent_cookies",
        "refresh_cookie_age_seconds",
        "refresh_cookie_encrypted",
    ];
    let values: [Value; 7] =
        [60.into(), "example.com".into(), "lax".into(), "a".into(), true.into(), 60.into(), true.into()];
    let set: Vec<_> = all.into_iter().zip(values).collect();
    assert_eq!(with(&set).store.idle_settings, ["cookie_age_seconds", "refresh_cookie_encrypted"]);
}
