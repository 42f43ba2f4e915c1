//! The pool's public keys.

use std::sync::Arc;

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::wire::{Silence, Wire};
use crate::clock::Clock;
use crate::config::{JwksSource, Settings};
use crate::telemetry::Counts;
use crate::token::Jwks;

const NAME: &str = "keys";

/// Fetches the keys as the app does. `pool_is_there` says whether the pool has answered.
pub(super) async fn check(settings: &Settings, wire: &Wire, pool_is_there: bool) -> Check {
    let source = &settings.pool.jwks;
    let is_at_pool = matches!(source, JwksSource::Url { url, .. } if url.ends_with("/.well-known/jwks.json"));
    if is_at_pool && !pool_is_there {
        return Check::left_out(NAME, "they are where the pool did not answer");
    }
    let counts = Arc::new(Counts::new(&Clock::default(), [], []));
    let jwks = Jwks::new(source.clone(), wire.http().clone(), &counts);
    let fetched = wire.within_budget(async { Ok::<_, Silence>(jwks.refresh().await) }).await;
    let reason = match fetched {
        Ok(Ok(())) => {
            let count = jwks.status().count;
            return Check::made(NAME, format!("{count} from {source}"), Vec::new());
        }
        Ok(Err(reason)) => reason,
        Err(silence) => silence.to_string(),
    };
    let remedy = source.remedy().unwrap_or_else(|| {
        "check `jwks_uri`, or `jwks`: each token is refused until there are keys".to_owned()
    });
    Check::made(NAME, "", vec![Finding::new(Code::KeysUnavailable, source.to_string(), reason, remedy)])
}
