//! What operators are told at launch and of tokens.

use std::sync::Mutex;

use figment::Figment;
use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, State, get, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
use rocket_cognito::{Cognito, CognitoUser, Login, SessionOnly};
use serde_json::Value;

use crate::alone;
use crate::support;
use crate::support::forge::{JwksFile, Key, access_claims, id_claims, now, with};
use crate::support::log::{lines, new_lines};
use crate::support::stub::{Answer, Stub};

/// Holds that all `words` were said since the last time.
fn assert_said(words: &[&str]) {
    let said = new_lines().join("\n");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in:\n{said}");
    }
}

async fn launches(figment: Figment) {
    let client = Client::untracked(rocket::custom(figment).attach(Cognito::fairing())).await;
    drop(client.expect("it launches"));
}

async fn refuses(rocket: Rocket<Build>) {
    // Asking for its kind keeps Rocket's error from panicking when dropped.
    let error = rocket.ignite().await.expect_err("it refuses");
    assert!(!error.kind().to_string().is_empty());
}

const UNACCEPTED: &str = "cognito_bearer_token_unaccepted";

#[get("/me")]
fn me(_user: CognitoUser) {}

#[get("/auth/login")]
fn login() {}

/// A visitor never learns why a token does not count; the operator does.
async fn refused_tokens() {
    let (key, stranger) = (Key::new("pool"), Key::new("stranger"));
    let keys = JwksFile::new(&[&key]);
    let rocket = rocket::custom(support::settings(&keys.uri())).attach(Cognito::fairing());
    let app = Client::untracked(rocket.mount("/", routes![me])).await.unwrap();
    let claim = |name: &str, value: Value| key.token(&with(access_claims(), name, value));
    let forged = Key::new("pool").token(&access_claims());
    for (token, reason) in [
        ("x".repeat(24 * 1024 + 1), "longer than 24 KiB"),
        ("x.y.z".into(), "not a well-formed JWT with Cognito's claims"),
        (
            key.sign(&with(key.header(), "alg", "none".into()), &access_claims()),
            "its header is not plain RS256",
        ),
        (forged, "its signature is wrong"),
    ] {
        ask_with(&app, &token).await;
        assert_said(&[&format!("INFO: cognito_token_refused: a bearer token was refused: {reason}")]);
    }
    let expired = with(with(access_claims(), "iat", (now() - 3600).into()), "exp", (now() - 60).into());
    let (own, other) = (
        "its `iss` is \"",
        "\", and not \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123\"",
    );
    for (token, reason, remedy) in [
        (
            claim("iss", "https://evil.example".into()),
            &*format!("{own}https://evil.example{other}"),
            "accepted_issuers",
        ),
        (key.token(&id_claims()), "it is an ID token, and access tokens are accepted", "bearer_token_use"),
        (
            claim("client_id", "other".into()),
            "it is for the app client \"other\", and not for \"forgedclient\"",
            "accepted_client_ids",
        ),
        (
            claim("aud", "https://api.example".into()),
            "it is for the resource \"https://api.example\", which is neither `resource` nor one of `accepted_audiences`",
            "accepted_audiences",
        ),
        (key.token(&expired), "it expired 6", "set this machine's clock right"),
        (claim("nbf", (now() + 600).into()), "it is valid ", "set this machine's clock right"),
        (
            stranger.token(&access_claims()),
            "signed with a key that is not in the pool's JWKS; its `iss` is \
             \"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123\"; its `kid` is \"stranger\"",
            "of another pool",
        ),
    ] {
        ask_with(&app, &token).await;
        let lines = new_lines();
        let begins = format!("WARN: {UNACCEPTED}: a bearer token was refused: {reason}");
        assert!(lines.len() == 2 && lines[0].starts_with(&begins), "{reason}: {lines:?}");
        let begins = format!("WARN: {UNACCEPTED}: >> ");
        assert!(lines[1].starts_with(&begins) && lines[1].contains(remedy), "{remedy}: {lines:?}");
        // Once a minute; then, with its own reason, below the level at which apps are served, and no more.
        let (token, reason) = match remedy {
            // What is no plain issuer or id is not repeated.
            "accepted_issuers" => {
                (claim("iss", "https://evil.example/?token=canary".into()), "`iss` is not this pool")
            }
            "accepted_client_ids" => (
                claim("client_id", "canary".repeat(20).into()),
                "it is for the app client \"[redacted]\", and not for \"forgedclient\"",
            ),
            "accepted_audiences" => (
                claim("aud", "https://api.example/?token=canary".into()),
                "`aud` is neither `resource` nor one of `accepted_audiences`",
            ),
            "of another pool" => (
                Key::new("canary canary").token(&access_claims()),
                "signed with a key that is not in the pool's JWKS; its `iss` is ",
            ),
            _ => (token, reason),
        };
        ask_with(&app, &token).await;
        let lines = new_lines();
        let begins = format!("INFO: cognito_token_refused: a bearer token was refused: {reason}");
        assert!(lines.len() == 1 && lines[0].starts_with(&begins), "{reason}: {lines:?}");
        assert!(!lines[0].contains("canary"), "{lines:?}");
        ask_with(&app, &token).await;
        assert_eq!(new_lines(), [""; 0], "{reason}");
    }
}

async fn ask_with(app: &Client, token: &str) {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    assert_eq!(app.get("/me").header(header).dispatch().await.status().code, 401);
}

#[get("/signin?<lang>")]
fn signin(lang: Option<&str>, login: &State<Mutex<Login>>) -> Login {
    login.lock().unwrap().clone().lang(lang)
}

/// The operator learns what a login of the app's own asks for wrongly; what the visitor sent is not repeated.
async fn misconfigured_logins() {
    let keys = JwksFile::new(&[&Key::new("k")]);
    let rocket = rocket::custom(support::settings(&keys.uri())).attach(Cognito::fairing());
    let app =
        Client::untracked(rocket.manage(Mutex::new(Login::new())).mount("/", routes![signin])).await.unwrap();
    for (login, problem) in [
        (Login::new().scopes(["email"]), "`Login::scopes` lacks `openid`"),
        (Login::new().scopes(["openid", "a\nb"]), "`Login::scopes` value 2 is not a scope"),
        (
            Login::new().scopes(["openid", "offline_access"]),
            "`Login::scopes` value 2 is no scope of Cognito's, which sends a refresh token with every sign-in",
        ),
        (Login::new().resource("api"), "`Login::resource` is not an absolute URL such as"),
        (Login::new().state("x".repeat(4_000)), "`Login::state` is too long for a cookie"),
    ] {
        *app.rocket().state::<Mutex<Login>>().unwrap().lock().unwrap() = login;
        assert_eq!(app.get("/signin").dispatch().await.status().code, 503, "{problem}");
        assert_said(&[&format!("ERROR: cognito_login_misconfigured: a sign-in could not begin: {problem}")]);
        assert_eq!(app.get("/signin?lang=%00").dispatch().await.status().code, 400);
        assert_eq!(new_lines(), [""; 0]);
    }
}

#[get("/account")]
fn account(_user: SessionOnly) {}

/// An API in which nobody signs in, and tokens that do not expire.
async fn bearer_tokens() {
    let keys = JwksFile::new(&[&Key::new("k")]);
    let api = support::figment()
        .merge(("cognito.user_pool_id", support::forge::POOL_ID))
        .merge(("cognito.client_id", support::forge::CLIENT_ID))
        .merge(("cognito.jwks_uri", keys.uri()))
        .merge(("cognito.routes", "none"));
    launches(api.clone()).await;
    let said = new_lines();
    assert!(said.iter().all(|line| line.starts_with("INFO")), "{said:?}");
    assert!(
        said.contains(
            &"INFO: cognito_launched: >> nobody signs in here: only bearer tokens are accepted".into()
        ),
        "{said:?}"
    );

    launches(api.clone().merge(("cognito.check_expiration", false))).await;
    assert_said(&[
        "WARN: cognito_expiration_unchecked: expired tokens are accepted: check_expiration = false, for tests only",
    ]);

    refuses(rocket::custom(api).attach(Cognito::fairing()).mount("/", routes![account])).await;
    assert_said(&[
        "ERROR: cognito_sign_in_not_configured: a route of the app's own begins, completes, refreshes or ends sessions",
        ">> set `domain`, `redirect_url`, `logout_url` and `secret_keys`",
    ]);
}

/// Everybody who can launch the app is to know it.
async fn disabled_mode() {
    let user = figment::util::map!["username" => "eve \" adams"];
    let disabled = support::figment().merge(("cognito.disabled", true));
    launches(disabled.clone().merge(("cognito.disabled_user", user)).merge(("cognito.local_pool", true)))
        .await;
    let said = new_lines();
    let [warning, pool, remedy] = &said[..] else { panic!("{said:?}") };
    assert!(
        warning.starts_with("WARN: cognito_authentication_disabled: DISABLED: nobody is asked to sign in"),
        "{warning}"
    );
    assert!(warning.ends_with("as \"eve \\\" adams\" (in no group)"), "{warning}");
    assert_eq!(pool, "WARN: cognito_authentication_disabled: >> `local_pool` is on too, and is not started");
    assert!(remedy.starts_with(
        "WARN: cognito_authentication_disabled: >> to switch it off: disabled = false; it is on by code at tests/log/messages.rs"
    ));

    launches(disabled.clone().merge(("cognito.disabled_user.groups", ["admin", "editor"]))).await;
    assert_said(&["as \"disabled\" (in \"admin, editor\")", "to switch it off"]);

    refuses(rocket::custom(disabled.select("release")).attach(Cognito::fairing())).await;
    assert_said(&[
        "ERROR: cognito_launch_refused: 1 setting needs attention",
        "`disabled`: must not run in profile \"release\": it lets anyone in who can reach it",
        "to type: disabled = false; or, if profile \"release\" is for tests only: unsafe_in_profile = \"release\"",
    ]);
}

#[rocket::async_test]
async fn launches_say_what_is_wrong_and_what_to_type() {
    let _alone = alone().await;
    refused_tokens().await;
    misconfigured_logins().await;
    disabled_mode().await;
    bearer_tokens().await;

    let bare = rocket::custom(support::figment()).mount("/", routes![me]);
    refuses(bare).await;
    assert_said(&[
        "ERROR: cognito_fairing_missing: a route has a guard of this crate",
        ".attach(rocket_cognito::Cognito::fairing())",
    ]);

    let keys = JwksFile::new(&[&Key::new("k")]);
    let settings = support::settings(&keys.uri());
    let unreachable = ("cognito.jwks_uri", "http://127.0.0.1:9/jwks.json?password=canary");
    let required = settings.clone().merge(unreachable).merge(("cognito.require_keys_at_launch", true));
    refuses(rocket::custom(required).attach(Cognito::fairing())).await;
    assert_said(&[
        "ERROR: cognito_launch_refused: no public keys from http://127.0.0.1:9/jwks.json: it could not be reached. Check `user_pool_id`",
        "`require_keys_at_launch = false`",
    ]);

    for (text, said) in [
        (r#"{"keys":[]}"#, "it contains no RSA key for RS256 signatures"),
        (r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "it contains a symmetric key"),
        ("<html>", "it is not a JSON Web Key Set of at most 32 keys"),
    ] {
        keys.write(text);
        launches(settings.clone()).await;
        assert_said(&[said, "guarded routes answer 503 until keys are there"]);
    }
    keys.write(&serde_json::json!({ "keys": [Key::new("a").jwk(), Key::new("b").jwk()] }).to_string());
    launches(settings.clone()).await;
    assert_said(&["INFO: cognito_keys_loaded: 2 public keys loaded"]);

    let weak = serde_json::json!({ "keys": [Key::new("k").jwk(), { "kid": "weak", "kty": "RSA", "n": "AQAB", "e": "AQAB" }] });
    keys.write(&weak.to_string());
    launches(settings.clone()).await;
    assert_said(&[
        "WARN: cognito_keys_left_out: 1 of the published keys are not RSA keys of 2048 to 4096 bits",
    ]);

    let taken = rocket::custom(settings.clone()).attach(Cognito::fairing()).mount("/", routes![login]);
    refuses(taken).await;
    assert_said(&["ERROR", "route at `/auth/login` itself", "`mount`", "`routes = ["]);

    launches(settings.clone()).await;
    assert_said(&["WARN", "no `secret_keys`", "1 public keys loaded", "open http://localhost:8000/"]);

    launches(settings.clone()).await;
    assert_said(&[
        "cognito_launched: >> sign-in: GET /auth/login, callback: GET /auth/callback, sign-out: POST /auth/logout",
    ]);
    launches(settings.clone().merge(("cognito.routes", "callback logout"))).await;
    assert_said(&["cognito_launched: >> callback: GET /auth/callback, sign-out: POST /auth/logout"]);
    launches(settings.clone().merge(("cognito.routes", "none"))).await;
    assert_said(&[
        "cognito_launched: >> `routes` leaves sign-in, callback and sign-out to the app",
        "WARN: cognito_route_missing: `routes` leaves the sign-in to the app, but the app has no route at /auth/login",
        "leaves the callback to the app, but the app has no route at /auth/callback",
        "leaves the sign-out to the app, but the app has no route at /auth/logout",
    ]);

    let hooked = Cognito::fairing()
        .on_login(|_, _| Box::pin(async { Ok(HookDecision::Proceed) }))
        .on_logout(|_, _| Box::pin(async { Ok(None) }));
    let unmounted = settings.clone().merge(("cognito.routes", "login"));
    drop(Client::untracked(rocket::custom(unmounted).attach(hooked)).await.expect("it launches"));
    assert_said(&[
        "WARN: cognito_hook_never_runs: the hook `on_login` never runs: there is no mounted callback (do it in your own route)",
        "WARN: cognito_hook_never_runs: the hook `on_logout` never runs: there is no mounted sign-out (do it in your own route)",
    ]);

    let loud = settings.clone().merge(("cognito.secret_keys", "a sealing key of more than thirty-two bytes"));
    let loud = loud.select("staging").merge(("log_level", "debug"));
    launches(loud).await;
    assert_said(&["prints whole requests", ">> set log_level = \"normal\""]);

    launches(settings.clone().merge(("cognito.jwks_uri", "http://127.0.0.1:9/keys?token=CANARY"))).await;
    let said = lines().join("\n");
    assert_said(&[
        "WARN",
        "no public keys from http://127.0.0.1:9/keys: it could not be reached",
        "answer 503",
    ]);
    assert!(!said.contains("CANARY"), "{said}");

    let server = Stub::start(Answer::ok("{}")).await;
    for (status, is_wrong) in
        [("404 Not Found", true), ("400 Bad Request", true), ("403 Forbidden", true), ("500 x", false)]
    {
        server.set(Answer::new(status, "", ""));
        for (key, value, remedy) in [
            ("jwks_uri", server.url("/jwks.json"), "check `jwks_uri`: there are no keys of a pool"),
            ("issuer", server.url("/eu-west-1_AbC123"), "check `issuer`: there are no keys of a pool"),
        ] {
            let elsewhere =
                settings.clone().merge(("cognito.jwks_uri", "")).merge((format!("cognito.{key}"), value));
            launches(elsewhere).await;
            let said = new_lines().join("\n");
            assert!(said.contains(&format!("it answered with status {}", &status[..3])), "{said}");
            assert_eq!(said.contains(remedy), is_wrong, "{said}");
        }
    }

    let pool = support::figment().merge(("cognito.local_pool.port", 0_u16));
    let lacking =
        pool.clone().merge(("cognito.local_pool.clients", vec![figment::util::map!["client_id" => "shop"]]));
    launches(lacking).await;
    assert_said(&["WARN", "will refuse this app", "\"shop\"", "http://localhost:8000/auth/callback"]);

    launches(pool.clone()).await;
    assert_said(&["local pool at http://127.0.0.1:", "users: alice, bob, carol"]);

    let own = LocalPool::start(LocalPoolConfig::default().port(0)).await.unwrap();
    let rocket = rocket::custom(pool).manage(own).attach(Cognito::fairing());
    refuses(rocket).await;
    assert_said(&["ERROR", "manages a `LocalPool` of its own", "local_pool = false"]);

    let refused =
        rocket::custom(support::figment().merge(("cognito.local_pool.prot", 1))).attach(Cognito::fairing());
    refuses(refused).await;
    assert_said(&["1 setting needs attention", "there is no key `prot`"]);
}
