//! Bearer tokens that are refused for what the settings, or this machine's clock, say.

use std::fmt;

use super::claims::{Claims, TokenUse};
use super::encoding::decode;
use super::error::TokenError;
use super::expected::Expectations;
use super::header::key_id;
use super::verified::parse_claims;
use crate::clock::UnixSeconds;
use crate::config::is_issuer;
use crate::telemetry::{quoted, redacted};

/// The longest id that is shown: a `kid` of Cognito has 44 characters.
const MAX_ID_BYTES: usize = 64;

/// A bearer token that another setting or clock would accept, rather than a forged one. Nobody has verified it, so its
/// `Display`, which is computed when it is asked for, shows of it only what is a plain id or issuer.
pub(crate) struct BearerFault<'a> {
    error: TokenError,
    jwt: &'a str,
    expected: &'a Expectations<'a>,
    now: UnixSeconds,
}

impl<'a> BearerFault<'a> {
    /// The fault, and what the operator can do about it. `None` where the token itself is wrong.
    pub(crate) fn of(
        error: TokenError,
        jwt: &'a str,
        expected: &'a Expectations<'a>,
        now: UnixSeconds,
    ) -> Option<(Self, &'static str)> {
        let remedy = match error {
            TokenError::Issuer => {
                "if tokens of that pool are to be accepted: accepted_issuers; else check `user_pool_id`"
            }
            TokenError::Use => "let clients send the other kind, or say which are accepted: bearer_token_use",
            TokenError::Client if expected.accepts_any_client() => {
                "have it ask for this API by the parameter `resource`, so that its access tokens have it as `aud`; or list it: \
                 accepted_client_ids"
            }
            TokenError::Client => "if that app client may call: accepted_client_ids; else check `client_id`",
            TokenError::Audience if !expected.audiences.is_empty() => {
                "have clients ask for this API by the parameter `resource`, which becomes the `aud`; if tokens for that \
                 resource are to be accepted, too: accepted_audiences"
            }
            TokenError::Audience => "if tokens for that resource are to be accepted: accepted_audiences",
            TokenError::UnknownKey => {
                "it is of another pool, or forged; if all are refused so, check `user_pool_id`, and `jwks` and `jwks_uri` \
                 where they are set"
            }
            TokenError::Expired => {
                "clients get a new one; if all are refused so, set this machine's clock right"
            }
            TokenError::NotYetValid => "set this machine's clock right, or that of whoever issues them",
            TokenError::TooLong
            | TokenError::Malformed
            | TokenError::Header
            | TokenError::Signature
            | TokenError::Nonce
            | TokenError::Mismatch
            | TokenError::Subject
            | TokenError::Older
            | TokenError::WeakSignIn
            | TokenError::Delegated
            | TokenError::Actor
            | TokenError::Target
            | TokenError::Scope => return None,
        };
        Some((BearerFault { error, jwt, expected, now }, remedy))
    }

    fn claims(&self) -> Option<Claims> {
        parse_claims(&decode(self.jwt.split('.').nth(1)?).ok()?).ok()
    }
}

impl fmt::Display for BearerFault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(claims) = self.claims() else { return self.error.fmt(f) };
        let Expectations { issuers, client_ids, audiences, .. } = self.expected;
        let one_of =
            |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" or ");
        match self.error {
            TokenError::Issuer if is_issuer(&claims.iss) => {
                write!(f, "its `iss` is {}, and not {}", quoted(&claims.iss), one_of(issuers))
            }
            TokenError::Use => f.write_str(match claims.token_use {
                TokenUse::Access => "it is an access token, and ID tokens are accepted",
                TokenUse::Id => "it is an ID token, and access tokens are accepted",
            }),
            TokenError::Client => {
                let is_access = claims.token_use == TokenUse::Access;
                let client = if is_access { claims.client_id } else { claims.aud };
                // No more than a client's id.
                let client = redacted(&client.unwrap_or_default());
                if is_access && self.expected.accepts_any_client() {
                    return write!(
                        f,
                        "it is for the app client {client}, which is not listed, and its `aud` is not `resource`"
                    );
                }
                write!(f, "it is for the app client {client}, and not for {}", one_of(client_ids))
            }
            TokenError::Audience => {
                match claims.aud.as_deref().filter(|aud| is_issuer(aud) || is_plain_id(aud)) {
                    Some(aud) if audiences.is_empty() => {
                        write!(
                            f,
                            "it is for the resource {}, which is neither `resource` nor one of `accepted_audiences`",
                            quoted(aud)
                        )
                    }
                    Some(aud) => {
                        write!(f, "its `aud` is {}, and not {}", quoted(aud), one_of(audiences))
                    }
                    None => self.error.fmt(f),
                }
            }
            TokenError::UnknownKey => {
                self.error.fmt(f)?;
                if is_issuer(&claims.iss) {
                    write!(f, "; its `iss` is {}", quoted(&claims.iss))?;
                }
                match self.jwt.split('.').next().and_then(key_id).filter(|kid| is_plain_id(kid)) {
                    Some(kid) => write!(f, "; its `kid` is {}", quoted(&kid)),
                    None => Ok(()),
                }
            }
            TokenError::Expired => write!(f, "it expired {} seconds ago", self.now.since(claims.exp)),
            TokenError::NotYetValid => {
                let starts = claims.iat.max(claims.nbf.unwrap_or(claims.iat));
                write!(f, "it is valid {} seconds from now", starts.since(self.now))
            }
            error => error.fmt(f),
        }
    }
}

/// Whether it is no more than the name of a key or resource.
fn is_plain_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/:+=".contains(&byte);
    (1..=MAX_ID_BYTES).contains(&text.len()) && text.bytes().all(is_plain)
}
