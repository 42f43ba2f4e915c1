//! What logs, JSON answers and templates show of a user.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::cognito_user::CognitoUser;

impl fmt::Debug for CognitoUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CognitoUser")
            .field("sub", &self.sub())
            .field("groups", &self.groups())
            .field("source", &self.source())
            .finish_non_exhaustive()
    }
}

/// `sub`, `username`, `email` and `groups`, for JSON answers and templates; never a token.
impl Serialize for CognitoUser {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut user = serializer.serialize_struct("CognitoUser", 4)?;
        user.serialize_field("sub", self.sub())?;
        user.serialize_field("username", self.username())?;
        user.serialize_field("email", &self.email())?;
        user.serialize_field("groups", self.groups())?;
        user.end()
    }
}
