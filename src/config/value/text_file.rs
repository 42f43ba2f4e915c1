//! Text that lies in a file of its own.

use std::fs::{File, metadata};
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Reads a file of at most `max_bytes`. The error says what is wrong with the file, and shows nothing of it.
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> Result<Zeroizing<String>, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    // Asked before it is opened: opening a pipe would wait for somebody who writes.
    let metadata = metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is not a file".into());
    }
    let too_large = || format!("is larger than {max_bytes} bytes");
    if metadata.len() > max_bytes {
        return Err(too_large());
    }
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)
        .and_then(|file| file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "is not text in UTF-8")?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// `text` without the mark of UTF-8 that some editors put first.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// The lines of `text`, without that mark and without empty lines at the end.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = without_mark(text).trim_end_matches(['\r', '\n']);
    // An empty text has no line.
    (!text.is_empty()).then(|| text.lines()).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_on_any_system() {
        for (text, expected) in [
            ("one", vec!["one"]),
            ("one\n", vec!["one"]),
            ("\u{feff}one\r\ntwo\r\n\r\n", vec!["one", "two"]),
            ("one\n\ntwo", vec!["one", "", "two"]),
            (" one ", vec![" one "]),
            ("", vec![]),
            ("\u{feff}\n\n", vec![]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
