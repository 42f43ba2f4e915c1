//! An app with users of its own, whom it loads by a request guard.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{Cognito, CognitoUser, LoadUser, catchers};
use tokio::sync::Semaphore;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, Setup};

/// The app's data: nicknames by user name, and how often they were asked for.
#[derive(Default)]
pub struct Database {
    nicknames: Mutex<BTreeMap<String, String>>,
    is_down: Mutex<bool>,
    lookups: AtomicUsize,
    /// Where there is one, lookups wait at it.
    pub gate: Mutex<Option<Arc<Semaphore>>>,
}

impl Database {
    pub fn insert(&self, username: &str, nickname: &str) {
        self.nicknames.lock().unwrap().insert(username.to_owned(), nickname.to_owned());
    }

    pub fn remove(&self, username: &str) {
        self.nicknames.lock().unwrap().remove(username).unwrap();
    }

    pub fn set_down(&self, is_down: bool) {
        *self.is_down.lock().unwrap() = is_down;
    }

    /// How often it was asked since the last time.
    pub fn lookups(&self) -> usize {
        self.lookups.swap(0, Ordering::SeqCst)
    }

    pub fn is_asked(&self) -> bool {
        self.lookups.load(Ordering::SeqCst) > 0
    }

    async fn nickname(&self, username: &str) -> AppResult<Option<String>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await?.forget();
        }
        if *self.is_down.lock().unwrap() {
            return Err("the database is down".into());
        }
        Ok(self.nicknames.lock().unwrap().get(username).cloned())
    }
}

/// A request guard of the app's own.
pub struct Connection<'r>(&'r Database);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Connection<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(Connection(request.rocket().state::<Arc<Database>>().unwrap()))
    }
}

pub struct Account {
    pub nickname: String,
    pub groups: String,
}

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(user: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
        let connection = request.guard::<Connection<'_>>().await.succeeded().ok_or("no connection")?;
        let nickname = connection.0.nickname(user.username()).await?;
        Ok(nickname.map(|nickname| Account { nickname, groups: user.groups().join(" ") }))
    }
}

/// Another type of users, whom the app knows all.
pub struct Visitor {
    pub name: String,
}

#[rocket::async_trait]
impl LoadUser for Visitor {
    async fn load(user: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        Ok(Some(Visitor { name: user.username().to_uppercase() }))
    }
}

pub struct World {
    pub app: App,
    pub database: Arc<Database>,
}

impl World {
    /// An app that knows alice and bob, but not carol.
    pub async fn start(build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        World::start_with(Setup::new(), build).await
    }

    pub async fn start_with(setup: Setup, build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let database = Arc::new(Database::default());
        database.insert("alice", "Al");
        database.insert("bob", "Bobby");
        let managed = Arc::clone(&database);
        let app = setup
            .start_with(|rocket| {
                build(rocket.attach(Cognito::fairing()).manage(managed)).register("/", catchers())
            })
            .await;
        World { app, database }
    }

    /// A browser in which `username` is signed in.
    pub fn session(&self, username: &str) -> Agent {
        self.app.session(username, crate::support::forge::now())
    }

    pub async fn get(&self, agent: &Agent, path: &str) -> Page {
        agent.get(&self.app.url(path)).await
    }

    /// Asks with an access token in the header.
    pub async fn get_as(&self, username: &str, path: &str) -> Page {
        let token = self.app.pool.sign_in(username, CLIENT).unwrap().access_token;
        let header = format!("Bearer {token}");
        let headers = [("authorization", header.as_str())];
        Agent::new().send(reqwest::Method::GET, &self.app.url(path), &headers, None).await
    }
}

/// Status and body.
pub fn answer(page: &Page) -> (u16, &str) {
    (page.status.as_u16(), &page.body)
}
