//! All settings, in sections, and how they are read.

#[cfg(feature = "testing")]
use std::sync::Arc;

use figment::Figment;
use figment::value::Value;

use super::key;
use super::reader::Reader;
use super::section::accepted_clients::AcceptedClients;
use super::section::bearer::BearerSettings;
use super::section::client::OwnClient;
use super::section::cookies::CookieSettings;
use super::section::disabled::{self, Disabled};
#[cfg(feature = "testing")]
use super::section::jwks::JwksSource;
use super::section::local_pool::{LocalPoolDefaults, LocalPoolTable};
use super::section::pool::PoolSettings;
use super::section::redirect_urls::RedirectUrls;
use super::section::routes::Routes;
use super::section::secret_keys::KeySettings;
use super::section::session::SessionSettings;
use super::section::sign_in::SignInSettings;
use super::section::situation::Situation;
use super::section::store::StoreSettings;
#[cfg(feature = "testing")]
use super::section::test_pool;
use super::section::{local_pool, trusted_origins, unsafe_modes};
use super::value::path;
#[cfg(feature = "testing")]
use crate::crypto::Secret;
use crate::error::Error;
#[cfg(feature = "testing")]
use crate::http::Offline;

/// Every setting, checked. Nothing further down asks Figment anything.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) pool: PoolSettings,
    /// `None` where the app only accepts the tokens of other clients.
    pub(crate) client: Option<OwnClient>,
    /// `None` where nobody signs in, and bearer tokens alone are accepted.
    pub(crate) sign_in: Option<SignInSettings>,
    pub(crate) cookies: CookieSettings,
    pub(crate) session: SessionSettings,
    pub(crate) store: StoreSettings,
    pub(crate) bearer: BearerSettings,
    pub(crate) keys: KeySettings,
    /// Whose pages may send unsafe requests, beside those at the callbacks; as in `Origin`.
    pub(crate) trusted_origins: Vec<String>,
    /// In disabled mode: then the pool above may be a stand-in, and nobody is to call it.
    pub(crate) disabled: Option<Disabled>,
    /// Whether this is a profile for development or tests.
    pub(crate) allows_unsafe_modes: bool,
}

/// What the settings are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    App,
    /// A client without an app: what an app would need beside pool and client may be missing.
    Client,
    /// An app with the pool of a test, which fills in what is not set.
    #[cfg(feature = "testing")]
    Test,
}

impl Settings {
    /// Reads and checks every setting of the app's whole `figment`. A local pool, or disabled mode, fills in what is
    /// not set.
    pub(crate) fn load(figment: &Figment, pool: Option<&LocalPoolDefaults>) -> Result<Settings, Error> {
        let mut reader = Reader::new(figment);
        let settings = read(&mut reader, figment, pool, Purpose::App);
        reader.finish(settings)
    }

    /// Reads the settings of an app under test: its own, but for those that lead out of the process. No
    /// environment is read, and no secret is needed. `pool` answers calls, and signs with keys of `jwks`.
    #[cfg(feature = "testing")]
    pub(crate) fn load_for_test(
        figment: &Figment,
        pool: Arc<dyn Offline>,
        jwks: String,
    ) -> Result<Settings, Error> {
        let figment = &test_pool::for_test(figment);
        let mut reader = Reader::without_environment(figment);
        if !unsafe_modes::allowed(&mut reader) {
            return Err(Error::test_pool(reader.profile()));
        }
        let settings = read(&mut reader, figment, None, Purpose::Test);
        let mut settings = reader.finish(settings)?;
        settings.pool.jwks = JwksSource::made(jwks);
        settings.pool.offline = Some(pool);
        if let Some(client) = &mut settings.client {
            // Nobody asks for it; without one, some calls would not get as far as to find nobody there.
            client.secret = Some(Secret::new("a test's"));
        }
        // No test misses them at the next launch.
        settings.keys.are_random = false;
        Ok(settings)
    }

    /// Reads the settings of a client without an app, which needs pool and client only.
    pub(crate) fn load_for_client(figment: &Figment) -> Result<Settings, Error> {
        let mut reader = Reader::new(figment);
        let settings = read(&mut reader, figment, None, Purpose::Client);
        reader.finish(settings)
    }

    /// Reads the settings that a program gives for a client without an app, and no environment.
    pub(crate) fn load_given(figment: &Figment) -> Result<Settings, Error> {
        let mut reader = Reader::without_environment(figment);
        let settings = read(&mut reader, figment, None, Purpose::Client);
        reader.finish(settings)
    }
}

/// What `local_pool` holds, where it may run. `None`: it is off.
///
/// An error reports the mistakes in all the other settings too.
pub(crate) fn local_pool(figment: &Figment) -> Result<Option<LocalPoolTable>, Error> {
    let mut reader = Reader::new(figment);
    let may_run = unsafe_modes::allowed(&mut reader);
    let origin = reader.origin(key::LOCAL_POOL.name);
    let pool = local_pool::requested(&mut reader, may_run).map(|value| LocalPoolTable { value, origin });
    // A pool was meant, so what it would have filled in is not missing.
    let meant = !matches!(reader.value(&key::LOCAL_POOL), None | Some(Value::Bool(_, false)));
    let stand_in = meant.then(local_pool::stand_in);
    reader.finish(pool).map_err(|error| Settings::load(figment, stand_in.as_ref()).err().unwrap_or(error))
}

/// Goes on after a mistake, with anything in place of what is wrong.
fn read(
    reader: &mut Reader,
    figment: &Figment,
    pool: Option<&LocalPoolDefaults>,
    purpose: Purpose,
) -> Settings {
    let allows_unsafe_modes = unsafe_modes::allowed(reader);
    let has_local_pool = local_pool::requested(reader, allows_unsafe_modes).is_some();
    let disabled = disabled::requested(reader, allows_unsafe_modes, has_local_pool);
    if purpose == Purpose::Client {
        local_pool::refuse_without_app(reader, has_local_pool);
        disabled::refuse_without_app(reader);
    }
    let local_pool = pool.filter(|_| disabled.is_none());
    if let Some(pool) = local_pool.filter(|_| !reader.is_wrong(&key::LOCAL_POOL)) {
        local_pool::refuse_another_pool(reader, pool);
    }
    let routes = Routes::read(reader);
    let is_filled_in = disabled.is_some() || (purpose == Purpose::Client && has_local_pool);
    let stand_in = is_filled_in.then(disabled::stand_in);
    #[cfg(feature = "testing")]
    let stand_in = if purpose == Purpose::Test { Some(test_pool::stand_in()) } else { stand_in };
    let is_client = purpose == Purpose::Client;
    let proposes_local_pool = !is_client && allows_unsafe_modes && !reader.is_wrong(&key::LOCAL_POOL);
    let first_step = proposes_local_pool.then(|| local_pool::first_step(reader));
    reader.lead(first_step.as_deref());
    let situation = Situation {
        allows_unsafe_modes,
        first_step,
        is_disabled: disabled.is_some(),
        signs_in: !is_client && (disabled.is_some() || routes.signs_in(reader)),
        local_pool,
        defaults: local_pool.or(stand_in.as_ref()),
    };

    let pool = PoolSettings::read(reader, &situation);
    let mount = reader.parse_or_default(&key::MOUNT, path::mount);
    let redirect_urls = RedirectUrls::read(reader, &situation, figment, &mount);
    let sign_in = SignInSettings::read(reader, routes, mount, redirect_urls.first.as_ref());
    let cookies = CookieSettings::read(reader, &redirect_urls);
    let session = SessionSettings::read(reader);
    let store = StoreSettings::read(reader, &situation);
    let keys = KeySettings::read(reader, &situation, figment);
    store.check_keys(reader, &keys, &situation);
    let others = AcceptedClients::read(reader);
    let client = OwnClient::read(
        reader,
        &situation,
        &pool.user_pool_id,
        others.suffice(),
        redirect_urls,
        &sign_in.public_prefix,
    );
    let bearer = BearerSettings::read(reader, client.as_ref(), others);
    bearer.check_pool_metadata(reader, pool.domain.is_some());
    let sign_in = situation.signs_in.then_some(sign_in);
    let trusted_origins = trusted_origins::read(reader);
    Settings {
        pool,
        client,
        sign_in,
        cookies,
        session,
        store,
        bearer,
        keys,
        trusted_origins,
        disabled,
        allows_unsafe_modes,
    }
}
