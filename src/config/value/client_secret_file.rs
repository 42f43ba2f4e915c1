//! The file that client secrets lie in, which is replaced when they rotate.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::client_secret::parse;
use super::text_file::{lines, read_text, without_mark};
use crate::crypto::Secret;

/// Two secrets take less, and so does what Secrets Manager stores.
const MAX_BYTES: u64 = 16 * 1024;

/// Where the secrets of an app client lie, and whose they are.
#[derive(Debug, Clone)]
pub(crate) struct ClientSecretFile {
    path: PathBuf,
    /// Empty where it is not known.
    user_pool_id: String,
    /// Empty where it is not known.
    client_id: String,
}

/// What Secrets Manager stores of a client secret that it rotates, and what its command line prints around that.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    user_pool_id: Option<String>,
    user_pool_client_id: Option<String>,
    client_secret_value: Option<Secret>,
    #[serde(rename = "SecretString")]
    secret_string: Option<Secret>,
}

impl ClientSecretFile {
    /// The file at `path`, for this client of this pool.
    pub(crate) fn new(path: &Path, user_pool_id: &str, client_id: &str) -> Self {
        ClientSecretFile {
            path: path.to_owned(),
            user_pool_id: user_pool_id.to_owned(),
            client_id: client_id.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads one secret or two, the newest first. This may wait for a disk. The error says what is wrong with the file,
    /// and shows no secret.
    pub(crate) fn read(&self) -> Result<Vec<Secret>, String> {
        let text = read_text(&self.path, MAX_BYTES)?;
        let text = without_mark(&text);
        if text.trim_start().starts_with('{') {
            return Ok(vec![self.of_json(text)?]);
        }
        let secrets: Vec<_> = lines(text).enumerate().map(of_line).collect();
        match secrets.len() {
            0 => Err("is empty".into()),
            1 | 2 => secrets.into_iter().collect(),
            _ => Err("has more than two lines, and a client has two secrets at most".into()),
        }
    }

    fn of_json(&self, json: &str) -> Result<Secret, String> {
        // The error would quote what is secret.
        let stored: Stored = serde_json::from_str(json)
            .map_err(|_| "begins with `{`, and is no JSON object as Secrets Manager has it".to_owned())?;
        for (whose, field, id, setting, own) in [
            ("user pool", "userPoolId", &stored.user_pool_id, "user_pool_id", &self.user_pool_id),
            ("app client", "userPoolClientId", &stored.user_pool_client_id, "client_id", &self.client_id),
        ] {
            if let Some(id) = id.as_ref().filter(|id| *id != own && !own.is_empty()) {
                let id: String = id.chars().take(128).collect();
                return Err(format!(
                    "is of another {whose}: its `{field}` is {id:?}, and `{setting}` is {own:?}"
                ));
            }
        }
        match (stored.client_secret_value, stored.secret_string) {
            (Some(secret), _) => {
                parse(secret.expose()).map_err(|problem| format!("has a `clientSecretValue` that {problem}"))
            }
            (None, Some(_)) => {
                Err("is a whole answer of Secrets Manager: write its `SecretString` alone into the file, by \
                                    `--query SecretString --output text`"
                    .into())
            }
            (None, None) => Err("is JSON without `clientSecretValue`".into()),
        }
    }
}

fn of_line((index, line): (usize, &str)) -> Result<Secret, String> {
    parse(line).map_err(|problem| format!("has a line {} that {problem}", index + 1))
}
