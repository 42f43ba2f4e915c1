//! The methods of signing in that Cognito names in `amr`, for [`AnyMethod`](super::AnyMethod).
//!
//! Source: Cognito's developer guide, "Step-up authentication".

use super::any_method::Method;

macro_rules! methods {
    ($($(#[$doc:meta])* $Method:ident = $name:literal;)*) => {
        $($(#[$doc])*
        pub struct $Method(());

        impl Method for $Method {
            const NAME: &'static str = $name;
        })*
    };
}

methods! {
    /// `pwd`: a password.
    Password = "pwd";
    /// `sms`: a code by SMS.
    Sms = "sms";
    /// `email_otp`: a code by e-mail.
    EmailCode = "email_otp";
    /// `otp`: a code of an authenticator app. Codes by SMS and e-mail are not meant.
    Totp = "otp";
    /// `swk`: a passkey of the device itself.
    PlatformPasskey = "swk";
    /// `hwk`: a passkey on a key of its own, such as one for USB.
    RoamingPasskey = "hwk";
    /// `mfa`: two or more factors.
    SeveralFactors = "mfa";
    /// `fed`: an identity provider behind the pool, which says nothing that Cognito knows.
    Federated = "fed";
}
