//! The pool's state: what was configured, and what sign-ins have left behind.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rocket::http::CookieJar;

use super::changes::Changes;
use super::clients::Clients;
use super::expiring_map::ExpiringMap;
use super::grant::{AuthorizationCode, Grant};
use super::grants::Grants;
use super::key_ring::KeyRing;
use super::machine_triggers::MachineTriggers;
use super::moment::Moment;
use super::saved::{Content, FORMAT, SavedPool, VERSION};
use super::session::{SESSION_COOKIE, Session, session_cookie};
use super::tokens::{LocalTokens, TokenMint};
use super::tracking::Tracking;
use super::unchanged::Unchanged;
use super::user::User;
use super::users::Users;
use crate::clock::{self, UnixSeconds};
use crate::crypto::base64url;
use crate::error::Error;
use crate::http::is_loopback;
use crate::local_pool::config::{
    CLOCK_SKEW_SECONDS, LocalClient, LocalIdentityProvider, LocalPoolConfig, USUAL_PORT,
};
use crate::local_pool::fault::EndpointControl;
use crate::token::{KeyFailure, refresh_token, uuid};

const CODE_SECONDS: u64 = 300;
const CODES_AND_SESSIONS: usize = 1_000;
/// How long somebody has to answer a challenge of a sign-in by the API.
const CHALLENGE_SECONDS: u64 = 180;

/// What the `Session` of a challenge stands for: a user who has something to do before they are signed in.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) client_id: String,
    pub(crate) username: String,
    pub(crate) sub: String,
    /// What they have shown, where they are to show another factor.
    pub(crate) session: Option<Session>,
}

pub(crate) struct Pool {
    pub(crate) config: LocalPoolConfig,
    pub(crate) users: Users,
    pub(crate) clients: Clients,
    pub(crate) machine_triggers: MachineTriggers,
    pub(crate) keys: KeyRing,
    pub(crate) codes: ExpiringMap<AuthorizationCode>,
    pub(crate) sessions: ExpiringMap<Session>,
    pub(crate) grants: Grants,
    pub(crate) challenges: ExpiringMap<Challenge>,
    pub(crate) tracking: Tracking,
    /// When the pool was started.
    pub(crate) since: UnixSeconds,
    /// The port in use, known before the first request.
    pub(crate) port: OnceLock<u16>,
    controls: Vec<EndpointControl>,
    clock_skew_seconds: AtomicI32,
    /// Counts the changes of all that a state file keeps.
    pub(crate) changes: Changes,
}

impl Pool {
    /// `paths` are those of its endpoints.
    pub(crate) fn new(
        config: LocalPoolConfig,
        keys: KeyRing,
        paths: impl IntoIterator<Item = String>,
    ) -> Self {
        let refresh_token_lifetime = Duration::from_secs(config.refresh_token_seconds.into());
        // A clock that is set back, by two days at most, adds to the life of access tokens.
        let clock_range = CLOCK_SKEW_SECONDS.end().abs_diff(*CLOCK_SKEW_SECONDS.start());
        let access_token_lifetime =
            Duration::from_secs(u64::from(config.access_token_seconds) + u64::from(clock_range));
        let sso_lifetime = Duration::from_secs(config.sso_seconds.into());
        Pool {
            users: Users::new(&config.user_pool_id, config.sign_in_names(), &config.users, clock::now()),
            clients: Clients::new(&config.clients),
            machine_triggers: MachineTriggers::new(&config.clients),
            clock_skew_seconds: AtomicI32::new(config.clock_skew_seconds),
            tracking: Tracking::new(&config),
            config,
            keys,
            codes: ExpiringMap::new(Duration::from_secs(CODE_SECONDS), CODES_AND_SESSIONS),
            sessions: ExpiringMap::new(sso_lifetime, CODES_AND_SESSIONS),
            grants: Grants::new(refresh_token_lifetime, access_token_lifetime),
            challenges: ExpiringMap::new(Duration::from_secs(CHALLENGE_SECONDS), CODES_AND_SESSIONS),
            since: clock::now(),
            port: OnceLock::new(),
            controls: paths.into_iter().map(EndpointControl::new).collect(),
            changes: Changes::default(),
        }
    }

    /// A pool whose changes are noted, with what a state file has of it.
    pub(crate) fn restored(
        config: LocalPoolConfig,
        saved: Option<SavedPool>,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<Self, KeyFailure> {
        let (keys, content) = match saved {
            Some(saved) => (KeyRing::restored(saved.keys)?, saved.content),
            None => (KeyRing::of_process(&config.user_pool_id)?, Content::default()),
        };
        let pool = Pool::new(config, keys, paths);
        let (changes, now) = (Changes::default(), Moment::now());
        let users = Users::restored(&pool.config, content.users, now.unix.seconds(), &changes);
        let pool = Pool {
            users,
            clients: pool.clients.restored(content.registered_clients, &changes),
            machine_triggers: pool.machine_triggers.restored(content.machine_triggers, &changes),
            keys: pool.keys.noting(&changes),
            sessions: pool.sessions.noting(&changes),
            grants: pool.grants.noting(&changes),
            changes,
            ..pool
        };
        pool.sessions.restore(content.sessions, now);
        pool.grants.restore(content.refresh_tokens, content.revoked_sign_ins, now);
        let grants = pool.grants.refresh_tokens.all(now.instant);
        pool.tracking.go_on_after(grants.iter().map(|grant| grant.last_use).max().unwrap_or_default());
        Ok(pool)
    }

    /// All that a state file keeps, as it is now.
    pub(crate) fn saved(&self) -> Result<SavedPool, KeyFailure> {
        let now = Moment::now();
        Ok(SavedPool {
            format: FORMAT.into(),
            version: VERSION,
            user_pool_id: self.config.user_pool_id.clone(),
            names: self.config.sign_in_names(),
            keys: self.keys.saved()?,
            content: Content {
                users: self.users.saved(),
                registered_clients: self.clients.saved(),
                machine_triggers: self.machine_triggers.saved(),
                sessions: self.sessions.saved(now),
                refresh_tokens: self.grants.refresh_tokens.saved(now),
                revoked_sign_ins: self.grants.saved_revocations(now),
            },
        })
    }

    /// Where browsers reach it.
    pub(crate) fn base_url(&self) -> String {
        self.config.base_url(self.address().port())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        let port = self.port.get().copied().or(self.config.port).unwrap_or(USUAL_PORT);
        SocketAddr::new(self.config.ip(), port)
    }

    /// Where this machine reaches it.
    pub(crate) fn server_url(&self) -> String {
        self.config.server_url(self.address().port())
    }

    /// Whether apps call it under this name, and browsers may not.
    pub(crate) fn is_inner_host(&self, host: &str) -> bool {
        self.config.hosts.iter().any(|own| own.eq_ignore_ascii_case(host))
    }

    /// Whether it answers under this name, as requests write it, without port. Others might be a web page's, which had
    /// them lead here.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        let is_at = |url: &str| {
            let own = reqwest::Url::parse(url).ok();
            own.is_some_and(|own| own.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host)))
        };
        is_loopback(&host.to_ascii_lowercase())
            || self.is_inner_host(host)
            || is_at(&self.base_url())
            || is_at(&self.server_url())
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/{}", self.base_url(), self.config.user_pool_id)
    }

    /// A client of the settings, or one that has registered itself.
    pub(crate) fn client(&self, client_id: &str) -> Option<Arc<LocalClient>> {
        self.clients.find(client_id)
    }

    /// The session of this browser, while it lasts for this client and its user may sign in.
    pub(crate) fn session(&self, cookies: &CookieJar<'_>, client_id: &str) -> Option<Session> {
        let session = self.sessions.get(cookies.get(SESSION_COOKIE)?.value(), Instant::now())?;
        let seconds = self.tracking.reuse_seconds(client_id, self.config.sso_seconds);
        if seconds.is_some_and(|seconds| self.now().since(session.auth_time) >= seconds) {
            return None;
        }
        self.users.enabled(&session.username, &session.sub).map(|_| session)
    }

    /// Begins a session, which the browser keeps from now on if it may. One that it had before ends.
    pub(crate) fn begin_session(&self, session: &Session, cookies: &CookieJar<'_>) {
        if let Some(before) = cookies.get(SESSION_COOKIE) {
            self.sessions.remove(before.value());
        }
        let seconds = self.sso_seconds();
        if seconds > 0 {
            // One that another factor was added to goes on under its id.
            self.sessions.remove_all(|other| other.id == session.id);
            let id = base64url::<32>();
            let lifetime = Duration::from_secs(seconds.into());
            self.sessions.insert_for(lifetime, &id, session.clone(), Instant::now());
            cookies.add(session_cookie(id, seconds));
        }
    }

    /// How long a session of a browser that begins now is kept; with 0, none begins.
    pub(crate) fn sso_seconds(&self) -> u32 {
        self.tracking.longest_seconds(self.config.sso_seconds)
    }

    /// The identity providers that people may sign in by: those of the settings, then those of the users.
    pub(crate) fn identity_providers(&self) -> Vec<LocalIdentityProvider> {
        let mut providers = self.config.identity_providers.clone();
        for provider in self.users.identity_providers() {
            if !providers.iter().any(|known| known.name == provider.name) {
                providers.push(provider);
            }
        }
        providers
    }

    /// The time by the pool's own clock.
    pub(crate) fn now(&self) -> UnixSeconds {
        let UnixSeconds(now) = clock::now();
        UnixSeconds(now.saturating_add_signed(self.clock_skew_seconds.load(Ordering::Relaxed).into()))
    }

    pub(crate) fn set_clock_skew_seconds(&self, seconds: i32) {
        let (least, most) = CLOCK_SKEW_SECONDS.into_inner();
        self.clock_skew_seconds.store(seconds.clamp(least, most), Ordering::Relaxed);
    }

    /// What tests see and plan of the endpoint at this path.
    pub(crate) fn control(&self, path: &str) -> Option<&EndpointControl> {
        self.controls.iter().find(|control| control.path == path)
    }

    /// Mints tokens of this moment.
    pub(crate) fn mint(&self) -> TokenMint<'_> {
        TokenMint {
            config: &self.config,
            users: &self.users,
            keys: self.keys.current(),
            issuer: self.issuer(),
            now: self.now(),
        }
    }

    /// A code for a signed-in browser to bring to the client.
    pub(crate) fn new_code(&self, meaning: AuthorizationCode) -> String {
        let code = uuid();
        self.codes.insert(&code, meaning, Instant::now());
        code
    }

    /// The name of a challenge, which the user answers at this client; with a `session` where they are to show another
    /// factor.
    pub(crate) fn new_challenge(&self, client_id: &str, user: &User, session: Option<Session>) -> String {
        let name = base64url::<64>();
        let (username, sub) = (user.username.clone(), user.sub.clone());
        self.challenges.insert(
            &name,
            Challenge { client_id: client_id.into(), username, sub, session },
            Instant::now(),
        );
        name
    }

    /// A refresh token for this grant, which begins a token session: one too many ends others of its user.
    pub(crate) fn new_refresh_token(&self, grant: Grant) -> String {
        let token = refresh_token();
        self.note_tokens_of(&grant);
        let (username, grant) =
            (grant.username.clone(), Grant { last_use: self.tracking.next_use(), ..grant });
        self.grants.refresh_tokens.insert(&token, grant, Instant::now());
        if let Some(most) = self.tracking.max_per_user() {
            self.grants.evict(&username, most);
        }
        token
    }

    /// Notes that the token session of this sign-in is in use.
    pub(super) fn note_use(&self, origin_jti: &str) {
        self.grants.note_use(origin_jti, self.now(), self.tracking.next_use());
    }

    /// Notes at the session of the browser, if this grant comes from one, that there are new tokens of it.
    pub(super) fn note_tokens_of(&self, grant: &Grant) {
        if let Some(id) = &grant.sso_session {
            let active = self.now();
            self.sessions.change_all(|session| {
                if session.id == *id {
                    session.last_active = Some(active);
                }
            });
        }
    }

    /// Refuses a user every sign-in from now on.
    pub(crate) fn disable_user(&self, name: &str) -> Result<(), Error> {
        let disable = |user: &mut User| {
            user.disabled = true;
            Ok::<(), Unchanged>(())
        };
        let user = self.users.update(name, disable)?;
        self.grants.end_access_tokens(&user.username);
        Ok(())
    }

    /// Removes a user, with all that they could go on with; with a `sub`, nobody else who has the name by now.
    pub(crate) fn remove_user(&self, name: &str, sub: Option<&str>) -> Result<(), Error> {
        let username = self.users.remove(name, sub)?.username;
        self.sessions.remove_all(|session| session.username == username);
        self.codes.remove_all(|code| code.grant.username == username);
        self.grants.end_sign_ins(|grant| grant.username == username);
        Ok(())
    }

    pub(crate) fn sign_in(&self, name: &str, client_id: &str) -> Option<LocalTokens> {
        let client = self.client(client_id)?;
        let user = self.users.find(name).filter(|user| !user.disabled && user.status.obstacle().is_none())?;
        let (session, scopes) = (Session::new(&user, self.now()), client.granted_scopes(None)?);
        let grant = Grant::new(client_id, session, scopes, self.config.levels.are_shown(false));
        let minted = self.mint().for_user(&user, &grant, None)?;
        Some(LocalTokens {
            access_token: minted.access_token,
            id_token: minted.id_token?,
            refresh_token: self.new_refresh_token(grant),
        })
    }

    pub(crate) fn machine_token(&self, client_id: &str) -> Option<String> {
        let client = self.client(client_id).filter(|client| client.client_credentials)?;
        self.token_for_machine(&client, &client.granted_scopes(None)?)
    }

    /// The access token of a machine; `None` when the key cannot sign.
    pub(crate) fn token_for_machine(&self, client: &LocalClient, scopes: &[String]) -> Option<String> {
        self.mint().for_machine(client, scopes, self.machine_triggers.claims(&client.client_id))
    }
}
