//! The route that holds sentinels, and answers nothing.

use std::any::{TypeId, type_name};
use std::panic::Location;
use std::sync::atomic::{AtomicIsize, Ordering};

use rocket::data::Data;
use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::route::{BoxFuture, Outcome, Route, StaticInfo};
use rocket::sentinel::{Sentinel, Sentry};

/// What the names of carriers begin with.
const NAME: &str = "guarded by ";

/// A route that never answers, for the sake of its `sentinels`: Rocket takes those from what its macros make, a
/// [`StaticInfo`], and nothing adds any to another route.
///
/// No two have the same rank, so that they never collide; the least are not shown in the log.
pub(crate) fn carrier(guard: &impl std::fmt::Display, sentinels: Vec<Sentry>) -> Route {
    static NEXT: AtomicIsize = AtomicIsize::new(isize::MIN);
    let mut route = Route::from(StaticInfo {
        name: "",
        method: Method::Connect,
        uri: "/",
        format: None,
        handler: pass_on,
        rank: Some(NEXT.fetch_add(1, Ordering::Relaxed)),
        sentinels,
    });
    route.name = Some(format!("{NAME}{guard}").into());
    route
}

fn pass_on<'r>(_: &'r Request<'_>, data: Data<'r>) -> BoxFuture<'r> {
    Outcome::forward(data, Status::NotFound).pin()
}

/// Whether `route` is such a one.
pub(crate) fn is_carrier(route: &Route) -> bool {
    route.method == Method::Connect && route.name.as_ref().is_some_and(|name| name.starts_with(NAME))
}

/// What Rocket's macros would say of `G` in a signature.
#[track_caller]
pub(super) fn sentry<G: Sentinel + 'static>() -> Sentry {
    let place = Location::caller();
    Sentry {
        type_id: TypeId::of::<G>(),
        type_name: type_name::<G>(),
        parent: None,
        location: (place.file(), place.line(), place.column()),
        specialized: true,
        abort: G::abort,
    }
}
