//! The secret of an app client.

use crate::crypto::Secret;

/// Checks a secret; the error does not contain it. Looser than Cognito's own secrets, for the sake of other servers.
pub(crate) fn parse(text: &str) -> Result<Secret, String> {
    match !text.is_empty() && text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Secret::new(text)),
        false => {
            Err("is empty, or has a space, a line break or another character that no client secret has"
                .into())
        }
    }
}
