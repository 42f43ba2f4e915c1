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

    /// Why a user of this status cannot sign in yet, in a sentence for the person.
    pub(crate) fn obstacle(self) -> Option<&'static str> {
        match self {
            UserStatus::Unconfirmed => Some(
                "This user is not confirmed. The app has to send the code 123456 by ConfirmSignUp first.",
            ),
            UserStatus::ForceChangePassword => Some(
                "This user has to choose a new password. The app has to set it by RespondToAuthChallenge, or an admin \
                 by AdminSetUserPassword.",
            ),
            UserStatus::Confirmed | UserStatus::ExternalProvider => None,
        }
    }
}
