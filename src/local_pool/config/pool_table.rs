//! The keys of the `local_pool` table, and how mistakes in it are listed.

use super::client::LocalClient;
use super::identity_provider::LocalIdentityProvider;
use super::user::LocalUser;
use crate::config::{Field, Form, TableMistake};

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
];

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
