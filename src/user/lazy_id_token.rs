//! The ID token beside a session's access token, verified when something asks for it.

use std::sync::{Arc, OnceLock};

use crate::clock::UnixSeconds;
use crate::pool::UserPool;
use crate::token::{TokenUse, VerifiedToken};

/// An ID token as a browser sent it.
pub(crate) struct LazyIdToken {
    /// Not a `SecretText`: every request would pay for wiping it.
    text: String,
    /// It counts if both come from one sign-in.
    access: Arc<VerifiedToken>,
    pool: Arc<UserPool>,
    /// When the browser sent it.
    now: UnixSeconds,
    token: OnceLock<Option<Arc<VerifiedToken>>>,
}

impl LazyIdToken {
    pub(crate) fn new(
        text: String,
        access: Arc<VerifiedToken>,
        pool: &Arc<UserPool>,
        now: UnixSeconds,
    ) -> Self {
        LazyIdToken { text, access, pool: Arc::clone(pool), now, token: OnceLock::new() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The token, if it is valid and of the same person.
    pub(crate) fn token(&self) -> Option<&Arc<VerifiedToken>> {
        let verify = || {
            let expected = self.pool.expected_of_session(TokenUse::Id);
            let token = self.pool.verifier().verify_at_once(&self.text, &expected, self.now)?;
            token.check_belongs_to(&self.access).is_ok().then_some(token)
        };
        self.token.get_or_init(verify).as_ref()
    }
}
