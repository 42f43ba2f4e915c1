//! Guards for one kind of credential alone.

use std::ops::Deref;

use rocket::outcome::Outcome as RocketOutcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::guard::Guard;
use super::outcome::{fairing_is_missing, outcome, sign_in_is_missing};
use super::probe::has_noted_around;
use super::question;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::request::{BearerHeader, RequestState};
use crate::user::{CognitoUser, CredentialSource};

/// As the guard `G`, for bearer tokens alone: cookies are not looked at, so that no other site's page can cause the
/// request, and nobody is sent to sign in.
///
/// Where a proxy adds the token to whatever a browser sends, another site's page can: say so by the setting
/// `jwt_header_from_proxy`, and unsafe methods and WebSockets need the same proof as with a session.
///
/// # Whose tokens count
/// Every guard goes by these settings. Without them, access tokens of the pool count that name the app's `client_id`.
///
/// - **`accepted_client_ids = ["…"]`** accepts tokens of further app clients. A token then proves that the pool has issued
///   it to a client of the list. *Danger:* a listed client that exchanges tokens (RFC 8693) calls for any person whose
///   token it gets.
/// - **`resource = "https://api.example.com"`** is this API's own URL. The app serves metadata at
///   `/.well-known/oauth-protected-resource` (RFC 9728), challenges name them, and a token counts whose `aud` is this URL;
///   a token with another `aud` is refused, unless `accepted_audiences` lists it. That `aud` proves that the token was
///   asked for to call this API (RFC 8707). *Danger:* a listed client's token without `aud` counts all the same. Where
///   that is too little, ask for [`audience()`](CognitoUser::audience) in a policy.
/// - **`accepted_client_ids = "any"`**, beside `resource`, accepts access tokens of clients that no list names, such as
///   those that register themselves, if their `aud` is accepted. The token proves that the pool has issued it for this API,
///   and nothing of who has written the client. *Danger:* where anybody may register a client, anybody can have one that
///   asks people for such tokens. Guard with [`Scopes`](crate::policy::Scopes) of your own API, which the pool gives to no
///   client by itself. ID tokens and sessions count for named clients alone, so `bearer_token_use = "id"` beside it is
///   refused at launch.
/// - **`pool_metadata = "served"`** serves a copy of the pool's metadata at `/.well-known/oauth-authorization-server`
///   (RFC 8414), for clients that insist on reading there that the pool accepts `S256`. `"with_registration"` names the
///   pool's endpoint for registration, too. Both need `resource` and `domain`. The copy proves nothing, and no token counts
///   for its sake. *Danger:* it is made of the settings, so that it does not follow a change at the pool; and an endpoint
///   for registration that it names invites strangers, whom the pool has to refuse where they are not wanted.
///
/// ```toml
/// [default.cognito]
/// resource = "https://api.example.com"
/// accepted_client_ids = "any"
/// pool_metadata = "with_registration"
/// ```
///
/// Sources: RFC 8707, RFC 9728, RFC 8414; Cognito's developer guide, "Dynamic client registration".
///
/// # Errors
/// Beside those of `G`, such as 403 `cross_site` with `jwt_header_from_proxy`:
/// - 401 `bearer_required`: there is no header that carries a token, or another guard of the request, such as
///   [`Refresh`](crate::Refresh), has gone by its cookies.
/// - 401 `other_scheme`: it is there, with another scheme.
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::{BearerOnly, Group, InGroups};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[post("/api/posts")]
/// fn create(by: BearerOnly<InGroups<Admin>>) -> String {
///     format!("Written by {}", by.username())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct BearerOnly<G = CognitoUser>(pub G);

/// As the guard `G`, for the session of a browser alone.
///
/// # Errors
/// Beside those of `G`:
/// - 401 `session_required`: the request carries a bearer token, or a header for one that has no such form.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::SessionOnly;
///
/// #[get("/account")]
/// fn account(user: SessionOnly) -> String {
///     format!("Hello, {}", user.username())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct SessionOnly<G = CognitoUser>(pub G);

#[rocket::async_trait]
impl<'r, G: FromRequest<'r, Error = Denial>> FromRequest<'r> for BearerOnly<G> {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        match judged_header(request) {
            // What is wrong with a header is told by `G`.
            Some(header) if header.is_absent() => {
                outcome(Err(Denial::record(request, header.without_token(), None)))
            }
            _ => match question::with(request, G::from_request(request).await, Asks::by_bearer_token) {
                // By cookies, in spite of the header, as `Callback` and `Refresh` do.
                RocketOutcome::Success(_) if is_of_session(request) => {
                    outcome(Err(Denial::record(request, Reason::BearerRequired, None)))
                }
                other => other.map(BearerOnly),
            },
        }
    }
}

#[rocket::async_trait]
impl<'r, G: FromRequest<'r, Error = Denial>> FromRequest<'r> for SessionOnly<G> {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        match judged_header(request) {
            Some(header) if !header.is_absent() => {
                outcome(Err(Denial::record(request, Reason::SessionRequired, None)))
            }
            _ => question::with(request, G::from_request(request).await, Asks::by_session).map(SessionOnly),
        }
    }
}

/// The header, unless everybody passes.
fn judged_header<'r>(request: &'r Request<'_>) -> Option<BearerHeader<'r>> {
    let app =
        App::of(request.rocket()).filter(|app| !app.is_disabled() && !question::is_question(request))?;
    Some(BearerHeader::of(request, &app.settings.bearer))
}

/// Whether the request's caller was found by its cookies.
fn is_of_session(request: &Request<'_>) -> bool {
    RequestState::of(request).caller().is_some_and(|caller| caller.source() == CredentialSource::Session)
}

macro_rules! transparent {
    ($Guard:ident, $by:path, $abort:path) => {
        impl<G> Deref for $Guard<G> {
            type Target = G;

            fn deref(&self) -> &G {
                &self.0
            }
        }

        impl<G: AsRef<CognitoUser>> AsRef<CognitoUser> for $Guard<G> {
            fn as_ref(&self) -> &CognitoUser {
                self.0.as_ref()
            }
        }

        impl<G: Guard> Guard for $Guard<G> {
            fn asks() -> Asks {
                $by(G::asks())
            }
        }

        impl<G: Sentinel + 'static> Sentinel for $Guard<G> {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                has_noted_around::<Self, G>(rocket, $by) || $abort(rocket) || G::abort(rocket)
            }
        }
    };
}

transparent!(BearerOnly, Asks::by_bearer_token, fairing_is_missing);
transparent!(SessionOnly, Asks::by_session, sign_in_is_missing);
