//! Where an app looks for credentials.

use serde_json::Value;

use crate::app::App;
use crate::openapi::Scheme;

/// Where an app looks for credentials. Another header or cookie in a document belongs to something else.
#[derive(Debug, Clone)]
pub(super) struct CredentialNames {
    header: String,
    /// Whether tokens stand in `Authorization: Bearer …`.
    is_usual: bool,
    /// `None` where nobody signs in.
    cookie: Option<String>,
}

impl CredentialNames {
    pub(super) fn of(app: &App) -> Self {
        let bearer = &app.settings.bearer;
        CredentialNames {
            header: bearer.header.clone(),
            is_usual: bearer.is_usual(),
            cookie: app.sign_in.as_ref().map(|parts| parts.sessions.cookie_name()),
        }
    }

    /// What a security scheme of any name stands for.
    pub(super) fn scheme_of(&self, scheme: &Value) -> Option<Scheme> {
        let text = |name| scheme.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = text("name");
        match (text("type"), text("scheme"), text("in")) {
            ("oauth2" | "openIdConnect", _, _) => Some(Scheme::Cognito),
            ("http", scheme, _) if self.is_usual && scheme.eq_ignore_ascii_case("bearer") => {
                Some(Scheme::Bearer)
            }
            ("apiKey", _, "header") if name.eq_ignore_ascii_case(&self.header) => Some(Scheme::Bearer),
            ("apiKey", _, "cookie") if self.cookie.as_deref() == Some(name) => Some(Scheme::Session),
            _ => None,
        }
    }
}
