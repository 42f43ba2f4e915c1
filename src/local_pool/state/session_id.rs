//! The ids of sessions: `tkn` or `sso`, and 25 letters or digits.

use sha2::{Digest, Sha256};

use crate::token::uuid;

/// That of a token session, which says nothing of its sign-in.
pub(crate) fn session_id_of(origin_jti: &str) -> String {
    session_id("tkn", origin_jti)
}

/// That of a new session of a browser.
pub(super) fn sso_session_id() -> String {
    session_id("sso", &uuid())
}

fn session_id(kind: &str, of: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(of);
    let letters = digest.iter().take(25).filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    kind.chars().chain(letters.map(|letter| char::from(*letter))).collect()
}
