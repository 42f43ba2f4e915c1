//! What a client without an app is made of, and the pool's keys as a setting: what is read, and what is told of mistakes.

use std::time::SystemTime;

use figment::providers::{Format, Toml};
use figment::{Figment, Jail};
use rocket_cognito::client::CognitoClient;
use rocket_cognito::{Cognito, Error};
use serde_json::{Value, json};

use crate::support::forge::{CLIENT_ID, JwksFile, Key, POOL_ID, access_claims};

const PROXY: &str = "http://user:c4nary@proxy.example.com:3128";

fn new(settings: &[(&str, &str)]) -> Result<CognitoClient, Error> {
    CognitoClient::new(settings.iter().copied())
}

/// The pool, and these.
fn with(more: &[(&str, &str)]) -> Result<CognitoClient, Error> {
    new(&[&[("user_pool_id", POOL_ID), ("client_id", CLIENT_ID)], more].concat())
}

/// What is told of mistakes in settings.
#[track_caller]
fn told<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("a mistake");
    assert!(error.is_settings() && !error.is_local_pool(), "{error}");
    error.to_string()
}

#[track_caller]
fn assert_told(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "{word:?} is not in:\n{told}");
    }
}

/// Runs in an empty folder, with this Rocket.toml and these variables alone.
fn jailed(toml: &str, variables: &[(&str, &str)], test: impl FnOnce(Figment)) {
    Jail::expect_with(|jail| {
        jail.clear_env();
        jail.create_file("Rocket.toml", toml)?;
        for (name, value) in variables {
            jail.set_env(name, value);
        }
        let figment = Figment::from(rocket::Config::debug_default());
        test(figment.merge(Toml::file("Rocket.toml").nested()).select("debug"));
        Ok(())
    });
}

#[test]
fn pool_and_client_are_enough_and_all_others_are_checked() {
    assert!(with(&[]).is_ok());
    assert!(with(&[("client_secret", "x"), ("domain", "acme"), ("scopes", "openid email")]).is_ok());
    let typed = [("user_pool_id", json!(POOL_ID)), ("accepted_client_ids", json!([CLIENT_ID, "other"]))];
    assert!(CognitoClient::new(typed.into_iter().chain([("expiration_leeway", json!(0))])).is_ok());
    assert!(
        CognitoClient::new([("client_id".to_owned(), CLIENT_ID), ("user_pool_id".into(), POOL_ID)]).is_ok()
    );

    for (key, value, words) in [
        ("user_pool_id", "AbC123", "no underscore"),
        ("client_id", "a b", "not the id of an app client"),
        ("client_secret", "c4nary c4nary", "has a space"),
        ("region", "us-east-1", "is not the region of the pool"),
        ("domain", "Acme", "neither a URL, nor a host, nor a prefix"),
        ("redirect_url", "http://app.example.com/cb", "uses `http`"),
        ("logout_url", "app.example.com", "no scheme"),
        ("scopes", "email", "lacks `openid`"),
        ("issuer", "x", "no scheme"),
        ("jwks_uri", "no-such-file.json", "cannot be read"),
        ("jwks", "c4nary", "is no JSON object"),
        ("http_proxy", "socks5://c4nary@x", "a scheme other than"),
        ("refresh_ahead_seconds", "3601", "from 0 to 3600"),
        ("expiration_leeway", "-1", "from 0 to 600"),
        ("accepted_audiences", "api", "is not an absolute URL"),
        ("check_expiration", "no", "neither `true` nor `false`"),
        ("disabled", "yes", "neither `true` nor `false`"),
        ("local_pool", "yes", "neither true nor false"),
    ] {
        let told = told(with(&[(key, value)]));
        assert_told(&told, &["1 setting needs attention", &format!("`{key}`"), words]);
        assert_told(&told, &["tests/config/client.rs"]);
        assert!(!told.contains("c4nary"), "{told}");
    }
}

#[test]
fn all_mistakes_are_told_together_and_the_nearest_name_of_an_unknown_one() {
    let told = told(new(&[("user_pool", POOL_ID), ("AWS_COGNITO_DOMAIN", "acme"), ("domain", "Acme")]));
    assert_told(
        &told,
        &["4 settings need attention", "did you mean `user_pool_id`?", "did you mean `domain`?"],
    );
    assert_told(
        &told,
        &["`client_id`: is required and not set", "not among the settings that the program gives"],
    );
    assert!(!told.contains("Rocket.toml") && !told.contains("ROCKET_COGNITO_CLIENT_ID"), "{told}");
}

#[test]
fn what_belongs_to_the_fairing_is_refused() {
    let flag = |key| {
        let settings =
            [("user_pool_id", json!(POOL_ID)), ("client_id", json!(CLIENT_ID)), (key, json!(true))];
        CognitoClient::new(settings)
    };
    assert_told(
        &told(flag("disabled")),
        &["1 setting", "`disabled`: is for the guards", "&State<CognitoClient>"],
    );
    let without_feature = told(flag("local_pool"));
    assert_told(&without_feature, &["1 setting", "`local_pool`: is started by the fairing"]);
    let pool = told(CognitoClient::new([("local_pool", json!({ "port": 0 }))]));
    assert_told(&pool, &["1 setting", "is started by the fairing"]);
}

#[test]
fn a_program_that_says_it_all_reads_neither_file_nor_environment() {
    let toml = "[default.cognito]\nuser_pool_id = \"nonsense\"\ndomain = \"elsewhere\"\nlocal_pool = true";
    let variables = [
        ("ROCKET_COGNITO_USER_POOL_ID", "nonsense"),
        ("ROCKET_COGNITO_DOMAIN", "elsewhere"),
        ("ROCKET_COGNITO_CLIENT_SECRET", "secret"),
        ("ROCKET_COGNITO_DISABLED", "true"),
        ("ROCKET_COGNITO_NO_SUCH_KEY", "x"),
        ("ROCKET_PROFILE", "release"),
        ("ROCKET_SECRET_KEY", "short"),
        ("ROCKET_PORT", "nonsense"),
    ];
    jailed(toml, &variables, |_| {
        let client = with(&[("domain", "acme"), ("redirect_url", "https://app.example.com/cb")]).unwrap();
        let begun = client.authorization().begin().unwrap();
        assert!(begun.url().starts_with("https://acme.auth.eu-west-1.amazoncognito.com/"), "{}", begun.url());
        let told = told(new(&[("user_pool_id", POOL_ID)]));
        assert_told(&told, &["1 setting", "`client_id`: is required and not set"]);
    });
}

#[test]
fn from_a_figment_come_the_apps_settings_and_the_environment() {
    let toml = "[default.cognito]\nuser_pool_id = \"eu-west-1_Forged123\"\ndomain = \"elsewhere\"\n\
                redirect_url = \"https://app.example.com/cb\"";
    let variables = [("ROCKET_COGNITO_CLIENT_ID", "12345678"), ("ROCKET_COGNITO_DOMAIN", "acme")];
    jailed(toml, &variables, |figment| {
        let begun = CognitoClient::from_figment(&figment).unwrap().authorization().begin().unwrap();
        assert!(begun.url().starts_with("https://acme.auth."), "{}", begun.url());
        assert!(begun.url().contains("client_id=12345678&"));
    });
    jailed(toml, &[], |figment| {
        let told = told(CognitoClient::from_figment(&figment));
        assert_told(
            &told,
            &["1 setting", "`client_id`", "not set in [debug.cognito] of", "ROCKET_COGNITO_CLIENT_ID"],
        );
    });
    for (variable, words) in [
        ("ROCKET_COGNITO_LOCAL_POOL", "`local_pool`: is started by the fairing"),
        ("ROCKET_COGNITO_DISABLED", "`disabled`: is for the guards"),
    ] {
        jailed("", &[(variable, "true")], |figment| {
            let told = told(CognitoClient::from_figment(&figment));
            assert_told(&told, &["1 setting", words, &format!("environment variable {variable}")]);
        });
    }
}

/// The keys that a client has from these settings, and whether a token of `key` counts by them.
fn keys_of(client: &CognitoClient, key: &Key) -> (Value, bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let token = key.token(&access_claims());
        let user = client.verify_access_token(&token, SystemTime::now()).await;
        (client.jwks().await.unwrap(), user.is_ok())
    })
}

/// A pool at an address that answers nobody.
const NOWHERE: &str = "user_pool_id = \"eu-west-1_Forged123\"\nclient_id = \"forgedclient\"\n\
                       issuer = \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123\"\n\
                       http_proxy = \"http://127.0.0.1:9\"";

#[test]
fn keys_may_stand_in_the_settings_as_json_as_a_table_and_in_the_environment() {
    let (key, other) = (Key::new("12"), Key::new("12"));
    let [keys, others] = [&key, &other].map(|key| json!({ "keys": [key.jwk()] }));
    let jwk = key.jwk();
    let member = |name: &str| jwk[name].as_str().unwrap().to_owned();
    let table = format!(
        "[[default.cognito.jwks.keys]]\nkid = \"12\"\nkty = \"RSA\"\nalg = \"RS256\"\nuse = \"sig\"\n\
         e = \"AQAB\"\nn = \"{}\"\n",
        member("n")
    );
    let pretty = serde_json::to_string_pretty(&keys).unwrap();
    let variable = [("ROCKET_COGNITO_JWKS", keys.to_string())];
    let variable = variable.each_ref().map(|(name, value)| (*name, value.as_str()));
    for (toml, variables) in [
        (format!("[default.cognito]\n{NOWHERE}\njwks = '''\n{pretty}\n'''"), &[][..]),
        (format!("[default.cognito]\n{NOWHERE}\n{table}"), &[]),
        (format!("[default.cognito]\n{NOWHERE}"), &variable),
        (format!("[default.cognito]\n{NOWHERE}\njwks = '{others}'"), &variable),
    ] {
        jailed(&toml, variables, |figment| {
            let client = CognitoClient::from_figment(&figment).unwrap();
            assert_eq!(keys_of(&client, &key), (keys.clone(), true), "{toml}");
            assert!(!keys_of(&client, &other).1);
            let bearer_only = figment.merge(("cognito.routes", "none"));
            Cognito::check_settings(&bearer_only).unwrap();
        });
    }
    let typed = CognitoClient::new([
        ("user_pool_id", json!(POOL_ID)),
        ("client_id", json!(CLIENT_ID)),
        ("jwks", keys.clone()),
    ]);
    assert_eq!(keys_of(&typed.unwrap(), &key), (keys, true));
}

#[test]
fn keys_that_are_of_no_use_are_told_at_ignition() {
    let key = Key::new("key");
    let good = json!({ "keys": [key.jwk()] }).to_string();
    let encryption = crate::support::forge::with(key.jwk(), "use", json!("enc"));
    let private = crate::support::forge::with(key.jwk(), "d", json!("c4nary"));
    let symmetric = json!({ "kty": "oct", "kid": "x", "k": "c4nary" });
    for (jwks, words) in [
        ("c4nary".to_owned(), "is no JSON object"),
        ("[1]".to_owned(), "is no JSON object"),
        (format!("{good}{good}"), "is no JSON object"),
        ("{}".to_owned(), "is not a JSON Web Key Set"),
        (json!({ "keys": key.jwk() }).to_string(), "is not a JSON Web Key Set"),
        (json!({ "keys": vec![key.jwk(); 33] }).to_string(), "is not a JSON Web Key Set"),
        (json!({ "keys": [] }).to_string(), "contains no RSA key"),
        (json!({ "keys": [encryption] }).to_string(), "contains no RSA key"),
        (json!({ "keys": [symmetric, key.jwk()] }).to_string(), "contains a symmetric key"),
        (json!({ "keys": [private] }).to_string(), "contains a private key"),
    ] {
        let toml = format!("[default.cognito]\n{NOWHERE}\nroutes = \"none\"\njwks = '{jwks}'");
        jailed(&toml, &[], |figment| {
            for told in [told(Cognito::check_settings(&figment)), told(CognitoClient::from_figment(&figment))]
            {
                assert_told(&told, &["1 setting", "`jwks`", words, "Rocket.toml", "jwks.json"]);
                assert!(!told.contains("c4nary"), "{told}");
            }
        });
        jailed(&format!("[default.cognito]\n{NOWHERE}"), &[("ROCKET_COGNITO_JWKS", &jwks)], |figment| {
            let told = told(CognitoClient::from_figment(&figment));
            assert_told(&told, &["environment variable ROCKET_COGNITO_JWKS", words]);
        });
    }
    for value in ["7", "true", "[\"x\"]"] {
        jailed(&format!("[default.cognito]\n{NOWHERE}\njwks = {value}"), &[], |figment| {
            assert_told(&told(CognitoClient::from_figment(&figment)), &["`jwks`", "is no JSON object"]);
        });
    }
}

#[test]
fn keys_have_one_source() {
    let key = Key::new("key");
    let (keys, file) = (json!({ "keys": [key.jwk()] }).to_string(), JwksFile::new(&[&key]));
    for uri in ["https://keys.example.com/jwks.json", &file.uri()] {
        assert_told(
            &told(with(&[("jwks", &keys), ("jwks_uri", uri)])),
            &["1 setting", "`jwks`", "`jwks_uri`"],
        );
    }
    assert!(
        with(&[("jwks", &keys), ("jwks_uri", "")]).is_ok()
            && with(&[("jwks", " "), ("jwks_uri", &file.uri())]).is_ok()
    );
    let both = told(with(&[("jwks", "x"), ("domain", "Acme")]));
    assert_told(&both, &["2 settings", "`jwks`", "`domain`"]);
}

#[test]
fn a_proxy_is_a_plain_url_and_its_password_is_told_to_nobody() {
    for good in
        [PROXY, "http://proxy:3128/", "https://proxy.example.com", "http://u@[::1]:1", "http://10.0.0.1:1"]
    {
        let client = with(&[("domain", "acme"), ("http_proxy", good)]).unwrap();
        assert!(!format!("{client:?}{client:#?}").contains("c4nary"));
    }
    for (bad, words) in [
        ("c4nary", "is not a URL"),
        ("http://", "is not a URL"),
        ("proxy:3128", "a scheme other than"),
        ("socks5://user:c4nary@proxy", "a scheme other than"),
        ("file:///c4nary", "a scheme other than"),
        ("http://user:c4nary@proxy/path", "more than scheme, user, host and port"),
        ("http://user:c4nary@proxy?query", "more than scheme, user, host and port"),
        ("http://user:c4nary@proxy#x", "more than scheme, user, host and port"),
        ("http://user:c4nary@proxy:99999", "is not a URL"),
    ] {
        let told = told(with(&[("http_proxy", bad)]));
        assert_told(&told, &["1 setting", "`http_proxy`: the value", words, "http://proxy.example.com:3128"]);
        assert!(!told.contains("c4nary"), "{told}");
    }
}
