//! `level_names`: what the pool calls the levels of a sign-in.

use std::collections::BTreeMap;

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::table::{Field, Form, TableMistake, read_table};

/// The longest name that Cognito takes.
const MAX_NAME_BYTES: usize = 64;

/// The keys of such a table.
pub(crate) const LEVEL_FIELDS: &[Field] = &[
    Field::new("1", Form::Text),
    Field::new("2", Form::Text),
    Field::new("3", Form::Text),
    Field::new("4", Form::Text),
];

/// What the pool calls the levels 1 to 4 of a sign-in, in this order: the values of `acr` and `acr_values`.
///
/// Source: Cognito's developer guide, "Step-up authentication".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LevelNames([String; 4]);

impl Default for LevelNames {
    fn default() -> Self {
        LevelNames([1, 2, 3, 4].map(|level| format!("urn:cognito:loa:{level}")))
    }
}

impl LevelNames {
    /// Reads the table; names that are not given are Cognito's own. `default` is in force without a table.
    pub(crate) fn read(reader: &mut Reader, default: Option<&LevelNames>) -> LevelNames {
        let Some(table) = reader.value(&key::LEVEL_NAMES) else {
            return default.cloned().unwrap_or_default();
        };
        let (given, mistakes) = read_table::<BTreeMap<String, String>>(table, LEVEL_FIELDS);
        let names = LevelNames::given(&given);
        for mistake in mistakes.into_iter().chain(names.mistakes()) {
            reader.refuse_part(&key::LEVEL_NAMES, mistake);
        }
        names
    }

    /// The names given, by level; Cognito's own for the others.
    pub(crate) fn given(names: &BTreeMap<String, String>) -> LevelNames {
        let LevelNames(usual) = LevelNames::default();
        let mut levels = 1..;
        LevelNames(usual.map(|usual| {
            let level = levels.next().unwrap_or(0_u8).to_string();
            names.get(&level).cloned().unwrap_or(usual)
        }))
    }

    /// The level that `acr` names, 1 to 4; `None` for a name that the pool is not known to have.
    pub(crate) fn level(&self, acr: &str) -> Option<u8> {
        let named = self.levels().find(|(_, name)| *name == acr);
        named.map(|(level, _)| level)
    }

    /// What the pool calls this level.
    #[cfg(feature = "local-pool")]
    pub(crate) fn name(&self, level: u8) -> Option<&str> {
        self.levels().find(|(other, _)| *other == level).map(|(_, name)| name)
    }

    /// The names of `level` and all above it, strongest first, as `acr_values` has them.
    pub(crate) fn at_least(&self, level: u8) -> String {
        let accepted: Vec<_> = self.levels().filter(|(other, _)| *other >= level).collect();
        accepted.into_iter().rev().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }

    fn levels(&self) -> impl Iterator<Item = (u8, &str)> {
        (1..).zip(self.0.iter().map(String::as_str))
    }

    pub(crate) fn mistakes(&self) -> Vec<TableMistake> {
        let mut mistakes = Vec::new();
        for (level, name) in self.levels() {
            let is_name = name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
            if !is_name || name.is_empty() || name.len() > MAX_NAME_BYTES {
                let problem = "needs 1 to 64 ASCII characters without spaces, `\"` and `\\`, as at Cognito";
                mistakes.push(TableMistake::new(level.to_string(), problem));
            } else if self.levels().any(|(other, twin)| other < level && twin == name) {
                let problem = "is the name of another level too, and nobody could keep them apart";
                mistakes.push(TableMistake::new(level.to_string(), problem));
            }
        }
        mistakes
    }
}
