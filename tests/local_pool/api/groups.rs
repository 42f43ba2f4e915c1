//! Groups, as the API and tokens show them.

use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalUser};
use serde_json::{Value, json};

use super::{done, of_pool, refused, sign_in};
use crate::browser::*;

fn names(answer: &Value) -> Vec<&str> {
    let groups = answer["Groups"].as_array().unwrap();
    groups.iter().map(|group| group["GroupName"].as_str().unwrap()).collect()
}

#[rocket::async_test]
async fn who_is_promoted_has_the_group_after_the_next_refresh() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("carol", "shop").unwrap().refresh_token;
    let body = of_pool(json!({ "Username": "carol", "GroupName": "admin" }));
    assert_eq!(done(&browser, "AdminAddUserToGroup", body).await, Value::Null);
    let (_, answer) = browser.refresh(&token).await;
    assert_eq!(part(answer["access_token"].as_str().unwrap(), 1)["cognito:groups"], json!(["admin"]));
}

#[rocket::async_test]
async fn groups_of_users_exist_and_stay_when_nobody_is_in_them() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "1234"))).unwrap();
    pool.set_groups("bob", ["writer"]).unwrap();
    let all = done(&browser, "ListGroups", of_pool(json!({}))).await;
    assert_eq!(names(&all), ["admin", "editor", "eu-west-1_LocalPool_Google", "writer"]);
    let body = of_pool(json!({ "Username": "Google_1234" }));
    let own = done(&browser, "AdminListGroupsForUser", body).await;
    assert_eq!(names(&own), ["eu-west-1_LocalPool_Google"]);
}

#[rocket::async_test]
async fn a_group_of_a_provider_stays_while_its_users_are_there() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.add_user(LocalUser::federated(LocalIdentity::new("Google", "1234"))).unwrap();
    let of = || of_pool(json!({ "GroupName": "eu-west-1_LocalPool_Google", "Username": "Google_1234" }));
    for operation in ["DeleteGroup", "AdminRemoveUserFromGroup"] {
        assert_eq!(refused(&browser, operation, of()).await.0, "InvalidParameterException", "{operation}");
    }
    let members = done(&browser, "ListUsersInGroup", of()).await["Users"].take();
    assert_eq!(members[0]["Username"], "Google_1234");
    pool.remove_user("Google_1234").unwrap();
    done(&browser, "DeleteGroup", of()).await;
}

#[rocket::async_test]
async fn the_group_of_the_lowest_precedence_comes_first_and_gives_the_role() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    for (name, precedence) in
        [("late", json!(9)), ("one", json!(1)), ("other", json!(1)), ("last", json!(null))]
    {
        let body = of_pool(json!({ "GroupName": name, "Precedence": precedence, "RoleArn": role(name) }));
        done(&browser, "CreateGroup", body).await;
    }
    pool.set_groups("carol", ["last", "late", "one"]).unwrap();
    let id = part(sign_in(&browser, "carol", "Passw0rd!").await["IdToken"].as_str().unwrap(), 1);
    assert_eq!(id["cognito:groups"], json!(["one", "late", "last"]));
    assert_eq!(id["cognito:roles"], json!([role("one"), role("late"), role("last")]));
    assert_eq!(id["cognito:preferred_role"], json!(role("one")));

    pool.set_groups("carol", ["other", "one"]).unwrap();
    let id = part(sign_in(&browser, "carol", "Passw0rd!").await["IdToken"].as_str().unwrap(), 1);
    assert_eq!(id.get("cognito:preferred_role"), None, "two that come first have different roles");
}

#[rocket::async_test]
async fn a_hundred_groups_are_the_most_of_a_user() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    pool.set_groups("carol", (0..100).map(|number| format!("g{number}"))).unwrap();
    let body = of_pool(json!({ "Username": "carol", "GroupName": "admin" }));
    let (kind, message) = refused(&browser, "AdminAddUserToGroup", body).await;
    assert_eq!(kind, "InvalidParameterException");
    assert!(message.contains("101 groups"), "{message}");
}

#[rocket::async_test]
async fn a_pool_takes_ten_thousand_users_and_groups() {
    let users = (0..10_000).map(|number| LocalUser::new(format!("u{number}")));
    let pool = LocalPool::start(users.fold(config(), |config, user| config.user(user))).await.unwrap();
    let browser = Browser::of(&pool);
    for hundred in 0..100 {
        pool.set_groups("u0", (0..100).map(|number| format!("g{hundred}-{number}"))).unwrap();
    }
    let limit = "LimitExceededException";
    assert_eq!(refused(&browser, "CreateGroup", of_pool(json!({ "GroupName": "one-more" }))).await.0, limit);
    let one_more = of_pool(json!({ "Username": "one-more" }));
    let (kind, message) = refused(&browser, "AdminCreateUser", one_more.clone()).await;
    assert_eq!(kind, "TooManyRequestsException", "the operation does not have the other error at Cognito");
    assert!(message.contains("10000 users"), "{message}");

    done(&browser, "DeleteGroup", of_pool(json!({ "GroupName": "g0-0" }))).await;
    done(&browser, "CreateGroup", of_pool(json!({ "GroupName": "one-more" }))).await;
    done(&browser, "AdminDeleteUser", of_pool(json!({ "Username": "u1" }))).await;
    done(&browser, "AdminCreateUser", one_more).await;
    let last = done(&browser, "ListUsers", of_pool(json!({ "Filter": "username = \"one-more\"" }))).await;
    assert_eq!(last["Users"].as_array().unwrap().len(), 1);
}
