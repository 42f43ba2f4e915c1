//! `secret_keys`: what seals cookies.

use figment::Figment;

use super::situation::Situation;
use crate::config::figment_value::origin;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::whole;
use crate::config::value::secret_key;
use crate::crypto::Secret;

const MAX_SECRET_KEYS: usize = 5;

/// The keys that seal cookies: `secret_keys`, Rocket's `secret_key`, or one made for this launch.
#[derive(Debug, Clone)]
pub(crate) struct KeySettings {
    /// One to five; the first seals, all open.
    pub(crate) secret_keys: Vec<Secret>,
    /// Made for this launch only, which deserves a warning: the next one ends all sessions.
    pub(crate) are_random: bool,
}

impl KeySettings {
    pub(crate) fn read(reader: &mut Reader, situation: &Situation<'_>, figment: &Figment) -> KeySettings {
        let may_be_random = situation.allows_unsafe_modes || situation.is_disabled || !situation.signs_in;
        let given = match reader.is_set(&key::SECRET_KEYS) {
            true => Some(own(reader)),
            false => rockets(reader, figment),
        };
        match given {
            Some(secret_keys) => KeySettings { secret_keys, are_random: false },
            // Where nobody signs in they seal nothing that the next launch could miss.
            None if may_be_random => {
                KeySettings { secret_keys: vec![secret_key::random()], are_random: situation.signs_in }
            }
            None => {
                reader.missing(&key::SECRET_KEYS);
                KeySettings { secret_keys: Vec::new(), are_random: false }
            }
        }
    }
}

fn own(reader: &mut Reader) -> Vec<Secret> {
    let keys = reader.list(&key::SECRET_KEYS, whole, secret_key::check);
    if keys.len() > MAX_SECRET_KEYS {
        reader.wrong(&key::SECRET_KEYS, format!("has {} keys, more than {MAX_SECRET_KEYS}", keys.len()));
    }
    keys
}

/// Rocket's `secret_key`, where it is text: anything else is what Rocket's feature `secrets` puts there by default.
fn rockets(reader: &mut Reader, figment: &Figment) -> Option<Vec<Secret>> {
    let value = figment.find_value("secret_key").ok()?;
    let text = value.as_str().filter(|text| !text.trim().is_empty())?;
    match secret_key::check(text) {
        Ok(key) => Some(vec![key]),
        Err(problem) => {
            let origin = origin(figment, &value, "secret_key");
            let problem = format!("Rocket's `secret_key` stands in, but {problem}");
            reader.push(&key::SECRET_KEYS, origin, problem, key::SECRET_KEYS.remedy);
            Some(Vec::new())
        }
    }
}
