//! `secret_keys` and `secret_keys_file`: what seals cookies.

use figment::Figment;

use super::setting_file::file;
use super::situation::Situation;
use crate::config::figment_value::origin;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::whole;
use crate::config::value::secret_key;
use crate::config::value::text_file::{lines, read_text};
use crate::crypto::Secret;

const MAX_SECRET_KEYS: usize = 5;
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// The keys that seal cookies: `secret_keys`, those of `secret_keys_file`, Rocket's `secret_key`, or one made for this launch.
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
        let given = match (reader.is_set(&key::SECRET_KEYS), reader.is_set(&key::SECRET_KEYS_FILE)) {
            (true, false) => Some(own(reader)),
            (false, true) => Some(of_file(reader)),
            (false, false) => rockets(reader, figment),
            (true, true) => {
                reader.refuse(
                    &key::SECRET_KEYS_FILE,
                    "stands beside `secret_keys`, and only one of them can count",
                    "leave one of them out, or write the keys of `secret_keys` into further lines of the file",
                );
                Some(own(reader))
            }
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

fn of_file(reader: &mut Reader) -> Vec<Secret> {
    let keys = file(reader, &key::SECRET_KEYS_FILE, |path| {
        let text = read_text(path, MAX_FILE_BYTES)?;
        let check = |(index, line)| {
            secret_key::check(line).map_err(|problem| format!("has a line {} that {problem}", index + 1))
        };
        let keys = lines(&text).enumerate().map(check).collect::<Result<Vec<_>, _>>()?;
        match keys.len() {
            0 => Err("is empty".into()),
            1..=MAX_SECRET_KEYS => Ok(keys),
            count => Err(format!("has {count} keys, more than {MAX_SECRET_KEYS}")),
        }
    });
    keys.unwrap_or_default()
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
