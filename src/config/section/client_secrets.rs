//! `client_secret` and `client_secret_file`: the secrets of the app's own client.

use super::setting_file::file;
use super::situation::Situation;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::client_secret;
use crate::config::value::client_secret_file::ClientSecretFile;
use crate::crypto::Secret;

/// The secrets of an app client. Default: none, as a public client has.
#[derive(Debug, Clone, Default)]
pub(super) struct ClientSecretSettings {
    pub(super) newest: Option<Secret>,
    pub(super) older: Option<Secret>,
    /// Where both were read.
    pub(super) file: Option<ClientSecretFile>,
}

impl ClientSecretSettings {
    /// One secret, or two with the newest first. The local pool's secret belongs to its client, never to one that was
    /// configured.
    pub(super) fn read(
        reader: &mut Reader,
        situation: &Situation<'_>,
        user_pool_id: &str,
        client_id: Option<&str>,
    ) -> ClientSecretSettings {
        let given = [&key::CLIENT_ID, &key::CLIENT_SECRET, &key::CLIENT_SECRET_FILE];
        let default = situation.defaults.filter(|_| !given.iter().any(|key| reader.is_set(key)));
        let mut secrets = reader.list(&key::CLIENT_SECRET, |text| vec![text], client_secret::parse);
        if secrets.len() > 2 {
            reader.wrong(&key::CLIENT_SECRET, "has more than two secrets, and a client has two at most");
        }
        let from_file = file(reader, &key::CLIENT_SECRET_FILE, |path| {
            let file = ClientSecretFile::new(path, user_pool_id, client_id.unwrap_or_default());
            file.read().map(|secrets| (secrets, file))
        });
        if reader.is_set(&key::CLIENT_SECRET) && reader.is_set(&key::CLIENT_SECRET_FILE) {
            reader.refuse(
                &key::CLIENT_SECRET_FILE,
                "stands beside `client_secret`, and only one of them can count",
                "leave one of them out: `client_secret_file` is read again when the pool refuses the secret, so that the \
                 secret may change",
            );
        }
        let mut file = None;
        if let Some((read, from)) = from_file {
            (secrets, file) = (read, Some(from));
        }
        let mut secrets = secrets.into_iter();
        ClientSecretSettings {
            newest: secrets.next().or_else(|| default.and_then(|pool| pool.client_secret.clone())),
            older: secrets.next(),
            file,
        }
    }
}
