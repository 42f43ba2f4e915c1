//! Sealed cookies and stored sessions, opened and made with the app's secret key: the formats of the first release.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use fernet::Fernet;
use rocket_cognito::store::SessionAddress;
use serde_json::{Value, json};

/// Fernet under the subkey of one purpose.
pub struct Seal {
    fernet: Fernet,
    purpose: &'static str,
}

impl Seal {
    pub fn new(secret_key: &str, purpose: &'static str) -> Self {
        let label = format!("rocket-cognito/v1/{purpose}");
        let mut subkey = [0; 32];
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret_key.as_bytes());
        extracted.expand(&[label.as_bytes()], HKDF_SHA256).unwrap().fill(&mut subkey).unwrap();
        Seal { fernet: Fernet::new(&URL_SAFE.encode(subkey)).unwrap(), purpose }
    }

    /// What lies in a cookie.
    pub fn open(&self, cookie: &str) -> Value {
        // The envelope's time counts, and an app's clock may be ahead of this one.
        let plain = self.fernet.decrypt_at_time(&cookie.replace("%3D", "="), None, u64::MAX - 60).unwrap();
        let envelope: Value = serde_json::from_slice(&plain).unwrap();
        assert_eq!((&envelope["v"], &envelope["p"]), (&json!(1), &json!(self.purpose)));
        envelope["d"].clone()
    }

    /// A cookie with `value`, sealed at `time`.
    pub fn seal(&self, value: &Value, time: u64) -> String {
        self.seal_envelope(&json!({ "v": 1, "p": self.purpose, "t": time, "d": value }))
    }

    /// A cookie with something else in the place of the envelope.
    pub fn seal_envelope(&self, envelope: &Value) -> String {
        self.fernet.encrypt(envelope.to_string().as_bytes())
    }
}

/// AES-256-GCM of the stored sessions of one client.
pub struct StoredSeal {
    key_id: [u8; 4],
    material: Prk,
    context: [String; 2],
}

const PURPOSE: &str = "stored-session";
/// Format, key id and nonce come before what is sealed.
const HEAD: usize = 1 + 4 + NONCE_LEN;
const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];

impl StoredSeal {
    pub fn new(secret_key: &str, issuer: &str, client_id: &str) -> Self {
        let extract = |key: &[u8]| Salt::new(HKDF_SHA256, &[]).extract(key);
        let material = extract(secret_key.as_bytes());
        let derive = |label: &str| derived(&material, &[label.as_bytes(), PURPOSE.as_bytes()]);
        let key_id = derive("rocket-cognito/v1/key-id/")[..4].try_into().unwrap();
        let material = extract(&derive("rocket-cognito/v1/"));
        StoredSeal { key_id, material, context: [issuer.to_owned(), client_id.to_owned()] }
    }

    /// What lies in the store of a session of this generation: its members, and its tokens.
    pub fn open(&self, at: &SessionAddress, generation: u64, sealed: &[u8]) -> Value {
        let nonce = Nonce::try_assume_unique_for_key(&sealed[HEAD - NONCE_LEN..HEAD]).unwrap();
        let mut plain = sealed[HEAD..].to_vec();
        let plain = self.cipher(at).open_in_place(nonce, self.bound(at, generation), &mut plain).unwrap();
        let mut rest = &*plain;
        let mut record: Value = serde_json::from_slice(part(&mut rest)).unwrap();
        for name in TOKENS {
            record[name] = token(&mut rest).into();
        }
        record
    }

    /// What is to lie in the store of a session of this generation.
    pub fn seal(&self, at: &SessionAddress, generation: u64, record: &Value) -> Vec<u8> {
        let about = ["sub", "created_at", "issued_at"].map(|name| (name.to_owned(), record[name].clone()));
        let about = Value::Object(about.into_iter().collect()).to_string();
        let mut plain = with_length(about.as_bytes());
        TOKENS.iter().for_each(|name| plain.extend(written(record[name].as_str())));
        let nonce: [u8; NONCE_LEN] = rand::random();
        let bound = self.bound(at, generation);
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.cipher(at).seal_in_place_append_tag(nonce_used, bound, &mut plain).unwrap();
        [&[1], &self.key_id[..], &nonce, &plain].concat()
    }

    fn cipher(&self, at: &SessionAddress) -> LessSafeKey {
        let key = derived(&self.material, &[at.session.as_bytes()]);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap())
    }

    fn bound(&self, at: &SessionAddress, generation: u64) -> Aad<Vec<u8>> {
        let [issuer, client_id] = self.context.each_ref().map(String::as_bytes);
        let (user, generation) = (at.user.as_bytes(), generation.to_be_bytes());
        let parts: [&[u8]; 8] = [
            &[1],
            &self.key_id,
            PURPOSE.as_bytes(),
            at.session.as_bytes(),
            issuer,
            client_id,
            user,
            &generation,
        ];
        let bound = parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes(), *part].concat());
        Aad::from(bound.collect())
    }
}

fn derived(material: &Prk, info: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    material.expand(info, HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    key
}

fn with_length(part: &[u8]) -> Vec<u8> {
    [&u32::try_from(part.len()).unwrap().to_be_bytes(), part].concat()
}

/// A token as [`token`] reads it, as the bytes of its parts where its text is made of them.
fn written(token: Option<&str>) -> Vec<u8> {
    let Some(text) = token else { return vec![0] };
    let parts: Result<Vec<_>, _> = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part)).collect();
    match parts {
        Ok(parts) if parts.len() <= 8 => {
            let head = [2, u8::try_from(parts.len()).unwrap()];
            head.into_iter().chain(parts.iter().flat_map(|part| with_length(part))).collect()
        }
        _ => [&[1], &*with_length(text.as_bytes())].concat(),
    }
}

fn part<'b>(bytes: &mut &'b [u8]) -> &'b [u8] {
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let (part, rest) = rest.split_at(u32::from_be_bytes(*length).try_into().unwrap());
    *bytes = rest;
    part
}

/// The next token: absent, a text, or the bytes of its parts.
fn token(bytes: &mut &[u8]) -> Option<String> {
    let byte = |bytes: &mut &[u8]| {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        *first
    };
    match byte(bytes) {
        0 => None,
        1 => Some(String::from_utf8(part(bytes).to_vec()).unwrap()),
        _ => {
            let parts: Vec<_> = (0..byte(bytes)).map(|_| URL_SAFE_NO_PAD.encode(part(bytes))).collect();
            Some(parts.join("."))
        }
    }
}
