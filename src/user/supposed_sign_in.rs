//! A sign-in that is supposed.

use std::sync::LazyLock;
use std::time::SystemTime;

/// The methods that give level 4, which are the only ones that do.
static METHODS_OF_LEVEL_4: LazyLock<[String; 3]> = LazyLock::new(|| ["pwd", "otp", "mfa"].map(str::to_owned));

/// A sign-in that is supposed, as far as it differs from the one that the token comes from.
#[derive(Clone, Copy, Default)]
pub(crate) struct SupposedSignIn {
    /// Instead of `auth_time`.
    pub(crate) at: Option<SystemTime>,
    /// Instead of `acr`.
    pub(crate) level: Option<u8>,
}

impl SupposedSignIn {
    /// Its methods, instead of `amr`, where the level says which they are.
    pub(super) fn methods(self) -> Option<&'static [String]> {
        (self.level == Some(4)).then(|| METHODS_OF_LEVEL_4.as_slice())
    }
}
