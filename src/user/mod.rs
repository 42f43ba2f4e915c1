//! Verified users and machines.

mod caller;
mod claims_source;
mod cognito_user;
mod credential;
mod credential_source;
mod lazy_id_token;
mod person_or_agent;
mod pool_call;
mod shown;
mod stub;
mod supposed_sign_in;
mod who;

pub(crate) use self::caller::CallerRefused;
pub use self::caller::{Caller, CallerKind, Machine};
pub(crate) use self::claims_source::SiblingIdToken;
pub use self::cognito_user::CognitoUser;
pub use self::credential_source::CredentialSource;
pub(crate) use self::lazy_id_token::LazyIdToken;
pub use self::person_or_agent::PersonOrAgent;
pub(crate) use self::stub::stub_user;
pub(crate) use self::supposed_sign_in::SupposedSignIn;
pub use self::who::Who;
