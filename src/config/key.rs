//! The table of settings: every key, and what to tell an operator who got it wrong.

/// One setting, as it is named in `[<profile>.cognito]` and, upper-cased, after `ROCKET_COGNITO_`.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// Whether the value is, or may hold, a secret: then no message shows it.
    pub(super) secret: bool,
    /// What would be right.
    pub(super) expected: &'static str,
    /// What to type, and where in the Cognito console to find it.
    pub(super) remedy: &'static str,
}

/// Declares the keys as constants and gathers them in `ALL`.
macro_rules! keys {
    ($($constant:ident = $name:literal, $secret:literal, $expected:literal, $remedy:literal;)*) => {
        $(pub(super) const $constant: Key =
            Key { name: $name, secret: $secret, expected: $expected, remedy: $remedy };)*

        pub(super) const ALL: &[&Key] = &[$(&$constant),*];
    };
}

keys! {
    REGION = "region", false,
        "the AWS region of the user pool, which is also the part of its id before the underscore",
        "leave `region` out (it is taken from `user_pool_id`), or give the id's own: \
         region = \"eu-west-1\"";
    USER_POOL_ID = "user_pool_id", false,
        "the id of a Cognito user pool: a region, an underscore, letters and digits, at most 55 characters",
        "user_pool_id = \"eu-west-1_AbC123\", from the Cognito console: Overview > \"User pool ID\" \
         (or local_pool = true to work without AWS)";
    CLIENT_ID = "client_id", false,
        "the id of an app client: 1 to 128 letters, digits, `_`, `+` or `-`",
        "client_id = \"1example23456789\", from the Cognito console: Applications > \"App clients\" > \
         \"Client ID\"";
    CLIENT_SECRET = "client_secret", true,
        "the secret of the app client in printable ASCII without spaces; nothing for a public client",
        "ROCKET_COGNITO_CLIENT_SECRET=…, from the Cognito console: Applications > \"App clients\" > the \
         client > \"Show client secret\"";
    DOMAIN = "domain", false,
        "the domain of the pool's sign-in pages: a URL with scheme and host only, a host, or the prefix \
         of a Cognito domain",
        "domain = \"acme\" (for https://acme.auth.<region>.amazoncognito.com) or \
         domain = \"https://auth.example.com\", from the Cognito console: Branding > Domain; an app without \
         sign-in, for bearer tokens alone, needs routes = \"none\" instead";
    REDIRECT_URL = "redirect_url", false,
        "the app's own callback, https (http for localhost, 127.0.0.1 and [::1]), with a path of \
         letters, digits and `._~-`, without query",
        "redirect_url = \"https://app.example.com/auth/callback\", and the same text in the Cognito \
         console: App clients > Login pages > \"Allowed callback URLs\"";
    ACCEPTED_REDIRECT_URLS = "accepted_redirect_urls", false,
        "further callbacks of an app with several hosts, as a list or separated by spaces: as `redirect_url`, \
         with its scheme and its path",
        "accepted_redirect_urls = [\"https://shop.example.org/auth/callback\"], and the same text in the \
         Cognito console: App clients > Login pages > \"Allowed callback URLs\"";
    CALLBACK_PATH = "callback_path", false,
        "the path under which this app sees the callback, such as /auth/callback",
        "leave `callback_path` out (the path of `redirect_url` serves), or, behind a proxy that strips \
         a prefix: callback_path = \"/auth/callback\"";
    LOGOUT_URL = "logout_url", false,
        "the page of the app that a browser returns to after signing out: https (http for localhost, \
         127.0.0.1 and [::1])",
        "logout_url = \"https://app.example.com/\", and the same text in the Cognito console: \
         App clients > Login pages > \"Allowed sign-out URLs\"";
    SECRET_KEYS = "secret_keys", true,
        "1 to 5 random texts of at least 32 bytes: the first seals cookies, all of them open",
        "make one with `openssl rand -base64 48` (or `head -c 48 /dev/urandom | base64`) and give \
         it as ROCKET_COGNITO_SECRET_KEYS";
    SCOPES = "scopes", false,
        "OAuth scopes with `openid` among them, as a list or separated by spaces; left out: all that the app \
         client has",
        "scopes = [\"openid\", \"email\"] or ROCKET_COGNITO_SCOPES=\"openid email\"";
    COOKIE_AGE_SECONDS = "cookie_age_seconds", false,
        "a whole number of seconds from 1 to 34560000 (400 days, the most a browser keeps)",
        "cookie_age_seconds = 1800";
    EXPIRATION_LEEWAY = "expiration_leeway", false,
        "a whole number of seconds from 0 to 600, to bridge clocks that differ; more would keep expired \
         tokens alive",
        "expiration_leeway = 30";
    COOKIE_DOMAIN = "cookie_domain", false,
        "the host of `redirect_url` or a parent domain of it",
        "leave `cookie_domain` out (cookies then stay on the one host), or: \
         cookie_domain = \"example.com\"";
    COOKIE_SAMESITE = "cookie_samesite", false,
        "`lax`, `strict`, `none` (only with an https `redirect_url`) or `omit`",
        "cookie_samesite = \"lax\"";
    REFRESH_FLOW_ENABLED = "refresh_flow_enabled", false,
        "`true` or `false`: whether sessions are renewed with the pool's refresh tokens",
        "refresh_flow_enabled = true";
    REFRESH_COOKIE_ENCRYPTED = "refresh_cookie_encrypted", false,
        "`true` or `false`: whether the refresh token lies encrypted in its cookie",
        "leave `refresh_cookie_encrypted` out (it is then true)";
    REFRESH_COOKIE_AGE_SECONDS = "refresh_cookie_age_seconds", false,
        "a whole number of seconds from 1 to 34560000 (400 days, the most a browser keeps)",
        "refresh_cookie_age_seconds = 86400";
    AUTO_REFRESH = "auto_refresh", false,
        "`true` (only with refresh_flow_enabled = true) or `false`: whether guards renew sessions by themselves",
        "auto_refresh = false, or refresh_flow_enabled = true beside it";
    REFRESH_AHEAD_SECONDS = "refresh_ahead_seconds", false,
        "a whole number of seconds from 0 to 3600 before the access token expires",
        "refresh_ahead_seconds = 90";
    SESSION_IDLE_SECONDS = "session_idle_seconds", false,
        "a whole number of seconds from 60 to 34560000 without a request, after which a session is over",
        "session_idle_seconds = 3600, or leave it out: sessions then do not end by idleness";
    SESSION_MAX_SECONDS = "session_max_seconds", false,
        "a whole number of seconds from 60 to 34560000 from sign-in, after which a session is over",
        "session_max_seconds = 2592000";
    COOKIE_SUFFIX = "cookie_suffix", false,
        "1 to 32 letters, digits and `-`, different for each app on one host",
        "leave `cookie_suffix` out where the host is this app's alone, or: cookie_suffix = \"shop\"";
    ISSUER = "issuer", false,
        "the `iss` of the tokens: https (http for loopback), without query",
        "leave `issuer` out for a Cognito pool, or, for another server: \
         issuer = \"http://localhost:9229/eu-west-1_AbC123\"";
    JWKS_URI = "jwks_uri", false,
        "where the pool's public keys are: a URL (https, or http for loopback) or a readable file",
        "leave `jwks_uri` out (it follows from the issuer), or: jwks_uri = \"jwks.json\"";
    JWKS = "jwks", true,
        "the pool's public keys themselves, as a JSON Web Key Set in JSON or as a table; not beside `jwks_uri`",
        "leave `jwks` out (the keys are then fetched), or type what `<issuer>/.well-known/jwks.json` answers: \
         jwks = '{\"keys\": [{\"kty\": \"RSA\", …}]}'";
    HTTP_PROXY = "http_proxy", true,
        "the URL of a proxy for all calls to the pool, http or https, with user name and password where it asks for them",
        "leave `http_proxy` out (the pool is then called directly), or: http_proxy = \"http://proxy.example.com:3128\"";
    REQUIRE_KEYS_AT_LAUNCH = "require_keys_at_launch", false,
        "`true` or `false`: whether the app does not launch without the pool's public keys",
        "require_keys_at_launch = true";
    ACCEPTED_CLIENT_IDS = "accepted_client_ids", false,
        "ids of further app clients whose tokens are accepted, as a list or separated by spaces",
        "accepted_client_ids = [\"1example23456789\"]";
    ACCEPTED_ISSUERS = "accepted_issuers", false,
        "further values of `iss`, as a list or separated by spaces: https (http for loopback), \
         without query",
        "accepted_issuers = [\"https://cognito-idp.eu-central-1.amazonaws.com/eu-west-1_AbC123\"]";
    ACCEPTED_AUDIENCES = "accepted_audiences", false,
        "the resources that access tokens may be bound to, as a list or separated by spaces: absolute URLs without \
         fragment",
        "accepted_audiences = [\"https://api.example.com\"]";
    JWT_HEADER_NAME = "jwt_header_name", false,
        "the name of the header that carries bearer tokens; none that has a meaning of its own, such as Cookie or Host",
        "leave `jwt_header_name` out (it is then Authorization), or: jwt_header_name = \"X-Auth-Token\"";
    JWT_HEADER_PREFIX = "jwt_header_prefix", false,
        "the word before the token in its header; an empty text for none",
        "leave `jwt_header_prefix` out (it is then Bearer), or: jwt_header_prefix = \"\"";
    CHECK_EXPIRATION = "check_expiration", false,
        "true or false (without quotes): whether tokens expire; false in profile `debug` only, or in the one that \
         `unsafe_in_profile` names",
        "check_expiration = true";
    TOKEN_CACHE_ENTRIES = "token_cache_entries", false,
        "a whole number from 0 to 10000000: how many verified tokens are remembered; 0 for none",
        "token_cache_entries = 10000";
    TOKEN_CACHE_BYTES = "token_cache_bytes", false,
        "a whole number of bytes from 65536 to 17179869184 that remembered tokens may take",
        "token_cache_bytes = 33554432";
    BEARER_TOKEN_USE = "bearer_token_use", false,
        "which tokens the header for bearer tokens may carry: `access`, `id` or `any`",
        "bearer_token_use = \"access\"";
    MOUNT = "mount", false,
        "the base of the login and logout routes: / or a path of letters, digits and `._~-`, without a \
         slash at the end",
        "mount = \"/auth\"";
    ROUTES = "routes", false,
        "which routes are mounted: `login`, `callback`, `refresh` and `logout`, as a list or separated by \
         spaces; `none`, or an empty list, for an app that has its own",
        "routes = [\"login\", \"callback\", \"logout\"] or ROCKET_COGNITO_ROUTES=none";
    LOGIN_PATH = "login_path", false,
        "the path of the app's own login route, as browsers see it: letters, digits and `._~-`, without a \
         slash at the end",
        "leave `login_path` out (login is below `mount`), or: login_path = \"/signin\"";
    LOGOUT_PATH = "logout_path", false,
        "the path of the app's own logout route, as browsers see it: letters, digits and `._~-`, without a \
         slash at the end; another one than of login",
        "leave `logout_path` out (logout is below `mount`), or: logout_path = \"/signout\"";
    LOGIN_REDIRECT = "login_redirect", false,
        "a path of this app, beginning with one slash, that is not a route of the sign-in itself",
        "login_redirect = \"/\"";
    DISABLED = "disabled", false,
        "true or false (without quotes): whether every guard lets everybody in; true in profile `debug` only, or in \
         the one that `unsafe_in_profile` names",
        "disabled = false";
    DISABLED_USER = "disabled_user", false,
        "a table with username, sub, email, groups, scopes and attributes, which are further claims",
        "disabled_user = { username = \"eve\", groups = [\"admin\"], attributes = { name = \"Eve\" } }";
    LOCAL_POOL = "local_pool", true,
        "true, false or a table; in profile `debug`, or in the one that `unsafe_in_profile` names",
        "local_pool = true";
    UNSAFE_IN_PROFILE = "unsafe_in_profile", false,
        "the name of one further Rocket profile in which `local_pool` and `disabled` may be on and `check_expiration` off: \
         letters, digits, `_` or `-`",
        "unsafe_in_profile = \"bench\"";
}
