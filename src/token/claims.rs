//! The claims of Cognito's tokens, typed.
//!
//! Sources: Cognito developer guide, "Understanding the identity (ID) token" and "Understanding the
//! access token"; RFC 7519 section 4.1.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, Visitor};
use serde_json::Value;

use super::actor::{self, Actor};
use crate::clock::UnixSeconds;
use crate::http::{Text, is_scope_list};

/// Which of the pool's tokens one is, by its `token_use` claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUse {
    Access,
    Id,
}

/// By hand: a derived enum would also take `{"access": null}`.
impl<'de> Deserialize<'de> for TokenUse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match &*Text::deserialize(deserializer)?.0 {
            "access" => Ok(TokenUse::Access),
            "id" => Ok(TokenUse::Id),
            _ => Err(D::Error::custom("neither `access` nor `id`")),
        }
    }
}

/// The header of a signed token. Members that would change how it is read make it unacceptable.
#[derive(Deserialize)]
pub(super) struct Header<'h> {
    #[serde(borrow)]
    pub(super) alg: Text<'h>,
    pub(super) kid: String,
    #[serde(default, deserialize_with = "whatever")]
    typ: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
    #[serde(default, deserialize_with = "present")]
    zip: bool,
    #[serde(default, deserialize_with = "present")]
    enc: bool,
    #[serde(default, deserialize_with = "present")]
    epk: bool,
    #[serde(default, deserialize_with = "present")]
    p2c: bool,
    #[serde(default, deserialize_with = "present")]
    cty: bool,
}

impl Header<'_> {
    /// Whether this announces a plain JWT that needs no extension to be read (RFC 7515 section 4.1.11).
    pub(super) fn is_plain(&self) -> bool {
        let extended = self.crit || self.b64 || self.zip || self.enc || self.epk || self.p2c || self.cty;
        let jwt = match &self.typ {
            None => true,
            Some(Value::String(typ)) => typ.eq_ignore_ascii_case("JWT"),
            Some(_) => false,
        };
        jwt && !extended
    }
}

/// The claims that decide, and those that guards hand out.
#[derive(Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) token_use: TokenUse,
    #[serde(deserialize_with = "numeric_date")]
    pub(crate) exp: UnixSeconds,
    #[serde(deserialize_with = "numeric_date")]
    pub(crate) iat: UnixSeconds,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    pub(crate) nbf: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "optional_numeric_date")]
    pub(crate) auth_time: Option<UnixSeconds>,
    pub(crate) client_id: Option<String>,
    #[serde(default, deserialize_with = "audience")]
    pub(crate) aud: Option<String>,
    pub(crate) origin_jti: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) at_hash: Option<String>,
    #[serde(default, deserialize_with = "scope")]
    pub(crate) scope: Option<String>,
    username: Option<String>,
    #[serde(rename = "cognito:username")]
    cognito_username: Option<String>,
    #[serde(rename = "cognito:groups", default, deserialize_with = "groups")]
    pub(crate) groups: Groups,
    /// The level of the sign-in, by the pool's name for it.
    #[serde(default, deserialize_with = "word")]
    pub(crate) acr: Option<String>,
    /// How the person signed in; `None` without the claim, or where it is no list of texts.
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) amr: Option<Vec<String>>,
    #[serde(default, deserialize_with = "actor::present")]
    pub(crate) act: Option<Actor>,
}

/// Standard attributes in an ID token, as far as the client may read them.
#[derive(Default, Deserialize)]
pub(crate) struct Profile {
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) email: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) email_verified: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) phone_number: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) given_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) family_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) picture: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) locale: Option<String>,
}

/// The `cognito:groups` claim. Cognito leaves it out for a user without groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Groups {
    Listed(Vec<String>),
    /// Something else than an array of strings: nobody's groups, and no proof of their absence.
    Malformed,
}

impl Default for Groups {
    fn default() -> Self {
        Groups::Listed(Vec::new())
    }
}

impl Claims {
    /// Whether this is of a person: Cognito puts a user name into all their tokens, and into none of a machine's. An
    /// exchanged token of a machine names the service that has got it as its client, so that `sub` alone proves nothing.
    pub(crate) fn is_of_person(&self) -> bool {
        self.username().is_some()
    }

    /// Whether this is of a machine: an access token that a client got for itself, by client credentials. No person's
    /// `sub` is the id of a client.
    pub(crate) fn is_of_machine(&self) -> bool {
        self.token_use == TokenUse::Access
            && !self.is_of_person()
            && self.client_id.as_ref().is_some_and(|client_id| *client_id == self.sub)
    }

    /// `username` of an access token, `cognito:username` of an ID token. Under the other's name Cognito puts nothing, and
    /// lets no trigger put anything.
    pub(crate) fn username(&self) -> Option<&str> {
        match self.token_use {
            TokenUse::Access => self.username.as_deref(),
            TokenUse::Id => self.cognito_username.as_deref(),
        }
    }

    /// Whether the texts that identify a person are usable as such: no controls, sensible lengths.
    pub(super) fn is_identifying(&self) -> bool {
        let printable = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        printable(&self.sub)
            && self.sub.len() <= 255
            && self.username().is_none_or(|name| printable(name) && name.len() <= 512)
    }
}

/// Keeps `null` apart from an absent member.
fn whatever<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The last second that RFC 3339 can write, 9999-12-31T23:59:59Z.
const MAX_NUMERIC_DATE: u64 = 253_402_300_799;

/// A finite, positive JSON number; fractions of a second are cut off (RFC 7519 section 2).
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixSeconds, D::Error> {
    struct Seconds;

    impl Visitor<'_> for Seconds {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a NumericDate")
        }

        fn visit_u64<E>(self, seconds: u64) -> Result<u64, E> {
            Ok(seconds)
        }

        // What is out of range becomes the nearest number, which is out of range below.
        fn visit_i64<E>(self, seconds: i64) -> Result<u64, E> {
            Ok(seconds.try_into().unwrap_or_default())
        }

        fn visit_f64<E>(self, seconds: f64) -> Result<u64, E> {
            Ok(seconds as u64)
        }
    }

    // Not `deserialize_any`: where another crate switches on `arbitrary_precision`, fractions would come as a map.
    let seconds = deserializer.deserialize_u64(Seconds)?;
    let is_date = (1..=MAX_NUMERIC_DATE).contains(&seconds);
    if is_date { Ok(UnixSeconds(seconds)) } else { Err(D::Error::custom("not a NumericDate")) }
}

fn optional_numeric_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<UnixSeconds>, D::Error> {
    numeric_date(deserializer).map(Some)
}

/// One audience: a string, or an array of exactly one.
fn audience<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(one) => Ok(Some(one)),
        Value::Array(list) => match <[Value; 1]>::try_from(list) {
            Ok([Value::String(one)]) => Ok(Some(one)),
            _ => Err(D::Error::custom("not exactly one audience")),
        },
        _ => Err(D::Error::custom("not an audience")),
    }
}

fn groups<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Groups, D::Error> {
    let Value::Array(list) = Value::deserialize(deserializer)? else { return Ok(Groups::Malformed) };
    let names = list.into_iter().map(|name| match name {
        Value::String(name) if !name.chars().any(char::is_control) => Some(name),
        _ => None,
    });
    Ok(names.collect::<Option<Vec<_>>>().map_or(Groups::Malformed, Groups::Listed))
}

/// A scope claim that is not a list of scopes is as good as none: it grants nothing.
fn scope<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    lenient(deserializer).map(|scope: Option<String>| scope.filter(|scope| is_scope_list(scope)))
}

/// A text without control characters; anything else is as good as none: it proves nothing.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    lenient(deserializer).map(|word: Option<String>| word.filter(|word| !word.chars().any(char::is_control)))
}

/// A profile claim of an unexpected type is as good as none: it decides nothing.
fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[cfg(test)]
mod tests {
    use serde::de::value::Error;
    use serde::forward_to_deserialize_any;

    use super::*;

    /// As `serde_json` with its feature `arbitrary_precision`: a fraction is a number to whoever asks for one, and a map
    /// to whoever asks for anything.
    struct Fraction;

    impl<'de> Deserializer<'de> for Fraction {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let member = ("$serde_json::private::Number", "1700000000.5");
            visitor.visit_map(serde::de::value::MapDeserializer::new([member].into_iter()))
        }

        fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_f64(1_700_000_000.5)
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn fractions_of_a_second_are_cut_off_whatever_other_crates_want_of_numbers() {
        assert_eq!(numeric_date(Fraction), Ok(UnixSeconds(1_700_000_000)));
        assert_eq!(optional_numeric_date(Fraction), Ok(Some(UnixSeconds(1_700_000_000))));
    }
}
