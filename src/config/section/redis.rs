//! Where a Redis or Valkey is, and how an app signs in there.

use std::fmt;
use std::path::PathBuf;

use figment::Figment;

use super::setting_file::{file, path};
use super::store_tls::StoreTls;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;
use crate::config::value::list::words;
use crate::config::value::store_address::{StoreAddress, StoreUrl};
use crate::config::value::store_name::names_servers;
use crate::config::value::text_file::read_text;
use crate::config::variable::remedy_at;
use crate::crypto::Secret;
use crate::error::{Error, Mistake};

const MAX_PASSWORD_BYTES: u64 = 1024 * 1024;
const MAX_NAME_BYTES: usize = 64;

/// The settings that say with what an app signs in.
const OF_CREDENTIALS: [&Key; 3] = [
    &key::SESSION_STORE_USERNAME.key,
    &key::SESSION_STORE_PASSWORD.key,
    &key::SESSION_STORE_PASSWORD_FILE.key,
];

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
    /// Where the addresses were read.
    origin: String,
    /// What is wrong if the app's code gives credentials, too.
    second_credentials: Vec<Mistake>,
}

/// Where the password of a store is.
#[derive(Debug, Clone)]
pub(crate) enum StorePassword {
    None,
    Text(Secret),
    /// In a file, which is read at each connect.
    File(PathBuf),
}

impl RedisSettings {
    /// Reads the settings of the store alone, for programs beside an app.
    ///
    /// # Errors
    /// When one of them is wrong, and when they name no Redis or Valkey.
    pub(crate) fn load(figment: &Figment) -> Result<RedisSettings, Error> {
        let mut reader = Reader::new(figment);
        let remedy = "session_store = \"redis://localhost:6379\"";
        let settings = match reader.value(&key::SESSION_STORE).map(names_servers) {
            Some(true) => Some(RedisSettings::read(&mut reader)),
            Some(false) => {
                reader.refuse(&key::SESSION_STORE, "names no Redis or Valkey", remedy);
                None
            }
            None => {
                reader.missing_with(&key::SESSION_STORE, remedy);
                None
            }
        };
        reader.finish(settings)?.ok_or_else(Error::internal)
    }

    /// Reads where the store is. After a mistake, anything stands in place of what is wrong.
    pub(super) fn read(reader: &mut Reader) -> RedisSettings {
        let urls = reader.list(&key::SESSION_STORE, words, StoreUrl::parse);
        let master = reader.parse(&key::SESSION_STORE_MASTER, parse_master);
        if !reader.is_wrong(&key::SESSION_STORE) {
            check_list(reader, &urls);
        }
        let (username, password) = credentials(reader, &urls);
        let has_tls = urls.iter().any(|url| url.address.has_tls());
        RedisSettings {
            username,
            password,
            tls: StoreTls::read(reader, has_tls),
            database: urls.iter().find_map(|url| url.database).unwrap_or_default(),
            prefix: prefix(reader),
            second_credentials: second_credentials(reader, &urls),
            addresses: urls.into_iter().fold(Vec::new(), |mut unique, url| {
                if !unique.contains(&url.address) {
                    unique.push(url.address);
                }
                unique
            }),
            master,
            origin: reader.origin(key::SESSION_STORE.name),
        }
    }

    /// Checks that the app's code gives no credentials beside those of the settings. `are_given`: it gives some.
    ///
    /// # Errors
    /// When both give some.
    pub(crate) fn check_credentials(&self, are_given: bool) -> Result<(), Error> {
        match are_given && !self.second_credentials.is_empty() {
            true => Err(Error::settings(self.second_credentials.clone())),
            false => Ok(()),
        }
    }

    /// The error of a launch where what is there is not what the settings describe.
    pub(crate) fn refused(&self, problem: &str, remedy: &str) -> Error {
        Error::settings(vec![mistake(&key::SESSION_STORE, self.origin.clone(), problem, remedy)])
    }

    /// The first address to which everything goes in clear, beyond this machine.
    pub(crate) fn readable_on_the_way(&self) -> Option<&StoreAddress> {
        self.addresses.iter().find(|address| address.is_readable_on_the_way())
    }
}

/// The addresses, as in logs.
impl fmt::Display for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.addresses.iter().enumerate() {
            write!(f, "{}{address}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// Checks that the URLs of a list go together.
fn check_list(reader: &mut Reader, urls: &[StoreUrl]) {
    let differs = |field: fn(&StoreUrl) -> Option<String>| {
        let mut values = urls.iter().filter_map(field);
        let first = values.next();
        values.any(|value| Some(&value) != first.as_ref())
    };
    let is_unix = |url: &StoreUrl| matches!(url.address, StoreAddress::Unix(_));
    let problem = if urls.len() > 1 && urls.iter().any(is_unix) {
        "has a socket (`unix:`) in a list, and the nodes of a list are on several machines"
    } else if differs(|url| Some(url.address.has_tls().to_string())) {
        "has URLs with TLS (`rediss://`, `valkeys://`) and without: all nodes of a list are reached in one way"
    } else if differs(|url| url.database.map(|number| number.to_string())) {
        "names several databases, and sessions lie in one"
    } else if differs(|url| url.username.clone())
        || differs(|url| url.password.as_ref().map(|password| password.expose().to_owned()))
    {
        "names several users or passwords, and one has to serve at all nodes"
    } else if urls.len() > 1
        && urls.iter().any(|url| url.database.is_some_and(|number| number > 0))
        && !reader.is_set(&key::SESSION_STORE_MASTER)
    {
        "names a database other than 0 for a Cluster, which has none"
    } else {
        return;
    };
    reader.wrong(&key::SESSION_STORE, problem);
}

/// User name and password: of the settings, or of the URL.
fn credentials(reader: &mut Reader, urls: &[StoreUrl]) -> (Option<String>, StorePassword) {
    let of_url =
        (urls.iter().find_map(|url| url.username.clone()), urls.iter().find_map(|url| url.password.clone()));
    let username = reader.parse(&key::SESSION_STORE_USERNAME, |text| Ok::<_, String>(text.to_owned()));
    let text = reader.parse(&key::SESSION_STORE_PASSWORD, |text| Ok::<_, String>(Secret::new(text)));
    let file = password_file(reader);
    for (key, is_in_url, what) in [
        (&key::SESSION_STORE_USERNAME.key, of_url.0.is_some(), "a user name"),
        (&key::SESSION_STORE_PASSWORD.key, of_url.1.is_some(), "a password"),
        (&key::SESSION_STORE_PASSWORD_FILE.key, of_url.1.is_some(), "a password"),
    ] {
        if is_in_url && reader.is_set(key) {
            let problem =
                format!("is set, and the URL in `session_store` has {what}, too: only one of them can count");
            let remedy = format!("leave `{}` out, or take {what} out of `session_store`", key.name);
            reader.refuse(key, problem, &remedy);
        }
    }
    let [by_name, by_text, by_file] = OF_CREDENTIALS.map(|key| reader.is_set(key));
    if by_text && by_file {
        reader.refuse(
            &key::SESSION_STORE_PASSWORD_FILE,
            "stands beside `session_store_password`, and only one of them can count",
            "leave one of them out: `session_store_password_file` is read at each connect, so that the password may change",
        );
    }
    let has_password = by_text || by_file || of_url.1.is_some();
    if !has_password && (by_name || of_url.0.is_some()) {
        let (key, problem) = match by_name {
            true => (&key::SESSION_STORE_USERNAME.key, "is set, and there is no password for this user"),
            false => (&key::SESSION_STORE.key, "has a user name, and there is no password for this user"),
        };
        reader.refuse(key, problem, key::SESSION_STORE_PASSWORD.remedy);
    }
    let password = match (text.or(of_url.1), file) {
        (Some(password), _) => StorePassword::Text(password),
        (None, Some(path)) => StorePassword::File(path),
        (None, None) => StorePassword::None,
    };
    (username.or(of_url.0), password)
}

/// The file of the password, which has one in it at launch. It is read at each connect.
fn password_file(reader: &mut Reader) -> Option<PathBuf> {
    let key = &key::SESSION_STORE_PASSWORD_FILE;
    file(reader, key, |file| match read_text(file, MAX_PASSWORD_BYTES)?.trim_end_matches(['\r', '\n']) {
        "" => Err("is empty".into()),
        line if line.contains(['\r', '\n']) => Err("has more than one line".into()),
        _ => Ok(()),
    })?;
    path(reader, key)
}

/// What is wrong with the settings if the app's code gives credentials.
fn second_credentials(reader: &Reader, urls: &[StoreUrl]) -> Vec<Mistake> {
    let problem =
        "is set, and the app's code gives the fairing `store_credentials`: only one of them can count";
    let set = OF_CREDENTIALS.into_iter().filter(|key| reader.is_set(key)).map(|key| {
        let remedy = format!("leave `{}` out, or take `store_credentials` out of the app's code", key.name);
        mistake(key, reader.origin(key.name), problem, &remedy)
    });
    let in_url = urls.iter().any(|url| url.username.is_some() || url.password.is_some()).then(|| {
        let problem = "has a user name or password, and the app's code gives the fairing `store_credentials`: only one of them \
                       can count";
        let remedy = "take it out of the URL in `session_store`, or take `store_credentials` out of the app's code";
        mistake(&key::SESSION_STORE, reader.origin(key::SESSION_STORE.name), problem, remedy)
    });
    set.chain(in_url).collect()
}

fn mistake(key: &Key, origin: String, problem: &str, remedy: &str) -> Mistake {
    let remedy = remedy_at(&origin, remedy);
    Mistake { key: key.name.into(), problem: problem.into(), expected: key.expected.into(), remedy, origin }
}

/// A name by the grammar of Sentinels.
fn parse_master(text: &str) -> Result<String, String> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    match text.len() <= MAX_NAME_BYTES && text.bytes().all(is_letter) {
        true => Ok(text.to_owned()),
        false => Err("is not the name of a primary: 1 to 64 letters, digits, `.`, `-` and `_`".into()),
    }
}

fn prefix(reader: &mut Reader) -> String {
    let setting = &key::SESSION_STORE_PREFIX;
    if reader.is_empty_text(setting) {
        let problem = "is empty: keys without a beginning of their own may meet those of another app";
        reader.refuse(setting, problem, setting.remedy);
    }
    reader.parse_or_default(setting, |text| {
        if text.contains(['{', '}']) {
            return Err("has a brace: in a Cluster all keys with one `{…}` lie at one node".into());
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b":._~/-".contains(&byte);
        match text.len() <= MAX_NAME_BYTES && text.bytes().all(is_letter) {
            true => Ok(text.to_owned()),
            false => Err("is not 1 to 64 letters, digits, and `:._~/-`".into()),
        }
    })
}
