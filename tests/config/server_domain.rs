//! Where the app itself calls the pool, and where that may be by plain `http`.

use super::{assert_told, check, pool_with};

#[test]
fn calls_by_plain_http_leave_this_machine_only_where_the_unsafe_modes_may_run() {
    for (key, value) in [
        ("server_domain", "\"http://pool:9400\""),
        ("issuer", "\"http://pool:9400/eu-west-1_AbC123\""),
        ("jwks_uri", "\"http://172.17.0.2:9400/jwks.json\""),
    ] {
        let toml = pool_with(&[(key, value)]);
        assert_eq!(check("debug", &toml, &[]), "", "{key}");
        for profile in ["release", "production", "bench"] {
            let answer = check(profile, &toml, &[]);
            let told = "uses `http`, which is accepted for localhost, 127.0.0.1 and [::1] only";
            assert_told(&answer, &["1 setting needs", &format!("`{key}`"), told, "where the local pool"]);
        }
        let bench = pool_with(&[(key, value), ("unsafe_in_profile", "\"bench\"")]);
        assert_eq!(check("bench", &bench, &[]), "", "{key}");
        assert_told(&check("release", &bench, &[]), &["1 setting needs", &format!("`{key}`")]);
        // To this machine, and by https, it may be anywhere.
        for safe in [
            value.replace("pool", "localhost").replace("172.17.0.2", "[::1]"),
            value.replace("http:", "https:"),
        ] {
            assert_eq!(check("release", &pool_with(&[(key, &safe)]), &[]), "", "{key}");
        }
    }
}

#[test]
fn calls_by_plain_http_never_leave_for_a_host_that_may_be_public() {
    let told = "uses `http`, which is accepted for private names and addresses only";
    for (key, path) in [("server_domain", ""), ("issuer", "/eu-west-1_AbC123"), ("jwks_uri", "/jwks.json")] {
        for host in ["pool", "my_pool", "pool.internal", "pool.local", "10.1.2.3", "192.168.0.9", "127.0.0.2"]
        {
            let url = format!("\"http://{host}:9400{path}\"");
            assert_eq!(check("debug", &pool_with(&[(key, &url)]), &[]), "", "{key} at {host}");
        }
        for host in ["pool.example.com", "internal.example.com", "8.8.8.8", "pool.lan"] {
            let url = format!("\"http://{host}:9400{path}\"");
            let answer = check("debug", &pool_with(&[(key, &url)]), &[]);
            assert_told(&answer, &["1 setting needs", &format!("`{key}`"), told, "type `https://`"]);
        }
    }
}

#[test]
fn what_browsers_are_sent_to_never_leaves_this_machine_by_plain_http() {
    for key in ["domain", "redirect_url", "logout_url"] {
        let answer = check("debug", &pool_with(&[(key, "\"http://pool:9400/x\"")]), &[]);
        assert_told(&answer, &["1 setting needs", &format!("`{key}`"), "uses `http`"]);
    }
}

#[test]
fn a_server_domain_is_told_with_where_it_was_read_and_what_to_type() {
    let variable = [("ROCKET_COGNITO_SERVER_DOMAIN", "http://pool:9400")];
    assert_eq!(check("debug", &pool_with(&[]), &variable), "");
    let answer = check("release", &pool_with(&[]), &variable);
    let remedy = "ROCKET_COGNITO_SERVER_DOMAIN=http://pool:9400";
    assert_told(
        &answer,
        &["environment variable ROCKET_COGNITO_SERVER_DOMAIN\n", remedy, "unsafe_in_profile"],
    );
    let misspelt = [("ROCKET_COGNITO_INTERNAL_DOMAIN", "http://pool:9400")];
    assert_told(&check("debug", &pool_with(&[]), &misspelt), &["did you mean `server_domain`?"]);
}

#[test]
fn a_server_domain_alone_says_nothing_to_browsers() {
    let toml =
        "[default.cognito]\nroutes = \"none\"\nuser_pool_id = \"eu-west-1_AbC123\"\nclient_id = \"web\"\n";
    let toml = format!("{toml}server_domain = \"http://pool:9400\"\n");
    let answer = check("debug", &toml, &[]);
    assert_told(
        &answer,
        &["1 setting needs", "`server_domain`: stands without `domain`", "to type: domain = "],
    );
}
