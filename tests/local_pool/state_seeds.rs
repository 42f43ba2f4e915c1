//! Users of the settings in a pool with a state file: seeds, which count until somebody changes what came of them.

use std::slice::from_ref;

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTrigger, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;
use crate::state::Folder;

async fn start(folder: &Folder, users: &[LocalUser]) -> LocalPool {
    let config = users.iter().fold(folder.config(), |config, user| config.user(user.clone()));
    LocalPool::start(config).await.unwrap()
}

/// `sub` and groups in the ID token.
fn facts(pool: &LocalPool, username: &str) -> (Value, Value) {
    let id = part(&pool.sign_in(username, "shop").unwrap().id_token, 1);
    (id["sub"].clone(), id["cognito:groups"].clone())
}

#[rocket::async_test]
async fn an_entry_counts_again_once_it_changes_and_sessions_go_on() {
    let folder = Folder::new();
    let dave = LocalUser::new("dave").group("staff");
    let pool = start(&folder, from_ref(&dave)).await;
    let (sub, _) = facts(&pool, "dave");
    let refresh_token = pool.sign_in("dave", "shop").unwrap().refresh_token;
    pool.set_groups("dave", ["editor"]).unwrap();
    pool.set_attribute("dave", "email", "dave@elsewhere.example").unwrap();
    pool.stop().await;

    let pool = start(&folder, from_ref(&dave)).await;
    assert_eq!(facts(&pool, "dave"), (sub.clone(), json!(["editor"])), "the file counts");
    pool.stop().await;

    // Each of these is a change; the password is one, too.
    for (entry, groups) in [
        (dave.clone().group("admin"), json!(["staff", "admin"])),
        (dave.clone().password("daves-own"), json!(["staff"])),
        (dave.clone().trigger(LocalTrigger::new().id_claim("beta", false)), json!(["staff"])),
    ] {
        let pool = start(&folder, from_ref(&entry)).await;
        assert_eq!(facts(&pool, "dave"), (sub.clone(), groups), "the entry counts");
        pool.set_groups("dave", ["editor"]).unwrap();
        pool.stop().await;
        let pool = start(&folder, &[entry]).await;
        assert_eq!(facts(&pool, "dave"), (sub.clone(), json!(["editor"])), "the file counts again");
        assert_eq!(Browser::of(&pool).refresh(&refresh_token).await.0, 200);
        pool.stop().await;
    }
}

#[rocket::async_test]
async fn a_removed_user_stays_removed_until_the_entry_changes() {
    let folder = Folder::new();
    let (dave, erin) = (LocalUser::new("dave"), LocalUser::new("erin"));
    let pool = start(&folder, &[dave.clone(), erin.clone()]).await;
    let (sub, _) = facts(&pool, "dave");
    let refresh_token = pool.sign_in("dave", "shop").unwrap().refresh_token;
    pool.remove_user("dave").unwrap();
    pool.stop().await;
    for _ in 0..2 {
        let pool = start(&folder, &[dave.clone(), erin.clone()]).await;
        assert_eq!(pool.usernames(), ["erin"]);
        pool.stop().await;
    }
    let pool = start(&folder, &[dave.group("staff"), erin]).await;
    let (new_sub, groups) = facts(&pool, "dave");
    assert_eq!(groups, json!(["staff"]));
    assert_ne!(new_sub, sub, "somebody else, as at Cognito");
    assert_eq!(Browser::of(&pool).refresh(&refresh_token).await, invalid_grant());
}

#[rocket::async_test]
async fn a_new_entry_takes_the_place_of_who_has_its_name_and_one_that_is_gone_leaves_its_user() {
    let folder = Folder::new();
    let by_alias = |config: LocalPoolConfig| config.alias_attributes(["email"]);
    let verified = |name: &str, email: &str| LocalUser::new(name).email(email);
    let dave = verified("dave", "dave@example.com");
    let pool = LocalPool::start(by_alias(folder.config()).user(dave.clone())).await.unwrap();
    let (sub_of_dave, _) = facts(&pool, "dave");
    pool.add_user(verified("erin", "erin@example.com").group("added")).unwrap();
    let (sub_of_erin, _) = facts(&pool, "erin");
    pool.set_attribute("dave", "email", "team@example.com").unwrap();
    pool.set_attribute("dave", "email_verified", "true").unwrap();
    pool.stop().await;

    // The new entry of erin counts; that of frank has an address that dave has got since.
    let erin = verified("erin", "erin@example.com").group("staff");
    let frank = verified("frank", "team@example.com");
    let config = by_alias(folder.config()).user(dave.clone()).user(erin).user(frank);
    let pool = LocalPool::start(config).await.unwrap();
    let mut usernames = pool.usernames();
    usernames.sort();
    assert_eq!(usernames, ["dave", "erin", "frank"]);
    assert_eq!(facts(&pool, "erin"), (sub_of_erin, json!(["staff"])));
    assert_eq!(facts(&pool, "team@example.com").0, facts(&pool, "frank").0);
    assert_eq!(facts(&pool, "dave@example.com").0, facts(&pool, "dave").0, "dave is as his entry says");
    assert_ne!(facts(&pool, "frank").0, sub_of_dave);
    pool.stop().await;

    let pool = LocalPool::start(by_alias(folder.config()).user(dave)).await.unwrap();
    assert_eq!(pool.usernames().len(), 3, "{:?}", pool.usernames());
}

#[rocket::async_test]
async fn users_who_sign_in_by_an_address_are_known_by_their_entry_when_it_changes() {
    let folder = Folder::new();
    let config = |user: LocalUser| folder.config().username_attributes(["email"]).user(user);
    let dave = LocalUser::new("dave@example.com");
    let pool = LocalPool::start(config(dave.clone())).await.unwrap();
    let (sub, _) = facts(&pool, "dave@example.com");
    pool.set_attribute("dave@example.com", "email", "david@example.com").unwrap();
    pool.stop().await;
    let pool = LocalPool::start(config(dave.clone())).await.unwrap();
    assert_eq!(pool.usernames(), ["david@example.com"]);
    pool.stop().await;
    let pool = LocalPool::start(config(dave.group("staff"))).await.unwrap();
    assert_eq!(pool.usernames(), ["dave@example.com"]);
    assert_eq!(facts(&pool, "dave@example.com"), (sub, json!(["staff"])));
}

#[rocket::async_test]
async fn a_machine_s_trigger_counts_again_once_its_settings_change() {
    let folder = Folder::new();
    let worker = |trigger: LocalTrigger| {
        let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
        folder.config().client(worker.trigger(trigger))
    };
    let tenant = |number: i32| LocalTrigger::new().access_claim("tenant", number);
    let of = |pool: &LocalPool| part(&pool.machine_token("worker").unwrap(), 1)["tenant"].clone();
    let pool = LocalPool::start(worker(tenant(1))).await.unwrap();
    pool.set_machine_trigger("worker", tenant(2)).unwrap();
    pool.stop().await;
    for (configured, counts) in [(1, 2), (3, 3)] {
        let pool = LocalPool::start(worker(tenant(configured))).await.unwrap();
        assert_eq!(of(&pool), counts);
        pool.stop().await;
    }
}
