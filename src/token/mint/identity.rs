//! Where a person comes from whom another identity provider has signed in.

use serde_json::{Value, json};

use crate::clock::UnixSeconds;

/// Providers that are a type of their own. All others are of the type `OIDC` or `SAML`.
pub(crate) const SOCIAL_PROVIDERS: [&str; 4] = ["Facebook", "Google", "LoginWithAmazon", "SignInWithApple"];

/// What a person is at an identity provider: an entry of the claim `identities`.
pub(crate) struct Identity<'a> {
    pub(crate) provider: &'a str,
    /// Follows from a social provider.
    pub(crate) provider_type: Option<&'a str>,
    /// The provider's own name for the person.
    pub(crate) user_id: &'a str,
    pub(crate) issuer: Option<&'a str>,
    /// Whether the user exists because of it, and not beside it.
    pub(crate) is_primary: bool,
    pub(crate) linked_at: UnixSeconds,
}

impl Identity<'_> {
    /// The entry, whose values are texts.
    fn claim(&self) -> Value {
        let kind = if SOCIAL_PROVIDERS.contains(&self.provider) { self.provider } else { "OIDC" };
        json!({
            "dateCreated": format!("{}000", self.linked_at.0),
            "userId": self.user_id,
            "providerName": self.provider,
            "providerType": self.provider_type.unwrap_or(kind),
            "issuer": self.issuer,
            "primary": self.is_primary.to_string(),
        })
    }
}

/// The claim `identities`; `None` for a person without any.
pub(crate) fn identities_claim(identities: &[Identity<'_>]) -> Option<Value> {
    (!identities.is_empty()).then(|| identities.iter().map(Identity::claim).collect())
}
