//! A client secret in a file that is replaced while people are signed in.

use super::world::{EXPIRED, World, assert_waits, rotating, setup};
use crate::support::agent::answer;
use crate::support::app::{SECRET, SECRET_KEY};
use crate::support::kind::{Kind, each_kind};
use crate::support::log::lines_with;
use crate::support::secret_file::SecretFile;

const DEAD: &str = "a-secret-that-was-deleted";

async fn start(kind: Kind, file: &SecretFile) -> World {
    World::start(kind, rotating(0).set("client_secret", "").set("client_secret_file", file.text())).await
}

each_kind!(a_secret_that_rotates_in_refreshes_sessions_and_the_log_says_so_without_it);
async fn a_secret_that_rotates_in_refreshes_sessions_and_the_log_says_so_without_it(kind: Kind) {
    let mut file = SecretFile::new(format!("{DEAD}\n"));
    let world = start(kind, &file).await;
    let agents = ["alice", "alice"].map(|name| world.session(name));
    world.advance(EXPIRED);
    file.write(format!("{SECRET}\n"));
    for (agent, calls) in agents.iter().zip([2, 1]) {
        let before = world.calls();
        assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()));
        assert_eq!(world.calls() - before, calls);
    }
    let said = format!(
        "cognito_client_secret_read: the pool refused the client secret that was read before; the file of \
                        `client_secret_file`, \"{}\"",
        file.text()
    );
    assert_eq!(lines_with(&said), 1);
    assert_eq!(lines_with(DEAD) + lines_with(SECRET), 0);
}

each_kind!(the_log_names_the_line_of_a_dead_secret);
async fn the_log_names_the_line_of_a_dead_secret(kind: Kind) {
    let mut file = SecretFile::new(format!("{DEAD}\n{SECRET}"));
    let world = start(kind, &file).await;
    let agents = ["alice", "bob"].map(|name| world.session(name));
    world.advance(EXPIRED);
    file.write(format!("{SECRET}\n{DEAD}"));
    for agent in &agents {
        assert_eq!(answer(&world.get(agent, "/me").await), (200, String::new()));
    }
    assert!(lines_with("cognito_client_secret_refused: the pool refuses the secret in the second line") > 0);
    assert_eq!(lines_with(DEAD), 0);
}

each_kind!(a_file_that_is_gone_is_reported_and_ends_no_session);
async fn a_file_that_is_gone_is_reported_and_ends_no_session(kind: Kind) {
    let mut file = SecretFile::new(DEAD);
    let world = start(kind, &file).await;
    let agent = world.session("alice");
    world.advance(EXPIRED);
    file.remove();
    assert_waits(&world.get(&agent, "/me").await, "without the file");
    assert!(
        lines_with(
            "cognito_client_secret_file_unread: the pool refused the client secret, and no other was read"
        ) > 0
    );
    assert!(
        lines_with(
            "cognito_client_refused: >> check `client_id`, and write a secret of that app client into the file"
        ) > 0
    );
    file.write(SECRET);
    rocket::tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    world.advance(30);
    assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()));
}

each_kind!(keys_of_a_file_seal_and_open_as_those_of_the_settings);
async fn keys_of_a_file_seal_and_open_as_those_of_the_settings(kind: Kind) {
    const NEW_KEY: &str = "zyxwvutsrqponmlkjihgfedcba9876543210";
    let file = SecretFile::new(format!("{NEW_KEY}\n{SECRET_KEY}\n"));
    let setup = setup().set("secret_keys", "").set("secret_keys_file", file.text());
    let mut world = World::start(kind, setup).await;
    let agent = world.session("alice");
    world.expire(&agent);
    assert_eq!(world.get(&agent, "/me").await.status, 200, "the second key opens");
    world.sessions.secret_key = NEW_KEY.into();
    assert_eq!(world.record(&agent)["generation"], 1, "the first key seals");
}
