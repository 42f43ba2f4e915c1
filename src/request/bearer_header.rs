//! The header that carries a bearer token.

use rocket::Request;

use crate::config::BearerSettings;
use crate::denial::Reason;
use crate::http::{headers, is_tchar};

/// What a request has in the header for tokens, which may stand there once.
pub(crate) struct BearerHeader<'r> {
    value: Option<&'r str>,
    is_repeated: bool,
    /// The scheme before the token; empty for none.
    prefix: &'r str,
}

impl<'r> BearerHeader<'r> {
    pub(crate) fn of(request: &'r Request<'_>, settings: &'r BearerSettings) -> Self {
        let mut values = headers::values(request.headers(), &settings.header);
        let value = values.next();
        BearerHeader { value, is_repeated: values.next().is_some(), prefix: &settings.prefix }
    }

    /// The token; `None` where there is no header, or one of another scheme, which is not our credential.
    pub(crate) fn token(&self) -> Result<Option<&'r str>, Reason> {
        match self.value {
            Some(_) if self.is_repeated => Err(Reason::RepeatedAuthorization),
            Some(value) => parse(value, self.prefix),
            None => Ok(None),
        }
    }

    /// What stands where the token is to stand, whatever it is.
    pub(crate) fn text(&self) -> Option<&'r str> {
        let rest = after_scheme(self.value.filter(|_| !self.is_repeated)?, self.prefix)?;
        after_spaces(rest, self.prefix)
    }

    /// Whether there is no header, or one of another scheme.
    pub(crate) fn is_absent(&self) -> bool {
        !self.is_repeated && self.value.is_none_or(|value| after_scheme(value, self.prefix).is_none())
    }

    /// Why there is no token, where nothing else would do.
    pub(crate) fn without_token(&self) -> Reason {
        if self.value.is_some() { Reason::OtherScheme } else { Reason::BearerRequired }
    }
}

/// The token after the scheme `prefix`, in any case (RFC 6750 section 2.1, RFC 9110 section 11.1).
pub(crate) fn parse<'v>(value: &'v str, prefix: &str) -> Result<Option<&'v str>, Reason> {
    let Some(rest) = after_scheme(value, prefix) else { return Ok(None) };
    match after_spaces(rest, prefix) {
        Some(token) if is_token68(token) => Ok(Some(token)),
        _ if rest.trim().is_empty() => Err(Reason::MissingBearerToken),
        Some(token) if token.trim().contains(' ') => Err(Reason::SeveralBearerTokens),
        _ => Err(Reason::MalformedBearerToken),
    }
}

/// `None` after another scheme, such as one that goes on as a word.
fn after_scheme<'v>(value: &'v str, prefix: &str) -> Option<&'v str> {
    let (scheme, rest) = value.split_at_checked(prefix.len())?;
    let goes_on = !prefix.is_empty() && rest.bytes().next().is_some_and(is_tchar);
    (scheme.eq_ignore_ascii_case(prefix) && !goes_on).then_some(rest)
}

/// What follows the spaces after a scheme (RFC 9110 section 11.4), or stands alone where there is no scheme.
fn after_spaces<'v>(rest: &'v str, prefix: &str) -> Option<&'v str> {
    if prefix.is_empty() { Some(rest) } else { Some(rest.strip_prefix(' ')?.trim_start_matches(' ')) }
}

/// RFC 9110 section 11.2.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    // Without a way out in the middle, so that many bytes are looked at in one instruction.
    let is_good = body.bytes().fold(true, |is_good, byte| {
        is_good
            & (byte.is_ascii_alphanumeric()
                | (byte == b'-')
                | (byte == b'.')
                | (byte == b'_')
                | (byte == b'~')
                | (byte == b'+')
                | (byte == b'/'))
    });
    !body.is_empty() && is_good
}
