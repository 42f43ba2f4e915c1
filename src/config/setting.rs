//! What a setting is, and the macro that declares the table of them.

use std::ops::Deref;

/// One setting, as it is named in `[<profile>.cognito]` and, upper-cased, after `ROCKET_COGNITO_`.
#[derive(Debug)]
pub(crate) struct Key {
    pub(super) name: &'static str,
    /// Whether the value is, or may hold, a secret: then no message shows it.
    pub(super) secret: bool,
    /// What would be right.
    pub(super) expected: &'static str,
    /// What to type, and where in the Cognito console to find it.
    pub(super) remedy: &'static str,
}

/// A key, and the value that is in force where it is not set.
pub(crate) struct Setting<D> {
    pub(super) key: Key,
    pub(super) default: D,
}

impl<D> Deref for Setting<D> {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.key
    }
}

/// The default of a setting that is required, absent, or follows from others: the docs' words for it.
pub(crate) struct Unset(
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with the docs"))]
    pub(super)  &'static str,
);

macro_rules! is_secret {
    () => {
        false
    };
    (secret) => {
        true
    };
}

/// Declares the settings as constants and gathers their keys in `ALL`.
macro_rules! settings {
    ($(
        $(#[$secret:ident])?
        $constant:ident: $type:ty = $name:literal, default: $default:expr,
        $expected:literal,
        $remedy:literal;
    )*) => {
        $(pub(super) const $constant: Setting<$type> = Setting {
            key: Key { name: $name, secret: is_secret!($($secret)?), expected: $expected, remedy: $remedy },
            default: $default,
        };)*

        pub(super) const ALL: &[&Key] = &[$(&$constant.key),*];

        /// Every key with its default as the docs write it.
        #[cfg(test)]
        fn documented_defaults() -> Vec<(&'static str, String)> {
            vec![$(($name, tests::Documented::documented(&$constant.default))),*]
        }
    };
}

pub(super) use {is_secret, settings};
