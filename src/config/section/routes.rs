//! Which of our routes are mounted, and where login and logout are, ours or the app's own.

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::words;
use crate::config::value::path;

/// Our routes, and whether each is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Routes {
    pub(crate) login: bool,
    pub(crate) callback: bool,
    pub(crate) refresh: bool,
    pub(crate) logout: bool,
}

/// Where browsers find the routes of the sign-in, with the prefix that a proxy strips.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    pub(crate) login: String,
    pub(crate) logout: String,
    /// Mounted or the app's own: nowhere a sign-in may lead to.
    pub(crate) all: Vec<String>,
}

impl Routes {
    /// Reads `routes`: all by default; none for `none` and an empty list.
    pub(crate) fn read(reader: &mut Reader) -> Routes {
        let names = reader.list(&key::ROUTES, words, |name| match name.to_ascii_lowercase() {
            name if ["login", "callback", "refresh", "logout", "none"].contains(&name.as_str()) => Ok(name),
            _ => Err("is not the name of a route".into()),
        });
        let has = |name: &str| names.iter().any(|given| given == name);
        if has("none") && names.iter().any(|name| name != "none") {
            reader.wrong(&key::ROUTES, "has `none` beside other names");
        }
        let all = names.is_empty() && !reader.is_empty_list(&key::ROUTES);
        Routes {
            login: all || has("login"),
            callback: all || has("callback"),
            refresh: all || has("refresh"),
            logout: all || has("logout"),
        }
    }

    /// Whether people sign in: by routes of ours, or by those of the app's own that the settings name.
    pub(crate) fn signs_in(self, reader: &Reader) -> bool {
        let own =
            [&key::REDIRECT_URL, &key::LOGOUT_URL, &key::CALLBACK_PATH, &key::LOGIN_PATH, &key::LOGOUT_PATH];
        self.any() || own.into_iter().any(|key| reader.is_set(key))
    }

    /// Whether any is mounted.
    fn any(self) -> bool {
        self.login || self.callback || self.refresh || self.logout
    }

    /// The mounted ones of those below `mount`.
    fn names(self) -> impl Iterator<Item = &'static str> {
        let names = [(self.login, "login"), (self.refresh, "refresh"), (self.logout, "logout")];
        names.into_iter().filter(|(mounted, _)| *mounted).map(|(_, name)| name)
    }
}

impl Paths {
    /// Reads `login_path` and `logout_path`, and keeps all paths apart.
    pub(crate) fn read(
        reader: &mut Reader,
        routes: Routes,
        prefix: &str,
        mount: &str,
        callback_path: &str,
    ) -> Paths {
        let below = |name: &str| format!("{prefix}{mount}/{name}");
        let login = reader.parse(&key::LOGIN_PATH, path::own_route).unwrap_or_else(|| below("login"));
        let logout = reader.parse(&key::LOGOUT_PATH, path::own_route).unwrap_or_else(|| below("logout"));
        let callback = format!("{prefix}{callback_path}");

        let callback_key =
            if reader.is_set(&key::CALLBACK_PATH) { &key::CALLBACK_PATH } else { &key::REDIRECT_URL };
        let taken = |path: &str| {
            let named = [("login", &login), ("logout", &logout)].into_iter();
            let named = named.filter(|(_, taken)| taken.as_str() == path).map(|(name, _)| name);
            named.chain(routes.names().filter(|name| below(name) == path)).next()
        };
        if let Some(name) = taken(&callback) {
            reader.wrong(callback_key, format!("has the path of our {name} route"));
        }
        if login == logout {
            reader.wrong(&key::LOGOUT_PATH, "is the path of the login route");
        }
        let mut all = vec![login.clone(), logout.clone(), callback];
        all.extend(routes.names().map(below));
        Paths { login, logout, all }
    }
}
