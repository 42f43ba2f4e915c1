//! What a test says of a person.

use std::time::Duration;

use serde_json::{Map, Value};

use super::app_facts::AppFacts;
use super::claims::LIFETIME_SECONDS;
use super::keys::keys;
use super::misuse::misuse;
use crate::clock::UnixSeconds;
use crate::token::{Identity, MintedTokens, PersonClaims, subject};

/// What a test says of a person, of which their tokens are made.
#[derive(Debug, Clone)]
pub(super) struct PersonFacts {
    pub(super) name: String,
    pub(super) sub: String,
    /// Whether it was chosen, and does not follow from the username.
    pub(super) has_own_sub: bool,
    pub(super) groups: Vec<String>,
    /// Instead of those of the app's settings.
    pub(super) scopes: Option<Vec<String>>,
    pub(super) more_scopes: Vec<String>,
    pub(super) attributes: Map<String, Value>,
    pub(super) access_claims: Map<String, Value>,
    pub(super) id_claims: Map<String, Value>,
    pub(super) client_id: Option<String>,
    pub(super) audience: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) level: Map<String, Value>,
    pub(super) signed_in_ago: Duration,
    pub(super) is_expired: bool,
}

impl PersonFacts {
    pub(super) fn new(name: String) -> Self {
        let mut attributes = Map::new();
        attributes.insert("email".into(), format!("{name}@example.com").into());
        PersonFacts {
            sub: subject_of(&name),
            has_own_sub: false,
            name,
            groups: Vec::new(),
            scopes: None,
            more_scopes: Vec::new(),
            attributes,
            access_claims: Map::new(),
            id_claims: Map::new(),
            client_id: None,
            audience: None,
            provider: None,
            level: Map::new(),
            signed_in_ago: Duration::ZERO,
            is_expired: false,
        }
    }

    /// The name by which the pool knows the person.
    pub(super) fn username(&self) -> String {
        match &self.provider {
            Some(provider) => format!("{provider}_{}", self.name),
            None => self.name.clone(),
        }
    }

    /// Tokens for `app` of the sign-in `origin_jti`.
    pub(super) fn tokens(
        &self,
        app: &AppFacts,
        origin_jti: &str,
        signed_in_at: UnixSeconds,
        issued_at: UnixSeconds,
    ) -> MintedTokens {
        let mut scopes = self.scopes.clone().unwrap_or_else(|| app.scopes.clone());
        scopes.extend(self.more_scopes.iter().cloned());
        let mut groups = self.groups.clone();
        groups.extend(self.provider.iter().map(|provider| format!("{}_{provider}", app.user_pool_id)));
        let identities: Vec<_> = self.identity(signed_in_at).into_iter().collect();
        let claims = PersonClaims {
            issuer: &app.issuer,
            client_id: self.client_id.as_deref().unwrap_or(&app.client_id),
            sub: &self.sub,
            username: &self.username(),
            groups: &groups,
            roles: &[],
            preferred_role: None,
            identities: &identities,
            scopes: &scopes,
            by_api: false,
            attributes: &self.all_attributes(),
            resource: self.audience.as_deref(),
            nonce: None,
            origin_jti,
            acr: None,
            amr: &[],
            auth_time: signed_in_at.minus(self.signed_in_ago.as_secs()),
            issued_at,
            access_seconds: LIFETIME_SECONDS,
            id_seconds: LIFETIME_SECONDS,
            more_access: merged([&self.access_claims, &self.level]),
            more_id: merged([&self.id_claims, &self.level]),
        };
        claims.sign(keys()).unwrap_or_else(|| misuse("the test pool could not sign a token"))
    }

    /// What an external identity provider calls the person.
    fn identity(&self, at: UnixSeconds) -> Option<Identity<'_>> {
        Some(Identity {
            provider: self.provider.as_deref()?,
            provider_type: None,
            user_id: &self.name,
            issuer: None,
            is_primary: true,
            linked_at: at,
        })
    }

    /// Addresses and numbers are verified unless a test says otherwise; those that another provider sends are not.
    fn all_attributes(&self) -> Map<String, Value> {
        let mut all = self.attributes.clone();
        for (attribute, verified) in [("email", "email_verified"), ("phone_number", "phone_number_verified")]
        {
            if all.contains_key(attribute) {
                all.entry(verified).or_insert(self.provider.is_none().into());
            }
        }
        all
    }
}

/// The `sub` that follows from a username.
pub(super) fn subject_of(username: &str) -> String {
    subject("TestPool", username)
}

fn merged<const N: usize>(parts: [&Map<String, Value>; N]) -> Map<String, Value> {
    parts.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}
