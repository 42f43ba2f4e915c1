//! Where this app may lead a browser.

use super::local_path::LocalPath;

/// Judges paths that a browser is to be led to.
#[derive(Debug)]
pub(crate) struct RedirectTargets {
    /// The paths of the sign-in itself, which are no place to go.
    own_paths: Vec<String>,
    /// The setting `login_redirect`, which has been judged with the settings.
    default: LocalPath,
}

impl RedirectTargets {
    pub(crate) fn new(own_paths: impl IntoIterator<Item = String>, default: &str) -> Self {
        let default = LocalPath::of_settings(default);
        RedirectTargets { own_paths: own_paths.into_iter().collect(), default }
    }

    /// `path` unchanged, where it is a path of this app.
    pub(crate) fn judge(&self, path: &str) -> Option<LocalPath> {
        LocalPath::judge(path, self.own_paths.iter().map(String::as_str))
    }

    /// `path` unchanged, where it is a path of this app, else the setting `login_redirect`.
    pub(crate) fn judge_or_default(&self, path: Option<&str>) -> LocalPath {
        path.and_then(|path| self.judge(path)).unwrap_or_else(|| self.default.clone())
    }

    /// The setting `login_redirect`.
    pub(crate) fn default_target(&self) -> &LocalPath {
        &self.default
    }
}
