//! Why a token is refused.

use std::fmt;

/// Why a token is refused. For the log: a visitor never learns which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    TooLong,
    /// Not three canonical base64url parts of strict JSON with the claims every token has.
    Malformed,
    /// Not RS256, or a header that asks for an extension.
    Header,
    Issuer,
    Use,
    Client,
    /// Bound to a resource that the settings do not list.
    Audience,
    Expired,
    NotYetValid,
    UnknownKey,
    Signature,
    Nonce,
    /// ID token and access token belong to different sign-ins.
    Mismatch,
    /// About another person than the token that was sent.
    Subject,
    /// Issued before the token that it is to replace.
    Older,
    /// The sign-in is at a lower level, or older, than was asked for.
    WeakSignIn,
    /// Somebody else acts for whom it is of.
    Delegated,
    /// The token does not say who acts, though an actor was given.
    Actor,
    /// The token is not bound to what was asked for.
    Target,
    /// The token has scopes that were not asked for.
    Scope,
}

impl TokenError {
    pub(crate) fn text(self) -> &'static str {
        match self {
            TokenError::TooLong => "longer than 24 KiB",
            TokenError::Malformed => "not a well-formed JWT with Cognito's claims",
            TokenError::Header => "its header is not plain RS256",
            TokenError::Issuer => "`iss` is not this pool",
            TokenError::Use => "`token_use` is not the one asked for",
            TokenError::Client => "`client_id` or `aud` is not an accepted app client",
            TokenError::Audience => "`aud` is neither `resource` nor one of `accepted_audiences`",
            TokenError::Expired => "expired",
            TokenError::NotYetValid => "not yet valid; is this machine's clock right?",
            TokenError::UnknownKey => "signed with a key that is not in the pool's JWKS",
            TokenError::Signature => "its signature is wrong",
            TokenError::Nonce => "its nonce is not the one sent",
            TokenError::Mismatch => "ID token and access token are not of one sign-in",
            TokenError::Subject => "the pool's answer is about another `sub`",
            TokenError::Older => "issued before the token that it is to replace",
            TokenError::WeakSignIn => "its sign-in is at a lower level, or older, than was asked for",
            TokenError::Delegated => "an agent acts for its person (`act`), where only the person counts",
            TokenError::Actor => "it does not say who acts (`act`), though an actor was given",
            TokenError::Target => "its `aud` is not the audience or resource that was asked for",
            TokenError::Scope => "it has scopes that were not asked for",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
