//! What this crate reports to operators, as data.

use std::fmt::{Debug, Display};

use super::client_secret_event::ClientSecretEvent;
#[cfg(feature = "redis")]
use super::store_event::StoreEvent;

/// Something that happened. Its fields say what the log shows of it; the words are the log's.
#[derive(Clone, Copy)]
pub(crate) enum Event<'a> {
    /// The settings, the app's hooks or the network do not allow a launch.
    LaunchRefused { error: &'a dyn Display },
    /// The app works with this pool. `client_id` is `None` where only other clients' tokens are accepted.
    Launched { user_pool_id: &'a str, client_id: Option<&'a str>, accepted_client_ids: &'a [String] },
    /// `check_expiration = false`: expired tokens are accepted.
    ExpirationUnchecked,
    /// Outside profile `debug` the app calls the pool beyond this machine by plain `http`, as this setting says.
    CalledByPlainHttp { key: &'a str, url: &'a str },
    /// The header for bearer tokens is one that proxies add, and the settings do not say whether one does.
    HeaderMayBeOfProxy { header: &'a str },
    /// The settings leave sign-in out, so that only bearer tokens are accepted.
    BearerTokensOnly,
    /// Access tokens of clients that no list names count, if they are bound to this resource.
    AnyClientAccepted { resource: &'a str },
    /// Which of our routes are mounted, and where.
    RoutesMounted {
        mount: &'a str,
        callback_path: &'a str,
        login: bool,
        callback: bool,
        refresh: bool,
        logout: bool,
    },
    /// There are no `secret_keys`; a random one serves until the app stops.
    SecretKeyGenerated,
    /// Disabled mode is on: every guard lets everybody pass as this user. `origin` is where it was switched on.
    Disabled { username: &'a str, groups: &'a [String], origin: &'a str, has_local_pool: bool },
    /// Rocket logs whole requests, in a profile other than `debug`.
    RequestsLogged,
    /// The settings leave a route to the app, which does not have it.
    OwnRouteMissing { route: &'a str, path: &'a str },
    /// The app has set a hook, and lacks the `occasion` on which it would run.
    HookNeverRuns { hook: &'a str, occasion: &'a str },
    /// Routes have guards, and no catcher sends a browser to the sign-in: below `base`, or below any route of the app.
    UnauthorizedUncaught { base: Option<&'a str> },
    /// The setting `key` names this machine, but not the app's `port`; `right` would be the app's own URL.
    OwnUrlElsewhere { key: &'a str, url: &'a str, port: u16, right: &'a str },
    /// The setting `key` names a public host, while the pool is on this machine.
    OwnUrlPublic { key: &'a str, url: &'a str, right: &'a str },
    /// Sessions lie in a store, of the settings or of the app's code. Unless it takes sign-ins, those lie in cookies.
    SessionsStored { place: SessionPlace<'a>, takes_sign_ins: bool, per_user: usize },
    /// The setting `key` is about cookies that a session in the store does not have.
    SettingWithoutUse { key: &'a str },
    /// Bearer tokens of sessions that were signed out are refused.
    BearerDenylist,
    /// The app's own address. Other names of loopback have other cookies.
    AppAddress { origin: &'a str, public_prefix: &'a str },
    /// The embedded local pool accepts sign-ins.
    #[cfg(feature = "local-pool")]
    LocalPoolStarted { base_url: &'a str, usernames: &'a [&'a str] },
    /// The embedded local pool, for which no port was given, is not at the usual one.
    #[cfg(feature = "local-pool")]
    LocalPoolElsewhere { usual_port: u16, base_url: &'a str },
    /// A local pool listens beyond loopback.
    #[cfg(feature = "local-pool")]
    LocalPoolExposed { address: std::net::IpAddr },
    /// The embedded local pool runs in a profile other than `debug`.
    #[cfg(feature = "local-pool")]
    LocalPoolOutsideDebug { profile: &'a dyn Display },
    /// None of the local pool's clients is this app as its settings describe it.
    #[cfg(feature = "local-pool")]
    LocalPoolLacksClient { client_id: &'a str, redirect_urls: &'a [&'a str], logout_url: &'a str },
    /// The state of a local pool could not be written; the next change has it written again.
    #[cfg(feature = "local-pool")]
    LocalPoolStateNotWritten { problem: &'a dyn Display },

    /// A route has a guard of ours, but the fairing is not attached.
    FairingMissing,
    /// A route begins, completes, refreshes or ends sessions, but the settings leave sign-in out.
    SignInNotConfigured,
    /// A route has the guard `Refresh`, but the refresh flow is off.
    RefreshNotEnabled,
    /// A route asks for `Sessions`, but the app has no store for them.
    SessionStoreMissing,
    /// A route has the guard `Callback`, but the fairing mounts the callback itself.
    CallbackAlreadyMounted,
    /// The template engine did not accept our template.
    #[cfg(feature = "templates")]
    TemplateRejected { error: &'a dyn Display },

    /// The first public keys have arrived, or the first after a failure.
    KeysLoaded { count: usize },
    /// Some published keys may not verify tokens.
    KeysLeftOut { count: usize },
    /// The public keys could not be fetched. There is a `remedy` where a setting is probably wrong.
    KeysNotLoaded {
        source: &'a dyn Display,
        reason: &'a str,
        remedy: Option<&'a str>,
        has_earlier_keys: bool,
    },
    /// In disabled mode a request names a host that is none of the app's.
    HostRefused { host: Option<&'a str> },
    /// A guard before a route has refused a request with this `error`, or passed it on.
    GuardedRefused { guard: &'a dyn Display, error: Option<&'a dyn Debug> },
    /// Nothing proves that an unsafe request comes from this site. `origin` is the one that it names, if the settings
    /// could trust it.
    CrossSiteRefused { origin: Option<&'a str> },
    /// A token straight from the pool is of another pool, client or time than the settings and this machine's clock say.
    TokenContradictsSetUp { token: RefusedToken, reason: &'a str, remedy: &'a str },
    /// A bearer token was refused that another setting or clock would accept.
    BearerTokenUnaccepted { reason: &'a dyn Display, remedy: &'static str },
    /// A token did not pass verification. Those of one `cause` have the same `reason`, but for values.
    TokenRefused { token: RefusedToken, reason: &'a dyn Display, cause: &'static str },

    /// The pool of a test has no pages to sign in at.
    #[cfg(feature = "testing")]
    TestPoolHasNoPages,
    /// The pool of a test has nobody to answer a call.
    #[cfg(feature = "testing")]
    TestPoolAsked,
    /// A login route of the app's own asks for something impossible; `method` is of `Login`.
    LoginMisconfigured { method: &'a str, problem: &'a str },
    /// The pool sent a visitor back with an error instead of a code (RFC 6749 section 4.1.2.1).
    SignInRefused { error: &'a str, description: Option<&'a str> },
    /// A callback does not belong to the sign-in whose cookie came along, or is not of this pool.
    CallbackRefused(CallbackRefusal),
    /// A callback came without its login cookie, or without a state. It came to `host`, which may be that of one of the
    /// app's callbacks; `begun_at` is another host, at which a sign-in was begun of late.
    CallbackUnmatched {
        has_state: bool,
        host: Option<&'a str>,
        is_callback_host: bool,
        begun_at: Option<&'a str>,
    },
    /// The pool does not accept a code.
    CodeRefused,
    /// The token endpoint gave no tokens, or not all of them, for a code.
    CodeExchangeFailed { reason: &'a str, remedy: Option<&'a str> },
    /// The pool says more about somebody who signs in than a session holds.
    TokensTooLarge { length: &'a dyn Display },
    /// The pool did not ask again for a password, as it was to.
    SignInNotFresh { reason: &'static str, remedy: &'a str },
    /// The pool signed somebody in at a lower level than it was asked for.
    SignInNotStrongEnough { reason: &'static str, remedy: &'a str },

    /// A session's token was refused that another setting or clock would accept.
    SessionTokenUnaccepted { reason: &'a dyn Display },
    /// The tokens of a session were not refreshed; it is kept.
    RefreshFailed { reason: &'a str },
    /// A session has ended, other than by sign-out.
    SessionEnded(SessionEnd),
    /// A browser sent a session whose token names another pool or client.
    SessionForeign { reason: &'a dyn Display },
    /// A value in the store does not open. It is left alone.
    StoredValueUnreadable { reason: &'static str },
    /// A session that has ended was not removed from the store yet, which is out of reach.
    SessionNotRemoved,
    /// The store was out of reach for ten minutes, or too much waited for it: this was not done.
    StoreGivenUp { what: &'static str },
    /// The pool did not revoke a refresh token.
    RevocationFailed { error: &'a dyn Display },
    /// A refresh token is too large for cookies: the session cannot be refreshed.
    RefreshTokenDropped { bytes: usize },
    /// An ID token is too large for cookies: the session has no profile claims.
    IdTokenDropped { bytes: usize },

    /// The store for sessions does not do its work.
    /// `cause` says whether the store refused it or was out of reach.
    StoreFailed { error: &'a dyn Display, cause: &'static str, is_at_launch: bool },
    /// What happens to the way to a store on a server.
    #[cfg(feature = "redis")]
    Store(StoreEvent<'a>),
    /// The token endpoint refused a call for the way in which the app client is set up, here or at the pool.
    ClientRefused { call: ClientCall, reason: &'a str, remedy: &'a str },
    /// What happens to the secrets of the app client.
    ClientSecret(ClientSecretEvent<'a>),
    /// A call to the pool was not made, because too many are under way.
    TooManyCalls,
    /// A hook of the app's own returned an error, panicked or took too long.
    HookFailed { hook: &'static str, error: &'a str },
    /// The app's own loader of users returned an error, panicked or took too long.
    UserNotLoaded { user_type: &'static str, error: &'a str },
}

/// Which store sessions lie in.
#[derive(Clone, Copy)]
pub(crate) enum SessionPlace<'a> {
    /// The memory of this process.
    Process,
    /// A Redis or Valkey at these addresses.
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "only the feature `redis` names servers"))]
    Servers(&'a dyn Display),
    /// One that the app's code gives.
    OwnStore,
}

/// Where a token that was refused came from.
#[derive(Clone, Copy)]
pub(crate) enum RefusedToken {
    /// The request's header.
    Bearer,
    /// The session's access cookie.
    Session,
    /// The pool's answer to a code.
    SignIn,
    /// The pool's answer to a refresh token.
    Refresh,
}

/// A call of the token endpoint.
#[derive(Clone, Copy)]
pub(crate) enum ClientCall {
    /// Tokens for a code.
    CodeExchange,
    /// New tokens of a session.
    Refresh,
}

/// Why a callback was refused.
#[derive(Clone, Copy)]
pub(crate) enum CallbackRefusal {
    /// None of the secret keys opens the login cookie.
    CookieUnreadable,
    /// The sign-in began too long ago.
    CookieExpired,
    /// The login cookie was made for another pool, client, callback or state.
    CookieForeign,
    /// The parameter `iss` names another pool (RFC 9207).
    IssuerForeign,
}

/// Why a session has ended.
#[derive(Clone, Copy)]
pub(crate) enum SessionEnd {
    /// It is as old, or has been idle for as long, as the settings allow.
    LimitReached,
    /// The app's hook `on_refresh` refused it.
    RefusedByHook,
    /// The pool does not accept its refresh token.
    RefreshTokenRefused,
    /// The pool answered its refresh token with tokens of another session.
    RefreshedTokensForeign,
    /// Its new refresh token does not fit into cookies.
    RefreshTokenTooLarge,
    /// Its cookies belong to two different users.
    UsersDiffer,
}
