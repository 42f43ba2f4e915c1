//! The responder that begins a sign-in.

use rocket::request::Request;
use rocket::response::{Responder, Result as ResponseResult};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::answer::RouteResponse;
use super::callback_host::{callback_here, is_at_callback_host, same_page_at_the_callbacks_host};
use super::parts::{endpoints, parts_of};
use crate::app::{App, SignInParts};
use crate::denial::{AGAIN, Reason};
use crate::guard::sign_in_is_missing;
use crate::http::{LocalPath, Query, RedirectTargets, is_framed, is_prefetch, pairs};
use crate::oauth::{AuthorizationRequest, RequestError, hint_setters};
use crate::request::RequestState;
use crate::sign_in::{Attempt, MAX_NEXT_BYTES, SignInStart, StartError};
use crate::telemetry::{Event, emit};

const UNLISTED: &str = "is neither `redirect_url` nor one of `accepted_redirect_urls`, letter for letter";
const UNLISTED_RESOURCE: &str = "is neither the setting `resource` nor one of `accepted_audiences`, letter for letter: the \
                                 token would not count here";
const STATE_TOO_LONG: &str = "is too long for a cookie, which has room for some 1800 bytes: keep the text at the app, \
                              and give a key to it";

/// Begins a sign-in: what the mounted `GET {mount}/login` answers, for a route of your own.
///
/// The answer is a 303 to Cognito's sign-in page, with a sealed cookie that the callback needs, and with
/// state, nonce and PKCE challenge made for this attempt alone. Forms that POST get a page of this site that moves on by
/// itself, since a page with `form-action 'self'` forbids a redirect to another site; htmx and Turbo get what they follow.
///
/// [`RedirectToLogin`](crate::RedirectToLogin), the answer of a 401 catcher, sends browsers *to* a login route, mounted
/// or own, and answers programs with 401. `Login` *is* such a route.
///
/// It works beside the mounted route and, with `routes` in the settings, instead of it; `login_path` then tells
/// guards and pages where it is.
///
/// What visitors may set takes `"de"` as well as an `Option<&str>` from the route's query; `None` and the
/// empty text leave it out. Nothing in a value can add or replace another parameter.
///
/// # Errors
/// - 400 `bad_login`: a value that may come from the visitor (`identity_provider`, `idp_identifier`,
///   `login_hint`, `lang`, `prompt`) has control characters or more than 256 bytes.
/// - 401 `not_signed_in`: the answer would be shown in a frame, where Cognito does not open; the page leads out of it.
/// - 503 `prefetch_refused`: the browser asks ahead of its user.
/// - 503 `sign_in_misconfigured`: a value that the app sets (`state`, `scopes`, `resource`, `redirect_url`, `level`)
///   cannot be used; the log says which and why.
///
/// They go to the app's catcher where it has one, as a [`Denial`](crate::Denial).
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::Login;
///
/// #[get("/signin?<next>&<lang>")]
/// fn signin(next: Option<&str>, lang: Option<&str>) -> Login {
///     Login::new().next(next).lang(lang).state("from the shop & more")
/// }
/// ```
///
/// Sources: RFC 6749 section 4.1.1, RFC 7636, and Cognito's developer guide, "The redirect and authorization
/// endpoint".
#[derive(Clone, Default)]
#[must_use = "a sign-in begins when a route returns this"]
pub struct Login {
    next: Option<String>,
    app_state: Option<String>,
    redirect_url: Option<String>,
    remember_me: Option<bool>,
    request: AuthorizationRequest,
    is_second_try: bool,
    begins_again: bool,
}

impl Login {
    /// A sign-in that leads to the setting `login_redirect` and asks for what the settings say.
    pub fn new() -> Self {
        Login::default()
    }

    /// Where the sign-in leads: a path of this site as browsers see it. Anything else, and the paths of the
    /// sign-in itself, lead to `login_redirect`.
    ///
    /// A path of more than some 700 bytes is left out, since the login cookie has to hold it.
    pub fn next<'a>(mut self, path: impl Into<Option<&'a str>>) -> Self {
        self.next = path.into().map(str::to_owned);
        self
    }

    /// A text to have back after the sign-in, byte for byte.
    ///
    /// It lies sealed in the login cookie: neither the visitor nor Cognito can read or change it. There is
    /// room for some 1800 bytes; a longer one is an error. Cognito's own parameter `state` is another thing,
    /// and always random.
    pub fn state(mut self, text: impl Into<String>) -> Self {
        self.app_state = Some(text.into());
        self
    }

    /// The scopes to ask for, instead of those of the setting `scopes`; `openid` must be among them. They are scopes of
    /// Cognito, or of an API, such as `orders/read`. `offline_access` is an error: every sign-in at Cognito brings a
    /// refresh token, which the setting `refresh_flow_enabled` makes use of.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Login;
    ///
    /// # let _ =
    /// Login::new().scopes(["openid", "email", "orders/read"]);
    /// ```
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.request.scopes(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The resource that the access token is for (RFC 8707): its `aud`. One absolute URL without a fragment: https,
    /// http on loopback, or a scheme of your own such as `myapp://orders`. It has to be the setting `resource` or one of
    /// `accepted_audiences`, since the session's own token is bound to it.
    pub fn resource(mut self, url: impl Into<String>) -> Self {
        self.request.resource(url.into());
        self
    }

    /// The callback to return to: `redirect_url` or one of `accepted_redirect_urls`, letter for letter.
    ///
    /// Without it, the one at the host and port that the request's `Host` header names, else `redirect_url`.
    /// A browser that is at another host of the app goes to the same page at this one's first, since the
    /// login cookie stays on one host.
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.redirect_url = Some(url.into());
        self
    }

    /// Whether the session outlasts the browser's own, instead of what the setting `persistent_cookies` says: for a
    /// form's "remember me". A refresh keeps to it.
    ///
    /// Its cookies then have a `Max-Age`, or none; what they hold has the same limits in either case. Browsers that
    /// reopen their windows at the next start keep cookies without one, too.
    ///
    /// # Example
    /// ```rust
    /// use rocket::form::{Form, FromForm};
    /// use rocket::post;
    /// use rocket_cognito::Login;
    ///
    /// #[derive(FromForm)]
    /// struct Signin {
    ///     remember_me: bool,
    /// }
    ///
    /// #[post("/signin", data = "<form>")]
    /// fn signin(form: Form<Signin>) -> Login {
    ///     Login::new().remember_me(form.remember_me)
    /// }
    /// ```
    ///
    /// Source: RFC 6265 section 4.1.2.2.
    pub fn remember_me(mut self, remember_me: bool) -> Self {
        self.remember_me = Some(remember_me);
        self
    }

    hint_setters! {}

    /// Begins on Cognito's page for new users, from which those who have an account go on to the sign-in. The mounted
    /// login route does so for `?screen=signup`.
    ///
    /// [`Logout::and_sign_in`](crate::Logout::and_sign_in) begins on the sign-in page all the same.
    ///
    /// Source: Cognito's developer guide, "The managed login endpoints", `/signup`.
    pub fn sign_up(mut self) -> Self {
        self.request.set_sign_up();
        self
    }

    /// `login` asks for the password again, `select_account` for the account, `none` for nothing at all
    /// (managed login only; OpenID Connect Core section 3.1.2.1).
    ///
    /// With `none` whoever is signed in at the pool is signed in here without a page, and everybody else comes back to
    /// `next` without a session, by the mounted callback; the guard [`Callback`](crate::Callback) answers 401
    /// `login_required` then. The page that begins such a sign-in by itself has to remember that it has, or it begins the
    /// next one: let `next` say so, such as `/?asked`.
    ///
    /// With `login` the callback takes nothing but a fresh sign-in: see [`Fresh`](crate::policy::Fresh). It is also what
    /// `prompt=login&max_age=…` in the request's own query asks for, whatever is set here, since that is how
    /// [`RedirectToLogin`](crate::RedirectToLogin) sends people to a page with `Fresh`.
    pub fn prompt<'a>(self, prompt: impl Into<Option<&'a str>>) -> Self {
        self.hint("prompt", prompt.into())
    }

    /// Asks for a sign-in of this level, 1 to 4, or a higher one: Cognito gets the names of them all in `acr_values`,
    /// strongest first, and asks for what is missing. The callback takes nothing less: see
    /// [`Level`](crate::policy::Level). Another number is an error of the app's.
    ///
    /// [`RedirectToLogin`](crate::RedirectToLogin) sends people to a page with `Level` by `level=…` in the request's own
    /// query, of which the higher one counts.
    ///
    /// Source: Cognito's developer guide, "Step-up authentication".
    pub fn level(mut self, level: u8) -> Self {
        self.request.set_level(level);
        self
    }

    /// Asks for a sign-in that is at most so many seconds old: Cognito asks whoever has signed in before that from
    /// scratch. The callback takes none that is older by `auth_time`. Less than 60 counts as 60, since clocks differ.
    ///
    /// Where the sign-in is by `prompt=login`, `max_age=…` in the request's own query counts too: the smaller one.
    ///
    /// Source: OpenID Connect Core section 3.1.2.1.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.request.set_max_age(seconds);
        self
    }

    /// One of [`HINTS`](crate::oauth::HINTS).
    pub(crate) fn hint(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.request.hint(name, value);
        self
    }

    /// One sealed cookie, and a redirect to the pool.
    pub(super) fn begin(
        &self,
        request: &Request<'_>,
        app: &App,
        parts: &SignInParts,
    ) -> Result<RouteResponse, Reason> {
        if app.is_disabled() {
            return Ok(RouteResponse::SeeOther(self.target(parts).into_string()));
        }
        if is_prefetch(request) {
            return Err(Reason::Prefetched);
        }
        // Without a question it shows no page.
        if is_framed(request) && !self.request.is_silent() {
            RequestState::of(request)
                .set_next(self.next.as_deref().and_then(|next| parts.targets.judge(next)));
            return Err(Reason::NotSignedIn);
        }
        let redirect_url = self.callback(request, parts)?;
        if let Some(elsewhere) = same_page_at_the_callbacks_host(request, parts, redirect_url) {
            return Ok(RouteResponse::LeadTo(elsewhere));
        }
        #[cfg(feature = "testing")]
        if app.settings.pool.offline.is_some() {
            emit(Event::TestPoolHasNoPages);
            return Err(Reason::PoolUnavailable);
        }
        let login = self.clone().with_request_query(request);
        let attempt = login.start(request, app, parts, redirect_url)?;
        let endpoints = endpoints(app)?;
        Ok(RouteResponse::LeadTo(endpoints.authorize_url(&attempt.begun(), &login.request)))
    }

    /// The address that begins this sign-in by way of Cognito's sign-out.
    pub(super) fn begin_after_logout(
        &self,
        request: &Request<'_>,
        app: &App,
        parts: &SignInParts,
    ) -> Result<String, Reason> {
        let redirect_url = self.callback(request, parts)?;
        let attempt = self.start(request, app, parts, redirect_url)?;
        Ok(endpoints(app)?.logout_and_authorize_url(&attempt.begun(), &self.request))
    }

    /// The sign-in once more, for an attempt in which the pool did not ask again. `None` when it was the second try.
    pub(crate) fn second_try(attempt: &Attempt, targets: &RedirectTargets) -> Option<Self> {
        Some(Login {
            next: attempt.next(targets).map(LocalPath::into_string),
            app_state: attempt.app_state(),
            redirect_url: Some(attempt.redirect_url.clone()),
            remember_me: attempt.remember_me,
            request: attempt.second_try()?,
            is_second_try: true,
            begins_again: false,
        })
    }

    /// With what [`RedirectToLogin`](crate::RedirectToLogin) has put into the request's query: a route that did not
    /// heed it would be sent the same person again and again.
    fn with_request_query(mut self, request: &Request<'_>) -> Self {
        let raw = request.uri().query().map_or("", |query| query.as_str());
        let query = Query::parse(raw).ok();
        let one = |name| query.as_ref().and_then(|query| query.one(name).ok().flatten());
        if !self.request.asks_again() && one("prompt") == Some("login") {
            self.request.hint("prompt", Some("login"));
        }
        if self.request.asks_again()
            && let Some(seconds) = one("max_age").and_then(|seconds| seconds.parse().ok())
        {
            // The smaller one, so that no link loosens what the route asks for; a small number is raised to the least
            // that a sign-in can meet.
            self.request.set_max_age(self.request.max_age().map_or(seconds, |own| own.min(seconds)));
        }
        let level = one("level").and_then(|level| level.parse().ok()).filter(|level| (1..=4).contains(level));
        if let Some(level) = level.max(self.request.level()) {
            self.request.set_level(level);
        }
        self.begins_again = pairs(raw).flatten().any(|(name, _)| name == AGAIN);
        self
    }

    /// The callback that this sign-in returns to.
    fn callback<'a>(&'a self, request: &Request<'_>, parts: &'a SignInParts) -> Result<&'a str, Reason> {
        let callback = self.redirect_url.as_deref().or_else(|| callback_here(request, parts));
        callback.ok_or_else(|| misconfigured("redirect_url", UNLISTED))
    }

    /// Where this leads in the end.
    pub(super) fn target(&self, parts: &SignInParts) -> LocalPath {
        parts.targets.judge_or_default(self.next.as_deref())
    }

    fn start(
        &self,
        request: &Request<'_>,
        app: &App,
        parts: &SignInParts,
        redirect_url: &str,
    ) -> Result<Attempt, Reason> {
        self.request.check(endpoints(app)?.scopes_of()).map_err(|error| match error {
            RequestError::Hint => Reason::BadLogin,
            RequestError::App(method, problem) => misconfigured(method, &problem),
        })?;
        if let Some(resource) = self.request.resource_asked_for()
            && !app.pool.accepts_audience(resource)
        {
            return Err(misconfigured("resource", UNLISTED_RESOURCE));
        }
        if !is_at_callback_host(request, parts)
            && let Some(host) = request.host()
        {
            parts.sign_ins.note_foreign_host(&host.to_string());
        }
        let judge = |next| parts.targets.judge_or_default(Some(next));
        let start = SignInStart {
            redirect_url,
            next: self.next.as_deref().filter(|next| next.len() <= MAX_NEXT_BYTES).map(judge),
            app_state: self.app_state.as_deref(),
            remember_me: self.remember_me,
            request: &self.request,
            is_second_try: self.is_second_try,
            begins_again: self.begins_again,
        };
        let state = RequestState::of(request);
        let begun = parts.sign_ins.begin(state.cookies(request, parts), start);
        let (attempt, cookies) = begun.map_err(|error| match error {
            StartError::UnknownRedirectUrl => misconfigured("redirect_url", UNLISTED),
            StartError::StateTooLong => misconfigured("state", STATE_TOO_LONG),
            StartError::Internal => Reason::PoolUnavailable,
        })?;
        state.write_cookies(cookies);
        Ok(attempt)
    }
}

impl<'r> Responder<'r, 'static> for Login {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        RequestState::of(request).set_own_route();
        let answer = parts_of(request).and_then(|(app, parts)| self.begin(request, app, parts));
        answer.unwrap_or_else(|reason| RouteResponse::refused(request, reason)).respond_to(request)
    }
}

impl Sentinel for Login {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        sign_in_is_missing(rocket)
    }
}

/// What the app asks for, or a visitor hands on, is not for logs.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

fn misconfigured(method: &str, problem: &str) -> Reason {
    emit(Event::LoginMisconfigured { method, problem });
    Reason::SignInMisconfigured
}
