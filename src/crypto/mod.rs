//! Secrets: random ones, compared ones, sealed ones.

mod constant_time;
mod random;
mod seal;
mod secret;
mod value_sealer;
mod wiped;

pub(crate) use self::constant_time::same;
pub(crate) use self::random::base64url;
pub(crate) use self::seal::{OpenError, Sealer};
pub(crate) use self::secret::{Secret, SecretText, serialize_exposed, serialize_exposed_option};
pub(crate) use self::value_sealer::{Place, UnsealError, ValueSealer};
pub(crate) use self::wiped::WipedBytes;
