//! What TLS to a store needs: files in PEM, which are read at launch.

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::setting_file::file;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;
use crate::config::value::text_file::read_text;
use crate::crypto::Secret;

/// More than all authorities of a machine take.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// What TLS to a store needs beside the machine's authorities. Each is in PEM.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreTls {
    /// The certificates of the authorities that vouch for the server, instead of the machine's.
    pub(crate) authorities: Option<Vec<u8>>,
    pub(crate) client: Option<StoreClientCertificate>,
}

/// The certificate by which an app signs in at its store, and its key.
#[derive(Debug, Clone)]
pub(crate) struct StoreClientCertificate {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Secret,
}

impl StoreTls {
    /// Reads the files, which have a meaning where `has_tls` alone.
    pub(super) fn read(reader: &mut Reader, has_tls: bool) -> StoreTls {
        let keys: [&Key; 3] =
            [&key::SESSION_STORE_CA, &key::SESSION_STORE_CLIENT_CERT, &key::SESSION_STORE_CLIENT_KEY];
        for key in keys {
            if !has_tls && reader.is_set(key) {
                let remedy =
                    format!("leave `{}` out, or have `session_store` begin with `rediss://`", key.name);
                reader.refuse(key, "is about TLS, and `session_store` is no URL with TLS", &remedy);
            }
        }
        let authorities = text_of_file(reader, &key::SESSION_STORE_CA, authorities);
        let certificate = text_of_file(reader, &key::SESSION_STORE_CLIENT_CERT, certificate);
        let client_key = text_of_file(reader, &key::SESSION_STORE_CLIENT_KEY, private_key);
        let [_, has_certificate, has_key] = keys.map(|key| reader.is_set(key));
        match (has_certificate, has_key) {
            (true, false) => reader.refuse(
                &key::SESSION_STORE_CLIENT_CERT,
                "stands without `session_store_client_key`: a certificate without its key proves nothing",
                key::SESSION_STORE_CLIENT_KEY.remedy,
            ),
            (false, true) => reader.refuse(
                &key::SESSION_STORE_CLIENT_KEY,
                "stands without `session_store_client_cert`, the certificate that it belongs to",
                key::SESSION_STORE_CLIENT_CERT.remedy,
            ),
            _ => {}
        }
        let client =
            certificate.zip(client_key).map(|(certificate, key)| StoreClientCertificate { certificate, key });
        if client.as_ref().is_some_and(|client| !client.is_a_pair()) {
            reader.wrong(
                &key::SESSION_STORE_CLIENT_KEY,
                "is not the key of the certificate in `session_store_client_cert`",
            );
        }
        StoreTls { authorities, client }
    }
}

impl StoreClientCertificate {
    /// Whether the key is that of the certificate.
    fn is_a_pair(&self) -> bool {
        let chain = CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>();
        let key = PrivateKeyDer::from_pem_slice(self.key.expose().as_bytes());
        match (chain, key) {
            (Ok(chain), Ok(key)) => CertifiedKey::from_der(chain, key, &default_provider()).is_ok(),
            _ => false,
        }
    }
}

/// What `read` makes of the text in the file that `key` names.
fn text_of_file<T>(
    reader: &mut Reader,
    key: &Key,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    file(reader, key, |path| read(&read_text(path, MAX_FILE_BYTES)?))
}

fn authorities(pem: &str) -> Result<Vec<u8>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|_| "has something that is no certificate")?;
    }
    Ok(pem.as_bytes().to_vec())
}

fn certificate(pem: &str) -> Result<Vec<u8>, String> {
    certificates(pem).map(|_| pem.as_bytes().to_vec())
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    match CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err("has no certificates in PEM (`-----BEGIN CERTIFICATE-----`)".into()),
    }
}

fn private_key(pem: &str) -> Result<Secret, String> {
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(_) => Ok(Secret::new(pem)),
        Err(_) => Err("has no private key in PEM (`-----BEGIN PRIVATE KEY-----`)".into()),
    }
}
