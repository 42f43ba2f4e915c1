//! Where a Redis or Valkey is, and how an app signs in there: what is refused, and that no message shows the value.

use figment::Figment;
use rocket_cognito::Clock;
use rocket_cognito::store::RedisStore;

use super::{assert_told, check, pool_with};

const CANARY: &str = "c4nary";
const REDIS: &str = r#""redis://a.example""#;
const WITH_USER: &str = r#""redis://app:c4nary@a.example""#;

/// What the error says of these settings of the store, as TOML values beside a complete pool.
fn told(settings: &[(&str, &str)]) -> String {
    let answer = check("release", &pool_with(settings), &[]);
    assert!(!answer.contains(CANARY), "{answer}");
    answer
}

#[test]
fn each_form_of_an_address_is_accepted() {
    for value in [
        r#""redis://localhost""#,
        r#""rediss://cache.example.com:6380/2""#,
        r#""valkey://[::1]""#,
        r#""valkeys://app:p%40ss@10.0.0.7:7000/0""#,
        r#""redis://:password@cache""#,
        r#""unix:/run/redis/redis.sock""#,
        r#""redis://a.example:7000 redis://b.example:7001""#,
        r#"["rediss://a.example", "valkeys://b.example"]"#,
        r#"["redis://app:one@a.example", "redis://app:one@b.example", "redis://c.example"]"#,
    ] {
        assert_eq!(told(&[("session_store", value)]), "", "{value}");
    }
    let variable = [("ROCKET_COGNITO_SESSION_STORE", "redis://a.example:7000 redis://b.example:7000")];
    assert_eq!(check("release", &pool_with(&[]), &variable), "");
}

#[test]
fn each_setting_of_a_store_is_accepted() {
    for (key, value) in [
        ("session_store_password", r#""12345""#),
        ("session_store_master", r#""my-master.1""#),
        ("session_store_prefix", r#""shop/sessions:""#),
    ] {
        assert_eq!(told(&[("session_store", r#""redis://a.example""#), (key, value)]), "", "{key}");
    }
    let user = [("session_store_username", r#""app""#), ("session_store_password", r#""secret""#)];
    let address = ("session_store", r#""redis://a.example""#);
    assert_eq!(told(&[&[address][..], &user].concat()), "");
    // The URL says who, and a setting has the password.
    let who = ("session_store", r#""redis://app@a.example""#);
    assert_eq!(told(&[who, user[1]]), "");
    // Sentinels have no databases, but the primary that they name has.
    let sentinels = ("session_store", r#""redis://a.example:26379/1 redis://b.example:26379/1""#);
    assert_eq!(told(&[sentinels, ("session_store_master", r#""mymaster""#)]), "");
    // Digits of the environment stay as they are typed.
    let digits = [("ROCKET_COGNITO_SESSION_STORE_PASSWORD", "0123")];
    assert_eq!(check("release", &pool_with(&[address]), &digits), "");
}

#[test]
fn each_wrong_address_is_named_with_its_remedy_and_without_its_text() {
    for (value, words) in [
        (r#""redis""#, "names no store that this crate has"),
        (r#""c4nary:6379""#, "has no scheme"),
        (r#""http://c4nary""#, "scheme other than"),
        (r#""redis://""#, "has no host"),
        (r#""redis://c4nary!""#, "has a host with something other"),
        (r#""redis://c4nary:0""#, "has a port"),
        (r#""redis://c4nary:port""#, "has a port"),
        (r#""redis://user:c4/nary@host""#, "%2F"),
        (r#""redis://c4nary?ssl=true""#, "has a query"),
        (r#""redis://c4nary/zero""#, "number of a database"),
        (r#""redis://c4nary@host""#, "has a user name, and there is no password for this user"),
        (r#"["redis://a.example", "rediss://c4nary"]"#, "with TLS (`rediss://`, `valkeys://`) and without"),
        (r#"["unix:/run/c4nary.sock", "redis://b.example"]"#, "has a socket (`unix:`) in a list"),
        (r#"["redis://a.example/1", "redis://b.example/2"]"#, "names several databases"),
        (r#"["redis://a.example/1", "redis://b.example/1"]"#, "database other than 0 for a Cluster"),
        (r#"["redis://u:c4nary@a.example", "redis://u:other@b.example"]"#, "several users or passwords"),
        (r#"["redis://u:c4nary@a.example", "redis://v:c4nary@b.example"]"#, "several users or passwords"),
        (r#"["redis://a.example", 7]"#, "a list of something other than text"),
    ] {
        let answer = told(&[("session_store", value)]);
        let to_type = match words.contains("no password for this user") {
            true => "to type: ROCKET_COGNITO_SESSION_STORE_PASSWORD=…",
            false => "session_store = \"rediss://cache.example.com:6379\"",
        };
        assert_told(&answer, &["1 setting needs", "`session_store`: ", words, to_type]);
    }
}

/// Settings, what is wrong with them, and what to type.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn settings_of_a_store_that_do_not_go_together_are_told() {
    let cases: [Case; 9] = [
        (
            &[("session_store", WITH_USER), ("session_store_username", r#""app""#)],
            "`session_store_username`: is set, and the URL in `session_store` has a user name, too",
            "to type: leave `session_store_username` out",
        ),
        (
            &[("session_store", WITH_USER), ("session_store_password", r#""c4nary""#)],
            "`session_store_password`: is set, and the URL in `session_store` has a password, too",
            "to type: leave `session_store_password` out",
        ),
        (
            &[("session_store", REDIS), ("session_store_username", r#""app""#)],
            "`session_store_username`: is set, and there is no password for this user",
            "ROCKET_COGNITO_SESSION_STORE_PASSWORD=…",
        ),
        (
            &[("session_store", REDIS), ("session_store_ca", r#""Rocket.toml""#)],
            "`session_store_ca`: is about TLS, and `session_store` is no URL with TLS",
            "have `session_store` begin with `rediss://`",
        ),
        (
            &[("session_store", REDIS), ("session_store_master", r#""my master""#)],
            "`session_store_master`: \"my master\" is not the name of a primary",
            "session_store_master = \"mymaster\"",
        ),
        (
            &[("session_store", REDIS), ("session_store_prefix", r#""{cognito}:""#)],
            "has a brace: in a Cluster all keys with one `{…}` lie at one node",
            "session_store_prefix = \"shop:\"",
        ),
        (
            &[("session_store", REDIS), ("session_store_prefix", r#""my app:""#)],
            "`session_store_prefix`: \"my app:\" is not 1 to 64 letters",
            "session_store_prefix = \"shop:\"",
        ),
        (
            &[("session_store", REDIS), ("session_store_prefix", r#""*""#)],
            "is not 1 to 64 letters",
            "session_store_prefix = \"shop:\"",
        ),
        (
            &[("session_store", REDIS), ("session_store_prefix", r#""""#)],
            "`session_store_prefix`: is empty",
            "session_store_prefix = \"shop:\"",
        ),
    ];
    for (settings, problem, remedy) in cases {
        assert_told(&told(settings), &[problem, remedy]);
    }
}

#[test]
fn settings_of_a_redis_without_one_are_told_each() {
    for store in [None, Some(("session_store", r#""memory""#))] {
        for key in
            ["username", "password", "password_file", "ca", "client_cert", "client_key", "master", "prefix"]
        {
            let key = format!("session_store_{key}");
            let settings: Vec<_> = store.into_iter().chain([(key.as_str(), r#""c4nary""#)]).collect();
            let answer = check("debug", &pool_with(&settings), &[]);
            let problem = format!("`{key}`: is about a Redis or Valkey, and `session_store` names none");
            assert_told(
                &answer,
                &["1 setting needs", &problem, &format!("leave `{key}` out, or: session_store = ")],
            );
        }
    }
}

/// Passwords and keys are sometimes typed where a path is asked for.
#[test]
fn files_of_a_store_are_read_at_launch_and_what_stands_in_the_place_of_a_path_is_not_shown() {
    let rediss = ("session_store", r#""rediss://a.example""#);
    for (key, value, words) in [
        ("session_store_password_file", r#""c4nary""#, "leads to a file, which cannot be read"),
        ("session_store_password_file", r#"".""#, "leads to a file, which is not a file"),
        ("session_store_password_file", r#""Rocket.toml""#, "which has more than one line"),
        ("session_store_ca", r#""nowhere.pem""#, "nowhere.pem\", which cannot be read"),
        ("session_store_ca", r#""Rocket.toml""#, "which has no certificates in PEM"),
        ("session_store_ca", r#""-----BEGIN CERTIFICATE-----""#, "is itself what is to be in a file"),
    ] {
        assert_told(&told(&[rediss, (key, value)]), &["1 setting needs", &format!("`{key}`: "), words]);
    }
    let key = "\"-----BEGIN PRIVATE KEY----- c4nary\"";
    let settings =
        [rediss, ("session_store_client_cert", "\"Rocket.toml\""), ("session_store_client_key", key)];
    assert_told(
        &told(&settings),
        &["2 settings need", "`session_store_client_key`: the value is itself what is to be in a file"],
    );
    for (given, other) in [("client_cert", "client_key"), ("client_key", "client_cert")] {
        let name = format!("session_store_{given}");
        let answer = told(&[rediss, (&name, "\"Rocket.toml\"")]);
        assert_told(&answer, &[&format!("`{name}`: stands without `session_store_{other}`")]);
    }
}

#[test]
fn what_a_store_is_called_elsewhere_leads_to_its_settings() {
    for (name, meant) in [
        ("redis_url", "session_store"),
        ("redis_connection_url", "session_store"),
        ("session_redis", "session_store"),
        ("session_type", "session_store"),
        ("session_store_type", "session_store"),
        ("redis_password", "session_store_password"),
        ("redis_username", "session_store_username"),
        ("redis_ca_path", "session_store_ca"),
        ("redis_key_prefix", "session_store_prefix"),
        ("session_key_prefix", "session_store_prefix"),
        ("redis_sentinel_master_name", "session_store_master"),
        ("session_store_user", "session_store_username"),
        ("session_store_client_certificate", "session_store_client_cert"),
    ] {
        let answer = check("debug", &pool_with(&[(name, r#""c4nary""#)]), &[]);
        assert_told(&answer, &[&format!("`{name}`"), &format!("did you mean `{meant}`?")]);
        assert!(!answer.contains(CANARY), "{answer}");
    }
}

/// A key that is made for one launch opens nothing at the next.
#[test]
fn random_keys_beside_a_store_that_outlives_the_launch_are_refused() {
    let without_keys = |store: &str| {
        let toml = format!("[debug.cognito]\nlocal_pool = true\nsession_store = \"{store}\"\n");
        check("debug", &toml, &[])
    };
    assert_told(
        &without_keys("redis://localhost"),
        &[
            "1 setting needs",
            "`secret_keys`: is not set, and a key made for this launch would open nothing in `session_store`",
            "openssl rand -base64 48",
        ],
    );
    assert_eq!(without_keys("memory"), "");
    let disabled = "[debug.cognito]\ndisabled = true\nsession_store = \"redis://localhost\"\n";
    assert_eq!(check("debug", disabled, &[]), "");
    let toml = "[debug.cognito]\nlocal_pool = true\nsession_store = \"redis://localhost\"\n";
    let keys = [("ROCKET_COGNITO_SECRET_KEYS", super::KEY)];
    assert_eq!(check("debug", toml, &keys), "");
}

#[test]
fn a_store_beside_an_app_reads_the_settings_of_the_store_alone() {
    let store = |settings: &[(&str, &str)]| {
        let figment =
            settings.iter().fold(Figment::from(rocket::Config::debug_default()), |figment, (key, value)| {
                figment.merge((format!("cognito.{key}"), *value))
            });
        RedisStore::from_figment(&figment, &Clock::default()).map_err(|error| error.to_string())
    };
    let redis = ("session_store", "redis://localhost");
    assert!(store(&[redis, ("region", "the moon")]).is_ok());
    for (settings, words) in [
        (
            &[][..],
            &["`session_store`: is required and not set", "session_store = \"redis://localhost:6379\""],
        ),
        (
            &[("session_store", "memory")],
            &["`session_store`: names no Redis or Valkey", "session_store = \"redis"],
        ),
        (&[redis, ("session_store_prefix", "{")], &["1 setting needs", "has a brace"]),
    ] {
        assert_told(&store(settings).unwrap_err(), words);
    }
}
