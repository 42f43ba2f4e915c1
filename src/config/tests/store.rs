//! What follows from the settings about the store for sessions.

use super::*;
use crate::config::reader::Reader;
use crate::config::section::store::refuse_without_feature;

/// Kind, writes, sessions for each user, deny list, and whether it is required at launch.
fn store(settings: &Settings) -> (&'static str, bool, usize, bool, bool) {
    let StoreSettings { kind, writes, sessions_per_user, bearer_denylist, is_required_at_launch, .. } =
        &settings.store;
    let kind = match kind {
        None => "none",
        Some(StoreKind::Memory) => "memory",
        #[cfg(feature = "redis")]
        Some(StoreKind::Redis(_)) => "redis",
    };
    (kind, *writes, *sessions_per_user, *bearer_denylist, *is_required_at_launch)
}

#[test]
fn sessions_lie_in_cookies_unless_a_store_is_named() {
    let settings = with::<&str>(&[]);
    assert_eq!(store(&settings), ("none", true, 100, false, false));
    assert_eq!(store(&with(&[("session_store", "")])).0, "none");
    assert_eq!(store(&with(&[("session_store", "MEMORY")])).0, "memory");
    let on = figment(&[("bearer_denylist", true), ("require_store_at_launch", true)]);
    let on = on.merge(("cognito.session_store_writes", false)).merge(("cognito.sessions_per_user", 1000));
    let settings = Settings::load(&figment(&POOL).merge(on.clone()), None).unwrap();
    assert_eq!(store(&settings), ("none", false, 1000, true, true));
    // In disabled mode nobody is called.
    let settings = Settings::load(&on.merge(("cognito.disabled", true)), None).unwrap();
    assert_eq!(store(&settings), ("none", false, 1000, true, false));
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
    assert!(
        release.contains("to type: bearer_denylist = false; or session_store = \"rediss://"),
        "{release}"
    );
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

#[cfg(feature = "redis")]
#[test]
fn a_redis_is_read_from_its_url_and_from_the_settings_beside_it() {
    let redis = |settings: &[(&str, &str)]| match with(settings).store.kind {
        Some(StoreKind::Redis(redis)) => redis,
        kind => panic!("{kind:?}"),
    };
    let password = |redis: &RedisSettings| match &redis.password {
        StorePassword::Text(password) => password.expose().to_owned(),
        other => panic!("{other:?}"),
    };
    let one = redis(&[("session_store", "valkeys://app:one%2Ftwo@a.example:7000/2")]);
    assert_eq!(
        (one.to_string().as_str(), one.database, one.prefix.as_str()),
        ("a.example:7000", 2, "cognito:")
    );
    assert_eq!((one.username.as_deref(), password(&one).as_str()), (Some("app"), "one/two"));
    assert_eq!((one.master.as_deref(), one.readable_on_the_way()), (None, None));

    let list = "redis://localhost redis://[2001:db8::7]:26380 redis://localhost:6379";
    let several = redis(&[
        ("session_store", list),
        ("session_store_username", "app"),
        ("session_store_password", "c4nary"),
        ("session_store_master", "mymaster"),
        ("session_store_prefix", "shop:"),
    ]);
    assert_eq!(several.to_string(), "localhost:6379, [2001:db8::7]:26380");
    assert_eq!((several.username.as_deref(), password(&several).as_str()), (Some("app"), "c4nary"));
    assert_eq!((several.master.as_deref(), several.prefix.as_str()), (Some("mymaster"), "shop:"));
    assert_eq!(
        several.readable_on_the_way().map(ToString::to_string).as_deref(),
        Some("[2001:db8::7]:26380")
    );
    assert!(!format!("{several:?}").contains("c4nary"));

    assert!(one.check_credentials(false).is_ok() && several.check_credentials(false).is_ok());
    let told = several.check_credentials(true).unwrap_err().to_string();
    for key in ["session_store_username", "session_store_password"] {
        assert!(told.contains(&format!("`{key}`: is set, and the app's code gives")), "{told}");
    }
    let told = one.check_credentials(true).unwrap_err().to_string();
    assert!(
        told.contains("take it out of the URL in `session_store`") && !told.contains("one/two"),
        "{told}"
    );
    assert!(redis(&[("session_store", "redis://localhost")]).check_credentials(true).is_ok());
}

/// No test of this crate is built without the feature.
#[test]
fn in_an_app_without_the_feature_settings_of_a_redis_name_the_line_for_cargo() {
    let told = |settings: &[(&str, &str)]| {
        let mut reader = Reader::new(&figment(settings));
        let is_refused = refuse_without_feature(&mut reader);
        let told = reader.finish(()).map_err(|error| error.to_string()).err().unwrap_or_default();
        assert_eq!(is_refused, !told.is_empty());
        told
    };
    for settings in [[("session_store", "redis://localhost")], [("session_store_prefix", "shop:")]] {
        let told = told(&settings);
        for words in [
            "this app is built without the feature `redis`",
            "in Cargo.toml: rocket_cognito = { path = \"../rocket_cognito\", features = [\"redis\"] }",
        ] {
            assert!(told.contains(words), "{told}");
        }
    }
    assert_eq!(told(&[("session_store", "memory")]), "");
}
