//! A pool before it serves: as its settings say, or as it was when it stopped.

use super::config::LocalPoolConfig;
use super::endpoint;
use super::state::{KeyRing, Pool, SavedPool};
use super::state_file::StateFile;
use crate::error::Error;

/// The pool of these settings, with its state and the file that this is from.
pub(super) fn open(config: LocalPoolConfig) -> Result<(Pool, Option<StateFile>), Error> {
    let no_keys = |_| Error::local_pool("the local pool could not generate its signing keys");
    let paths = endpoint::paths(&config.user_pool_id);
    let Some(path) = &config.state else {
        let keys = KeyRing::of_process(&config.user_pool_id).map_err(no_keys)?;
        return Ok((Pool::new(config, keys, paths), None));
    };
    let file = StateFile::open(path)?;
    let saved =
        file.read()?.map(|content| SavedPool::read(&content, &config).map_err(|problem| file.wrong(problem)));
    let pool = Pool::restored(config, saved.transpose()?, paths)
        .map_err(|_| file.wrong("has signing keys that cannot be read: move the file away"))?;
    Ok((pool, Some(file)))
}
