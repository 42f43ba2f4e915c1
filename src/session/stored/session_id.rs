//! What a browser's cookie says of a stored session, and where that lies.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::crypto::SecretText;
use crate::store::{SessionAddress, SessionKey, UserKey};

const VERSION: &str = "1";
const SECRET_BYTES: usize = 32;

/// The value of a stored session's cookie: version, user key and 256 random bits, as `1.<22>.<43>` letters of base64url.
#[derive(Clone)]
pub(crate) struct SessionId {
    text: SecretText,
    address: SessionAddress,
}

impl SessionId {
    /// The id of a session of `user` that begins now.
    pub(crate) fn random(user: UserKey) -> Self {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        rand::fill(secret.as_mut_slice());
        let (user_text, secret_text) = (encoded(user.as_bytes()), Zeroizing::new(encoded(secret.as_slice())));
        SessionId {
            text: [VERSION, ".", &user_text, ".", &secret_text].concat().into(),
            address: SessionAddress { user, session: session_key(&secret) },
        }
    }

    /// Reads the value of a cookie; `None` for any other form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (user, random) = text.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
        let user = UserKey::new(*decoded::<16>(user)?);
        let session = session_key(&*decoded::<SECRET_BYTES>(random)?);
        Some(SessionId { text: text.to_owned().into(), address: SessionAddress { user, session } })
    }

    /// The value of the cookie.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Where the session lies.
    pub(crate) fn address(&self) -> &SessionAddress {
        &self.address
    }
}

/// The name of a user's entry. It depends on no key, so that `secret_keys` may change.
pub(super) fn user_key(issuer: &str, client_id: &str, sub: &str) -> UserKey {
    let mut hash = Sha256::new_with_prefix(b"rocket-cognito/v1/user");
    for part in [issuer, client_id, sub] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut key = [0; 16];
    key.iter_mut().zip(hash.finalize()).for_each(|(key, byte)| *key = byte);
    UserKey::new(key)
}

/// The name of a session for people and programs: nobody makes a cookie of it.
pub(super) fn shown(session: &SessionKey) -> String {
    encoded(session.as_bytes())
}

/// The session that is [`shown`] so.
pub(super) fn of_shown(text: &str) -> Option<SessionKey> {
    decoded(text).map(|bytes| SessionKey::new(*bytes))
}

fn session_key(secret: &[u8; SECRET_BYTES]) -> SessionKey {
    let hash = Sha256::new_with_prefix(b"rocket-cognito/v1/session").chain_update(secret);
    SessionKey::new(hash.finalize().into())
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Exactly so many bytes, in their one spelling.
fn decoded<const BYTES: usize>(text: &str) -> Option<Zeroizing<[u8; BYTES]>> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    // The decoder asks for as much room as the longest text of so many letters might take.
    let mut room = Zeroizing::new([0; 3 * (SECRET_BYTES / 2)]);
    let length = URL_SAFE_NO_PAD.decode_slice(text, room.as_mut_slice()).ok()?;
    bytes.copy_from_slice(room.get(..length).filter(|room| room.len() == BYTES)?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserKey {
        user_key("https://pool.example", "shop", "alice")
    }

    /// S1, S3: 256 random bits, of which the store sees a hash.
    #[test]
    fn an_id_is_read_back_from_its_cookie_and_its_address_shows_nothing_of_it() {
        let id = SessionId::random(user());
        let text = id.expose();
        assert_eq!(text.split('.').map(str::len).collect::<Vec<_>>(), [1, 22, 43]);
        assert_eq!(SessionId::parse(text).unwrap().address(), id.address());
        assert_ne!(SessionId::random(user()).address(), id.address());
        let secret = text.rsplit('.').next().unwrap();
        assert_ne!(shown(&id.address().session), secret);
        assert_eq!(of_shown(&shown(&id.address().session)), Some(id.address().session));
        assert_ne!(decoded::<32>(secret).unwrap().as_slice(), id.address().session.as_bytes());
    }

    #[test]
    fn another_form_is_no_id() {
        let id = SessionId::random(user());
        let text = id.expose();
        let (head, secret) = text.rsplit_once('.').unwrap();
        for other in [
            String::new(),
            "1".into(),
            "1..".into(),
            format!("2{}", &text[1..]),
            format!("{text}A"),
            format!("{text}="),
            format!(" {text}"),
            format!("{text}."),
            format!("{head}{secret}"),
            format!("{head}.{}", &secret[1..]),
            format!("{head}.{}!", &secret[1..]),
            format!("{head}.{}\u{e9}", &secret[2..]),
            format!("1.{secret}.{secret}"),
            format!("{head}.{}", "A".repeat(100_000)),
            // The last letter has unused bits, which are zero.
            format!("{head}.{}B", "A".repeat(42)),
        ] {
            assert!(SessionId::parse(&other).is_none(), "{other:.80}");
        }
    }

    #[test]
    fn users_of_other_pools_clients_and_names_have_other_entries() {
        let keys = [
            user(),
            user_key("https://pool.example", "shop", "bob"),
            user_key("https://pool.example", "shopa", "lice"),
            user_key("https://pool.exampl", "eshop", "alice"),
        ];
        assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }
}
