//! What a user's claims come from.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::lazy_id_token::LazyIdToken;
use crate::token::{Statement, Stub, VerifiedToken};

/// What a user's claims come from.
#[derive(Clone)]
pub(crate) enum Evidence {
    Token(Arc<VerifiedToken>),
    /// In disabled mode there are claims, and no token.
    Stub(Arc<Stub>),
}

/// The ID token beside an access token, of the same person.
#[derive(Clone)]
pub(crate) enum Id {
    Known(Evidence),
    /// It may turn out to be none.
    Sent(Arc<LazyIdToken>),
}

/// The same, borrowed from wherever it is.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'u> {
    Token(&'u VerifiedToken),
    Stub(&'u Stub),
}

impl Evidence {
    pub(crate) fn seen(&self) -> Seen<'_> {
        match self {
            Evidence::Token(token) => Seen::Token(token),
            Evidence::Stub(stub) => Seen::Stub(stub),
        }
    }
}

impl Id {
    /// Of a token that was verified before.
    pub(crate) fn known(token: Arc<VerifiedToken>) -> Self {
        Id::Known(Evidence::Token(token))
    }

    /// Of one that is verified when something asks for it.
    pub(crate) fn sent(token: LazyIdToken) -> Self {
        Id::Sent(Arc::new(token))
    }

    /// As it was sent, whatever it is.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Id::Known(id) => id.seen().jwt(),
            Id::Sent(id) => Some(id.text()),
        }
    }

    pub(crate) fn seen(&self) -> Option<Seen<'_>> {
        match self {
            Id::Known(id) => Some(id.seen()),
            Id::Sent(id) => id.token().map(|token| Seen::Token(token)),
        }
    }
}

impl<'u> Seen<'u> {
    pub(crate) fn statement(self) -> &'u Statement {
        match self {
            Seen::Token(token) => token,
            Seen::Stub(stub) => stub,
        }
    }

    pub(crate) fn jwt(self) -> Option<&'u str> {
        match self {
            Seen::Token(token) => Some(token.jwt()),
            Seen::Stub(_) => None,
        }
    }

    pub(crate) fn claims_as<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        match self {
            Seen::Token(token) => token.claims_as(),
            Seen::Stub(stub) => stub.claims_as(),
        }
    }
}
