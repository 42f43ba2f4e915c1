//! T32, T36: what guards hand out of good tokens, and what groups prove.

use serde_json::json;

use super::claims::app_for;
use super::{App, POOL};
use crate::support::forge::CLIENT_ID;
use crate::support::forge::{access_claims, id_claims, with, without};

#[rocket::async_test]
async fn a_good_access_token_says_who_it_is() {
    let app = App::new().await;
    let token = POOL.token(&access_claims());
    let person = json!({
        "sub": "11111111-2222-4333-8444-555555555555", "username": "dora", "email": null, "groups": ["editor"],
    });
    for path in ["/me", "/editor"] {
        let answer = app.authorization(path, &format!("Bearer {token}")).await;
        assert_eq!((answer.status, answer.json()), (200, person.clone()), "{path}");
        assert_eq!(answer.challenges, [""; 0]);
    }
    let claims = app.authorization("/claims", &format!("Bearer {token}")).await;
    assert_eq!(claims.json()["event_id"], "e");
}

#[rocket::async_test]
async fn a_good_id_token_says_who_it_is_where_it_may() {
    let token = POOL.token(&id_claims());
    for token_use in ["id", "any"] {
        let app = app_for(token_use).await;
        let answer = app.bearer(&token).await;
        let person = json!({
            "sub": "11111111-2222-4333-8444-555555555555", "username": "dora",
            "email": "dora@example.com", "groups": ["editor"],
        });
        assert_eq!((answer.status, answer.json()), (200, person), "{token_use}");
        let claims = app.authorization("/claims", &format!("Bearer {token}")).await;
        assert_eq!(claims.json()["custom:tenant"], "acme");
    }
}

/// T32: `username` of access tokens, `cognito:username` of ID tokens; whoever has none is no person.
#[rocket::async_test]
async fn each_kind_of_token_has_its_own_claim_for_the_user_name() {
    let app = app_for("any").await;
    for (claims, own, others) in
        [(access_claims(), "username", "cognito:username"), (id_claims(), "cognito:username", "username")]
    {
        let both = with(claims, others, "eve".into());
        assert_eq!(app.bearer(&POOL.token(&both)).await.json()["username"], "dora", "{own}");
        let nobody = app.bearer(&POOL.token(&without(both, own))).await;
        assert_eq!((nobody.status, nobody.json()["error"].clone()), (403, json!("person_required")), "{own}");
    }
}

/// T32: people are told apart by `sub`, whatever else they share.
#[rocket::async_test]
async fn people_with_one_address_stay_two() {
    let app = app_for("id").await;
    let mut subs = Vec::new();
    for sub in ["first", "second"] {
        let person = app.bearer(&POOL.token(&with(id_claims(), "sub", sub.into()))).await.json();
        assert_eq!(person["email"], "dora@example.com");
        subs.push(person["sub"].clone());
    }
    assert_eq!(subs, ["first", "second"]);
}

/// T32: whoever has a user name is a person, whatever their `sub`; a client's token has none.
#[rocket::async_test]
async fn whoever_has_a_user_name_is_a_person_and_nobody_else_is() {
    let app = app_for("any").await;
    let machine = without(without(access_claims(), "username"), "cognito:groups");
    let machine = with(machine, "sub", CLIENT_ID.into());
    let answer = app.bearer(&POOL.token(&machine)).await;
    assert_eq!((answer.status, answer.json()["error"].clone()), (403, json!("person_required")));
    let member = with(machine.clone(), "cognito:groups", json!(["editor"]));
    let named = with(machine.clone(), "cognito:username", "dora".into());
    let answer = app.bearer(&POOL.token(&named)).await;
    assert_eq!(
        answer.json()["error"],
        "person_required",
        "a user name that access tokens have under another claim"
    );
    let authorization = format!("Bearer {}", POOL.token(&member));
    for path in ["/editor", "/not-editor"] {
        let answer = app.authorization(path, &authorization).await;
        assert_eq!(answer.json()["error"], "person_required", "{path}");
    }
    for (name, claims) in [
        ("a person whose `sub` is the client's id", with(access_claims(), "sub", CLIENT_ID.into())),
        ("a person whose user name is the client's id", with(access_claims(), "username", CLIENT_ID.into())),
        ("an ID token of that `sub`", with(id_claims(), "sub", CLIENT_ID.into())),
    ] {
        app.accepts(name, &POOL.token(&claims)).await;
    }
    for (name, claims) in [
        ("a `sub` that is another client's id", with(machine.clone(), "sub", "otherclient".into())),
        ("a `sub` of other letters", with(machine.clone(), "sub", CLIENT_ID.to_uppercase().into())),
        ("a person's `sub`", with(machine, "sub", access_claims()["sub"].clone())),
        ("an ID token without user name", without(id_claims(), "cognito:username")),
    ] {
        let answer = app.bearer(&POOL.token(&claims)).await;
        assert_eq!(
            (answer.status, answer.json()["error"].clone()),
            (403, json!("person_required")),
            "{name}"
        );
    }
}

/// T36: statuses of `/me`, `/editor` and `/not-editor`.
#[rocket::async_test]
async fn groups_are_exact_and_a_malformed_list_proves_neither_presence_nor_absence() {
    let app = App::new().await;
    let member = [200, 200, 403];
    let other = [200, 403, 200];
    let malformed = [200, 403, 403];
    for (groups, expected) in [
        (json!(["editor"]), member),
        (json!(["admin", "editor"]), member),
        (json!([]), other),
        (json!(["Editor"]), other),
        (json!(["editors"]), other),
        (json!(["edit"]), other),
        (json!(["editor "]), other),
        (json!(["editor,admin"]), other),
        (json!(["ｅditor"]), other),
        (json!([""]), other),
        (json!(null), malformed),
        (json!("editor"), malformed),
        (json!("editors"), malformed),
        (json!(1), malformed),
        (json!({ "editor": true }), malformed),
        (json!([["editor"]]), malformed),
        (json!(["editor", 1]), malformed),
        (json!(["editor", null]), malformed),
        (json!(["editor", "a\u{0}b"]), malformed),
    ] {
        let token = POOL.token(&with(access_claims(), "cognito:groups", groups.clone()));
        let mut statuses = Vec::new();
        for path in ["/me", "/editor", "/not-editor"] {
            statuses.push(app.authorization(path, &format!("Bearer {token}")).await.status);
        }
        assert_eq!(statuses, expected, "{groups}");
    }
    let absent = POOL.token(&without(access_claims(), "cognito:groups"));
    let named_otherwise =
        POOL.token(&with(without(access_claims(), "cognito:groups"), "groups", json!(["editor"])));
    for token in [absent, named_otherwise] {
        for (path, status) in [("/editor", 403), ("/not-editor", 200)] {
            assert_eq!(app.authorization(path, &format!("Bearer {token}")).await.status, status, "{path}");
        }
    }
}
