//! Settings that are tables of their own.

use std::ops::RangeInclusive;

use figment::value::{Dict, Num, Value};
use serde::de::DeserializeOwned;

use crate::config::figment_value::kind;
use crate::config::suggestion::closest;

/// A key of a table.
pub(crate) struct Field {
    name: &'static str,
    form: Form,
    required: Required,
}

enum Required {
    No,
    Yes,
    /// Where this key is missing.
    Without(&'static str),
}

/// What the value of a key has to be.
#[cfg_attr(
    not(feature = "local-pool"),
    expect(dead_code, reason = "only tables of the local pool have them")
)]
pub(crate) enum Form {
    Text,
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    OneOf(&'static [&'static str]),
    Flag,
    Number(RangeInclusive<i64>),
    /// A table of any keys, with texts, whole numbers and flags.
    NamedPlain,
    /// A table of any keys and values.
    Named,
    /// A table with these keys.
    Table(&'static [Field]),
    /// A list of tables with these keys.
    Tables(&'static [Field]),
    /// A list of tables with these keys, or of texts, each for a table with its first key alone.
    TextsOrTables(&'static [Field]),
}

/// What is wrong in a table, and where in it.
#[derive(Debug, Clone)]
pub(crate) struct TableMistake {
    /// Such as `users[1].groups`; empty for the table itself.
    pub(crate) path: String,
    /// Without the value, which may be a secret.
    pub(crate) problem: String,
}

impl Field {
    pub(crate) const fn new(name: &'static str, form: Form) -> Self {
        Field { name, form, required: Required::No }
    }

    #[cfg_attr(
        not(feature = "local-pool"),
        expect(dead_code, reason = "only tables of the local pool have one")
    )]
    pub(crate) const fn required(name: &'static str, form: Form) -> Self {
        Field { name, form, required: Required::Yes }
    }

    #[cfg_attr(
        not(feature = "local-pool"),
        expect(dead_code, reason = "only tables of the local pool have one")
    )]
    pub(crate) const fn required_without(other: &'static str, name: &'static str, form: Form) -> Self {
        Field { name, form, required: Required::Without(other) }
    }

    /// The numbers that this key takes.
    #[cfg_attr(
        not(feature = "local-pool"),
        expect(dead_code, reason = "only tables of the local pool have them")
    )]
    pub(crate) fn numbers(&self, name: &str) -> Option<&RangeInclusive<i64>> {
        match &self.form {
            Form::Number(numbers) if self.name == name => Some(numbers),
            _ => None,
        }
    }

    fn is_required_in(&self, table: &Dict) -> bool {
        match self.required {
            Required::No => false,
            Required::Yes => true,
            Required::Without(other) => !table.contains_key(other),
        }
    }
}

impl TableMistake {
    pub(crate) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        TableMistake { path: path.into(), problem: problem.into() }
    }

    /// The mistake with its path put below `parent`.
    pub(crate) fn below(self, parent: &str) -> Self {
        let path = if self.path.is_empty() { parent.to_owned() } else { format!("{parent}.{}", self.path) };
        TableMistake { path, ..self }
    }
}

/// The names of `fields`, as messages list them.
pub(crate) fn names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

/// The table as a `T`, and every mistake in its form. What is wrong is left out, so that the rest can be checked further.
pub(crate) fn read_table<T: DeserializeOwned + Default>(
    value: &Value,
    fields: &[Field],
) -> (T, Vec<TableMistake>) {
    let mut mistakes = Vec::new();
    let table = match value {
        Value::Dict(_, table) => right_part(table, fields, "", &mut mistakes),
        other => {
            mistakes.push(TableMistake::new("", format!("is {}, not a table", kind(other))));
            Dict::new()
        }
    };
    let table = Value::from(table).deserialize().unwrap_or_else(|_| {
        if mistakes.is_empty() {
            mistakes.push(TableMistake::new("", "has a value of the wrong form"));
        }
        T::default()
    });
    (table, mistakes)
}

/// What is right in `table`, which stands at `place`.
fn right_part(table: &Dict, fields: &[Field], place: &str, mistakes: &mut Vec<TableMistake>) -> Dict {
    let path = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    let mut right = Dict::new();
    for (name, value) in table {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let nearest = closest(name, fields.iter().map(|field| field.name));
            let hint = nearest.map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default();
            let problem = format!("there is no key `{name}`{hint}; there are {}", names(fields));
            mistakes.push(TableMistake::new(path(name), problem));
            continue;
        };
        if let Some(value) = field.form.right_part(value, &path(name), mistakes) {
            right.insert(name.clone(), value);
        }
    }
    for field in fields.iter().filter(|field| field.is_required_in(table)) {
        if right.contains_key(field.name) {
            continue;
        }
        if !table.contains_key(field.name) {
            mistakes.push(TableMistake::new(path(field.name), "is missing"));
        }
        // A name of its own, with which the others can be checked.
        let stand_in: String = place.chars().filter(char::is_ascii_alphanumeric).collect();
        right.insert(field.name.to_owned(), Value::from(stand_in));
    }
    right
}

impl Form {
    /// `value`, which stands at `path`, or what is right in it.
    fn right_part(&self, value: &Value, path: &str, mistakes: &mut Vec<TableMistake>) -> Option<Value> {
        if let (Form::Tables(fields) | Form::TextsOrTables(fields), Value::Array(_, items)) = (self, value)
            && items.iter().all(|item| matches!(item, Value::Dict(..)) || self.takes_text(item))
        {
            let right = items.iter().enumerate().map(|(index, item)| match item {
                Value::Dict(_, table) => {
                    Value::from(right_part(table, fields, &format!("{path}[{index}]"), mistakes))
                }
                text => text.clone(),
            });
            return Some(Value::from(right.collect::<Vec<_>>()));
        }
        if let (Form::Table(fields), Value::Dict(_, table)) = (self, value) {
            return Some(Value::from(right_part(table, fields, path, mistakes)));
        }
        if self.fits(value) {
            return Some(value.clone());
        }
        mistakes.push(TableMistake::new(path, format!("is {}, not {}", self.given(value), self.expected())));
        None
    }

    /// Whether an item of the list may be this text.
    fn takes_text(&self, item: &Value) -> bool {
        matches!(self, Form::TextsOrTables(_)) && is_text(item)
    }

    fn fits(&self, value: &Value) -> bool {
        let is_plain = |value: &Value| match value {
            Value::Bool(..) => true,
            Value::Num(_, number) => whole(*number).is_some(),
            value => is_text(value),
        };
        match (self, value) {
            (Form::Text, value) => is_text(value),
            (Form::Word(words), value) => value.as_str().is_some_and(|word| words.contains(&word)),
            (Form::Texts, Value::Array(_, items)) => items.iter().all(is_text),
            (Form::OneOf(words), Value::Array(_, items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|item| words.contains(&item)))
            }
            (Form::NamedPlain, Value::Dict(_, table)) => table.values().all(is_plain),
            (Form::Flag, Value::Bool(..)) | (Form::Named, Value::Dict(..)) => true,
            (Form::Number(range), Value::Num(_, number)) => {
                whole(*number).is_some_and(|number| range.contains(&number))
            }
            _ => false,
        }
    }

    fn given(&self, value: &Value) -> &'static str {
        match (self, value) {
            (Form::Texts | Form::OneOf(_), Value::Array(..)) => "a list of something else",
            (Form::Word(_), value) if is_text(value) => "another word",
            (Form::NamedPlain, Value::Dict(..)) => "a table of something else",
            (Form::Number(_), Value::Num(..)) => "another number",
            (Form::Tables(_) | Form::TextsOrTables(_), Value::Array(..)) => "a list of something else",
            (_, value) => kind(value),
        }
    }

    fn expected(&self) -> String {
        match self {
            Form::Text => "text in quotes".into(),
            Form::Texts => "a list of texts, such as [\"one\", \"two\"]".into(),
            Form::Word(words) => format!("\"{}\"", words.join("\" or \"")),
            Form::OneOf(words) => format!("a list of {}", words.join(", ")),
            Form::Flag => "true or false".into(),
            Form::Number(range) => format!("a whole number from {} to {}", range.start(), range.end()),
            Form::NamedPlain => "a table of texts, whole numbers and true or false".into(),
            Form::Named => "a table".into(),
            Form::Table(fields) => format!("a table with the keys {}", names(fields)),
            Form::Tables(fields) => format!("a list of tables with the keys {}", names(fields)),
            Form::TextsOrTables(fields) => {
                format!("a list of texts, or of tables with the keys {}", names(fields))
            }
        }
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(..) | Value::Char(..))
}

/// Figment keeps signed and unsigned numbers apart, whatever their value.
fn whole(number: Num) -> Option<i64> {
    let unsigned = || number.to_u128().and_then(|number| i64::try_from(number).ok());
    number.to_i128().and_then(|number| i64::try_from(number).ok()).or_else(unsigned)
}
