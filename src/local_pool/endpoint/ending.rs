//! Sign-ins that end with an error, as Cognito sends them back to the app.

use serde::Serialize;

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
    pub(super) fn all(pool: &Pool, provider: Option<&str>, trigger_text: Option<&str>) -> Vec<Ending> {
        let at = match provider {
            Some(provider) => provider.to_owned(),
            None => {
                let first = pool.identity_providers().into_iter().next();
                first.map_or_else(|| "Google".into(), |provider| provider.name)
            }
        };
        let declined = if at == "SignInWithApple" && provider.is_some() {
            "user_cancelled_authorize"
        } else {
            "access_denied"
        };
        let linked = pool.users.names().folded(&format!("{at}_1234"));
        let text: String = trigger_text
            .unwrap_or(TRIGGER_TEXT)
            .chars()
            .filter(|letter| !letter.is_control())
            .take(MAX_TRIGGER_TEXT)
            .collect();
        // Cognito ends these texts with a space.
        let refusal = |trigger: &str| Some(format!("{trigger} failed with error {text}. "));
        let ending = |name, label: String, error, description: Option<String>| Ending {
            name,
            label,
            is_of_trigger: matches!(name, "pre_sign_up" | "pre_authentication"),
            error,
            description,
        };
        vec![
            ending("cancel", "The person cancels".into(), declined, None),
            ending(
                "provider_error",
                format!("{at} answers with an error"),
                "invalid_request",
                Some(format!("{at} Error - 500 server_error")),
            ),
            ending(
                "provider_timeout",
                format!("{at} does not answer"),
                "invalid_request",
                Some("Timeout occurred in calling IdP token endpoint".into()),
            ),
            ending("server_error", "Cognito fails".into(), "server_error", None),
            ending(
                "linked",
                "A pre sign-up trigger has linked the person to a user, and the first sign-in fails".into(),
                "invalid_request",
                Some(format!("Already found an entry for username {linked} ")),
            ),
            ending(
                "pre_sign_up",
                "A pre sign-up trigger refuses".into(),
                "invalid_request",
                refusal("PreSignUp"),
            ),
            ending(
                "pre_authentication",
                "A pre authentication trigger refuses".into(),
                "invalid_request",
                refusal("PreAuthentication"),
            ),
        ]
    }

    /// The one that the form names.
    pub(super) fn of_form(
        pool: &Pool,
        provider: Option<&str>,
        name: &str,
        trigger_text: Option<&str>,
    ) -> Option<Ending> {
        Ending::all(pool, provider, trigger_text).into_iter().find(|ending| ending.name == name)
    }
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
