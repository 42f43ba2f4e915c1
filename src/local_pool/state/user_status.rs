//! How far a user has come.

use serde::{Deserialize, Serialize};

/// The status of a user, whether disabled or not.
///
/// Source: Cognito's developer guide, "Signing up and confirming user accounts".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UserStatus {
    /// Has signed up, and has not entered the code.
    Unconfirmed,
    Confirmed,
    /// An admin has given a password, which the user replaces with the first sign-in.
    ForceChangePassword,
    /// Signs in at another identity provider, without a password.
    ExternalProvider,
}

impl UserStatus {
    /// The name of the status at Cognito.
    pub(crate) fn name(self) -> &'static str {
        match self {
            UserStatus::Unconfirmed => "UNCONFIRMED",
            UserStatus::Confirmed => "CONFIRMED",
            UserStatus::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            UserStatus::ExternalProvider => "EXTERNAL_PROVIDER",
        }
    }

    /// What a user of this status has to do before the first sign-in is done, in a list of users.
    pub(crate) fn obstacle(self) -> Option<&'static str> {
        match self {
            UserStatus::Unconfirmed => Some("not confirmed"),
            UserStatus::ForceChangePassword => Some("has to change the password"),
            UserStatus::Confirmed | UserStatus::ExternalProvider => None,
        }
    }
}
