//! What a user's claims come from.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::lazy_id_token::LazyIdToken;
use crate::token::{Stub, TokenClaims, VerifiedToken};

/// What a user's claims come from.
#[derive(Clone)]
pub(crate) enum ClaimsSource {
    Token(Arc<VerifiedToken>),
    /// In disabled mode there are claims, and no token.
    Stub(Arc<Stub>),
}

/// The ID token beside an access token, of the same person.
#[derive(Clone)]
pub(crate) enum SiblingIdToken {
    Known(ClaimsSource),
    /// It may turn out to be none.
    Sent(Arc<LazyIdToken>),
}

/// Claims, borrowed from wherever they are.
#[derive(Clone, Copy)]
pub(crate) enum ClaimsRef<'u> {
    Token(&'u VerifiedToken),
    Stub(&'u Stub),
}

impl ClaimsSource {
    pub(crate) fn get(&self) -> ClaimsRef<'_> {
        match self {
            ClaimsSource::Token(token) => ClaimsRef::Token(token),
            ClaimsSource::Stub(stub) => ClaimsRef::Stub(stub),
        }
    }
}

impl SiblingIdToken {
    /// An ID token that was verified before.
    pub(crate) fn known(token: Arc<VerifiedToken>) -> Self {
        SiblingIdToken::Known(ClaimsSource::Token(token))
    }

    /// An ID token that is verified when something asks for it.
    pub(crate) fn sent(token: LazyIdToken) -> Self {
        SiblingIdToken::Sent(Arc::new(token))
    }

    /// The text that was sent, whatever it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            SiblingIdToken::Known(id) => id.get().jwt(),
            SiblingIdToken::Sent(id) => Some(id.text()),
        }
    }

    pub(crate) fn get(&self) -> Option<ClaimsRef<'_>> {
        match self {
            SiblingIdToken::Known(id) => Some(id.get()),
            SiblingIdToken::Sent(id) => id.token().map(|token| ClaimsRef::Token(token)),
        }
    }
}

impl<'u> ClaimsRef<'u> {
    pub(crate) fn statement(self) -> &'u TokenClaims {
        match self {
            ClaimsRef::Token(token) => token,
            ClaimsRef::Stub(stub) => stub,
        }
    }

    pub(crate) fn jwt(self) -> Option<&'u str> {
        match self {
            ClaimsRef::Token(token) => Some(token.jwt()),
            ClaimsRef::Stub(_) => None,
        }
    }

    pub(crate) fn claims_as<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        match self {
            ClaimsRef::Token(token) => token.claims_as(),
            ClaimsRef::Stub(stub) => stub.claims_as(),
        }
    }
}
