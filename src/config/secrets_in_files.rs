//! Which secrets stand in files of settings.

use figment::Figment;

use super::key;
use super::reader::Reader;
use super::setting::Key;

/// The secrets of the settings that stand in a file, by name, with where they were read.
pub(crate) fn secrets_in_files(figment: &Figment) -> Vec<(&'static str, String)> {
    let reader = Reader::new(figment);
    let secrets: [&Key; 3] = [&key::CLIENT_SECRET, &key::SECRET_KEYS, &key::SESSION_STORE_PASSWORD];
    let in_files = secrets.into_iter().filter(|key| reader.folder(key).is_some());
    in_files.map(|key| (key.name, reader.origin(key.name))).collect()
}
