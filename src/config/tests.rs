//! What follows from good settings; the mistakes are in `tests/config`.

use figment::Figment;
use figment::value::Value;

mod bearer;
mod store;

use super::section::routes::{Paths, Routes};
use super::*;
use crate::crypto::Secret;

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

const POOL: [(&str, &str); 6] = [
    ("user_pool_id", "eu-west-1_AbC123"),
    ("client_id", "web"),
    ("domain", "acme"),
    ("redirect_url", "https://app.example.com/auth/callback"),
    ("logout_url", "https://app.example.com/"),
    ("secret_keys", KEY),
];

fn figment<V: Into<Value> + Clone>(settings: &[(&str, V)]) -> Figment {
    settings.iter().fold(Figment::from(rocket::Config::debug_default()), |figment, (key, value)| {
        figment.merge((format!("cognito.{key}"), value.clone().into()))
    })
}

/// The settings above with others put over them.
fn with<V: Into<Value> + Clone>(settings: &[(&str, V)]) -> Settings {
    Settings::load(&figment(&POOL).merge(figment(settings)), None).unwrap()
}

fn own(settings: &Settings) -> &OwnClient {
    settings.client.as_ref().unwrap()
}

fn first_url(settings: &Settings) -> &RedirectUrl {
    own(settings).redirect_urls.first().unwrap()
}

fn sign_in(settings: &Settings) -> &SignInSettings {
    settings.sign_in.as_ref().unwrap()
}

fn defaults() -> LocalPoolDefaults {
    LocalPoolDefaults {
        base_url: "http://127.0.0.1:9400".into(),
        server_url: "http://127.0.0.1:9400".into(),
        user_pool_id: "us-east-1_Local".into(),
        client_id: "local".into(),
        client_secret: Some(Secret::new("local-secret")),
        level_names: LevelNames::default(),
    }
}

#[test]
fn defaults_follow_from_the_pool() {
    let settings = with::<&str>(&[]);
    assert_eq!(settings.pool.domain.as_deref(), Some("https://acme.auth.eu-west-1.amazoncognito.com"));
    assert_eq!(
        settings.pool.issuers,
        [
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
            "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123",
        ]
    );
    let keys = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123/.well-known/jwks.json";
    assert_eq!(settings.pool.jwks, JwksSource::Url { url: keys.into(), setting: "user_pool_id" });
    assert_eq!(settings.bearer.accepted_client_ids, ["web"]);
    assert!(own(&settings).secret.is_none());
    assert_eq!(first_url(&settings).text, "https://app.example.com/auth/callback");
    assert_eq!(first_url(&settings).origin, "https://app.example.com");
    assert_eq!(sign_in(&settings).callback_path, "/auth/callback");
    assert_eq!(sign_in(&settings).mount, "/auth");
    assert_eq!(sign_in(&settings).login_redirect, "/");
    assert_eq!(settings.keys.secret_keys.len(), 1);
    assert!(!settings.keys.are_random);
    assert!(own(&settings).scopes.is_empty());
    assert_eq!((settings.cookies.age_seconds, settings.pool.expiration_leeway), (1800, 30));
    assert_eq!(settings.cookies.domain, None);
    assert_eq!(settings.cookies.same_site, SameSite::Lax);
    assert_eq!(settings.bearer.token_use, BearerTokenUse::Access);
    assert!(!settings.pool.require_keys_at_launch);
}

#[test]
fn gov_cloud_has_its_own_domains() {
    let settings = with(&[("user_pool_id", "us-gov-west-1_x"), ("region", "us-gov-west-1")]);
    assert_eq!(
        settings.pool.domain.as_deref(),
        Some("https://acme.auth-fips.us-gov-west-1.amazoncognito.com")
    );
    assert_eq!(
        settings.pool.issuers.first().map(String::as_str),
        Some("https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_x")
    );
}

#[test]
fn an_explicit_issuer_replaces_both_forms() {
    let settings = with(&[
        ("issuer", "http://localhost:9229/eu-west-1_AbC123"),
        ("accepted_issuers", "https://a.example.com https://b.example.com https://a.example.com"),
    ]);
    assert_eq!(
        settings.pool.issuers,
        ["http://localhost:9229/eu-west-1_AbC123", "https://a.example.com", "https://b.example.com"]
    );
    let keys = "http://localhost:9229/eu-west-1_AbC123/.well-known/jwks.json";
    assert_eq!(settings.pool.jwks, JwksSource::Url { url: keys.into(), setting: "issuer" });
}

#[test]
fn words_become_values() {
    let settings = with(&[
        ("scopes", "openid email openid"),
        ("cookie_samesite", "none"),
        ("cookie_suffix", "Shop-2"),
        ("bearer_token_use", "any"),
        ("mount", "/"),
        ("callback_path", "/cb"),
        ("cookie_domain", ".example.com"),
        ("accepted_client_ids", "web mobile"),
        ("login_redirect", "/app?tab=1"),
    ]);
    assert_eq!(own(&settings).scopes, ["openid", "email"]);
    assert_eq!(settings.cookies.same_site, SameSite::None);
    assert_eq!(settings.cookies.suffix.as_deref(), Some("Shop-2"));
    assert_eq!(settings.bearer.token_use, BearerTokenUse::Any);
    assert_eq!(sign_in(&settings).mount, "");
    assert_eq!(sign_in(&settings).callback_path, "/cb");
    assert_eq!(settings.cookies.domain.as_deref(), Some("example.com"));
    assert_eq!(settings.bearer.accepted_client_ids, ["web", "mobile"]);
    assert_eq!(sign_in(&settings).login_redirect, "/app?tab=1");
}

#[test]
fn lists_and_numbers() {
    let settings = with(&[("scopes", vec!["openid", "email"]), ("secret_keys", vec![KEY, KEY])]);
    assert_eq!(own(&settings).scopes, ["openid", "email"]);
    assert_eq!(settings.keys.secret_keys.len(), 2);
    let settings = with(&[("cookie_age_seconds", 34_560_000), ("expiration_leeway", 0)]);
    assert_eq!((settings.cookies.age_seconds, settings.pool.expiration_leeway), (34_560_000, 0));
}

#[test]
fn the_origin_drops_an_implied_port_and_the_url_keeps_it() {
    let settings = with(&[("redirect_url", "https://app.example.com:443/cb")]);
    assert_eq!(first_url(&settings).text, "https://app.example.com:443/cb");
    assert_eq!(first_url(&settings).origin, "https://app.example.com");
}

#[test]
fn further_callbacks_follow_the_first() {
    let texts = |settings: Settings| {
        own(&settings).redirect_urls.iter().map(|url| url.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts(with::<&str>(&[])), ["https://app.example.com/auth/callback"]);
    let further = "https://shop.example.org/auth/callback https://b.example.com:8443/auth/callback";
    assert_eq!(
        texts(with(&[("accepted_redirect_urls", further)])),
        [
            "https://app.example.com/auth/callback",
            "https://shop.example.org/auth/callback",
            "https://b.example.com:8443/auth/callback",
        ]
    );
}

#[test]
fn routes_are_mounted_unless_they_are_left_out() {
    let mounted = |settings: Settings| {
        let Routes { login, callback, refresh, logout } = sign_in(&settings).routes;
        [login, callback, refresh, logout]
    };
    let all = [true; 4];
    assert_eq!(mounted(with::<&str>(&[])), all);
    assert_eq!(mounted(with(&[("routes", "")])), all);
    assert_eq!(mounted(with(&[("routes", "login callback refresh logout")])), all);
    assert_eq!(mounted(with(&[("routes", vec!["logout", "login", "login"])])), [true, false, false, true]);
    for name in ["login", "callback", "refresh", "logout"] {
        let expected = ["login", "callback", "refresh", "logout"].map(|other| other == name);
        assert_eq!(mounted(with(&[("routes", name)])), expected, "{name}");
    }
    assert_eq!(mounted(with(&[("routes", "none")])), [false; 4]);
    assert_eq!(mounted(with(&[("routes", vec![""; 0])])), [false; 4]);
}

#[test]
fn paths_are_those_that_browsers_see() {
    let behind_a_proxy = [("redirect_url", "https://app.example.com/shop/cb"), ("callback_path", "/cb")];
    let Paths { login, logout, all } = with(&behind_a_proxy).sign_in.unwrap().paths;
    assert_eq!((login.as_str(), logout.as_str()), ("/shop/auth/login", "/shop/auth/logout"));
    assert!(all.contains(&"/shop/cb".to_owned()) && all.contains(&"/shop/auth/refresh".to_owned()));
    let own = [("login_path", "/in"), ("logout_path", "/shop/out"), ("routes", "none")];
    let Paths { login, logout, all } = with(&own).sign_in.unwrap().paths;
    assert_eq!((login.as_str(), logout.as_str()), ("/in", "/shop/out"));
    assert_eq!(all, ["/in", "/shop/out", "/auth/callback"]);
}

#[test]
fn a_local_pool_fills_in_what_is_not_set() {
    let figment = figment(&[("local_pool", true)]).merge(("port", 8123));
    let settings = Settings::load(&figment, Some(&defaults())).unwrap();
    assert_eq!(settings.pool.user_pool_id, "us-east-1_Local");
    assert_eq!(own(&settings).id, "local");
    assert_eq!(
        own(&settings).secret.as_ref().map(|secret| secret.expose().to_owned()),
        Some("local-secret".into())
    );
    assert_eq!(settings.pool.domain.as_deref(), Some("http://127.0.0.1:9400"));
    assert_eq!(settings.pool.issuers, ["http://127.0.0.1:9400/us-east-1_Local"]);
    assert_eq!(
        settings.pool.jwks,
        JwksSource::Url {
            url: "http://127.0.0.1:9400/us-east-1_Local/.well-known/jwks.json".into(),
            setting: "user_pool_id"
        }
    );
    assert_eq!(first_url(&settings).text, "http://localhost:8123/auth/callback");
    assert_eq!(own(&settings).logout_url.as_deref().unwrap(), "http://localhost:8123/");
    assert!(settings.keys.are_random);
}

#[test]
fn a_local_pool_leaves_alone_what_is_set() {
    let figment = figment(&[
        ("user_pool_id", "eu-west-1_Mine"),
        ("client_id", "mine"),
        ("redirect_url", "http://127.0.0.1:9000/cb"),
        ("mount", "/user"),
    ]);
    let settings = Settings::load(&figment, Some(&defaults())).unwrap();
    assert_eq!(settings.pool.issuers, ["http://127.0.0.1:9400/eu-west-1_Mine"]);
    assert_eq!(own(&settings).id, "mine");
    assert!(own(&settings).secret.is_none(), "the local client's secret is not that of another client");
    assert_eq!(sign_in(&settings).callback_path, "/cb");
    assert_eq!(own(&settings).logout_url.as_deref().unwrap(), "http://127.0.0.1:9000/");
}

#[test]
fn a_local_pool_needs_a_port_to_return_to() {
    let figment = figment(&[("local_pool", true)]).merge(("port", 0));
    let error = Settings::load(&figment, Some(&defaults())).unwrap_err().to_string();
    assert!(error.contains("port 0") && error.contains("ROCKET_PORT=8000"), "{error}");
    assert!(error.starts_with("1 setting needs"), "{error}");
    let figment = figment.merge(("cognito.redirect_url", "http://localhost:8000/cb"));
    assert!(Settings::load(&figment, Some(&defaults())).is_ok());
}

#[test]
fn rockets_secret_key_stands_in() {
    let mut pool = figment(&POOL).merge(("cognito.secret_keys", ""));
    assert!(Settings::load(&pool, None).unwrap().keys.are_random);
    pool = pool.merge(("secret_key", KEY));
    let settings = Settings::load(&pool, None).unwrap();
    assert!(!settings.keys.are_random);
    assert_eq!(settings.keys.secret_keys.first().map(Secret::expose), Some(KEY));
    // Rocket's feature `secrets` puts bytes there by default.
    pool = pool.merge(("secret_key", vec![0u8; 32]));
    assert!(Settings::load(&pool, None).unwrap().keys.are_random);
}

#[test]
fn local_pool_is_off_true_or_a_table() {
    let read = |value: Value| {
        local_pool(&Figment::from(rocket::Config::debug_default()).merge(("cognito.local_pool", value)))
    };
    assert!(local_pool(&figment::<&str>(&[])).unwrap().is_none());
    assert!(read(Value::from(false)).unwrap().is_none());
    assert!(read(Value::from("")).unwrap().is_none());
    if cfg!(feature = "local-pool") {
        let on = read(Value::from(true)).unwrap().unwrap();
        assert!(on.value.as_dict().is_some_and(|table| table.is_empty()));
        let table = figment::util::map!["port" => 0u16];
        let on = read(Value::from(table)).unwrap().unwrap();
        assert_eq!(on.value.find_ref("port").and_then(Value::to_u128), Some(0));
    } else {
        let error = read(Value::from(true)).unwrap_err().to_string();
        assert!(error.contains("--features local-pool"), "{error}");
    }
}

#[test]
fn the_first_step_names_the_feature_where_it_is_off() {
    let error = Settings::load(&figment::<&str>(&[]), None).unwrap_err().to_string();
    assert!(error.contains("type under [debug.cognito]: local_pool = true"), "{error}");
    let needed = error.contains("after `cargo add rocket_cognito --features local-pool`");
    assert_eq!(needed, !cfg!(feature = "local-pool"), "{error}");
}

#[test]
fn settings_print_no_secret() {
    let settings = with(&[("client_secret", "canary-client-secret")]);
    let printed = format!("{settings:?}");
    assert!(!printed.contains("canary") && !printed.contains(KEY), "{printed}");
}

#[test]
fn an_app_in_which_nobody_signs_in_needs_pool_and_client_only() {
    let needed = figment(&[("routes", "none"), ("user_pool_id", "eu-west-1_AbC123")]);
    let release = |figment: Figment| {
        let figment = Figment::from(rocket::Config::release_default()).merge(figment);
        Settings::load(&figment.select("release"), None)
    };
    let settings = release(needed.clone().merge(("cognito.client_id", "web"))).unwrap();
    assert!(settings.sign_in.is_none() && !settings.keys.are_random && settings.pool.domain.is_none());
    assert_eq!(settings.bearer.accepted_client_ids, ["web"]);

    let settings = release(needed.clone().merge(("cognito.accepted_client_ids", "api worker"))).unwrap();
    assert_eq!(
        (settings.client.is_none(), settings.bearer.accepted_client_ids.join(" ")),
        (true, "api worker".into())
    );

    let error = release(needed.clone()).unwrap_err().to_string();
    assert!(error.starts_with("1 setting needs") && error.contains("`client_id`"), "{error}");

    let error =
        release(needed.clone().merge(("cognito.accepted_client_ids", "a,b"))).unwrap_err().to_string();
    assert!(error.starts_with("1 setting needs") && error.contains("`accepted_client_ids`"), "{error}");

    // Whoever gives one of the addresses wants people to sign in.
    let half = needed.merge(("cognito.client_id", "web"));
    let error =
        release(half.merge(("cognito.logout_url", "https://app.example.com/"))).unwrap_err().to_string();
    for key in ["domain", "redirect_url", "secret_keys"] {
        assert!(error.contains(&format!("`{key}`: is required")), "{key}: {error}");
    }
    assert!(error.contains("routes = \"none\""), "{error}");
}

#[test]
fn keys_may_stand_in_the_settings_as_text_or_table() {
    let set = r#"{"keys":[{"kid":"a"}]}"#;
    let JwksSource::Inline(text) = with(&[("jwks", set)]).pool.jwks else { panic!("inline") };
    assert_eq!(text.json, set);
    let key = Value::from(figment::util::map!["kid" => "a"]);
    let table = Value::from(figment::util::map!["keys" => Value::from(vec![key])]);
    let JwksSource::Inline(text) = with(&[("jwks", table)]).pool.jwks else { panic!("inline") };
    assert_eq!(text.json, set);
    let both = figment(&POOL).merge(figment(&[("jwks", set), ("jwks_uri", "https://keys.example.com")]));
    assert!(Settings::load(&both, None).unwrap_err().to_string().contains("beside `jwks_uri`"));
}

#[test]
fn tokens_expire_wherever_people_are_served() {
    assert!(with::<&str>(&[]).pool.check_expiration);
    assert!(!with(&[("check_expiration", false)]).pool.check_expiration);
    let figment = figment(&POOL).merge(("cognito.check_expiration", false)).select("production");
    let error = Settings::load(&figment, None).unwrap_err().to_string();
    assert!(error.contains("check_expiration = true; or, if profile \"production\""), "{error}");
    assert!(error.contains("lets in who holds an expired token"), "{error}");
}

#[test]
#[expect(clippy::result_large_err, reason = "Jail's closures return figment::Error")]
fn a_client_without_an_app_reads_no_environment_and_needs_pool_and_client() {
    figment::Jail::expect_with(|jail| {
        // The tests beside this one read the same environment: none of them looks at this setting.
        jail.set_env("ROCKET_COGNITO_TOKEN_CACHE_ENTRIES", "7");
        let given = figment(&[("user_pool_id", "eu-west-1_AbC123"), ("client_id", "given")]);
        assert_eq!(Settings::load_given(&given).unwrap().pool.token_cache.entries, 10_000);
        assert_eq!(Settings::load_for_client(&given).unwrap().pool.token_cache.entries, 7);
        let error = Settings::load_given(&figment::<&str>(&[])).unwrap_err().to_string();
        assert!(error.starts_with("2 settings need"), "{error}");
        let error =
            Settings::load_for_client(&given.merge(("cognito.local_pool", true))).unwrap_err().to_string();
        assert!(error.contains("&State<CognitoClient>") || !cfg!(feature = "local-pool"), "{error}");
        Ok(())
    });
}

#[test]
fn sections_leave_out_what_an_app_does_not_have() {
    let complete = with::<&str>(&[]);
    let client = complete.client.unwrap();
    assert_eq!(client.redirect_urls.first().map(|url| url.origin.as_str()), Some("https://app.example.com"));
    assert_eq!(client.logout_url.as_deref(), Some("https://app.example.com/"));
    assert!(complete.sign_in.is_some() && complete.cookies.are_secure);

    let bearer_only = [("routes", "none"), ("user_pool_id", "eu-west-1_AbC123")];
    let load = |more| Settings::load(&figment(&bearer_only).merge(figment(&[more])), None).unwrap();
    let Settings { sign_in, client, .. } = load(("accepted_client_ids", "api"));
    assert!(sign_in.is_none() && client.is_none());
    let client = load(("client_id", "web")).client.unwrap();
    assert!(client.redirect_urls.is_empty() && client.logout_url.is_none());

    let disabled = Settings::load(&figment(&[("disabled", true)]), None).unwrap();
    assert!(disabled.sign_in.is_some() && disabled.client.unwrap().redirect_urls.is_empty());
}
