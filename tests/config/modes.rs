//! The local pool, disabled mode and the store in memory: where they may run, and what stands beside them.

use super::{assert_told, check, pool_with};

#[test]
fn the_local_pool_runs_only_where_it_may() {
    let on = "[default.cognito]\nlocal_pool = true\n";
    assert_eq!(check("debug", on, &[]), "");
    for profile in ["release", "production", "bench"] {
        let answer = check(profile, on, &[]);
        let told = format!("must not run in profile \"{profile}\"");
        assert_told(&answer, &[&told, &format!("unsafe_in_profile = \"{profile}\"")]);
        // The pool would have filled in all but the cookie keys.
        assert_told(&answer, &["2 settings need", "`secret_keys`"]);
    }
    let bench = format!("{on}unsafe_in_profile = \"bench\"\n");
    assert_eq!(check("bench", &bench, &[]), "");
    assert_told(&check("release", &bench, &[]), &["must not run in profile \"release\""]);
    assert_eq!(check("debug", &bench, &[]), "");
    assert_eq!(check("release", &pool_with(&[("local_pool", "false")]), &[]), "");
    let answer = check("debug", on, &[("ROCKET_COGNITO_LOCAL_POOL", "False")]);
    assert_told(&answer, &["neither true nor false", "environment variable ROCKET_COGNITO_LOCAL_POOL"]);
    let port = format!("[default]\nport = 0\n{on}");
    assert_told(&check("debug", &port, &[]), &["Rocket's port 0", "to type: ROCKET_PORT=8000"]);
}

#[test]
fn half_of_another_pool_beside_the_local_one_is_refused() {
    for (key, value) in [
        ("domain", "https://auth.example.com"),
        ("server_domain", "http://pool:9400"),
        ("issuer", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123"),
        ("jwks_uri", "https://keys.example.com/jwks.json"),
        ("jwks", "{}"),
    ] {
        let toml = format!("[debug.cognito]\nlocal_pool = true\n{key} = \"{value}\"\n");
        assert_told(
            &check("debug", &toml, &[]),
            &["1 setting needs", &format!("`{key}`"), "another pool's", "[release.cognito]"],
        );
        let off = [("ROCKET_COGNITO_LOCAL_POOL", "false")];
        assert!(!check("debug", &toml, &off).contains("another pool's"));
    }
}

/// Browsers are led to `domain`, and tokens name the issuer, where browsers reach the pool: by no other of its names.
#[test]
fn half_of_another_pool_is_an_inner_name_of_the_local_one_that_browsers_and_tokens_would_get() {
    let public = "https://id.example.com";
    let inner = "http://127.0.0.1:940";
    for (key, value, is_right) in [
        ("domain", public.to_owned(), true),
        ("issuer", format!("{public}/eu-west-1_LocalPool"), true),
        ("server_domain", public.to_owned(), true),
        ("server_domain", inner.to_owned(), true),
        ("jwks_uri", format!("{inner}/eu-west-1_LocalPool/.well-known/jwks.json"), true),
        ("domain", inner.to_owned(), false),
        ("issuer", format!("{inner}/eu-west-1_LocalPool"), false),
        ("server_domain", "http://127.0.0.1:9400".to_owned(), false),
    ] {
        for slash in ["", "/"] {
            let table = format!("{{ port = 940, public_url = \"{public}{slash}\" }}");
            let toml = format!("[debug.cognito]\nlocal_pool = {table}\n{key} = \"{value}\"\n");
            let answer = check("debug", &toml, &[]);
            match is_right {
                true => assert_eq!(answer, "", "{key} = {value}"),
                false => assert_told(&answer, &["1 setting needs", &format!("`{key}`")]),
            }
        }
    }
}

#[test]
fn mistakes_in_the_table_of_the_local_pool_are_told_with_all_others() {
    let table = |content: &str| format!("[debug.cognito]\nmount = \"auth\"\nlocal_pool = {{ {content} }}\n");
    for (content, told) in [
        ("prot = 1", "there is no key `prot`"),
        ("port = \"x\"", "local_pool.port`: is text, not a whole number from 0 to 65535"),
        ("user_pool_id = \"x\"", "local_pool.user_pool_id`: \"x\" should look like"),
        (
            "access_token_seconds = 0",
            "local_pool.access_token_seconds`: is another number, not a whole number from 1 to 86400",
        ),
        ("clients = [{ client_id = \"a\", callback_urls = [\"http://app.example.com/\"] }]", "must be https"),
        ("users = [{ username = \"a\" }, { username = \"a\" }]", "is given twice"),
    ] {
        let answer = check("debug", &table(content), &[]);
        assert_told(&answer, &["2 settings need", "`local_pool.", "`mount`", told, "Rocket.toml, profile"]);
    }
    let own = "[debug.cognito]\ndomain = \"http://127.0.0.1:9500\"\nlocal_pool = { port = 9500, prot = 1 }\n";
    assert_told(&check("debug", own, &[]), &["1 setting needs"]);
    let secret = table("users = [{ username = \"a\", password = 5550123 }]");
    let answer = check("debug", &secret, &[]);
    assert!(answer.contains("`local_pool.users[0].password`") && !answer.contains("5550123"), "{answer}");
}

#[test]
fn the_local_pool_may_take_any_port_and_a_client_with_a_hyphen() {
    let toml = "[debug.cognito]\nlocal_pool = { port = 0, clients = [{ client_id = \"my-client\" }] }\n";
    assert_eq!(check("debug", toml, &[]), "");
}

#[test]
fn disabled_mode_is_switched_on_and_off_in_the_environment() {
    let user = r#"{username=eve,groups=[admin],attributes={"custom:team"=blue}}"#;
    let on = [("ROCKET_COGNITO_DISABLED", "true"), ("ROCKET_COGNITO_DISABLED_USER", user)];
    assert_eq!(check("debug", "", &on), "");
    assert_told(&check("release", "", &on), &["1 setting needs", "`disabled`: must not run in profile"]);
    let file = "[default.cognito]\ndisabled = true\n";
    assert_told(&check("debug", file, &[("ROCKET_COGNITO_DISABLED", "false")]), &["5 settings need"]);
    let text = check("debug", file, &[("ROCKET_COGNITO_DISABLED", "False")]);
    assert_told(&text, &["1 setting needs", "\"False\"", "environment variable ROCKET_COGNITO_DISABLED\n"]);
    let wrong = check("debug", file, &[("ROCKET_COGNITO_DISABLED_USER", "{usrname=eve}")]);
    assert_told(&wrong, &["no key `usrname`", "environment variable ROCKET_COGNITO_DISABLED_USER\n"]);
    let other = [("ROCKET_COGNITO_DISABLED_USER", "{username=eve}")];
    assert_eq!(check("release", &pool_with(&[]), &other), "", "it is not used");
    assert_eq!(check("release", &pool_with(&[("disabled", "false")]), &[]), "");
}

#[test]
fn sessions_lie_in_memory_only_where_the_local_pool_may_run() {
    let memory = ("session_store", "\"Memory\"");
    assert_eq!(check("debug", &pool_with(&[memory]), &[]), "");
    assert_eq!(check("bench", &pool_with(&[memory, ("unsafe_in_profile", "\"bench\"")]), &[]), "");
    for profile in ["release", "production", "bench"] {
        let told =
            format!("must not be \"memory\" in profile \"{profile}\": that store dies with the process");
        let test = format!("if profile \"{profile}\" is for tests only: unsafe_in_profile = \"{profile}\"");
        assert_told(
            &check(profile, &pool_with(&[memory]), &[]),
            &[
                "1 setting needs",
                "`session_store`",
                &told,
                "leave `session_store` out",
                ".session_store(…)`",
                &test,
            ],
        );
        assert_eq!(check(profile, &pool_with(&[("session_store", "\"\"")]), &[]), "");
    }
    assert_told(
        &check("release", &pool_with(&[]), &[("ROCKET_COGNITO_SESSION_STORE", "memory")]),
        &["environment variable ROCKET_COGNITO_SESSION_STORE\n", "ROCKET_COGNITO_UNSAFE_IN_PROFILE=release"],
    );
}

#[test]
fn what_needs_a_store_is_right_as_long_as_the_code_may_give_one() {
    let all =
        [("bearer_denylist", "true"), ("require_store_at_launch", "true"), ("sessions_per_user", "1000")];
    for profile in ["debug", "release"] {
        assert_eq!(check(profile, &pool_with(&all), &[]), "");
    }
    let off = [("ROCKET_COGNITO_SESSION_STORE_WRITES", "false")];
    assert_eq!(check("release", &pool_with(&all), &off), "");
}
