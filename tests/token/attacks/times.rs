//! T23 to T25: when a token counts.

use serde_json::json;

use super::claims::missing;
use super::{App, Attack, POOL, claim_values};
use crate::support::forge::{Key, access_claims, now, with, without};

/// T23, T24, T25.
pub fn attacks(key: &Key) -> Vec<Attack> {
    let (claims, now) = (access_claims(), now());
    let in_an_hour = now + 3600;
    let exp = [
        json!(null),
        json!(in_an_hour.to_string()),
        json!("9999999999"),
        json!(true),
        json!([in_an_hour]),
        json!({ "exp": in_an_hour }),
        json!(-1),
        json!(0),
        json!(0.5),
        json!(1),
        json!(now - 60),
        json!(now as f64 - 60.5),
        json!(1e300),
        json!(253_402_300_800_u64),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(18_446_744_073_709_551_616.0),
    ];
    let iat = [
        json!(null),
        json!(now.to_string()),
        json!(false),
        json!([]),
        json!(-1),
        json!(0),
        json!(1e300),
        json!(u64::MAX),
        json!(now + 60),
        json!(in_an_hour + 1),
    ];
    let nbf = [
        json!(null),
        json!("x"),
        json!(now.to_string()),
        json!(true),
        json!([now]),
        json!(-1),
        json!(1e300),
        json!(now + 60),
    ];
    let auth_time = [json!("x"), json!(null), json!(-1)];
    let raw = |name: &str, text: &str| {
        let claims = without(claims.clone(), name).to_string();
        let claims = format!("{},\"{name}\":{text}}}", &claims[..claims.len() - 1]);
        (format!("{name} = {text}"), key.sign_raw(key.header().to_string(), claims))
    };
    let mut attacks = missing(key, &claims, &["exp", "iat"]);
    attacks.extend(claim_values(key, &claims, "exp", exp));
    attacks.extend(claim_values(key, &claims, "iat", iat));
    attacks.extend(claim_values(key, &claims, "nbf", nbf));
    attacks.extend(claim_values(key, &claims, "auth_time", auth_time));
    for text in ["NaN", "Infinity", "1e400", "-0", "0x7fffffff", "09999999999", "+9999999999", "1_000", ""] {
        attacks.push(raw("exp", text));
    }
    attacks.push(raw("exp", &"9".repeat(400)));
    let iat_after_exp = with(with(claims.clone(), "exp", (now + 5).into()), "iat", (now + 10).into());
    attacks.push(("iat after exp".into(), key.token(&iat_after_exp)));
    attacks
}

/// Holds what is accepted at which distance from now, to the second.
async fn boundaries(leeway: u64, name: &str, cases: [(i64, u16); 2]) {
    let app = App::with(|figment| figment.merge(("cognito.expiration_leeway", leeway))).await;
    for (offset, status) in cases {
        // Again if a second passed between making and judging the token.
        loop {
            let start = now();
            let claims = with(access_claims(), "iat", 1.into());
            let answer = app
                .bearer(&POOL.token(&with(claims, name, start.saturating_add_signed(offset).into())))
                .await;
            if start == now() {
                assert_eq!(answer.status, status, "{name} = now + {offset} with leeway {leeway}");
                break;
            }
        }
    }
}

/// T23, T24, T25.
#[rocket::async_test]
async fn times_count_to_the_second_with_the_leeway() {
    for leeway in [0, 30, 60] {
        let leeway_ = i64::try_from(leeway).unwrap();
        boundaries(leeway, "exp", [(1 - leeway_, 200), (-leeway_, 401)]).await;
        boundaries(leeway, "iat", [(leeway_, 200), (leeway_ + 1, 401)]).await;
        boundaries(leeway, "nbf", [(leeway_, 200), (leeway_ + 1, 401)]).await;
    }
}

/// T25: a token may be over the second it is made, and not before.
#[rocket::async_test]
async fn a_token_ends_no_earlier_than_it_begins() {
    let app = App::new().await;
    let lasting = |seconds: i64| {
        let exp = now().saturating_add_signed(seconds);
        POOL.token(&with(with(access_claims(), "iat", now().into()), "exp", exp.into()))
    };
    app.accepts("for no time", &lasting(0)).await;
    app.refuses(vec![("for less than no time".into(), lasting(-5))]).await;
}

#[rocket::async_test]
async fn the_leeway_is_thirty_seconds_unless_set() {
    let app = App::new().await;
    let ago = |seconds: u64| {
        POOL.token(&with(with(access_claims(), "iat", 1.into()), "exp", (now() - seconds).into()))
    };
    // Two seconds from the boundary, so that a slow machine does not matter.
    app.accepts("28 seconds ago", &ago(28)).await;
    app.refuses(vec![("30 seconds ago".into(), ago(30)), ("31 seconds ago".into(), ago(31))]).await;
}
