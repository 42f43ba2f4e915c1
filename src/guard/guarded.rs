//! A guard before routes that are there already.

use std::fmt::Debug;
use std::marker::PhantomData;

use rocket::data::Data;
use rocket::outcome::Outcome as RocketOutcome;
use rocket::request::{FromRequest, Request};
use rocket::route::{Handler, Outcome, Route};
use rocket::sentinel::Sentinel;

use super::carrier::{carrier, sentry};
#[cfg(feature = "testing")]
use super::handler_trace::note_guard;
use super::refusal::Refusal;
use super::short_name::ShortName;
use crate::telemetry::{Event, emit};

/// Puts the guard `G` before each of these routes, whatever they are: handlers, a
/// [`FileServer`](rocket::fs::FileServer), another crate's.
///
/// `G` is asked before anything of the route is: its own guards, the segments of its path, its data. It decides as in a
/// signature, and a handler that names it again, to have the user, costs no second look. Rank, name, format and URI of
/// the routes stay as they are.
///
/// ```rust
/// use rocket::fs::FileServer;
/// use rocket::{Build, Rocket, get, post, routes};
/// use rocket_cognito::{Cognito, CognitoUser, Group, InGroups, catchers, guarded};
///
/// struct Staff;
/// impl Group for Staff { const NAME: &'static str = "staff"; }
///
/// #[get("/")]
/// fn desk(user: CognitoUser) -> String {
///     format!("Hello, {}", user.username())
/// }
///
/// #[post("/close")]
/// fn close() -> &'static str { "Closed." }
///
/// fn rocket() -> Rocket<Build> {
///     rocket::build()
///         .attach(Cognito::fairing())
///         .register("/", catchers())
///         .mount("/desk", guarded::<InGroups<Staff>>(routes![desk, close]))
///         .mount("/reports", guarded::<CognitoUser>(FileServer::from("reports")))
/// }
/// ```
///
/// # Which guards
/// Every guard of this crate that does not borrow, such as [`CognitoUser`](crate::CognitoUser),
/// [`InGroups`](crate::InGroups), [`Authorized`](crate::Authorized), [`BearerOnly`](crate::BearerOnly),
/// [`Machine`](crate::Machine) and [`CurrentUser`](crate::CurrentUser). With [`OrForward`](crate::OrForward) the request
/// goes on to the next route. `Option<G>` and `Result<G, Denial>` let everybody pass, and do not compile here;
/// [`Sessions`](crate::Sessions) does, and guards nothing. A guard of your own has `type Error = Denial`, and its
/// [`Sentinel`] asks that of the guard inside it: `CognitoUser::abort(rocket)`.
///
/// # Errors
/// Requests are refused as `G` refuses them, with its status and [`Denial`](crate::Denial), whatever the route would
/// answer: who is not signed in gets 401 for a file that is missing, and for a segment that does not parse.
///
/// The app does not launch without the fairing, nor without what else `G` needs, as with any guard. For this the list has
/// one more route, with the method `CONNECT`, which never answers.
///
/// # What it does not guard
/// A path that none of the routes matches is 404 to everybody. Only a route that matches every path, as that of a
/// `FileServer`, hides which ones there are. Catchers answer without a guard.
#[must_use]
#[track_caller]
pub fn guarded<G>(routes: impl Into<Vec<Route>>) -> Vec<Route>
where
    G: for<'r> FromRequest<'r, Error: Refusal> + Sentinel + 'static,
{
    let mut routes = routes.into();
    for route in &mut routes {
        let inner = route.handler.clone();
        route.handler = Box::new(Guarded::<G> { inner, guard: PhantomData });
    }
    // Rocket gives nobody access to the sentinels of a route that is there already.
    if !routes.is_empty() {
        routes.push(carrier(&ShortName::of::<G>(), vec![sentry::<G>()]));
    }
    routes
}

/// The handler of a route with the guard `G` before it.
struct Guarded<G> {
    inner: Box<dyn Handler>,
    guard: PhantomData<fn() -> G>,
}

#[rocket::async_trait]
impl<G> Handler for Guarded<G>
where
    G: for<'r> FromRequest<'r, Error: Refusal> + Sentinel + 'static,
{
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        // With the lines that Rocket's macros log.
        let refused = |error: Option<&dyn Debug>| {
            emit(Event::GuardedRefused { guard: &ShortName::of::<G>(), error });
        };
        match G::from_request(request).await.map(drop) {
            RocketOutcome::Success(()) => {}
            RocketOutcome::Forward(status) => {
                refused(None);
                return RocketOutcome::Forward((data, status));
            }
            RocketOutcome::Error((status, error)) => {
                refused(Some(&error));
                error.record(request);
                return RocketOutcome::Error(status);
            }
        }
        self.inner.handle(request, data).await
    }
}

impl<G: Sentinel + 'static> Clone for Guarded<G> {
    fn clone(&self) -> Self {
        #[cfg(feature = "testing")]
        note_guard(sentry::<G>());
        Guarded { inner: self.inner.clone(), guard: PhantomData }
    }
}
