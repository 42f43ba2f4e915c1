//! Where a user of the local pool comes from.

use serde::{Deserialize, Serialize};

use crate::config::{Field, Form};
use crate::token::SOCIAL_PROVIDERS;

/// What a user of the local pool is at another identity provider: an entry of `identities` in `local_pool.users`.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalIdentity, LocalUser};
///
/// let google = LocalUser::federated(LocalIdentity::new("Google", "1234"));
/// let company = LocalIdentity::new("Acme", "dave@acme.example").saml("https://acme.example/saml");
/// let dave = LocalUser::new("dave").identity(company);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalIdentity {
    pub(in crate::local_pool) provider: String,
    pub(in crate::local_pool) user_id: String,
    #[serde(default)]
    pub(in crate::local_pool) provider_type: Option<String>,
    #[serde(default)]
    pub(in crate::local_pool) issuer: Option<String>,
}

impl LocalIdentity {
    /// The keys of an entry.
    pub(super) const FIELDS: &[Field] = &[
        Field::required("provider", Form::Text),
        Field::required("user_id", Form::Text),
        Field::new("provider_type", Form::Text),
        Field::new("issuer", Form::Text),
    ];

    /// Somebody by the provider's name for them, such as the `sub` that Google gives. The provider is `Google`,
    /// `Facebook`, `LoginWithAmazon` or `SignInWithApple`, or else one of OpenID Connect by the name that it has in the
    /// pool.
    #[must_use]
    pub fn new(provider: impl Into<String>, user_id: impl Into<String>) -> Self {
        LocalIdentity {
            provider: provider.into(),
            user_id: user_id.into(),
            provider_type: None,
            issuer: None,
        }
    }

    /// Makes the provider one of SAML, by its entity id.
    #[must_use]
    pub fn saml(mut self, entity_id: impl Into<String>) -> Self {
        self.provider_type = Some("SAML".into());
        self.issuer = Some(entity_id.into());
        self
    }

    /// The username of a user who exists because of this identity.
    pub(in crate::local_pool) fn username(&self) -> String {
        format!("{}_{}", self.provider, self.user_id)
    }

    /// What Cognito would not accept.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = provider_mistakes(&self.provider, self.provider_type.as_deref());
        let has_wrong_letter =
            self.user_id.contains(|letter: char| letter.is_whitespace() || letter.is_control());
        if self.user_id.is_empty() || self.username().chars().count() > 128 || has_wrong_letter {
            let needs = "needs 1 to 128 characters together with its provider, and no spaces";
            mistakes.push(format!("the user_id {:?} {needs}", self.user_id));
        }
        mistakes
    }
}

/// What Cognito would not accept of a provider.
pub(super) fn provider_mistakes(provider: &str, provider_type: Option<&str>) -> Vec<String> {
    let mut mistakes = Vec::new();
    let has_wrong_letter = provider.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if !(3..=32).contains(&provider.chars().count()) || provider.contains('_') || has_wrong_letter {
        mistakes.push(format!("the provider {provider:?} needs 3 to 32 characters, no spaces and no `_`"));
    }
    if let Some(kind) = provider_type {
        let is_social = SOCIAL_PROVIDERS.contains(&provider);
        if is_social && kind != provider {
            mistakes.push(format!("{provider} is a provider_type of its own: leave provider_type out"));
        } else if !is_social && !["OIDC", "SAML"].contains(&kind) {
            mistakes
                .push(format!("the provider_type {kind:?} of {provider:?} should be \"OIDC\" or \"SAML\""));
        }
    }
    mistakes
}
