//! What the fairing sets up at ignition and everything above works with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::{Orbit, Rocket};

use super::hooks::Hooks;
use super::reasons::sign_in_codes;
use super::session_store::session_store;
use super::sign_in_parts::SignInParts;
use crate::clock::Clock;
use crate::config::{Settings, SignInSettings};
use crate::denial::{Links, Reason};
use crate::error::Error;
use crate::pool::UserPool;
use crate::session::{SessionStoreParts, Sessions};
#[cfg(feature = "redis")]
use crate::store::RedisStore;
use crate::store::{SessionStore, StoreError};
use crate::telemetry::Counts;
use crate::user::{CognitoUser, stub_user};

const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// Only a refresh may take longer.
const MAX_STOP: Duration = Duration::from_secs(10);

/// The parts of one app that has the fairing.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) pool: Arc<UserPool>,
    /// `None` where nobody signs in, and bearer tokens alone are accepted.
    pub(crate) sign_in: Option<SignInParts>,
    /// Where sessions lie on the server; `None`: in cookies alone.
    pub(crate) store: Option<SessionStoreParts>,
    /// The store, if it is on a server that it connects to.
    #[cfg(feature = "redis")]
    redis: Option<Arc<RedisStore>>,
    pub(crate) hooks: Hooks,
    pub(crate) clock: Clock,
    pub(crate) counts: Arc<Counts>,
    pub(crate) links: Arc<Links>,
    /// What guards look at: the header `Vary` of answers that the app lets caches store.
    pub(crate) vary: String,
    /// Whether a route asks for somebody who is signed in.
    has_guards: AtomicBool,
    is_stopping: AtomicBool,
}

impl App {
    /// An app with these settings, and with the `store` that its code gives, if it gives one.
    pub(crate) fn new(
        settings: Settings,
        clock: Clock,
        hooks: Hooks,
        store: Option<Arc<dyn SessionStore>>,
    ) -> Result<Self, Error> {
        let refusals = Reason::ALL.iter().map(|reason| reason.code());
        let counts = Arc::new(Counts::new(&clock, refusals, sign_in_codes()));
        let chosen = session_store(&settings.store, store, &hooks, &clock, &counts)?;
        let store = chosen.store.map(|store| SessionStoreParts::new(store, &settings, &clock, &counts));
        let pool = Arc::new(UserPool::new(&settings, &counts)?);
        let sign_in = match (&settings.sign_in, &settings.client) {
            (Some(sign_in), Some(client)) => {
                let parts =
                    SignInParts::new(&settings, sign_in, client, &pool, store.as_ref(), &clock, &counts);
                Some(parts.ok_or_else(Error::internal)?)
            }
            _ => None,
        };
        let app = App {
            links: Arc::new(links(&settings)),
            vary: format!("Cookie, {}", settings.bearer.header),
            // Nobody signs in or out.
            hooks: if settings.disabled.is_some() { Hooks::default() } else { hooks },
            pool,
            sign_in,
            store,
            #[cfg(feature = "redis")]
            redis: chosen.redis,
            clock,
            counts,
            has_guards: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            settings,
        };
        // What a stub user cannot be made of is found out now, not by each request.
        if app.is_disabled() && app.stub_user().is_none() {
            return Err(Error::internal());
        }
        Ok(app)
    }

    /// The parts of this app, when the fairing is attached.
    pub(crate) fn of(rocket: &Rocket<Orbit>) -> Option<&Arc<App>> {
        rocket.state::<Arc<App>>()
    }

    /// Whether every guard lets everybody pass.
    pub(crate) fn is_disabled(&self) -> bool {
        self.settings.disabled.is_some()
    }

    /// The user that everybody passes as in disabled mode; `None` out of it.
    pub(crate) fn stub_user(&self) -> Option<CognitoUser> {
        stub_user(&self.settings, self.clock.now())
    }

    /// The sessions of all users, where they lie in a store. In disabled mode nobody has one.
    pub(crate) fn sessions(&self) -> Option<Sessions> {
        let stored = self.sign_in.as_ref()?.sessions.stored().filter(|_| !self.is_disabled());
        (stored.is_some() || self.is_disabled()).then(|| Sessions::new(stored))
    }

    /// Connects to the store, if it is on a server. In disabled mode nobody is called.
    ///
    /// # Errors
    /// When what is there is not what the settings describe. That nothing is there is no error.
    #[cfg(feature = "redis")]
    pub(crate) async fn connect_store(&self) -> Result<(), Error> {
        match &self.redis {
            Some(redis) if !self.is_disabled() => redis.connect().await,
            _ => Ok(()),
        }
    }

    /// Asks the store, if there is one, whether it would do its work.
    pub(crate) async fn check_store(&self) -> Result<(), StoreError> {
        match &self.store {
            Some(store) => store.check().await,
            None => Ok(()),
        }
    }

    /// Notes that a route has a guard, which Rocket's routes do not show.
    pub(crate) fn note_guard(&self) {
        self.has_guards.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_guards(&self) -> bool {
        self.has_guards.load(Ordering::Relaxed)
    }

    /// Begins no refresh and no exchange any more, and waits for the calls that are under way.
    pub(crate) async fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        if let Some(parts) = &self.sign_in {
            parts.sessions.stop();
        }
        let idle = async {
            while !self.is_idle() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(MAX_STOP, idle).await;
    }

    /// Whether nothing is under way at the pool, nor in the store.
    fn is_idle(&self) -> bool {
        let is_store_idle = self.store.as_ref().is_none_or(|store| store.tasks.is_idle());
        is_store_idle
            && self.pool.is_idle()
            && self.sign_in.as_ref().is_none_or(|parts| parts.sessions.is_idle())
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Drops tokens that nobody may ask for any more, from time to time while there are any.
    pub(crate) async fn sweep(self: Arc<Self>, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = stop => {}
            () = self.keep_swept(SWEEP_EVERY) => {}
        }
    }

    async fn keep_swept(&self, every: Duration) {
        let Some(parts) = &self.sign_in else { return };
        loop {
            let now = self.clock.instant();
            let (results, refreshed) = (parts.sign_ins.sweep(now), parts.sessions.sweep(now));
            if results || refreshed {
                tokio::time::sleep(every).await;
                continue;
            }
            // An app at rest is not woken.
            tokio::select! {
                () = parts.sign_ins.filled() => {}
                () = parts.sessions.filled() => {}
            }
        }
    }
}

/// What all denials of an app with these settings link to.
fn links(settings: &Settings) -> Links {
    let sign_in = settings.sign_in.as_ref();
    let path = |path: fn(&SignInSettings) -> &String| sign_in.map(path).cloned().unwrap_or_default();
    Links {
        home: format!("{}/", path(|sign_in| &sign_in.public_prefix)),
        login: path(|sign_in| &sign_in.paths.login),
        logout: path(|sign_in| &sign_in.paths.logout),
        scheme: settings.bearer.scheme().to_owned(),
        level_names: settings.pool.level_names.clone(),
        token_header: settings.bearer.form(),
        token_kind: settings.bearer.kind_in_words(),
    }
}

#[cfg(test)]
mod tests;
