//! Names an attempt by its state.

use sha2::{Digest, Sha256};

/// Identifies an attempt without showing its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StateHash([u8; 32]);

impl StateHash {
    pub(crate) fn of(state: &str) -> Self {
        StateHash(Sha256::digest(state.as_bytes()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether `text` may be a [`short`](Self::short) name.
    pub(crate) fn is_short(text: &str) -> bool {
        text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// A short name for the attempt's cookie: eight hexadecimal digits.
    pub(crate) fn short(&self) -> String {
        self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}
