//! Bearer tokens: where they stand in a request, and which of them count.

use super::load::unique;
use super::reader::{Reader, words};
use super::{key, unsafe_modes};
use crate::http::{is_audience, is_http_token};

const MAX_NAME_BYTES: usize = 64;

/// The settings about bearer tokens.
#[derive(Debug, Clone)]
pub(crate) struct Bearer {
    /// The name of the header.
    pub(crate) header: String,
    /// The scheme before the token; empty for none.
    pub(crate) prefix: String,
    pub(crate) token_use: BearerTokenUse,
}

/// Which kind of token the header may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BearerTokenUse {
    Access,
    Id,
    Any,
}

impl Bearer {
    pub(super) fn read(reader: &mut Reader) -> Bearer {
        let header = reader.parse(&key::JWT_HEADER_NAME, |text| match text {
            _ if !is_word(text) => Err("is not the name of a header".into()),
            _ if text.eq_ignore_ascii_case("Cookie") => {
                Err("is where the session cookies stand, which count anyway".into())
            }
            _ if is_of_http(text) => Err("has a meaning of its own".into()),
            _ => Ok(text.to_owned()),
        });
        let prefix = match reader.is_empty_text(&key::JWT_HEADER_PREFIX) {
            true => Some(String::new()),
            false => reader.parse(&key::JWT_HEADER_PREFIX, |text| match is_word(text) {
                true => Ok(text.to_owned()),
                false => Err("is not one word".into()),
            }),
        };
        let words =
            [("access", BearerTokenUse::Access), ("id", BearerTokenUse::Id), ("any", BearerTokenUse::Any)];
        Bearer {
            header: header.unwrap_or_else(|| "Authorization".into()),
            prefix: prefix.unwrap_or_else(|| "Bearer".into()),
            token_use: reader.choice(&key::BEARER_TOKEN_USE, BearerTokenUse::Access, &words),
        }
    }

    /// The scheme of a challenge (RFC 9110 section 11.6.1), which cannot be empty.
    pub(crate) fn scheme(&self) -> &str {
        if self.prefix.is_empty() { "Bearer" } else { &self.prefix }
    }
}

/// Headers that say something else.
fn is_of_http(name: &str) -> bool {
    let others = [
        "Host",
        "Origin",
        "Accept",
        "Connection",
        "Upgrade",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
    ];
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-") || others.iter().any(|other| other.eq_ignore_ascii_case(&name))
}

/// Whether tokens expire.
pub(super) fn check_expiration(reader: &mut Reader, may_be_off: bool) -> bool {
    let is_on = reader.flag(&key::CHECK_EXPIRATION, true);
    if !is_on && !may_be_off {
        unsafe_modes::refuse(reader, &key::CHECK_EXPIRATION, true, "it lets in who holds an expired token");
    }
    is_on
}

/// Kept as they are, since `aud` is compared exactly.
pub(super) fn accepted_audiences(reader: &mut Reader) -> Vec<String> {
    let audiences = reader.list(&key::ACCEPTED_AUDIENCES, words, |text| match is_audience(text) {
        true => Ok(text.to_owned()),
        false => Err("is not an absolute URL without fragment".into()),
    });
    unique(audiences)
}

/// One word of HTTP.
fn is_word(text: &str) -> bool {
    text.len() <= MAX_NAME_BYTES && is_http_token(text)
}
