//! Text that must never be shown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize, Zeroizing};

use super::constant_time::same;
use super::random::base64url;
use super::wiped::wipe;

/// A client secret, cookie key or password of the settings, which print themselves: no `Display`, a redacted `Debug`,
/// wiped when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that sends or derives from it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// A token, a code, or another text of one sign-in that is as good as a password: wiped when dropped. It has no `Debug`,
/// `Display`, `PartialEq` or `Serialize`, so that no type can derive them that holds one.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct SecretText(String);

impl SecretText {
    /// `BYTES` random bytes as base64url.
    pub(crate) fn random<const BYTES: usize>() -> Self {
        base64url::<BYTES>().into()
    }

    /// The text itself, for whoever sends, hashes or verifies it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this text, found out in constant time.
    pub(crate) fn same(&self, other: &str) -> bool {
        same(&self.0, other)
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        SecretText(text)
    }
}

impl Zeroize for SecretText {
    fn zeroize(&mut self) {
        wipe(&mut std::mem::take(&mut self.0).into_bytes());
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// Serializes the text of a field: for what is sealed, and what a program keeps in a place of its own.
pub(crate) fn serialize_exposed<S: Serializer>(
    secret: &SecretText,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.expose().serialize(serializer)
}

/// [`serialize_exposed`] for a field that may be absent.
pub(crate) fn serialize_exposed_option<S: Serializer>(
    secret: &Option<SecretText>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(SecretText::expose).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};

    use super::*;

    /// Compiles for types without the trait only: with it there are two answers to what `_` stands for.
    macro_rules! assert_lacks {
        ($type:ty: $($trait:path),+) => {$({
            trait Candidate<A> {
                fn exists() {}
            }
            impl<T: ?Sized> Candidate<()> for T {}
            struct HasTrait;
            impl<T: ?Sized + $trait> Candidate<HasTrait> for T {}
            <$type as Candidate<_>>::exists();
        })+};
    }

    /// X1, T39.
    #[test]
    fn a_secret_is_neither_printed_nor_serialized_nor_compared_by_a_derive() {
        assert_lacks!(SecretText: Debug, Display, Serialize, PartialEq, PartialEq<str>, PartialEq<String>);
        assert_lacks!(SecretText: PartialOrd, std::hash::Hash, std::ops::Deref, AsRef<str>, ToString);
        assert_lacks!(Option<SecretText>: Debug, Serialize, PartialEq);
        assert_lacks!(Secret: Display, Serialize, PartialEq, PartialEq<str>, std::ops::Deref);
    }

    #[test]
    fn a_secret_is_serialized_where_its_field_says_so() {
        #[derive(Serialize, Deserialize)]
        struct Kept {
            #[serde(serialize_with = "serialize_exposed")]
            token: SecretText,
            #[serde(serialize_with = "serialize_exposed_option")]
            other: Option<SecretText>,
            #[serde(serialize_with = "serialize_exposed_option")]
            none: Option<SecretText>,
        }
        let json = r#"{"token":"one","other":"two","none":null}"#;
        let kept: Kept = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&kept).unwrap(), json);
        assert!(kept.token.same("one") && !kept.token.same("two"));
    }
}
