//! Verification of a token: cheap checks first, then the key, then the signature.
//!
//! Sources: Cognito developer guide, "Verifying JSON web tokens"; RFC 7515, RFC 7519, RFC 8725.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::claims::{Claims, Groups, Header, Profile, TokenUse};
use super::expected::Expected;
use super::key_set::Key;
use crate::crypto::same;
use crate::http::read_object;

/// Longer tokens are refused before any work.
pub(crate) const MAX_TOKEN_BYTES: usize = 24 * 1024;
const MAX_KID_BYTES: usize = 128;
/// Of a header that is looked at by itself.
const MAX_HEADER_BYTES: usize = 1024;
/// What one takes beside its texts.
const ENTRY_BYTES: usize = 640;
const GROUP_BYTES: usize = 56;

/// Why a token does not count. For the log: a visitor never learns which.
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
    /// Than the token that it is to replace.
    Older,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenError::TooLong => "longer than 24 KiB",
            TokenError::Malformed => "not a well-formed JWT with Cognito's claims",
            TokenError::Header => "its header is not plain RS256",
            TokenError::Issuer => "`iss` is not this pool",
            TokenError::Use => "`token_use` is not the one asked for",
            TokenError::Client => "`client_id` or `aud` is not an accepted app client",
            TokenError::Audience => "`aud` is a resource that `accepted_audiences` does not list",
            TokenError::Expired => "expired",
            TokenError::NotYetValid => "not yet valid; is this machine's clock right?",
            TokenError::UnknownKey => "signed with a key that is not in the pool's JWKS",
            TokenError::Signature => "its signature is wrong",
            TokenError::Nonce => "its nonce is not the one sent",
            TokenError::Mismatch => "ID token and access token are not of one sign-in",
            TokenError::Subject => "the pool's answer is about another `sub`",
            TokenError::Older => "issued before the token that it is to replace",
        })
    }
}

/// A token that passed every check but the signature. Its claims cannot be read yet.
pub(crate) struct Candidate<'a> {
    jwt: &'a str,
    signed: &'a str,
    /// Header, payload and signature, one after the other.
    decoded: Vec<u8>,
    payload: Range<usize>,
    kid: String,
    claims: Claims,
}

/// What a token says.
pub(crate) struct Statement {
    pub(crate) claims: Claims,
    /// Empty unless this is of an ID token.
    pub(crate) profile: Profile,
}

/// What a token would say, if there were one.
pub(crate) struct Stub {
    payload: Box<[u8]>,
    statement: Statement,
}

/// A token whose signature and claims held when they were checked.
pub(crate) struct VerifiedToken {
    jwt: Box<str>,
    statement: Statement,
    /// Of the signature.
    key: Arc<Key>,
    /// Of this token, where it was asked for.
    at_hash: OnceLock<String>,
}

impl<'a> Candidate<'a> {
    /// Everything that can be judged without a key. Nothing is fetched because of what a token says
    /// until this has passed.
    pub(crate) fn parse(jwt: &'a str, expected: &Expected<'_>, now: u64) -> Result<Self, TokenError> {
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
        Ok(Candidate { jwt, signed, decoded, payload, kid, claims })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    pub(crate) fn verify(self, key: &Arc<Key>) -> Result<VerifiedToken, TokenError> {
        if !key.verifies(self.signed.as_bytes(), part(&self.decoded, self.payload.end..self.decoded.len())) {
            return Err(TokenError::Signature);
        }
        let statement = Statement::new(part(&self.decoded, self.payload), self.claims);
        Ok(VerifiedToken { jwt: self.jwt.into(), statement, key: Arc::clone(key), at_hash: OnceLock::new() })
    }
}

impl Statement {
    fn new(payload: &[u8], claims: Claims) -> Self {
        let profile = match claims.token_use {
            TokenUse::Id => serde_json::from_slice(payload).unwrap_or_default(),
            TokenUse::Access => Profile::default(),
        };
        Statement { claims, profile }
    }
}

impl Stub {
    /// What a token with this payload would say.
    pub(crate) fn new(payload: Vec<u8>) -> Result<Self, TokenError> {
        let claims = parse_claims(&payload)?;
        Ok(Stub { statement: Statement::new(&payload, claims), payload: payload.into() })
    }

    /// All claims, as a type of the caller's choice.
    pub(crate) fn claims_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.payload)
    }
}

impl Deref for Stub {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.statement
    }
}

impl Deref for VerifiedToken {
    type Target = Statement;

    fn deref(&self) -> &Statement {
        &self.statement
    }
}

impl VerifiedToken {
    /// The token as it was sent.
    pub(crate) fn jwt(&self) -> &str {
        &self.jwt
    }

    /// Whether the pool still publishes the key of its signature.
    pub(super) fn has_published_key(&self) -> bool {
        self.key.is_published()
    }

    /// What it takes of memory, about: its text, claims that are about as long as their part of it, and a place for each
    /// group.
    pub(super) fn bytes(&self) -> usize {
        let groups = match &self.claims.groups {
            Groups::Listed(names) => names.capacity() * GROUP_BYTES,
            Groups::Malformed => 0,
        };
        self.jwt.len() + self.jwt.len() / 2 + groups + ENTRY_BYTES
    }

    /// All claims, as a type of the caller's choice.
    pub(crate) fn claims_as<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        let payload = self.jwt.split('.').nth(1).and_then(|payload| decode(payload).ok()).unwrap_or_default();
        serde_json::from_slice(&payload)
    }

    /// Whether this ID token answers the login that sent `nonce` (OpenID Connect Core section 3.1.3.7).
    pub(crate) fn check_nonce(&self, nonce: &str) -> Result<(), TokenError> {
        match &self.claims.nonce {
            Some(claim) if same(claim, nonce) => Ok(()),
            _ => Err(TokenError::Nonce),
        }
    }

    fn at_hash(&self) -> &str {
        self.at_hash.get_or_init(|| at_hash(&self.jwt))
    }

    /// Whether this ID token and `access` come from one sign-in: `sub`, `origin_jti` and `at_hash`
    /// (OpenID Connect Core section 3.1.3.6), the last two where Cognito sends them.
    pub(crate) fn check_belongs_to(&self, access: &VerifiedToken) -> Result<(), TokenError> {
        let same_subject = self.claims.iss == access.claims.iss && self.claims.sub == access.claims.sub;
        let same_origin = match (&self.claims.origin_jti, &access.claims.origin_jti) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        };
        let same_hash = self.claims.at_hash.as_ref().is_none_or(|claim| same(claim, access.at_hash()));
        if same_subject && same_origin && same_hash { Ok(()) } else { Err(TokenError::Mismatch) }
    }
}

/// The left half of the access token's SHA-256, base64url (OpenID Connect Core section 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    let digest = Sha256::digest(access_token.as_bytes());
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

/// Canonical base64url without padding; an empty part is no part.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    let mut decoded = Vec::new();
    decode_into(&mut decoded, part).map(|_| decoded)
}

/// The same, after what is there; where it is.
fn decode_into(decoded: &mut Vec<u8>, part: &str) -> Result<Range<usize>, TokenError> {
    let start = decoded.len();
    match URL_SAFE_NO_PAD.decode_vec(part, decoded) {
        Ok(()) if decoded.len() > start => Ok(start..decoded.len()),
        _ => Err(TokenError::Malformed),
    }
}

/// The range is one of `decode_into`.
fn part(decoded: &[u8], range: Range<usize>) -> &[u8] {
    decoded.get(range).unwrap_or_default()
}

/// The key that the header of a token names, whatever follows it.
pub(super) fn key_id(header: &str) -> Option<String> {
    let header = Some(header).filter(|header| header.len() <= MAX_HEADER_BYTES)?;
    parse_header(&decode(header).ok()?).ok()
}

/// The key that a header names.
fn parse_header(json: &[u8]) -> Result<String, TokenError> {
    let header: Header<'_> = parse(json)?;
    if header.alg.0 != "RS256" || !header.is_plain() {
        return Err(TokenError::Header);
    }
    if header.kid.is_empty() || header.kid.len() > MAX_KID_BYTES {
        return Err(TokenError::Malformed);
    }
    Ok(header.kid)
}

fn parse_claims(payload: &[u8]) -> Result<Claims, TokenError> {
    let claims: Claims = parse(payload)?;
    if claims.is_identifying() { Ok(claims) } else { Err(TokenError::Malformed) }
}

fn parse<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, TokenError> {
    read_object(json).map_err(|_| TokenError::Malformed)
}
