//! Ready-made catchers, and the template they share with your own.

use std::collections::BTreeSet;

use rocket::catcher::{BoxFuture, Catcher};
use rocket::http::Status;
use rocket::http::uri::Path;
use rocket::request::Request;
use rocket::response::Responder;
use rocket::{Build, Phase, Rocket};

use crate::denial::{Denial, Reason};

/// Statuses that an app also answers for other causes, such as a panic's 500.
const LEFT_TO_THE_APP: [Status; 2] = [Status::MethodNotAllowed, Status::InternalServerError];

/// What our catchers are called: this and their status.
const NAME: &str = "cognito ";

/// Ready catchers, for `register`: what [`catchers`] returns.
#[derive(Debug, Clone)]
#[must_use]
pub struct Catchers {
    codes: BTreeSet<u16>,
}

/// Catchers for 400, 401, 403, 503 and, for disabled mode, 421, for those who want defaults:
/// `.register("/", rocket_cognito::catchers())`.
///
/// Each answers the [`Denial`] of the request, as its responder does: 401 as [`RedirectToLogin`](crate::RedirectToLogin), the others with a
/// page for people and JSON for programs. Statuses that none of this crate's guards or routes caused are answered
/// with their name alone.
///
/// # Example
/// ```rust
/// use rocket_cognito::Cognito;
///
/// # let _ =
/// rocket::build()
///     .attach(Cognito::fairing())
///     .register("/", rocket_cognito::catchers());
/// ```
pub fn catchers() -> Catchers {
    let statuses = Reason::statuses().into_iter().filter(|status| !LEFT_TO_THE_APP.contains(status));
    Catchers { codes: statuses.map(|status| status.code).collect() }
}

impl Catchers {
    /// Leaves out the catcher for `code`, so that the app can register its own: Rocket allows one for a status and a
    /// base. A status for which there is no ready catcher changes nothing.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::{Denial, catchers};
    ///
    /// /// A page of the app's own for people; programs get the JSON of the ready catcher.
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> Result<&'static str, Denial> {
    ///     match Denial::of(request).filter(|_| !Denial::wants_page(request)) {
    ///         Some(denial) => Err(denial),
    ///         None => Ok("Sorry, this is not for you."),
    ///     }
    /// }
    ///
    /// # let _ =
    /// rocket::build()
    ///     .register("/", rocket::catchers![forbidden])
    ///     .register("/", catchers().without(403));
    /// ```
    pub fn without(mut self, code: u16) -> Self {
        self.codes.remove(&code);
        self
    }
}

impl From<Catchers> for Vec<Catcher> {
    fn from(catchers: Catchers) -> Self {
        let named = |code| {
            let mut catcher = Catcher::new(code, catch);
            catcher.name = Some(format!("{NAME}{code}").into());
            catcher
        };
        catchers.codes.into_iter().map(named).collect()
    }
}

fn is_ours(catcher: &Catcher) -> bool {
    catcher.name.as_deref().is_some_and(|name| name.starts_with(NAME))
}

/// Where the app has a catcher beside one of ours, and the codes of these: Rocket could not choose.
pub(crate) fn taken_catchers(rocket: &Rocket<Build>) -> Option<(String, Vec<u16>)> {
    let (ours, theirs): (Vec<_>, Vec<_>) = rocket.catchers().partition(|catcher| is_ours(catcher));
    let taken = |ours: &&Catcher| {
        theirs.iter().any(|theirs| theirs.code == ours.code && theirs.base.path() == ours.base.path())
    };
    let base = ours.iter().copied().find(taken)?.base.path();
    let codes = ours.iter().copied().filter(|ours| ours.base.path() == base && taken(ours));
    Some((base.to_string(), codes.filter_map(|ours| ours.code).collect()))
}

/// Whether the app has a catcher of `status` for what is below `path`.
pub(crate) fn is_caught<P: Phase>(rocket: &Rocket<P>, path: Path<'_>, status: Status) -> bool {
    catcher(rocket, path, status).is_some()
}

/// Whether Rocket would run a catcher that the app registered, rather than one of this crate.
pub(crate) fn is_caught_by_app<P: Phase>(rocket: &Rocket<P>, path: Path<'_>, status: Status) -> bool {
    catcher(rocket, path, status).is_some_and(|catcher| !is_ours(catcher))
}

/// The catcher that Rocket would ask: that of the longest base, and there rather one for `status` than one for all.
fn catcher<'a, P: Phase>(rocket: &'a Rocket<P>, path: Path<'_>, status: Status) -> Option<&'a Catcher> {
    let base = |catcher: &'a Catcher| {
        catcher.base.path().segments().filter(|segment| !segment.is_empty()).collect::<Vec<_>>()
    };
    let covers = |catcher: &&'a Catcher| {
        let mut segments = path.segments();
        let is_below = base(catcher).into_iter().all(|segment| segments.next() == Some(segment));
        is_below && catcher.code.is_none_or(|code| code == status.code)
    };
    rocket.catchers().filter(covers).max_by_key(|catcher| (base(catcher).len(), catcher.code.is_some()))
}

fn catch<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r> {
    Box::pin(async move {
        match Denial::of(request).filter(|denial| denial.status() == status) {
            Some(denial) => denial.respond_to(request),
            None => (status, status.reason_lossy()).respond_to(request),
        }
    })
}

/// What [`Cognito::templates`](crate::Cognito::templates) does.
#[cfg(feature = "templates")]
pub(crate) fn templates(engines: &mut rocket_dyn_templates::Engines) {
    let minijinja = &mut engines.minijinja;
    minijinja.add_global("cognito_style", super::page::STYLE);
    if let Err(error) = minijinja.add_template("cognito/denial.html", super::page::DENIAL) {
        crate::telemetry::emit(crate::telemetry::Event::TemplateRejected { error: &error });
    }
}
