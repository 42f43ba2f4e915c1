//! An app whose routes list and end sessions, in a store that can be switched off.

use std::sync::Arc;
use std::time::Duration;

use figment::Figment;
use reqwest::Method;
use rocket::serde::json::Json;
use rocket::{Build, Rocket, State, get, post, routes};
use rocket_cognito::store::{MemoryStore, StoreError};
use rocket_cognito::{Clock, Cognito, CognitoUser, SessionInfo, Sessions, catchers};
use serde_json::Value;

use crate::support::agent::{Agent, Page, answer};
use crate::support::app::{App, CLIENT, Setup, with_routes};
use crate::support::gated_store::GatedStore;
use crate::support::server::Server;
use crate::support::{SAME_ORIGIN, free_port};

/// The cookie of a session that lies in a store.
pub const SID: &str = "cognito_sid";
pub const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0";

type Listed = Result<Json<Vec<SessionInfo>>, StoreError>;
type Ended = Result<String, StoreError>;

#[get("/sessions")]
async fn list(user: CognitoUser, sessions: Sessions) -> Listed {
    Ok(Json(sessions.of(user.sub()).await?))
}

#[post("/sessions/end?<id>")]
async fn end(user: CognitoUser, sessions: Sessions, id: &str) -> Ended {
    Ok(sessions.end(user.sub(), id).await?.to_string())
}

#[post("/sessions/end-others")]
async fn end_others(user: CognitoUser, sessions: Sessions) -> Ended {
    Ok(sessions.end_others(&user).await?.to_string())
}

#[post("/sessions/end-all")]
async fn end_all(user: CognitoUser, sessions: Sessions) -> Ended {
    Ok(sessions.end_all(user.sub()).await?.to_string())
}

#[get("/users/<sub>/sessions")]
async fn list_of(sub: &str, sessions: &State<Sessions>) -> Listed {
    Ok(Json(sessions.of(sub).await?))
}

#[post("/users/<sub>/end-sessions")]
async fn end_all_of(sub: &str, sessions: &State<Sessions>) -> Ended {
    Ok(sessions.end_all(sub).await?.to_string())
}

#[post("/handle/end-others")]
async fn end_others_by_handle(user: CognitoUser, sessions: &State<Sessions>) -> Ended {
    Ok(sessions.end_others(&user).await?.to_string())
}

#[get("/debug")]
async fn debug(user: CognitoUser, sessions: Sessions) -> Result<String, StoreError> {
    Ok(format!("{sessions:?} {:?}", sessions.of(user.sub()).await?))
}

#[get("/token")]
fn token(user: CognitoUser) -> String {
    user.access_token().unwrap_or_default().to_owned()
}

pub struct World {
    pub app: App,
    pub store: GatedStore,
    pub clock: Clock,
    figment: Figment,
}

fn build(rocket: Rocket<Build>, fairing: Cognito, clock: &Clock) -> Rocket<Build> {
    with_routes(rocket).manage(clock.clone()).attach(fairing).register("/", catchers()).mount(
        "/",
        routes![list, end, end_others, end_all, list_of, end_all_of, end_others_by_handle, debug, token],
    )
}

impl World {
    pub async fn start(setup: Setup) -> Self {
        World::start_with(setup, |rocket| rocket, |fairing| fairing).await
    }

    pub async fn start_with(
        setup: Setup,
        add: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
        hook: impl FnOnce(Cognito) -> Cognito,
    ) -> Self {
        let (clock, mut figment) = (Clock::default(), Figment::new());
        let store = GatedStore::new(Arc::new(MemoryStore::with_clock(&clock)));
        let fairing = hook(Cognito::fairing().session_store(store.clone()));
        let app = setup.start_with(|rocket| {
            figment = rocket.figment().clone();
            add(build(rocket, fairing, &clock))
        });
        World { app: app.await, store, clock, figment }
    }

    /// Another process of the same app, with some settings changed.
    pub async fn another(&self, change: impl FnOnce(Figment) -> Figment) -> Server {
        let figment = change(self.figment.clone().merge(("port", free_port())));
        let fairing = Cognito::fairing().session_store(self.store.clone());
        Server::start(figment, |rocket| build(rocket, fairing, &self.clock)).await
    }

    pub async fn get(&self, agent: &Agent, path: &str) -> Page {
        agent.get(&self.app.url(path)).await
    }

    pub async fn post(&self, agent: &Agent, path: &str) -> Page {
        agent.post(&self.app.url(path), &SAME_ORIGIN, &[]).await
    }

    pub async fn sub(&self, agent: &Agent) -> String {
        json_of(&self.get(agent, "/me").await)["sub"].as_str().unwrap().to_owned()
    }

    pub async fn list(&self, agent: &Agent) -> Vec<Value> {
        json_of(&self.get(agent, "/sessions").await).as_array().unwrap().clone()
    }

    /// The id of the agent's own session.
    pub async fn id(&self, agent: &Agent) -> String {
        let list = self.list(agent).await;
        let own: Vec<_> = list.iter().filter(|session| session["is_current"] == true).collect();
        assert_eq!(own.len(), 1, "{list:?}");
        own[0]["id"].as_str().unwrap().to_owned()
    }

    /// Signs in with a browser that names itself so.
    pub async fn signed_in_by(&self, user_agent: &str) -> Agent {
        let agent = Agent::new();
        let callback = self.app.begin(&agent, "/me").await;
        let page = agent.send(Method::GET, &callback, &[("user-agent", user_agent)], None).await;
        assert_eq!(page.status, 303, "{}", page.body);
        agent
    }

    /// Sends a request of alice with a bearer token of hers.
    pub async fn by_bearer(&self, method: Method, path: &str) -> Page {
        let token = self.app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        send_with_token(&self.app.url(path), method, &token).await
    }

    /// The access token of the agent's session.
    pub async fn token(&self, agent: &Agent) -> String {
        self.get(agent, "/token").await.body
    }

    /// Whether the pool itself accepts an access token, as it does until it has revoked the refresh token beside it.
    pub async fn pool_accepts(&self, token: &str) -> bool {
        let url = format!("{}/oauth2/userInfo", self.app.pool.base_url());
        send_with_token(&url, Method::GET, token).await.status == 200
    }

    /// Holds that the sessions of these agents have ended, and those of the others have not.
    pub async fn assert_ended<'a>(
        &self,
        ended: impl IntoIterator<Item = &'a Agent>,
        others: impl IntoIterator<Item = &'a Agent>,
    ) {
        for agent in ended {
            let page = self.get(agent, "/me").await;
            assert_eq!((answer(&page), page.set_cookies()), ((401, "session_expired".into()), vec![]));
        }
        for agent in others {
            assert_eq!(answer(&self.get(agent, "/me").await).0, 200);
        }
    }

    /// Returns when the pool has been asked to revoke so many tokens, which happens in the background.
    pub async fn revoked(&self, count: u64) {
        comes_to_pass(async || self.app.revocations() >= count).await;
        assert_eq!(self.app.revocations(), count);
    }
}

pub async fn send_with_token(url: &str, method: Method, token: &str) -> Page {
    Agent::new().send(method, url, &[("authorization", &format!("Bearer {token}"))], None).await
}

pub fn json_of(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}: {}", page.status, page.body))
}

#[track_caller]
pub fn assert_says(page: &Page, body: &str) {
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, body));
}

pub async fn comes_to_pass(has_happened: impl AsyncFn() -> bool) {
    let waiting = async {
        while !has_happened().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it happens");
}
