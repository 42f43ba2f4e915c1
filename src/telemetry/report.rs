//! Everything this crate writes to the log. One place, since Rocket 0.6 moves from `log` to `tracing`.
//!
//! Nothing here prints a token, code, secret or cookie. Text that comes from outside is escaped and cut.

use std::fmt::Display;

use super::redact::redacted;
use super::throttle::Throttle;
use crate::clock;
use crate::config::JwksSource;
use crate::error::Error;

const TARGET: &str = "rocket_cognito";

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
