//! The routes of the sign-in, and where it leads.

use super::routes::{Paths, Routes};
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::path;
use crate::config::value::url::HttpUrl;

/// The settings of an app in which people sign in.
#[derive(Debug, Clone)]
pub(crate) struct SignInSettings {
    /// Base of login and logout, such as `/auth`; no trailing slash; empty when it is `/`.
    pub(crate) mount: String,
    /// Where the callback is mounted: the path of `redirect_url`, or `callback_path`.
    pub(crate) callback_path: String,
    /// What a proxy strips before `callback_path`, such as `/shop`; mostly empty.
    pub(crate) public_prefix: String,
    pub(crate) routes: Routes,
    pub(crate) paths: Paths,
    /// Where a sign-in without `next` ends: a path on this origin.
    pub(crate) login_redirect: String,
}

impl SignInSettings {
    pub(crate) fn read(
        reader: &mut Reader,
        routes: Routes,
        mount: String,
        redirect_url: Option<&HttpUrl>,
    ) -> SignInSettings {
        let callback_path = callback_path(reader, redirect_url, &mount);
        let public_prefix = redirect_url.and_then(|url| url.path.strip_suffix(&callback_path));
        let public_prefix = public_prefix.unwrap_or_default().to_owned();
        let paths = Paths::read(reader, routes, &public_prefix, &mount, &callback_path);
        let login_redirect = login_redirect(reader, &public_prefix, &paths);
        SignInSettings { mount, callback_path, public_prefix, routes, paths, login_redirect }
    }
}

fn callback_path(reader: &mut Reader, redirect_url: Option<&HttpUrl>, mount: &str) -> String {
    let explicit = reader.parse(&key::CALLBACK_PATH, path::callback);
    let path = explicit.or_else(|| redirect_url.map(|url| url.path.clone()));
    path.unwrap_or_else(|| format!("{mount}/callback"))
}

/// Reads `login_redirect`: a path as browsers see it, with the prefix that a proxy strips.
fn login_redirect(reader: &mut Reader, prefix: &str, paths: &Paths) -> String {
    let parsed = reader.parse(&key::LOGIN_REDIRECT, |text| {
        let path = path::login_redirect(text)?;
        match paths.all.iter().any(|route| path::leads_to(&path, route)) {
            true => Err("is a route of the sign-in itself".into()),
            false => Ok(path),
        }
    });
    parsed.unwrap_or_else(|| format!("{prefix}{}", key::LOGIN_REDIRECT.default))
}
