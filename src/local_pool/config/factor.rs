//! The factors that people sign in with.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A factor that somebody can show at the [`LocalPool`](crate::local_pool::LocalPool).
///
/// | factor | in TOML | `amr` | alone | with a password |
/// |---|---|---|---|---|
/// | [`Password`](Factor::Password) | - | `pwd` | level 1 | - |
/// | [`Sms`](Factor::Sms) | `sms` | `sms` | level 2 | level 3 |
/// | [`EmailCode`](Factor::EmailCode) | `email` | `email_otp` | level 2 | level 3 |
/// | [`PlatformPasskey`](Factor::PlatformPasskey) | `passkey` | `swk` | level 3 | level 3 |
/// | [`RoamingPasskey`](Factor::RoamingPasskey) | `security_key` | `hwk` | level 3 | level 3 |
/// | [`Totp`](Factor::Totp) | `totp` | `otp` | no sign-in | level 4 |
///
/// On the sign-in page people show the password first, or a factor that can stand alone ("Sign in without a password").
///
/// Source: Cognito's developer guide, "Step-up authentication".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Factor {
    /// A password, which all users of the pool itself have.
    Password,
    /// A code by SMS.
    Sms,
    /// A code by e-mail.
    #[serde(rename = "email")]
    EmailCode,
    /// A passkey of the device itself.
    #[serde(rename = "passkey")]
    PlatformPasskey,
    /// A passkey on a key of its own.
    #[serde(rename = "security_key")]
    RoamingPasskey,
    /// A code of an authenticator app.
    Totp,
}

/// The names of those that an entry of `users` may have.
pub(super) const FACTORS: &[&str] = &["totp", "passkey", "security_key", "sms", "email"];

/// The factors shown in one sign-in; none in a sign-in at another identity provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::local_pool) struct Factors(BTreeSet<Factor>);

impl Factor {
    /// Those that a user may have beside the password.
    pub(in crate::local_pool) const SECOND: [Factor; 5] =
        [Factor::Totp, Factor::PlatformPasskey, Factor::RoamingPasskey, Factor::Sms, Factor::EmailCode];

    /// Those that may stand in for the password: at Cognito an authenticator app comes second only.
    const FIRST: [Factor; 4] =
        [Factor::PlatformPasskey, Factor::RoamingPasskey, Factor::Sms, Factor::EmailCode];

    /// Whether people can sign in with it alone.
    pub(in crate::local_pool) fn stands_alone(self) -> bool {
        Factor::FIRST.contains(&self)
    }

    /// Its name in TOML and on pages.
    pub(in crate::local_pool) fn name(self) -> &'static str {
        match self {
            Factor::Password => "password",
            Factor::Sms => "sms",
            Factor::EmailCode => "email",
            Factor::PlatformPasskey => "passkey",
            Factor::RoamingPasskey => "security_key",
            Factor::Totp => "totp",
        }
    }

    /// What it is, for people.
    pub(in crate::local_pool) fn in_words(self) -> &'static str {
        match self {
            Factor::Password => "a password",
            Factor::Sms => "a code by SMS",
            Factor::EmailCode => "a code by e-mail",
            Factor::PlatformPasskey => "a passkey",
            Factor::RoamingPasskey => "a security key",
            Factor::Totp => "an authenticator app",
        }
    }

    fn method(self) -> &'static str {
        match self {
            Factor::Password => "pwd",
            Factor::Sms => "sms",
            Factor::EmailCode => "email_otp",
            Factor::PlatformPasskey => "swk",
            Factor::RoamingPasskey => "hwk",
            Factor::Totp => "otp",
        }
    }

    /// Whether it is shown by what a device asks.
    pub(in crate::local_pool) fn is_passkey(self) -> bool {
        matches!(self, Factor::PlatformPasskey | Factor::RoamingPasskey)
    }

    /// Whether it is shown by a code that the pool has sent, or an app has made.
    pub(in crate::local_pool) fn is_code(self) -> bool {
        matches!(self, Factor::Sms | Factor::EmailCode | Factor::Totp)
    }
}

impl Factors {
    pub(in crate::local_pool) fn of(factors: impl IntoIterator<Item = Factor>) -> Self {
        Factors(factors.into_iter().collect())
    }

    pub(in crate::local_pool) fn password() -> Self {
        Factors::of([Factor::Password])
    }

    /// Whether nothing has been shown here.
    pub(in crate::local_pool) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, and one more.
    pub(in crate::local_pool) fn with(&self, factor: Factor) -> Self {
        Factors::of(self.0.iter().copied().chain([factor]))
    }

    /// The level that they reach: the highest one of which all factors are there.
    pub(in crate::local_pool) fn level(&self) -> u8 {
        let has = |factor| self.0.contains(&factor);
        let has_password = has(Factor::Password);
        let has_code = has(Factor::Sms) || has(Factor::EmailCode);
        match () {
            () if has_password && has(Factor::Totp) => 4,
            () if has(Factor::PlatformPasskey) || has(Factor::RoamingPasskey) => 3,
            () if has_password && has_code => 3,
            () if has_code => 2,
            () => 1,
        }
    }

    /// What `amr` says of them.
    pub(in crate::local_pool) fn methods(&self) -> Vec<&'static str> {
        let mut methods: Vec<_> = self.0.iter().map(|factor| factor.method()).collect();
        match methods.len() {
            0 => methods.push("fed"),
            1 => {}
            _ => methods.push("mfa"),
        }
        methods
    }
}
