//! Everything this crate writes to the log. One place, since Rocket 0.6 moves from `log` to `tracing`.
//!
//! Nothing here prints a token, code, secret or cookie. Text that comes from outside is escaped and cut.

use std::fmt::Display;

use super::redact::{quoted, redacted};
use super::throttle::Throttle;
use crate::clock;
use crate::config::{Disabled, JwksSource, Settings};
use crate::error::Error;

const TARGET: &str = "rocket_cognito";

pub(crate) fn launch(settings: &Settings) {
    let clients = match settings.has_own_client {
        true => format!("client {}", settings.client_id),
        false => format!("tokens of {}", settings.client_ids.join(", ")),
    };
    log::info!(target: TARGET, "Cognito: user pool {}, {clients}", settings.user_pool_id);
    let Settings { mount, callback_path, routes, .. } = settings;
    let mounted = [
        (routes.login, format!("sign-in: GET {mount}/login")),
        (routes.callback, format!("callback: GET {callback_path}")),
        (routes.refresh && settings.refresh_flow_enabled, format!("refresh: POST {mount}/refresh")),
        (routes.logout, format!("sign-out: POST {mount}/logout")),
    ];
    let mounted: Vec<_> = mounted.into_iter().filter(|(on, _)| *on).map(|(_, route)| route).collect();
    if !settings.check_expiration {
        log::warn!(
            target: TARGET,
            "Cognito: tokens do NOT expire here: check_expiration = false, for tests only."
        );
    }
    if !settings.signs_in {
        log::info!(target: TARGET, "   >> nobody signs in here: bearer tokens alone count");
    } else if mounted.is_empty() {
        log::info!(target: TARGET, "   >> `routes` leaves sign-in, callback and sign-out to the app");
    } else {
        log::info!(target: TARGET, "   >> {}", mounted.join(", "));
    }
    if settings.secret_keys_are_random {
        log::warn!(
            target: TARGET,
            "Cognito: no `secret_keys`: made one for this launch. What it seals, sign-ins under way and refresh tokens, \
             ends when the app restarts. Outside of debug builds `secret_keys` is required."
        );
    }
}

/// At each launch, so that nobody forgets it.
pub(crate) fn disabled(disabled: &Disabled) {
    let Disabled { user, origin, has_local_pool } = disabled;
    let groups = match user.groups.as_slice() {
        [] => "in no group".to_owned(),
        groups => format!("in {}", quoted(&groups.join(", "))),
    };
    log::warn!(
        target: TARGET,
        "Cognito is DISABLED: nobody is asked to sign in, and every guard lets everybody pass, as {} ({groups}).",
        quoted(&user.username),
    );
    if *has_local_pool {
        log::warn!(target: TARGET, "   >> `local_pool` is on too, and is not started");
    }
    log::warn!(target: TARGET, "   >> to switch it off: disabled = false; it is on by {origin}");
}

pub(crate) fn debug_level_outside_debug() {
    log::warn!(
        target: TARGET,
        "Cognito: at `log_level = \"debug\"` Rocket prints whole requests, codes and cookies included. \
         Set `log_level = \"normal\"`."
    );
}

pub(crate) fn refused_launch(error: &Error) {
    log::error!(target: TARGET, "Cognito: {error}");
}

/// The app has routes for a sign-in that its settings leave out.
pub(crate) fn nobody_signs_in() {
    static TOLD: Throttle = Throttle::new();
    if TOLD.allows("", clock::now()) {
        log::error!(
            target: TARGET,
            "Cognito: a route of the app's own begins, completes, renews or ends sessions, but `routes = \"none\"` \
             without `redirect_url` leaves sign-in out: only bearer tokens count. Set `domain`, `redirect_url`, \
             `logout_url` and `secret_keys`."
        );
    }
}

pub(crate) fn missing_fairing() {
    log::error!(
        target: TARGET,
        "A route asks for a Cognito guard, but the fairing is not attached. \
         Type `rocket::build().attach(rocket_cognito::Cognito::fairing())`."
    );
}

pub(crate) fn keys_loaded(count: usize) {
    log::info!(target: TARGET, "Cognito: {count} public keys loaded");
}

pub(crate) fn keys_left_out(count: usize) {
    log::warn!(
        target: TARGET,
        "Cognito: {count} of the published keys are not RSA keys of 2048 to 4096 bits for RS256 signatures, or share \
         their `kid`; they are left out."
    );
}

pub(crate) fn keys_not_loaded(source: &JwksSource, reason: &str, earlier_ones_usable: bool) {
    let place = source.to_string();
    let meanwhile = if earlier_ones_usable {
        "The keys loaded before stay in use for up to a day"
    } else {
        "Guarded routes answer 503 until keys are there"
    };
    log::warn!(
        target: TARGET,
        "Cognito: no public keys from {place}: {reason}. {meanwhile}; trying again soon."
    );
}

pub(crate) fn token_refused(what: &str, error: impl Display) {
    log::info!(target: TARGET, "Cognito: {what} refused: {error}");
}

/// The pool sent the visitor back with an error instead of a code.
pub(crate) fn pool_refused(error: &str, description: Option<&str>) {
    let description = description.map(|text| format!(", {}", redacted(text))).unwrap_or_default();
    log::warn!(target: TARGET, "Cognito: the pool refused a sign-in: {}{description}", redacted(error));
    if description.contains("invalid_scope") {
        log::warn!(
            target: TARGET,
            "   >> `scopes` names one that the app client does not have: see \"OpenID Connect scopes\" of the \
             client's managed login settings."
        );
    }
}

/// The token endpoint did not give tokens.
pub(crate) fn exchange_failed(reason: &str, remedy: Option<&str>) {
    log::error!(target: TARGET, "Cognito: the code could not be exchanged: {reason}");
    if let Some(remedy) = remedy {
        log::error!(target: TARGET, "   >> {remedy}");
    }
}

/// The pool says more of somebody who signs in than a session holds.
pub(crate) fn too_much_of_a_user(length: impl Display) {
    let remedy = "the user is in too many groups, or has too many attributes: have the pool's pre-token trigger leave \
                  some out of the tokens, or take attributes out of the app client's read permissions";
    exchange_failed(&format!("a token is {length}"), Some(remedy));
}

/// A hook of the app's own returned an error, or panicked. Its error may repeat a token that it called a service with.
pub(crate) fn hook_failed(name: &str, error: &str) {
    log::error!(target: TARGET, "Cognito: the hook `{name}` failed: {}", redacted(error));
}

/// The app's own loader of users failed. Its error may repeat a token that it called a service with. Told once a minute
/// for each type of users: while a database is down, every request fails.
pub(crate) fn user_not_loaded(of_type: &'static str, problem: &str) {
    static TOLD: Throttle = Throttle::new();
    if TOLD.allows(of_type, clock::now()) {
        log::error!(target: TARGET, "Cognito: no `{of_type}` could be loaded: {}", redacted(problem));
    }
}

pub(crate) fn refresh_flow_is_off() {
    log::error!(
        target: TARGET,
        "A route asks for `Refresh`, but no session can be renewed. Type refresh_flow_enabled = true in the table \
         `cognito`."
    );
}

pub(crate) fn callback_is_mounted() {
    log::error!(
        target: TARGET,
        "A route asks for `Callback`, but the fairing mounts the callback itself. Type \
         routes = [\"login\", \"refresh\", \"logout\"] in the table `cognito`."
    );
}

/// A route that the settings leave to the app, which does not have it.
pub(crate) fn own_route_is_missing(name: &str, path: &str) {
    log::warn!(
        target: TARGET,
        "Cognito: `routes` leaves the {name} to the app, but no route stands at {path}."
    );
}

pub(crate) fn hook_is_never_run(name: &str, route: &str) {
    log::warn!(
        target: TARGET,
        "Cognito: the hook `{name}` is never run: there is no {route}."
    );
}

/// As many calls as may be are under way.
pub(crate) fn too_many_calls() {
    static TOLD: Throttle = Throttle::new();
    if TOLD.allows("", clock::now()) {
        log::warn!(target: TARGET, "Cognito: too many calls to the pool at once; some visitors are told to come again");
    }
}

/// The token endpoint did not renew a session.
pub(crate) fn renewal_failed(reason: &str, remedy: Option<&str>) {
    log::warn!(target: TARGET, "Cognito: a session could not be renewed, and waits: {reason}");
    if let Some(remedy) = remedy {
        log::error!(target: TARGET, "   >> {remedy}");
    }
}

pub(crate) fn session_over(reason: &str) {
    log::info!(target: TARGET, "Cognito: a session has ended: {reason}");
}

pub(crate) fn session_of_two_people() {
    log::warn!(target: TARGET, "Cognito: a session has ended: its cookies are of two people");
}

pub(crate) fn revocation_failed(reason: &str) {
    log::warn!(target: TARGET, "Cognito: a refresh token could not be revoked: {reason}");
}

/// `reason` is told once a minute.
pub(crate) fn callback_refused(reason: &'static str) {
    static TOLD: Throttle = Throttle::new();
    if TOLD.allows(reason, clock::now()) {
        log::warn!(target: TARGET, "Cognito: a callback was refused: {reason}");
    }
}

/// A sign-in that was to be fresh is not, and is thrown away. Told once a minute each.
pub(crate) fn not_fresh(reason: &'static str, remedy: &str) {
    static TOLD: Throttle = Throttle::new();
    if TOLD.allows(reason, clock::now()) {
        log::warn!(target: TARGET, "Cognito: a sign-in is not fresh: {reason}");
        log::warn!(target: TARGET, "   >> {remedy}");
    }
}

/// An app's own login route asks for what cannot be.
pub(crate) fn login_misconfigured(method: &str, problem: &str) {
    log::error!(target: TARGET, "Cognito: a sign-in could not begin: `Login::{method}` {problem}");
}

#[cfg(feature = "local-pool")]
pub(crate) fn local_pool(base_url: &str, usernames: &[&str]) {
    let users = usernames.join(", ");
    log::info!(target: TARGET, "Cognito: local pool at {base_url}, for development only; users: {users}");
}

#[cfg(feature = "local-pool")]
pub(crate) fn local_pool_lacks_client(settings: &Settings) {
    let redirect_urls: Vec<_> = settings.redirect_urls.iter().map(|url| format!("{:?}", url.text)).collect();
    log::warn!(
        target: TARGET,
        "Cognito: the local pool will refuse this app: no entry of its `clients` has client_id = {:?}, {} among its \
         callback_urls and {:?} among its logout_urls.",
        settings.client_id,
        redirect_urls.join(" and "),
        settings.logout_url,
    );
}

/// The one name of the app that works: another name of loopback is another cookie jar.
pub(crate) fn what_to_open(settings: &Settings) {
    log::info!(target: TARGET, "   >> open {}{}/", settings.origin, settings.public_prefix);
}

#[cfg(feature = "templates")]
pub(crate) fn template_rejected(reason: &str) {
    log::error!(target: TARGET, "Cognito: the template \"cognito/denial.html\" was not accepted: {reason}");
}

pub(crate) fn refresh_token_too_large(bytes: usize) {
    log::warn!(
        target: TARGET,
        "Cognito: a refresh token of {bytes} bytes does not fit into cookies; it was revoked and not kept."
    );
}

pub(crate) fn id_token_too_large(bytes: usize) {
    log::warn!(
        target: TARGET,
        "Cognito: an ID token of {bytes} bytes does not fit into cookies beside the others; this session has no \
         profile claims. Take attributes out of the app client's read permissions or the pre-token trigger."
    );
}
