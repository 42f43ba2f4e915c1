//! T35: what the scope claim proves.

use rocket::{Route, get, routes};
use rocket_cognito::Authorized;
use rocket_cognito::policy::{AnyScope, Not, Scope, Scopes};
use serde_json::{Value, json};

use super::{App, POOL};
use crate::support::forge::{access_claims, id_claims, with, without};

struct Read;
impl Scope for Read {
    const NAME: &'static str = "orders/read";
}

struct Write;
impl Scope for Write {
    const NAME: &'static str = "orders/write";
}

/// No such name may get into a header.
struct Quoted;
impl Scope for Quoted {
    const NAME: &'static str = "a\", b=\"";
}

#[get("/write")]
fn write(_user: Authorized<Scopes<(Write,)>>) {}

#[get("/both")]
fn both(_user: Authorized<Scopes<(Read, Write)>>) {}

#[get("/either")]
fn either(_user: Authorized<AnyScope<(Read, Write)>>) {}

#[get("/not-write")]
fn not_write(_user: Authorized<Not<Scopes<(Write,)>>>) {}

#[get("/quoted")]
fn quoted(_user: Authorized<Scopes<(Quoted,)>>) {}

pub fn routes() -> Vec<Route> {
    routes![write, both, either, not_write, quoted]
}

/// Statuses of `/write`, `/both`, `/either` and `/not-write`.
async fn statuses(app: &App, scope: Option<Value>) -> [u16; 4] {
    let claims = match scope {
        Some(scope) => with(access_claims(), "scope", scope),
        None => without(access_claims(), "scope"),
    };
    let authorization = format!("Bearer {}", POOL.token(&claims));
    let mut statuses = [0; 4];
    for (status, path) in statuses.iter_mut().zip(["/write", "/both", "/either", "/not-write"]) {
        *status = app.authorization(path, &authorization).await.status;
    }
    statuses
}

#[rocket::async_test]
async fn scopes_are_exact_and_only_what_the_token_says() {
    let app = App::new().await;
    for scope in ["orders/write", "openid orders/write", "orders/write email"] {
        assert_eq!(statuses(&app, Some(scope.into())).await, [200, 403, 200, 403], "{scope}");
    }
    for scope in ["orders/write orders/read", "orders/read openid orders/write"] {
        assert_eq!(statuses(&app, Some(scope.into())).await, [200, 200, 200, 403], "{scope}");
    }
    assert_eq!(statuses(&app, Some("orders/read".into())).await, [403, 403, 200, 200]);
    for scope in [
        "openid",
        "orders/writes",
        "orders/writ",
        "ORDERS/WRITE",
        "orders/write,orders/read",
        "\u{ff4f}rders/write",
        "orders/write\u{a0}",
        "xorders/write",
    ] {
        let [write, both, either, _] = statuses(&app, Some(scope.into())).await;
        assert_eq!([write, both, either], [403; 3], "{scope}");
    }
}

#[rocket::async_test]
async fn a_scope_claim_that_is_none_proves_nothing_either_way() {
    let app = App::new().await;
    let not_scopes = [
        Value::Null,
        json!(["orders/write"]),
        json!({ "orders/write": true }),
        json!(1),
        json!(""),
        json!(" orders/write"),
        json!("orders/write "),
        json!("openid  orders/write"),
        json!("openid\torders/write"),
        json!("openid\norders/write"),
        json!("openid \"orders/write\" orders/write"),
        json!("openid \\ orders/write"),
    ];
    for scope in not_scopes {
        assert_eq!(statuses(&app, Some(scope.clone())).await, [403; 4], "{scope}");
    }
    assert_eq!(statuses(&app, None).await, [403; 4], "no claim");
}

#[rocket::async_test]
async fn an_id_token_has_no_scopes() {
    let app = App::with(|figment| figment.merge(("cognito.bearer_token_use", "any"))).await;
    let token = POOL.token(&with(id_claims(), "scope", "orders/write".into()));
    let status = app.authorization("/write", &format!("Bearer {token}")).await.status;
    assert_eq!(status, 403);
}

/// T41.
#[rocket::async_test]
async fn a_lack_of_scopes_is_told_as_rfc_6750_says() {
    let app = App::new().await;
    let authorization = format!("Bearer {}", POOL.token(&access_claims()));
    let lacking = [
        ("/write", Some("orders/write")),
        ("/both", Some("orders/read orders/write")),
        ("/either", Some("orders/read orders/write")),
        ("/quoted", None),
    ];
    for (path, scopes) in lacking {
        let answer = app.authorization(path, &authorization).await;
        let challenge = scopes.map(|it| format!("Bearer error=\"insufficient_scope\", scope=\"{it}\""));
        assert_eq!((answer.status, answer.challenges), (403, Vec::from_iter(challenge)), "{path}");
    }
    let answer = app.authorization("/not-editor", &authorization).await;
    assert_eq!((answer.status, answer.challenges.len()), (403, 0), "no scope was asked for");
}
