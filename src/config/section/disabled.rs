//! Disabled mode: guards ask nobody to sign in, and let everybody pass as one stub user.

use std::collections::BTreeMap;

#[cfg(feature = "local-pool")]
use figment::Figment;
use serde::Deserialize;

use super::level_names::LevelNames;
use super::local_pool::LocalPoolDefaults;
use super::unsafe_modes;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::words;
use crate::config::value::scopes;
use crate::config::value::table::{Field, Form, TableMistake, read_table};
use crate::config::value::url::is_host;

/// Claims that have keys of their own, or are made for each request.
const OWN_CLAIMS: [&str; 19] = [
    "at_hash",
    "aud",
    "auth_time",
    "client_id",
    "cognito:groups",
    "cognito:username",
    "email",
    "event_id",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
];

/// The keys of `disabled_user`.
const FIELDS: &[Field] = &[
    Field::new("username", Form::Text),
    Field::new("sub", Form::Text),
    Field::new("email", Form::Text),
    Field::new("groups", Form::Texts),
    Field::new("scopes", Form::Texts),
    Field::new("attributes", Form::Named),
];

/// The setting `disabled`, where it is on.
#[derive(Debug, Clone)]
pub(crate) struct Disabled {
    pub(crate) user: StubUser,
    /// Names of this app beside those of loopback.
    pub(crate) hosts: Vec<String>,
    /// Where it was switched on.
    pub(crate) origin: String,
    /// Whether `local_pool` is on too: it is not started.
    pub(crate) has_local_pool: bool,
}

/// The setting `disabled_user`: as whom everybody passes.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StubUser {
    pub(crate) username: String,
    pub(crate) sub: String,
    email: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) scopes: Vec<String>,
    /// Further claims, of the access token and of the ID token.
    pub(crate) attributes: BTreeMap<String, serde_json::Value>,
}

impl Default for StubUser {
    fn default() -> Self {
        let scopes = ["aws.cognito.signin.user.admin", "openid", "profile", "phone", "email"];
        StubUser {
            username: "disabled".into(),
            sub: "00000000-0000-4000-8000-000000000000".into(),
            email: None,
            groups: Vec::new(),
            scopes: scopes.map(str::to_owned).into(),
            attributes: BTreeMap::new(),
        }
    }
}

/// Disabled mode, where it is on. What was given instead of `true` or `false` was meant as one of them: it is a
/// mistake, and the settings that it would make unnecessary are not missing.
pub(crate) fn requested(reader: &mut Reader, may_run: bool, has_local_pool: bool) -> Option<Disabled> {
    let user = user(reader);
    let hosts = reader.list(&key::DISABLED_HOSTS, words, parse_host);
    let is_on = reader.flag(&key::DISABLED);
    if is_on && !may_run {
        unsafe_modes::refuse(reader, &key::DISABLED, false, unsafe_modes::LETS_ANYONE_IN);
    }
    let origin = reader.origin(key::DISABLED.name);
    (is_on || reader.is_wrong(&key::DISABLED)).then_some(Disabled { user, hosts, origin, has_local_pool })
}

fn parse_host(text: &str) -> Result<String, String> {
    match is_host(text) {
        true => Ok(text.to_owned()),
        false => Err("is not a host name in lower case, without scheme and port".into()),
    }
}

/// A client without an app has no guards.
pub(crate) fn refuse_without_app(reader: &mut Reader) {
    if !reader.is_wrong(&key::DISABLED) && reader.flag(&key::DISABLED) {
        reader.refuse(
            &key::DISABLED,
            "is for the guards of an app, and a client without an app has none",
            "disabled = false; or, in an app, take the client from its state: `&State<CognitoClient>`",
        );
    }
}

/// Whether the settings ask for disabled mode.
#[cfg(feature = "local-pool")]
pub(crate) fn is_disabled(figment: &Figment) -> bool {
    Reader::new(figment).flag(&key::DISABLED)
}

/// Fills in what is not set. Nobody is called there.
pub(crate) fn stand_in() -> LocalPoolDefaults {
    LocalPoolDefaults {
        base_url: "http://localhost".into(),
        server_url: "http://localhost".into(),
        user_pool_id: "us-east-1_Disabled".into(),
        client_id: "disabled".into(),
        client_secret: None,
        level_names: LevelNames::default(),
    }
}

/// Checked whether it is used or not.
fn user(reader: &mut Reader) -> StubUser {
    let key = &key::DISABLED_USER;
    let Some(table) = reader.value(key) else { return StubUser::default() };
    let (user, mistakes) = read_table::<StubUser>(table, FIELDS);
    for mistake in mistakes.into_iter().chain(user.mistakes()) {
        reader.refuse_part(key, mistake);
    }
    user
}

impl StubUser {
    pub(crate) fn email_address(&self) -> String {
        self.email.clone().unwrap_or_else(|| format!("{}@example.com", self.username))
    }

    fn mistakes(&self) -> Vec<TableMistake> {
        let is_line = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        let is_word = |text: &str| is_line(text) && !text.contains(char::is_whitespace);
        let mut mistakes = Vec::new();
        if !is_line(&self.username) || self.username.chars().count() > 128 {
            mistakes.push(TableMistake::new("username", "needs 1 to 128 printable characters"));
        }
        if !is_line(&self.sub) || self.sub.len() > 255 {
            mistakes.push(TableMistake::new("sub", "needs 1 to 255 printable characters"));
        }
        if self.email.as_ref().is_some_and(|email| !is_word(email) || !email.contains('@')) {
            mistakes.push(TableMistake::new("email", "is not an address"));
        }
        for group in self.groups.iter().filter(|group| !is_word(group) || group.chars().count() > 128) {
            let problem = format!("{group:?} needs 1 to 128 characters and no spaces, as in Cognito");
            mistakes.push(TableMistake::new("groups", problem));
        }
        for scope in &self.scopes {
            let problem = scopes::parse(scope).err();
            mistakes
                .extend(problem.map(|problem| TableMistake::new("scopes", format!("{scope:?} {problem}"))));
        }
        for name in self.attributes.keys().filter(|name| OWN_CLAIMS.contains(&name.as_str())) {
            let problem = "is no attribute: it is a key of its own, or made for each request";
            mistakes.push(TableMistake::new(format!("attributes.{name}"), problem));
        }
        mistakes
    }
}
