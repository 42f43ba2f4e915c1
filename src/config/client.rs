//! The app client, and those beside it whose tokens count.

use super::key;
use super::load::unique;
use super::reader::{Reader, words};
use crate::config::LocalPoolDefaults;
use crate::crypto::Secret;

/// The app's own client, and all that are accepted.
pub(super) struct Clients {
    pub(super) id: String,
    /// Whether that is the own one; if not, an accepted one stands in.
    pub(super) has_own: bool,
    pub(super) secret: Option<Secret>,
    /// The own client first.
    pub(super) accepted: Vec<String>,
}

impl Clients {
    /// The local pool's secret belongs to its client, never to one that was configured. An app in which nobody signs in
    /// need not have a client of its own.
    pub(super) fn read(reader: &mut Reader, pool: Option<&LocalPoolDefaults>, signs_in: bool) -> Clients {
        let secret = reader.parse(&key::CLIENT_SECRET, parse_secret);
        let fallback = match reader.is_set(&key::CLIENT_ID) || reader.is_set(&key::CLIENT_SECRET) {
            true => None,
            false => pool.and_then(|pool| pool.client_secret.clone()),
        };
        let others = reader.list(&key::ACCEPTED_CLIENT_IDS, words, parse_id);
        let own = match signs_in || (others.is_empty() && !reader.is_wrong(&key::ACCEPTED_CLIENT_IDS)) {
            true => reader.require(&key::CLIENT_ID, pool.map(|pool| pool.client_id.as_str()), parse_id),
            false => reader.parse(&key::CLIENT_ID, parse_id),
        };
        let accepted = unique(own.iter().cloned().chain(others));
        Clients {
            has_own: own.is_some(),
            id: own.or_else(|| accepted.first().cloned()).unwrap_or_default(),
            secret: secret.or(fallback),
            accepted,
        }
    }
}

fn parse_id(text: &str) -> Result<String, String> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
    match (1..=128).contains(&text.len()) && text.bytes().all(word) {
        true => Ok(text.to_owned()),
        false => Err("is not the id of an app client".into()),
    }
}

/// Looser than Cognito's own secrets, for the sake of other servers.
fn parse_secret(text: &str) -> Result<Secret, String> {
    match text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Secret::new(text)),
        false => Err("has a space, a line break or another character that no client secret has".into()),
    }
}
