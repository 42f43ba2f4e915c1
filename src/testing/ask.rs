//! Requests of a test.

use std::sync::atomic::{AtomicBool, Ordering};

use rocket::Request;
use rocket::futures::future::BoxFuture;
use rocket::http::Header;
use rocket::local::{asynchronous, blocking};

use super::answer::Answer;
use super::credential::{BearerCredential, SignIn, bearer_header};
use super::misuse::misuse;
use super::test_pool::TestPool;
use crate::app::App;
use crate::http::{headers, is_unsafe};
use crate::request::answered_denial;

const SITE: &str = "Sec-Fetch-Site";

/// What a request of Rocket's local client, blocking or asynchronous, can do in a test with a [`TestPool`].
///
/// # Example
/// ```rust
/// use rocket::http::Status;
/// use rocket::local::blocking::Client;
/// use rocket::{get, post, routes};
/// use rocket_cognito::{Cognito, CognitoUser, Machine};
/// use rocket_cognito::testing::{Ask, TestPool};
///
/// #[post("/posts")]
/// fn create(user: CognitoUser) -> String { user.username().to_owned() }
///
/// let pool = TestPool::new();
/// let app = rocket::build()
///     .attach(Cognito::fairing())
///     .mount("/", routes![create])
///     .register("/", rocket_cognito::catchers());
/// let client = Client::tracked(pool.attach(app)).unwrap();
///
/// let bob = pool.person("bob");
/// assert_eq!(client.post("/posts").signed_in(&bob).ask().status(), Status::Ok);
/// assert_eq!(client.post("/posts").bearer(&bob).ask().status(), Status::Ok);
/// let attack = client.post("/posts").signed_in(&bob).from_another_site().ask();
/// assert_eq!(attack.denial().unwrap().code(), "cross_site");
/// ```
pub trait Ask: Sized {
    /// What [`ask`](Self::ask) returns: an [`Answer`], or a future of one.
    type Asked;

    /// Adds a bearer token, in the header that the app expects.
    ///
    /// # Panics
    /// When the app has no [`TestPool`], or another one than the person.
    #[must_use]
    #[track_caller]
    fn bearer(self, by: &impl BearerCredential) -> Self;

    /// Adds the cookies of a session, and the proof that the app's own page sends the request (`Sec-Fetch-Site:
    /// same-origin`).
    ///
    /// # Panics
    /// When the app has no [`TestPool`], or another one than the person; and on its way when nobody signs in at the app,
    /// when the session does not begin, and when it is of another app or an earlier launch.
    #[must_use]
    #[track_caller]
    fn signed_in(self, by: &impl SignIn) -> Self;

    /// Lets the request be one that a page of another site has caused.
    #[must_use]
    fn from_another_site(self) -> Self;

    /// Lets the request be a person's visit to a page: a browser's navigation, which takes HTML.
    #[must_use]
    fn as_page(self) -> Self;

    /// Sends the request.
    ///
    /// # Panics
    /// When the request, or a clone of it, was sent before: it shares what guards have found out.
    fn ask(self) -> Self::Asked;
}

/// All methods but the last, which are the same for both kinds of requests.
macro_rules! preparations {
    () => {
        fn bearer(mut self, by: &impl BearerCredential) -> Self {
            bearer(self.inner_mut(), by);
            self
        }

        fn signed_in(mut self, by: &impl SignIn) -> Self {
            signed_in(self.inner_mut(), by);
            self
        }

        fn from_another_site(mut self) -> Self {
            from_another_site(self.inner_mut());
            self
        }

        fn as_page(mut self) -> Self {
            as_page(self.inner_mut());
            self
        }
    };
}

impl<'c> Ask for blocking::LocalRequest<'c> {
    type Asked = Answer<blocking::LocalResponse<'c>>;

    preparations!();

    fn ask(self) -> Self::Asked {
        // A clone shares what is remembered about the request.
        let request = self.clone();
        mark_sent(&request);
        let response = self.dispatch();
        let denial = answered_denial(&request, response.status(), response.headers());
        Answer::new(response, denial, &request)
    }
}

impl<'c> Ask for asynchronous::LocalRequest<'c> {
    type Asked = BoxFuture<'c, Answer<asynchronous::LocalResponse<'c>>>;

    preparations!();

    fn ask(self) -> Self::Asked {
        Box::pin(async move {
            let request = self.clone();
            mark_sent(&request);
            let response = self.dispatch().await;
            let denial = answered_denial(&request, response.status(), response.headers());
            Answer::new(response, denial, &request)
        })
    }
}

/// A request that is sent once more would be answered by what guards have found out the first time.
#[track_caller]
fn mark_sent(request: &Request<'_>) {
    #[derive(Default)]
    struct Sent(AtomicBool);
    if request.local_cache(Sent::default).0.swap(true, Ordering::Relaxed) {
        misuse("this request, or a clone of it, has been sent before: make a new one, `client.get(…)`");
    }
}

#[track_caller]
fn bearer(request: &mut Request<'_>, by: &impl BearerCredential) {
    let header = bearer_header(request.rocket(), by);
    request.replace_header(header);
    let is_from_proxy = App::of(request.rocket()).is_some_and(|app| app.settings.bearer.is_from_proxy);
    if is_from_proxy {
        from_own_page(request);
    }
}

#[track_caller]
fn signed_in(request: &mut Request<'_>, by: &impl SignIn) {
    TestPool::sign_in(request, by.to_session());
    // Nobody sends a form from the address bar.
    if is_unsafe(request) && headers::only(request.headers(), SITE) == Some("none") {
        request.replace_header(Header::new(SITE, "same-origin"));
    }
    from_own_page(request);
}

/// Unless the test has said otherwise.
fn from_own_page(request: &mut Request<'_>) {
    if !headers::has(request.headers(), SITE) && !headers::has(request.headers(), "Origin") {
        request.add_header(Header::new(SITE, "same-origin"));
    }
}

fn from_another_site(request: &mut Request<'_>) {
    request.replace_header(Header::new(SITE, "cross-site"));
    if is_unsafe(request) {
        request.replace_header(Header::new("Origin", "https://another-site.test"));
    }
}

fn as_page(request: &mut Request<'_>) {
    for (name, value) in [
        ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
        ("Sec-Fetch-User", "?1"),
    ] {
        request.replace_header(Header::new(name, value));
    }
    if !headers::has(request.headers(), SITE) && !headers::has(request.headers(), "Origin") {
        request.add_header(Header::new(SITE, "none"));
    }
}
