//! The members of a request.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::ApiError;
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::Pool;

/// The members of a request, or of an object in it. What an operation does not know it ignores, as AWS does; `null` is
/// absent.
#[derive(Clone, Copy)]
pub(super) struct Members<'r>(Option<&'r Map<String, Value>>);

impl<'r> Members<'r> {
    pub(super) fn new(members: &'r Map<String, Value>) -> Self {
        Members(Some(members))
    }

    fn get(self, name: &str) -> Option<&'r Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, name: &str) -> Result<Option<&'r str>, ApiError> {
        let text = |value: &'r Value| value.as_str().ok_or_else(|| not_a("String", name));
        self.get(name).map(text).transpose()
    }

    pub(super) fn required(self, name: &str) -> Result<&'r str, ApiError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// A text without spaces, of 1 to 128 characters: a username, or the name of a group.
    pub(super) fn name(self, name: &str) -> Result<&'r str, ApiError> {
        let text = self.required(name)?;
        let is_wrong = |letter: char| letter.is_whitespace() || letter.is_control();
        if text.is_empty() || text.contains(is_wrong) {
            return Err(violated(
                name,
                "satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
            ));
        }
        at_most(128, text, name)
    }

    /// A new password, before the policy has seen it.
    pub(super) fn password(self, name: &str) -> Result<&'r str, ApiError> {
        let text = self.required(name)?;
        if text.contains(char::is_whitespace) {
            return Err(violated(name, "satisfy regular expression pattern: [\\S]+"));
        }
        at_most(256, text, name)
    }

    /// One of these words.
    pub(super) fn word(self, name: &str, words: &[&str]) -> Result<Option<&'r str>, ApiError> {
        match self.text(name)? {
            Some(word) if !words.contains(&word) => {
                let set = words.join(", ");
                Err(violated(name, &format!("satisfy enum value set: [{set}]")))
            }
            word => Ok(word),
        }
    }

    /// One of these words, which has to be there.
    pub(super) fn required_word(self, name: &str, words: &[&str]) -> Result<&'r str, ApiError> {
        self.word(name, words)?.ok_or_else(|| missing(name))
    }

    /// A number that has to be there.
    pub(super) fn required_number(self, name: &str) -> Result<u32, ApiError> {
        self.number(name)?.ok_or_else(|| missing(name))
    }

    /// An object that has to be there.
    pub(super) fn required_object(self, name: &str) -> Result<Members<'r>, ApiError> {
        let value = self.get(name).ok_or_else(|| missing(name))?;
        value.as_object().map(Members::new).ok_or_else(|| not_a("Structure", name))
    }

    pub(super) fn flag(self, name: &str) -> Result<bool, ApiError> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| not_a("Boolean", name));
        self.get(name).map_or(Ok(false), flag)
    }

    pub(super) fn number(self, name: &str) -> Result<Option<u32>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = value.as_i64().ok_or_else(|| not_a("Integer", name))?;
        if number < 0 {
            return Err(violated(name, "have value greater than or equal to 0"));
        }
        let number = u32::try_from(number).ok().filter(|number| i32::try_from(*number).is_ok());
        number.map(Some).ok_or_else(|| not_a("Integer", name))
    }

    pub(super) fn texts(self, name: &str) -> Result<Option<Vec<&'r str>>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        texts.map(Some).ok_or_else(|| not_a("List", name))
    }

    /// A list of objects, empty when absent.
    pub(super) fn objects(self, name: &str) -> Result<Vec<Members<'r>>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(Vec::new()) };
        let object = |value: &'r Value| value.as_object().map(Members::new);
        let objects = value.as_array().and_then(|list| list.iter().map(object).collect());
        objects.ok_or_else(|| not_a("List", name))
    }

    /// A list of objects that has to be there.
    pub(super) fn required_objects(self, name: &str) -> Result<Vec<Members<'r>>, ApiError> {
        self.get(name).ok_or_else(|| missing(name))?;
        self.objects(name)
    }

    /// An object whose members are text, empty when absent.
    pub(super) fn parameters(self, name: &str) -> Result<Members<'r>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(Members(None)) };
        let object = value.as_object().ok_or_else(|| not_a("Map", name))?;
        if object.values().all(|value| value.is_string() || value.is_null()) {
            Ok(Members::new(object))
        } else {
            Err(not_a("Map of String", name))
        }
    }

    /// The texts whose names begin so, with the rest of the name.
    pub(super) fn with_prefix(self, prefix: &'static str) -> impl Iterator<Item = (&'r str, &'r str)> {
        let members = self.0.into_iter().flatten();
        members.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str()?)))
    }

    /// One of `AuthParameters` or `ChallengeResponses`, whose absence Cognito reports in other words.
    pub(super) fn parameter(self, name: &str) -> Result<&'r str, ApiError> {
        let missing = || ApiError::invalid_parameter(format!("Missing required parameter {name}"));
        self.text(name)?.ok_or_else(missing)
    }

    /// Checks that `UserPoolId` is this pool's.
    pub(super) fn check_pool(self, pool: &Pool) -> Result<(), ApiError> {
        let id = self.required("UserPoolId")?;
        if id == pool.config.user_pool_id {
            return Ok(());
        }
        Err(ApiError::not_found(format!("User pool {id} does not exist.")))
    }

    /// The client of `ClientId`.
    pub(super) fn client(self, pool: &Pool) -> Result<Arc<LocalClient>, ApiError> {
        let id = self.required("ClientId")?;
        pool.client(id).ok_or_else(|| ApiError::not_found(format!("User pool client {id} does not exist.")))
    }
}

fn at_most<'r>(most: usize, text: &'r str, name: &str) -> Result<&'r str, ApiError> {
    if text.chars().count() > most {
        return Err(violated(name, &format!("have length less than or equal to {most}")));
    }
    Ok(text)
}

fn not_a(form: &str, name: &str) -> ApiError {
    ApiError::serialization(format!("{name} can not be converted to a {form}"))
}

fn missing(name: &str) -> ApiError {
    ApiError::invalid_parameter(format!(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
        in_camel_case(name)
    ))
}

/// What a member must do, in Cognito's words, without its value.
pub(super) fn violated(name: &str, must: &str) -> ApiError {
    ApiError::invalid_parameter(format!(
        "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must {must}",
        in_camel_case(name)
    ))
}

fn in_camel_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
