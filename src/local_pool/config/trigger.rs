//! What a trigger does to tokens of the local pool.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{Field, Form};
use crate::token::is_reserved_claim;

/// Claims of an ID token that are no objects at Cognito, even by a trigger.
const PLAIN: [&str; 4] = ["address", "email_verified", "phone_number_verified", "updated_at"];

/// What a pre token generation trigger does to the tokens of a user or a machine of the local pool: the table `trigger`
/// in an entry of `local_pool.users`, or of `local_pool.clients` for a machine. As at Cognito it runs for each sign-in
/// and for each refresh. See "Pre token generation Lambda trigger" in Cognito's developer guide.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalTrigger, LocalUser};
/// use serde_json::json;
///
/// let trigger = LocalTrigger::new()
///     .groups(["Sales, EMEA"])
///     .access_claim("tenant", json!({ "id": 7, "plan": "pro" }))
///     .id_claim("beta", true);
/// let dave = LocalUser::new("dave").trigger(trigger);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalTrigger {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::local_pool) groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    access_claims: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(in crate::local_pool) id_claims: Map<String, Value>,
}

impl LocalTrigger {
    /// The keys of the table.
    pub(super) const FIELDS: &[Field] = &[
        Field::new("groups", Form::Texts),
        Field::new("access_claims", Form::Named),
        Field::new("id_claims", Form::Named),
    ];

    /// One that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        LocalTrigger::default()
    }

    /// Replaces all groups in the tokens, as `groupsToOverride` does, by names of any characters. None at all leaves the
    /// claim out.
    #[must_use]
    pub fn groups<G>(mut self, groups: G) -> Self
    where
        G: IntoIterator<Item: Into<String>>,
    {
        self.groups = Some(groups.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a claim to the access token: any JSON. What no trigger may set, such as `sub`, is refused at start.
    /// `aud` counts for the client that it names, and for no other, as at Cognito.
    #[must_use]
    pub fn access_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.access_claims.insert(name.into(), value.into());
        self
    }

    /// Adds a claim to the ID token, or replaces an attribute in it: any JSON. What no trigger may set, such as `sub`,
    /// is refused at start.
    #[must_use]
    pub fn id_claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.id_claims.insert(name.into(), value.into());
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_none() && self.access_claims.is_empty() && self.id_claims.is_empty()
    }

    /// The claims that it adds to an access token of this client.
    pub(in crate::local_pool) fn access_claims_for(&self, client_id: &str) -> Map<String, Value> {
        let mut claims = self.access_claims.clone();
        claims.retain(|name, value| name != "aud" || value == client_id);
        claims
    }

    /// What Cognito would not accept, with the keys.
    pub(in crate::local_pool) fn mistakes(&self, whose: &str) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        for (key, claims) in
            [("trigger.access_claims", &self.access_claims), ("trigger.id_claims", &self.id_claims)]
        {
            for (name, value) in claims {
                let is_allowed = key == "trigger.access_claims" && name == "aud" && value.is_string();
                if is_reserved_claim(name) && !is_allowed {
                    let instead = instead(name);
                    mistakes.push((
                        key,
                        format!("{whose}'s claim `{name}` is none that a trigger may set: {instead}"),
                    ));
                } else if name.is_empty() {
                    mistakes.push((key, format!("{whose} has a claim without a name")));
                }
                let is_nested = value.is_object() || value.is_array();
                if key == "trigger.id_claims" && PLAIN.contains(&name.as_str()) && is_nested {
                    mistakes.push((
                        key,
                        format!("{whose}'s claim `{name}` is a text, a number or a flag at Cognito"),
                    ));
                }
            }
        }
        mistakes
    }

    /// What makes no sense for a machine, which has no groups and no ID token, and what Cognito would not accept.
    pub(in crate::local_pool) fn mistakes_of_machine(&self, client_id: &str) -> Vec<(&'static str, String)> {
        let mut mistakes = self.mistakes(client_id);
        if self.groups.is_some() {
            mistakes.push(("trigger.groups", format!("{client_id} is a machine, and is in no group")));
        }
        if !self.id_claims.is_empty() {
            let problem = "is a machine, and gets no ID token: move the claims to `access_claims`";
            mistakes.push(("trigger.id_claims", format!("{client_id} {problem}")));
        }
        if self.access_claims.get("aud").is_some_and(|aud| aud != client_id) {
            let problem =
                format!("{client_id}'s claim `aud` may be its own id only: type aud = {client_id:?}");
            mistakes.push(("trigger.access_claims", problem));
        }
        mistakes
    }
}

/// What to type instead of a claim that no trigger may set.
fn instead(name: &str) -> &'static str {
    match name {
        "sub" => "type sub = \"…\" for the user, beside `trigger`",
        "username" | "cognito:username" => "it is the `username` of the user",
        "identities" => "type identities = [{ provider = \"Google\", user_id = \"1234\" }] beside `trigger`",
        // These a trigger does set, by `groupOverrideDetails`.
        "cognito:groups" => "it overrides them, but not as a claim; type trigger = { groups = [\"…\"] }",
        "cognito:roles" => "not as a claim; type roles = [\"arn:aws:iam::…\"] beside `trigger`",
        "cognito:preferred_role" => {
            "not as a claim; type preferred_role = \"arn:aws:iam::…\" beside `trigger`"
        }
        "scope" => "type scopes = [\"…\"] for the client",
        "aud" => "it is the client's id in an ID token, and follows from `resource` in an access token",
        "exp" => "type access_token_seconds or id_token_seconds for the pool",
        "iat" | "nbf" | "auth_time" => "type clock_skew_seconds for the pool",
        "iss" => "it follows from the pool's address and user_pool_id",
        "client_id" => "it is the client that asks",
        "acr" | "amr" | "azp" | "device_key" => "this pool sends none",
        name if name.starts_with("dev:") => "write it as \"custom:…\"",
        _ => "the pool sets it",
    }
}
