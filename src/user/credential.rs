//! The tokens that a user or machine was recognised by.

use super::claims_source::{ClaimsRef, ClaimsSource, SiblingIdToken};
use crate::crypto::same;
use crate::token::{Claims, Profile, TokenUse};

/// The token that was verified, and the ID token beside it.
#[derive(Clone)]
pub(super) struct Credential {
    /// The access token, or a bearer ID token.
    verified: ClaimsSource,
    id: Option<SiblingIdToken>,
}

impl Credential {
    pub(super) fn new(verified: ClaimsSource, id: Option<SiblingIdToken>) -> Self {
        Credential { verified, id }
    }

    /// Whether both are the same tokens.
    pub(super) fn is_same(&self, other: &Credential) -> bool {
        self.verified.get().jwt() == other.verified.get().jwt()
            && self.id.as_ref().map(SiblingIdToken::text) == other.id.as_ref().map(SiblingIdToken::text)
    }

    /// The claims of the token that was verified.
    pub(super) fn claims(&self) -> &Claims {
        &self.verified.get().statement().claims
    }

    /// The level of the sign-in that the token was issued for.
    pub(super) fn level(&self) -> Option<u8> {
        self.verified.get().statement().level
    }

    fn is_id_token(&self) -> bool {
        self.claims().token_use == TokenUse::Id
    }

    /// The ID token.
    pub(super) fn id(&self) -> Option<ClaimsRef<'_>> {
        if self.is_id_token() { Some(self.verified.get()) } else { self.id.as_ref()?.get() }
    }

    /// The access token.
    pub(super) fn access(&self) -> Option<ClaimsRef<'_>> {
        (!self.is_id_token()).then(|| self.verified.get())
    }

    /// The claims of the access token.
    pub(super) fn access_claims(&self) -> Option<&Claims> {
        self.access().map(|access| &access.statement().claims)
    }

    /// Whether the ID token has this nonce.
    pub(super) fn has_nonce(&self, nonce: &str) -> bool {
        let claim = self.id().and_then(|id| id.statement().claims.nonce.as_deref());
        claim.is_some_and(|claim| same(claim, nonce))
    }

    /// The resource that the access token is bound to.
    pub(super) fn audience(&self) -> Option<&str> {
        let claims = self.access_claims()?;
        // A trigger may have added the client itself.
        claims.aud.as_deref().filter(|aud| claims.client_id.as_deref() != Some(*aud))
    }

    /// The attributes in the ID token (OpenID Connect Core section 5.1).
    pub(super) fn profile(&self) -> Option<&Profile> {
        self.id().map(|id| &id.statement().profile)
    }
}
