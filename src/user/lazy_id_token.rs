//! The ID token beside a session's access token, verified when something asks for it.

use std::sync::{Arc, OnceLock};

use crate::config::Settings;
use crate::token::{Expected, TokenUse, VerifiedToken, Verifier};

/// An ID token as a browser sent it.
pub(crate) struct SentIdToken {
    text: String,
    /// It counts if both come from one sign-in.
    access: Arc<VerifiedToken>,
    verifier: Arc<Verifier>,
    settings: Arc<Settings>,
    /// When the browser sent it.
    now: u64,
    token: OnceLock<Option<Arc<VerifiedToken>>>,
}

impl SentIdToken {
    pub(crate) fn sent(
        text: String,
        access: Arc<VerifiedToken>,
        verifier: &Arc<Verifier>,
        settings: &Arc<Settings>,
        now: u64,
    ) -> Self {
        let (verifier, settings) = (Arc::clone(verifier), Arc::clone(settings));
        SentIdToken { text, access, verifier, settings, now, token: OnceLock::new() }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The token, if it is valid and of the same person.
    pub(crate) fn token(&self) -> Option<&Arc<VerifiedToken>> {
        let verify = || {
            let expected = Expected::of_session(&self.settings, TokenUse::Id);
            let token = self.verifier.verify_at_once(&self.text, &expected, self.now)?;
            token.check_belongs_to(&self.access).is_ok().then_some(token)
        };
        self.token.get_or_init(verify).as_ref()
    }
}
