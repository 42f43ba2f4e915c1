//! The table of settings: every key with its default, and what to tell an operator who got it wrong.
//!
//! No default stands anywhere else in the code, and a test holds the docs to this table.

use super::setting::{Key, Setting, Unset, is_secret, settings};
use super::value::word::{BearerTokenUse, PoolMetadata, SameSite};

settings! {
    REGION: Unset = "region", default: Unset("taken from `user_pool_id`"),
        "the AWS region of the user pool, which is also the part of its id before the underscore",
        "leave `region` out (it is taken from `user_pool_id`), or give the id's own: \
         region = \"eu-west-1\"";
    USER_POOL_ID: Unset = "user_pool_id", default: Unset("required"),
        "the id of a Cognito user pool: a region, an underscore, letters and digits, at most 55 characters",
        "user_pool_id = \"eu-west-1_AbC123\", from the Cognito console: Overview > \"User pool ID\"";
    CLIENT_ID: Unset = "client_id", default: Unset("required"),
        "the id of an app client: 1 to 128 letters, digits, `_`, `+` or `-`",
        "client_id = \"1example23456789\", from the Cognito console: Applications > \"App clients\" > \
         \"Client ID\"";
    #[secret]
    CLIENT_SECRET: Unset = "client_secret", default: Unset("none"),
        "the secret of the app client in printable ASCII without spaces, or a list of its two secrets, the newest first; \
         nothing for a public client",
        "ROCKET_COGNITO_CLIENT_SECRET=…, from the Cognito console: Applications > \"App clients\" > the \
         client > \"Show client secret\"";
    #[secret]
    CLIENT_SECRET_FILE: Unset = "client_secret_file", default: Unset("none"),
        "a file with the secret of the app client in one line, with its two secrets in two lines, the newest first, or with \
         the JSON of Secrets Manager; it is read again when the pool refuses the secret; not beside `client_secret`",
        "client_secret_file = \"/run/secrets/cognito-client\"";
    DOMAIN: Unset = "domain", default: Unset("required with sign-in"),
        "the domain of the pool's sign-in pages: a URL with scheme and host only, a host, or the prefix \
         of a Cognito domain",
        "domain = \"acme\" (for https://acme.auth.<region>.amazoncognito.com) or \
         domain = \"https://auth.example.com\", from the Cognito console: Branding > Domain; an app without \
         sign-in, for bearer tokens alone, needs routes = \"none\" instead";
    SERVER_DOMAIN: Unset = "server_domain", default: Unset("`domain`"),
        "where the app itself calls the pool, if browsers reach it by another name: a URL with scheme and host only, \
         https (http for localhost, 127.0.0.1 and [::1], and where the local pool may run for names and addresses that \
         cannot be public)",
        "leave `server_domain` out (the app then calls `domain`), or: server_domain = \"http://pool:9400\" in profile \
         `debug`, or in the one that `unsafe_in_profile` names";
    REDIRECT_URL: Unset = "redirect_url", default: Unset("required with sign-in"),
        "the app's own callback, https (http for localhost, 127.0.0.1 and [::1]), with a path of \
         letters, digits and `._~-`, without query",
        "redirect_url = \"https://app.example.com/auth/callback\", and the same text in the Cognito \
         console: App clients > Login pages > \"Allowed callback URLs\"";
    ACCEPTED_REDIRECT_URLS: Unset = "accepted_redirect_urls", default: Unset("none"),
        "further callbacks of an app with several hosts, as a list or separated by spaces: as `redirect_url`, \
         with its scheme and its path",
        "accepted_redirect_urls = [\"https://shop.example.org/auth/callback\"], and the same text in the \
         Cognito console: App clients > Login pages > \"Allowed callback URLs\"";
    TRUSTED_ORIGINS: Unset = "trusted_origins", default: Unset("none"),
        "the origins of further front ends of this app, as a list or separated by spaces: scheme, host and port, \
         https (http for localhost, 127.0.0.1 and [::1])",
        "trusted_origins = [\"https://shop.example.com\"]";
    CALLBACK_PATH: Unset = "callback_path", default: Unset("path of `redirect_url`"),
        "the path under which this app sees the callback, such as /auth/callback",
        "leave `callback_path` out (the path of `redirect_url` serves), or, behind a proxy that strips \
         a prefix: callback_path = \"/auth/callback\"";
    LOGOUT_URL: Unset = "logout_url", default: Unset("required with sign-in"),
        "the page of the app that a browser returns to after signing out: https (http for localhost, \
         127.0.0.1 and [::1])",
        "logout_url = \"https://app.example.com/\", and the same text in the Cognito console: \
         App clients > Login pages > \"Allowed sign-out URLs\"";
    #[secret]
    SECRET_KEYS: Unset = "secret_keys",
        default: Unset("Rocket's `secret_key`; where the local pool may run random per launch; \
            else required with sign-in"),
        "1 to 5 random texts of at least 32 bytes: the first seals cookies, all of them open",
        "make one with `openssl rand -base64 48` (or `head -c 48 /dev/urandom | base64`) and give \
         it as ROCKET_COGNITO_SECRET_KEYS";
    #[secret]
    SECRET_KEYS_FILE: Unset = "secret_keys_file", default: Unset("none"),
        "a file with 1 to 5 keys as in `secret_keys`, one in each line, which is read at launch; not beside `secret_keys`",
        "make a key with `openssl rand -base64 48 | tr -d '\\n'`, write it into a line of the file, and give its path: \
         secret_keys_file = \"/run/secrets/cognito-keys\"";
    SCOPES: Unset = "scopes", default: Unset("all that the client has"),
        "OAuth scopes with `openid` among them, as a list or separated by spaces; left out: all that the app \
         client has",
        "scopes = [\"openid\", \"email\"] or ROCKET_COGNITO_SCOPES=\"openid email\"";
    COOKIE_AGE_SECONDS: u64 = "cookie_age_seconds", default: 1800,
        "a whole number of seconds from 1 to 34560000 (400 days, the most a browser keeps)",
        "cookie_age_seconds = 1800";
    PERSISTENT_COOKIES: bool = "persistent_cookies", default: true,
        "`true` or `false`: whether the cookies of sessions outlast the browser's own session",
        "persistent_cookies = false";
    EXPIRATION_LEEWAY: u64 = "expiration_leeway", default: 30,
        "a whole number of seconds from 0 to 600, to bridge clocks that differ; more would keep expired \
         tokens alive",
        "expiration_leeway = 30";
    COOKIE_DOMAIN: Unset = "cookie_domain", default: Unset("none"),
        "the host of `redirect_url` or a parent domain of it",
        "leave `cookie_domain` out (cookies then stay on the one host), or: \
         cookie_domain = \"example.com\"";
    COOKIE_SAMESITE: SameSite = "cookie_samesite", default: SameSite::Lax,
        "`lax`, `strict`, `none` (only with an https `redirect_url`) or `omit`",
        "cookie_samesite = \"lax\"";
    REFRESH_FLOW_ENABLED: bool = "refresh_flow_enabled", default: false,
        "`true` or `false`: whether sessions are renewed with the pool's refresh tokens",
        "refresh_flow_enabled = true";
    REVOKE_UNUSED_REFRESH_TOKEN: bool = "revoke_unused_refresh_token", default: false,
        "`true` or `false`: whether a refresh token that is not kept is revoked at sign-in, which ends the access token \
         at Cognito's own endpoints",
        "revoke_unused_refresh_token = true";
    REFRESH_COOKIE_ENCRYPTED: bool = "refresh_cookie_encrypted", default: true,
        "`true` or `false`: whether the refresh token lies encrypted in its cookie",
        "leave `refresh_cookie_encrypted` out (it is then true)";
    REFRESH_COOKIE_AGE_SECONDS: u64 = "refresh_cookie_age_seconds", default: 86_400,
        "a whole number of seconds from 1 to 34560000 (400 days, the most a browser keeps)",
        "refresh_cookie_age_seconds = 86400";
    AUTO_REFRESH: Unset = "auto_refresh", default: Unset("`refresh_flow_enabled`"),
        "`true` (only with refresh_flow_enabled = true) or `false`: whether guards renew sessions by themselves",
        "auto_refresh = false, or refresh_flow_enabled = true beside it";
    REFRESH_AHEAD_SECONDS: u64 = "refresh_ahead_seconds", default: 90,
        "a whole number of seconds from 0 to 3600 before the access token expires",
        "refresh_ahead_seconds = 90";
    SESSION_IDLE_SECONDS: Unset = "session_idle_seconds", default: Unset("none"),
        "a whole number of seconds from 60 to 34560000 without a request, after which a session is over",
        "session_idle_seconds = 3600, or leave it out: sessions then do not end by idleness";
    SESSION_MAX_SECONDS: u64 = "session_max_seconds", default: 30 * 86_400,
        "a whole number of seconds from 60 to 34560000 from sign-in, after which a session is over",
        "session_max_seconds = 2592000";
    #[secret]
    SESSION_STORE: Unset = "session_store", default: Unset("none"),
        "the URL of a Redis or Valkey (redis://, rediss://, valkey://, valkeys://, unix:), or a list of the nodes of a \
         Cluster or of Sentinels; `memory`, where the local pool may run: sessions lie in the process; nothing for sessions \
         in cookies, or in a store that the app's code gives the fairing",
        "leave `session_store` out, or: session_store = \"rediss://cache.example.com:6379\", or, for development: \
         session_store = \"memory\"; for another store, in the app's code: `Cognito::fairing().session_store(…)`";
    SESSION_STORE_USERNAME: Unset = "session_store_username", default: Unset("none"),
        "a user of the server's access control list; nothing for its default user",
        "leave `session_store_username` out, or: session_store_username = \"app\"";
    #[secret]
    SESSION_STORE_PASSWORD: Unset = "session_store_password", default: Unset("none"),
        "the password of that user, or of the default user",
        "ROCKET_COGNITO_SESSION_STORE_PASSWORD=…, or session_store_password_file = \"/run/secrets/redis\"";
    #[secret]
    SESSION_STORE_PASSWORD_FILE: Unset = "session_store_password_file", default: Unset("none"),
        "a file with the password in one line, which is read at each connect; not beside `session_store_password`",
        "session_store_password_file = \"/run/secrets/redis\"";
    SESSION_STORE_CA: Unset = "session_store_ca", default: Unset("the machine's"),
        "a file with the certificates of the authorities that vouch for the server, in PEM; only with TLS",
        "leave `session_store_ca` out (the machine's authorities then count), or: session_store_ca = \"ca.pem\"";
    SESSION_STORE_CLIENT_CERT: Unset = "session_store_client_cert", default: Unset("none"),
        "a file with the app's own certificate in PEM, beside `session_store_client_key`; only with TLS",
        "session_store_client_cert = \"app.pem\" and session_store_client_key = \"app.key\", or leave both out";
    #[secret]
    SESSION_STORE_CLIENT_KEY: Unset = "session_store_client_key", default: Unset("none"),
        "a file with the key of that certificate in PEM, beside `session_store_client_cert`; only with TLS",
        "session_store_client_cert = \"app.pem\" and session_store_client_key = \"app.key\", or leave both out";
    SESSION_STORE_MASTER: Unset = "session_store_master", default: Unset("none"),
        "the name that Sentinels know the primary by, where `session_store` lists Sentinels",
        "leave `session_store_master` out, or: session_store_master = \"mymaster\"";
    SESSION_STORE_PREFIX: &'static str = "session_store_prefix", default: "cognito:",
        "what the name of each key in the store begins with: 1 to 64 letters, digits, and `:._~/-`; another one for each \
         app that shares the store and is not to share its sessions",
        "session_store_prefix = \"shop:\"";
    SESSION_STORE_WRITES: bool = "session_store_writes", default: true,
        "`true` or `false`: whether a sign-in begins a session in the store, rather than in cookies",
        "session_store_writes = true";
    SESSIONS_PER_USER: u64 = "sessions_per_user", default: 100,
        "a whole number from 1 to 1000: how many sessions one user may have in the store",
        "sessions_per_user = 100";
    BEARER_DENYLIST: bool = "bearer_denylist", default: false,
        "`true` (only with a store for sessions) or `false`: whether bearer tokens of sessions that were signed out are \
         refused",
        "bearer_denylist = false";
    REQUIRE_STORE_AT_LAUNCH: bool = "require_store_at_launch", default: false,
        "`true` (only with a store for sessions) or `false`: whether the app does not launch while the store is out of \
         reach",
        "require_store_at_launch = false";
    COOKIE_SUFFIX: Unset = "cookie_suffix", default: Unset("none"),
        "1 to 32 letters, digits and `-`, different for each app on one host",
        "leave `cookie_suffix` out where the host is this app's alone, or: cookie_suffix = \"shop\"";
    ISSUER: Unset = "issuer", default: Unset("derived from the pool"),
        "the `iss` of the tokens: https (http for loopback, and for private hosts where the local pool may run), \
         without query",
        "leave `issuer` out for a Cognito pool, or, for another server: \
         issuer = \"http://localhost:9229/eu-west-1_AbC123\"";
    JWKS_URI: Unset = "jwks_uri", default: Unset("issuer + `/.well-known/jwks.json`"),
        "where the pool's public keys are: a URL (https, or http for loopback, and for private hosts where the local pool \
         may run) or a readable file",
        "leave `jwks_uri` out (it follows from the issuer), or: jwks_uri = \"jwks.json\"";
    #[secret]
    JWKS: Unset = "jwks", default: Unset("none"),
        "the pool's public keys themselves, as a JSON Web Key Set in JSON or as a table; not beside `jwks_uri`",
        "leave `jwks` out (the keys are then fetched), or type what `<issuer>/.well-known/jwks.json` answers: \
         jwks = '{\"keys\": [{\"kty\": \"RSA\", …}]}'";
    #[secret]
    HTTP_PROXY: Unset = "http_proxy", default: Unset("none"),
        "the URL of a proxy for all calls to the pool, http or https, with user name and password where it asks for them",
        "leave `http_proxy` out (the pool is then called directly), or: http_proxy = \"http://proxy.example.com:3128\"";
    REQUIRE_KEYS_AT_LAUNCH: bool = "require_keys_at_launch", default: false,
        "`true` or `false`: whether the app does not launch without the pool's public keys",
        "require_keys_at_launch = true";
    ACCEPTED_CLIENT_IDS: Unset = "accepted_client_ids", default: Unset("none"),
        "ids of further app clients whose tokens are accepted, as a list or separated by spaces; among them, beside \
         `resource`, the word `any`, for access tokens of all others whose `aud` is that URL",
        "accepted_client_ids = [\"1example23456789\"]";
    ACCEPTED_ISSUERS: Unset = "accepted_issuers", default: Unset("both forms of the own pool's"),
        "further values of `iss`, as a list or separated by spaces: https (http for loopback), \
         without query",
        "accepted_issuers = [\"https://cognito-idp.eu-central-1.amazonaws.com/eu-west-1_AbC123\"]";
    ACCEPTED_AUDIENCES: Unset = "accepted_audiences", default: Unset("none"),
        "the resources that access tokens may be bound to, as a list or separated by spaces: absolute URLs without \
         fragment",
        "accepted_audiences = [\"https://api.example.com\"]";
    JWT_HEADER_NAME: &'static str = "jwt_header_name", default: "Authorization",
        "the name of the header that carries bearer tokens; none that has a meaning of its own, such as Cookie or Host",
        "leave `jwt_header_name` out (it is then Authorization), or: jwt_header_name = \"X-Auth-Token\"";
    JWT_HEADER_PREFIX: &'static str = "jwt_header_prefix", default: "Bearer",
        "the word before the token in its header; an empty text for none",
        "leave `jwt_header_prefix` out (it is then Bearer), or: jwt_header_prefix = \"\"";
    JWT_HEADER_FROM_PROXY: bool = "jwt_header_from_proxy", default: false,
        "`true` or `false`: whether a proxy adds the header for bearer tokens to the requests of browsers",
        "jwt_header_from_proxy = true";
    CHECK_EXPIRATION: bool = "check_expiration", default: true,
        "true or false (without quotes): whether tokens expire; false in profile `debug` only, or in the one that \
         `unsafe_in_profile` names",
        "check_expiration = true";
    TOKEN_CACHE_ENTRIES: u64 = "token_cache_entries", default: 10_000,
        "a whole number from 0 to 10000000: how many verified tokens are remembered; 0 for none",
        "token_cache_entries = 10000";
    TOKEN_CACHE_BYTES: u64 = "token_cache_bytes", default: 32 * 1024 * 1024,
        "a whole number of bytes from 65536 to 17179869184 that remembered tokens may take",
        "token_cache_bytes = 33554432";
    BEARER_TOKEN_USE: BearerTokenUse = "bearer_token_use", default: BearerTokenUse::Access,
        "which tokens the header for bearer tokens may carry: `access`, `id` or `any`",
        "bearer_token_use = \"access\"";
    MOUNT: &'static str = "mount", default: "/auth",
        "the base of the login and logout routes: / or a path of letters, digits and `._~-`, without a \
         slash at the end",
        "mount = \"/auth\"";
    ROUTES: Unset = "routes", default: Unset("all"),
        "which routes are mounted: `login`, `callback`, `refresh` and `logout`, as a list or separated by \
         spaces; `none`, or an empty list, for an app that has its own",
        "routes = [\"login\", \"callback\", \"logout\"] or ROCKET_COGNITO_ROUTES=none";
    LOGIN_PATH: Unset = "login_path", default: Unset("below `mount`"),
        "the path of the app's own login route, as browsers see it: letters, digits and `._~-`, without a \
         slash at the end",
        "leave `login_path` out (login is below `mount`), or: login_path = \"/signin\"";
    LOGOUT_PATH: Unset = "logout_path", default: Unset("below `mount`"),
        "the path of the app's own logout route, as browsers see it: letters, digits and `._~-`, without a \
         slash at the end; another one than of login",
        "leave `logout_path` out (logout is below `mount`), or: logout_path = \"/signout\"";
    LOGIN_REDIRECT: &'static str = "login_redirect", default: "/",
        "a path of this app, beginning with one slash, that is not a route of the sign-in itself",
        "login_redirect = \"/\"";
    LEVEL_NAMES: Unset = "level_names", default: Unset("Cognito's names"),
        "a table of up to four names, by the levels 1 to 4 of a sign-in, as the pool has them",
        "level_names = { 3 = \"gold\", 4 = \"platinum\" }; or leave it out: Cognito's own names are urn:cognito:loa:1 to \
         urn:cognito:loa:4";
    DISABLED: bool = "disabled", default: false,
        "true or false (without quotes): whether every guard lets everybody in; true in profile `debug` only, or in \
         the one that `unsafe_in_profile` names",
        "disabled = false";
    DISABLED_USER: Unset = "disabled_user", default: Unset("a user in no group"),
        "a table with username, sub, email, groups, scopes and attributes, which are further claims",
        "disabled_user = { username = \"eve\", groups = [\"admin\"], attributes = { name = \"Eve\" } }";
    DISABLED_HOSTS: Unset = "disabled_hosts", default: Unset("none"),
        "host names, without port and in lower case, under which an app in disabled mode answers too, as a list or \
         separated by spaces",
        "disabled_hosts = [\"dev.example.com\"]";
    #[secret]
    LOCAL_POOL: Unset = "local_pool", default: Unset("none"),
        "true, false or a table; in profile `debug`, or in the one that `unsafe_in_profile` names",
        "local_pool = true, or a table: local_pool = { port = 9401 }";
    UNSAFE_IN_PROFILE: Unset = "unsafe_in_profile", default: Unset("none"),
        "the name of one further Rocket profile in which `local_pool` and `disabled` may be on, `check_expiration` off, and \
         sessions in memory: letters, digits, `_` or `-`",
        "unsafe_in_profile = \"bench\"";
    ACCEPT_DELEGATED: bool = "accept_delegated", default: false,
        "`true` or `false`: whether guards for people take the tokens of agents that act for them (claim `act`)",
        "accept_delegated = false";
    RESOURCE: Unset = "resource", default: Unset("none"),
        "the URL by which clients know this API: https (http for localhost, 127.0.0.1 and [::1]), with or without a path \
         of letters, digits and `._~-`, without query and fragment",
        "resource = \"https://api.example.com\"";
    RESOURCE_SCOPES: Unset = "resource_scopes", default: Unset("none"),
        "the scopes that a client needs for this API, as a list or separated by spaces, beside `resource`",
        "resource_scopes = [\"orders/read\"]";
    POOL_METADATA: PoolMetadata = "pool_metadata", default: PoolMetadata::None,
        "`none`, `served` or `with_registration`: whether a copy of the pool's metadata with `S256` is served at the origin of \
         `resource`, and whether it names `<domain>/oauth2/register`",
        "pool_metadata = \"served\", beside `resource` and `domain`";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::value::word::Word;
    use super::*;

    /// A default as the docs' table writes it.
    pub(super) trait Documented {
        fn documented(&self) -> String;
    }

    impl Documented for Unset {
        fn documented(&self) -> String {
            self.0.to_owned()
        }
    }

    impl Documented for u64 {
        fn documented(&self) -> String {
            self.to_string()
        }
    }

    impl Documented for bool {
        fn documented(&self) -> String {
            format!("`{self}`")
        }
    }

    impl Documented for &str {
        fn documented(&self) -> String {
            format!("`{self}`")
        }
    }

    impl<W: Word> Documented for W {
        fn documented(&self) -> String {
            let word = W::WORDS.iter().find(|(_, value)| value == self);
            format!("`{}`", word.expect("a default among the words").0)
        }
    }

    #[test]
    fn the_table_of_the_docs_has_every_key_with_its_default() {
        let readme = include_str!("../../README.md");
        let section = readme.split("\n## ").find(|section| section.starts_with("Settings\n")).unwrap();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let mut documented = BTreeMap::new();
        for row in rows {
            let mut cells = row.trim_matches('|').split('|').map(str::trim);
            let (keys, default) = (cells.next().unwrap(), cells.next().unwrap());
            for key in keys.split(", ") {
                let twice = documented.insert(key.trim_matches('`'), default.to_owned());
                assert_eq!(twice, None, "{key} has two rows");
            }
        }
        assert_eq!(documented, documented_defaults().into_iter().collect());
    }
}
