//! The route that holds sentinels, and answers nothing.

use std::any::{TypeId, type_name};
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::data::Data;
use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::route::{Handler, Outcome, Route, StaticInfo};
use rocket::sentinel::{Sentinel, Sentry};

#[cfg(feature = "testing")]
use super::handler_trace::note_carrier;

/// A route that never answers, for the sake of its `sentinels`: Rocket takes those from what its macros make, a
/// [`StaticInfo`], and nothing adds any to another route.
///
/// Each has a path of its own, so that they never collide, whatever ranks an app sets.
pub(crate) fn carrier(guard: &impl std::fmt::Display, sentinels: Vec<Sentry>) -> Route {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut route = Route::from(StaticInfo {
        name: "",
        method: Method::Connect,
        uri: "/",
        format: None,
        handler: rocket::route::dummy_handler,
        rank: None,
        sentinels,
    });
    // Of the macros' form neither may be computed.
    let Route { uri, handler, .. } = Route::new(Method::Connect, &format!("/guarded-{number}"), Carrier);
    (route.uri, route.handler) = (uri, handler);
    route.name = Some(format!("guarded by {guard}").into());
    route
}

/// The handler that never answers.
struct Carrier;

#[rocket::async_trait]
impl Handler for Carrier {
    async fn handle<'r>(&self, _: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        Outcome::forward(data, Status::NotFound)
    }
}

impl Clone for Carrier {
    fn clone(&self) -> Self {
        #[cfg(feature = "testing")]
        note_carrier();
        Carrier
    }
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
