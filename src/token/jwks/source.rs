//! Reads keys from where the settings say that they are.

use std::path::Path;
use std::time::Duration;

use crate::config::JwksSource;
use crate::http::HttpClient;
use crate::telemetry::{CallResult, Counts, PoolEndpoint};
use crate::token::key_set::KeySet;

const DEADLINE: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 256 * 1024;

/// The keys, and how long the answer says that it is fresh; or why there are none.
pub(super) type Fetched = Result<(KeySet, Option<Duration>), NoKeys>;

/// Why there are no keys.
pub(super) struct NoKeys {
    pub(super) reason: String,
    /// Whether the server says so: Cognito answers one of these for a pool that does not exist.
    pub(super) is_refused: bool,
}

impl From<String> for NoKeys {
    fn from(reason: String) -> Self {
        NoKeys { reason, is_refused: false }
    }
}

pub(super) async fn fetch(source: &JwksSource, http: &HttpClient, counts: &Counts) -> Fetched {
    match source {
        JwksSource::Url { url, .. } => {
            let call = counts.pool_call(PoolEndpoint::Jwks);
            let fetched = download(url, http).await;
            call.finish(match &fetched {
                Ok(_) => CallResult::Ok,
                Err(NoKeys { is_refused: true, .. }) => CallResult::Refused,
                Err(_) => CallResult::Failed,
            });
            fetched
        }
        JwksSource::File(path) => parse(&read_file(path).await?, None),
        JwksSource::Inline(keys) => parse(keys.json.as_bytes(), None),
    }
}

async fn download(url: &str, http: &HttpClient) -> Fetched {
    let answer = http.get(url, None, DEADLINE, MAX_BYTES).await.map_err(|e| e.to_string())?;
    if answer.status != 200 {
        let reason = format!("it answered with status {}", answer.status);
        return Err(NoKeys { reason, is_refused: matches!(answer.status, 400 | 403 | 404) });
    }
    parse(&answer.body, answer.max_age)
}

fn parse(body: &[u8], max_age: Option<Duration>) -> Fetched {
    KeySet::parse(body).map(|keys| (keys, max_age)).map_err(|error| error.to_string().into())
}

async fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = tokio::fs::metadata(path).await.map_err(|error| error.to_string())?;
    if metadata.len() > MAX_BYTES as u64 {
        return Err("it is larger than 256 KiB".to_owned());
    }
    tokio::fs::read(path).await.map_err(|error| error.to_string())
}
