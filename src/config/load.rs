//! Puts the settings together, with what follows from one another.

use figment::Figment;

use super::bearer::Bearer;
use super::client::Clients;
use super::pool_id::PoolId;
use super::reader::{Reader, words};
use super::redirect_url::RedirectUrl;
use super::routes::Paths;
use super::url::HttpUrl;
use super::{
    bearer, cookie_key, disabled, domain, jwks, key, local_pool, path, pool_id, proxy, reader, redirect_url,
    routes, scopes, session, unsafe_modes, url,
};
use crate::config::{LocalPoolDefaults, SameSite, Settings, TokenCache};
use crate::crypto::Secret;
use crate::error::Error;

/// 400 days: browsers cut anything longer down to that.
pub(super) const MAX_COOKIE_AGE: u64 = 400 * 86_400;

/// Beyond this a leeway no longer bridges clocks, but keeps expired tokens alive.
const MAX_LEEWAY: u64 = 600;

/// Beside `redirect_url`: Cognito registers up to 100 callbacks for a client.
const MAX_FURTHER_REDIRECT_URLS: usize = 99;

const MAX_SECRET_KEYS: usize = 5;

/// More than any instance serves at once.
const MAX_CACHE_ENTRIES: u64 = 10_000_000;
const MAX_CACHE_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// What the settings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    App,
    /// Whatever an app would need beside pool and client may be missing.
    Client,
}

/// Names stand in every request.
const MAX_COOKIE_SUFFIX: usize = 32;

impl Settings {
    /// Reads and checks every setting of the app's whole `figment`. A local pool, or disabled mode, fills in what is
    /// not set.
    pub(crate) fn load(figment: &Figment, pool: Option<&LocalPoolDefaults>) -> Result<Settings, Error> {
        let mut reader = Reader::new(figment);
        let settings = Settings::read(&mut reader, figment, pool, Purpose::App);
        reader.finish(settings)
    }

    /// As [`load`](Self::load), for a client without an app: it needs pool and client only.
    pub(crate) fn load_for_client(figment: &Figment) -> Result<Settings, Error> {
        let mut reader = Reader::new(figment);
        let settings = Settings::read(&mut reader, figment, None, Purpose::Client);
        reader.finish(settings)
    }

    /// The same of what a program says, without the environment.
    pub(crate) fn load_given(figment: &Figment) -> Result<Settings, Error> {
        let mut reader = Reader::without_environment(figment);
        let settings = Settings::read(&mut reader, figment, None, Purpose::Client);
        reader.finish(settings)
    }

    /// Goes on after a mistake, with anything in place of what is wrong.
    fn read(
        reader: &mut Reader,
        figment: &Figment,
        pool: Option<&LocalPoolDefaults>,
        purpose: Purpose,
    ) -> Settings {
        let unsafe_modes = unsafe_modes::allowed(reader);
        let has_local_pool = local_pool::requested(reader, unsafe_modes).is_some();
        let disabled = disabled::requested(reader, unsafe_modes, has_local_pool);
        let running = pool.filter(|_| disabled.is_none());
        let is_filled_in = disabled.is_some() || (purpose == Purpose::Client && has_local_pool);
        let stand_in = is_filled_in.then(disabled::stand_in);
        let pool = running.or(stand_in.as_ref());

        if purpose == Purpose::Client {
            local_pool::refuse_without_app(reader, has_local_pool);
            disabled::refuse_without_app(reader);
        }
        if let Some(pool) = running.filter(|_| !reader.is_wrong(&key::LOCAL_POOL)) {
            refuse_another_pool(reader, pool);
        }
        let routes = routes::routes(reader);
        let signs_in = purpose == Purpose::App && (disabled.is_some() || routes::sign_in(reader, routes));
        let pool_id = user_pool_id(reader, pool);
        // After a mistake in the pool id any region serves to check the domain with.
        let region = pool_id.as_ref().map_or("us-east-1", |pool_id| &pool_id.region);
        let clients = Clients::read(reader, pool, signs_in);
        let base_url = pool.map(|pool| pool.base_url.as_str());
        let domain = reader
            .read(&key::DOMAIN, signs_in || pool.is_some(), base_url, |text| domain::normalise(text, region));
        let issuers = issuers(reader, running, pool_id.as_ref());
        let jwks = jwks::source(reader, &issuers);

        let mount = reader.parse(&key::MOUNT, path::mount).unwrap_or_else(|| "/auth".into());
        let redirect = match disabled.is_some() && !reader.is_set(&key::REDIRECT_URL) {
            // Nobody is sent away to come back.
            true => None,
            false => redirect_url(reader, figment, pool, &mount, signs_in),
        };
        let callback_path = callback_path(reader, redirect.as_ref(), &mount);
        let redirect_urls = redirect_urls(reader, redirect.as_ref());
        let origin = redirect.as_ref().map(HttpUrl::origin).unwrap_or_default();
        let public_prefix = redirect.as_ref().and_then(|url| url.path.strip_suffix(&callback_path));
        let public_prefix = public_prefix.unwrap_or_default().to_owned();
        let home = redirect
            .as_ref()
            .map_or("http://localhost/".into(), |url| format!("{}{public_prefix}/", url.origin()));
        let home = pool.map(|_| home.as_str());
        let logout_url = reader.read(&key::LOGOUT_URL, signs_in, home, HttpUrl::parse);
        let paths = routes::paths(reader, routes, &public_prefix, &mount, &callback_path);
        let login_redirect = login_redirect(reader, &public_prefix, &paths);

        let may_be_random = unsafe_modes || disabled.is_some() || !signs_in;
        let (secret_keys, are_random) = secret_keys(reader, figment, may_be_random);
        let scopes = scopes(reader);
        let cookie_domain =
            reader.parse(&key::COOKIE_DOMAIN, |text| parse_cookie_domain(text, &redirect_urls));
        let cookie_samesite = same_site(reader, redirect.as_ref());
        let refresh_flow_enabled = reader.flag(&key::REFRESH_FLOW_ENABLED, false);
        let limits = session::limits(reader);
        let cookie_suffix = reader.parse(&key::COOKIE_SUFFIX, parse_cookie_suffix);

        Settings {
            user_pool_id: pool_id.map(|pool_id| pool_id.text).unwrap_or_default(),
            client_id: clients.id,
            has_own_client: clients.has_own,
            client_secret: clients.secret,
            domain,
            signs_in,
            redirect_url: redirect.map(|url| url.text).unwrap_or_default(),
            redirect_urls,
            origin,
            public_prefix,
            callback_path,
            logout_url: logout_url.map(|url| url.text).unwrap_or_default(),
            secret_keys,
            secret_keys_are_random: are_random && signs_in,
            scopes,
            cookie_age_seconds: reader.number(&key::COOKIE_AGE_SECONDS, 1..=MAX_COOKIE_AGE, 1800),
            expiration_leeway: reader.number(&key::EXPIRATION_LEEWAY, 0..=MAX_LEEWAY, 30),
            cookie_domain,
            cookie_samesite,
            refresh_flow_enabled,
            refresh_cookie_encrypted: reader.flag(&key::REFRESH_COOKIE_ENCRYPTED, true),
            refresh_cookie_age_seconds: reader.number(
                &key::REFRESH_COOKIE_AGE_SECONDS,
                1..=MAX_COOKIE_AGE,
                86_400,
            ),
            auto_refresh: session::auto_refresh(reader, refresh_flow_enabled),
            refresh_ahead_seconds: reader.number(&key::REFRESH_AHEAD_SECONDS, 0..=3600, 90),
            session_idle_seconds: limits.idle,
            session_max_seconds: limits.max,
            limits_sessions: limits.are_set,
            cookie_suffix,
            issuers,
            jwks,
            // The embedded pool is on this machine.
            http_proxy: proxy::read(reader).filter(|_| running.is_none()),
            require_keys_at_launch: reader.flag(&key::REQUIRE_KEYS_AT_LAUNCH, false) && disabled.is_none(),
            client_ids: clients.accepted,
            accepted_audiences: bearer::accepted_audiences(reader),
            bearer: Bearer::read(reader),
            check_expiration: bearer::check_expiration(reader, unsafe_modes),
            token_cache: TokenCache {
                entries: reader.number(&key::TOKEN_CACHE_ENTRIES, 0..=MAX_CACHE_ENTRIES, 10_000),
                bytes: reader.number(&key::TOKEN_CACHE_BYTES, 65_536..=MAX_CACHE_BYTES, 32 * 1024 * 1024),
            },
            mount,
            routes,
            paths,
            login_redirect,
            disabled,
        }
    }
}

/// Half of one pool and half of another would let nobody in.
fn refuse_another_pool(reader: &mut Reader, pool: &LocalPoolDefaults) {
    for key in [&key::DOMAIN, &key::ISSUER, &key::JWKS_URI, &key::JWKS] {
        let is_own = |text: &str| {
            let rest = text.strip_prefix(&pool.base_url);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // The pool makes its keys when it starts.
        let is_another = match key.name == key::JWKS.name {
            true => reader.is_set(key),
            false => reader.parse(key, |text| Ok(!is_own(text))).unwrap_or(false),
        };
        if is_another {
            reader.refuse(
                key,
                "is another pool's, while `local_pool` is on",
                "local_pool = false; or set this where the local pool is off, such as in [release.cognito]",
            );
        }
    }
}

fn user_pool_id(reader: &mut Reader, pool: Option<&LocalPoolDefaults>) -> Option<PoolId> {
    let region = reader.parse(&key::REGION, pool_id::region);
    let default = pool.map(|pool| pool.user_pool_id.as_str());
    let pool_id = reader.require(&key::USER_POOL_ID, default, PoolId::parse)?;
    // The local pool's own id follows no setting, so `region` cannot be at odds with it.
    if region.is_some_and(|region| region != pool_id.region) && reader.is_set(&key::USER_POOL_ID) {
        let problem = format!("is not the region of the pool, which is {:?}", pool_id.region);
        reader.wrong(&key::REGION, problem);
    }
    Some(pool_id)
}

/// The issuer in force, the other form of it, and the accepted ones.
fn issuers(reader: &mut Reader, pool: Option<&LocalPoolDefaults>, pool_id: Option<&PoolId>) -> Vec<String> {
    let explicit = reader.parse(&key::ISSUER, parse_issuer);
    let own = match (explicit, pool, pool_id) {
        (Some(issuer), _, _) => vec![issuer],
        (None, Some(pool), Some(id)) => vec![format!("{}/{}", pool.base_url, id.text)],
        (None, None, Some(id)) => id.issuers(),
        (None, _, None) => Vec::new(),
    };
    let accepted = reader.list(&key::ACCEPTED_ISSUERS, words, parse_issuer);
    unique(own.into_iter().chain(accepted))
}

/// With a local pool the callback follows from Rocket's own port.
fn redirect_url(
    reader: &mut Reader,
    figment: &Figment,
    pool: Option<&LocalPoolDefaults>,
    mount: &str,
    signs_in: bool,
) -> Option<HttpUrl> {
    if pool.is_none() || !signs_in || reader.is_set(&key::REDIRECT_URL) {
        return reader.read(&key::REDIRECT_URL, signs_in, None, redirect_url::parse);
    }
    let config = rocket::Config::try_from(figment).unwrap_or_default();
    if config.port == 0 {
        reader.refuse(
            &key::REDIRECT_URL,
            "cannot follow from Rocket's port 0: the local pool has to know the callback's port beforehand",
            "ROCKET_PORT=8000, or port = 8000 in Rocket.toml",
        );
        return None;
    }
    let scheme = if config.tls_enabled() { "https" } else { "http" };
    let derived = format!("{scheme}://localhost:{}{mount}/callback", config.port);
    reader.require(&key::REDIRECT_URL, Some(&derived), redirect_url::parse)
}

/// `redirect_url` first, then the accepted ones.
fn redirect_urls(reader: &mut Reader, first: Option<&HttpUrl>) -> Vec<RedirectUrl> {
    let accepted =
        reader.list(&key::ACCEPTED_REDIRECT_URLS, words, |text| redirect_url::parse_further(text, first));
    if accepted.len() > MAX_FURTHER_REDIRECT_URLS {
        let problem = format!("has {} URLs, more than {MAX_FURTHER_REDIRECT_URLS}", accepted.len());
        reader.wrong(&key::ACCEPTED_REDIRECT_URLS, problem);
    }
    first.into_iter().chain(&accepted).map(RedirectUrl::of).collect()
}

fn callback_path(reader: &mut Reader, redirect: Option<&HttpUrl>, mount: &str) -> String {
    let explicit = reader.parse(&key::CALLBACK_PATH, path::callback);
    let path = explicit.or_else(|| redirect.map(|url| url.path.clone()));
    path.unwrap_or_else(|| format!("{mount}/callback"))
}

/// As browsers see it: with the prefix that a proxy strips.
fn login_redirect(reader: &mut Reader, prefix: &str, paths: &Paths) -> String {
    let parsed = reader.parse(&key::LOGIN_REDIRECT, |text| {
        let path = path::login_redirect(text)?;
        match paths.all.iter().any(|route| path::leads_to(&path, route)) {
            true => Err("is a route of the sign-in itself".into()),
            false => Ok(path),
        }
    });
    parsed.unwrap_or_else(|| format!("{prefix}/"))
}

/// The keys, and whether they were made just now.
fn secret_keys(reader: &mut Reader, figment: &Figment, unsafe_modes: bool) -> (Vec<Secret>, bool) {
    if reader.is_set(&key::SECRET_KEYS) {
        let keys = reader.list(&key::SECRET_KEYS, whole, cookie_key::check);
        if keys.len() > MAX_SECRET_KEYS {
            reader.wrong(&key::SECRET_KEYS, format!("has {} keys, more than {MAX_SECRET_KEYS}", keys.len()));
        }
        return (keys, false);
    }
    // Anything but text is what Rocket's feature `secrets` puts there by default.
    let rockets = figment.find_value("secret_key").ok();
    match rockets.as_ref().and_then(|value| Some((value, value.as_str()?))) {
        Some((value, text)) if !text.trim().is_empty() => match cookie_key::check(text) {
            Ok(key) => (vec![key], false),
            Err(problem) => {
                let origin = reader::origin(figment, value, "secret_key");
                let problem = format!("Rocket's `secret_key` stands in, but {problem}");
                reader.push(&key::SECRET_KEYS, origin, problem, key::SECRET_KEYS.remedy);
                (Vec::new(), false)
            }
        },
        _ if unsafe_modes => (vec![cookie_key::random()], true),
        _ => {
            reader.missing(&key::SECRET_KEYS);
            (Vec::new(), false)
        }
    }
}

fn scopes(reader: &mut Reader) -> Vec<String> {
    let scopes = unique(reader.list(&key::SCOPES, words, scopes::parse));
    if !scopes.is_empty()
        && let Err(problem) = scopes::check_list(&scopes)
    {
        reader.wrong(&key::SCOPES, problem);
    }
    scopes
}

fn same_site(reader: &mut Reader, redirect: Option<&HttpUrl>) -> SameSite {
    let words = [
        ("lax", SameSite::Lax),
        ("strict", SameSite::Strict),
        ("none", SameSite::None),
        ("omit", SameSite::Omit),
    ];
    let chosen = reader.choice(&key::COOKIE_SAMESITE, SameSite::Lax, &words);
    if chosen == SameSite::None && redirect.is_some_and(|url| !url.https) {
        reader.wrong(&key::COOKIE_SAMESITE, "needs an https `redirect_url`: browsers drop such cookies else");
    }
    chosen
}

/// Kept as it is, since `iss` is compared exactly.
fn parse_issuer(text: &str) -> Result<String, String> {
    HttpUrl::parse_plain(text).map(|url| url.text)
}

fn parse_cookie_domain(text: &str, redirect_urls: &[RedirectUrl]) -> Result<String, String> {
    let domain = text.strip_prefix('.').unwrap_or(text);
    if !url::is_host(domain) {
        return Err("is not a host in lower case".into());
    }
    let fits = |host: &str| {
        let before = host.strip_suffix(domain);
        let is_address = host.rsplit('.').next().is_some_and(|label| label.parse::<u8>().is_ok());
        let is_parent = before.is_some_and(|before| before.ends_with('.')) && domain.contains('.');
        host == domain || (is_parent && !is_address)
    };
    match redirect_urls.iter().find(|url| !fits(&url.host)) {
        Some(RedirectUrl { host, .. }) => {
            let key = match redirect_urls.first() {
                Some(first) if first.host == *host => "`redirect_url`",
                _ => "one of `accepted_redirect_urls`",
            };
            Err(format!("is neither {host:?}, the host of {key}, nor a parent domain of it"))
        }
        None => Ok(domain.to_owned()),
    }
}

/// No `_`, which stands before the number of a chunk: no name of one app is then a name of another.
fn parse_cookie_suffix(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    match (1..=MAX_COOKIE_SUFFIX).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(format!("is not 1 to {MAX_COOKIE_SUFFIX} letters, digits and `-`")),
    }
}

fn whole(text: &str) -> Vec<&str> {
    vec![text]
}

/// Without repetitions, in the order given.
pub(super) fn unique(values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().fold(Vec::new(), |mut seen, value| {
        if !seen.contains(&value) {
            seen.push(value);
        }
        seen
    })
}
