//! A token before its signature has been verified: cheap checks first, then the key, then the signature.
//!
//! Sources: Cognito developer guide, "Verifying JSON web tokens"; RFC 7515, RFC 7519, RFC 8725.

use std::ops::Range;
use std::sync::Arc;

use super::claims::Claims;
use super::encoding::{decode_into, part};
use super::error::TokenError;
use super::expected::Expectations;
use super::header::parse_header;
use super::key_set::Key;
use super::verified::{VerifiedToken, parse_claims};
use crate::clock::UnixSeconds;
use crate::config::LevelNames;

/// Longer tokens are refused before any work.
pub(crate) const MAX_TOKEN_BYTES: usize = 24 * 1024;

/// A token that passed every check but the signature. Its claims cannot be read yet.
pub(crate) struct UnverifiedToken<'a> {
    jwt: &'a str,
    signed: &'a str,
    /// Header, payload and signature, one after the other.
    decoded: Vec<u8>,
    payload: Range<usize>,
    kid: String,
    claims: Claims,
}

impl<'a> UnverifiedToken<'a> {
    /// Everything that can be judged without a key. Nothing is fetched because of what a token says
    /// until this has passed.
    pub(crate) fn parse(
        jwt: &'a str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Result<Self, TokenError> {
        if jwt.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = jwt.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let mut decoded = Vec::with_capacity(jwt.len());
        let header = decode_into(&mut decoded, header)?;
        let payload = decode_into(&mut decoded, payload)?;
        decode_into(&mut decoded, signature)?;
        let kid = parse_header(part(&decoded, header))?;
        let claims = parse_claims(part(&decoded, payload.clone()))?;
        expected.check(&claims, now)?;
        Ok(UnverifiedToken { jwt, signed, decoded, payload, kid, claims })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn verify(
        self,
        key: &Arc<Key>,
        level_names: &LevelNames,
    ) -> Result<VerifiedToken, TokenError> {
        if !key.verifies(self.signed.as_bytes(), part(&self.decoded, self.payload.end..self.decoded.len())) {
            return Err(TokenError::Signature);
        }
        let payload = part(&self.decoded, self.payload);
        Ok(VerifiedToken::new(self.jwt, payload, self.claims, Arc::clone(key), level_names))
    }
}
