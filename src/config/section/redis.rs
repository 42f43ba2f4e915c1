//! Where a Redis or Valkey is, and how an app signs in there.

use std::path::PathBuf;

use figment::Figment;

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::words;
use crate::config::value::store_address::StoreAddress;
use crate::crypto::Secret;
use crate::error::Error;

/// Where a Redis or Valkey is, and how an app signs in there.
#[derive(Debug, Clone)]
pub(crate) struct RedisSettings {
    /// One server; or nodes of a Cluster; or the Sentinels of `master`. At least one.
    pub(crate) addresses: Vec<StoreAddress>,
    /// The number of the database, which is 0 in a Cluster.
    pub(crate) database: u32,
    pub(crate) username: Option<String>,
    pub(crate) password: StorePassword,
    pub(crate) tls: StoreTls,
    /// The name that Sentinels know the primary by.
    pub(crate) master: Option<String>,
    /// What the name of each key begins with.
    pub(crate) prefix: String,
}

impl RedisSettings {
    /// Reads the settings of the store alone, for programs beside an app.
    pub(crate) fn load(figment: &Figment) -> Result<RedisSettings, Error> {
        let mut reader = Reader::new(figment);
        let settings = RedisSettings::read(&mut reader);
        reader.finish(settings)
    }

    /// Reads where the store is, if it is a Redis or Valkey.
    pub(in crate::config) fn read(reader: &mut Reader) -> RedisSettings {
        RedisSettings {
            addresses: reader.list(&key::SESSION_STORE, words, StoreAddress::parse),
            database: 0,
            username: None,
            password: StorePassword::None,
            tls: StoreTls::default(),
            master: None,
            prefix: "cognito:".to_owned(),
        }
    }
}

/// Where the password of a store is.
#[derive(Debug, Clone)]
pub(crate) enum StorePassword {
    None,
    Text(Secret),
    /// In a file, which is read at each connect.
    File(PathBuf),
}

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
