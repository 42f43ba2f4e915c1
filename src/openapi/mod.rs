//! What guards ask for, in OpenAPI.
#![doc = include_str!("../../docs/openapi.md")]

mod describe;
mod document;
mod marker;
#[cfg(feature = "utoipa")]
mod refusals;
mod requirement;
mod responses;
mod schema;
mod schemes;
mod security;

pub use self::describe::Describe;
pub use self::document::describe;
#[cfg(feature = "utoipa")]
pub use self::refusals::Refusals;
#[cfg(feature = "utoipa")]
pub(crate) use self::refusals::describe_utoipa;
#[cfg(feature = "testing")]
pub(crate) use self::requirement::{Requirement, Scheme, pass_on_nobody, requirements};
pub use self::responses::responses;
pub use self::schema::schema;
pub use self::schemes::security_schemes;
pub use self::security::security;
pub use crate::guard::{Asks, By};
pub use crate::user::Who;
