//! By what names people sign in.

use figment::Figment;
use figment::providers::{Format, Toml};
use rocket_cognito::local_pool::{LocalIdentity, LocalPool, LocalPoolConfig, LocalUser};
use serde_json::json;

use crate::browser::*;

async fn pool_of(config: LocalPoolConfig) -> LocalPool {
    LocalPool::start(config).await.unwrap()
}

/// The username of whom the password form signs in by this name.
async fn username_by(pool: &LocalPool, name: &str) -> Option<String> {
    let browser = Browser::of(pool);
    let form = [("username", name), ("password", "Passw0rd!")];
    let response = browser.post(browser.url("/login", &authorize("shop")), &form).send().await.unwrap();
    if response.status() == 401 {
        return None;
    }
    let code = parameter(&response, "code").unwrap();
    let (_, tokens) = browser.token(&redeem(&code)[..3]).await;
    let access = part(tokens["access_token"].as_str().unwrap(), 1);
    access["username"].as_str().map(str::to_owned)
}

async fn refusal(config: LocalPoolConfig) -> String {
    LocalPool::start(config).await.unwrap_err().to_string()
}

async fn page(pool: &LocalPool) -> String {
    Browser::of(pool).get("/login", &authorize("shop")).await.text().await.unwrap()
}

#[rocket::async_test]
async fn people_sign_in_by_address_or_number_and_have_a_uuid_as_username() {
    let config = config()
        .username_attributes(["email", "phone_number"])
        .user(LocalUser::new("dave@example.com").attribute("email_verified", "false").group("staff"))
        .user(LocalUser::new("+441632960000"))
        .user(LocalUser::new("erin@example.com").with_sub("erins-sub"));
    let pool = pool_of(config).await;
    assert_eq!(pool.usernames(), ["dave@example.com", "+441632960000", "erin@example.com"]);
    let username = username_by(&pool, "dave@example.com").await.unwrap();
    let tokens = pool.sign_in("dave@example.com", "shop").unwrap();
    let (access, id) = (part(&tokens.access_token, 1), part(&tokens.id_token, 1));
    assert_eq!((username.len(), username.split('-').count()), (36, 5), "{username}");
    for name in [&access["username"], &access["sub"], &id["cognito:username"], &id["sub"]] {
        assert_eq!(*name, username);
    }
    assert_eq!((&id["email"], &id["email_verified"]), (&json!("dave@example.com"), &json!(false)));
    assert_eq!(username_by(&pool, &username).await.as_ref(), Some(&username), "it works as a name, too");

    assert_ne!(username_by(&pool, "+441632960000").await, None);
    let id = part(&pool.sign_in("+441632960000", "shop").unwrap().id_token, 1);
    assert_eq!((&id["phone_number"], id.get("email")), (&json!("+441632960000"), None));
    assert_eq!(username_by(&pool, "erin@example.com").await.as_deref(), Some("erins-sub"));
    assert_eq!(username_by(&pool, "DAVE@example.com").await, None, "case counts here");

    let page = page(&pool).await;
    assert!(page.contains(">E-mail or phone number</label>"), "{page}");
    assert!(page.contains("</span>dave@example.com</span>"), "{page}");
    pool.set_groups("dave@example.com", ["admin"]).unwrap();
    pool.set_attribute("dave@example.com", "email", "dave@new.example").unwrap();
    assert_eq!(username_by(&pool, "dave@example.com").await, None);
    assert_eq!(username_by(&pool, "dave@new.example").await, Some(username));
}

#[rocket::async_test]
async fn alice_bob_and_carol_have_the_names_that_the_pool_asks_for() {
    for (attributes, names) in [
        (vec![], ["alice", "bob", "carol"]),
        (vec!["email"], ["alice@example.com", "bob@example.com", "carol@example.com"]),
        (vec!["phone_number"], ["+441632960001", "+441632960002", "+441632960003"]),
    ] {
        let pool = pool_of(config().username_attributes(attributes)).await;
        assert_eq!(pool.usernames(), names);
        let access = part(&pool.sign_in(names[0], "shop").unwrap().access_token, 1);
        assert_eq!(access["cognito:groups"], json!(["admin"]));
    }
}

#[rocket::async_test]
async fn an_alias_leads_to_its_user_once_it_is_verified() {
    let dave = LocalUser::new("dave").attribute("phone_number", "+441632960000");
    let config = config()
        .alias_attributes(["email", "phone_number", "preferred_username"])
        .user(dave.attribute("phone_number_verified", "false").attribute("preferred_username", "d4ve"))
        .user(LocalUser::new("erin").email("dave@example.com").attribute("email_verified", "false"));
    let pool = pool_of(config).await;
    for name in ["dave", "dave@example.com", "d4ve"] {
        assert_eq!(username_by(&pool, name).await.as_deref(), Some("dave"), "{name}");
    }
    assert_eq!(username_by(&pool, "+441632960000").await, None);
    pool.set_attribute("dave", "phone_number_verified", "true").unwrap();
    assert_eq!(username_by(&pool, "+441632960000").await.as_deref(), Some("dave"));
    assert!(page(&pool).await.contains(">Username, e-mail or phone number</label>"));

    let error = pool.set_attribute("erin", "email_verified", "true").unwrap_err().to_string();
    assert!(error.contains("\"dave@example.com\" is another user's"), "{error}");
    assert_eq!(username_by(&pool, "dave@example.com").await.as_deref(), Some("dave"));
}

#[rocket::async_test]
async fn a_user_whose_alias_is_their_username_starts() {
    let dave = || LocalUser::new("dave").attribute("preferred_username", "dave");
    let config = || config().alias_attributes(["preferred_username"]);
    let pool = pool_of(config().user(dave())).await;
    assert_eq!(username_by(&pool, "dave").await.as_deref(), Some("dave"));
    let text = refusal(config().user(dave()).user(LocalUser::new("dave"))).await;
    assert!(text.contains("`users[1].username`: \"dave\" is given twice"), "{text}");
    let text = refusal(config().user(LocalUser::new("dave")).user(dave())).await;
    assert!(text.contains("`users[1].username`") && !text.contains("`users[0]"), "{text}");
}

#[rocket::async_test]
async fn a_given_sub_leads_to_nobody_elses_address() {
    let config = || config().username_attributes(["email"]).case_sensitive(false);
    let dave = || LocalUser::new("dave@x.y");
    let erin = || LocalUser::new("erin@x.y").with_sub("Dave@x.y");
    for (users, key) in [([dave(), erin()], "users[1].sub"), ([erin(), dave()], "users[1].username")] {
        let text = refusal(users.into_iter().fold(config(), LocalPoolConfig::user)).await;
        assert!(text.contains(&format!("`{key}`: \"dave@x.y\" is given twice")), "{text}");
    }
    let pool = pool_of(config().user(dave())).await;
    let error = pool.add_user(erin()).unwrap_err().to_string();
    assert!(error.contains("the sub \"Dave@x.y\" is another user's, dave@x.y"), "{error}");
}

#[rocket::async_test]
async fn an_address_that_somebody_has_left_is_free_again() {
    let pool = pool_of(config().username_attributes(["email"]).user(LocalUser::new("dave@x.y"))).await;
    let dave = username_by(&pool, "dave@x.y").await.unwrap();
    pool.set_attribute("dave@x.y", "email", "dave@new.example").unwrap();
    pool.add_user(LocalUser::new("dave@x.y")).unwrap();
    let other = username_by(&pool, "dave@x.y").await.unwrap();
    assert_ne!(other, dave);
    assert_eq!(username_by(&pool, "dave@new.example").await.as_ref(), Some(&dave));
    let error = pool.add_user(LocalUser::new("erin@x.y").with_sub(&dave)).unwrap_err().to_string();
    assert!(error.contains(&format!("the sub \"{dave}\" is another user's, dave@new.example")), "{error}");

    // The sub that follows from a name may be given to somebody else.
    let pool =
        pool_of(config().user(LocalUser::new("erin").with_sub(&dave)).user(LocalUser::new("dave@x.y")));
    let pool = pool.await;
    let sub = |name| part(&pool.sign_in(name, "shop").unwrap().access_token, 1)["sub"].clone();
    assert_eq!(sub("erin"), dave.as_str());
    assert_ne!(sub("dave@x.y"), dave.as_str());
}

#[rocket::async_test]
async fn a_doubled_name_is_reported_at_the_key_where_it_was_typed() {
    let pool = || LocalPoolConfig::default().port(0);
    let by_number = pool().username_attributes(["phone_number"]);
    let with_alias = || pool().alias_attributes(["email"]);
    for (config, key) in [
        (by_number.user(LocalUser::new("+4416")).user(LocalUser::new("+4416")), "users[1].username"),
        (
            with_alias().user(LocalUser::new("a").email("b@example.com")).user(LocalUser::new("b")),
            "users[1].username",
        ),
        (
            with_alias().user(LocalUser::new("b")).user(LocalUser::new("a").email("b@example.com")),
            "users[1].email",
        ),
        (pool().user(google()).user(google()), "users[1].identities"),
    ] {
        let text = refusal(config).await;
        assert!(text.contains(&format!("`{key}`: ")) && text.matches("twice").count() == 1, "{text}");
    }
}

#[rocket::async_test]
async fn a_federated_user_in_other_capitals_does_not_become_one_with_a_password() {
    let config = || config().case_sensitive(false);
    let google = || LocalUser::new("google_1234").identity(LocalIdentity::new("Google", "1234"));
    let toml = "case_sensitive = false\n[[users]]\nusername = \"google_1234\"\n\
        identities = [{ provider = \"Google\", user_id = \"1234\" }]\n\
        [[clients]]\nclient_id = \"spa\"\ncallback_urls = [\"http://localhost:8000/auth/callback\"]";
    let toml = Figment::from(Toml::string(toml)).extract::<LocalPoolConfig>().unwrap().port(0);
    let added = pool_of(config()).await;
    added.add_user(google()).unwrap();
    for pool in [pool_of(toml).await, pool_of(config().user(google())).await, added] {
        let tokens = pool.sign_in("google_1234", "spa").unwrap();
        let (access, id) = (part(&tokens.access_token, 1), part(&tokens.id_token, 1));
        assert_eq!(access["username"], "google_1234");
        assert_eq!(access["cognito:groups"], json!(["eu-west-1_LocalPool_Google"]));
        assert_eq!(id["identities"][0]["primary"], "true");
        let form = [("username", "google_1234"), ("password", "Passw0rd!")];
        let browser = Browser::of(&pool);
        let form = browser.post(browser.url("/login", &authorize("spa")), &form).send().await.unwrap();
        assert_eq!(form.status(), 401, "no password");
    }
}

#[rocket::async_test]
async fn two_equal_identities_of_one_user_are_reported() {
    let google = |id| LocalIdentity::new("Google", id);
    let pool = start().await;
    for (user, words) in [
        (
            LocalUser::new("dave").identity(google("1")).identity(google("1")),
            "dave has \"1\" of Google twice",
        ),
        (LocalUser::federated(google("1")).identity(google("1")), "Google_1 has \"1\" of Google twice"),
        (
            LocalUser::new("Google_2").identity(google("1")).identity(google("2")),
            "Google_2 is \"2\" of Google: put this identity first",
        ),
    ] {
        let text = refusal(config().user(user.clone())).await;
        assert!(text.contains(&format!("`users[0].identities`: {words}")), "{text}");
        let text = pool.add_user(user).unwrap_err().to_string();
        assert!(text.contains(&format!("`identities`: {words}")), "{text}");
    }
}

#[rocket::async_test]
async fn without_aliases_an_address_is_no_name() {
    let pool = start().await;
    assert_eq!(username_by(&pool, "alice@example.com").await, None);
    assert_eq!(username_by(&pool, "ALICE").await, None);
    assert!(page(&pool).await.contains(">Username</label>"));
}

#[rocket::async_test]
async fn capitals_and_small_letters_are_the_same_where_case_does_not_count() {
    let google = LocalUser::federated(LocalIdentity::new("Google", "AbC"));
    let config = config().alias_attributes(["email"]).case_sensitive(false).user(LocalUser::new("Dave"));
    let pool = pool_of(config.user(google)).await;
    for name in ["Dave", "dave", "DAVE", "dave@EXAMPLE.com"] {
        assert_eq!(username_by(&pool, name).await.as_deref(), Some("Dave"), "{name}");
    }
    pool.set_groups("dave", ["admin"]).unwrap();
    let error = pool.add_user(LocalUser::new("dAVE")).unwrap_err().to_string();
    assert!(error.contains("\"dave\" is another user's"), "{error}");

    let tokens = pool.sign_in("Google_AbC", "shop").unwrap();
    let (access, id) = (part(&tokens.access_token, 1), part(&tokens.id_token, 1));
    assert_eq!(access["username"], "google_abc", "as measured at Cognito");
    assert_eq!(access["cognito:groups"], json!(["eu-west-1_LocalPool_Google"]));
    assert_eq!(id["identities"][0]["userId"], "AbC");
}

#[rocket::async_test]
async fn names_that_cognito_would_refuse_do_not_start() {
    let pool = || LocalPoolConfig::default().port(0);
    let user = |name: &str| LocalUser::new(name);
    let by_address = || pool().username_attributes(["email"]);
    let with_alias = || pool().alias_attributes(["email", "phone_number"]);
    let same_number = |name: &str| user(name).attribute("phone_number", "+441632960000");
    for (config, key, words) in [
        (by_address().user(user("dave")), "users[0].username", "\"dave@example.com\""),
        (by_address().user(user("+441632960000")), "users[0].username", "which is email"),
        (by_address().user(user("d@x.y").email("e@x.y")), "users[0].email", "leave `email` out"),
        (by_address().user(user("d@x.y")).user(user("d@x.y")), "users[1].username", "given twice"),
        (by_address().alias_attributes(["email"]), "alias_attributes", "leave one of the two out"),
        (pool().username_attributes(["name"]), "username_attributes", "email, phone_number"),
        (pool().alias_attributes(["sub"]), "alias_attributes", "preferred_username"),
        (with_alias().user(user("d@x.y")), "users[0].username", "no username at Cognito"),
        (with_alias().user(user("+4416")), "users[0].username", "no username at Cognito"),
        (
            with_alias().user(user("a").email("d@x.y")).user(user("b").email("d@x.y")),
            "users[1].email",
            "twice",
        ),
        (with_alias().user(same_number("a")).user(same_number("b")), "users[1].attributes", "twice"),
        (pool().user(user("a").with_sub("s")).user(user("b").with_sub("s")), "users[1].sub", "twice"),
        (pool().user(google()).user(user("a").identity(identity())), "users[1].identities", "twice"),
        (pool().case_sensitive(false).user(user("a")).user(user("A")), "users[1].username", "twice"),
    ] {
        let text = refusal(config).await;
        assert!(text.contains(&format!("`{key}`: ")) && text.contains(words), "{words}: {text}");
    }
    // The same address is nobody's name here.
    drop(pool_of(pool().user(user("a").email("d@x.y")).user(user("b").email("d@x.y"))).await);
    drop(pool_of(by_address().user(user("1234@example.com")).user(google())).await);
}

/// With an address that somebody of the pool may have as well.
fn google() -> LocalUser {
    LocalUser::federated(identity())
}

fn identity() -> LocalIdentity {
    LocalIdentity::new("Google", "1234")
}
