//! Verified users and machines.

mod caller;
mod claims_source;
mod cognito_user;
mod lazy_id_token;
mod profile;
mod stub;

pub(crate) use self::caller::CallerRefused;
pub use self::caller::{Caller, CallerKind, Machine};
pub(crate) use self::claims_source::Id;
pub use self::cognito_user::{CognitoUser, CredentialSource};
pub(crate) use self::lazy_id_token::LazyIdToken;
pub(crate) use self::stub::stub_user;
