//! Sealed values for stores: AES-256-GCM under a subkey of each name, bound to the place where they lie.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk};
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use super::seal::without_traces;
use super::secret::Secret;
use super::wiped::WipedBytes;

/// What a sealed value begins with. A later format is read for one release before it is written.
const FORMAT: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const KEY_BYTES: usize = 32;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_LEN;
const TAG_BYTES: usize = 16;

/// Seals and opens the values of one purpose. The first key seals, all open.
pub(crate) struct ValueSealer {
    ring: Vec<RingKey>,
    purpose: &'static str,
}

struct RingKey {
    /// Which key of the ring has sealed a value, as it says in front.
    id: [u8; KEY_ID_BYTES],
    material: Prk,
}

/// Where a value lies, and as what: it opens nowhere else.
pub(crate) struct Place<'a> {
    /// The name that it lies under, which has a subkey of its own.
    pub(crate) name: &'a [u8],
    /// What it is bound to beside its name.
    pub(crate) context: &'a [&'a [u8]],
}

/// Why a sealed value was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnsealError {
    /// It is of a format that this release does not know.
    UnknownFormat,
    /// It is sealed under a key that is not among the secret keys.
    UnknownKey,
    /// It was changed, cut off or moved, or is of another purpose.
    Unreadable,
}

impl ValueSealer {
    /// `None` when a subkey cannot be derived, which HKDF-SHA256 rules out for 32 bytes.
    pub(crate) fn new(keys: &[Secret], purpose: &'static str) -> Option<Self> {
        let ring = keys.iter().map(|key| RingKey::new(key, purpose)).collect::<Option<Vec<_>>>()?;
        Some(ValueSealer { ring, purpose })
    }

    /// Seals `plain` for its place. `None` when the ring is empty or a cipher fails, neither of which happens.
    pub(crate) fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Option<Vec<u8>> {
        let key = self.ring.first()?;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEAD_BYTES + plain.len() + TAG_BYTES);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&key.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        without_traces(|| {
            let cipher = key.cipher(place.name)?;
            let (nonce, bound) = (Nonce::assume_unique_for_key(nonce), self.bound(place, &key.id));
            let body = sealed.get_mut(HEAD_BYTES..)?;
            let tag = cipher.seal_in_place_separate_tag(nonce, bound, body).ok()?;
            sealed.extend_from_slice(tag.as_ref());
            Some(())
        })?;
        Some(sealed)
    }

    /// Opens what [`seal`](Self::seal) made for this place.
    pub(crate) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<WipedBytes, UnsealError> {
        let (format, rest) = sealed.split_first().ok_or(UnsealError::Unreadable)?;
        if *format != FORMAT {
            return Err(UnsealError::UnknownFormat);
        }
        let (id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>().ok_or(UnsealError::Unreadable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(UnsealError::Unreadable)?;
        let key = self.ring.iter().find(|key| key.id == *id).ok_or(UnsealError::UnknownKey)?;
        let mut plain = WipedBytes::new(body.to_vec());
        let length = without_traces(|| {
            let (nonce, bound) = (Nonce::assume_unique_for_key(*nonce), self.bound(place, id));
            Some(key.cipher(place.name)?.open_in_place(nonce, bound, plain.as_mut()).ok()?.len())
        });
        plain.as_mut().truncate(length.ok_or(UnsealError::Unreadable)?);
        Ok(plain)
    }

    /// What a value is bound to. Each part has its length in front, so that no two lists read alike.
    fn bound(&self, place: &Place<'_>, key_id: &[u8]) -> Aad<Vec<u8>> {
        let head: [&[u8]; 4] = [&[FORMAT], key_id, self.purpose.as_bytes(), place.name];
        let mut bound = Vec::with_capacity(256);
        for part in head.iter().chain(place.context) {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        Aad::from(bound)
    }
}

impl RingKey {
    fn new(key: &Secret, purpose: &str) -> Option<Self> {
        let material = extract(key.expose().as_bytes());
        let own = |label: &str| derive(&material, &[label.as_bytes(), purpose.as_bytes()]);
        let id = *own("rocket-cognito/v1/key-id/")?.first_chunk()?;
        let subkey = own("rocket-cognito/v1/")?;
        Some(RingKey { id, material: extract(subkey.as_slice()) })
    }

    /// The cipher of one name: no key seals so many values that its random nonces could meet.
    fn cipher(&self, name: &[u8]) -> Option<LessSafeKey> {
        let key = derive(&self.material, &[name])?;
        Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_slice()).ok()?))
    }
}

/// HKDF's first step without salt (RFC 5869 section 2.2), done once: the `Prk` of `Salt::extract` repeats it for each key.
fn extract(key: &[u8]) -> Prk {
    let no_salt = hmac::Key::new(hmac::HMAC_SHA256, &[0; KEY_BYTES]);
    Prk::new_less_safe(HKDF_SHA256, hmac::sign(&no_salt, key).as_ref())
}

fn derive(material: &Prk, info: &[&[u8]]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    material.expand(info, HKDF_SHA256).and_then(|derived| derived.fill(key.as_mut_slice())).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "the old key of thirty-two bytes..";
    const NEW: &str = "the new key of thirty-two bytes..";

    fn sealer(keys: &[&str], purpose: &'static str) -> ValueSealer {
        let keys: Vec<_> = keys.iter().map(|key| Secret::new(*key)).collect();
        ValueSealer::new(&keys, purpose).unwrap()
    }

    fn place<'a>(name: &'a [u8], context: &'a [&'a [u8]]) -> Place<'a> {
        Place { name, context }
    }

    /// K8.
    #[test]
    fn a_value_opens_at_its_own_place_under_its_own_purpose_only() {
        let (session, claim) = (sealer(&[OLD], "session"), sealer(&[OLD], "claim"));
        let own = place(b"name", &[b"issuer", b"client"]);
        let sealed = session.seal(&own, b"plain").unwrap();
        assert_eq!(&session.open(&own, &sealed).unwrap()[..], b"plain");
        let others: [Place<'_>; 6] = [
            place(b"nam", &[b"issuer", b"client"]),
            place(b"name", &[b"issuer", b"clienu"]),
            place(b"name", &[b"issuerc", b"lient"]),
            place(b"name", &[b"issuer"]),
            place(b"name", &[b"issuer", b"client", b""]),
            place(b"name", &[b"client", b"issuer"]),
        ];
        for other in &others {
            assert_eq!(session.open(other, &sealed).err(), Some(UnsealError::Unreadable));
        }
        assert_eq!(claim.open(&own, &sealed).err(), Some(UnsealError::UnknownKey));
        assert_ne!(session.seal(&own, b"plain").unwrap(), sealed, "each has a nonce of its own");
    }

    #[test]
    fn no_changed_missing_or_added_byte_opens() {
        let (sealer, own) = (sealer(&[OLD], "session"), place(b"name", &[]));
        let sealed = sealer.seal(&own, b"plain").unwrap();
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(sealer.open(&own, &changed).is_err(), "{position}");
            assert!(sealer.open(&own, &sealed[..position]).is_err(), "{position}");
        }
        assert!(sealer.open(&own, &[&sealed[..], b"x"].concat()).is_err());
        let mut later = sealed;
        later[0] = FORMAT + 1;
        assert_eq!(sealer.open(&own, &later).err(), Some(UnsealError::UnknownFormat));
    }

    /// K9, K10.
    #[test]
    fn the_first_key_seals_values_and_all_open() {
        let own = place(b"name", &[]);
        let from_old = sealer(&[OLD], "session").seal(&own, b"1").unwrap();
        let ring = sealer(&[NEW, OLD], "session");
        assert_eq!(&ring.open(&own, &from_old).unwrap()[..], b"1");
        let from_ring = ring.seal(&own, b"2").unwrap();
        assert_eq!(&sealer(&[NEW], "session").open(&own, &from_ring).unwrap()[..], b"2");
        assert_eq!(sealer(&[OLD], "session").open(&own, &from_ring).err(), Some(UnsealError::UnknownKey));
    }
}
