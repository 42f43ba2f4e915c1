//! Reads one setting at a time, remembers where it came from, and gathers the mistakes.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use figment::providers::Env;
use figment::value::{Dict, Value};
use figment::{Figment, Profile, Provider};

use super::figment_value::{kind, missing_file, origin, profiles_with, table_name, whole_number};
use super::key;
use super::setting::{Key, Setting};
use super::shown::shown;
use super::suggestion;
use super::value::table::TableMistake;
use super::value::word::Word;
use super::variable::{PREFIX, origin_of, remedy_at, variable};
use crate::error::{Error, Mistake};

const TABLE: &str = "cognito";

const NOT_SET: &str = "is required and not set";

/// The settings as given, and the mistakes found in them so far.
///
/// After a mistake the reader goes on, with `None` for what could not be read, so that one launch
/// reports all of them.
pub(crate) struct Reader {
    figment: Figment,
    values: Dict,
    /// The variables word for word: Figment would make a number of an id of digits. `None`: they do not count.
    environment: Option<BTreeMap<String, String>>,
    mistakes: Vec<Mistake>,
    /// Settings that are probably there, but under another name; calling them missing too would be noise.
    misspelt: Vec<&'static str>,
    /// The whole configuration, with the tables of all profiles.
    whole: Figment,
    /// What is said before the mistakes.
    lead: Option<String>,
}

impl Reader {
    /// What Rocket's configuration and the environment say.
    pub(super) fn new(figment: &Figment) -> Reader {
        let environment = Env::prefixed(PREFIX);
        let raw = environment.iter().map(|(name, text)| (name.as_str().to_owned(), text)).collect();
        Reader::of(figment, figment.focus(TABLE).merge(environment.global()), Some(raw))
    }

    /// What a program says, and nothing else.
    pub(super) fn without_environment(figment: &Figment) -> Reader {
        Reader::of(figment, figment.focus(TABLE), None)
    }

    fn of(figment: &Figment, merged: Figment, environment: Option<BTreeMap<String, String>>) -> Reader {
        let values = merged.find_value("").ok().and_then(Value::into_dict).unwrap_or_default();
        let mut reader = Reader {
            figment: merged,
            values,
            environment,
            mistakes: Vec::new(),
            misspelt: Vec::new(),
            whole: figment.clone(),
            lead: None,
        };
        reader.check_table(figment);
        reader.check_names();
        reader
    }

    /// Figment's own errors are not passed on: they quote the file, and with it what is secret in it.
    fn check_table(&mut self, figment: &Figment) {
        let problem = match figment.find_value(TABLE) {
            _ if self.figment.data().is_err() => "the configuration could not be read at all",
            Ok(Value::Dict(..)) => return,
            Ok(_) => "is not a table",
            Err(_) if figment.profile() != TABLE && figment.profiles().any(|profile| profile == TABLE) => {
                "is a Rocket profile here, not the table `cognito` of one"
            }
            Err(_) => return,
        };
        self.misspelt.extend(key::ALL.iter().map(|key| key.name));
        self.mistakes.push(Mistake {
            key: TABLE.into(),
            origin: table_name(&self.figment, TABLE),
            problem: problem.into(),
            expected: "a table of settings in a file that is valid TOML".into(),
            remedy: format!("[default.{TABLE}] on a line of its own, and under it `key = value`"),
        });
    }

    fn check_names(&mut self) {
        let strangers: Vec<String> = self
            .values
            .keys()
            .filter(|name| key::ALL.iter().all(|key| key.name != name.as_str()))
            .cloned()
            .collect();
        for name in strangers {
            self.misspelt.extend(suggestion::nearest(&name));
            self.mistakes.push(suggestion::unknown(&name, self.origin(&name)));
        }
    }

    /// `value` if there were no mistakes, else all of them.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Error> {
        if self.mistakes.is_empty() {
            return Ok(value);
        }
        let lead = self.lead.filter(|_| self.mistakes.iter().any(|mistake| mistake.problem == NOT_SET));
        Err(Error::settings(self.mistakes).led_by(lead))
    }

    /// Says what comes before the mistakes: that there is no file, and `first_step` where nothing is set at all.
    pub(super) fn lead(&mut self, first_step: Option<&str>) {
        let first_step = first_step.filter(|_| self.values.is_empty()).map(str::to_owned);
        let texts: Vec<_> = missing_file(&self.whole).into_iter().chain(first_step).collect();
        self.lead = (!texts.is_empty()).then(|| texts.join("; "));
    }

    pub(super) fn profile(&self) -> &Profile {
        self.figment.profile()
    }

    /// The value as Figment has it; an empty text or list is the same as none.
    pub(super) fn value(&self, key: &Key) -> Option<&Value> {
        self.values.get(key.name).filter(|value| match value {
            Value::Empty(..) => false,
            Value::String(_, text) => !text.trim().is_empty(),
            Value::Array(_, items) => !items.is_empty(),
            _ => true,
        })
    }

    pub(super) fn is_set(&self, key: &Key) -> bool {
        self.value(key).is_some()
    }

    /// Whether `key` is an empty list, where that says something.
    pub(super) fn is_empty_list(&self, key: &Key) -> bool {
        self.values.get(key.name).and_then(Value::as_array).is_some_and(<[_]>::is_empty)
    }

    /// Whether `key` is an empty text, where that says something.
    pub(super) fn is_empty_text(&self, key: &Key) -> bool {
        self.values.get(key.name).is_some_and(|value| match value {
            Value::Empty(..) => true,
            Value::String(_, text) => text.trim().is_empty(),
            _ => false,
        })
    }

    /// The folder of the file that `key` stands in.
    pub(super) fn folder(&self, key: &Key) -> Option<PathBuf> {
        let source = self.figment.get_metadata(self.value(key)?.tag())?.source.as_ref()?;
        source.file_path().and_then(Path::parent).map(Path::to_owned)
    }

    /// The text of `key`, checked by `parse`, whose error says what is wrong with it.
    pub(super) fn parse<T>(&mut self, key: &Key, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.wrong(key, problem);
                None
            }
        }
    }

    /// The text of `key` or else `default`, checked by `parse`; a mistake where there is neither.
    pub(super) fn require<T>(
        &mut self,
        key: &Key,
        default: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match default {
            _ if self.is_set(key) => self.parse(key, parse),
            Some(default) => parse(default).map_err(|problem| self.wrong(key, problem)).ok(),
            None => {
                self.missing(key);
                None
            }
        }
    }

    /// Calls [`require`](Reader::require) where `key` is required, else [`parse`](Reader::parse).
    pub(super) fn read<T>(
        &mut self,
        key: &Key,
        is_required: bool,
        default: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if is_required { self.require(key, default, parse) } else { self.parse(key, parse) }
    }

    /// The items of a list, or of one text that `separate` splits, each checked by `parse`.
    pub(super) fn list<T>(
        &mut self,
        key: &Key,
        separate: fn(&str) -> Vec<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let texts = match self.value(key) {
            None => return Vec::new(),
            Some(Value::Array(_, items)) => self.items(key, items).unwrap_or_else(|| {
                self.wrong(key, "is a list of something other than text");
                Vec::new()
            }),
            Some(_) => self
                .text(key)
                .map_or_else(Vec::new, |text| separate(&text).into_iter().map(str::to_owned).collect()),
        };
        let mut values = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(problem) => {
                    let subject = shown(key, text).unwrap_or_else(|| format!("value {}", index + 1));
                    self.report(key, &subject, &problem);
                }
            }
        }
        values
    }

    /// The items as text; those of digits only, from the environment, word for word.
    fn items(&self, key: &Key, items: &[Value]) -> Option<Vec<String>> {
        let raw: Vec<&str> = self.raw(key).map_or_else(Vec::new, |raw| {
            raw.trim().trim_start_matches('[').trim_end_matches(']').split(',').map(str::trim).collect()
        });
        let aligned = raw.len() == items.len();
        let text = |(index, item): (usize, &Value)| match item {
            Value::String(_, text) => Some(text.clone()),
            Value::Num(..) if aligned => raw.get(index).map(|text| (*text).to_owned()),
            _ => None,
        };
        items.iter().enumerate().map(text).collect()
    }

    /// A whole number within `range`, or the default.
    pub(super) fn number(&mut self, setting: &Setting<u64>, range: RangeInclusive<u64>) -> u64 {
        self.optional_number(setting, range).unwrap_or(setting.default)
    }

    /// A whole number within `range`, if there is one.
    pub(super) fn optional_number(&mut self, key: &Key, range: RangeInclusive<u64>) -> Option<u64> {
        let number = match self.value(key)? {
            Value::Num(_, number) => whole_number(*number),
            Value::String(_, text) => text.parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(key, format!("is not a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// `true` or `false`, or the default.
    pub(super) fn flag(&mut self, setting: &Setting<bool>) -> bool {
        self.optional_flag(setting).unwrap_or(setting.default)
    }

    /// `true` or `false`, if it is set.
    pub(super) fn optional_flag(&mut self, key: &Key) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(_, flag) => Some(*flag),
            _ => {
                self.wrong(key, "is neither `true` nor `false`");
                None
            }
        }
    }

    /// What one of the words stands for, or the default.
    pub(super) fn choice<W: Word>(&mut self, setting: &Setting<W>) -> W {
        let chosen = self.parse(setting, |text| {
            let found = W::WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            found.map(|(_, value)| *value).ok_or_else(|| "is none of the words expected".to_owned())
        });
        chosen.unwrap_or(setting.default)
    }

    /// The text of `setting`, checked by `parse`, or the default.
    pub(super) fn parse_or_default(
        &mut self,
        setting: &Setting<&str>,
        parse: impl FnOnce(&str) -> Result<String, String>,
    ) -> String {
        self.parse(setting, parse).unwrap_or_else(|| setting.default.to_owned())
    }

    fn text(&mut self, key: &Key) -> Option<String> {
        let text = match (self.value(key)?, self.raw(key)) {
            (Value::String(_, text), _) => text.clone(),
            (Value::Char(_, letter), _) => letter.to_string(),
            (Value::Num(..) | Value::Bool(..), Some(raw)) => raw.trim().to_owned(),
            (value, _) => {
                let problem = format!("is {}, not text in quotes", kind(value));
                self.wrong(key, problem);
                return None;
            }
        };
        Some(text)
    }

    /// The environment variable of `key`, word for word.
    pub(super) fn raw(&self, key: &Key) -> Option<&str> {
        self.environment.as_ref()?.get(key.name).map(String::as_str)
    }

    /// Records that what `key` says, or what it was given by default, is wrong.
    pub(super) fn wrong(&mut self, key: &Key, problem: impl Into<String>) {
        let subject = match (self.value(key), self.raw(key)) {
            (Some(Value::String(_, text)), _) => shown(key, text),
            (Some(Value::Num(..) | Value::Bool(..)), Some(raw)) => shown(key, raw.trim()),
            _ => None,
        };
        self.report(key, subject.as_deref().unwrap_or("the value"), &problem.into());
    }

    fn report(&mut self, key: &Key, subject: &str, problem: &str) {
        let origin = if self.is_set(key) { self.origin(key.name) } else { self.nowhere(key) };
        self.push(key, origin, format!("{subject} {problem}"), key.remedy);
    }

    /// Whether a mistake in `key` has been recorded.
    pub(super) fn is_wrong(&self, key: &Key) -> bool {
        self.mistakes.iter().any(|mistake| mistake.key == key.name)
    }

    /// Records that `key` must be given.
    pub(super) fn missing(&mut self, key: &Key) {
        self.missing_with(key, key.remedy);
    }

    /// Records that `key` must be given, with a remedy of its own.
    pub(super) fn missing_with(&mut self, key: &Key, remedy: &str) {
        if self.misspelt.contains(&key.name) {
            return;
        }
        if self.values.contains_key(key.name) {
            return self.push(key, self.origin(key.name), "is empty, which means not set".into(), remedy);
        }
        let elsewhere = profiles_with(&self.whole, TABLE, key.name).into_iter().next();
        match elsewhere.filter(|_| self.environment.is_some()) {
            None => self.push(key, self.nowhere(key), NOT_SET.into(), remedy),
            Some(profile) => {
                let here = self.profile();
                let origin = format!("[{profile}.{TABLE}], which does not count in profile \"{here}\"");
                let remedy = format!("it in [{here}.{TABLE}], or in [default.{TABLE}] for all profiles");
                self.push(key, origin, NOT_SET.into(), &remedy);
            }
        }
    }

    /// Records a mistake with a remedy of its own.
    pub(super) fn refuse(&mut self, key: &Key, problem: impl Into<String>, remedy: &str) {
        let origin = if self.is_set(key) { self.origin(key.name) } else { self.nowhere(key) };
        self.push(key, origin, problem.into(), remedy);
    }

    /// Records a mistake in the table of `key`.
    pub(super) fn refuse_part(&mut self, key: &Key, mistake: TableMistake) {
        let TableMistake { path, problem } = mistake.below(key.name);
        self.push(key, self.origin(key.name), problem, key.remedy);
        if let Some(recorded) = self.mistakes.last_mut() {
            recorded.key = path;
        }
    }

    /// Records a mistake in something that is not one of the settings.
    pub(super) fn push(&mut self, key: &Key, origin: String, problem: String, remedy: &str) {
        let remedy = remedy_at(&origin, remedy);
        let (key, expected) = (key.name.into(), key.expected.into());
        self.mistakes.push(Mistake { key, origin, problem, expected, remedy });
    }

    /// Where `name` was read: a variable, or a profile of a file.
    pub(super) fn origin(&self, name: &str) -> String {
        let Some(value) = self.values.get(name) else { return table_name(&self.figment, TABLE) };
        let own_variable = |raw: &str| raw == name || raw.split('.').next() == Some(name);
        if self.environment.iter().flatten().any(|(raw, _)| own_variable(raw)) {
            return origin_of(name);
        }
        origin(&self.figment, value, TABLE)
    }

    fn nowhere(&self, key: &Key) -> String {
        if self.environment.is_none() {
            return "not among the settings that the program gives".into();
        }
        format!("not set in {} nor in {}", table_name(&self.figment, TABLE), variable(key.name))
    }
}
