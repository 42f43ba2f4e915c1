//! Lists: their pages, and the filter of users.

use serde_json::{Value, json};

use super::{done, of_pool, refused};
use crate::browser::*;

/// Removes all that is listed, page by page, and returns how many there were.
async fn clear(
    browser: &Browser,
    [list, next, operation]: [&str; 3],
    removal: impl AsyncFn(&Value),
    of: Value,
) -> usize {
    let (mut removed, mut body) = (0, of.clone());
    loop {
        let answer = done(browser, operation, body).await;
        for item in answer[list].as_array().unwrap() {
            removal(item).await;
            removed += 1;
        }
        if answer.get(next).is_none() {
            return removed;
        }
        body = of.clone();
        body[next] = answer[next].clone();
    }
}

#[rocket::async_test]
async fn a_list_that_shrinks_while_it_is_read_skips_nobody() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    for number in 0..7 {
        done(&browser, "AdminCreateUser", of_pool(json!({ "Username": format!("pg{number}") }))).await;
        done(&browser, "CreateGroup", of_pool(json!({ "GroupName": format!("pg{number}") }))).await;
        let of = of_pool(json!({ "Username": format!("pg{number}"), "GroupName": "editor" }));
        done(&browser, "AdminAddUserToGroup", of).await;
    }
    let leave = async |user: &Value| {
        let of = of_pool(json!({ "Username": user["Username"], "GroupName": "editor" }));
        done(&browser, "AdminRemoveUserFromGroup", of).await;
    };
    let of = of_pool(json!({ "GroupName": "editor", "Limit": 2 }));
    let left = clear(&browser, ["Users", "NextToken", "ListUsersInGroup"], leave, of.clone()).await;
    assert!(left >= 7, "{left}");
    assert_eq!(done(&browser, "ListUsersInGroup", of).await, json!({ "Users": [] }));

    let delete_user = async |user: &Value| {
        done(&browser, "AdminDeleteUser", of_pool(json!({ "Username": user["Username"] }))).await;
    };
    let of = of_pool(json!({ "Filter": "username ^= \"pg\"", "Limit": 2 }));
    assert_eq!(clear(&browser, ["Users", "PaginationToken", "ListUsers"], delete_user, of).await, 7);
    assert_eq!(pool.usernames(), ["alice", "bob", "carol"]);

    let delete_group = async |group: &Value| {
        done(&browser, "DeleteGroup", of_pool(json!({ "GroupName": group["GroupName"] }))).await;
    };
    let of = of_pool(json!({ "Limit": 2 }));
    clear(&browser, ["Groups", "NextToken", "ListGroups"], delete_group, of).await;
    assert_eq!(done(&browser, "ListGroups", of_pool(json!({}))).await, json!({ "Groups": [] }));
}

#[rocket::async_test]
async fn a_status_is_found_in_any_case_and_identities_are_no_filter() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let filter = |text: &str| of_pool(json!({ "Filter": text }));
    for text in ["cognito:user_status = \"confirmed\"", "cognito:user_status ^= \"Conf\""] {
        let users = done(&browser, "ListUsers", filter(text)).await["Users"].take();
        assert_eq!(users.as_array().unwrap().len(), 3, "{text}");
    }
    let users = done(&browser, "ListUsers", filter("username = \"ALICE\"")).await;
    assert_eq!(users, json!({ "Users": [] }), "others are compared by letter");
    let (kind, _) = refused(&browser, "ListUsers", filter("identities ^= \"[\"")).await;
    assert_eq!(kind, "InvalidParameterException");
}

#[rocket::async_test]
async fn limits_are_those_of_the_model() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let of = |members: Value| of_pool(members);
    let (_, message) = refused(&browser, "ListUserPoolClients", of(json!({ "MaxResults": 0 }))).await;
    assert!(message.contains("greater than or equal to 1"), "{message}");
    let big = of(json!({ "GroupName": "big", "Precedence": 2_147_483_648_u64 }));
    let (kind, message) = refused(&browser, "CreateGroup", big).await;
    assert_eq!(
        (&*kind, &*message),
        ("SerializationException", "Precedence can not be converted to a Integer")
    );
}
