//! Every kind of user that Cognito has, and what tokens and userInfo say of them.

use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;

/// A pool of one user, who has chosen their button, and the access token, ID token and answer of userInfo.
async fn signed_in(user: LocalUser, scope: &str) -> [Value; 3] {
    let pool = LocalPool::start(config().user(user)).await.unwrap();
    let browser = Browser::of(&pool);
    let parameters = [authorize("shop"), vec![("scope", scope)]].concat();
    let username = pool.usernames().remove(0);
    let login = browser.post(browser.url("/login", &parameters), &[("user", &username)]);
    let code = parameter(&login.send().await.unwrap(), "code").unwrap();
    let (status, tokens) = browser.token(&redeem(&code)[..3]).await;
    assert_eq!(status, 200, "{tokens}");
    let access_token = tokens["access_token"].as_str().unwrap();
    let info = browser.get_url(browser.url("/oauth2/userInfo", &[])).bearer_auth(access_token);
    let (status, info) = answer(info).await;
    assert_eq!(status, 200, "{info}");
    [part(access_token, 1), part(tokens["id_token"].as_str().unwrap(), 1), info]
}

/// These claims; `null` for one that is absent.
fn pick<const N: usize>(claims: &Value, names: [&str; N]) -> Value {
    names.map(|name| claims.get(name).cloned().unwrap_or_default()).into_iter().collect()
}

#[rocket::async_test]
async fn what_is_verified_is_true_false_or_absent() {
    let names = ["email", "email_verified", "phone_number", "phone_number_verified"];
    let dave = || LocalUser::new("dave").attribute("phone_number", "+441632960000");
    for (user, expected) in [
        (dave(), json!(["dave@example.com", true, "+441632960000", true])),
        (
            dave().attribute("email_verified", "false").attribute("phone_number_verified", "false"),
            json!(["dave@example.com", false, "+441632960000", false]),
        ),
        (
            dave().without("email_verified").without("phone_number_verified"),
            json!(["dave@example.com", null, "+441632960000", null]),
        ),
        (dave().without("email"), json!([null, null, "+441632960000", true])),
        (LocalUser::new("dave").without("email"), json!([null, null, null, null])),
    ] {
        let [_, id, info] = signed_in(user, "openid").await;
        assert_eq!(pick(&id, names), expected);
        let as_text = |value: &Value| value.as_bool().map_or(value.clone(), |flag| json!(flag.to_string()));
        let expected: Value = expected.as_array().unwrap().iter().map(as_text).collect();
        assert_eq!(pick(&info, names), expected);
    }
}

#[rocket::async_test]
async fn an_address_is_an_object_and_updated_at_a_number() {
    let dave =
        LocalUser::new("dave").attribute("address", "1 High Street").attribute("updated_at", "1700000000");
    let names = ["address", "updated_at"];
    let expected = json!([{ "formatted": "1 High Street" }, 1_700_000_000]);
    let [_, id, info] = signed_in(dave.clone(), "openid").await;
    assert_eq!(pick(&id, names), expected);
    assert_eq!(pick(&info, names), expected);
    let [_, id, _] = signed_in(dave, "openid email").await;
    assert_eq!(pick(&id, names), json!([null, null]), "the scopes decide");
}

#[rocket::async_test]
async fn roles_are_in_the_id_token_alone() {
    let (admin, staff) = ("arn:aws:iam::123456789012:role/admin", "arn:aws:iam::123456789012:role/staff");
    let dave = LocalUser::new("dave").roles([admin, staff]).preferred_role(admin);
    let names = ["cognito:roles", "cognito:preferred_role"];
    let [access, id, info] = signed_in(dave, "openid email").await;
    assert_eq!(pick(&id, names), json!([[admin, staff], admin]));
    assert_eq!((pick(&access, names), pick(&info, names)), (json!([null, null]), json!([null, null])));
    let [_, id, _] = signed_in(LocalUser::new("erin"), "openid").await;
    assert_eq!(pick(&id, names), json!([null, null]));
}

#[rocket::async_test]
async fn a_sub_is_the_given_one_or_follows_from_the_name() {
    let [access, id, info] = signed_in(LocalUser::new("dave").with_sub("dave-of-the-seed"), "openid").await;
    for claims in [access, id, info] {
        assert_eq!(claims["sub"], "dave-of-the-seed");
    }
    let [[one, _, _], [same, _, _], [other, _, _]] = [
        signed_in(LocalUser::new("dave"), "openid").await,
        signed_in(LocalUser::new("dave"), "openid").await,
        signed_in(LocalUser::new("erin"), "openid").await,
    ];
    assert_eq!(one["sub"], same["sub"]);
    assert_ne!(one["sub"], other["sub"]);
}

#[rocket::async_test]
async fn a_user_who_begins_disabled_signs_in_once_enabled() {
    let pool = LocalPool::start(config().user(LocalUser::new("dave").disabled())).await.unwrap();
    let browser = Browser::of(&pool);
    let sign_in = || browser.post(browser.url("/login", &authorize("shop")), &[("user", "dave")]).send();
    let refused = sign_in().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.text().await.unwrap().contains("User is disabled."));
    assert!(pool.sign_in("dave", "shop").is_none());
    pool.enable_user("dave").unwrap();
    assert!(parameter(&sign_in().await.unwrap(), "code").is_some());
}

#[rocket::async_test]
async fn a_federated_user_is_made_as_cognito_makes_them() {
    let google = LocalUser::federated(LocalIdentity::new("Google", "1234")).group("staff");
    let [access, id, info] = signed_in(google, "openid email").await;
    assert_eq!(
        (&access["username"], &id["cognito:username"]),
        (&json!("Google_1234"), &json!("Google_1234"))
    );
    for claims in [&access, &id] {
        assert_eq!(claims["cognito:groups"], json!(["staff", "eu-west-1_LocalPool_Google"]));
    }
    let identity = &id["identities"][0];
    assert_eq!(id["identities"].as_array().unwrap().len(), 1);
    assert_eq!(
        keys(identity),
        ["dateCreated", "issuer", "primary", "providerName", "providerType", "userId"]
    );
    assert_eq!(
        pick(identity, ["issuer", "primary", "providerName", "providerType", "userId"]),
        json!([null, "true", "Google", "Google", "1234"])
    );
    let milliseconds = identity["dateCreated"].as_str().unwrap();
    assert!(milliseconds.len() == 13 && milliseconds.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(access.get("identities"), None);
    assert_eq!(info["identities"], json!(id["identities"].to_string()), "text, as all attributes");
    assert_eq!(id["email"], "1234@example.com");
    assert!(id["nonce"].is_string(), "Cognito adds one that nobody has sent");
    let [_, id, _] = signed_in(LocalUser::new("dave"), "openid").await;
    assert_eq!((id.get("nonce"), id.get("identities")), (None, None));
}

#[rocket::async_test]
async fn what_another_provider_says_is_not_verified_unless_the_entry_says_so() {
    let google = || {
        LocalUser::federated(LocalIdentity::new("Google", "1234")).attribute("phone_number", "+441632960000")
    };
    let names = ["email_verified", "phone_number_verified"];
    let [_, id, info] = signed_in(google(), "openid").await;
    assert_eq!((pick(&id, names), pick(&info, names)), (json!([false, false]), json!(["false", "false"])));
    let [_, id, _] = signed_in(google().attribute("email_verified", "true"), "openid").await;
    assert_eq!(pick(&id, names), json!([true, false]));
    let linked = LocalUser::new("dave").identity(LocalIdentity::new("Google", "1234"));
    let [_, id, _] = signed_in(linked, "openid").await;
    assert_eq!(id["email_verified"], true);
}

#[rocket::async_test]
async fn providers_of_the_pools_own_are_oidc_or_saml() {
    let oidc = LocalIdentity::new("Acme", "dave@acme.example");
    let saml = LocalIdentity::new("Works", "d1").saml("https://works.example/saml");
    let names = ["providerName", "providerType", "userId", "issuer", "primary"];
    let [access, id, _] =
        signed_in(LocalUser::federated(oidc.clone()).identity(saml.clone()), "openid").await;
    assert_eq!(access["username"], "Acme_dave@acme.example");
    assert_eq!(access["cognito:groups"], json!(["eu-west-1_LocalPool_Acme"]));
    assert_eq!(id["email"], "dave@acme.example");
    let identities = id["identities"].as_array().unwrap();
    assert_eq!(pick(&identities[0], names), json!(["Acme", "OIDC", "dave@acme.example", null, "true"]));
    assert_eq!(
        pick(&identities[1], names),
        json!(["Works", "SAML", "d1", "https://works.example/saml", "false"])
    );

    let [access, id, _] = signed_in(LocalUser::new("dave").identity(saml), "openid").await;
    assert_eq!((&access["username"], access.get("cognito:groups")), (&json!("dave"), None), "linked only");
    assert_eq!(id["identities"][0]["primary"], "false");
    assert_eq!(id.get("nonce"), None);
}

#[rocket::async_test]
async fn a_federated_user_has_no_password() {
    let pool =
        LocalPool::start(config().user(LocalUser::federated(LocalIdentity::new("Google", "1234")))).await;
    let pool = pool.unwrap();
    let browser = Browser::of(&pool);
    let form = [("username", "Google_1234"), ("password", "Passw0rd!")];
    let refused = browser.post(browser.url("/login", &authorize("shop")), &form).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.text().await.unwrap().contains("Incorrect username or password."));
    assert!(pool.sign_in("Google_1234", "shop").is_some());
}
