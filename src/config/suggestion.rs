//! "Did you mean": the setting that a name we do not know stands for.

use super::key;
use super::shown::clipped;
use crate::error::Mistake;

/// What other libraries call our settings, without the prefixes that [`by_meaning`] removes.
const ELSEWHERE: &[(&str, &str)] = &[
    ("app_client_id", "client_id"),
    ("app_client_ids", "accepted_client_ids"),
    ("app_client_secret", "client_secret"),
    ("aud", "accepted_client_ids"),
    ("audience", "accepted_client_ids"),
    ("auth_domain", "domain"),
    ("backchannel_domain", "server_domain"),
    ("base_url", "domain"),
    ("callback", "redirect_url"),
    ("callback_uri", "redirect_url"),
    ("callback_url", "redirect_url"),
    ("check_exp", "check_expiration"),
    ("check_token_expiration", "check_expiration"),
    ("clock_skew", "expiration_leeway"),
    ("clock_tolerance", "expiration_leeway"),
    ("cookie_max_age", "cookie_age_seconds"),
    ("cookie_name", "cookie_suffix"),
    ("cookie_prefix", "cookie_suffix"),
    ("cookie_same_site", "cookie_samesite"),
    ("default_region", "region"),
    ("grace_seconds", "expiration_leeway"),
    ("header_name", "jwt_header_name"),
    ("header_prefix", "jwt_header_prefix"),
    ("header_type", "jwt_header_prefix"),
    ("hosted_ui_domain", "domain"),
    ("https_proxy", "http_proxy"),
    ("internal_domain", "server_domain"),
    ("internal_url", "server_domain"),
    ("jwks_file", "jwks_uri"),
    ("jwks_path", "jwks_uri"),
    ("jwks_url", "jwks_uri"),
    ("jwt_decode_leeway", "expiration_leeway"),
    ("jwt_header", "jwt_header_name"),
    ("jwt_header_type", "jwt_header_prefix"),
    ("jwt_leeway", "expiration_leeway"),
    ("keys", "jwks"),
    ("keys_url", "jwks_uri"),
    ("leeway", "expiration_leeway"),
    ("login_redirect_url", "login_redirect"),
    ("login_url", "login_path"),
    ("login_view", "login_path"),
    ("logout_redirect", "logout_url"),
    ("logout_redirect_url", "logout_url"),
    ("logout_uri", "logout_url"),
    ("next", "login_redirect"),
    ("pool", "user_pool_id"),
    ("pool_id", "user_pool_id"),
    ("post_login_redirect", "login_redirect"),
    ("post_logout_redirect_uri", "logout_url"),
    ("proxy", "http_proxy"),
    ("proxy_url", "http_proxy"),
    ("public_keys", "jwks"),
    ("redirect", "redirect_url"),
    ("redirect_uri", "redirect_url"),
    ("redirect_uris", "redirect_url"),
    ("redirect_urls", "redirect_url"),
    ("redis_ca_path", "session_store_ca"),
    ("redis_connection_url", "session_store"),
    ("redis_key_prefix", "session_store_prefix"),
    ("redis_password", "session_store_password"),
    ("redis_sentinel_master_name", "session_store_master"),
    ("redis_url", "session_store"),
    ("redis_username", "session_store_username"),
    ("same_site", "cookie_samesite"),
    ("samesite", "cookie_samesite"),
    ("scope", "scopes"),
    ("secret", "client_secret"),
    ("secret_key", "secret_keys"),
    ("server_url", "server_domain"),
    ("session_key_prefix", "session_store_prefix"),
    ("session_redis", "session_store"),
    ("session_store_client_certificate", "session_store_client_cert"),
    ("session_store_type", "session_store"),
    ("session_store_user", "session_store_username"),
    ("session_type", "session_store"),
    ("sign_out_url", "logout_url"),
    ("signout_uri", "logout_url"),
    ("signout_url", "logout_url"),
    ("token_use", "bearer_token_use"),
    ("user_pool", "user_pool_id"),
    ("user_pool_region", "region"),
    ("userpool", "user_pool_id"),
    ("userpool_id", "user_pool_id"),
    ("userpool_region", "region"),
    ("verify_exp", "check_expiration"),
    ("verify_expiration", "check_expiration"),
];

const PREFIXES: &[&str] = &["rocket_", "aws_", "cognito_", "user_pool_", "userpool_", "oauth_"];

/// The setting that `name` most likely means: by what other libraries call it, else by spelling.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase().replace(['-', ' '], "_");
    by_meaning(&name).or_else(|| by_spelling(&name))
}

/// The mistake of a setting that there is not, which was read at `origin`.
pub(super) fn unknown(name: &str, origin: String) -> Mistake {
    let nearest = nearest(name);
    let all = || key::ALL.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
    Mistake {
        key: clipped(&name.escape_debug().to_string()),
        origin,
        problem: "is not a setting of rocket_cognito".into(),
        expected: nearest.map_or_else(all, |_| "a setting that this version knows".into()),
        remedy: nearest.map_or_else(|| "remove it".into(), |nearest| format!("did you mean `{nearest}`?")),
    }
}

/// Looks the name up, dropping one prefix after another.
fn by_meaning(name: &str) -> Option<&'static str> {
    let ours = key::ALL.iter().map(|key| key.name).find(|ours| *ours == name);
    let theirs = || ELSEWHERE.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours);
    let shorter = || PREFIXES.iter().filter_map(|prefix| name.strip_prefix(prefix)).find_map(by_meaning);
    ours.or_else(theirs).or_else(shorter)
}

fn by_spelling(name: &str) -> Option<&'static str> {
    closest(name, key::ALL.iter().map(|key| key.name))
}

/// The one of `names` with the smallest edit distance, unless more than about a quarter of it would change.
pub(crate) fn closest(name: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    names
        .map(|other| (distance(name, other), other))
        .min()
        .filter(|(distance, nearest)| *distance <= 1 + nearest.len() / 4)
        .map(|(_, nearest)| nearest)
}

/// The edit distance of Levenshtein.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        let mut next = vec![before];
        for (b, above) in right.chars().zip(row.iter().skip(1)) {
            before = (diagonal + usize::from(a != b)).min(before + 1).min(above + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (left, right, expected) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("region", "regoin", 2)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn names_of_other_libraries() {
        for (name, expected) in [
            ("redirect_uri", "redirect_url"),
            ("AWS_COGNITO_USER_POOL_ID", "user_pool_id"),
            ("AWS_COGNITO_USER_POOL_CLIENT_ID", "client_id"),
            ("AWS_COGNITO_USER_POOL_CLIENT_SECRET", "client_secret"),
            ("AWS_DEFAULT_REGION", "region"),
            ("COGNITO_APP_CLIENT_ID", "client_id"),
            ("COGNITO_USERPOOL_ID", "user_pool_id"),
            ("COGNITO_POOL_ID", "user_pool_id"),
            ("COGNITO_SIGNOUT_URI", "logout_url"),
            ("AWS_COGNITO_JWKS_PATH", "jwks_uri"),
            ("AWS_COGNITO_COOKIE_SAMESITE", "cookie_samesite"),
            ("COGNITO_CHECK_TOKEN_EXPIRATION", "check_expiration"),
            ("COGNITO_JWT_HEADER_PREFIX", "jwt_header_prefix"),
            ("AWS_COGNITO_JWKS", "jwks"),
            ("cookie-domain", "cookie_domain"),
            ("redis_url", "session_store"),
            ("SESSION_REDIS", "session_store"),
            ("SESSION_TYPE", "session_store"),
            ("session_store_type", "session_store"),
            ("OAUTH_REDIS_CONNECTION_URL", "session_store"),
            ("session_stores", "session_store"),
            ("session_store_write", "session_store_writes"),
            ("ClientId", "client_id"),
            ("regoin", "region"),
        ] {
            assert_eq!(nearest(name), Some(expected), "{name}");
        }
        assert_eq!(nearest("AWS_COGNITO_REFRESH_FLOW_ENABLED"), Some("refresh_flow_enabled"));
        assert_eq!(nearest("AWS_COGNITO_DISABLED"), Some("disabled"));
        assert_eq!(nearest("colour"), None);
        assert_eq!(nearest(""), None);
    }
}
