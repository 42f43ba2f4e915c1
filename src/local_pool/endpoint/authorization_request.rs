//! An authorization request (RFC 6749 section 4.1.1), checked as Cognito does.

use std::sync::Arc;

use rocket::http::CookieJar;

use super::ending;
use super::level_asked::LevelAsked;
use super::pages::PageOrRedirect;
use super::parameters::{Parameters, with_query};
use super::prompt::Prompt;
use super::redirect::{Found, redirect_mismatch};
use super::sign_in_at::SignInAt;
use crate::http::check_resource;
use crate::local_pool::config::{Factors, LocalClient};
use crate::local_pool::state::{AuthorizationCode, Grant, Pool, Session, User};

/// Scopes that are about the user's attributes and mean nothing without `openid`.
const NEEDS_OPENID: [&str; 3] = ["email", "phone", "profile"];

/// A request that names a registered client and callback and breaks no rule.
pub(super) struct AuthorizationRequest<'p> {
    client: Arc<LocalClient>,
    redirect_uri: &'p str,
    scopes: Vec<String>,
    state: Option<&'p str>,
    nonce: Option<&'p str>,
    code_challenge: Option<&'p str>,
    resource: Option<&'p str>,
    pub(super) prompt: Prompt,
    pub(super) level: LevelAsked,
    pub(super) sign_in_at: SignInAt,
    /// Who is expected to sign in.
    pub(super) login_hint: Option<&'p str>,
}

impl<'p> AuthorizationRequest<'p> {
    /// Checks the parameters of `/oauth2/authorize`, which `/login` gets too. The error goes to the
    /// client when that and the callback are known, else to the pool's own error page.
    pub(super) fn check(pool: &'p Pool, parameters: &'p Parameters) -> Result<Self, Found> {
        let client_id = parameters.get("client_id").unwrap_or_default();
        let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
        let client = pool.client(client_id);
        if client.as_ref().is_some_and(|client| client.client_credentials) {
            // A machine has no callback that could get this.
            let parameters = [("error", "unauthorized_client"), ("client_id", client_id)];
            return Err(Found::at(with_query("/error", &parameters)));
        }
        let client = client
            .filter(|client| client.callback_urls.iter().any(|url| url == redirect_uri))
            .ok_or_else(|| redirect_mismatch(client_id, "redirect_uri", redirect_uri))?;

        let state = parameters.get("state");
        let to_client = |error, description| Found::at(with_error(redirect_uri, state, error, description));
        let invalid = |description| to_client("invalid_request", Some(description));

        if parameters.is_garbled() {
            return Err(invalid("repeated or garbled parameter"));
        }
        match parameters.get("response_type") {
            Some("code") => {}
            Some("token") => return Err(to_client("unauthorized_client", None)),
            _ => return Err(invalid("invalid response_type")),
        }
        let code_challenge = parameters.get("code_challenge");
        match (code_challenge, parameters.get("code_challenge_method")) {
            (None, None) => {}
            (Some(challenge), Some("S256")) if is_sha256(challenge) => {}
            (Some(_), Some("S256")) => return Err(invalid("invalid code_challenge")),
            (Some(_), None) => return Err(invalid("code_challenge_method is required")),
            (None, Some(_)) => return Err(invalid("code_challenge is required")),
            (Some(_), Some(_)) => return Err(invalid("code_challenge_method must be S256")),
        }
        let scopes =
            granted_scopes(&client, parameters.get("scope")).ok_or_else(|| invalid("invalid_scope"))?;
        let resource = parameters.get("resource");
        if resource.is_some_and(|resource| check_resource(resource).is_err()) {
            return Err(invalid("invalid resource"));
        }
        let sign_in_at = SignInAt::of(pool, parameters).map_err(invalid)?;
        let prompt = parameters.get("prompt").filter(|_| !pool.config.classic_hosted_ui);
        let prompt = Prompt::parse(prompt).ok_or_else(|| invalid("contradictory prompt"))?;
        Ok(AuthorizationRequest {
            client,
            redirect_uri,
            scopes,
            state,
            nonce: parameters.get("nonce"),
            code_challenge,
            resource,
            prompt,
            level: LevelAsked::of(pool, parameters).map_err(invalid)?,
            sign_in_at,
            login_hint: parameters.get("login_hint"),
        })
    }

    /// Sends the browser back without a code: nobody is signed in, and no page may be shown.
    pub(super) fn login_required(&self) -> Found {
        self.end("login_required", None)
    }

    /// Sends the browser back with an error.
    pub(super) fn end(&self, error: &str, description: Option<&str>) -> Found {
        Found::at(with_error(self.redirect_uri, self.state, error, description))
    }

    /// The session of a user who has just shown a password, or come from another provider.
    pub(super) fn new_session(&self, pool: &Pool, user: &User) -> Session {
        let provider = self.sign_in_at.provider().map(|provider| provider.name.as_str());
        let provider = provider.or(user.provider()).map(str::to_owned);
        let session = Session::new(user, pool.now());
        let factors = if provider.is_some() { Factors::default() } else { session.factors };
        let client_id = Some(self.client.client_id.clone());
        Session { provider, factors, client_id, ..session }
    }

    /// Signs somebody in, and sends the browser back with a code.
    pub(super) fn sign_in(&self, pool: &Pool, session: Session, cookies: &CookieJar<'_>) -> PageOrRedirect {
        pool.begin_session(&session, cookies);
        PageOrRedirect::Redirect(self.grant(pool, session))
    }

    /// The session of the browser, where this request may go on with it.
    pub(super) fn session(&self, pool: &Pool, cookies: &CookieJar<'_>) -> Option<(User, Session)> {
        let session = pool.session(cookies, self.client_id()).filter(|session| {
            self.prompt != Prompt::Always
                && self.sign_in_at.resumes(session)
                && self.level.accepts_age(session, pool.now())
        })?;
        Some((pool.users.enabled(&session.username, &session.sub)?, session))
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client.client_id
    }

    /// Sends the signed-in browser back with a code.
    pub(super) fn grant(&self, pool: &Pool, session: Session) -> Found {
        let shows_level = pool.config.levels.are_shown(self.level.was_asked());
        let sso_session = Some(session.id.clone()).filter(|_| pool.sso_seconds() > 0);
        let mut grant = Grant::new(&self.client.client_id, session, self.scopes.clone(), shows_level);
        grant.sso_session = sso_session;
        grant.resource = self.resource.map(str::to_owned);
        let code = pool.new_code(AuthorizationCode {
            grant,
            redirect_uri: self.redirect_uri.into(),
            nonce: self.nonce.map(str::to_owned),
            code_challenge: self.code_challenge.map(str::to_owned),
        });
        let parameters: Vec<_> =
            [("code", code.as_str())].into_iter().chain(self.state.map(|state| ("state", state))).collect();
        Found::at(with_query(self.redirect_uri, &parameters))
    }

    /// Host and port that the browser will be sent back to.
    pub(super) fn destination(&self) -> &'p str {
        let rest = self.redirect_uri.split_once("://").map_or(self.redirect_uri, |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or(rest)
    }
}

fn with_error(redirect_uri: &str, state: Option<&str>, error: &str, description: Option<&str>) -> String {
    with_query(redirect_uri, &ending::parameters(error, description, state))
}

/// The scopes of a sign-in; `None` when one of them is not allowed, or not without `openid`.
fn granted_scopes(client: &LocalClient, asked: Option<&str>) -> Option<Vec<String>> {
    let granted = client.granted_scopes(asked)?;
    let needs_openid = granted.iter().any(|scope| NEEDS_OPENID.contains(&scope.as_str()));
    (!needs_openid || granted.iter().any(|scope| scope == "openid")).then_some(granted)
}

/// 32 bytes as base64url.
fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
