//! The file `state`: what a pool that starts again goes on with.

use std::fs;
use std::path::{Path, PathBuf};

use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTrigger, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;
use crate::support::free_port;

/// A folder that is gone with this value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let name = format!("cognito-state-{}-{:032x}", std::process::id(), rand::random::<u128>());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A pool with its state here, at a port of its own.
    pub fn config(&self) -> LocalPoolConfig {
        config().state(self.path("pool.json"))
    }

    /// What the file says.
    pub fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("pool.json")).unwrap()).unwrap()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Waits until the file says this.
async fn says(path: &Path, text: &str) {
    let said = async {
        while !fs::read_to_string(path).unwrap().contains(text) {
            rocket::tokio::task::yield_now().await;
        }
    };
    in_time(said).await;
}

/// The claims of somebody's ID token.
fn claims(pool: &LocalPool, username: &str) -> Value {
    part(&pool.sign_in(username, "shop").unwrap().id_token, 1)
}

#[rocket::async_test]
async fn without_the_setting_everything_ends_with_the_pool_and_with_it_users_and_their_changes_stay() {
    let folder = Folder::new();
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let configured = || folder.config().client(worker.clone());
    let pool = LocalPool::start(configured()).await.unwrap();
    let of_alice = claims(&pool, "alice")["sub"].clone();
    pool.add_user(LocalUser::new("erin").password("erins-own").attribute("name", "Erin")).unwrap();
    pool.set_groups("alice", ["editor"]).unwrap();
    pool.set_attribute("alice", "custom:team", "blue").unwrap();
    pool.set_trigger("alice", LocalTrigger::new().id_claim("beta", json!([1]))).unwrap();
    pool.set_machine_trigger("worker", LocalTrigger::new().access_claim("tenant", 7)).unwrap();
    pool.disable_user("bob").unwrap();
    pool.remove_user("carol").unwrap();
    pool.stop().await;

    let pool = LocalPool::start(configured()).await.unwrap();
    assert_eq!(pool.usernames(), ["alice", "bob", "erin"]);
    let alice = claims(&pool, "alice");
    assert_eq!((&alice["sub"], &alice["cognito:groups"]), (&of_alice, &json!(["editor"])));
    assert_eq!((&alice["custom:team"], &alice["beta"]), (&json!("blue"), &json!([1])));
    assert_eq!(part(&pool.machine_token("worker").unwrap(), 1)["tenant"], 7);
    assert!(pool.sign_in("bob", "shop").is_none(), "disabled");
    let browser = Browser::of(&pool);
    for (username, password, status) in [
        ("erin", "erins-own", 302),
        ("erin", "Passw0rd!", 401),
        ("alice", "Passw0rd!", 302),
        ("bob", "Passw0rd!", 401),
    ] {
        let form = [("username", username), ("password", password)];
        let answer = browser.post(browser.url("/login", &authorize("shop")), &form).send().await.unwrap();
        assert_eq!(answer.status(), status, "{username}");
    }
    pool.add_user(LocalUser::new("carol")).unwrap();
    assert_ne!(
        claims(&pool, "carol")["sub"],
        claims(&LocalPool::start(config()).await.unwrap(), "carol")["sub"]
    );
    // What is dropped is written as what is stopped.
    drop(pool);
    let pool = LocalPool::start(configured()).await.unwrap();
    assert_eq!(pool.usernames(), ["alice", "bob", "erin", "carol"]);

    assert_eq!(LocalPool::start(config()).await.unwrap().usernames(), ["alice", "bob", "carol"]);
}

#[rocket::async_test]
async fn sessions_refresh_tokens_revocations_and_keys_outlive_a_restart() {
    let folder = Folder::new();
    let configured = || folder.config().port(free_port()).refresh_token_rotation(true);
    let configured = configured();
    let pool = LocalPool::start(configured.clone()).await.unwrap();
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let (_, tokens) = browser.token(&redeem(&code)).await;
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let replaced = text(&tokens, "refresh_token");
    let (_, tokens) = browser.refresh(&replaced).await;
    let revoked = pool.sign_in("bob", "shop").unwrap();
    browser.revoke(&revoked.refresh_token).await;
    pool.rotate_keys();
    let keys = jwks(&browser, &pool).await;
    pool.stop().await;

    let pool = LocalPool::start(configured).await.unwrap();
    assert_eq!(jwks(&browser, &pool).await, keys);
    let user_info = async |token: &str| {
        browser
            .get_url(browser.url("/oauth2/userInfo", &[]))
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(user_info(&text(&tokens, "access_token")).await, 200);
    assert_eq!(user_info(&revoked.access_token).await, 401);
    let again = browser.get("/oauth2/authorize", &authorize("shop")).await;
    assert!(parameter(&again, "code").is_some(), "the browser is known");
    assert_eq!(browser.refresh(&replaced).await, invalid_grant());
    assert_eq!(browser.refresh(&text(&tokens, "refresh_token")).await.0, 200);
    // By its name of before the restart, the replaced one ends the whole session.
    let last = pool.sign_in("alice", "shop").unwrap().refresh_token;
    browser.revoke(&replaced).await;
    assert_eq!(browser.refresh(&last).await.0, 200);
    assert_eq!(user_info(&text(&tokens, "access_token")).await, 401);
}

#[rocket::async_test]
async fn what_has_expired_while_the_pool_was_off_has_expired() {
    let folder = Folder::new();
    let pool = LocalPool::start(folder.config()).await.unwrap();
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    pool.stop().await;
    let mut state = folder.state();
    let entry = &mut state["content"]["refresh_tokens"][0];
    let ends = entry["ends"].as_u64().unwrap();
    let thirty_days = 30 * 86_400_000;
    (entry["expires"], entry["ends"]) = ((ends - thirty_days).into(), (ends - thirty_days).into());
    fs::write(folder.path("pool.json"), state.to_string()).unwrap();
    let pool = LocalPool::start(folder.config()).await.unwrap();
    assert_eq!(Browser::of(&pool).refresh(&token).await, invalid_grant());
}

#[rocket::async_test]
async fn the_file_is_its_owners_and_has_no_password_and_no_token() {
    let folder = Folder::new();
    let pool =
        LocalPool::start(folder.config().user(LocalUser::new("dave").password("daves-own"))).await.unwrap();
    let mut browser = Browser::of(&pool);
    let form = [("username", "dave"), ("password", "daves-own")];
    let answer = browser.post(browser.url("/login", &authorize("shop")), &form).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let session = browser.cookie.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
    let tokens = pool.sign_in("dave", "shop").unwrap();
    pool.stop().await;

    assert_eq!(folder.names(), ["pool.json", "pool.json.lock"]);
    let text = folder.state().to_string();
    assert!(
        text.contains("\"dave\"") && folder.state()["content"]["sessions"][0]["value"]["username"] == "dave"
    );
    for secret in ["daves-own", SECRET, &session, &tokens.refresh_token, &tokens.access_token] {
        assert!(!text.contains(secret), "{secret}");
    }
    #[cfg(unix)]
    for name in folder.names() {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[rocket::async_test]
async fn a_change_is_written_soon_and_without_a_stop() {
    let folder = Folder::new();
    let path = folder.path("pool.json");
    let pool = LocalPool::start(folder.config()).await.unwrap();
    assert!(path.exists(), "with the keys, from the start");
    pool.add_user(LocalUser::new("erin")).unwrap();
    says(&path, "erin").await;
    let before = fs::read(&path).unwrap();
    // A request that changes nothing is no reason to write.
    assert_eq!(Browser::of(&pool).get("/oauth2/authorize", &authorize("shop")).await.status(), 302);
    pool.stop().await;
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// None of them waits for another to be written.
#[rocket::async_test]
async fn each_kind_of_change_is_written_by_itself() {
    let folder = Folder::new();
    let path = folder.path("pool.json");
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let config = folder.config().client(worker).refresh_token_rotation(true);
    let pool = LocalPool::start(config).await.unwrap();
    let mut browser = Browser::of(&pool);
    let mut before = fs::read(&path).unwrap();
    let mut token = String::new();
    for change in [
        "add_user",
        "set_groups",
        "remove_user",
        "trigger",
        "rotate_keys",
        "forget_old_keys",
        "token",
        "refresh",
        "revoke",
        "sign in",
        "sign out",
    ] {
        match change {
            "add_user" => pool.add_user(LocalUser::new("erin")).unwrap(),
            "set_groups" => pool.set_groups("alice", ["editor"]).unwrap(),
            "remove_user" => pool.remove_user("erin").unwrap(),
            "trigger" => {
                let trigger = LocalTrigger::new().access_claim("tenant", 7);
                pool.set_machine_trigger("worker", trigger).unwrap();
            }
            "rotate_keys" => pool.rotate_keys(),
            "forget_old_keys" => pool.forget_old_keys(),
            "token" => token = pool.sign_in("alice", "shop").unwrap().refresh_token,
            "refresh" => assert_eq!(browser.refresh(&token).await.0, 200),
            "revoke" => browser.revoke(&token).await,
            "sign in" => drop(browser.code("alice").await),
            _ => {
                let parameters = [("client_id", "shop"), ("logout_uri", LOGOUT)];
                assert_eq!(browser.get("/logout", &parameters).await.status(), 302);
            }
        }
        let written = async {
            while fs::read(&path).unwrap() == before {
                rocket::tokio::task::yield_now().await;
            }
        };
        println!("{change}");
        in_time(written).await;
        before = fs::read(&path).unwrap();
    }
    let state = folder.state();
    assert_eq!(state["content"]["sessions"], json!([]));
    assert_eq!(state["content"]["refresh_tokens"], json!([]));
    assert_eq!(state["content"]["revoked_sign_ins"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[rocket::async_test]
async fn a_link_to_the_file_stays_one() {
    let folder = Folder::new();
    LocalPool::start(folder.config()).await.unwrap().stop().await;
    let link = folder.path("link.json");
    std::os::unix::fs::symlink(folder.path("pool.json"), &link).unwrap();
    let pool = LocalPool::start(config().state(&link)).await.unwrap();
    pool.add_user(LocalUser::new("erin")).unwrap();
    let other = LocalPool::start(folder.config()).await.unwrap_err().to_string();
    assert!(other.contains("in use"), "{other}");
    pool.stop().await;
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(folder.state().to_string().contains("erin"));
}
