//! Paths that routes are mounted at, and the one a sign-in ends on.

use super::url;

/// Checks the path of the callback.
pub(crate) fn callback(path: &str) -> Result<String, String> {
    if matches!(path, "" | "/") {
        return Err("has no path: a callback at / would collide with the app's own first page".into());
    }
    segments(path)?;
    Ok(path.to_owned())
}

/// Checks the base of our routes; `/` becomes empty, so that routes can be appended to it.
pub(crate) fn mount(path: &str) -> Result<String, String> {
    if path == "/" {
        return Ok(String::new());
    }
    segments(path)?;
    Ok(path.to_owned())
}

/// Checks the path of a login or logout route of the app's own.
pub(crate) fn own_route(path: &str) -> Result<String, String> {
    if path == "/" {
        return Err("is the app's first page".into());
    }
    segments(path)?;
    Ok(path.to_owned())
}

/// Checks where a sign-in ends: a path of this origin, which a browser cannot take for another host.
pub(crate) fn login_redirect(path: &str) -> Result<String, String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("does not begin with a slash".into());
    };
    if rest.starts_with(['/', '\\']) {
        return Err("begins with two slashes: a browser takes what follows for a host".into());
    }
    let (before, fragment) = path.split_once('#').unwrap_or((path, ""));
    if !url::is_url_text(before) || !url::is_url_text(fragment) {
        return Err("contains a character that must be percent-encoded, or a broken `%`".into());
    }
    if without_query(path).split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("contains the segment `.` or `..`".into());
    }
    Ok(path.to_owned())
}

/// Whether `path` leads to `route`, whatever its query, and with or without a last slash.
pub(crate) fn leads_to(path: &str, route: &str) -> bool {
    let path = without_query(path).trim_end_matches('/');
    !path.is_empty() && path == route
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

/// One or more segments of `[A-Za-z0-9._~-]+`: others never match a mounted route, or become dynamic.
fn segments(path: &str) -> Result<(), String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err("has a path that does not begin with a slash".into());
    };
    if rest.ends_with('/') {
        return Err("ends in a slash: Cognito compares byte for byte, routes do not".into());
    }
    for segment in rest.split('/') {
        if segment.is_empty() {
            return Err("has an empty path segment (two slashes in a row)".into());
        }
        if matches!(segment, "." | "..") {
            return Err("contains the path segment `.` or `..`".into());
        }
        if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte)) {
            return Err("has a path with something other than letters, digits and `._~-`".into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_and_mounts() {
        for path in ["/cb", "/auth/callback", "/a.b/c_d/e~f/g-h", "/..."] {
            assert!(callback(path).is_ok(), "{path}");
            assert_eq!(mount(path).as_deref(), Ok(path));
        }
        for path in
            ["", "cb", "/cb/", "//cb", "/a//b", "/./a", "/a/..", "/<x>", "/a%20b", "/a b", "/ä", "/a?b"]
        {
            assert!(callback(path).is_err(), "{path}");
            assert!(mount(path).is_err(), "{path}");
        }
        assert!(callback("/").is_err());
        assert_eq!(mount("/").as_deref(), Ok(""));
    }

    #[test]
    fn login_redirects() {
        for path in ["/", "/app", "/app/?tab=1&x=//y", "/#/route", "/a%20b", "/~user"] {
            assert_eq!(login_redirect(path).as_deref(), Ok(path));
        }
        for path in [
            "",
            "app",
            "//evil.com",
            "/\\evil.com",
            "/a\\b",
            "/a b",
            "/\r\nx",
            "/ä",
            "/%zz",
            "/a/../b",
            "https://x/",
        ] {
            assert!(login_redirect(path).is_err(), "{path:?}");
        }
        assert!(leads_to("/auth/login?next=/", "/auth/login"));
        assert!(leads_to("/auth/login/", "/auth/login"));
        assert!(!leads_to("/auth/logins", "/auth/login"));
        assert!(!leads_to("/", ""));
    }
}
