//! What a token says of the sign-in that it comes from, and what is supposed of another one.

use std::sync::LazyLock;
use std::time::SystemTime;

use super::cognito_user::CognitoUser;

/// The methods that give level 4, which are the only ones that do.
static METHODS_OF_LEVEL_4: LazyLock<[String; 3]> = LazyLock::new(|| ["pwd", "otp", "mfa"].map(str::to_owned));

/// A sign-in that is supposed, as far as it differs from the one that the token comes from.
#[derive(Clone, Copy, Default)]
pub(crate) struct SupposedSignIn {
    /// Instead of `auth_time`.
    pub(crate) at: Option<SystemTime>,
    /// Instead of `acr`, and where it says by which methods, instead of `amr`.
    pub(crate) level: Option<u8>,
}

impl CognitoUser {
    /// This user after another sign-in. For whom an agent acts, no sign-in changes anything.
    pub(crate) fn supposing(&self, supposed: SupposedSignIn) -> Self {
        let mut user = self.clone();
        if !self.is_delegated() {
            user.supposed = supposed;
        }
        user
    }

    /// When the user last entered a password or another factor (`auth_time`, OpenID Connect Core section 2);
    /// `None` if the pool does not say, and for an agent ([`actor`](Self::actor)), who has not signed in.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        let claimed = || self.claims().auth_time.filter(|_| !self.is_delegated()).map(SystemTime::from);
        self.supposed.at.or_else(claimed)
    }

    /// The level of the sign-in, by the pool's name for it (`acr`), such as `urn:cognito:loa:3`; `None` where the pool
    /// does not say, and for an agent ([`actor`](Self::actor)). Compare [`level`](Self::level), and not the text.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.claims().acr.as_deref().filter(|_| !self.is_delegated())
    }

    /// The level of the sign-in, 1 to 4; `None` where the pool does not say, for a name that neither Cognito nor the
    /// setting `level_names` has, and for an agent ([`actor`](Self::actor)). The guard for it is
    /// [`Level`](crate::policy::Level).
    #[must_use]
    pub fn level(&self) -> Option<u8> {
        self.supposed.level.or_else(|| self.credential.level().filter(|_| !self.is_delegated()))
    }

    /// The methods of the sign-in (`amr`), in no particular order, such as `pwd`, `otp` and `mfa`; empty where the pool
    /// does not say, and for an agent ([`actor`](Self::actor)). The guard for them is
    /// [`AnyMethod`](crate::policy::AnyMethod).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        self.known_methods().unwrap_or_default()
    }

    /// `None` when the token's `amr` is absent, or no array of strings, and for whom an agent acts.
    pub(crate) fn known_methods(&self) -> Option<&[String]> {
        match self.supposed.level {
            Some(4) => Some(&*METHODS_OF_LEVEL_4),
            _ => self.claims().amr.as_deref().filter(|_| !self.is_delegated()),
        }
    }
}
