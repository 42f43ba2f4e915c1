//! Settings that name a file.

use std::path::{Path, PathBuf};

use crate::config::reader::Reader;
use crate::config::setting::Key;

/// What `read` makes of the file that `key` names. Its error says what is wrong with the file, such as "is empty".
pub(super) fn file<T>(
    reader: &mut Reader,
    key: &Key,
    read: impl FnOnce(&Path) -> Result<T, String>,
) -> Option<T> {
    let path = path(reader, key)?;
    match read(&path) {
        Ok(read) => Some(read),
        Err(problem) => {
            let may_be_shown =
                !key.secret || reader.parse(key, |text| Ok(is_surely_a_path(text))).unwrap_or(false);
            let shown = if may_be_shown { format!("{path:?}") } else { "a file".to_owned() };
            reader.wrong(key, format!("leads to {shown}, which {problem}"));
            None
        }
    }
}

/// The path that `key` names. A relative one counts from the folder of the file that the setting stands in.
pub(super) fn path(reader: &mut Reader, key: &Key) -> Option<PathBuf> {
    let folder = reader.folder(key);
    reader.parse(key, |text| match text.starts_with("-----BEGIN") {
        true => Err("is itself what is to be in a file, and no path of one".into()),
        false => Ok(folder.map_or_else(|| text.into(), |folder| folder.join(text))),
    })
}

/// Whether `text` cannot be a secret that was typed in the place of a path: it leads into a folder that is there.
fn is_surely_a_path(text: &str) -> bool {
    let folder = Path::new(text).parent().filter(|folder| folder.is_absolute());
    folder.is_some_and(|folder| folder.parent().is_some() && folder.is_dir())
}
