//! The security schemes of an app.

use std::collections::BTreeSet;
use std::sync::Arc;

use rocket::{Phase, Rocket};
use serde_json::{Map, Value, json};

use super::marker::Marker;
use super::requirement::{Requirement, Scheme};
use crate::app::App;
use crate::config::BearerTokenUse;
use crate::error::Error;
use crate::guard::Asks;
use crate::oauth::Endpoints;

/// The `securitySchemes` of an app's document, by the app's settings and what its guards ask for:
///
/// - `cognito`: OAuth 2 at the pool's own endpoints, with the scopes in use. People sign in (authorization code); where
///   machines may call, they get a token for themselves (client credentials), unless only ID tokens count. It is left out
///   without a `domain`, in [disabled mode](crate#disabled-mode), where a proxy adds the token, and where tokens do not stand
///   in `Authorization: Bearer …`, since whoever follows OAuth 2 sends them there.
/// - `bearer`: a token that the caller has, in `Authorization: Bearer …`, or in the header of the settings.
/// - `session`: the cookie of a browser that has signed in here. It is left out where nobody signs in.
///
/// [`describe`](super::describe()) calls it with what the guards of a document ask for.
///
/// # Errors
/// When `rocket` does not know the settings: the fairing reads them at ignition.
///
/// # Example
/// ```rust
/// use rocket::{Orbit, Rocket};
/// use rocket_cognito::openapi::{self, Describe};
/// use rocket_cognito::{Caller, Error};
///
/// fn components(rocket: &Rocket<Orbit>) -> Result<serde_json::Value, Error> {
///     Ok(serde_json::json!({
///         "schemas": { "Denial": openapi::schema() },
///         "securitySchemes": openapi::security_schemes(rocket, &Caller::asks())?,
///     }))
/// }
/// ```
///
/// Source: OpenAPI 3.1, "Security Scheme Object".
pub fn security_schemes<P: Phase>(rocket: &Rocket<P>, asks: &[Asks]) -> Result<Map<String, Value>, Error> {
    let mut schemes = Schemes::of(rocket)?;
    for asks in asks {
        schemes.require(&Marker::new(std::slice::from_ref(asks)));
    }
    Ok(schemes.into_components())
}

/// The cookie of a session where no settings name it.
const ACCESS_COOKIE: &str = "cognito_access_token";

/// The security schemes of an app, and the scopes in use.
pub(crate) struct Schemes {
    app: Arc<App>,
    takes_people: bool,
    takes_machines: bool,
    scopes_of_people: BTreeSet<String>,
    scopes_of_machines: BTreeSet<String>,
    /// Whether an operation asks for a session where nobody can have one.
    names_session: bool,
}

impl Schemes {
    pub(crate) fn of<P: Phase>(rocket: &Rocket<P>) -> Result<Self, Error> {
        let app = rocket.state::<Arc<App>>().ok_or_else(Error::settings_not_read)?;
        Ok(Schemes {
            app: Arc::clone(app),
            takes_people: false,
            takes_machines: false,
            scopes_of_people: BTreeSet::new(),
            scopes_of_machines: BTreeSet::new(),
            names_session: false,
        })
    }

    /// What an operation requires, by the schemes that this app has. Where none of them serves, the requirement stays as it
    /// is: an empty list is that of a public operation (OpenAPI 3.1, "Operation Object").
    pub(crate) fn require(&mut self, marker: &Marker) -> Vec<Requirement> {
        let has_all = |requirement: &&Requirement| requirement.0.keys().all(|scheme| self.has(*scheme));
        let mut required: Vec<_> = marker.security.iter().filter(has_all).cloned().collect();
        if required.is_empty() {
            required
                .extend(marker.security.iter().filter(|it| !it.0.contains_key(&Scheme::Cognito)).cloned());
            self.names_session |= !required.is_empty();
        }
        self.takes_people |= marker.takes_people;
        self.takes_machines |= marker.takes_machines;
        for scopes in required.iter().filter_map(|requirement| requirement.0.get(&Scheme::Cognito)) {
            if marker.takes_people {
                self.scopes_of_people.extend(scopes.iter().cloned());
            }
            if marker.takes_machines {
                self.scopes_of_machines.extend(scopes.iter().cloned());
            }
        }
        required
    }

    fn has(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::Cognito => self.endpoints().is_some(),
            Scheme::Bearer => true,
            Scheme::Session => self.app.sign_in.is_some(),
        }
    }

    /// The pool's endpoints, where clients send a token of theirs as RFC 6750 section 2.1 says. In disabled mode there is no
    /// pool.
    fn endpoints(&self) -> Option<&Arc<Endpoints>> {
        let bearer = &self.app.settings.bearer;
        let is_for_clients = bearer.is_usual() && !bearer.is_from_proxy && !self.app.is_disabled();
        self.app.pool.endpoints().filter(|_| is_for_clients)
    }

    /// The schemes, for `components.securitySchemes`.
    pub(crate) fn into_components(self) -> Map<String, Value> {
        let mut schemes = Map::new();
        if let Some(endpoints) = self.endpoints() {
            schemes.insert("cognito".into(), self.cognito(endpoints));
        }
        schemes.insert("bearer".into(), self.bearer());
        if let Some(parts) = &self.app.sign_in {
            let description = "The session of a browser that has signed in here. Unsafe requests must provably come from this site.";
            schemes.insert("session".into(), session(&parts.sessions.cookie_name(), description));
        } else if self.names_session {
            let description =
                "The session of a browser that has signed in. Nobody signs in here, so nobody has one.";
            schemes.insert("session".into(), session(ACCESS_COOKIE, description));
        }
        schemes
    }

    fn cognito(&self, endpoints: &Endpoints) -> Value {
        let token = endpoints.token_endpoint();
        let mut flows = Map::new();
        // Machines have no ID tokens.
        let counts_id_alone = self.app.settings.bearer.token_use == BearerTokenUse::Id;
        let takes_machines = self.takes_machines && !counts_id_alone;
        if self.takes_people || !takes_machines {
            let asked = self.app.settings.client.iter().flat_map(|client| &client.scopes);
            let openid = counts_id_alone.then(|| "openid".to_owned());
            let scopes: BTreeSet<_> = asked.chain(&self.scopes_of_people).chain(&openid).collect();
            let flow = json!({
                "authorizationUrl": endpoints.authorization_endpoint(),
                "tokenUrl": token,
                "refreshUrl": token,
                "scopes": described(scopes),
            });
            flows.insert("authorizationCode".into(), flow);
        }
        if takes_machines {
            let flow = json!({ "tokenUrl": token, "scopes": described(&self.scopes_of_machines) });
            flows.insert("clientCredentials".into(), flow);
        }
        let mut scheme = Map::from_iter([
            ("type".to_owned(), json!("oauth2")),
            ("description".to_owned(), json!("A token of the user pool.")),
            ("flows".to_owned(), Value::Object(flows)),
        ]);
        if counts_id_alone {
            // Swagger UI sends the access token, unless it reads this.
            scheme.insert("x-tokenName".to_owned(), json!("id_token"));
        }
        Value::Object(scheme)
    }

    fn bearer(&self) -> Value {
        let bearer = &self.app.settings.bearer;
        let mut description = format!("A token of the user pool, {}.", bearer.kind_in_words());
        if bearer.is_from_proxy {
            description.push_str(" A proxy adds it; clients do not send it.");
        }
        if bearer.is_usual() {
            return json!({
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": description,
            });
        }
        let form = bearer.form();
        json!({
            "type": "apiKey",
            "in": "header",
            "name": bearer.header,
            "description": format!("{description} The whole header is `{form}`."),
        })
    }
}

fn session(cookie: &str, description: &str) -> Value {
    json!({ "type": "apiKey", "in": "cookie", "name": cookie, "description": description })
}

/// Scopes with what Cognito says of its own. Those of resource servers are described at the pool.
fn described<'s>(scopes: impl IntoIterator<Item = &'s String>) -> Map<String, Value> {
    let description = |scope: &str| match scope {
        "openid" => "An ID token.",
        "email" => "The e-mail address.",
        "phone" => "The phone number.",
        "profile" => "All other attributes that the client may read.",
        "aws.cognito.signin.user.admin" => "The user's own data, by Cognito's API.",
        _ => "",
    };
    scopes.into_iter().map(|scope| (scope.clone(), json!(description(scope)))).collect()
}
