//! The keys of the `local_pool` table, and how mistakes in it are listed.

use std::ops::RangeInclusive;
use std::path::Path;

use super::client::LocalClient;
use super::identity_provider::LocalIdentityProvider;
use super::levels::LocalLevels;
use super::sessions::LocalSessions;
use super::user::LocalUser;
use crate::config::{Field, Form, TableMistake, has_form_of_pool_id};

/// The port of a pool for which none was given, where it is free.
pub(crate) const USUAL_PORT: u16 = 9400;
/// By how many seconds the pool's clock may differ from the real one.
pub(crate) const CLOCK_SKEW_SECONDS: RangeInclusive<i32> = -86_400..=86_400;

/// The keys of the table.
pub(super) const FIELDS: &[Field] = &[
    Field::new("port", Form::Number(0..=65_535)),
    Field::new("address", Form::Text),
    Field::new("hosts", Form::Texts),
    Field::new("public_url", Form::Text),
    Field::new("user_pool_id", Form::Text),
    Field::new("users", Form::Tables(LocalUser::FIELDS)),
    Field::new("username_attributes", Form::Texts),
    Field::new("alias_attributes", Form::Texts),
    Field::new("case_sensitive", Form::Flag),
    Field::new("clients", Form::Tables(LocalClient::FIELDS)),
    Field::new("access_token_seconds", Form::Number(1..=86_400)),
    Field::new("id_token_seconds", Form::Number(1..=86_400)),
    Field::new("refresh_token_seconds", Form::Number(1..=3650 * 86_400)),
    Field::new("refresh_token_rotation", Form::Flag),
    Field::new("refresh_token_grace_seconds", Form::Number(0..=60)),
    Field::new("clock_skew_seconds", Form::Number(-86_400..=86_400)),
    Field::new("classic_hosted_ui", Form::Flag),
    Field::new("identity_providers", Form::TextsOrTables(LocalIdentityProvider::FIELDS)),
    Field::new("sso_seconds", Form::Number(0..=129_600 * 60)),
    Field::new("state", Form::Text),
    Field::new("levels", Form::Table(LocalLevels::FIELDS)),
    Field::new("sessions", Form::Table(LocalSessions::FIELDS)),
    Field::new("registration", Form::Word(&["open", "authenticated"])),
    Field::new("registration_scopes", Form::Texts),
];

/// What is wrong with the id of the pool and the path of its state.
pub(super) fn text_mistakes(user_pool_id: &str, state: Option<&Path>) -> impl Iterator<Item = TableMistake> {
    let id = (!has_form_of_pool_id(user_pool_id)).then(|| {
        let problem = format!("{user_pool_id:?} should look like \"eu-west-1_LocalPool\"");
        TableMistake::new("user_pool_id", problem)
    });
    let state = state
        .filter(|path| path.as_os_str().is_empty())
        .map(|_| TableMistake::new("state", "is empty, and should be a file, such as \"local-pool.json\""));
    id.into_iter().chain(state)
}

/// Which of these numbers their keys do not take.
pub(super) fn number_mistakes(numbers: [(&'static str, i64); 6]) -> impl Iterator<Item = TableMistake> {
    numbers.into_iter().filter_map(|(key, number)| {
        let right = FIELDS.iter().find_map(|field| field.numbers(key))?;
        let problem = || format!("must be {} to {}", right.start(), right.end());
        (!right.contains(&number)).then(|| TableMistake::new(key, problem()))
    })
}

/// The mistakes in `place`, one in a line.
pub(super) fn told(place: &str, mistakes: &[TableMistake]) -> String {
    let lines = mistakes.iter().map(|TableMistake { path, problem }| format!("\n  - `{path}`: {problem}"));
    format!("{place} needs attention:{}", lines.collect::<String>())
}
