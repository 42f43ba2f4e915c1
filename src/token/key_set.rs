//! The pool's public keys, parsed once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

use super::header::key_id;
use crate::http::check_object;

const MAX_KEYS: usize = 32;
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// 65537, the only exponent Cognito uses; small ones invite forgeries.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// RSA keys by their exact `kid`.
pub(crate) struct KeySet {
    keys: HashMap<String, Arc<Key>>,
    /// The headers of tokens that name them, as pools write them.
    headers: Vec<String>,
    published: usize,
    /// As it was published.
    document: Arc<Value>,
}

/// One key that may verify RS256 signatures, and nothing else.
pub(crate) struct Key {
    public: ParsedPublicKey,
    /// Modulus and exponent, to know it again.
    numbers: (Vec<u8>, Vec<u8>),
    /// Until a set without it takes the place of its own.
    is_published: AtomicBool,
}

/// Why a JWKS document is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadKeySet {
    NotJwks,
    /// A symmetric key has no place in a published set: whoever made it made a mistake.
    SymmetricKey,
    NoUsableKey,
    /// Whoever has it signs tokens.
    PrivateKey,
}

impl std::fmt::Display for BadKeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BadKeySet::NotJwks => "it is not a JSON Web Key Set of at most 32 keys",
            BadKeySet::SymmetricKey => "it contains a symmetric key",
            BadKeySet::PrivateKey => "it contains a private key: give the public part alone",
            BadKeySet::NoUsableKey => "it contains no RSA key for RS256 signatures",
        })
    }
}

impl KeySet {
    /// Reads a JWKS (RFC 7517 section 5). Keys that may not verify RS256 are left out, and so are
    /// keys that share a `kid`.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, BadKeySet> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let text = check_object(json).map_err(|_| BadKeySet::NotJwks)?;
        let document: Document = serde_json::from_str(text).map_err(|_| BadKeySet::NotJwks)?;
        if document.keys.len() > MAX_KEYS {
            return Err(BadKeySet::NotJwks);
        }
        if document.keys.iter().any(|key| key.get("kty").and_then(Value::as_str) == Some("oct")) {
            return Err(BadKeySet::SymmetricKey);
        }
        if document.keys.iter().any(|key| key.get("d").is_some()) {
            return Err(BadKeySet::PrivateKey);
        }
        let published = document.keys.len();
        let text = serde_json::from_str(text).map_err(|_| BadKeySet::NotJwks)?;
        let mut found: HashMap<String, Option<Arc<Key>>> = HashMap::new();
        for (kid, key) in document.keys.into_iter().filter_map(named_key) {
            found.entry(kid).and_modify(|taken| *taken = None).or_insert(key);
        }
        let keys: HashMap<_, _> =
            found.into_iter().filter_map(|(kid, key)| key.map(|key| (kid, key))).collect();
        if keys.is_empty() {
            Err(BadKeySet::NoUsableKey)
        } else {
            let headers = keys.keys().flat_map(|kid| headers(kid)).collect();
            Ok(KeySet { keys, headers, published, document: Arc::new(text) })
        }
    }

    /// Takes the place of `old`: a key that is still there stays the same one, and the tokens that it has verified go
    /// on; one that is gone verifies nothing any more.
    pub(super) fn succeed(&mut self, old: &KeySet) {
        for (kid, key) in &old.keys {
            match self.keys.get_mut(kid).filter(|new| new.numbers == key.numbers) {
                Some(new) => *new = Arc::clone(key),
                None => key.is_published.store(false, Ordering::Release),
            }
        }
    }

    pub(crate) fn get(&self, kid: &str) -> Option<Arc<Key>> {
        self.keys.get(kid).cloned()
    }

    /// Whether the header of a token, as it is written, names one of these.
    pub(super) fn is_named_by(&self, header: &str) -> bool {
        self.headers.iter().any(|known| **known == *header)
            || key_id(header).is_some_and(|kid| self.keys.contains_key(&kid))
    }

    /// The set as it was published (RFC 7517 section 5).
    pub(crate) fn document(&self) -> Arc<Value> {
        Arc::clone(&self.document)
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many of the published keys may not verify RS256, and are left out.
    pub(crate) fn left_out(&self) -> usize {
        self.published - self.keys.len()
    }
}

impl Key {
    /// Whether the pool still publishes it.
    pub(super) fn is_published(&self) -> bool {
        self.is_published.load(Ordering::Acquire)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

/// The header of a token that names `kid`, as Cognito writes it, and in the other order.
fn headers(kid: &str) -> [String; 2] {
    let kid = Value::from(kid);
    [format!(r#"{{"kid":{kid},"alg":"RS256"}}"#), format!(r#"{{"alg":"RS256","kid":{kid}}}"#)]
        .map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// A key's `kid`, and the key itself when it may verify RS256. A `kid` counts as taken either way.
fn named_key(value: Value) -> Option<(String, Option<Arc<Key>>)> {
    let kid = value.get("kid").and_then(Value::as_str).filter(|kid| !kid.is_empty())?.to_owned();
    let key = serde_json::from_value::<Jwk>(value).ok().and_then(|jwk| rsa_key(&jwk)).map(Arc::new);
    Some((kid, key))
}

fn rsa_key(jwk: &Jwk) -> Option<Key> {
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let verifies = jwk
        .common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let rs256 = jwk.common.key_algorithm.is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256);
    let AlgorithmParameters::RSA(parameters) = &jwk.algorithm else { return None };
    if !(signs && verifies && rs256) {
        return None;
    }
    let n = URL_SAFE_NO_PAD.decode(&parameters.n).ok()?;
    let e = URL_SAFE_NO_PAD.decode(&parameters.e).ok()?;
    let odd = n.last().is_some_and(|byte| byte % 2 == 1);
    if !odd || e != EXPONENT || !MODULUS_BITS.contains(&bits(&n)) {
        return None;
    }
    let components = PublicKeyComponents { n: n.as_slice(), e: e.as_slice() };
    let public = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
    Some(Key { public, numbers: (n, e), is_published: AtomicBool::new(true) })
}

/// The length of a big-endian number without leading zero bytes; 0 when it has any.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| match first.leading_zeros() {
        8 => 0,
        zeros => number.len() * 8 - zeros as usize,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key_set(n: &[u8], e: &[u8]) -> Result<KeySet, BadKeySet> {
        let encoded = |number| URL_SAFE_NO_PAD.encode(number);
        let jwk = json!({ "kid": "k", "kty": "RSA", "alg": "RS256", "n": encoded(n), "e": encoded(e) });
        KeySet::parse(json!({ "keys": [jwk] }).to_string().as_bytes())
    }

    #[test]
    fn a_key_stays_published_while_its_numbers_do_under_its_name() {
        let numbers = |byte: u8| [vec![0x80], vec![byte; 254], vec![1]].concat();
        let old = key_set(&numbers(1), &[1, 0, 1]).unwrap();
        let key = old.get("k").unwrap();

        let mut same = key_set(&numbers(1), &[1, 0, 1]).unwrap();
        same.succeed(&old);
        assert!(key.is_published() && Arc::ptr_eq(&key, &same.get("k").unwrap()));

        let mut other = key_set(&numbers(2), &[1, 0, 1]).unwrap();
        other.succeed(&same);
        assert!(!key.is_published() && other.get("k").unwrap().is_published());
    }

    #[test]
    fn a_header_names_a_key_however_it_is_written_and_mostly_needs_no_parser() {
        let keys = key_set(&[vec![0x80], vec![1; 254], vec![1]].concat(), &[1, 0, 1]).unwrap();
        let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
        for usual in [r#"{"kid":"k","alg":"RS256"}"#, r#"{"alg":"RS256","kid":"k"}"#] {
            assert!(keys.headers.contains(&encoded(usual)), "{usual}");
            assert!(keys.is_named_by(&encoded(usual)), "{usual}");
        }
        assert!(keys.is_named_by(&encoded(r#"{ "kid": "k", "alg": "RS256", "typ": "JWT" }"#)));
        for other in [r#"{"kid":"l","alg":"RS256"}"#, r#"{"kid":"k","alg":"HS256"}"#, "", "{}"] {
            assert!(!keys.is_named_by(&encoded(other)), "{other}");
        }
    }

    /// T37. What is acceptable for the lack of a NULL is not acceptable here, nor are three good signatures of keys
    /// with exponent 3.
    #[test]
    fn of_wycheproofs_rsa_signatures_the_valid_ones_verify_and_no_other() {
        let file = include_str!("../../tests/data/wycheproof/rsa_pkcs1_sha256.json");
        let groups: Vec<Value> = serde_json::from_str(file).unwrap();
        let decoded = |of: &Value, name: &str| URL_SAFE_NO_PAD.decode(of[name].as_str().unwrap()).unwrap();
        let (mut verified, mut refused, mut without_key) = (0, 0, 0);
        for group in &groups {
            let (n, e) = (decoded(group, "n"), decoded(group, "e"));
            let key = key_set(&n, &e).ok().and_then(|keys| keys.get("k"));
            assert_eq!(key.is_some(), e == EXPONENT);
            for test in group["tests"].as_array().unwrap() {
                let expected = key.as_ref().map(|_| test["result"] == "valid");
                let verifies =
                    key.as_ref().map(|key| key.verifies(&decoded(test, "msg"), &decoded(test, "sig")));
                assert_eq!(verifies, expected, "{} bits, {}: {}", group["bits"], test["id"], test["comment"]);
                match verifies {
                    Some(true) => verified += 1,
                    Some(false) => refused += 1,
                    None => without_key += 1,
                }
            }
        }
        assert_eq!((verified, refused, without_key), (21, 749 + 3, 3));
    }

    #[test]
    fn a_set_has_at_most_thirty_two_keys() {
        let modulus = URL_SAFE_NO_PAD.encode([&[0x80][..], &[0xa5; 254], &[1]].concat());
        let set = |count: usize| {
            let key = |number| json!({ "kid": format!("{number}"), "kty": "RSA", "n": modulus, "e": "AQAB" });
            let keys: Vec<_> = (0..count).map(key).collect();
            KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
        };
        assert_eq!(set(32).map(|keys| (keys.len(), keys.left_out())).ok(), Some((32, 0)));
        assert_eq!(set(33).err(), Some(BadKeySet::NotJwks));
    }

    /// T9: sizes no library likes to make.
    #[test]
    fn moduli_and_exponents_other_than_usual_are_left_out() {
        let odd = |bytes: usize, first: u8| [vec![first], vec![0xa5; bytes - 2], vec![1]].concat();
        assert!(key_set(&odd(256, 0x80), &[1, 0, 1]).is_ok(), "2048 bits");
        assert!(key_set(&odd(512, 0xff), &[1, 0, 1]).is_ok(), "4096 bits");
        let even = [odd(256, 0x80).split_last().unwrap().1, &[2]].concat();
        let bad: [(&str, Vec<u8>, &[u8]); 10] = [
            ("1024 bits", odd(128, 0x80), &[1, 0, 1]),
            ("2047 bits", odd(256, 0x7f), &[1, 0, 1]),
            ("4097 bits", odd(513, 1), &[1, 0, 1]),
            ("16384 bits", odd(2048, 0x80), &[1, 0, 1]),
            ("a leading zero", [&[0][..], &odd(256, 0x80)].concat(), &[1, 0, 1]),
            ("an even modulus", even, &[1, 0, 1]),
            ("exponent 1", odd(256, 0x80), &[1]),
            ("exponent 3", odd(256, 0x80), &[3]),
            ("an even exponent", odd(256, 0x80), &[1, 0, 0]),
            ("a padded exponent", odd(256, 0x80), &[0, 1, 0, 1]),
        ];
        for (what, n, e) in bad {
            assert_eq!(key_set(&n, e).err(), Some(BadKeySet::NoUsableKey), "{what}");
        }
    }
}
