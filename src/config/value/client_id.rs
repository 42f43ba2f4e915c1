//! Ids of app clients.

/// Checks the id of an app client.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
    match (1..=128).contains(&text.len()) && text.bytes().all(word) {
        true => Ok(text.to_owned()),
        false => Err("is not the id of an app client".into()),
    }
}
