//! Everything this crate writes to the log, but for `store_log.rs`.
//!
//! Nothing here prints a token, code, secret or cookie. Text that comes from outside is escaped and cut. A text is
//! formatted only where its level is logged.

use log::Level;

use super::event::{Event, SessionEnd};
use super::line::{detail, error, info, is_due, is_logged, warn};
use super::redact::{quoted, redacted};
#[cfg(feature = "redis")]
use super::store_log;
use super::words::{callback_refusal, refused_token, session_end, session_place};

/// Prints the lines of `event`.
pub(super) fn print(event: Event<'_>) {
    match event {
        Event::LaunchRefused { error } => error!("Cognito: {error}"),
        Event::Launched { user_pool_id, client_id: Some(client_id), .. } => {
            info!("Cognito: user pool {user_pool_id}, client {client_id}");
        }
        Event::Launched { user_pool_id, client_id: None, accepted_client_ids } => {
            info!("Cognito: user pool {user_pool_id}, tokens of {}", accepted_client_ids.join(", "));
        }
        Event::ExpirationUnchecked => {
            warn!("Cognito: tokens do NOT expire here: check_expiration = false, for tests only.");
        }
        Event::HeaderMayBeOfProxy { header } => {
            warn!(
                "Cognito: proxies add the header {header} to whatever a browser sends: other sites' pages could then change \
                 things here."
            );
            warn!(
                "   >> jwt_header_from_proxy = true; or, if no proxy adds it and clients send it themselves: \
                 jwt_header_from_proxy = false"
            );
        }
        Event::BearerTokensOnly => info!("   >> nobody signs in here: bearer tokens alone count"),
        Event::RoutesMounted { login: false, callback: false, refresh: false, logout: false, .. } => {
            info!("   >> `routes` leaves sign-in, callback and sign-out to the app");
        }
        Event::RoutesMounted { mount, callback_path, login, callback, refresh, logout } => {
            let routes = [
                (login, format_args!("sign-in: GET {mount}/login")),
                (callback, format_args!("callback: GET {callback_path}")),
                (refresh, format_args!("refresh: POST {mount}/refresh")),
                (logout, format_args!("sign-out: POST {mount}/logout")),
            ];
            let mounted = routes.iter().filter(|(is_mounted, _)| *is_mounted);
            info!("   >> {}", mounted.map(|(_, route)| route.to_string()).collect::<Vec<_>>().join(", "));
        }
        Event::SecretKeyGenerated => warn!(
            "Cognito: no `secret_keys`: made one for this launch. What it seals, sign-ins under way and refresh tokens, \
             ends when the app restarts. Outside of debug builds `secret_keys` is required."
        ),
        Event::Disabled { username, groups, origin, has_local_pool } => {
            warn!(
                "Cognito is DISABLED: nobody is asked to sign in, and every guard lets everybody pass, as {} ({}).",
                quoted(username),
                if groups.is_empty() {
                    "in no group".to_owned()
                } else {
                    format!("in {}", quoted(&groups.join(", ")))
                },
            );
            if has_local_pool {
                warn!("   >> `local_pool` is on too, and is not started");
            }
            warn!("   >> to switch it off: disabled = false; it is on by {origin}");
        }
        Event::RequestsLogged => warn!(
            "Cognito: at `log_level = \"debug\"` Rocket prints whole requests, codes and cookies included. \
             Set `log_level = \"normal\"`."
        ),
        Event::OwnRouteMissing { route, path } => {
            warn!("Cognito: `routes` leaves the {route} to the app, but no route stands at {path}.");
        }
        Event::HookNeverRuns { hook, occasion } => {
            warn!("Cognito: the hook `{hook}` is never run: there is no {occasion}.");
        }
        Event::UnauthorizedUncaught { base } => {
            let place = base.map(|base| format!(" below {}", quoted(base))).unwrap_or_default();
            if base.is_none() || is_due(Level::Warn, "no catcher for 401") {
                warn!(
                    "Cognito: no catcher answers 401{place}: whom a guard refuses sees Rocket's bare page instead of the \
                     sign-in. Type `.register(\"/\", rocket_cognito::catchers())`, or a catcher of your own that \
                     returns `RedirectToLogin`."
                );
            }
        }
        Event::OwnUrlElsewhere { key, url, port, right } => warn!(
            "Cognito: `{key}` leads to {}, and this app listens on port {port}: nobody comes back to it, unless a proxy \
             listens there. Put {right:?} in its place, and register it for the app client.",
            quoted(url),
        ),
        Event::OwnUrlPublic { key, url, right } => warn!(
            "Cognito: `{key}` leads to {}, while the pool is on this machine: people come back to another app than this \
             one, unless a proxy leads here. Put {right:?} in its place, or set it in [release.cognito] only.",
            quoted(url),
        ),
        Event::SessionsStored { place, takes_sign_ins, per_user } => {
            info!("   >> sessions lie {}; at most {per_user} of one user", session_place(place));
            if !takes_sign_ins {
                info!("   >> new ones lie in cookies: session_store_writes = false");
            }
        }
        Event::SettingWithoutUse { key } => warn!(
            "Cognito: `{key}` has no use for sessions in a store, whose tokens lie in no cookie. It counts for those that \
             began in cookies: take it out when they are over, after `session_max_seconds`."
        ),
        Event::BearerDenylist => info!(
            "   >> bearer tokens of sessions that were signed out are refused; all are while the store is out of reach"
        ),
        Event::AppAddress { origin, public_prefix } => info!("   >> open {origin}{public_prefix}/"),
        #[cfg(feature = "local-pool")]
        Event::LocalPoolStarted { base_url, usernames } => {
            info!("Cognito: local pool at {base_url}, for development only; users: {}", usernames.join(", "))
        }
        #[cfg(feature = "local-pool")]
        Event::LocalPoolElsewhere { usual_port, base_url } => info!(
            "Cognito: port {usual_port} is not free, so the local pool is at {base_url}. For an address that stays, type a \
             free port: local_pool = {{ port = {} }}",
            usual_port.saturating_add(1)
        ),
        #[cfg(feature = "local-pool")]
        Event::LocalPoolOutsideDebug { profile } => warn!(
            "Cognito: the local pool runs in profile \"{profile}\": whoever can reach it signs in as anybody. To switch it \
             off: local_pool = false."
        ),
        #[cfg(feature = "local-pool")]
        Event::LocalPoolLacksClient { client_id, redirect_urls, logout_url } => warn!(
            "Cognito: the local pool will refuse this app: no entry of its `clients` has client_id = {client_id:?}, {} \
             among its callback_urls and {logout_url:?} among its logout_urls.",
            redirect_urls.iter().map(|url| format!("{url:?}")).collect::<Vec<_>>().join(" and "),
        ),

        Event::FairingMissing => error!(
            "A route asks for a Cognito guard, but the fairing is not attached. \
             Type `rocket::build().attach(rocket_cognito::Cognito::fairing())`."
        ),
        Event::SignInNotConfigured => {
            if is_due(Level::Error, "sign-in is not configured") {
                error!(
                    "Cognito: a route of the app's own begins, completes, renews or ends sessions, but `routes = \"none\"` \
                     without `redirect_url` leaves sign-in out: only bearer tokens count. Set `domain`, `redirect_url`, \
                     `logout_url` and `secret_keys`."
                );
            }
        }
        Event::RefreshNotEnabled => error!(
            "A route asks for `Refresh`, but no session can be renewed. Type refresh_flow_enabled = true in the table \
             `cognito`."
        ),
        Event::SessionStoreMissing => error!(
            "A route asks for `Sessions`, but there is no store for them: nobody can list what lies in cookies. Type \
             session_store = \"memory\" in the table `cognito`, for development and tests, or the URL of a Redis or Valkey \
             (feature `redis`), or give the fairing a store: `Cognito::fairing().session_store(…)`."
        ),
        Event::CallbackAlreadyMounted => error!(
            "A route asks for `Callback`, but the fairing mounts the callback itself. Type \
             routes = [\"login\", \"refresh\", \"logout\"] in the table `cognito`."
        ),
        #[cfg(feature = "templates")]
        Event::TemplateRejected { error } => {
            error!("Cognito: the template \"cognito/denial.html\" was not accepted: {error}");
        }

        Event::KeysLoaded { count } => info!("Cognito: {count} public keys loaded"),
        Event::KeysLeftOut { count } => warn!(
            "Cognito: {count} of the published keys are not RSA keys of 2048 to 4096 bits for RS256 signatures, or share \
             their `kid`; they are left out."
        ),
        Event::KeysNotLoaded { source, reason, remedy, has_earlier_keys } => {
            let meanwhile = if has_earlier_keys {
                "The keys loaded before stay in use for up to a day"
            } else {
                "Guarded routes answer 503 until keys are there"
            };
            warn!("Cognito: no public keys from {source}: {reason}. {meanwhile}; trying again soon.");
            if let Some(remedy) = remedy {
                warn!("   >> {remedy}");
            }
        }
        Event::HostRefused { host } => {
            if is_due(Level::Warn, "a host in disabled mode") {
                let host = host.map_or_else(|| "none that can be read".to_owned(), quoted);
                warn!(
                    "Cognito is DISABLED, and a request was refused for the host that it names, {host}: another site's \
                     page may have sent it."
                );
                warn!("   >> if that is a name of this app, list it: disabled_hosts = [{host}]");
            }
        }
        Event::GuardedRefused { guard, error: Some(error) } => {
            detail!("Request guard `{guard}` failed: {error:?}.");
        }
        Event::GuardedRefused { guard, error: None } => detail!("Request guard `{guard}` is forwarding."),
        Event::CrossSiteRefused { origin } => cross_site_refused(origin),
        Event::TokenContradictsSetUp { token, reason, remedy } => {
            error!("Cognito: {} refused: {reason}", refused_token(token));
            error!("   >> {remedy}");
        }
        Event::BearerTokenUnaccepted { reason, remedy } if is_due(Level::Warn, remedy) => {
            warn!("Cognito: a bearer token was refused: {reason}.");
            warn!("   >> {remedy}");
        }
        Event::BearerTokenUnaccepted { reason, .. } => {
            info!("Cognito: a bearer token was refused: {reason}");
        }
        Event::TokenRefused { token, reason } => info!("Cognito: {} refused: {reason}", refused_token(token)),

        #[cfg(feature = "testing")]
        Event::TestPoolAsked => warn!(
            "Cognito: a `TestPool` has nobody to call. Give a test that needs that a local pool: local_pool = true"
        ),
        #[cfg(feature = "testing")]
        Event::TestPoolHasNoPages => warn!(
            "Cognito: a `TestPool` has no pages to sign in at, so the sign-in is answered with 503. Give a test of the \
             sign-in itself a local pool: local_pool = true"
        ),
        Event::LoginMisconfigured { method, problem } => {
            error!("Cognito: a sign-in could not begin: `Login::{method}` {problem}");
        }
        Event::SignInRefused { error, description } => {
            if is_logged(Level::Warn) {
                sign_in_refused(error, description);
            }
        }
        Event::CallbackRefused(refusal) => {
            let reason = callback_refusal(refusal);
            if is_due(Level::Warn, reason) {
                warn!("Cognito: a callback was refused: {reason}");
            }
        }
        Event::CallbackUnmatched { has_state, host, is_callback_host, begun_at } => {
            let reason = match has_state {
                true => {
                    "no login cookie came with it; it was begun elsewhere, or the cookie is blocked or hidden"
                }
                false => "it has no `state`; it was begun at the identity provider",
            };
            if is_due(Level::Warn, reason) {
                sign_in_unmatched(reason, host, is_callback_host, begun_at);
            }
        }
        Event::CodeExchangeFailed { reason, remedy } => {
            error!("Cognito: the code could not be exchanged: {reason}");
            if let Some(remedy) = remedy {
                error!("   >> {remedy}");
            }
        }
        Event::TokensTooLarge { length } => {
            error!("Cognito: the code could not be exchanged: a token is {length}");
            error!(
                "   >> the user is in too many groups, or has too many attributes: have the pool's pre-token trigger leave \
                 some out of the tokens, or take attributes out of the app client's read permissions"
            );
        }
        Event::SignInNotFresh { reason, remedy } => {
            if is_due(Level::Warn, reason) {
                warn!("Cognito: a sign-in is not fresh: {reason}");
                warn!("   >> {remedy}");
            }
        }

        Event::RefreshFailed { reason, remedy } => {
            warn!("Cognito: a session could not be renewed, and waits: {reason}");
            if let Some(remedy) = remedy {
                error!("   >> {remedy}");
            }
        }
        // Browsers do not mix the cookies of two sessions; somebody has.
        Event::SessionEnded(SessionEnd::UsersDiffer) => {
            warn!("Cognito: a session has ended: {}", session_end(SessionEnd::UsersDiffer));
        }
        Event::SessionEnded(end) => info!("Cognito: a session has ended: {}", session_end(end)),
        Event::SessionForeign { reason } => {
            if is_due(Level::Warn, "foreign session") {
                warn!(
                    "Cognito: a browser sent a session that is not this app's ({reason}): another app on this host has \
                     the same names of cookies, and the two sign each other's visitors out. Type \
                     cookie_suffix = \"shop\" in the table `cognito` of one. After a change of pool or client it is the \
                     app's own from before."
                );
            }
        }
        Event::RevocationFailed { error } => {
            warn!("Cognito: a refresh token could not be revoked: {error}");
        }
        Event::RefreshTokenDropped { bytes } => warn!(
            "Cognito: a refresh token of {bytes} bytes does not fit into cookies; it is not kept, and this session cannot be \
             renewed."
        ),
        Event::IdTokenDropped { bytes } => warn!(
            "Cognito: an ID token of {bytes} bytes does not fit into cookies beside the others; this session has no \
             profile claims. Take attributes out of the app client's read permissions or the pre-token trigger."
        ),

        // While it is out of reach, every request fails.
        Event::StoreFailed { error, is_at_launch } => {
            if is_at_launch || is_due(Level::Warn, "the store of sessions") {
                let error = quoted(&error.to_string());
                warn!(
                    "Cognito: a call to the session store failed: {error}. What needs it answers 503 until the store is \
                     back; no session ends."
                );
            }
        }
        Event::StoredValueUnreadable { reason } => {
            if is_due(Level::Warn, reason) {
                warn!(
                    "Cognito: a session in the store does not open: {reason}. Its visitor is not signed in, and it is left \
                     alone. All instances need the same `secret_keys`."
                );
            }
        }
        Event::SessionNotRemoved => {
            if is_due(Level::Warn, "a session that was not removed") {
                warn!(
                    "Cognito: a session ended while the session store was out of reach. This process refuses it, and tries \
                     for ten minutes to remove it."
                );
            }
        }
        Event::StoreGivenUp { what } => {
            if is_due(Level::Warn, what) {
                warn!("Cognito: the session store was out of reach for too long: {what}.");
            }
        }
        #[cfg(feature = "redis")]
        Event::Store(event) => store_log::print(event),
        Event::TooManyCalls => {
            if is_due(Level::Warn, "too many calls") {
                warn!("Cognito: too many calls to the pool at once; some visitors are told to come again");
            }
        }
        // The error may repeat a token that the app called a service with.
        Event::HookFailed { hook, error } => {
            error!("Cognito: the hook `{hook}` failed: {}", redacted(error));
        }
        // So may this one. While a database is down, every request fails.
        Event::UserNotLoaded { user_type, error } => {
            if is_due(Level::Error, user_type) {
                error!("Cognito: no `{user_type}` could be loaded: {}", redacted(error));
            }
        }
    }
}

fn sign_in_refused(error: &str, description: Option<&str>) {
    let description = description.map(|text| format!(", {}", redacted(text))).unwrap_or_default();
    warn!("Cognito: the pool refused a sign-in: {}{description}", redacted(error));
    if description.contains("invalid_scope") {
        warn!(
            "   >> `scopes` names one that the app client does not have: see \"OpenID Connect scopes\" of the \
             client's managed login settings."
        );
    }
}

fn sign_in_unmatched(reason: &str, host: Option<&str>, is_callback_host: bool, begun_at: Option<&str>) {
    let host = host.map_or_else(|| "none".to_owned(), quoted);
    warn!("Cognito: a sign-in came back unmatched at Host {host}: {reason}");
    if !is_callback_host {
        warn!(
            "   >> no callback has this host: let proxies pass `Host` on as it was, and check `redirect_url` and \
             `accepted_redirect_urls`"
        );
    }
    if let Some(host) = begun_at.map(quoted) {
        warn!(
            "   >> a sign-in was begun at Host {host}, where its cookie stays, and no callback has this host: if that is a name \
             of this app, redirect it to that of `redirect_url`, or add its callback to `accepted_redirect_urls`"
        );
    }
}

/// Not one text for both: those without a usable origin would silence the line that says what to type.
fn cross_site_refused(origin: Option<&str>) {
    match origin {
        Some(origin) if is_due(Level::Warn, "cross-site request of an origin") => {
            let origin = quoted(origin);
            warn!("Cognito: a request was refused, since it comes from {origin}, which is not this site.");
            warn!("   >> if that is a front end of this app's own: trusted_origins = [{origin}]");
        }
        None if is_due(Level::Warn, "cross-site request without an origin") => warn!(
            "Cognito: a request was refused, since neither `Sec-Fetch-Site` nor one `Origin` proves that it comes from \
             this site."
        ),
        _ => {}
    }
}
