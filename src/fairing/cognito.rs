//! The fairing: settings at ignition, keys at liftoff, cookies and headers on each response.

use std::fmt;
use std::sync::Arc;

use figment::Figment;
use rocket::Request;
use rocket::futures::future::BoxFuture;

use super::checked_settings::checked_settings;
use crate::app::{AppResult, Hooks};
use crate::clock::Clock;
use crate::denial::Denial;
use crate::error::Error;
#[cfg(feature = "doctor")]
use crate::operation::{Diagnosis, examine, examine_offline};
use crate::session::HookDecision;
use crate::sign_in::Callback;
use crate::store::SessionStore;
#[cfg(feature = "redis")]
use crate::store::{CredentialsSource, StoreCredentials};
use crate::user::CognitoUser;

/// The way in: attach [`Cognito::fairing()`].
#[derive(Clone)]
pub struct Cognito {
    pub(super) clock: Option<Clock>,
    pub(super) hooks: Hooks,
    pub(super) store: Option<Arc<dyn SessionStore>>,
}

impl Cognito {
    /// The fairing that makes guards work and mounts login, callback, refresh and logout, as the setting `routes` says.
    ///
    /// At ignition it reads and checks the settings; if any is wrong it says so, all at once, and
    /// refuses the launch. At liftoff it fetches the pool's public keys; if it cannot, it warns, keeps
    /// trying, and guards answer 503 until the keys are there; with `require_keys_at_launch` it refuses the launch.
    ///
    /// With the setting `disabled` it calls nobody, and every guard lets everybody pass; that launches in profile
    /// `debug`, or in the one that `unsafe_in_profile` names, with a warning.
    ///
    /// With `routes = "none"`, and without a setting that tells of routes of the app's own (`redirect_url`,
    /// `logout_url`, `login_path`, `logout_path`, `callback_path`), nobody signs in: bearer tokens alone count, and
    /// `user_pool_id` and `client_id` are all that it needs.
    ///
    /// Attach it once: a second one would lose the hooks of the first, so it refuses the launch.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    ///
    /// # let _ =
    /// rocket::build().attach(Cognito::fairing());
    /// ```
    #[must_use]
    pub fn fairing() -> Self {
        Cognito { clock: None, hooks: Hooks::default(), store: None }
    }

    /// Runs `hook` when a sign-in is about to be completed by the mounted callback: the pool vouches for the user, and
    /// no browser has the session yet. Once for each sign-in, however often its callback is delivered; where instances
    /// share a store, once at each that a delivery reaches.
    ///
    /// It may refuse, which answers 403 (`refused_by_app`), or choose where to go. If it fails or panics, the answer is
    /// 500 (`hook_failed`); so it is when it takes longer than ten seconds. Either way no session is left of this
    /// sign-in, here or at the pool, unless another instance has let it pass.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    /// use rocket_cognito::hooks::HookDecision;
    ///
    /// let fairing = Cognito::fairing().on_login(|_request, login| {
    ///     Box::pin(async move {
    ///         let is_staff = login.user().email().is_some_and(|email| email.ends_with("@example.com"));
    ///         Ok(if is_staff { HookDecision::Proceed } else { HookDecision::Refuse })
    ///     })
    /// });
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn on_login<H>(mut self, hook: H) -> Self
    where
        H: for<'h> Fn(&'h Request<'_>, &'h Callback) -> BoxFuture<'h, AppResult<HookDecision>>
            + Send
            + Sync
            + 'static,
    {
        self.hooks.on_login = Some(Arc::new(hook));
        self
    }

    /// Runs `hook` when a session has been refreshed, by a guard or on demand, in the first request that gets the new
    /// tokens; of several instances that share a store, at the one that refreshed it, if a request comes to that one.
    /// [`HookDecision::Refuse`] ends the session, at all instances; where a form was to lead, [`HookDecision::GoTo`]
    /// changes.
    ///
    /// If it fails or panics, the log says so and the session goes on: trouble with a database signs nobody out.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    /// use rocket_cognito::hooks::HookDecision;
    ///
    /// let fairing = Cognito::fairing().on_refresh(|_request, user| {
    ///     Box::pin(async move {
    ///         Ok(if user.groups().is_empty() { HookDecision::Refuse } else { HookDecision::Proceed })
    ///     })
    /// });
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn on_refresh<H>(mut self, hook: H) -> Self
    where
        H: for<'h> Fn(&'h Request<'_>, &'h CognitoUser) -> BoxFuture<'h, AppResult<HookDecision>>
            + Send
            + Sync
            + 'static,
    {
        self.hooks.on_refresh = Some(Arc::new(hook));
        self
    }

    /// Runs `hook` when somebody signs out by the mounted route, with the user while the session has not expired. It
    /// may return a path of the app to go to, instead of Cognito's own sign-out: then Cognito signs the same person in
    /// again without a question.
    ///
    /// The session has ended by then: if the hook fails or panics, the log says so and the sign-out goes on.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    ///
    /// let fairing = Cognito::fairing().on_logout(|_request, user| {
    ///     let name = user.map_or("somebody", |user| user.username()).to_owned();
    ///     Box::pin(async move {
    ///         println!("{name} has signed out");
    ///         Ok(None) // on to Cognito's own sign-out
    ///     })
    /// });
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn on_logout<H>(mut self, hook: H) -> Self
    where
        H: for<'h> Fn(&'h Request<'_>, Option<&'h CognitoUser>) -> BoxFuture<'h, AppResult<Option<String>>>
            + Send
            + Sync
            + 'static,
    {
        self.hooks.on_logout = Some(Arc::new(hook));
        self
    }

    /// Runs `hook` when the pool ends a sign-in with an error instead of a code, at the mounted callback: a trigger has
    /// refused it, an identity provider failed, the person declined. [`Denial::pool_error`](crate::Denial::pool_error) and
    /// [`pool_error_description`](crate::Denial::pool_error_description) say why.
    ///
    /// It may return the path of a page without a guard to go to, or the path of the login route to begin again, such as that of
    /// [`Denial::login_path`](crate::Denial::login_path) with `&identity_provider=…` behind it: once, and not when the pool
    /// refuses that sign-in within a minute too. With `None`, and if it fails, the visitor sees the page of the denial.
    /// It does not run after `prompt=none` where nobody is signed in: that leads to `next`.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    ///
    /// let fairing = Cognito::fairing().on_pool_error(|_request, denial| {
    ///     let is_new = denial.pool_error_description().is_some_and(|text| text.contains("NOT_INVITED"));
    ///     Box::pin(async move { Ok(is_new.then(|| "/ask-for-an-invitation".to_owned())) })
    /// });
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn on_pool_error<H>(mut self, hook: H) -> Self
    where
        H: for<'h> Fn(&'h Request<'_>, &'h Denial) -> BoxFuture<'h, AppResult<Option<String>>>
            + Send
            + Sync
            + 'static,
    {
        self.hooks.on_pool_error = Some(Arc::new(hook));
        self
    }

    /// Runs `hook` once for each answer that refuses somebody, for an audit: by a guard, a handler or a sign-in, as a
    /// refusal or as the redirect to the sign-in. A refusal that `Option<G>` takes does not run it, nor does a callback whose
    /// sign-in begins again by itself. A refusal that a catcher of the app's turns into another status than the denial's,
    /// and not into the redirect to the sign-in, is neither counted nor reported. [`Caller::of`](crate::Caller::of) says who
    /// was refused, where that is known.
    ///
    /// The answer waits for it, ten seconds at most; if it fails or panics, the log says so.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::{Caller, Cognito};
    ///
    /// let fairing = Cognito::fairing().on_denial(|request, denial| {
    ///     let who = Caller::of(request).map(|caller| caller.as_ref().sub().to_owned());
    ///     let line = format!("{:?} {} {} {denial:?}", who, request.method(), request.uri().path());
    ///     Box::pin(async move {
    ///         println!("{line}");
    ///         Ok(())
    ///     })
    /// });
    /// # let _ = fairing;
    /// ```
    #[must_use]
    pub fn on_denial<H>(mut self, hook: H) -> Self
    where
        H: for<'h> Fn(&'h Request<'_>, &'h Denial) -> BoxFuture<'h, AppResult<()>> + Send + Sync + 'static,
    {
        self.hooks.on_denial = Some(Arc::new(hook));
        self
    }

    /// Keeps sessions in `store`, which all instances of the app share, instead of in cookies: what lies there is sealed, a
    /// browser has one small cookie, and a session that ends is over everywhere with the next request.
    ///
    /// The settings `session_store_writes`, `sessions_per_user`, `bearer_denylist` and `require_store_at_launch` count
    /// for it. Beside the setting `session_store` it refuses the launch. While the store is out of reach, guards answer
    /// 503 (`sessions_unavailable`) to sessions, and no session ends by it.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Build, Rocket};
    /// use rocket_cognito::Cognito;
    /// use rocket_cognito::store::SessionStore;
    ///
    /// fn app(store: impl SessionStore) -> Rocket<Build> {
    ///     rocket::build().attach(Cognito::fairing().session_store(store))
    /// }
    /// ```
    #[must_use]
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Signs in at the Redis or Valkey of `session_store` with what `ask` returns, such as a token of IAM that lasts for
    /// fifteen minutes; the example `redis_iam` makes one. It is asked at each connect, and every ten minutes.
    ///
    /// It has ten seconds. If it fails, panics or takes longer, there is no connection: it is asked again shortly, and an
    /// earlier connection goes on. Beside `session_store_username`, `session_store_password` or
    /// `session_store_password_file`, and beside a user or password in the URL, it refuses the launch.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    /// use rocket_cognito::store::StoreCredentials;
    ///
    /// # async fn token() -> std::io::Result<String> { Ok(String::new()) }
    /// let fairing =
    ///     Cognito::fairing().store_credentials(|| async { Ok(StoreCredentials::new("app", token().await?)) });
    /// # let _ = fairing;
    /// ```
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn store_credentials<A, F>(mut self, ask: A) -> Self
    where
        A: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = AppResult<StoreCredentials>> + Send + 'static,
    {
        self.hooks.store_credentials = Some(CredentialsSource::app(ask));
        self
    }

    /// Has the app see the time of `clock`, which a test may move forward. A test that gets the app as it is shipped has
    /// it manage one: `my_app::rocket().manage(clock.clone())`.
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = Some(clock.clone());
        self
    }

    /// Makes `cognito/denial.html` known to your templates: a page for a [`Denial`], for
    /// `Template::custom`. The page's style is the global `cognito_style`. Answers that your templates make
    /// have the headers that you give them; those of [`catchers`](crate::catchers) have a Content-Security-Policy.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::{Cognito, Denial};
    /// use rocket_dyn_templates::Template;
    ///
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> Option<Template> {
    ///     Some(Template::render("cognito/denial.html", Denial::of(request)?))
    /// }
    ///
    /// # let _ =
    /// rocket::build().attach(Template::custom(Cognito::templates));
    /// ```
    #[cfg(feature = "templates")]
    pub fn templates(engines: &mut rocket_dyn_templates::Engines) {
        crate::routes::templates(engines);
    }

    /// Completes the document of an API whose operations have [`Refusals`](crate::openapi::Refusals) among their
    /// responses: it gives each of them its `security`, and adds the security schemes and the schema of [`Denial`] to the
    /// components. What is there already under their names stays.
    ///
    /// It needs the settings, which the fairing reads at ignition: call it in a fairing that is attached after this one,
    /// or with the launched app.
    ///
    /// # Errors
    /// When `rocket` does not know the settings, or utoipa's types cannot hold what the guards ask for.
    ///
    /// # Example
    /// ```rust
    /// use rocket::serde::json::Json;
    /// use rocket::{Build, Rocket, State, fairing::AdHoc, get, routes};
    /// use rocket_cognito::openapi::Refusals;
    /// use rocket_cognito::{Cognito, CognitoUser};
    /// use utoipa::OpenApi as _;
    /// use utoipa::openapi::OpenApi;
    ///
    /// #[utoipa::path(get, path = "/me", responses((status = 200, description = "A name.", body = String), Refusals<CognitoUser>))]
    /// #[get("/me")]
    /// fn me(user: CognitoUser) -> String {
    ///     user.username().to_owned()
    /// }
    ///
    /// #[derive(utoipa::OpenApi)]
    /// #[openapi(paths(me))]
    /// struct Api;
    ///
    /// #[get("/openapi.json")]
    /// fn document(document: &State<OpenApi>) -> Json<&OpenApi> {
    ///     Json(document.inner())
    /// }
    ///
    /// fn rocket() -> Rocket<Build> {
    ///     rocket::build()
    ///         .attach(Cognito::fairing())
    ///         .attach(AdHoc::try_on_ignite("OpenAPI", |rocket| async {
    ///             let mut api = Api::openapi();
    ///             match Cognito::describe(&rocket, &mut api) {
    ///                 Ok(()) => Ok(rocket.manage(api)),
    ///                 Err(error) => {
    ///                     rocket::error!("{error}");
    ///                     Err(rocket)
    ///                 }
    ///             }
    ///         }))
    ///         .mount("/", routes![me, document])
    /// }
    /// ```
    #[cfg(feature = "utoipa")]
    pub fn describe<P: rocket::Phase>(
        rocket: &rocket::Rocket<P>,
        document: &mut utoipa::openapi::OpenApi,
    ) -> Result<(), Error> {
        crate::openapi::describe_utoipa(rocket, document)
    }

    /// Checks the settings without launching, as the launch would: for deployment scripts and tests. It does not see
    /// whether the app's code gives the fairing a [store](Self::session_store).
    ///
    /// # Errors
    /// When settings are wrong or missing; the text names them all.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::Cognito;
    ///
    /// if let Err(error) = Cognito::check_settings(&rocket::Config::figment()) {
    ///     eprintln!("{error}");
    /// }
    /// ```
    pub fn check_settings(figment: &Figment) -> Result<(), Error> {
        checked_settings(figment).map(drop)
    }

    /// Checks the settings, and what the user pool answers to an app that has them. Nobody signs in, and nothing changes
    /// at the pool. It makes at most 25 calls, in at most 20 seconds. The program `cognito-doctor` prints what it finds.
    #[cfg(feature = "doctor")]
    pub async fn diagnose(figment: &Figment) -> Diagnosis {
        examine(&checked_settings(figment), figment).await
    }

    /// Makes those checks of [`diagnose`](Self::diagnose) that call nobody.
    #[cfg(feature = "doctor")]
    #[must_use]
    pub fn diagnose_offline(figment: &Figment) -> Diagnosis {
        examine_offline(&checked_settings(figment), figment)
    }
}

impl fmt::Debug for Cognito {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cognito { clock, hooks, store } = self;
        let mut fields = f.debug_struct("Cognito");
        fields.field("clock", clock).field("hooks", hooks).field("session_store", &store.is_some()).finish()
    }
}
