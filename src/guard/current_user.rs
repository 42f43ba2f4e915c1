//! The application's own user, loaded for a Cognito user whom a guard has let in.

use std::any::type_name;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use rocket::outcome::try_outcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};
use tokio::sync::OnceCell;

use super::asks::Asks;
use super::guard::Guard;
use super::outcome::outcome;
use super::probe::has_noted_around;
use super::question;
use crate::app::{App, AppResult, run};
use crate::denial::{Denial, Reason};
use crate::telemetry::{Event, Hook, emit};
use crate::user::{CognitoUser, PersonOrAgent};

/// How the application finds its own user for a Cognito user, for the guard [`CurrentUser`].
///
/// Look the user up by [`sub`](CognitoUser::sub): it is the one id in the pool that lasts and that nobody else gets. An
/// e-mail address may be unverified, and may be another person's tomorrow.
///
/// # Example
/// ```rust
/// use std::collections::HashMap;
/// use std::sync::RwLock;
///
/// use rocket::{Request, State, get};
/// use rocket_cognito::{CognitoUser, CurrentUser, LoadUser};
/// use rocket_cognito::hooks::AppResult;
///
/// struct Accounts(RwLock<HashMap<String, i64>>);
///
/// struct Account {
///     credit: i64,
/// }
///
/// #[rocket::async_trait]
/// impl LoadUser for Account {
///     async fn load(user: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
///         let accounts = request.guard::<&State<Accounts>>().await.succeeded().ok_or("no accounts are managed")?;
///         let accounts = accounts.0.read().map_err(|_| "the accounts are poisoned")?;
///         Ok(accounts.get(user.sub()).map(|&credit| Account { credit }))
///     }
/// }
///
/// #[get("/credit")]
/// fn credit(account: CurrentUser<Account>) -> String {
///     format!("{} has {}", account.cognito().username(), account.credit)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user that the application loads",
    label = "does not implement `LoadUser`",
    note = "type `#[rocket::async_trait] impl rocket_cognito::LoadUser for {Self} {{ async fn load(…) {{ … }} }}`"
)]
#[rocket::async_trait]
pub trait LoadUser: Sized + Send + Sync + 'static {
    /// The application's user for `user`, whose claims are verified; it may be created here at first sight. `None`
    /// refuses a user whom the application does not know, or does not want any more.
    ///
    /// `request` gives managed state and request guards, such as a connection to the database; a `CurrentUser` of this
    /// same type would wait for itself. This must not block the thread, and has ten seconds. In
    /// [disabled mode](crate#disabled-mode) it is asked about the stub user.
    ///
    /// # Errors
    /// Of whatever type: the visitor is told to come again, and the log says why, without words that are long enough to
    /// be a token.
    async fn load(user: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>>;
}

/// Lets in whom the guard `G` lets in and the application itself knows, and derefs to the application's user `U`.
///
/// `G` is any guard of this crate: `CurrentUser<Account, InGroups<Admin>>`. It decides first; then `U` is
/// [loaded](LoadUser::load), once for a request, however many guards and catchers ask, and never for more than one.
/// Only where an asker gives up before the answer is there, the next one begins anew. A request whose guards change who
/// it is from, as [`Callback`](crate::Callback) and [`Refresh`](crate::Refresh) do, has `U` loaded for each.
///
/// - **Succeeds** when `G` does and `U` is loaded.
/// - **Fails or forwards** as `G` does; nothing is loaded then.
/// - **Fails with 403** `unknown_user` when the application does not know the user. The session goes on; behind
///   [`Callback`](crate::Callback) none begins.
/// - **Fails with 503** `user_not_loaded` and `Retry-After` when loading failed, panicked or took longer than ten
///   seconds;
///   the log says why, once a minute.
///
/// `Option`, `Result<_, Denial>` and [`OrForward`](crate::OrForward) work as with the other guards. Cloning is cheap.
///
/// # Example
/// ```rust
/// use rocket::{Request, get};
/// use rocket_cognito::{CognitoUser, CurrentUser, Group, InGroups, LoadUser};
/// use rocket_cognito::hooks::AppResult;
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// struct Account {
///     nickname: String,
/// }
///
/// #[rocket::async_trait]
/// impl LoadUser for Account {
///     async fn load(user: &CognitoUser, _request: &Request<'_>) -> AppResult<Option<Self>> {
///         Ok(Some(Account { nickname: user.username().to_lowercase() }))
///     }
/// }
///
/// #[get("/me")]
/// fn me(account: CurrentUser<Account>) -> String {
///     format!("Hello, {}", account.nickname)
/// }
///
/// #[get("/admin")]
/// fn admin(admin: CurrentUser<Account, InGroups<Admin>>) -> String {
///     format!("Welcome, {} of {:?}", admin.user().nickname, admin.cognito().groups())
/// }
/// ```
pub struct CurrentUser<U: LoadUser, G = CognitoUser> {
    user: Arc<U>,
    cognito: G,
}

impl<U: LoadUser, G> CurrentUser<U, G> {
    /// The application's user.
    #[must_use]
    pub fn user(&self) -> &U {
        &self.user
    }

    /// What `G` has let in: the Cognito user.
    #[must_use]
    pub fn cognito(&self) -> &G {
        &self.cognito
    }
}

impl<U: LoadUser> CurrentUser<U> {
    /// The user whom a guard of this request has loaded, for catchers, responders and fairings.
    ///
    /// `None` when no guard has asked for a `U` yet, or none was let in; an `async` catcher may ask
    /// `request.guard::<CurrentUser<U>>().await` instead.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::CurrentUser;
    /// # use rocket_cognito::{CognitoUser, LoadUser};
    /// # use rocket_cognito::hooks::AppResult;
    /// # struct Account { nickname: String }
    /// # #[rocket::async_trait]
    /// # impl LoadUser for Account {
    /// #     async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> { Ok(None) }
    /// # }
    ///
    /// #[catch(404)]
    /// fn not_found(request: &Request<'_>) -> String {
    ///     match CurrentUser::<Account>::of(request) {
    ///         Some(account) => format!("Nothing here, {}.", account.nickname),
    ///         None => "Nothing here.".to_owned(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Self> {
        let cognito = PersonOrAgent::of(request)?.into_user();
        let user = Cache::of(request).place(&cognito).get()?.clone().ok()?;
        Some(CurrentUser { user, cognito })
    }
}

/// What became of loading one user.
type Loaded<U> = Result<Arc<U>, Reason>;
/// Where that stands, or is to stand.
type Place<U> = Arc<OnceCell<Loaded<U>>>;

/// What one request remembers: for whom a user was loaded last, and where it is.
struct Cache<U>(Mutex<Option<(CognitoUser, Place<U>)>>);

impl<U: LoadUser> Cache<U> {
    fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| Cache(Mutex::new(None)))
    }

    /// The place of what is loaded for `user`, and for nobody else.
    fn place(&self, user: &CognitoUser) -> Place<U> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some((whose, place)) if whose.is_same(user) => Arc::clone(place),
            _ => {
                let place = Place::default();
                *held = Some((user.clone(), Arc::clone(&place)));
                place
            }
        }
    }
}

async fn loaded<U: LoadUser>(request: &Request<'_>, user: &CognitoUser) -> Loaded<U> {
    let load = async || match run(|| U::load(user, request)).await {
        Ok(Some(user)) => Ok(Arc::new(user)),
        Ok(None) => Err(Reason::UnknownUser),
        Err(problem) => {
            if let Some(app) = App::of(request.rocket()) {
                app.counts.hook_failures.add(Hook::LoadUser);
            }
            emit(Event::UserNotLoaded { user_type: type_name::<U>(), error: &problem });
            Err(Reason::UserNotLoaded)
        }
    };
    Cache::of(request).place(user).get_or_init(load).await.clone()
}

#[rocket::async_trait]
impl<'r, U, G> FromRequest<'r> for CurrentUser<U, G>
where
    U: LoadUser,
    G: FromRequest<'r, Error = Denial> + AsRef<CognitoUser> + Send,
{
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        let cognito = question::with(request, G::from_request(request).await, Asks::known_to_app);
        let cognito = try_outcome!(cognito);
        let user = cognito.as_ref().clone();
        let loaded = loaded(request, &user).await.map_err(|reason| Denial::record(request, reason, None));
        outcome(loaded.map(|user| CurrentUser { user, cognito }))
    }
}

impl<U: LoadUser, G: Guard> Guard for CurrentUser<U, G> {
    fn asks() -> Asks {
        G::asks().known_to_app()
    }
}

impl<U: LoadUser, G: Sentinel + 'static> Sentinel for CurrentUser<U, G> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        has_noted_around::<Self, G>(rocket, Asks::known_to_app) || G::abort(rocket)
    }
}

impl<U: LoadUser, G: Clone> Clone for CurrentUser<U, G> {
    fn clone(&self) -> Self {
        CurrentUser { user: Arc::clone(&self.user), cognito: self.cognito.clone() }
    }
}

impl<U: LoadUser, G> Deref for CurrentUser<U, G> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.user
    }
}

impl<U: LoadUser, G: AsRef<CognitoUser>> AsRef<CognitoUser> for CurrentUser<U, G> {
    fn as_ref(&self) -> &CognitoUser {
        self.cognito.as_ref()
    }
}

/// Nothing of `U`, which may hold what no log should.
impl<U: LoadUser, G: fmt::Debug> fmt::Debug for CurrentUser<U, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentUser").field("cognito", &self.cognito).finish_non_exhaustive()
    }
}
