//! What TLS to a store needs: files in PEM, which are read at launch.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;
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
        let authorities = file(reader, &key::SESSION_STORE_CA, authorities);
        let certificate = file(reader, &key::SESSION_STORE_CLIENT_CERT, certificate);
        let client_key = file(reader, &key::SESSION_STORE_CLIENT_KEY, private_key);
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

/// The content of the file that `key` names, checked by `read`. A relative path counts from the folder of the file that
/// the setting stands in.
pub(super) fn file<T>(
    reader: &mut Reader,
    key: &Key,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let path = path(reader, key)?;
    // What is secret might stand in the place of a path.
    let shown = if key.secret { "a file".to_owned() } else { format!("{path:?}") };
    let content = content(&path).map_err(|problem| format!("leads to {shown}, which {problem}"));
    match content.and_then(|content| read(&content)) {
        Ok(read) => Some(read),
        Err(problem) => {
            reader.wrong(key, problem);
            None
        }
    }
}

/// The path that `key` names.
pub(super) fn path(reader: &mut Reader, key: &Key) -> Option<PathBuf> {
    let folder = reader.folder(key);
    reader.parse(key, |text| match text.starts_with("-----BEGIN") {
        true => Err("is itself what is to be in a file, and no path of one".into()),
        false => Ok(folder.map_or_else(|| text.into(), |folder| folder.join(text))),
    })
}

fn content(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is not a file".into());
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(format!("is larger than {MAX_FILE_BYTES} bytes"));
    }
    let mut text = String::new();
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn authorities(pem: &str) -> Result<Vec<u8>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|_| "leads to a file with something that is no certificate")?;
    }
    Ok(pem.as_bytes().to_vec())
}

fn certificate(pem: &str) -> Result<Vec<u8>, String> {
    certificates(pem).map(|_| pem.as_bytes().to_vec())
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    match CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err("leads to a file without certificates in PEM (`-----BEGIN CERTIFICATE-----`)".into()),
    }
}

fn private_key(pem: &str) -> Result<Secret, String> {
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(_) => Ok(Secret::new(pem)),
        Err(_) => Err("leads to a file without a private key in PEM (`-----BEGIN PRIVATE KEY-----`)".into()),
    }
}
