//! Everything this crate writes to the log, but for `store_log.rs` and `client_secret_log.rs`.
//!
//! Nothing here prints a token, code, secret or cookie. Text that comes from outside is escaped and cut. A text is
//! formatted only where it is logged.

use super::client_secret_log;
#[cfg(feature = "redis")]
use super::code::LogCode;
use super::event::{Event, RefusedToken};
use super::event_code::{cause, code, is_at_launch};
use super::line::{self, is_due};
use super::redact::{quoted, redacted};
#[cfg(feature = "redis")]
use super::store_log;
use super::words::{
    any_client_accepted, callback_refusal, client_call, refused_token, session_end, session_place,
    sign_in_unmatched,
};

/// Prints the lines of `event`, if they are due.
pub(super) fn print(event: Event<'_>) {
    let code = code(&event);
    if is_due(code, cause(&event), is_at_launch(&event)) {
        lines(event).iter().for_each(|line| line::print(code, line));
        // The last line is to say how it is: a store that is lost once more is news.
        #[cfg(feature = "redis")]
        if matches!(code, LogCode::StoreConnected) {
            line::forget(LogCode::StoreConnectionLost);
        }
    } else if let Event::BearerTokenUnaccepted { reason, remedy } = event {
        // A developer who tries another token within the minute reads what is wrong with that one.
        print(Event::TokenRefused { token: RefusedToken::Bearer, reason, cause: remedy });
    }
}

/// What happened, in the first line; further ones begin with `>>`, such as what to do about it.
fn lines(event: Event<'_>) -> Vec<String> {
    match event {
        Event::LaunchRefused { error } => indented(&error.to_string()),
        Event::Launched { user_pool_id, client_id: Some(client_id), .. } => {
            vec![format!("user pool {user_pool_id}, client {client_id}")]
        }
        Event::Launched { user_pool_id, client_id: None, accepted_client_ids } => {
            vec![format!("user pool {user_pool_id}, tokens of {}", accepted_client_ids.join(", "))]
        }
        Event::ExpirationUnchecked => {
            vec!["expired tokens are accepted: check_expiration = false, for tests only".into()]
        }
        Event::CalledByPlainHttp { key, url } => vec![
            format!("calls to {url} leave this machine by plain http: others may read secrets, or forge tokens"),
            format!(">> where people are served, set `{key}` to an https URL"),
        ],
        Event::HeaderMayBeOfProxy { header } => vec![
            format!(
                "proxies add the header {header} to whatever a browser sends: pages of other sites could then cause changes \
                 here"
            ),
            ">> set jwt_header_from_proxy = true; or, if no proxy adds it and clients send it themselves: \
             jwt_header_from_proxy = false"
                .into(),
        ],
        Event::BearerTokensOnly => vec![">> nobody signs in here: only bearer tokens are accepted".into()],
        Event::AnyClientAccepted { resource } => vec![any_client_accepted(resource)],
        Event::RoutesMounted { login: false, callback: false, refresh: false, logout: false, .. } => {
            vec![">> `routes` leaves sign-in, callback and sign-out to the app".into()]
        }
        Event::RoutesMounted { mount, callback_path, login, callback, refresh, logout } => {
            let routes = [
                (login, format_args!("sign-in: GET {mount}/login")),
                (callback, format_args!("callback: GET {callback_path}")),
                (refresh, format_args!("refresh: POST {mount}/refresh")),
                (logout, format_args!("sign-out: POST {mount}/logout")),
            ];
            let mounted = routes.iter().filter(|(is_mounted, _)| *is_mounted);
            let mounted: Vec<_> = mounted.map(|(_, route)| route.to_string()).collect();
            vec![format!(">> {}", mounted.join(", "))]
        }
        Event::SecretKeyGenerated => vec![
            "there are no `secret_keys`, so a random key was made for this launch: sign-ins under way and sessions that are \
             sealed with it end when the app restarts"
                .into(),
            ">> set `secret_keys`, which is required outside of debug builds".into(),
        ],
        Event::Disabled { username, groups, origin, has_local_pool } => {
            let in_groups = match groups {
                [] => "in no group".to_owned(),
                groups => format!("in {}", quoted(&groups.join(", "))),
            };
            let mut lines = vec![format!(
                "DISABLED: nobody is asked to sign in, and every guard accepts every request, as {} ({in_groups})",
                quoted(username)
            )];
            if has_local_pool {
                lines.push(">> `local_pool` is on too, and is not started".into());
            }
            lines.push(format!(">> to switch it off: disabled = false; it is on by {origin}"));
            lines
        }
        Event::RequestsLogged => vec![
            "at `log_level = \"debug\"` Rocket prints whole requests, codes and cookies included".into(),
            ">> set log_level = \"normal\"".into(),
        ],
        Event::OwnRouteMissing { route, path } => {
            vec![format!("`routes` leaves the {route} to the app, but the app has no route at {path}")]
        }
        Event::HookNeverRuns { hook, occasion } => {
            vec![format!("the hook `{hook}` never runs: there is no {occasion}")]
        }
        Event::UnauthorizedUncaught { base } => {
            let place = base.map(|base| format!(" below {}", quoted(base))).unwrap_or_default();
            vec![
                format!(
                    "no catcher answers 401{place}: a browser that a guard refuses sees Rocket's bare page instead of the \
                     sign-in"
                ),
                ">> type `.register(\"/\", rocket_cognito::catchers())`, or register a catcher that returns \
                 `RedirectToLogin`"
                    .into(),
            ]
        }
        Event::OwnUrlElsewhere { key, url, port, right } => vec![
            format!(
                "`{key}` leads to {}, and this app listens on port {port}: browsers do not come back here, unless a proxy \
                 listens there",
                quoted(url)
            ),
            format!(">> put {right:?} in its place, and register it for the app client"),
        ],
        Event::OwnUrlPublic { key, url, right } => vec![
            format!(
                "`{key}` leads to {}, while the pool is on this machine: browsers do not come back here, unless a proxy \
                 leads here",
                quoted(url)
            ),
            format!(">> put {right:?} in its place, or set it in [release.cognito] only"),
        ],
        Event::SessionsStored { place, takes_sign_ins, per_user } => {
            let mut lines =
                vec![format!(">> sessions are kept {}; at most {per_user} of one user", session_place(place))];
            if !takes_sign_ins {
                lines.push(">> new ones are kept in cookies: session_store_writes = false".into());
            }
            lines
        }
        Event::SettingWithoutUse { key } => vec![
            format!("`{key}` has no effect on sessions in a store, only on those that began in cookies"),
            ">> take it out when they are over, after `session_max_seconds`".into(),
        ],
        Event::BearerDenylist => vec![
            ">> bearer tokens of sessions that were signed out are refused; all are while the store is out of reach"
                .into(),
        ],
        Event::AppAddress { origin, public_prefix } => vec![format!(">> open {origin}{public_prefix}/")],
        #[cfg(feature = "local-pool")]
        Event::LocalPoolStarted { base_url, usernames } => {
            vec![format!("local pool at {base_url}, for development only; users: {}", usernames.join(", "))]
        }
        #[cfg(feature = "local-pool")]
        Event::LocalPoolElsewhere { usual_port, base_url } => vec![
            format!("port {usual_port} is not free, so the local pool is at {base_url}"),
            format!(
                ">> for an address that stays, type a free port: local_pool = {{ port = {} }}",
                usual_port.saturating_add(1)
            ),
        ],
        #[cfg(feature = "local-pool")]
        Event::LocalPoolExposed { address } => vec![
            format!("the local pool listens on {address}: whoever can reach that address can sign in as anybody"),
            ">> to keep it on this machine, leave its `address` out".into(),
        ],
        #[cfg(feature = "local-pool")]
        Event::LocalPoolOutsideDebug { profile } => vec![
            format!("the local pool runs in profile \"{profile}\": whoever can reach it can sign in as anybody"),
            ">> to switch it off: local_pool = false".into(),
        ],
        #[cfg(feature = "local-pool")]
        Event::LocalPoolLacksClient { client_id, redirect_urls, logout_url } => vec![format!(
            "the local pool will refuse this app: no entry of its `clients` has client_id = {client_id:?}, {} among its \
             callback_urls and {logout_url:?} among its logout_urls",
            redirect_urls.iter().map(|url| format!("{url:?}")).collect::<Vec<_>>().join(" and "),
        )],
        #[cfg(feature = "local-pool")]
        Event::LocalPoolStateNotWritten { problem } => vec![problem.to_string()],

        Event::FairingMissing => vec![
            "a route has a guard of this crate, but the fairing is not attached".into(),
            ">> type `rocket::build().attach(rocket_cognito::Cognito::fairing())`".into(),
        ],
        Event::SignInNotConfigured => vec![
            "a route of the app's own begins, completes, refreshes or ends sessions, but `routes = \"none\"` without \
             `redirect_url` leaves sign-in out: only bearer tokens are accepted"
                .into(),
            ">> set `domain`, `redirect_url`, `logout_url` and `secret_keys`".into(),
        ],
        Event::RefreshNotEnabled => vec![
            "a route has the guard `Refresh`, but no session can be refreshed".into(),
            ">> type refresh_flow_enabled = true in the table `cognito`".into(),
        ],
        Event::SessionStoreMissing => vec![
            "a route has the guard `Sessions`, but sessions in cookies cannot be listed, and there is no store".into(),
            ">> type session_store = \"memory\" in the table `cognito`, for development and tests, or the URL of a Redis or \
             Valkey (feature `redis`), or give the fairing a store: `Cognito::fairing().session_store(…)`"
                .into(),
        ],
        Event::CallbackAlreadyMounted => vec![
            "a route has the guard `Callback`, but the fairing mounts the callback itself".into(),
            ">> type routes = [\"login\", \"refresh\", \"logout\"] in the table `cognito`".into(),
        ],
        #[cfg(feature = "templates")]
        Event::TemplateRejected { error } => {
            indented(&format!("the template \"cognito/denial.html\" was not accepted: {error}"))
        }

        Event::KeysLoaded { count } => vec![format!("{count} public keys loaded")],
        Event::KeysLeftOut { count } => vec![format!(
            "{count} of the published keys are not RSA keys of 2048 to 4096 bits for RS256 signatures, or share their \
             `kid`; they are left out"
        )],
        Event::KeysNotLoaded { source, reason, remedy, has_earlier_keys } => {
            let meanwhile = if has_earlier_keys {
                "the keys loaded before stay in use for up to a day"
            } else {
                "guarded routes answer 503 until keys are there"
            };
            with_remedy(
                format!("no public keys from {source}: {reason}; {meanwhile}, and the app tries again"),
                remedy,
            )
        }
        Event::HostRefused { host } => {
            let host = host.map_or_else(|| "none that can be read".to_owned(), quoted);
            vec![
                format!(
                    "authentication is DISABLED, and a request was refused for its Host, {host}: a page of another site \
                     may have sent it"
                ),
                format!(">> if that is a name of this app, list it: disabled_hosts = [{host}]"),
            ]
        }
        Event::GuardedRefused { guard, error: Some(error) } => {
            vec![format!("Request guard `{guard}` failed: {error:?}.")]
        }
        Event::GuardedRefused { guard, error: None } => {
            vec![format!("Request guard `{guard}` is forwarding.")]
        }
        Event::CrossSiteRefused { origin: Some(origin) } => {
            let origin = quoted(origin);
            vec![
                format!("a request was refused, since it comes from {origin}, which is not this site"),
                format!(">> if that is a front end of this app's own: trusted_origins = [{origin}]"),
            ]
        }
        Event::CrossSiteRefused { origin: None } => vec![
            "a request was refused, since neither `Sec-Fetch-Site` nor one `Origin` proves that it comes from this site"
                .into(),
        ],
        Event::TokenContradictsSetUp { token, reason, remedy } => {
            with_remedy(format!("{} was refused: {reason}", refused_token(token)), Some(remedy))
        }
        Event::BearerTokenUnaccepted { reason, remedy } => {
            with_remedy(format!("a bearer token was refused: {reason}"), Some(remedy))
        }
        Event::TokenRefused { token, reason, .. } => {
            vec![format!("{} was refused: {reason}", refused_token(token))]
        }

        #[cfg(feature = "testing")]
        Event::TestPoolAsked => vec![
            "a `TestPool` answers no such call".into(),
            ">> give a test that needs it a local pool: local_pool = true".into(),
        ],
        #[cfg(feature = "testing")]
        Event::TestPoolHasNoPages => vec![
            "a `TestPool` has no pages to sign in at, so the sign-in is answered with 503".into(),
            ">> give a test of the sign-in itself a local pool: local_pool = true".into(),
        ],
        Event::LoginMisconfigured { method, problem } => {
            vec![format!("a sign-in could not begin: `Login::{method}` {problem}")]
        }
        Event::SignInRefused { error, description } => {
            let description = description.map(|text| format!(", {}", redacted(text))).unwrap_or_default();
            let remedy = description.contains("invalid_scope").then_some(
                "`scopes` names one that the app client does not have: see \"OpenID Connect scopes\" of the client's \
                 managed login settings",
            );
            with_remedy(format!("the pool refused a sign-in: {}{description}", redacted(error)), remedy)
        }
        Event::CallbackRefused(refusal) => {
            vec![format!("a callback was refused: {}", callback_refusal(refusal))]
        }
        Event::CallbackUnmatched { has_state, host, is_callback_host, begun_at } => {
            sign_in_unmatched(has_state, host, is_callback_host, begun_at)
        }
        Event::CodeRefused => vec![
            "a code could not be exchanged: the pool answered \"invalid_grant\": it was used before, has expired, or was \
             not issued to this browser"
                .into(),
        ],
        Event::CodeExchangeFailed { reason, remedy } => {
            with_remedy(format!("a code could not be exchanged: {reason}"), remedy)
        }
        Event::ClientRefused { call, reason, remedy } => {
            with_remedy(format!("{}: {reason}", client_call(call)), Some(remedy))
        }
        Event::ClientSecret(event) => client_secret_log::lines(event),
        Event::TokensTooLarge { length } => vec![
            format!("a sign-in could not be completed: a token is {length}"),
            ">> the user is in too many groups, or has too many attributes: have the pool's pre-token trigger leave some out \
             of the tokens, or take attributes out of the app client's read permissions"
                .into(),
        ],
        Event::SignInNotFresh { reason, remedy } => {
            with_remedy(format!("a sign-in is not fresh: {reason}"), Some(remedy))
        }
        Event::SignInNotStrongEnough { reason, remedy } => {
            with_remedy(format!("a sign-in is not strong enough: {reason}"), Some(remedy))
        }

        Event::SessionTokenUnaccepted { reason } => with_remedy(
            format!("a session's access token was refused: {reason}"),
            Some(
                "if all are refused so, set this machine's clock right, and check `user_pool_id`, and `jwks` and `jwks_uri` \
                 where they are set",
            ),
        ),
        Event::RefreshFailed { reason } => {
            vec![format!("a session could not be refreshed, and is kept: {reason}")]
        }
        Event::SessionEnded(end) => vec![format!("a session has ended: {}", session_end(end))],
        Event::SessionForeign { reason } => vec![
            format!(
                "a browser sent a session of another app ({reason}): another app on this host has cookies of the same \
                 names, and the two sign each other's visitors out; or it is this app's own from before its pool or \
                 client was changed"
            ),
            ">> type cookie_suffix = \"shop\" in the table `cognito` of one".into(),
        ],
        Event::RevocationFailed { error } => vec![format!("a refresh token could not be revoked: {error}")],
        Event::RefreshTokenDropped { bytes } => vec![format!(
            "a refresh token of {bytes} bytes does not fit into cookies; it is not kept, and this session cannot be \
             refreshed"
        )],
        Event::IdTokenDropped { bytes } => vec![
            format!(
                "an ID token of {bytes} bytes does not fit into cookies beside the others; this session has no profile \
                 claims"
            ),
            ">> take attributes out of the app client's read permissions or the pre-token trigger".into(),
        ],

        Event::StoreFailed { error, .. } => vec![format!(
            "a call to the session store failed: {}; what needs it answers 503 until the store is back, and no session \
             ends",
            quoted(&error.to_string())
        )],
        Event::StoredValueUnreadable { reason } => vec![
            format!(
                "a session in the store does not open: {reason}; its visitor is not signed in, and it is left unchanged"
            ),
            ">> let all instances have the same `secret_keys`".into(),
        ],
        Event::SessionNotRemoved => vec![
            "a session ended while the session store was out of reach; this process refuses it, and tries for ten minutes \
             to remove it"
                .into(),
        ],
        Event::StoreGivenUp { what } => {
            vec![format!("the session store was out of reach for too long: {what}")]
        }
        #[cfg(feature = "redis")]
        Event::Store(event) => store_log::lines(event),
        Event::TooManyCalls => {
            vec!["too many calls to the pool at once; some visitors are asked to try again".into()]
        }
        // The error may repeat a token that the app called a service with.
        Event::HookFailed { hook, error } => {
            vec![format!("the hook `{hook}` failed: {}", redacted(error))]
        }
        // So may this one.
        Event::UserNotLoaded { user_type, error } => {
            vec![format!("no `{user_type}` could be loaded: {}", redacted(error))]
        }
    }
}

fn with_remedy(text: String, remedy: Option<&str>) -> Vec<String> {
    std::iter::once(text).chain(remedy.map(|remedy| format!(">> {remedy}"))).collect()
}

/// A text of several lines, of which all but the first are marked as further ones.
fn indented(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let first = lines.next().map(str::to_owned);
    first
        .into_iter()
        .chain(lines.map(|line| format!(">> {}", line.strip_prefix("  ").unwrap_or(line))))
        .collect()
}
