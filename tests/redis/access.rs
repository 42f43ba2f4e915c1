//! The least that a user of the app has to be permitted, and what becomes of passwords.

use std::time::Duration;

use figment::Figment;
use rocket::futures::future::join_all;
use rocket::local::asynchronous::Client;
use rocket_cognito::store::suite::judge;
use rocket_cognito::store::{RedisStore, SessionAddress, SessionKey, SessionStore, UserKey};
use rocket_cognito::{Clock, Cognito};

use super::world::{World, assert_unavailable, setup};
use crate::support::agent::Agent;
use crate::support::app::SECRET_KEY;
use crate::support::forge::{JwksFile, Key};
use crate::support::redis::RedisServer;
use crate::support::redis_cluster::RedisCluster;
use crate::support::{self, figment, log};

/// What the guide for operators grants: the keys, and the commands about them. A connection needs no more: everybody may
/// send `HELLO` and `AUTH`.
const LEAST: [&str; 17] = [
    "~cognito:*",
    "+hmget",
    "+hgetall",
    "+evalsha",
    "+eval",
    "+set",
    "+get",
    "+time",
    "+hget",
    "+hset",
    "+hdel",
    "+hexists",
    "+hkeys",
    "+type",
    "+del",
    "+pttl",
    "+pexpire",
];
/// What the nodes of a Cluster need beside it.
const IN_A_CLUSTER: &str = "+cluster|slots";

const PASSWORD: &str = "s3cret-of-the-app";

/// Settings of a store whose user is permitted this and nothing else.
fn settings(server: &RedisServer, name: &str, permitted: &[&str]) -> Figment {
    server.run(&format!("ACL SETUSER {name} reset on >{PASSWORD} {}", permitted.join(" ")));
    figment()
        .merge(("cognito.session_store", server.address()))
        .merge(("cognito.session_store_username", name))
        .merge(("cognito.session_store_password", PASSWORD))
}

/// What the suite says of such a store.
async fn judged(settings: &Figment) -> Result<(), String> {
    let clock = Clock::default();
    let store = RedisStore::from_figment(settings, &clock).unwrap();
    judge(store, clock).await.map_err(|failures| failures.to_string())
}

/// What a sign-in says where something else lies at the place of its user's entry.
async fn replaced(server: &RedisServer, settings: &Figment) -> Result<(), String> {
    let store = RedisStore::from_figment(settings, &Clock::default()).unwrap();
    let at = SessionAddress { user: UserKey::new(rand::random()), session: SessionKey::new(rand::random()) };
    server.run(&format!("SET cognito:{} text", at.user));
    let created = store.create(&at, b"value", Duration::from_secs(60), 100).await;
    created.map(drop).map_err(|error| error.to_string())
}

#[rocket::async_test]
async fn a_store_keeps_each_sentence_of_the_suite_under_the_least_permissions() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let settings = settings(&server, "app", &LEAST);
    judged(&settings).await.unwrap();
    replaced(&server, &settings).await.unwrap();
}

#[test]
fn the_guide_grants_the_least_permissions() {
    let guide = std::fs::read_to_string(support::root().join("docs/redis.md")).unwrap();
    assert!(guide.contains(&format!(" {}\n", LEAST.join(" "))), "docs/redis.md grants: {}", LEAST.join(" "));
    assert!(guide.contains(IN_A_CLUSTER));
}

#[rocket::async_test]
async fn each_of_the_least_permissions_is_needed() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let assert_needed = async |left_out: &str| {
        let rest: Vec<_> = LEAST.iter().filter(|it| **it != left_out).copied().collect();
        let settings = settings(&server, &format!("without{left_out}"), &rest);
        let said = match left_out {
            "+del" => replaced(&server, &settings).await,
            _ => judged(&settings).await,
        };
        assert!(said.is_err_and(|said| said.contains("access control list")), "{left_out} is not needed");
    };
    // By this one alone a server learns the scripts.
    assert_needed("+eval").await;
    join_all(LEAST.iter().filter(|it| **it != "+eval").map(|left_out| assert_needed(left_out))).await;
}

#[rocket::async_test]
async fn a_cluster_needs_one_permission_more() {
    let Some(cluster) = RedisCluster::start() else { return };
    let judged = async |permitted: &[&str]| {
        let of_a_node = cluster.nodes.iter().map(|node| settings(node, "app", permitted));
        judged(&of_a_node.last().unwrap()).await
    };
    assert!(judged(&LEAST).await.is_err());
    judged(&[&LEAST[..], &[IN_A_CLUSTER]].concat()).await.unwrap();
}

/// O8: the password changes under an app that runs, and changes back; the log names the setting.
#[rocket::async_test]
async fn a_password_that_is_wrong_for_a_time_ends_no_session() {
    let Some(server) = RedisServer::start(&["--requirepass", PASSWORD]) else { return };
    let world = World::start(setup(server.address()).set("session_store_password", PASSWORD)).await;
    let agent = world.signed_in("alice").await;
    for _ in 0..10 {
        server.run("CONFIG SET requirepass another");
        // Who is connected stays signed in.
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        server.run("CLIENT KILL USER default");
        until_unavailable(&world, &agent).await;
        server.run(&format!("CONFIG SET requirepass {PASSWORD}"));
        assert_eq!(world.recovered(&agent, "the password is back").await.status, 200);
    }
}

/// Asks until the connection is seen to be lost.
async fn until_unavailable(world: &World, agent: &Agent) {
    let lost = async {
        loop {
            let page = world.get(agent, "/me").await;
            if page.status != 200 {
                return assert_unavailable(&page, "the password is another one");
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(15), lost).await.expect("a refusal");
}

/// O8: an operator reads which setting is wrong.
#[rocket::async_test]
async fn a_server_that_does_not_admit_the_app_has_the_log_name_the_setting() {
    let Some(server) = RedisServer::start(&["--requirepass", PASSWORD]) else { return };
    let (none, wrong) =
        (server.settings(), server.settings().merge(("cognito.session_store_password", "wrong")));
    let stranger = settings(&server, "app", &LEAST).merge(("cognito.session_store_username", "stranger"));
    let other_keys = settings(&server, "app", &LEAST).merge(("cognito.session_store_prefix", "shop:"));
    let keys = JwksFile::new(&[&Key::new("k")]);
    let app = support::settings(&keys.uri()).merge(("cognito.secret_keys", SECRET_KEY));
    for (settings, names) in [
        (none, ["the server requires a password", "`session_store_password`"]),
        (wrong, ["did not accept user name and password", "`session_store_password`"]),
        (stranger, ["did not accept user name and password", "`session_store_username`"]),
        (other_keys, ["does not permit this user a command or a key", "`session_store_prefix`"]),
    ] {
        let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
        let said = store.check().await.unwrap_err().to_string();
        assert!(names.iter().all(|name| said.contains(name)), "{said}");
        assert!(!said.contains(PASSWORD) && !said.contains("wrong"), "{said}");
        let app = app.clone().merge(&settings);
        Client::untracked(rocket::custom(app).attach(Cognito::fairing())).await.expect("it launches");
        log::assert_said(&said);
    }
}
