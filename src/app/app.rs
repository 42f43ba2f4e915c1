//! What the fairing sets up at ignition and everything above works with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::{Orbit, Rocket};

use super::hooks::Hooks;
use crate::clock::Clock;
use crate::config::Settings;
use crate::denial::Links;
use crate::error::Error;
use crate::http::RedirectTargets;
use crate::oauth::Client;
use crate::pool::UserPool;
use crate::session::Sessions;
use crate::sign_in::SignIns;
use crate::user::{CognitoUser, stub_user};

const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// No call takes longer.
const MAX_STOP: Duration = Duration::from_secs(10);

/// The parts of one app that has the fairing.
pub(crate) struct App {
    pub(crate) settings: Arc<Settings>,
    pub(crate) pool: Arc<UserPool>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) sign_ins: Arc<SignIns>,
    pub(crate) hooks: Hooks,
    pub(crate) clock: Clock,
    pub(crate) links: Arc<Links>,
    pub(crate) targets: Arc<RedirectTargets>,
    /// What guards look at: the header `Vary` of their answers.
    pub(crate) vary: String,
    is_stopping: AtomicBool,
}

impl App {
    pub(crate) fn new(settings: Settings, clock: Clock, hooks: Hooks) -> Result<Self, Error> {
        let settings = Arc::new(settings);
        let pool = Arc::new(UserPool::new(Arc::clone(&settings))?);
        let sessions = Arc::new(Sessions::new(&settings, &pool, &clock).ok_or_else(Error::internal)?);
        let sign_ins = SignIns::new(&settings, &sessions, &clock, &pool).ok_or_else(Error::internal)?;
        let own_paths = settings.paths.all.iter().cloned();
        let app = App {
            links: Arc::new(links(&settings)),
            targets: Arc::new(RedirectTargets::new(own_paths, &settings.login_redirect)),
            vary: format!("Cookie, {}", settings.bearer.header),
            // Nobody signs in or out.
            hooks: if settings.disabled.is_some() { Hooks::default() } else { hooks },
            pool,
            sessions,
            sign_ins: Arc::new(sign_ins),
            clock,
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

    /// As whom everybody passes in disabled mode; `None` out of it.
    pub(crate) fn stub_user(&self) -> Option<CognitoUser> {
        stub_user(&self.settings, self.clock.now())
    }

    /// The pool's endpoints, in an app in which people sign in.
    pub(crate) fn endpoints(&self) -> Option<&Arc<Client>> {
        self.pool.endpoints().filter(|_| self.settings.signs_in)
    }

    /// Begins no refresh and no exchange any more, and waits for the calls that are under way.
    pub(crate) async fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.sessions.stop();
        let idle = async {
            while !self.pool.is_idle() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(MAX_STOP, idle).await;
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
        loop {
            let now = self.clock.instant();
            let (results, refreshed) = (self.sign_ins.sweep(now), self.sessions.sweep(now));
            if results || refreshed {
                tokio::time::sleep(every).await;
                continue;
            }
            // An app at rest is not woken.
            tokio::select! {
                () = self.sign_ins.filled() => {}
                () = self.sessions.filled() => {}
            }
        }
    }
}

fn links(settings: &Settings) -> Links {
    let Settings { public_prefix, paths, bearer, signs_in, .. } = settings;
    let (login, logout) = if *signs_in { (&*paths.login, &*paths.logout) } else { ("", "") };
    Links {
        home: format!("{public_prefix}/"),
        login: login.to_owned(),
        logout: logout.to_owned(),
        scheme: bearer.scheme().to_owned(),
    }
}

#[cfg(test)]
mod tests;
