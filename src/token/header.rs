//! The header of a token (RFC 7515 section 4).

use super::claims::Header;
use super::encoding::{decode, parse};
use super::error::TokenError;

const MAX_KID_BYTES: usize = 128;
/// A longer header is not looked at by itself.
const MAX_HEADER_BYTES: usize = 1024;

/// The key that the header of a token names, whatever follows it.
pub(super) fn key_id(header: &str) -> Option<String> {
    let header = Some(header).filter(|header| header.len() <= MAX_HEADER_BYTES)?;
    parse_header(&decode(header).ok()?).ok()
}

/// The key that a header names.
pub(super) fn parse_header(json: &[u8]) -> Result<String, TokenError> {
    let header: Header<'_> = parse(json)?;
    if header.alg.0 != "RS256" || !header.is_plain() {
        return Err(TokenError::Header);
    }
    if header.kid.is_empty() || header.kid.len() > MAX_KID_BYTES {
        return Err(TokenError::Malformed);
    }
    Ok(header.kid)
}
