//! What messages show of what the operator typed.

use super::setting::Key;

/// How much of a wrong value is shown.
const SHOWN: usize = 80;

/// The wrong value, if a message may show it. What looks like a URL may carry a password or a token.
pub(super) fn shown(key: &Key, text: &str) -> Option<String> {
    let hidden = key.secret || text.contains(['@', '?']);
    (!hidden).then(|| clipped(&format!("{text:?}")))
}

pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
