//! Values that are wrong: each is named, with its remedy, and no secret is shown.

use super::{KEY, assert_told, check, pool_with};

#[test]
fn a_complete_pool_is_accepted() {
    for profile in ["debug", "release", "production"] {
        assert_eq!(check(profile, &pool_with(&[]), &[]), "");
    }
}

#[test]
fn each_wrong_value_is_named_with_its_remedy() {
    let long = format!("\"{}\"", "x".repeat(300));
    let hundred = format!("\"{}\"", "https://a.b/auth/callback ".repeat(100));
    let cases: &[(&str, &str, &[&str])] = &[
        ("region", "\"the moon\"", &["\"the moon\" does not name an AWS region", "eu-west-1"]),
        ("region", "\"eu-central-1\"", &["is not the region of the pool, which is \"eu-west-1\""]),
        ("region", "1", &["is a number, not text in quotes"]),
        ("user_pool_id", "\"AbC123\"", &["no underscore", "User pool ID"]),
        ("user_pool_id", "\"eu-west-1_x/../../evil\"", &["letters and digits after the underscore"]),
        ("user_pool_id", "\"eu-west-1_x\\r\\n\"", &["letters and digits", "\\r\\n"]),
        ("user_pool_id", "\"EU-WEST-1_x\"", &["does not name an AWS region"]),
        ("user_pool_id", "[\"eu-west-1_x\"]", &["is a list, not text"]),
        ("client_id", "\"a b\"", &["not the id of an app client", "App clients"]),
        ("client_id", "\"a/b\"", &["not the id of an app client"]),
        ("client_id", &long, &["…", "not the id of an app client"]),
        ("client_id", "123", &["is a number, not text in quotes"]),
        ("client_id", "true", &["is true or false, not text"]),
        ("client_secret", "\"a b\"", &["has a space", "Show client secret"]),
        ("client_secret", "{ x = 1 }", &["is a table, not text"]),
        ("client_secret", "[\"a\", \"b\", \"c\"]", &["has more than two secrets", "Show client secret"]),
        ("level_names", "\"gold\"", &["is text, not a table", "level_names = { 3 = \"gold\""]),
        ("level_names", "{ 5 = \"gold\" }", &["there is no key `5`", "1, 2, 3, 4"]),
        ("level_names", "{ 3 = 4 }", &["is a number, not text in quotes"]),
        ("level_names", "{ 3 = \"a b\" }", &["needs 1 to 64 ASCII characters without spaces"]),
        ("level_names", "{ 3 = \"\" }", &["needs 1 to 64 ASCII characters without spaces"]),
        ("level_names", "{ 3 = \"urn:cognito:loa:4\" }", &["is the name of another level too"]),
        ("resource", "\"api.example.com\"", &["is not an absolute URL", "https://api.example.com"]),
        ("resource", "\"http://api.example.com\"", &["uses `http`"]),
        ("resource", "\"myapp://api\"", &["uses another scheme than `https`"]),
        ("resource", "\"https://api.example.com/?x\"", &["has a query"]),
        ("resource", "\"https://eve@api.example.com/\"", &["or a user name"]),
        ("resource", "\"https://api.example.com/#x\"", &["has a fragment"]),
        ("resource", "\"https://api.example.com/mcp/\"", &["a slash too many"]),
        ("resource", "\"https://api.example.com/<x>\"", &["letters, digits and `._~-`"]),
        (
            "resource",
            "\"https://API.example.com\"",
            &["its normal form, which is \"https://api.example.com/\""],
        ),
        ("resource", "\"https://api.example.com:443\"", &["its normal form"]),
        ("resource", "\"https://api.example.com/a/../b\"", &["its normal form"]),
        ("resource_scopes", "[\"orders/read\"]", &["needs `resource`, which", "resource = \"https://"]),
        ("resource_scopes", "\"orders/read,x\"", &["contains a comma"]),
        ("resource_scopes", "\"offline_access\"", &["is no scope of Cognito's"]),
        ("pool_metadata", "\"served\"", &["needs `resource`, which is not set", "resource = \"https://"]),
        ("pool_metadata", "true", &["is true or false, not text"]),
        ("domain", "\"http://auth.example.com\"", &["uses `http`"]),
        ("domain", "\"https://auth.example.com/login\"", &["has a path", "Branding > Domain"]),
        ("domain", "\"https://cognito-idp.eu-west-1.amazonaws.com\"", &["host of the issuer"]),
        ("domain", "\"my-cognito-app\"", &["contains `cognito`"]),
        ("domain", "\"Acme\"", &["neither a URL, nor a host, nor a prefix"]),
        ("domain", "8000", &["is a number, not text"]),
        ("redirect_url", "\"/auth/callback\"", &["no scheme", "Allowed callback URLs"]),
        ("redirect_url", "\"http://app.example.com/cb\"", &["uses `http`"]),
        ("redirect_url", "\"https://app.example.com\"", &["has no path", "collide"]),
        ("redirect_url", "\"https://app.example.com/\"", &["has no path", "collide"]),
        ("redirect_url", "\"https://app.example.com/cb/\"", &["ends in a slash", "byte for byte"]),
        ("redirect_url", "\"https://app.example.com/a//b\"", &["empty path segment"]),
        ("redirect_url", "\"https://app.example.com/a/../b\"", &["different ways"]),
        ("redirect_url", "\"https://app.example.com/%63b\"", &["letters, digits and `._~-`"]),
        ("redirect_url", "\"https://app.example.com/cb?x=1\"", &["contains a query"]),
        ("redirect_url", "\"https://app.example.com/cb#x\"", &["contains a fragment"]),
        ("redirect_url", "\"https://App.example.com/cb\"", &["has no valid host"]),
        ("redirect_url", "\"https://app.example.com:0/cb\"", &["has a port that is not"]),
        ("redirect_url", "\"https://app.example.com\\\\@evil.com/cb\"", &["backslash"]),
        ("redirect_url", "\"https://app.example.com/auth/login\"", &["has the path of our login route"]),
        ("accepted_redirect_urls", "7", &["is a number, not text"]),
        ("accepted_redirect_urls", "[7]", &["is a list of something other than text"]),
        ("accepted_redirect_urls", "\"shop.example.org\"", &["no scheme", "Allowed callback URLs"]),
        (
            "accepted_redirect_urls",
            "[\"https://a.b/auth/callback\", \"https://a.b/cb\"]",
            &["\"https://a.b/cb\" has another path than"],
        ),
        ("accepted_redirect_urls", "\"https://a.b/auth/callback/\"", &["ends in a slash"]),
        ("accepted_redirect_urls", "\"https://a.b/auth/callback?x\"", &["contains a query"]),
        ("accepted_redirect_urls", "\"http://a.b/auth/callback\"", &["uses `http`"]),
        (
            "accepted_redirect_urls",
            "\"http://localhost/auth/callback\"",
            &["another scheme than `redirect_url`"],
        ),
        ("accepted_redirect_urls", "\"https://*.b/auth/callback\"", &["has no valid host"]),
        ("accepted_redirect_urls", &hundred, &["has 100 URLs, more than 99"]),
        ("callback_path", "\"cb\"", &["does not begin with a slash"]),
        ("callback_path", "\"/<cb>\"", &["letters, digits and `._~-`"]),
        ("callback_path", "\"/auth/logout\"", &["has the path of our logout route"]),
        ("logout_url", "\"app.example.com\"", &["no scheme", "Allowed sign-out URLs"]),
        ("logout_url", "\"ftp://app.example.com\"", &["scheme other than"]),
        ("secret_keys", "\"too short\"", &["is 9 bytes long, shorter than 32", "openssl rand -base64 48"]),
        ("secret_keys", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", &["not random"]),
        ("secret_keys", "\"hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=\"", &["example from documentation"]),
        ("secret_keys", "[1, 2]", &["is a list of something other than text"]),
        ("scopes", "\"openid,email\"", &["\"openid,email\" contains a comma", "separated by spaces"]),
        ("scopes", "[\"openid\", 7]", &["is a list of something other than text"]),
        ("scopes", "\"email profile\"", &["lacks `openid`"]),
        ("scopes", "7", &["is a number, not text"]),
        ("secret_keys", "{ x = 1 }", &["is a table, not text"]),
        ("scopes", "[\"open id\"]", &["\"open id\" is not a scope"]),
        ("cookie_age_seconds", "0", &["is not a whole number from 1 to 34560000"]),
        ("cookie_age_seconds", "-1", &["is not a whole number"]),
        ("cookie_age_seconds", "1.5", &["is not a whole number"]),
        ("cookie_age_seconds", "34560001", &["400 days"]),
        ("cookie_age_seconds", "\"half an hour\"", &["\"half an hour\" is not a whole number"]),
        ("expiration_leeway", "601", &["from 0 to 600", "expired"]),
        ("expiration_leeway", "true", &["is not a whole number"]),
        ("cookie_domain", "\"example.org\"", &["neither \"app.example.com\"", "nor a parent domain"]),
        ("cookie_domain", "\"ample.com\"", &["nor a parent domain"]),
        ("cookie_domain", "\"com\"", &["nor a parent domain"]),
        ("cookie_domain", "\"example.com/\"", &["is not a host"]),
        ("cookie_samesite", "\"stern\"", &["none of the words expected", "`lax`, `strict`, `none`"]),
        ("cookie_samesite", "\"Laxe\"", &["none of the words expected"]),
        ("cookie_suffix", "\"shop_1\"", &["\"shop_1\" is not 1 to 32 letters, digits and `-`", "one host"]),
        ("cookie_suffix", "\"shop;\"", &["is not 1 to 32"]),
        ("cookie_suffix", "\"shöp\"", &["is not 1 to 32"]),
        ("cookie_suffix", "\"abcdefghijklmnopqrstuvwxyz1234567\"", &["is not 1 to 32"]),
        ("cookie_suffix", "7", &["is a number, not text in quotes"]),
        ("issuer", "\"eu-west-1\"", &["no scheme"]),
        ("issuer", "\"https://a.b/?x\"", &["contains a query"]),
        ("jwks_uri", "\"nowhere.json\"", &["nowhere.json\", which cannot be read"]),
        ("jwks_uri", "\"https://Keys.example.com\"", &["has no valid host"]),
        ("server_domain", "\"pool:9400\"", &["has no scheme", "server_domain = \"http://pool:9400\""]),
        ("server_domain", "\"acme\"", &["has no scheme"]),
        ("server_domain", "\"http://pool:9400/x\"", &["has a path; only scheme and host"]),
        ("server_domain", "\"http://pool:9400/?x\"", &["contains a query"]),
        ("server_domain", "\"https://po_ol:9400\"", &["has no valid host"]),
        ("server_domain", "[\"http://pool:9400\"]", &["is a list, not text"]),
        ("require_keys_at_launch", "\"True\"", &["is neither `true` nor `false`"]),
        ("require_keys_at_launch", "1", &["is neither `true` nor `false`"]),
        (
            "session_store",
            "\"redis\"",
            &["names no store that this crate has", "`memory`", "redis://", ".session_store(…)`"],
        ),
        ("session_store", "true", &["is true or false, not text", "session_store = \"memory\""]),
        ("session_store", "{ memory = true }", &["is a table, not text"]),
        ("session_store_writes", "\"no\"", &["is neither `true` nor `false`", "session_store_writes = true"]),
        ("sessions_per_user", "0", &["is not a whole number from 1 to 1000", "sessions_per_user = 100"]),
        ("sessions_per_user", "1001", &["is not a whole number from 1 to 1000"]),
        ("sessions_per_user", "\"all\"", &["\"all\" is not a whole number"]),
        ("bearer_denylist", "1", &["is neither `true` nor `false`", "only with a store"]),
        ("require_store_at_launch", "\"yes\"", &["is neither `true` nor `false`", "only with a store"]),
        ("accepted_client_ids", "[\"good\", \"b@d\"]", &["value 2 is not the id of an app client"]),
        (
            "accepted_client_ids",
            "\"any\"",
            &["is `any` without `resource`", "resource = \"https://api.example.com\""],
        ),
        ("accepted_client_ids", "[\"good\", \"ANY\"]", &["or list the clients: accepted_client_ids = ["]),
        ("accepted_issuers", "[\"a\"]", &["\"a\" has no scheme"]),
        ("bearer_token_use", "\"both\"", &["`access`, `id` or `any`"]),
        ("mount", "\"auth\"", &["does not begin with a slash"]),
        ("mount", "\"/auth/\"", &["ends in a slash"]),
        (
            "routes",
            "\"login,logout\"",
            &["\"login,logout\" is not the name of a route", "ROCKET_COGNITO_ROUTES=none"],
        ),
        ("accepted_audiences", "7", &["is a number, not text"]),
        ("accepted_audiences", "[\"https://a.b\", 7]", &["is a list of something other than text"]),
        ("accepted_audiences", "\"api\"", &["\"api\" is not an absolute URL without fragment"]),
        (
            "accepted_audiences",
            "\"https://a.b https://c.d/#x\"",
            &["\"https://c.d/#x\" is not an absolute URL", "accepted_audiences = ["],
        ),
        ("accepted_audiences", "[\"https://bücher.example\"]", &["is not an absolute URL"]),
        ("jwt_header_name", "7", &["is a number, not text in quotes"]),
        ("jwt_header_prefix", "true", &["is true or false, not text"]),
        ("bearer_token_use", "\"refresh\"", &["is none of the words expected", "`access`, `id` or `any`"]),
        ("routes", "[\"login\", \"Logoff\"]", &["\"Logoff\" is not the name of a route"]),
        ("routes", "[\"login\", \"none\"]", &["has `none` beside other names"]),
        ("routes", "false", &["is true or false, not text"]),
        ("routes", "[1]", &["is a list of something other than text"]),
        ("login_path", "\"signin\"", &["does not begin with a slash"]),
        ("login_path", "\"/\"", &["is the app's first page"]),
        ("login_path", "\"/signin/\"", &["ends in a slash"]),
        ("login_path", "\"//evil.com\"", &["empty path segment"]),
        ("login_path", "\"/signin?tenant=1\"", &["letters, digits and `._~-`"]),
        ("login_path", "\"https://a.b/signin\"", &["does not begin with a slash"]),
        ("logout_path", "\"/sign out\"", &["letters, digits and `._~-`"]),
        ("logout_path", "\"/auth/login\"", &["is the path of the login route"]),
        ("redirect_url", "\"https://app.example.com/auth/refresh\"", &["has the path of our refresh route"]),
        ("login_redirect", "\"//evil.com\"", &["takes what follows for a host"]),
        ("login_redirect", "\"/\\\\evil.com\"", &["takes what follows for a host"]),
        ("login_redirect", "\"https://evil.com\"", &["does not begin with a slash"]),
        ("login_redirect", "\"/auth/login?next=/\"", &["is a route of the sign-in itself"]),
        ("login_redirect", "\"/auth/callback\"", &["is a route of the sign-in itself"]),
        ("disabled", "\"False\"", &["\"False\" is neither `true` nor `false`", "disabled = false"]),
        ("disabled", "0", &["is neither `true` nor `false`"]),
        ("disabled_user", "\"eve\"", &["is text, not a table", "disabled_user = { username = \"eve\""]),
        ("disabled_user", "{ name = \"eve\" }", &["there is no key `name`; there are username, sub"]),
        ("local_pool", "\"False\"", &["neither true nor false (without quotes)"]),
        ("local_pool", "1", &["neither true nor false"]),
        ("unsafe_in_profile", "\"a b\"", &["not one simple name"]),
    ];
    for (key, value, words) in cases {
        let answer = check("debug", &pool_with(&[(key, value)]), &[]);
        assert_told(&answer, &["1 setting needs attention in [cognito]:", &format!("`{key}")]);
        assert_told(&answer, &["read from: Rocket.toml, profile \"default\"", "expected: ", "to type: "]);
        assert_told(&answer, words);
    }
}

#[test]
fn the_paths_of_an_apps_own_routes_are_kept_apart() {
    let changes = [("login_path", "\"/auth/callback\"")];
    let told = ["1 setting needs", "`redirect_url`", "has the path of our login route"];
    assert_told(&check("debug", &pool_with(&changes), &[]), &told);
    for (key, value) in [("login_path", "\"/signin\""), ("logout_path", "\"/signout\"")] {
        let changes = [(key, value), ("login_redirect", value)];
        let told = ["1 setting needs", "`login_redirect`", "is a route of the sign-in itself"];
        assert_told(&check("debug", &pool_with(&changes), &[]), &told);
    }
    // A route that is neither mounted nor named is the app's own business.
    let off = [("routes", "[]"), ("login_path", "\"/signin\""), ("login_redirect", "\"/auth/login\"")];
    assert_eq!(check("debug", &pool_with(&off), &[]), "");
    let taken =
        [("routes", "\"login logout\""), ("redirect_url", "\"https://app.example.com/auth/refresh\"")];
    assert_eq!(check("debug", &pool_with(&taken), &[]), "");
}

#[test]
fn too_many_keys_and_cookies_that_browsers_drop() {
    let six = format!("[{}]", vec![format!("\"{KEY}\""); 6].join(","));
    assert_told(&check("debug", &pool_with(&[("secret_keys", &six)]), &[]), &["has 6 keys, more than 5"]);
    let further = "\"https://b.example.com/auth/callback https://shop.example.org/auth/callback\"";
    let changes = [("accepted_redirect_urls", further), ("cookie_domain", "\"example.com\"")];
    let told =
        "is neither \"shop.example.org\", the host of one of `accepted_redirect_urls`, nor a parent domain";
    assert_told(&check("debug", &pool_with(&changes), &[]), &["1 setting needs", "`cookie_domain`", told]);
    let changes = [("cookie_samesite", "\"none\""), ("redirect_url", "\"http://localhost:8000/cb\"")];
    assert_told(&check("debug", &pool_with(&changes), &[]), &["needs an https `redirect_url`"]);
}

/// K13.
#[test]
fn a_weak_key_is_refused_and_not_shown() {
    let weak = [
        ("0123456789abcdefghijklmnopqrstu", "is 31 bytes long, shorter than 32"),
        ("Passw0rd!", "is 9 bytes long"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "not random"),
        ("01010101010101010101010101010101", "not random"),
        ("changemechangemechangemechangeme", "not random"),
        ("deadbeefdeadbeefdeadbeefdeadbeef", "not random"),
        ("secret-secret-secret-secret-secret", "not random"),
        ("00000000-0000-0000-0000-000000000001", "not random"),
        ("hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=", "an example from documentation"),
        ("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", "an example from documentation"),
        ("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "an example from documentation"),
        ("a-string-secret-at-least-256-bits-long", "an example from documentation"),
    ];
    for (key, problem) in weak {
        for given in [format!("\"{key}\""), format!("[\"{KEY}\", \"{key}\"]")] {
            let answer = check("release", &pool_with(&[("secret_keys", &given)]), &[]);
            assert_told(&answer, &["1 setting needs", "`secret_keys`", problem, "openssl rand -base64 48"]);
            assert!(!answer.contains(key), "{answer}");
        }
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let six = format!("[{}]", ["\"CANARY-0123456789-abcdefghijklmnop\""; 6].join(","));
    let cases: &[(&str, &str)] = &[
        ("client_secret", "\"CANARY with a space\""),
        ("client_secret", "[\"CANARY with a space\"]"),
        ("client_secret", "[\"CANARY1\", \"CANARY2\", \"CANARY3\"]"),
        ("client_secret", "{ CANARY = \"CANARY\" }"),
        ("client_secret", "5550123"),
        ("secret_keys", "\"CANARY\""),
        ("secret_keys", "[\"CANARY\", \"CANARY CANARY\"]"),
        ("secret_keys", "[\"CANARY\", 5550123]"),
        ("secret_keys", "{ CANARY = \"CANARY\" }"),
        ("secret_keys", "\"CANARYCANARYCANARYCANARYCANARYCANARYCANARY\""),
        ("secret_keys", &six),
        ("local_pool", "\"CANARY\""),
        ("local_pool", "[{ password = \"CANARY\" }]"),
        ("unsafe_in_profile", "{ CANARY = 5550123 }"),
        ("app_client_secret", "\"CANARY\""),
        ("password", "\"CANARY\""),
        ("domain", "\"https://user:CANARY@auth.example.com\""),
        ("redirect_url", "\"https://CANARY@app.example.com/cb\""),
        ("issuer", "\"https://user:CANARY@a.b\""),
        ("jwks_uri", "\"ftp://user:CANARY@a.b\""),
        ("jwks_uri", "\"http://a.b:0/?token=CANARY\""),
        ("server_domain", "\"http://user:CANARY@pool:9400\""),
        ("login_path", "\"/signin?password=CANARY\""),
        ("accepted_redirect_urls", "[\"https://user:CANARY@a.b/auth/callback\"]"),
        ("accepted_issuers", "[\"https://user:CANARY@a.b\"]"),
        ("client_secret", "\"CANARY"),
    ];
    let assert_hidden = |answer: &str| {
        assert!(!answer.is_empty());
        assert!(!answer.contains("CANARY") && !answer.contains("5550123"), "shown in:\n{answer}");
    };
    for (key, value) in cases {
        assert_hidden(&check("debug", &pool_with(&[(key, value)]), &[]));
        let variable = format!("ROCKET_COGNITO_{}", key.to_ascii_uppercase());
        let answer = check("debug", &pool_with(&[]), &[(&variable, value)]);
        // A number and a lone quote are text when they come from the environment.
        if *key != "client_secret" || !answer.is_empty() {
            assert_hidden(&answer);
        }
    }
    let users = "[{ username = \"alice\", password = \"CANARY\" }]";
    let pool = format!("[default.cognito.local_pool]\nusers = {users}\n");
    assert_hidden(&check("release", &pool, &[]));
    let keyless = pool_with(&[("secret_keys", "\"\"")]);
    let rocket = format!("[default]\nsecret_key = \"CANARY\"\n{keyless}");
    let answer = check("release", &rocket, &[]);
    assert_hidden(&answer);
    assert_told(&answer, &["Rocket's `secret_key` stands in", "is 6 bytes long"]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let toml = pool_with(&[
        ("region", "\"mars\""),
        ("client_id", "\"?\""),
        ("domain", "\"ftp://x\""),
        ("redirect_url", "7"),
        ("cookie_age_seconds", "0"),
        ("colour", "\"red\""),
        ("local_pool", "\"yes\""),
    ]);
    let answer = check("debug", &toml, &[]);
    assert_told(&answer, &["7 settings need attention"]);
    for key in ["region", "client_id", "domain", "redirect_url", "cookie_age_seconds", "colour", "local_pool"]
    {
        assert_eq!(answer.matches(&format!(". `{key}`: ")).count(), 1, "{key} in:\n{answer}");
    }
}
