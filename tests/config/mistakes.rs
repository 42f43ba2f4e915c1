//! What a newcomer is likely to get wrong in the settings, and that each message says what to type.

use figment::providers::{Format, Toml};
use figment::{Figment, Jail};
use rocket_cognito::Cognito;

use super::{assert_told, check, pool_with};

/// A mistake by what it is, its profile, its file (a table of settings, put over a complete pool where it begins with
/// `+`), its variables, and the words that the message has to have.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

const ROWS: &[Row] = &[
    (
        "a misspelt local_pool",
        "debug",
        "[debug.cognito]\nlocal_poool = true",
        &[],
        &["did you mean `local_pool`?"],
    ),
    (
        "a table without profile",
        "debug",
        "[cognito]\nlocal_pool = true",
        &[],
        &["to type: [default.cognito]"],
    ),
    (
        "settings of another profile",
        "debug",
        "[release.cognito]\nclient_id = \"web\"",
        &[],
        &[
            "`client_id`: is required and not set\n     read from: [release.cognito], which does not count in profile \"debug\"",
            "to type: it in [debug.cognito], or in [default.cognito] for all profiles",
            "not set in [debug.cognito] of Rocket.toml nor in ROCKET_COGNITO_DOMAIN",
        ],
    ),
    (
        "the local pool in release",
        "release",
        "[default.cognito]\nlocal_pool = true",
        &[],
        &["must not run in profile \"release\"", "to type: local_pool = false"],
    ),
    ("plain http", "release", "+redirect_url = \"http://app.example.com/cb\"", &[], &["uses `http`"]),
    ("a path for a URL", "debug", "+redirect_url = \"/auth/callback\"", &[], &["has no scheme", "https"]),
    ("the callback at /", "debug", "+redirect_url = \"https://a.b/\"", &[], &["collide with the app's own"]),
    ("a slash at the end", "debug", "+redirect_url = \"https://a.b/cb/\"", &[], &["byte for byte"]),
    ("Flask's names", "debug", "+AWS_COGNITO_USER_POOL_ID = \"x\"", &[], &["did you mean `user_pool_id`?"]),
    ("another region", "debug", "+region = \"eu-central-1\"", &[], &["region = \"eu-west-1\""]),
    ("an ARN", "debug", "+user_pool_id = \"arn:aws:cognito:x_1\"", &[], &["does not name an AWS region"]),
    ("a login URL", "debug", "+domain = \"https://a.b/login?x\"", &[], &["contains a query"]),
    ("a weak key", "debug", "+secret_keys = \"changeme\"", &[], &["shorter than 32", "openssl rand"]),
    ("scopes without openid", "debug", "+scopes = \"email\"", &[], &["lacks `openid`", "scopes = ["]),
    (
        "a scope for refresh tokens",
        "debug",
        "+scopes = \"openid offline_access\"",
        &[],
        &[
            "\"offline_access\" is no scope of Cognito's, which sends a refresh token with every sign-in: refresh_flow_enabled = true",
        ],
    ),
    (
        "a scope of another provider",
        "debug",
        "+scopes = \"openid address\"",
        &[],
        &["\"address\" is no scope of Cognito's, which has", "such as orders/read"],
    ),
    ("a time with its unit", "debug", "+cookie_age_seconds = \"30m\"", &[], &["cookie_age_seconds = 1800"]),
    ("a negative time", "debug", "+expiration_leeway = -1", &[], &["expiration_leeway = 30"]),
    ("yes", "debug", "+refresh_flow_enabled = \"yes\"", &[], &["refresh_flow_enabled = true"]),
    ("true in quotes", "debug", "+local_pool = \"true\"", &[], &["(without quotes)", "local_pool = true"]),
    (
        "wrong keys of users, all of them",
        "debug",
        "[debug.cognito]\nlocal_pool = { users = [{ group = [\"a\"] }, { username = \"b\", groups = \"a\", password = 1 }] }",
        &[],
        &[
            "4 settings need",
            "`local_pool.users[0].group`: there is no key `group` (did you mean `groups`?); there are username, password",
            "`local_pool.users[0].username`: is missing",
            "`local_pool.users[1].groups`: is text, not a list of texts, such as [\"one\", \"two\"]",
            "`local_pool.users[1].password`: is a number, not text in quotes",
        ],
    ),
    (
        "claims of a trigger that are Cognito's own, and users of no name",
        "debug",
        "[debug.cognito]\nlocal_pool = { alias_attributes = \"email\", users = [{ username = \"b\", attributes = { address = [1], age = 1.5 }, trigger = { claims = {}, id_claims = { sub = \"x\" } } }, { identities = [{ provider = \"Google\" }] }, { disabled = 1 }] }",
        &[],
        &[
            "7 settings need",
            "`local_pool.alias_attributes`: is text, not a list of texts",
            "`local_pool.users[0].attributes`: is a table of something else, not a table of texts, whole numbers and true or",
            "`local_pool.users[0].trigger.claims`: there is no key `claims` (did you mean `id_claims`?); there are groups, access_claims, id_claims",
            "`local_pool.users[0].trigger.id_claims`: b's claim `sub` is none that a trigger may set: type sub = \"…\" for the user",
            "`local_pool.users[1].identities[0].user_id`: is missing",
            "`local_pool.users[2].username`: is missing",
            "`local_pool.users[2].disabled`: is a number, not true or false",
        ],
    ),
    (
        "wrong values of clients, all of them",
        "debug",
        "[debug.cognito]\nlocal_pool = { port = 99999, clients = [{ client_id = \"a b\", callback_urls = [\"http://a.b/\"] }, 1] }",
        &[],
        &[
            "2 settings need",
            "`local_pool.port`: is another number, not a whole number from 0 to 65535",
            "`local_pool.clients`: is a list of something else, not a list of tables with the keys client_id,",
        ],
    ),
    (
        "wrong values of a client and its form",
        "debug",
        "[debug.cognito]\nlocal_pool = { clients = [{ client_id = \"a b\", callback_urls = [\"http://a.b/\"], secret = 1 }] }",
        &[],
        &[
            "3 settings need",
            "`local_pool.clients[0].client_id`: the client_id \"a b\" needs",
            "`local_pool.clients[0].callback_urls`: ",
            "must be https",
            "`local_pool.clients[0].secret`: there is no key `secret`",
        ],
    ),
    (
        "a wrong stub user",
        "debug",
        "+disabled_user = { groups = \"admin\", sub = 7, emali = \"a@b.c\" }",
        &[],
        &[
            "3 settings need",
            "`disabled_user.groups`: is text, not a list of texts",
            "`disabled_user.sub`: is a number",
            "`disabled_user.emali`: there is no key `emali` (did you mean `email`?)",
        ],
    ),
    (
        "the local pool's table in a variable",
        "debug",
        "",
        &[("ROCKET_COGNITO_LOCAL_POOL", "port=9401")],
        &["to type: ROCKET_COGNITO_LOCAL_POOL=true, or a table: ROCKET_COGNITO_LOCAL_POOL='{ port = 9401 }'"],
    ),
    (
        "a wrong table in a variable",
        "debug",
        "",
        &[("ROCKET_COGNITO_LOCAL_POOL", "{prot=9401}")],
        &[
            "did you mean `port`?",
            "for example: ROCKET_COGNITO_LOCAL_POOL='{ port = 9400, users = [{ username =",
        ],
    ),
    (
        "a misspelt variable",
        "debug",
        "+",
        &[("ROCKET_COGNITO_REDIRECTURL", "x")],
        &["environment variable ROCKET_COGNITO_REDIRECTURL", "did you mean `redirect_url`?"],
    ),
    (
        "False in a variable",
        "debug",
        "+",
        &[("ROCKET_COGNITO_DISABLED", "False")],
        &["\"False\" is neither `true` nor `false`", "to type: ROCKET_COGNITO_DISABLED=false"],
    ),
    (
        "an unsafe mode in a variable",
        "release",
        "+",
        &[("ROCKET_COGNITO_CHECK_EXPIRATION", "false")],
        &["to type: ROCKET_COGNITO_CHECK_EXPIRATION=true; or, ", "ROCKET_COGNITO_UNSAFE_IN_PROFILE=release"],
    ),
    (
        "scopes in a variable",
        "debug",
        "+",
        &[("ROCKET_COGNITO_SCOPES", "openid,email")],
        &["contains a comma", "to type: ROCKET_COGNITO_SCOPES=\"openid email\""],
    ),
    (
        "an empty variable",
        "debug",
        "+",
        &[("ROCKET_COGNITO_DOMAIN", "")],
        &[
            "`domain`: is empty",
            "to type: ROCKET_COGNITO_DOMAIN=acme (for",
            "or ROCKET_COGNITO_DOMAIN=https://auth.example.com",
        ],
    ),
    (
        "another pool's domain beside the local pool",
        "debug",
        "[debug.cognito]\nlocal_pool = true\ndomain = \"acme\"",
        &[],
        &["is another pool's, while `local_pool` is on", "to type: local_pool = false"],
    ),
    ("a foreign cookie_domain", "debug", "+cookie_domain = \"other.com\"", &[], &["nor a parent domain"]),
    (
        "a stand-alone pool without issuer",
        "debug",
        "+domain = \"http://127.0.0.1:9400\"",
        &[],
        &[
            "1 setting needs",
            "`issuer`: is not set, so that keys and tokens would be expected of AWS, while `domain` is on this machine",
            "to type: issuer = \"http://127.0.0.1:9400/eu-west-1_AbC123\"",
        ],
    ),
];

#[test]
fn each_mistake_of_a_newcomer_is_told_with_what_to_type() {
    for (what, profile, file, environment, words) in ROWS {
        let toml = match file.strip_prefix('+') {
            Some("") => pool_with(&[]),
            Some(change) => pool_with(&[change.split_once(" = ").unwrap()]),
            None => (*file).to_owned(),
        };
        let answer = check(profile, &toml, environment);
        assert!(!answer.is_empty(), "{what}");
        assert_told(&answer, words);
    }
}

/// The message for an app without a file of settings, where `ROCKET_CONFIG` names `config`, if anything.
fn without_file(profile: &str, config: Option<&str>) -> (String, String) {
    let (mut answer, mut folder) = (String::new(), String::new());
    Jail::expect_with(|jail| {
        jail.clear_env();
        if let Some(config) = config {
            jail.set_env("ROCKET_CONFIG", config);
        }
        folder = jail.directory().display().to_string();
        let file = Toml::file(config.unwrap_or("Rocket.toml")).nested();
        let figment = Figment::from(rocket::Config::debug_default()).merge(file).select(profile);
        answer = Cognito::check_settings(&figment).unwrap_err().to_string();
        Ok(())
    });
    (answer, folder)
}

#[test]
fn the_error_begins_with_the_missing_file_and_the_first_line_that_a_newcomer_needs() {
    let (answer, folder) = without_file("debug", None);
    let first = format!(
        "there is no file Rocket.toml in the current folder {folder} nor above it; to work without AWS, type under \
         [debug.cognito]: local_pool = true.\n5 settings need attention in [cognito]:\n"
    );
    assert!(answer.starts_with(&first), "{answer}");
    let (answer, _) = without_file("debug", Some("conf/app.toml"));
    assert!(
        answer.starts_with("there is no file conf/app.toml, which ROCKET_CONFIG names, in the "),
        "{answer}"
    );
    // With a file the first line is due all the same, and no more of it where something is set.
    let answer = check("debug", "", &[]);
    assert!(
        answer.starts_with("to work without AWS, type under [debug.cognito]: local_pool = true.\n5 "),
        "{answer}"
    );
    let answer = check("debug", "[debug.cognito]\nclient_id = \"web\"\n", &[]);
    assert!(answer.starts_with("4 settings need"), "{answer}");
    assert_told(&answer, &["or, to work without AWS, type under [debug.cognito]: local_pool = true"]);
}

#[test]
fn the_local_pool_is_not_proposed_where_it_must_not_run() {
    for profile in ["release", "production"] {
        for answer in [check(profile, "", &[]), without_file(profile, None).0] {
            assert!(answer.contains("6 settings need") && !answer.contains("local_pool"), "{answer}");
        }
    }
    let bench = "[bench.cognito]\nunsafe_in_profile = \"bench\"\n";
    assert_told(&check("bench", bench, &[]), &["type under [bench.cognito]: local_pool = true"]);
}

#[test]
fn words_count_in_any_case() {
    let words =
        [("cookie_samesite", "\"Lax\""), ("bearer_token_use", "\"ANY\""), ("routes", "\"Login Logout\"")];
    for word in words {
        assert_eq!(check("debug", &pool_with(&[word]), &[]), "");
    }
    assert_eq!(check("debug", &pool_with(&[]), &[("ROCKET_COGNITO_ROUTES", "None")]), "");
}

#[test]
fn another_server_may_have_other_scopes_and_a_pool_on_this_machine_keys_in_a_file() {
    let server = [("issuer", "\"https://id.example.com\""), ("scopes", "\"openid offline_access\"")];
    assert_eq!(check("debug", &pool_with(&server), &[]), "");
    let custom = [("scopes", "\"openid orders/read https://api.example.com/read\"")];
    assert_eq!(check("debug", &pool_with(&custom), &[]), "");
    let keys = [("domain", "\"http://127.0.0.1:9400\""), ("jwks", "'{\"keys\": []}'")];
    assert!(!check("debug", &pool_with(&keys), &[]).contains("`issuer`"));
}
