//! The parts of a JWT: canonical base64url of strict JSON (RFC 7515 section 2).

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::error::TokenError;
use crate::http::read_object;

/// Canonical base64url without padding; an empty part is no part.
pub(super) fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    let mut decoded = Vec::new();
    decode_into(&mut decoded, part).map(|_| decoded)
}

/// Decodes a part to the end of `decoded`, and returns where it stands there.
pub(super) fn decode_into(decoded: &mut Vec<u8>, part: &str) -> Result<Range<usize>, TokenError> {
    let start = decoded.len();
    match URL_SAFE_NO_PAD.decode_vec(part, decoded) {
        Ok(()) if decoded.len() > start => Ok(start..decoded.len()),
        _ => Err(TokenError::Malformed),
    }
}

/// The range is one of `decode_into`.
pub(super) fn part(decoded: &[u8], range: Range<usize>) -> &[u8] {
    decoded.get(range).unwrap_or_default()
}

/// Strict JSON.
pub(super) fn parse<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, TokenError> {
    read_object(json).map_err(|_| TokenError::Malformed)
}
