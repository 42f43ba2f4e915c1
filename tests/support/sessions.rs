//! The sessions of the apps of a test, of either kind: begun without a sign-in, looked into and changed, with the key and
//! in the formats of the apps.

use std::thread;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket_cognito::Cognito;
use rocket_cognito::store::{
    Replaced, SessionAddress, SessionKey, SessionStore, StoreError, StoredSession, UserKey,
};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use super::agent::Agent;
use super::backing::Backing;
use super::kind::{Kind, SID};
use super::sealing::{Seal, StoredSeal};
use super::{ACCESS, REFRESH};

const ID: &str = "cognito_id_token";

/// The sessions of apps that share a key, a client and, if theirs are stored, a store.
pub struct Sessions {
    pub kind: Kind,
    pub backing: Backing,
    pub issuer: String,
    pub client_id: String,
    pub secret_key: String,
    /// How long a stored session lasts from its beginning on.
    pub life: Duration,
}

impl Sessions {
    /// The fairing of another app that has these sessions too.
    pub fn fairing(&self) -> Cognito {
        self.kind.fairing(&self.backing)
    }

    /// A browser with a session that this `record` describes: tokens, times and whose it is.
    pub fn begin(&self, record: &Value, now: u64) -> Agent {
        let agent = Agent::new();
        match self.kind {
            Kind::Cookies => self.write_cookies(&agent, record, now),
            Kind::Stored | Kind::Redis => {
                let secret: [u8; 32] = rand::random();
                let user = self.user_key(record["sub"].as_str().unwrap());
                let [user, secret] =
                    [user.as_bytes().as_slice(), &secret].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
                agent.set_cookie(SID, &format!("1.{user}.{secret}"));
                self.create(&agent, record);
            }
        }
        agent
    }

    /// What is known of the browser's session: its members in cookies or store, with `generation` 0 at its beginning, and
    /// its tokens.
    pub fn record(&self, agent: &Agent) -> Value {
        match self.kind {
            Kind::Cookies => {
                let mut record = Seal::new(&self.secret_key, "refresh").open(&agent.cookie(REFRESH).unwrap());
                record["access_token"] = agent.cookie(ACCESS).into();
                record["id_token"] = agent.cookie(ID).into();
                record
            }
            Kind::Stored | Kind::Redis => {
                let at = address(agent);
                let stored = self.stored(agent).expect("the session lies in the store");
                let mut record = self.seal().open(&at, stored.generation, &stored.value);
                record["generation"] = (stored.generation - 1).into();
                record["session_id"] = URL_SAFE_NO_PAD.encode(at.session.as_bytes()).into();
                record
            }
        }
    }

    /// How often the session has been refreshed, as far as the browser or the store knows.
    pub fn generation(&self, agent: &Agent) -> u64 {
        match self.kind {
            Kind::Cookies => self.record(agent)["generation"].as_u64().unwrap(),
            Kind::Stored | Kind::Redis => {
                self.stored(agent).expect("the session lies in the store").generation - 1
            }
        }
    }

    /// Lets the session expire: its access token is gone.
    pub fn expire(&self, agent: &Agent, now: u64) {
        match self.kind {
            Kind::Cookies => agent.drop_cookie(ACCESS),
            Kind::Stored | Kind::Redis => self.change(agent, "access_token", Value::Null, now),
        }
    }

    /// Changes one member of the session's record, and nothing else.
    pub fn change(&self, agent: &Agent, name: &str, value: Value, now: u64) {
        let mut record = self.record(agent);
        record[name] = value;
        match self.kind {
            Kind::Cookies => self.write_cookies(agent, &record, now),
            Kind::Stored | Kind::Redis => {
                let at = address(agent);
                done(self.backing.store().remove(&at, None));
                self.create(agent, &record);
                for generation in 1..=record["generation"].as_u64().unwrap() {
                    let sealed = self.seal_of(&record).seal(&at, generation + 1, &record);
                    let replaced = done(self.backing.store().replace(&at, generation, &sealed, self.life));
                    assert_eq!(replaced, Replaced::Done);
                }
            }
        }
    }

    /// What lies in the store of a stored session.
    pub fn stored(&self, agent: &Agent) -> Option<StoredSession> {
        done(self.backing.store().load(&address(agent)))
    }

    fn write_cookies(&self, agent: &Agent, record: &Value, now: u64) {
        let mut record = record.clone();
        let members = record.as_object_mut().unwrap();
        for (name, member) in [(ACCESS, "access_token"), (ID, "id_token")] {
            match members.remove(member).as_ref().and_then(Value::as_str) {
                Some(token) => agent.set_cookie(name, token),
                None => agent.drop_cookie(name),
            }
        }
        let session_id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        let rest = json!({
            "issuer": self.issuer, "client_id": self.client_id, "session_id": session_id,
            "seen_at": record["created_at"], "generation": 0, "refresh_token_digest": null,
        });
        for (name, value) in rest.as_object().unwrap() {
            if record[name] == Value::Null {
                record[name] = value.clone();
            }
        }
        agent.set_cookie(REFRESH, &Seal::new(&self.secret_key, "refresh").seal(&record, now));
    }

    fn create(&self, agent: &Agent, record: &Value) {
        let at = address(agent);
        let sealed = self.seal_of(record).seal(&at, 1, record);
        done(self.backing.store().create(&at, &sealed, self.life, usize::MAX));
    }

    fn seal(&self) -> StoredSeal {
        StoredSeal::new(&self.secret_key, &self.issuer, &self.client_id)
    }

    /// The seal of another app if the record names its pool or client.
    fn seal_of(&self, record: &Value) -> StoredSeal {
        let issuer = record["issuer"].as_str().unwrap_or(&self.issuer);
        StoredSeal::new(&self.secret_key, issuer, record["client_id"].as_str().unwrap_or(&self.client_id))
    }

    fn user_key(&self, sub: &str) -> UserKey {
        let parts = [&self.issuer, &self.client_id, sub];
        let parts = parts.map(|part| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat());
        UserKey::new(
            sha256(&[b"rocket-cognito/v1/user", parts.concat().as_slice()])[..16].try_into().unwrap(),
        )
    }
}

/// Where the stored session of this browser lies.
pub fn address(agent: &Agent) -> SessionAddress {
    let cookie = agent.cookie(SID).unwrap();
    let mut parts = cookie.split('.').skip(1).map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let (user, secret) = (parts.next().unwrap(), parts.next().unwrap());
    let session = SessionKey::new(sha256(&[b"rocket-cognito/v1/session", secret.as_slice()]));
    SessionAddress { user: UserKey::new(user.try_into().unwrap()), session }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().unwrap()
}

/// What a store answers, for code that does not await it: on a thread and a runtime of its own, since a runtime within
/// another takes wake-ups from it.
fn done<T: Send>(call: impl Future<Output = Result<T, StoreError>> + Send) -> T {
    let work = || Builder::new_current_thread().enable_all().build().unwrap().block_on(call);
    thread::scope(|scope| scope.spawn(work).join().unwrap()).unwrap()
}
