//! A sign-in at a lower level than was asked for.

use crate::token::VerifiedToken;

/// What a sign-in has reached that was to reach a higher level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WeakSignIn {
    /// The tokens name no level.
    NoLevel,
    /// The tokens name a level that the settings do not know.
    UnknownName,
    /// The tokens name a lower one.
    Lower,
    /// The tokens name a lower one, of somebody who signed in at another identity provider.
    LowerElsewhere,
}

impl WeakSignIn {
    /// What is lacking in the sign-in of this access token, if it was to reach `level`.
    pub(super) fn of(access: &VerifiedToken, level: u8) -> Option<Self> {
        match (access.level, &access.claims.acr) {
            (Some(reached), _) if reached >= level => None,
            (Some(_), _) if is_from_elsewhere(access) => Some(WeakSignIn::LowerElsewhere),
            (Some(_), _) => Some(WeakSignIn::Lower),
            (None, Some(_)) => Some(WeakSignIn::UnknownName),
            (None, None) => Some(WeakSignIn::NoLevel),
        }
    }

    /// Why, most likely, and what to do about it, for the log.
    pub(super) fn explained(self) -> (&'static str, &'static str) {
        match self {
            WeakSignIn::NoLevel => (
                "its tokens name no level, so the pool has ignored `acr_values`",
                "choose the plan Essentials or Plus for the pool, and the branding version \"Managed login\" for its domain: \
                 the plan Lite and the classic hosted UI ignore it, and so do regions without step-up authentication",
            ),
            WeakSignIn::UnknownName => (
                "its tokens name a level that this app does not know",
                "give the pool's own names for levels to `level_names`",
            ),
            WeakSignIn::Lower => (
                "the pool signed somebody in at a lower level, so they most likely have no factor that reaches the other, or \
                 the pool's pages have ignored `acr_values`",
                "have them set up a second factor, or a passkey, which reaches level 3; an authenticator app reaches level 4; \
                 for everybody, choose the branding version \"Managed login\" for the pool's domain: the classic hosted UI \
                 ignores levels",
            ),
            WeakSignIn::LowerElsewhere => (
                "somebody signed in at another identity provider, which claims a lower level, or none that the pool knows",
                "map the provider's levels at the pool (`AcrMapping`, for OpenID Connect alone), and have it ask for a \
                 second factor: what is not mapped is level 1",
            ),
        }
    }
}

/// Whether the tokens say that another identity provider signed this person in.
fn is_from_elsewhere(access: &VerifiedToken) -> bool {
    access.claims.amr.iter().flatten().any(|method| method == "fed")
}
