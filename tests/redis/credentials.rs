//! What an app signs in with at a real Redis, and how that changes while it runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use figment::Figment;
use rocket_cognito::Clock;
use rocket_cognito::store::{RedisStore, SessionStore, StoreCredentials};

use super::world::until_asked;
use crate::support::log;
use crate::support::redis::RedisServer;

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Gives the user `app` this password, and no other.
fn set_password(server: &RedisServer, password: &str) {
    server.run(&format!("ACL SETUSER app on resetpass >{password} ~* +@all"));
}

/// The numbers of the connections of the user `app`.
fn connections(server: &RedisServer) -> Vec<String> {
    let list = server.run("CLIENT LIST").text();
    let own = list.lines().filter(|line| line.contains(" user=app "));
    own.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// A password that changes, and how often it was asked for.
#[derive(Clone)]
struct Token {
    text: Arc<Mutex<Result<&'static str, &'static str>>>,
    asked: Arc<AtomicUsize>,
}

impl Token {
    fn new(text: &'static str) -> Self {
        Token { text: Arc::new(Mutex::new(Ok(text))), asked: Arc::default() }
    }

    fn set(&self, text: Result<&'static str, &'static str>) {
        *self.text.lock().unwrap() = text;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A store that signs in as `app` with it.
    fn store(&self, figment: &Figment) -> RedisStore {
        let token = self.clone();
        let store = RedisStore::from_figment(figment, &Clock::default()).unwrap();
        let ask = move || {
            token.asked.fetch_add(1, Ordering::SeqCst);
            let text = *token.text.lock().unwrap();
            async move { Ok(StoreCredentials::new("app", text?)) }
        };
        store.credentials(ask).unwrap()
    }
}

#[rocket::async_test]
async fn credentials_that_have_changed_at_the_server_are_asked_for_at_the_next_connect() {
    let Some(server) = RedisServer::start(&[]) else { return };
    set_password(&server, "one");
    let token = Token::new("one");
    let store = token.store(&server.settings());
    store.check().await.unwrap();
    assert_eq!(token.asked(), 1);

    set_password(&server, "two");
    token.set(Ok("two"));
    // An open connection stays signed in.
    store.check().await.unwrap();
    assert_eq!(token.asked(), 1);
    server.run("CLIENT KILL TYPE normal");
    until_asked("it signs in anew", async || store.check().await.is_ok()).await;
    assert!(token.asked() > 1);
}

#[tokio::test]
async fn credentials_are_asked_for_every_ten_minutes_and_a_new_connection_takes_the_place_of_the_old_one() {
    let Some(server) = RedisServer::start(&[]) else { return };
    set_password(&server, "one");
    let token = Token::new("one");
    let store = token.store(&server.settings());
    store.check().await.unwrap();
    let first = connections(&server);
    assert_eq!((token.asked(), first.len()), (1, 1));

    set_password(&server, "two");
    token.set(Ok("two"));
    pass(TEN_MINUTES).await;
    until_asked("there is another connection", async || {
        let present = connections(&server);
        present.len() == 1 && present != first
    })
    .await;
    assert_eq!(token.asked(), 2);
    store.check().await.unwrap();

    // What does not come leaves the connection as it is.
    let second = connections(&server);
    token.set(Err("no token service here"));
    pass(TEN_MINUTES).await;
    until_asked("it is asked", async || token.asked() == 3).await;
    store.check().await.unwrap();
    assert_eq!(connections(&server), second);
    until_asked("it is told", async || log::lines_with("no token service here") == 1).await;
    log::assert_said(
        "WARN: cognito_store_credentials_failed: there is no connection to the session store with new",
    );
}

/// Lets this time pass for the tasks of this test, at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time + Duration::from_millis(1)).await;
    tokio::time::resume();
}

/// The words of a failed check of a store whose credentials come from `ask`.
async fn told<F>(server: &RedisServer, ask: impl Fn() -> F + Send + Sync + 'static) -> String
where
    F: Future<Output = rocket_cognito::hooks::AppResult<StoreCredentials>> + Send + 'static,
{
    let store = RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap();
    store.credentials(ask).unwrap().check().await.unwrap_err().to_string()
}

#[rocket::async_test]
async fn credentials_that_do_not_come_are_told_without_what_may_be_secret_in_it() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let failed = "the session store is out of reach: `store_credentials` of the app's code failed: ";
    let said =
        told(&server, || async { Err("no role; token=c4nary-c4nary-c4nary-c4nary-c4nary".into()) }).await;
    assert_eq!(said, format!("{failed}\"no role; [redacted]\""));
    assert_eq!(told(&server, || async { panic!("of the app's") }).await, format!("{failed}it panicked"));
    fn panics() -> std::future::Ready<rocket_cognito::hooks::AppResult<StoreCredentials>> {
        panic!("of the app's")
    }
    assert_eq!(told(&server, panics).await, format!("{failed}it panicked"));
}

#[rocket::async_test]
async fn a_closure_that_fails_panics_or_hangs_is_asked_again() {
    let Some(server) = RedisServer::start(&[]) else { return };
    set_password(&server, "one");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let store = RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap();
    let ask = move || {
        let time = count.fetch_add(1, Ordering::SeqCst);
        async move {
            match time {
                0 => Err("not yet".into()),
                1 => panic!("of the app's"),
                2 => std::future::pending().await,
                _ => Ok(StoreCredentials::new("app", "one")),
            }
        }
    };
    let store = store.credentials(ask).unwrap();
    until_asked("it signs in", async || store.check().await.is_ok()).await;
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[rocket::async_test]
async fn a_password_in_a_file_is_read_at_each_connect() {
    let Some(server) = RedisServer::start(&["--requirepass", "one"]) else { return };
    let file = server.folder().join("password");
    std::fs::write(&file, "one\n").unwrap();
    let settings = server.settings().merge(("cognito.session_store_password_file", file.to_str().unwrap()));
    let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
    store.check().await.unwrap();

    server.run("CONFIG SET requirepass two");
    std::fs::write(&file, "two\n").unwrap();
    server.run("CLIENT KILL TYPE normal");
    until_asked("it signs in anew", async || store.check().await.is_ok()).await;
}
