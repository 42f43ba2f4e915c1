//! A browser's session as a test has it.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocket::Request;
use rocket::http::{Cookie, Header};
use serde_json::json;
use tokio::sync::OnceCell;

use super::app_facts::AppFacts;
use super::cookie_jar::CookieJar;
use super::grant::Grant;
use super::misuse::misuse;
use super::person_facts::PersonFacts;
use super::pool_handle::PoolHandle;
use crate::app::{App, SignInParts};
use crate::clock::UnixSeconds;
use crate::http::RequestCookies;
use crate::oauth::tokens;
use crate::pool::{IssuedTokens, TokensRejected, UserPool};
use crate::session::{NotIssued, SessionChange, SignInDetails};
use crate::token::{TokenError, refresh_token, uuid};

/// Where a test has asked for something.
pub(super) type Place = &'static Location<'static>;

/// A person's session in one browser: what [`Person::session`](super::Person::session) returns. Clones are of the same browser.
///
/// The app issues it with the first request that has it, as a sign-in does at its end: its tokens are verified, its cookies
/// sealed, and where sessions lie in a store it is there.
///
/// # Example
/// ```rust
/// use std::time::Duration;
/// use rocket::local::blocking::Client;
/// use rocket::{get, routes};
/// use rocket_cognito::{Cognito, CognitoUser};
/// use rocket_cognito::testing::{Ask, TestPool};
///
/// #[get("/desk")]
/// fn desk(user: CognitoUser) -> String { user.username().to_owned() }
///
/// let pool = TestPool::new();
/// let app = rocket::build().attach(Cognito::fairing()).mount("/", routes![desk]);
/// let client = Client::tracked(pool.attach(app)).unwrap();
///
/// let session = pool.person("alice").session();
/// assert_eq!(client.get("/desk").signed_in(&session).ask().status().code, 200);
/// pool.clock().advance(Duration::from_secs(40 * 86_400)); // longer than any session lasts
/// assert_eq!(client.get("/desk").signed_in(&session).ask().status().code, 401);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Session {
    pool: PoolHandle,
    person: Arc<PersonFacts>,
    begun_at: UnixSeconds,
    browser: Arc<Browser>,
}

#[derive(Default)]
struct Browser {
    /// The pool of the app that has issued the session, once it has.
    issued_by: OnceCell<Arc<UserPool>>,
    jar: Mutex<CookieJar>,
}

impl Session {
    pub(super) fn new(pool: PoolHandle, person: Arc<PersonFacts>, begun_at: UnixSeconds) -> Self {
        Session { pool, person, begun_at, browser: Arc::default() }
    }

    pub(super) fn pool(&self) -> &PoolHandle {
        &self.pool
    }

    fn jar(&self) -> MutexGuard<'_, CookieJar> {
        self.browser.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the session's cookies to `request`, beside those that the test gives it.
    pub(super) async fn add_to(&self, request: &mut Request<'_>, asked_at: Place) {
        let Some(app) = App::of(request.rocket()).map(Arc::clone) else { return };
        let Some(parts) = &app.sign_in else {
            fail(asked_at, "nobody signs in at this app: give the request a token, `.bearer(…)`")
        };
        let issued_by =
            self.browser.issued_by.get_or_init(|| self.begin(request, &app, parts, asked_at)).await;
        if !Arc::ptr_eq(issued_by, &app.pool) {
            let name = self.person.username();
            fail(
                asked_at,
                &format!("the session of {name} is of another app: take one for each, `alice.session()`"),
            );
        }
        let pair = |(name, value): (String, String)| format!("{name}={value}");
        let own = self.jar().sent(app.clock.now()).into_iter().map(pair);
        let given: Vec<String> = request.headers().get("Cookie").map(str::to_owned).collect();
        let others = request.cookies().iter().filter(|cookie| !parts.sessions.is_cookie(cookie.name()));
        let others = others.map(|cookie| pair((cookie.name().to_owned(), cookie.value().to_owned())));
        let header = given.into_iter().chain(others).chain(own).collect::<Vec<_>>().join("; ");
        request.replace_header(Header::new("Cookie", header));
    }

    /// Has the app issue the session.
    async fn begin(
        &self,
        request: &Request<'_>,
        app: &App,
        parts: &SignInParts,
        asked_at: Place,
    ) -> Arc<UserPool> {
        let (name, at) = (self.person.username(), self.begun_at);
        let grant = Grant {
            person: Arc::clone(&self.person),
            app: AppFacts::of(app),
            origin_jti: uuid(),
            signed_in_at: at,
        };
        let minted = grant.tokens(at);
        // Nothing refreshes the session of a person whose session is to be over.
        let refresh_token = if self.person.is_expired { refresh_token() } else { self.pool.remember(grant) };
        let answer = json!({
            "access_token": minted.access_token,
            "id_token": minted.id_token,
            "refresh_token": refresh_token,
            "token_type": "Bearer",
        });
        let Some(answer) = tokens(answer.to_string().as_bytes()) else {
            fail(asked_at, "the test pool could not read its own answer")
        };
        let issued = match IssuedTokens::verify(&app.pool, &answer, at).await {
            Ok(issued) => issued,
            Err(rejected) => {
                fail(asked_at, &format!("{name} cannot sign in at this app: {}", reason(&rejected)))
            }
        };
        let details = SignInDetails {
            refresh_token: answer.refresh_token.as_ref(),
            is_persistent: None,
            user_agent: request.headers().get_one("User-Agent"),
        };
        let Some(endpoints) = app.pool.endpoints().map(Arc::clone) else {
            fail(asked_at, "nobody signs in at this app: give the request a token, `.bearer(…)`")
        };
        let issued = match parts.sessions.issue(issued, details, endpoints, at).await {
            Ok(issued) => issued,
            Err(NotIssued::TooLarge) => fail(
                asked_at,
                &format!("{name} cannot sign in at this app: the tokens do not fit into a session"),
            ),
            Err(NotIssued::StoreUnavailable) => fail(
                asked_at,
                &format!("{name} cannot sign in at this app: its store for sessions is out of reach"),
            ),
        };
        let nothing = RequestCookies::default();
        let begun = SessionChange::Begun(Arc::new(issued));
        let cookies = parts.sessions.save(nothing.of(request), &begun).await;
        if self.person.is_expired {
            cookies.iter().for_each(|cookie| self.jar().take_for_good(cookie));
        } else {
            self.keep(cookies.iter(), app, parts);
            self.jar().age(at, app.settings.cookies.age_seconds, app.clock.now());
        }
        Arc::clone(&app.pool)
    }

    /// Takes what an answer does to the session's cookies.
    pub(super) fn keep<'c>(
        &self,
        cookies: impl Iterator<Item = &'c Cookie<'static>>,
        app: &App,
        parts: &SignInParts,
    ) {
        let now = app.clock.now();
        for cookie in cookies.filter(|cookie| parts.sessions.is_cookie(cookie.name())) {
            self.jar().take(cookie, now);
        }
    }
}

/// Ends the test, and names the line that has asked for the session.
fn fail(asked_at: Place, text: &str) -> ! {
    misuse(format!("{text} (asked for at {asked_at})"))
}

/// Why the app does not accept the tokens of a sign-in.
fn reason(rejected: &TokensRejected) -> String {
    let error = match rejected {
        TokensRejected::SetUp(fault) => fault.error,
        TokensRejected::Token(error) => *error,
        TokensRejected::KeysUnavailable | TokensRejected::UnknownKey => TokenError::UnknownKey,
    };
    let hint = match error {
        TokenError::Client => {
            ". A session has tokens of the app's own client: use `.bearer(…)` for those of another"
        }
        TokenError::Delegated => ". An agent has no session: use `.bearer(…)`",
        _ => "",
    };
    format!("a token is refused, {error}{hint}")
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("person", &self.person.username()).finish_non_exhaustive()
    }
}
