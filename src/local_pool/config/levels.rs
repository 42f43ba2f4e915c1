//! How a pool deals with levels of sign-in.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::config::{Field, Form, LEVEL_FIELDS, LevelNames, TableMistake};

/// How a local pool deals with levels of sign-in (`acr_values`, `acr`, `amr`): the key `local_pool.levels`.
///
/// A request with `acr_values` is one for the first level in it that the pool knows and the user can reach by a password
/// and one more [factor](super::Factor). Where the user can reach none, the pool signs them in without: what Cognito does
/// then is not documented. A browser that is signed in already at a lower level is asked for the missing factor alone,
/// and the time of its sign-in stays what it was.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{Factor, LocalLevels, LocalPoolConfig, LocalUser};
///
/// let config = LocalPoolConfig::default()
///     .levels(LocalLevels::new().name(3, "gold"))
///     .user(LocalUser::new("dave").factor(Factor::Sms));
/// ```
///
/// Source: Cognito's developer guide, "Step-up authentication".
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalLevels {
    names: BTreeMap<String, String>,
    ignored: bool,
    only_when_asked: bool,
}

impl LocalLevels {
    /// The keys of the table.
    pub(super) const FIELDS: &[Field] = &[
        Field::new("names", Form::Table(LEVEL_FIELDS)),
        Field::new("ignored", Form::Flag),
        Field::new("only_when_asked", Form::Flag),
    ];

    /// Levels as at Cognito, with its own names.
    #[must_use]
    pub fn new() -> Self {
        LocalLevels::default()
    }

    /// Calls a level, 1 to 4, by another name.
    #[must_use]
    pub fn name(mut self, level: u8, name: impl Into<String>) -> Self {
        self.names.insert(level.to_string(), name.into());
        self
    }

    /// Ignores `acr_values`, and says nothing of levels and methods in tokens: the plan Lite.
    #[must_use]
    pub fn ignored(mut self) -> Self {
        self.ignored = true;
        self
    }

    /// Says something of levels and methods only in the tokens of sign-ins with `acr_values`. Whether Cognito does so in
    /// all tokens is not documented.
    #[must_use]
    pub fn only_when_asked(mut self) -> Self {
        self.only_when_asked = true;
        self
    }

    /// The names in force.
    pub(crate) fn names(&self) -> LevelNames {
        LevelNames::given(&self.names)
    }

    pub(in crate::local_pool) fn are_ignored(&self) -> bool {
        self.ignored
    }

    /// Whether the tokens of a sign-in say something of them.
    pub(in crate::local_pool) fn are_shown(&self, was_asked: bool) -> bool {
        !self.ignored && (was_asked || !self.only_when_asked)
    }

    pub(super) fn mistakes(&self) -> Vec<TableMistake> {
        let unknown = self.names.keys().filter(|level| !["1", "2", "3", "4"].contains(&level.as_str()));
        let unknown = unknown.map(|level| TableMistake::new(level, "is no level, which are 1 to 4"));
        unknown.chain(self.names().mistakes()).map(|mistake| mistake.below("levels.names")).collect()
    }
}
