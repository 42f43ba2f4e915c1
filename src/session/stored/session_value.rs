//! A stored session's content: whose it is, its tokens, and the browser of its sign-in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::UnixSeconds;
use crate::crypto::SecretText;

/// A token that is not there.
const ABSENT: u8 = 0;
/// A token as its text.
const TEXT: u8 = 1;
/// A token as the bytes of its parts, which are base64url with dots between: a quarter smaller.
const PARTS: u8 = 2;
/// The most parts: an encrypted token has five.
const MAX_PARTS: usize = 8;

/// What lies sealed in a store.
#[derive(Clone)]
pub(super) struct SessionValue {
    pub(super) about: About,
    pub(super) access: Option<SecretText>,
    pub(super) id: Option<SecretText>,
    pub(super) refresh: Option<SecretText>,
}

/// What is known of a session beside its tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) sub: String,
    /// When the user signed in.
    pub(super) created_at: UnixSeconds,
    /// When the pool issued the present tokens.
    pub(super) issued_at: UnixSeconds,
    /// The browser that signed in, as it names itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_agent: Option<String>,
}

impl SessionValue {
    /// The value in bytes. `None` where it cannot be written, which serde_json rules out.
    pub(super) fn encode(&self) -> Option<Zeroizing<Vec<u8>>> {
        let about = Zeroizing::new(serde_json::to_vec(&self.about).ok()?);
        let tokens = [&self.access, &self.id, &self.refresh];
        let letters: usize = tokens.iter().map(|token| token.as_ref().map_or(0, SecretText::len)).sum();
        // A buffer that grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(about.len() + letters + 256));
        write(&mut bytes, &about)?;
        for token in tokens {
            match token.as_ref().map(|token| (token.expose(), parts(token.expose()))) {
                None => bytes.push(ABSENT),
                Some((text, None)) => {
                    bytes.push(TEXT);
                    write(&mut bytes, text.as_bytes())?;
                }
                Some((_, Some(parts))) => {
                    bytes.push(PARTS);
                    bytes.push(parts.len().try_into().ok()?);
                    parts.iter().try_for_each(|part| write(&mut bytes, part))?;
                }
            }
        }
        Some(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let about = serde_json::from_slice(read(bytes)?).ok()?;
        let (access, id, refresh) = (token(bytes)?, token(bytes)?, token(bytes)?);
        bytes.is_empty().then_some(SessionValue { about, access, id, refresh })
    }
}

/// The bytes of a token's parts, where its text is made of them.
fn parts(text: &str) -> Option<Vec<Zeroizing<Vec<u8>>>> {
    let parts = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok().map(Zeroizing::new));
    parts.take(MAX_PARTS + 1).collect::<Option<Vec<_>>>().filter(|parts| parts.len() <= MAX_PARTS)
}

fn write(bytes: &mut Vec<u8>, part: &[u8]) -> Option<()> {
    bytes.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
    bytes.extend_from_slice(part);
    Some(())
}

fn read<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)?;
    *bytes = rest;
    Some(part)
}

fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

/// The next token. `Some(None)`: it is not there.
fn token(bytes: &mut &[u8]) -> Option<Option<SecretText>> {
    match byte(bytes)? {
        ABSENT => Some(None),
        TEXT => Some(Some(str::from_utf8(read(bytes)?).ok()?.to_owned().into())),
        PARTS => {
            let (count, mut ahead) = (byte(bytes)?, *bytes);
            let letters: Option<usize> =
                (0..count).map(|_| Some(read(&mut ahead)?.len().div_ceil(3) * 4 + 1)).sum();
            // A text that grows leaves copies behind.
            let mut text = Zeroizing::new(vec![b'.'; letters?]);
            let mut end = 0;
            for index in 0..count {
                // Behind a dot.
                end += usize::from(index > 0);
                end += URL_SAFE_NO_PAD.encode_slice(read(bytes)?, text.get_mut(end..)?).ok()?;
            }
            text.truncate(end);
            Some(Some(String::from_utf8(std::mem::take(&mut *text)).ok()?.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(tokens: [Option<&str>; 3]) -> SessionValue {
        let [access, id, refresh] = tokens.map(|token| token.map(|token| token.to_owned().into()));
        let about = About {
            sub: "a1b2".into(),
            created_at: UnixSeconds(1),
            issued_at: UnixSeconds(2),
            user_agent: Some("Mozilla/5.0".into()),
        };
        SessionValue { about, access, id, refresh }
    }

    fn texts(value: &SessionValue) -> [Option<&str>; 3] {
        [&value.access, &value.id, &value.refresh].map(|token| token.as_ref().map(SecretText::expose))
    }

    #[test]
    fn tokens_come_back_letter_by_letter() {
        for tokens in [
            [None, None, None],
            [Some("eyJh.eyJz.c2ln"), Some("eyJh.eyJz.c2ln"), Some("eyJj..aXY.Y2lwaGVy.dGFn")],
            [Some(""), Some("."), Some("a-refresh-token")],
            // None of these is the one spelling of any bytes.
            [Some("eyJh.eyJz.c2ln="), Some("eyJh.eyJz.c2lo+"), Some("AB")],
            [
                Some("a.b.c.d.e.f.g.h.i.j"),
                Some("caf\u{e9}"),
                Some("AAAA.AAAA.AAAA.AAAA.AAAA.AAAA.AAAA.AAAA.AAAA"),
            ],
        ] {
            let bytes = value(tokens).encode().unwrap();
            let read = SessionValue::decode(&bytes).unwrap();
            assert_eq!(texts(&read), tokens);
            assert_eq!((read.about.sub.as_str(), read.about.issued_at), ("a1b2", UnixSeconds(2)));
        }
    }

    #[test]
    fn tokens_lie_decoded() {
        let token = [&*"QUJD".repeat(400), &*"REVG".repeat(400), &*"R0hJ".repeat(100)].join(".");
        let bytes = value([Some(&token), Some(&token), Some(&token)]).encode().unwrap();
        assert!(bytes.len() < 3 * token.len() * 77 / 100, "{} of {}", bytes.len(), 3 * token.len());
        assert!(!bytes.windows(8).any(|window| window == b"QUJDQUJD"));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_no_value() {
        let bytes = value([Some("eyJh.eyJz.c2ln"), None, Some("text!")]).encode().unwrap();
        assert!((0..bytes.len()).all(|end| SessionValue::decode(&bytes[..end]).is_none()));
        assert!(SessionValue::decode(&[&bytes[..], b"\0"].concat()).is_none());
        assert!(SessionValue::decode(&[0xff; 64]).is_none());
    }
}
