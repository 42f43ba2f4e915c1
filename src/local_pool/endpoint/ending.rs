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
        let other = || pool.identity_providers().into_iter().next();
        let at = provider.cloned().or_else(other).unwrap_or_else(|| "Google".into());
        let name = &at.name;
        let declined = match provider {
            Some(provider) if provider.name == "SignInWithApple" => "user_cancelled_authorize",
            _ => "access_denied",
        };
        let linked = pool.users.names().folded(&at.identity("1234").username());
        let mut endings = vec![Ending::new("cancel", "The person cancels", declined, None)];
        if at.is_saml() {
            let text = saml("The assertion is not valid. ");
            let label = format!("{name} answers with what is not valid");
            endings.push(Ending::new("provider_error", label, "server_error", Some(text)));
        } else {
            let text = format!("{name} Error - 500 server_error");
            let label = format!("{name} answers with an error");
            endings.push(Ending::new("provider_error", label, "invalid_request", Some(text)));
            let text = "Timeout occurred in calling IdP token endpoint".to_owned();
            let label = format!("{name} does not answer");
            endings.push(Ending::new("provider_timeout", label, "invalid_request", Some(text)));
        }
        if provider.is_some() {
            endings.push(Ending::disabled());
        }
        endings.push(Ending::new("server_error", "Cognito fails", "server_error", None));
        let label = "A pre sign-up trigger has linked the person to a user, and the first sign-in fails";
        let text = format!("Already found an entry for username {linked} ");
        endings.push(Ending::new("linked", label, "invalid_request", Some(text)));
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
