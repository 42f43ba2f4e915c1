//! Where people are to sign in: `identity_provider` and `idp_identifier`.

use super::parameters::Parameters;
use crate::local_pool::config::{LocalIdentityProvider, THE_POOL};
use crate::local_pool::state::{Pool, Session, User};

/// What leads to a provider without the pool's own page.
pub(super) const PARAMETERS: [&str; 2] = ["identity_provider", "idp_identifier"];

/// Where people are to sign in.
pub(super) enum SignInAt {
    /// Wherever they choose.
    Any,
    /// At the pool alone, by a password.
    Pool,
    Provider(LocalIdentityProvider),
}

impl SignInAt {
    /// What the request asks for. The error describes the parameter with a value that the pool does not know; what
    /// Cognito says is not documented.
    pub(super) fn of(pool: &Pool, parameters: &Parameters) -> Result<Self, &'static str> {
        let [by_name, by_identifier] = PARAMETERS;
        let providers = || pool.identity_providers().into_iter();
        let found = match (parameters.get(by_name), parameters.get(by_identifier)) {
            (None, None) => return Ok(SignInAt::Any),
            (Some(THE_POOL), _) => return Ok(SignInAt::Pool),
            (Some(name), _) => {
                providers().find(|provider| provider.name == name).ok_or("unknown identity_provider")
            }
            (None, Some(text)) => {
                providers().find(|provider| provider.has_identifier(text)).ok_or("unknown idp_identifier")
            }
        };
        found.map(SignInAt::Provider)
    }

    /// Whether this user can sign in there.
    pub(super) fn knows(&self, user: &User) -> bool {
        match self {
            SignInAt::Any => true,
            SignInAt::Pool => !user.is_federated(),
            SignInAt::Provider(provider) => user.identity_at(&provider.name).is_some(),
        }
    }

    /// Whether a session that began elsewhere may go on: only where the request says nothing else.
    ///
    /// Source: measured for `COGNITO` (aws-amplify/amplify-js#14897); the other providers follow by analogy.
    pub(super) fn resumes(&self, session: &Session) -> bool {
        match self {
            SignInAt::Any => true,
            SignInAt::Pool => session.provider.is_none(),
            SignInAt::Provider(provider) => session.provider.as_ref() == Some(&provider.name),
        }
    }

    pub(super) fn provider(&self) -> Option<&LocalIdentityProvider> {
        match self {
            SignInAt::Provider(provider) => Some(provider),
            SignInAt::Any | SignInAt::Pool => None,
        }
    }
}
