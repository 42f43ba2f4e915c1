//! What the fairing sets up at ignition and everything else works with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocket::{Orbit, Rocket};
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::hooks::Hooks;
use crate::client::CognitoClient;
use crate::clock::Clock;
use crate::config::Settings;
use crate::denial::{Kind, Signposts};
use crate::error::Error;
use crate::oauth::Client;
use crate::session::{Cookies, Record, Records, Renewals, SentCookies, SessionValues, SignedIn};
use crate::sign_in::{Attempts, Exchanges};
use crate::telemetry::report;
use crate::token::Verifier;

const SWEEP_EVERY: Duration = Duration::from_secs(10);
/// No call takes longer.
const MAX_STOP: Duration = Duration::from_secs(10);

/// What the one exchange of an attempt's code came to, for all its deliveries.
pub(crate) type SignInResult = Result<Arc<SignedIn>, Kind>;

/// One pool, one app client, one app.
pub(crate) struct Core {
    pub(crate) settings: Arc<Settings>,
    pub(crate) api: CognitoClient,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) attempts: Attempts,
    pub(crate) exchanges: Exchanges<SignInResult>,
    pub(crate) cookies: Cookies,
    pub(crate) records: Records,
    pub(crate) renewals: Renewals,
    pub(crate) clock: Clock,
    pub(crate) hooks: Hooks,
    pub(crate) signposts: Arc<Signposts>,
    /// What guards look at: the header `Vary` of their answers.
    pub(crate) vary: String,
    is_stopping: AtomicBool,
}

impl Core {
    pub(crate) fn new(settings: Settings, clock: Clock, hooks: Hooks) -> Result<Self, Error> {
        let settings = Arc::new(settings);
        let api = CognitoClient::of(Arc::clone(&settings))?;
        let core = Core {
            verifier: Arc::clone(api.verifier()),
            api,
            attempts: Attempts::new(&settings).ok_or_else(Error::internal)?,
            exchanges: Exchanges::new(),
            cookies: Cookies::new(&settings),
            records: Records::new(&settings).ok_or_else(Error::internal)?,
            renewals: Renewals::new(),
            clock,
            // Nobody signs in or out.
            hooks: if settings.disabled.is_some() { Hooks::default() } else { hooks },
            signposts: Arc::new(signposts(&settings)),
            vary: format!("Cookie, {}", settings.bearer.header),
            is_stopping: AtomicBool::new(false),
            settings,
        };
        // What a stub user cannot be made of is told now, not by each request.
        if core.is_disabled() && core.stub_user().is_none() {
            return Err(Error::internal());
        }
        Ok(core)
    }

    /// The core of this app, when the fairing is attached.
    pub(crate) fn of(rocket: &Rocket<Orbit>) -> Option<&Arc<Core>> {
        rocket.state::<Arc<Core>>()
    }

    /// The client for the pool's endpoints, which an app has in which people sign in.
    pub(crate) fn client(&self) -> Result<&Arc<Client>, Kind> {
        self.api.endpoints().filter(|_| self.settings.signs_in).ok_or_else(|| {
            report::nobody_signs_in();
            Kind::SignInMisconfigured
        })
    }

    /// The record of the session that this browser has, over or not.
    pub(crate) fn record(&self, sent: &SentCookies<'_>) -> Option<Record> {
        self.records.open(&self.cookies, sent, self.clock.now())
    }

    /// Forgets what this browser's sessions were made of: their callbacks, delivered again, bring nothing back.
    pub(crate) fn forget_sessions(&self, sent: &SentCookies<'_>, record: Option<&Record>) {
        if let Some(values) = SessionValues::of(&self.cookies, sent, record) {
            let is_of = |signed_in: &Arc<SignedIn>| signed_in.session.has_any(&values);
            self.exchanges.withdraw(|result| result.as_ref().is_ok_and(is_of));
        }
    }

    /// Ends a session here, and then at the pool: the answer is what is under way there.
    pub(crate) fn end(self: &Arc<Self>, record: &Record) -> Option<JoinHandle<()>> {
        // A renewal that the browser has not heard of may have replaced its refresh token.
        let latest = self.renewals.end(&record.session_id, self.clock.instant());
        let record = latest.as_ref().map_or(record, |signed_in| &signed_in.session.record);
        let token = Zeroizing::new(record.refresh_token()?.to_owned());
        let core = Arc::clone(self);
        // A task of its own: it goes on if the visitor does not wait.
        Some(tokio::spawn(async move { core.revoke(&token).await }))
    }

    /// The same in the background, and not again for a session that is over.
    pub(crate) fn end_once(self: &Arc<Self>, record: &Record) {
        if !self.renewals.is_over(&record.session_id) {
            drop(self.end(record));
        }
    }

    /// Ends a session that has only just begun; further deliveries of its callback bring nothing.
    pub(crate) fn discard(self: &Arc<Self>, signed_in: &Arc<SignedIn>) {
        // Unless another delivery has begun it.
        if !signed_in.has_begun() {
            self.exchanges.withdraw(|result| result.as_ref().is_ok_and(|it| Arc::ptr_eq(it, signed_in)));
            self.end_once(&signed_in.session.record);
        }
    }

    /// Ends the session that a sign-in replaces in its browser.
    pub(crate) fn replace(self: &Arc<Self>, replaced: &Record, signed_in: &SignedIn) {
        if replaced.session_id != signed_in.session_id() {
            self.end_once(replaced);
        }
    }

    /// Begins no renewal any more, and waits for the calls that are under way.
    pub(crate) async fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        let idle = async {
            while !self.api.endpoints().is_none_or(|client| client.is_idle()) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let _ = tokio::time::timeout(MAX_STOP, idle).await;
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
            let (results, renewed) = (self.exchanges.sweep(now), self.renewals.sweep(now));
            if results || renewed {
                tokio::time::sleep(every).await;
                continue;
            }
            // An app at rest is not woken.
            tokio::select! {
                () = self.exchanges.filled() => {}
                () = self.renewals.filled() => {}
            }
        }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Revokes a refresh token. Best effort: that fails is for the log, and holds nobody up.
    pub(crate) async fn revoke(&self, refresh_token: &str) {
        let Some(client) = self.api.endpoints() else { return };
        if let Err(error) = client.revoke(refresh_token).await {
            report::revocation_failed(&error.to_string());
        }
    }

    /// `next` where it is a path of this app, else `login_redirect`. Our own routes are no place to go.
    pub(crate) fn landing<'a>(&'a self, next: Option<&'a str>) -> &'a str {
        let own = self.settings.paths.all.iter().map(String::as_str);
        let is_local = |path: &&str| crate::http::is_local(path, own.clone());
        next.filter(is_local).unwrap_or(&self.settings.login_redirect)
    }
}

fn signposts(settings: &Settings) -> Signposts {
    let Settings { public_prefix, paths, bearer, signs_in, .. } = settings;
    let (login, logout) = if *signs_in { (&*paths.login, &*paths.logout) } else { ("", "") };
    Signposts {
        home: format!("{public_prefix}/"),
        login: login.to_owned(),
        logout: logout.to_owned(),
        scheme: bearer.scheme().to_owned(),
    }
}

#[cfg(test)]
mod tests;
