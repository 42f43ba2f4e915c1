//! The errors of the API, in Cognito's words.

use crate::local_pool::state::Unchanged;

/// An exception of Cognito's, by its name.
pub(in crate::local_pool) struct ApiError {
    pub(in crate::local_pool) kind: &'static str,
    pub(in crate::local_pool) message: String,
}

impl ApiError {
    pub(in crate::local_pool) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        ApiError { kind, message: message.into() }
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        ApiError::new("InvalidParameterException", message)
    }

    pub(super) fn not_authorized(message: impl Into<String>) -> Self {
        ApiError::new("NotAuthorizedException", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new("ResourceNotFoundException", message)
    }

    pub(super) fn invalid_password(message: impl Into<String>) -> Self {
        ApiError::new("InvalidPasswordException", message)
    }

    /// A body, or a member of it, that is no JSON or of another type.
    pub(in crate::local_pool) fn serialization(message: impl Into<String>) -> Self {
        ApiError::new("SerializationException", message)
    }

    pub(super) fn unknown_user() -> Self {
        ApiError::new("UserNotFoundException", "User does not exist.")
    }

    /// A wrong password, or a user whom the pool does not know.
    pub(super) fn incorrect_password() -> Self {
        ApiError::not_authorized("Incorrect username or password.")
    }

    pub(super) fn wrong_code() -> Self {
        ApiError::new("CodeMismatchException", "Invalid verification code provided, please try again.")
    }

    /// The pool itself failed.
    pub(super) fn internal() -> Self {
        ApiError::new("InternalErrorException", "The local pool could not sign the tokens.")
    }
}

impl From<Unchanged> for ApiError {
    fn from(unchanged: Unchanged) -> Self {
        match unchanged {
            Unchanged::Unknown(_) => ApiError::unknown_user(),
            Unchanged::Taken { what, .. } => {
                ApiError::new("AliasExistsException", format!("An account with {what} already exists."))
            }
            Unchanged::Full(most) | Unchanged::PagesFull(most) => {
                ApiError::new("LimitExceededException", format!("The local pool takes {most} users."))
            }
            Unchanged::Refused(problem) => ApiError::invalid_parameter(problem),
        }
    }
}
