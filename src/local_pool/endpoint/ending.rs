//! Sign-ins that end with an error, as Cognito sends them back to the app.

use serde::Serialize;

use super::parameters::Parameters;
use crate::local_pool::config::LocalIdentityProvider;
use crate::local_pool::state::Pool;

/// What a trigger says that is asked for nothing else.
const TRIGGER_TEXT: &str = "NOT_INVITED";
const MAX_TRIGGER_TEXT: usize = 200;

/// How a sign-in can end with an error.
///
/// Source: Cognito developer guide, "Managed login and federation error responses", and what apps have received.
#[derive(Serialize)]
pub(super) struct Ending {
    /// Its name in the form.
    name: &'static str,
    /// What has happened, for the page.
    label: String,
    /// Whether a trigger's text is part of it.
    is_of_trigger: bool,
    pub(super) error: &'static str,
    pub(super) description: Option<String>,
}

impl Ending {
    /// All of them, for a sign-in at this provider or at the pool's own page.
    pub(super) fn all(
        pool: &Pool,
        provider: Option<&LocalIdentityProvider>,
        trigger_text: Option<&str>,
    ) -> Vec<Ending> {
        let declined = match provider {
            Some(provider) if provider.name == "SignInWithApple" => "user_cancelled_authorize",
            _ => "access_denied",
        };
        let mut endings = vec![Ending::new("cancel", "The person cancels", declined, None)];
        if let Some(provider) = provider {
            endings.extend(Ending::of_provider(pool, provider));
        }
        endings.push(Ending::new("server_error", "Cognito fails", "server_error", None));
        for (trigger, label) in [
            ("PreSignUp", "A pre sign-up trigger refuses"),
            ("PreAuthentication", "A pre authentication trigger refuses"),
        ] {
            let text = refusal(trigger, trigger_text.unwrap_or(TRIGGER_TEXT));
            let (error, text) = match provider {
                Some(provider) if provider.is_saml() => ("server_error", saml(&text)),
                _ => ("invalid_request", text),
            };
            endings.push(Ending { is_of_trigger: true, ..Ending::new(trigger, label, error, Some(text)) });
        }
        endings
    }

    /// What only a sign-in at a provider ends with.
    fn of_provider(pool: &Pool, provider: &LocalIdentityProvider) -> Vec<Ending> {
        let name = &provider.name;
        let linked = pool.users.names().folded(&provider.identity("1234").username());
        let linked = format!("Already found an entry for username {linked} ");
        let first = "The first sign-in after a trigger has linked the account";
        if provider.is_saml() {
            let error = |name, label, text: &str| Ending::new(name, label, "server_error", Some(saml(text)));
            let label = format!("{name} sends an invalid response");
            return vec![
                error("provider_error", label, "The assertion is not valid. "),
                Ending::disabled(),
                error("linked", first.to_owned(), &linked),
            ];
        }
        let error = |name, label, text: String| Ending::new(name, label, "invalid_request", Some(text));
        let text = format!("{name} Error - 500 server_error");
        let timeout = "Timeout occurred in calling IdP token endpoint".to_owned();
        vec![
            error("provider_error", format!("{name} answers with an error"), text),
            error("provider_timeout", format!("{name} does not answer"), timeout),
            Ending::disabled(),
            error("linked", first.to_owned(), linked),
        ]
    }

    /// How a sign-in of a disabled user ends who comes from a provider.
    pub(super) fn disabled() -> Ending {
        let text = "User is not enabled".to_owned();
        Ending::new("disabled", "The user is disabled", "invalid_request", Some(text))
    }

    /// The one that the form names.
    pub(super) fn of_form(
        pool: &Pool,
        provider: Option<&LocalIdentityProvider>,
        form: &Parameters,
    ) -> Option<Ending> {
        let name = form.get("error")?;
        Ending::all(pool, provider, form.get("trigger_text")).into_iter().find(|ending| ending.name == name)
    }

    fn new(
        name: &'static str,
        label: impl Into<String>,
        error: &'static str,
        description: Option<String>,
    ) -> Self {
        Ending { name, label: label.into(), is_of_trigger: false, error, description }
    }
}

/// Cognito ends such texts with a space.
fn refusal(trigger: &str, text: &str) -> String {
    let text = text.chars().filter(|letter| !letter.is_control()).take(MAX_TRIGGER_TEXT);
    format!("{trigger} failed with error {}. ", text.collect::<String>())
}

/// How Cognito describes what fails in a sign-in by SAML.
fn saml(text: &str) -> String {
    format!("Invalid SAML response received: {text}")
}

/// The parameters of a callback with an error, in Cognito's order.
pub(super) fn parameters<'a>(
    error: &'a str,
    description: Option<&'a str>,
    state: Option<&'a str>,
) -> Vec<(&'static str, &'a str)> {
    [("error_description", description), ("state", state), ("error", Some(error))]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}
