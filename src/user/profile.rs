//! What an ID token says about a person: OpenID Connect Core section 5.1.

use super::cognito_user::CognitoUser;

impl CognitoUser {
    /// `email`. Trust it as an address only when [`email_verified`](Self::email_verified); identify
    /// people by [`sub`](Self::sub).
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.profile()?.email.as_deref()
    }

    /// `email_verified`.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.profile()?.email_verified
    }

    /// `phone_number`.
    #[must_use]
    pub fn phone_number(&self) -> Option<&str> {
        self.profile()?.phone_number.as_deref()
    }

    /// `name`.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::CognitoUser;
    /// fn greeting(user: &CognitoUser) -> String {
    ///     format!("Hello, {}", user.name().or(user.email()).unwrap_or(user.username()))
    /// }
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.profile()?.name.as_deref()
    }

    /// `given_name`.
    #[must_use]
    pub fn given_name(&self) -> Option<&str> {
        self.profile()?.given_name.as_deref()
    }

    /// `family_name`.
    #[must_use]
    pub fn family_name(&self) -> Option<&str> {
        self.profile()?.family_name.as_deref()
    }

    /// `picture`, a URL.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.profile()?.picture.as_deref()
    }

    /// `locale`.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        self.profile()?.locale.as_deref()
    }
}
