//! The quickstart in a process of its own, with a pool of the tests' own or the embedded one.

use crate::support::free_port;
use crate::support::pool::Pool;
use crate::support::quickstart::Quickstart;

fn spawn(pool: &Pool, variables: &[(&str, &str)]) -> Quickstart {
    let port = free_port();
    let name = |key: &str| format!("ROCKET_COGNITO_{}", key.to_ascii_uppercase());
    let settings: Vec<_> = pool.settings(port).into_iter().map(|(key, value)| (name(key), value)).collect();
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Quickstart::spawn(port, &settings.chain(variables.iter().copied()).collect::<Vec<_>>())
}

/// Starts it with settings for `pool`, and these variables over them, and waits until it serves.
pub async fn with_pool(pool: &Pool, variables: &[(&str, &str)]) -> Quickstart {
    spawn(pool, variables).launched().await
}

/// The same where it refuses to launch; what it wrote.
pub async fn refused(pool: &Pool, variables: &[(&str, &str)]) -> String {
    let (status, output) = spawn(pool, variables).ended().await;
    assert!(!status.success());
    output
}

/// Starts it with a pool of its own and waits until it serves.
pub async fn with_local_pool(variables: &[(&str, &str)]) -> Quickstart {
    let pool = format!("{{port={}}}", free_port());
    let variables = [&[("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())], variables].concat();
    Quickstart::spawn(free_port(), &variables).launched().await
}
