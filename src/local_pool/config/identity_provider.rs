//! The identity providers of the local pool.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::identity::{LocalIdentity, provider_mistakes};
use crate::config::{Field, Form, TableMistake};

/// Cognito's quota of identifiers of one provider.
const MAX_IDENTIFIERS: usize = 50;

/// By what the pool itself is named where a provider is.
pub(in crate::local_pool) const THE_POOL: &str = "COGNITO";

/// An identity provider that people may sign in by: an entry of `local_pool.identity_providers`. In TOML it is a table, or
/// its name alone.
///
/// The sign-in page has a button for each, which leads to a page that stands in for it. The parameters
/// `identity_provider` and `idp_identifier` lead straight there, unless the browser is signed in at the pool already.
/// A name that the pool does not know is sent back to the app as `invalid_request`; what Cognito does is not
/// documented.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalIdentityProvider, LocalPoolConfig};
///
/// let acme = LocalIdentityProvider::new("Acme").identifier("acme.example");
/// let config = LocalPoolConfig::default().identity_provider("Google").identity_provider(acme);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Given")]
pub struct LocalIdentityProvider {
    pub(in crate::local_pool) name: String,
    identifiers: Vec<String>,
    provider_type: Option<String>,
    issuer: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    Name(String),
    /// Figment keeps a text of one letter apart where it reads quotes in an environment variable.
    Letter(char),
    Table(Table),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: String,
    #[serde(default)]
    identifiers: Vec<String>,
    #[serde(default)]
    provider_type: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
}

impl From<Given> for LocalIdentityProvider {
    fn from(given: Given) -> Self {
        match given {
            Given::Name(name) => name.into(),
            Given::Letter(letter) => letter.to_string().into(),
            Given::Table(Table { name, identifiers, provider_type, issuer }) => {
                LocalIdentityProvider { name, identifiers, provider_type, issuer }
            }
        }
    }
}

impl From<&str> for LocalIdentityProvider {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for LocalIdentityProvider {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl LocalIdentityProvider {
    /// The keys of an entry.
    pub(super) const FIELDS: &[Field] = &[
        Field::required("name", Form::Text),
        Field::new("identifiers", Form::Texts),
        Field::new("provider_type", Form::Text),
        Field::new("issuer", Form::Text),
    ];

    /// A provider by its name in the pool: `Google`, `Facebook`, `LoginWithAmazon` or `SignInWithApple`, or else one of
    /// OpenID Connect.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        LocalIdentityProvider {
            name: name.into(),
            identifiers: Vec::new(),
            provider_type: None,
            issuer: None,
        }
    }

    /// Adds a name that the parameter `idp_identifier` may have for the provider, such as the domain of a company.
    #[must_use]
    pub fn identifier(mut self, identifier: impl Into<String>) -> Self {
        self.identifiers.push(identifier.into());
        self
    }

    /// Makes it a provider of SAML, by its entity id.
    #[must_use]
    pub fn saml(mut self, entity_id: impl Into<String>) -> Self {
        self.provider_type = Some("SAML".into());
        self.issuer = Some(entity_id.into());
        self
    }

    /// The provider of an identity.
    pub(in crate::local_pool) fn of(identity: &LocalIdentity) -> Self {
        LocalIdentityProvider {
            name: identity.provider.clone(),
            identifiers: Vec::new(),
            provider_type: identity.provider_type.clone(),
            issuer: identity.issuer.clone(),
        }
    }

    /// Somebody by the provider's name for them.
    pub(in crate::local_pool) fn identity(&self, user_id: &str) -> LocalIdentity {
        LocalIdentity {
            provider: self.name.clone(),
            user_id: user_id.into(),
            provider_type: self.provider_type.clone(),
            issuer: self.issuer.clone(),
        }
    }

    pub(in crate::local_pool) fn has_identifier(&self, text: &str) -> bool {
        self.identifiers.iter().any(|identifier| identifier == text)
    }

    pub(in crate::local_pool) fn is_saml(&self) -> bool {
        self.provider_type.as_deref() == Some("SAML")
    }

    /// What people call it.
    pub(in crate::local_pool) fn label(&self) -> &str {
        match self.name.as_str() {
            "LoginWithAmazon" => "Amazon",
            "SignInWithApple" => "Apple",
            name => name,
        }
    }

    fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes: Vec<_> = provider_mistakes(&self.name, self.provider_type.as_deref())
            .into_iter()
            .map(|problem| ("name", problem))
            .collect();
        if self.is_saml() && self.issuer.is_none() {
            mistakes.push(("issuer", format!("{} is of SAML: add the `issuer`, its entity id", self.name)));
        }
        if self.name == THE_POOL {
            mistakes.push(("name", format!("{THE_POOL} is the pool itself: leave it out")));
        }
        for identifier in &self.identifiers {
            let is_wrong = |letter: char| !(letter.is_alphanumeric() || " _+=.@-".contains(letter));
            if !(1..=40).contains(&identifier.chars().count()) || identifier.contains(is_wrong) {
                let needs = "needs 1 to 40 letters, digits, spaces, `_`, `+`, `=`, `.`, `@` or `-`";
                mistakes.push(("identifiers", format!("{identifier:?} {needs}")));
            }
        }
        if self.identifiers.len() > MAX_IDENTIFIERS {
            let (name, count) = (&self.name, self.identifiers.len());
            mistakes
                .push(("identifiers", format!("{name} has {count}, and Cognito allows {MAX_IDENTIFIERS}")));
        }
        mistakes
    }
}

/// What Cognito would not accept of these providers, each with its key in the pool's table.
pub(super) fn identity_provider_mistakes(providers: &[LocalIdentityProvider]) -> Vec<TableMistake> {
    let (mut names, mut identifiers, mut mistakes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (index, provider) in providers.iter().enumerate() {
        let mut wrong = |key: &str, problem: String| {
            mistakes.push(TableMistake::new(format!("identity_providers[{index}].{key}"), problem));
        };
        for (key, problem) in provider.mistakes() {
            wrong(key, problem);
        }
        if !names.insert(&provider.name) {
            wrong("name", format!("{:?} is given twice", provider.name));
        }
        for identifier in provider.identifiers.iter().filter(|identifier| !identifiers.insert(*identifier)) {
            wrong("identifiers", format!("{identifier:?} is given twice"));
        }
    }
    mistakes
}
