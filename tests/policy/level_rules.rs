//! What `Level` and `AnyMethod` say of tokens, in every combination.

use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::policy::{All, Any, AnyMethod, Fresh, Level, Not, method};
use rocket_cognito::{Authorized, Cognito, Denial};
use serde_json::{Value, json};

use crate::support::forge::{JwksFile, Key, access_claims, now, with};
use crate::support::groups::{Admin, Editor};
use crate::support::settings;

#[get("/1")]
fn first(_user: Authorized<Level<1>>) {}

#[get("/3")]
fn third(_user: Authorized<Level<3>>) {}

#[get("/4")]
fn fourth(_user: Authorized<Level<4>>) {}

#[get("/not-3")]
fn not_third(_user: Authorized<Not<Level<3>>>) {}

#[get("/admin-or-4")]
fn admin_or_fourth(_user: Authorized<Any<(Admin, Level<4>)>>) {}

#[get("/editor-and-3")]
fn editor_and_third(_user: Authorized<All<(Editor, Level<3>)>>) {}

#[get("/admin-and-3")]
fn admin_and_third(_user: Authorized<All<(Level<3>, Admin)>>) {}

#[get("/3-and-fresh")]
fn third_and_fresh(_user: Authorized<All<(Level<3>, Fresh<900>)>>) {}

#[get("/4-or-fresh")]
fn fourth_or_fresh(_user: Authorized<Any<(Level<4>, Fresh<900>)>>) {}

#[get("/4-by-totp")]
fn fourth_by_totp(_user: Authorized<All<(Level<4>, AnyMethod<(method::Totp,)>)>>) {}

#[get("/4-by-sms")]
fn fourth_by_sms(_user: Authorized<All<(Level<4>, AnyMethod<(method::Sms,)>)>>) {}

#[get("/not-3-and-fresh")]
fn not_third_and_fresh(_user: Authorized<All<(Not<Level<3>>, Fresh<900>)>>) {}

type AdminAtSecond = All<(Admin, Level<2>)>;

#[get("/2-or-4")]
fn second_or_fourth(_user: Authorized<Any<(AdminAtSecond, Level<4>)>>) {}

#[get("/totp")]
fn totp(_user: Authorized<AnyMethod<(method::Totp,)>>) {}

#[get("/passkey")]
fn passkey(_user: Authorized<AnyMethod<(method::PlatformPasskey, method::RoamingPasskey)>>) {}

#[get("/no-sms")]
fn no_sms(_user: Authorized<Not<AnyMethod<(method::Sms,)>>>) {}

#[catch(default)]
fn refused(request: &Request<'_>) -> String {
    let denial = Denial::of(request).unwrap();
    format!("{}: {}", denial.code(), denial.rule().map(ToString::to_string).unwrap_or_default())
}

async fn client() -> (Client, Key, JwksFile) {
    let key = Key::new("k");
    let jwks = JwksFile::new(&[&key]);
    let by_level = routes![
        first,
        third,
        fourth,
        not_third,
        admin_or_fourth,
        editor_and_third,
        admin_and_third,
        third_and_fresh,
        second_or_fourth
    ];
    let rocket = rocket::custom(settings(&jwks.uri()))
        .attach(Cognito::fairing())
        .mount("/", by_level)
        .mount("/", routes![totp, passkey, no_sms])
        .mount("/", routes![fourth_or_fresh, fourth_by_totp, fourth_by_sms, not_third_and_fresh])
        .register("/", catchers![refused]);
    (Client::untracked(rocket).await.unwrap(), key, jwks)
}

/// What the app says to somebody with these claims: 200, or the code and rule of its refusal, and the challenge.
async fn ask(client: &Client, key: &Key, path: &str, claims: &Value) -> (String, String) {
    let header = Header::new("Authorization", format!("Bearer {}", key.token(claims)));
    let answer = client.get(path.to_owned()).header(header).dispatch().await;
    let challenge = answer.headers().get_one("WWW-Authenticate").unwrap_or_default().to_owned();
    match answer.status().code {
        200 => ("200".into(), challenge),
        _ => (answer.into_string().await.unwrap(), challenge),
    }
}

const LOA: &str = "urn:cognito:loa:";
const THIRD: &str = "level_too_low: a sign-in of level 3 or higher";

#[rocket::async_test]
async fn levels_compare_as_levels_and_what_is_no_level_satisfies_none() {
    let (client, key, _jwks) = client().await;
    for (acr, expected) in [
        (json!(format!("{LOA}1")), ["200", THIRD, "200"]),
        (json!(format!("{LOA}2")), ["200", THIRD, "200"]),
        (json!(format!("{LOA}3")), ["200", "200", "rule_not_met: not (a sign-in of level 3 or higher)"]),
        (json!(format!("{LOA}4")), ["200", "200", "rule_not_met: not (a sign-in of level 3 or higher)"]),
        (json!("gold"), NOBODY),
        (json!(format!("{LOA}5")), NOBODY),
        (json!(format!("{LOA}3 ")), NOBODY),
        (json!("URN:COGNITO:LOA:4"), NOBODY),
        (json!(4), NOBODY),
        (json!([format!("{LOA}4")]), NOBODY),
        (json!({}), NOBODY),
        (Value::Null, NOBODY),
    ] {
        let claims = with(access_claims(), "acr", acr.clone());
        for (path, expected) in ["/1", "/3", "/not-3"].into_iter().zip(expected) {
            assert_eq!(ask(&client, &key, path, &claims).await.0, expected, "{path} {acr}");
        }
    }
    for (path, expected) in ["/1", "/3", "/not-3"].into_iter().zip(NOBODY) {
        assert_eq!(ask(&client, &key, path, &access_claims()).await.0, expected, "{path} without the claim");
    }
}

/// Under `Not` no sign-in would help either.
const NOBODY: [&str; 3] = [
    "level_too_low: a sign-in of level 1 or higher",
    THIRD,
    "rule_not_met: not (a sign-in of level 3 or higher)",
];

#[rocket::async_test]
async fn the_least_sign_in_that_helps_is_asked_for_and_none_that_does_not() {
    let (client, key, _jwks) = client().await;
    let groups = |groups: &[&str]| {
        with(with(access_claims(), "acr", json!(format!("{LOA}1"))), "cognito:groups", json!(groups))
    };
    let old = |claims| with(claims, "auth_time", json!(now() - 1_000));
    let (nobody, editor, admin) = (groups(&[]), groups(&["editor"]), groups(&["admin"]));
    let (both, fourth) = ("urn:cognito:loa:4 urn:cognito:loa:3", "urn:cognito:loa:4");
    for (path, claims, expected, acr_values, max_age) in [
        ("/admin-or-4", &nobody, "level_too_low: a sign-in of level 4", fourth, None),
        ("/admin-or-4", &admin, "200", "", None),
        ("/editor-and-3", &nobody, "rule_not_met: group \"editor\"", "", None),
        ("/editor-and-3", &editor, THIRD, both, None),
        // The level decides first, and would not help.
        ("/admin-and-3", &editor, "rule_not_met: group \"admin\"", "", None),
        ("/3-and-fresh", &nobody, THIRD, both, None),
        (
            "/3-and-fresh",
            &old(nobody.clone()),
            "level_too_low: a sign-in of level 3 or higher and a sign-in within the last 15 minutes",
            both,
            Some(900),
        ),
        (
            "/2-or-4",
            &admin,
            "level_too_low: a sign-in of level 2 or higher",
            "urn:cognito:loa:4 urn:cognito:loa:3 urn:cognito:loa:2",
            None,
        ),
        ("/2-or-4", &nobody, "level_too_low: a sign-in of level 4", fourth, None),
    ] {
        let (answer, challenge) = ask(&client, &key, path, claims).await;
        assert_eq!(answer, expected, "{path} {claims}");
        let description = match max_age {
            None => "error_description=\"A stronger authentication is required\"",
            Some(_) => RECENT_AND_STRONG,
        };
        let expected = match (acr_values, max_age) {
            ("", _) => String::new(),
            (names, max_age) => format!(
                "Bearer error=\"insufficient_user_authentication\", {description}, acr_values=\"{names}\"{}",
                max_age.map(|age: u64| format!(", max_age=\"{age}\"")).unwrap_or_default()
            ),
        };
        assert_eq!(challenge, expected, "{path}");
    }
}

const RECENT_AND_STRONG: &str = "error_description=\"A recent and strong authentication is required\"";

fn at_level(level: u8, age: u64) -> Value {
    let claims = with(access_claims(), "acr", json!(format!("{LOA}{level}")));
    with(claims, "auth_time", json!(now() - age))
}

#[rocket::async_test]
async fn a_password_is_asked_for_where_it_suffices() {
    let (client, key, _jwks) = client().await;
    let (answer, challenge) = ask(&client, &key, "/4-or-fresh", &at_level(1, 1_000)).await;
    assert_eq!(answer, "login_too_old: a sign-in within the last 15 minutes");
    assert_eq!(
        challenge,
        "Bearer error=\"insufficient_user_authentication\", \
         error_description=\"More recent authentication is required\", max_age=\"900\""
    );
}

/// A new sign-in is at the level that it asks for, and not at the one of before.
#[rocket::async_test]
async fn who_signs_in_again_is_asked_for_the_level_too() {
    let (client, key, _jwks) = client().await;
    for level in [3, 4] {
        let (answer, challenge) = ask(&client, &key, "/3-and-fresh", &at_level(level, 1_000)).await;
        assert_eq!(
            answer,
            "login_too_old: a sign-in of level 3 or higher and a sign-in within the last 15 minutes"
        );
        assert_eq!(
            challenge,
            format!(
                "Bearer error=\"insufficient_user_authentication\", {RECENT_AND_STRONG}, \
                 acr_values=\"urn:cognito:loa:4 urn:cognito:loa:3\", max_age=\"900\""
            )
        );
    }
    // Here a sign-in as strong as the one of before would not help.
    let lower = ask(&client, &key, "/not-3-and-fresh", &at_level(1, 1_000)).await.0;
    assert_eq!(lower, "login_too_old: a sign-in within the last 15 minutes");
    let higher = ask(&client, &key, "/not-3-and-fresh", &at_level(3, 1_000)).await.0;
    assert_eq!(higher, "rule_not_met: not (a sign-in of level 3 or higher)");
}

#[rocket::async_test]
async fn the_highest_level_brings_its_methods() {
    let (client, key, _jwks) = client().await;
    for claims in [at_level(1, 0), with(at_level(1, 0), "amr", json!(["pwd"]))] {
        let totp = ask(&client, &key, "/4-by-totp", &claims).await.0;
        assert_eq!(totp, "level_too_low: a sign-in of level 4");
        let sms = ask(&client, &key, "/4-by-sms", &claims).await.0;
        assert_eq!(sms, "rule_not_met: a sign-in by \"sms\"");
    }
    let passkey = with(at_level(3, 0), "amr", json!(["hwk"]));
    assert_eq!(ask(&client, &key, "/4-by-totp", &passkey).await.0, "level_too_low: a sign-in of level 4");
    let shown = with(at_level(4, 0), "amr", json!(["pwd", "otp", "mfa"]));
    assert_eq!(ask(&client, &key, "/4-by-totp", &shown).await.0, "200");
}

#[rocket::async_test]
async fn methods_are_a_set_and_their_absence_proves_nothing() {
    let (client, key, _jwks) = client().await;
    let refused = |rule: &str| format!("rule_not_met: {rule}");
    let no_totp = refused("a sign-in by \"otp\"");
    let no_passkey = refused("a sign-in by \"swk\" or a sign-in by \"hwk\"");
    let sms = refused("not (a sign-in by \"sms\")");
    let granted = "200".to_owned();
    for (amr, expected) in [
        (json!(["pwd", "otp", "mfa"]), [&granted, &no_passkey, &granted]),
        (json!(["mfa", "otp", "pwd"]), [&granted, &no_passkey, &granted]),
        (json!(["hwk"]), [&no_totp, &granted, &granted]),
        (json!(["pwd", "sms", "mfa"]), [&no_totp, &no_passkey, &sms]),
        (json!(["fed"]), [&no_totp, &no_passkey, &granted]),
        (json!([]), [&no_totp, &no_passkey, &granted]),
        (json!("otp"), [&no_totp, &no_passkey, &sms]),
        (json!(["otp", 1]), [&no_totp, &no_passkey, &sms]),
        (Value::Null, [&no_totp, &no_passkey, &sms]),
    ] {
        let claims = with(access_claims(), "amr", amr.clone());
        for (path, expected) in ["/totp", "/passkey", "/no-sms"].into_iter().zip(expected) {
            assert_eq!(
                ask(&client, &key, path, &claims).await,
                (expected.clone(), String::new()),
                "{path} {amr}"
            );
        }
    }
}
