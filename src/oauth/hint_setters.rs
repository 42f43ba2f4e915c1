//! The setters of hints that a login route and a program without Rocket share.

/// Setters of the hints that a visitor may give to the pool, for a type with a method `hint(self, name, value)`.
macro_rules! hint_setters {
    () => {
        /// Goes straight to this identity provider, by its name at the pool: `Google`, `COGNITO`, `MySAML`.
        pub fn identity_provider<'a>(self, name: impl Into<Option<&'a str>>) -> Self {
            self.hint("identity_provider", name.into())
        }

        /// Goes straight to the identity provider that has this identifier at the pool, such as `acme.com`.
        pub fn idp_identifier<'a>(self, identifier: impl Into<Option<&'a str>>) -> Self {
            self.hint("idp_identifier", identifier.into())
        }

        /// Fills in the user name.
        pub fn login_hint<'a>(self, username: impl Into<Option<&'a str>>) -> Self {
            self.hint("login_hint", username.into())
        }

        /// The language of Cognito's pages: `de`, `pt-BR` and so on (managed login only).
        pub fn lang<'a>(self, language: impl Into<Option<&'a str>>) -> Self {
            self.hint("lang", language.into())
        }
    };
}

pub(crate) use hint_setters;
