//! Users as a table has them, and what is said of wrong ones.

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::util::map;
use figment::value::Value;
use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::json;

use crate::browser::*;

async fn pool_of(toml: &str) -> LocalPool {
    let config = Figment::from(Toml::string(toml)).extract::<LocalPoolConfig>().unwrap();
    LocalPool::start(config.port(0)).await.unwrap()
}

async fn starts_with(user: LocalUser) {
    drop(LocalPool::start(LocalPoolConfig::default().port(0).user(user)).await.unwrap());
}

async fn refusal(user: LocalUser) -> String {
    LocalPool::start(LocalPoolConfig::default().port(0).user(user)).await.unwrap_err().to_string()
}

#[rocket::async_test]
async fn a_table_says_all_that_the_builder_says() {
    let toml = r#"
        username_attributes = ["email"]
        case_sensitive = false
        clients = [{ client_id = "spa" }]
        [[users]]
        username = "dave@example.com"
        sub = "dave-of-the-seed"
        groups = ["staff"]
        roles = ["arn:aws:iam::123456789012:role/staff"]
        preferred_role = "arn:aws:iam::123456789012:role/staff"
        without = ["email_verified"]
        attributes = { address = "1 High Street", updated_at = 1700000000, phone_number = "+441632960000", phone_number_verified = false, "custom:age" = 7 }
        identities = [{ provider = "Works", user_id = "d1", provider_type = "SAML", issuer = "https://works.example/saml" }]
        [[users]]
        identities = [{ provider = "Google", user_id = "1234" }]
        [[users]]
        username = "erin@example.com"
        disabled = true
    "#;
    let pool = pool_of(toml).await;
    assert_eq!(pool.usernames(), ["dave@example.com", "google_1234", "erin@example.com"]);
    let tokens = pool.sign_in("DAVE@example.com", "spa").unwrap();
    let id = part(&tokens.id_token, 1);
    let role = "arn:aws:iam::123456789012:role/staff";
    for (name, value) in [
        ("sub", json!("dave-of-the-seed")),
        ("cognito:username", json!("dave-of-the-seed")),
        ("cognito:groups", json!(["staff"])),
        ("cognito:roles", json!([role])),
        ("cognito:preferred_role", json!(role)),
        ("email", json!("dave@example.com")),
        ("address", json!({ "formatted": "1 High Street" })),
        ("updated_at", json!(1_700_000_000)),
        ("phone_number_verified", json!(false)),
        ("custom:age", json!("7")),
    ] {
        assert_eq!(id[name], value, "{name}");
    }
    assert_eq!(id.get("email_verified"), None);
    assert_eq!(
        (&id["identities"][0]["providerType"], &id["identities"][0]["userId"]),
        (&json!("SAML"), &json!("d1"))
    );
    assert!(
        pool.sign_in("google_1234", "spa").is_some() && pool.sign_in("erin@example.com", "spa").is_none()
    );
}

#[rocket::async_test]
async fn attributes_of_cognitos_are_not_called_none_of_its() {
    let names = ["address", "birthdate", "email_verified", "phone_number_verified", "updated_at", "zoneinfo"];
    let values = ["1 High Street", "1990-12-31", "false", "false", "1700000000", "Europe/London"];
    let user = names
        .into_iter()
        .zip(values)
        .fold(LocalUser::new("dave"), |user, (name, value)| user.attribute(name, value))
        .attribute("phone_number", "+441632960000");
    starts_with(user).await;
    for key in ["email", "sub", "identities", "groups", "username"] {
        let text = refusal(LocalUser::new("dave").attribute(key, "x")).await;
        assert!(
            text.contains(&format!("dave's `{key}` is a key of its own: move it out of `attributes`")),
            "{text}"
        );
        assert!(!text.contains("custom:") && !text.contains("none of Cognito's"), "{text}");
    }
}

#[rocket::async_test]
async fn a_custom_name_that_is_too_long_is_not_advised_to_grow() {
    for name in ["custom:a-name-of-21-letters!", "a-name-of-21-letters!"] {
        let text = refusal(LocalUser::new("dave").attribute(name, "x")).await;
        assert!(text.contains("is too long: Cognito allows 20 characters behind `custom:`"), "{text}");
        assert!(
            text.contains("such as \"custom:a-name-of-21-letters\"") && !text.contains("custom:custom:"),
            "{text}"
        );
    }
    for name in ["Custom:team", "dev:custom:team", "team"] {
        let text = refusal(LocalUser::new("dave").attribute(name, "x")).await;
        assert!(text.contains("write one of your own as \"custom:team\""), "{text}");
    }
    for name in ["custom:", ""] {
        let text = refusal(LocalUser::new("dave").attribute(name, "x")).await;
        assert!(text.contains("such as \"custom:team\"") && !text.contains("custom:custom:"), "{text}");
    }
}

#[rocket::async_test]
async fn a_custom_name_of_twenty_characters_is_no_longer_counted_in_bytes() {
    let name = format!("custom:{}", "é".repeat(20));
    starts_with(LocalUser::new("dave").attribute(name, "x")).await;
}

#[rocket::async_test]
async fn a_username_that_is_an_address_gets_no_second_at_sign() {
    let pool =
        pool_of("users = [{ username = \"dave@shop.example\" }]\nclients = [{ client_id = \"spa\" }]").await;
    assert_eq!(
        part(&pool.sign_in("dave@shop.example", "spa").unwrap().id_token, 1)["email"],
        "dave@shop.example"
    );
}

#[rocket::async_test]
async fn whatever_the_username_the_address_that_follows_from_it_is_one() {
    for (username, email) in
        [("dave@", "dave_@example.com"), ("@", "_@example.com"), ("a@b@c", "a_b_c@example.com")]
    {
        let config = LocalPoolConfig::default().port(0).client(LocalClient::new("spa"));
        let pool = LocalPool::start(config.user(LocalUser::new(username))).await.unwrap();
        assert_eq!(part(&pool.sign_in(username, "spa").unwrap().id_token, 1)["email"], email);
    }
}

#[rocket::async_test]
async fn an_attribute_of_one_letter_is_text() {
    let attributes = map!["custom:size" => Value::from('L')];
    let dave = map!["username" => Value::from("dave"), "attributes" => Value::from(attributes)];
    let users = Figment::from(Serialized::default("users", vec![Value::from(dave)]));
    let config = users.extract::<LocalPoolConfig>().unwrap().port(0).client(LocalClient::new("spa"));
    let pool = LocalPool::start(config).await.unwrap();
    assert_eq!(part(&pool.sign_in("dave", "spa").unwrap().id_token, 1)["custom:size"], "L");
}

#[rocket::async_test]
async fn nothing_of_a_name_that_people_sign_in_by_is_silently_left_out() {
    let pool = || LocalPoolConfig::default().port(0).username_attributes(["email", "phone_number"]);
    let phone = || LocalUser::new("+441632960000");
    for (user, key, words) in [
        (LocalUser::new("d@x.y").without("email"), "without", "leave \"email\" out of `without`"),
        (phone().attribute("phone_number", "+441632960001"), "attributes", "leave `phone_number` out"),
        (phone().attribute("email_verified", "true"), "attributes", "has no `email`"),
    ] {
        let text = LocalPool::start(pool().user(user)).await.unwrap_err().to_string();
        assert!(text.contains(&format!("`users[0].{key}`: ")) && text.contains(words), "{text}");
        assert_eq!(text.matches("users[0]").count(), 1, "{text}");
    }
    drop(LocalPool::start(pool().user(phone().attribute("phone_number", "+441632960000"))).await.unwrap());
}

#[rocket::async_test]
async fn users_that_cognito_would_refuse_do_not_start() {
    let dave = || LocalUser::new("dave");
    let google = |provider, id| LocalUser::federated(LocalIdentity::new(provider, id));
    let six =
        (0..6).fold(dave(), |user, index| user.identity(LocalIdentity::new("Acme", format!("{index}"))));
    for (user, key, words) in [
        (LocalUser::new("dave smith"), "username", "no spaces"),
        (LocalUser::new("d".repeat(129)), "username", "1 to 128"),
        (dave().group("a\u{7}"), "groups", "only those of a trigger"),
        (dave().with_sub("two words"), "sub", "no spaces"),
        (dave().email("dave"), "email", "is no address, such as \"dave@example.com\""),
        (dave().email("d@x.y").without("email"), "without", "leave one of the two out"),
        (dave().without("name"), "without", "`without` is for email, email_verified, phone_number_verified"),
        (
            dave().attribute("email_verified", "true").without("email_verified"),
            "without",
            "leave one of the two out",
        ),
        (dave().attribute("email_verified", "yes"), "attributes", "is true or false"),
        (dave().attribute("phone_number", "01632 960000"), "attributes", "\"+441632960000\""),
        (dave().attribute("birthdate", "31.12.1990"), "attributes", "\"1990-12-31\""),
        (dave().attribute("birthdate", "9999-99-99"), "attributes", "\"1990-12-31\""),
        (dave().attribute("birthdate", "1990-02-29"), "attributes", "\"1990-12-31\""),
        (dave().attribute("updated_at", "today"), "attributes", "1700000000"),
        (dave().attribute("updated_at", "+5"), "attributes", "1700000000"),
        (dave().attribute("updated_at", ""), "attributes", "1700000000"),
        (dave().email("dave@@example.com"), "email", "is no address"),
        (dave().attribute("cognito:roles", "x"), "attributes", "not an attribute: type roles = "),
        (
            dave().attribute("phone_number_verified", "true"),
            "attributes",
            "dave has no `phone_number`: leave",
        ),
        (
            dave().without("email").attribute("email_verified", "true"),
            "attributes",
            "dave has no `email`: leave `email_verified` out",
        ),
        (google("Google", "1").password("secret"), "password", "signs in at Google, not by a password"),
        (dave().attribute("cognito:groups", "x"), "attributes", "not an attribute: type groups = "),
        (
            dave().attribute("given-name", "x"),
            "attributes",
            "is none of Cognito's (did you mean `given_name`?)",
        ),
        (google("my_idp", "1"), "identities", "no `_`"),
        (google("Google", ""), "identities", "the user_id \"\" needs"),
        (google("Google", "1 2"), "identities", "no spaces"),
        (
            dave().identity(LocalIdentity::new("Google", "1").saml("x")),
            "identities",
            "leave provider_type out",
        ),
        (six, "identities", "has 6, and Cognito allows 5"),
    ] {
        let text = refusal(user).await;
        assert!(text.contains(&format!("`users[0].{key}`: ")) && text.contains(words), "{words}: {text}");
    }
}
