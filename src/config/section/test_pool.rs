//! The settings of an app under test: its own, but for what leads out of the process.

use figment::Figment;
use figment::providers::Env;
use figment::value::Value;
use rocket::figment::providers::{Format, Toml};

use super::level_names::LevelNames;
use super::local_pool::LocalPoolDefaults;
use super::store::OF_REDIS;
use crate::config::key;

/// What the pool of a test decides, and secrets, which no test should need.
const LEFT_OUT: [&str; 12] = [
    key::LOCAL_POOL.key.name,
    key::DISABLED.key.name,
    key::DISABLED_USER.key.name,
    key::DISABLED_HOSTS.key.name,
    key::SERVER_DOMAIN.key.name,
    key::JWKS.key.name,
    key::JWKS_URI.key.name,
    key::HTTP_PROXY.key.name,
    key::CLIENT_SECRET.key.name,
    key::CLIENT_SECRET_FILE.key.name,
    key::SECRET_KEYS.key.name,
    key::SECRET_KEYS_FILE.key.name,
];

/// The app's settings without those that a test has no use for; sessions in a store lie in memory.
pub(crate) fn for_test(figment: &Figment) -> Figment {
    // Rocket's own key would stand in for `secret_keys`.
    let figment = figment.clone().merge(("secret_key", None::<()>));
    let figment = without_environment(figment);
    let left_out = LEFT_OUT.into_iter().chain(OF_REDIS.map(|key| key.name));
    let figment = left_out.fold(figment, |figment, name| figment.merge((own(name), None::<()>)));
    let store = figment.find_value(&own(key::SESSION_STORE.key.name)).ok();
    let has_store = store.is_some_and(|store| match store {
        Value::Empty(..) => false,
        Value::String(_, text) => !text.trim().is_empty(),
        _ => true,
    });
    if has_store { figment.merge((own(key::SESSION_STORE.key.name), "memory")) } else { figment }
}

/// With what the file says in the place of what the table `ROCKET_COGNITO={…}` does, which Rocket itself has read.
fn without_environment(figment: Figment) -> Figment {
    let table = |figment: &Figment| figment.find_value("cognito").ok().and_then(Value::into_dict);
    let is_of_environment = |value: &Value| {
        let metadata = figment.get_metadata(value.tag());
        metadata.is_some_and(|metadata| metadata.name.contains("environment variable"))
    };
    let all = table(&figment).unwrap_or_default();
    let names: Vec<_> = all.iter().filter(|(_, value)| is_of_environment(value)).collect();
    if names.is_empty() {
        return figment;
    }
    let path = Env::var_or("ROCKET_CONFIG", "Rocket.toml");
    let file = Figment::from(Toml::file(path).nested()).select(figment.profile().clone());
    let given = table(&file).unwrap_or_default();
    names.into_iter().fold(figment.clone(), |figment, (name, _)| figment.merge((own(name), given.get(name))))
}

fn own(name: &str) -> String {
    format!("cognito.{name}")
}

/// Fills in what is not set. Nobody is called there.
pub(crate) fn stand_in() -> LocalPoolDefaults {
    LocalPoolDefaults {
        base_url: "https://pool.test".into(),
        server_url: "https://pool.test".into(),
        user_pool_id: "eu-west-1_TestPool".into(),
        client_id: "testclient".into(),
        client_secret: None,
        level_names: LevelNames::default(),
    }
}
