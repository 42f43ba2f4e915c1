//! Which sign-in a token comes from, and whose it is.

use serde::Deserialize;

use super::encoding::{decode, parse};

/// The sign-in that a token comes from, as Cognito names it in all tokens of a session that can be revoked.
#[derive(Deserialize)]
pub(crate) struct TokenOrigin {
    pub(crate) origin_jti: String,
}

impl TokenOrigin {
    /// Reads a token that was verified when it came. `None` where it names no sign-in.
    pub(crate) fn of(jwt: &str) -> Option<Self> {
        parse(&decode(jwt.split('.').nth(1)?).ok()?).ok()
    }
}

/// Whom a token is of, by what it says: nobody has verified it.
pub(crate) fn unverified_subject(jwt: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }

    let subject: Subject = parse(&decode(jwt.split('.').nth(1)?).ok()?).ok()?;
    Some(subject.sub)
}
