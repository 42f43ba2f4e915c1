//! Browsers with sessions that are begun without a sign-in. They are many, so they share their connections.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method};
use rocket_cognito::store::{SessionAddress, SessionStore, UserKey};
use serde_json::{Value, json};

use crate::site::Site;
use crate::support::agent::Agent;
use crate::support::app::{CLIENT, SECRET_KEY};
use crate::support::forge::now;
use crate::support::kind::SID;
use crate::support::sealing::{Seal, StoredSeal};
use crate::support::sessions::address;
use crate::support::{ACCESS, REFRESH};

const DAY: Duration = Duration::from_secs(86_400);

/// The cookies of one browser.
#[derive(Clone)]
pub struct Visitor {
    client: Client,
    pub cookies: BTreeMap<String, String>,
}

/// Status and code of an answer, and whether it has set cookies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub status: u16,
    pub code: String,
    pub has_cookies: bool,
}

impl Visitor {
    /// The place of the session in the store.
    pub fn address(&self) -> SessionAddress {
        let agent = Agent::new();
        agent.set_cookie(SID, &self.cookies[SID]);
        address(&agent)
    }

    /// Sends a request, and returns the cookies that the answer sets. An error where no answer comes.
    pub async fn ask(
        &self,
        method: Method,
        url: &str,
    ) -> reqwest::Result<(Answer, BTreeMap<String, String>)> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.client.request(method, url).header(COOKIE, cookies.join("; "));
        let response = request.header("sec-fetch-site", "same-origin").send().await?;
        let (status, mut set) = (response.status().as_u16(), BTreeMap::new());
        for header in response.headers().get_all(SET_COOKIE) {
            let (name, value) = header.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            set.insert(name.to_owned(), value.to_owned());
        }
        let body: Value = serde_json::from_str(&response.text().await?).unwrap_or_default();
        let code = body["error"].as_str().unwrap_or_default().to_owned();
        Ok((Answer { status, code, has_cookies: !set.is_empty() }, set))
    }

    /// Leaves the cookies as they are.
    pub async fn get(&self, url: &str) -> Answer {
        self.ask(Method::GET, url).await.expect("an answer").0
    }

    /// Keeps the cookies of the answer.
    pub async fn go(&mut self, method: Method, url: &str) -> Answer {
        let (answer, cookies) = self.ask(method, url).await.expect("an answer");
        self.cookies.extend(cookies);
        self.cookies.retain(|_, value| !value.is_empty());
        answer
    }
}

impl Site {
    /// The name of a user's entry in the store.
    pub async fn user_key(&self, username: &str) -> UserKey {
        let agent = Agent::new();
        agent.sign_in(&self.url("/me"), username).await;
        address(&agent).user
    }

    /// What is known of a new session.
    fn record(&self, username: &str) -> Value {
        let tokens = self.pool.sign_in(username, CLIENT).unwrap();
        let payload = URL_SAFE_NO_PAD.decode(tokens.access_token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        json!({
            "issuer": self.pool.issuer(), "client_id": CLIENT, "sub": claims["sub"],
            "session_id": URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()), "created_at": claims["iat"],
            "seen_at": claims["iat"], "generation": 0, "issued_at": claims["iat"], "access_token": tokens.access_token,
            "id_token": tokens.id_token, "refresh_token": tokens.refresh_token, "refresh_token_digest": null,
        })
    }

    pub fn visitor(&self, cookies: &[(&str, &str)]) -> Visitor {
        let cookies = cookies.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Visitor { client: self.client.clone(), cookies: cookies.collect() }
    }

    /// A session in cookies whose access token is gone.
    pub fn expired_in_cookies(&self, username: &str) -> Visitor {
        let mut record = self.record(username);
        record
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !["access_token", "id_token"].contains(&name.as_str()));
        self.visitor(&[(REFRESH, &Seal::new(SECRET_KEY, "refresh").seal(&record, now()))])
    }

    /// A session in the store whose access token is gone.
    pub async fn expired_in_store(&self, username: &str, user: UserKey) -> Visitor {
        self.begin_in_store(user, &without_access_token(self.record(username))).await
    }

    /// A session in the store whose access token is valid.
    pub async fn valid_in_store(&self, username: &str, user: UserKey) -> Visitor {
        self.begin_in_store(user, &self.record(username)).await
    }

    async fn begin_in_store(&self, user: UserKey, record: &Value) -> Visitor {
        let secret: [u8; 32] = rand::random();
        let [name, secret] = [user.as_bytes().as_slice(), &secret].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let visitor = self.visitor(&[(SID, &format!("1.{name}.{secret}"))]);
        let (at, seal) = (visitor.address(), StoredSeal::new(SECRET_KEY, &self.pool.issuer(), CLIENT));
        self.store.create(&at, &seal.seal(&at, 1, record), DAY, usize::MAX).await.unwrap();
        visitor
    }

    /// So many of them, of one user.
    pub async fn many_expired_in_store(&self, username: &str, count: usize) -> Vec<Visitor> {
        let (user, mut visitors) = (self.user_key(username).await, Vec::new());
        for _ in 0..count {
            visitors.push(self.expired_in_store(username, user).await);
        }
        visitors
    }

    /// How often the session has been written, counting its beginning; `None` when it is gone.
    pub async fn generation(&self, visitor: &Visitor) -> Option<u64> {
        self.store.load(&visitor.address()).await.unwrap().map(|stored| stored.generation)
    }
}

fn without_access_token(mut record: Value) -> Value {
    record["access_token"] = Value::Null;
    record
}

/// Lets the session in cookies expire.
pub fn expire(visitor: &mut Visitor) {
    visitor.cookies.remove(ACCESS);
}
