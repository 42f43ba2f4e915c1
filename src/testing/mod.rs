//! Tests of a guarded app, without a server, a port or a network.

mod access;
mod mapped_route;
mod route_map;
mod signature;
mod trial;

pub use self::access::Access;
pub use self::mapped_route::MappedRoute;
pub use self::route_map::{RouteMap, map};
pub use crate::guard::{Asks, By};
pub use crate::user::Who;
