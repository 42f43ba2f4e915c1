//! Reads keys from where the settings say that they are.

use std::path::Path;
use std::time::Duration;

use crate::config::JwksSource;
use crate::http::HttpClient;
use crate::token::key_set::KeySet;

const DEADLINE: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 256 * 1024;

/// The keys, and how long the answer says that it is fresh; or why there are none.
pub(super) type Fetched = Result<(KeySet, Option<Duration>), String>;

pub(super) async fn fetch(source: &JwksSource, http: &HttpClient) -> Fetched {
    let (body, max_age) = match source {
        JwksSource::Url(url) => {
            let answer = http.get(url, None, DEADLINE, MAX_BYTES).await.map_err(|e| e.to_string())?;
            if answer.status != 200 {
                return Err(format!("it answered with status {}", answer.status));
            }
            (answer.body, answer.max_age)
        }
        JwksSource::File(path) => (read_file(path).await?, None),
        JwksSource::Inline(keys) => (keys.json.as_bytes().to_vec(), None),
    };
    KeySet::parse(&body).map(|keys| (keys, max_age)).map_err(|error| error.to_string())
}

async fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = tokio::fs::metadata(path).await.map_err(|error| error.to_string())?;
    if metadata.len() > MAX_BYTES as u64 {
        return Err("it is larger than 256 KiB".to_owned());
    }
    tokio::fs::read(path).await.map_err(|error| error.to_string())
}
