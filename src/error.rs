//! What the operator is told when the app cannot run as configured.

use std::fmt;
use std::io;

/// Why the launch was refused: a problem for the operator, not for a visitor (that is
/// [`Denial`](crate::Denial)).
///
/// The text names every mistake at once, where each was read, what was expected and what to type.
/// It never contains a secret or the value of one.
///
/// # Example
/// ```rust
/// use rocket_cognito::Cognito;
///
/// let figment = rocket::Config::figment().merge(("cognito.region", "the moon"));
/// let error = Cognito::check_settings(&figment).unwrap_err();
/// assert!(error.is_settings());
/// assert!(error.to_string().contains("`region`"));
/// ```
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

#[derive(Debug)]
enum ErrorKind {
    Settings {
        /// What is said first.
        lead: Option<String>,
        mistakes: Vec<Mistake>,
    },
    #[cfg_attr(not(feature = "local-pool"), expect(dead_code, reason = "only a local pool fails so"))]
    LocalPool {
        text: String,
        /// Why it cannot listen, if that is what keeps it from running.
        cause: Option<io::Error>,
    },
    Other(String),
}

/// One wrong or missing setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The key as the operator knows it, such as `redirect_url`.
    pub(crate) key: String,
    /// Where the value was read, or where it was looked for.
    pub(crate) origin: String,
    /// What is wrong, without the value of a secret.
    pub(crate) problem: String,
    /// What would have been right.
    pub(crate) expected: String,
    /// What to type.
    pub(crate) remedy: String,
}

impl Error {
    pub(crate) fn settings(mistakes: Vec<Mistake>) -> Self {
        Error { kind: ErrorKind::Settings { lead: None, mistakes } }
    }

    /// The mistakes in settings; none of other errors.
    #[cfg(feature = "doctor")]
    pub(crate) fn mistakes(&self) -> &[Mistake] {
        match &self.kind {
            ErrorKind::Settings { mistakes, .. } => mistakes,
            ErrorKind::LocalPool { .. } | ErrorKind::Other(_) => &[],
        }
    }

    /// Puts `text` before the mistakes in settings.
    pub(crate) fn led_by(mut self, text: Option<String>) -> Self {
        if let ErrorKind::Settings { lead, .. } = &mut self.kind {
            *lead = text;
        }
        self
    }

    /// Both mistakes in the settings; of other errors the first counts.
    #[cfg(feature = "local-pool")]
    pub(crate) fn and(self, other: Error) -> Self {
        match (self.kind, other.kind) {
            (ErrorKind::Settings { mistakes: first, .. }, ErrorKind::Settings { mistakes: second, lead }) => {
                Error::settings([first, second].concat()).led_by(lead)
            }
            (kind, _) => Error { kind },
        }
    }

    /// The embedded pool cannot run as asked.
    #[cfg(feature = "local-pool")]
    pub(crate) fn local_pool(text: impl Into<String>) -> Self {
        Error { kind: ErrorKind::LocalPool { text: text.into(), cause: None } }
    }

    /// A local pool cannot listen where it is to.
    #[cfg(feature = "local-pool")]
    pub(crate) fn cannot_listen(text: String, cause: io::Error) -> Self {
        Error { kind: ErrorKind::LocalPool { text, cause: Some(cause) } }
    }

    /// The pool of a test is attached where people are served.
    #[cfg(feature = "testing")]
    pub(crate) fn test_pool(profile: &dyn fmt::Display) -> Self {
        let text = format!(
            "a `TestPool` is attached in profile \"{profile}\", where it would vouch for anyone whom a test makes up. Run \
             the tests in profile \"debug\", as `cargo test` does: ROCKET_PROFILE=debug cargo test --release. If profile \
             \"{profile}\" serves no people, type under [{profile}.cognito]: unsafe_in_profile = \"{profile}\"."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// The system has no root certificates, so nothing over TLS can be checked.
    pub(crate) fn certificates() -> Self {
        let text = "no TLS client could be made: the system has no root certificates. \
                    Install them: `apt-get install ca-certificates`.";
        Error { kind: ErrorKind::Other(text.to_owned()) }
    }

    /// `require_keys_at_launch` is on, and there are none.
    pub(crate) fn no_keys(place: &str, reason: &str) -> Self {
        let text = format!(
            "no public keys from {place}: {reason}. Check `user_pool_id` and, where set, `jwks_uri`, `issuer` and \
             `server_domain`; or let the app start without keys, answer 503 and keep trying: `require_keys_at_launch = false`."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// `require_store_at_launch` is on, and the store fails its check.
    pub(crate) fn no_store(reason: &str) -> Self {
        let text = format!(
            "{reason}. Check that it runs, and its address; or let the app start without it, and answer 503 until it is \
             back: `require_store_at_launch = false`."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// The application has a route where one of ours must be; the `others` are those that are not in its way.
    pub(crate) fn route_taken(path: &str, others: impl IntoIterator<Item: fmt::Debug>) -> Self {
        let others: Vec<_> = others.into_iter().collect();
        let text = format!(
            "the application has a route at `{path}` itself, where this crate mounts one. Move that route, or set \
             `mount` (for login and logout) or the path of `redirect_url` (for the callback), or leave ours out: \
             `routes = {others:?}`."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// The application has a route where metadata is mounted.
    pub(crate) fn metadata_route_taken(path: &str, is_of_pool: bool) -> Self {
        let (setting, instead) = match is_of_pool {
            true => ("pool_metadata", ""),
            false => ("resource", " and list the resource in `accepted_audiences`"),
        };
        let text = format!(
            "the application has a route at `{path}` itself, where the setting `{setting}` has this crate mount one. \
             Remove that route, or leave `{setting}` out{instead}."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// The application has the fairing twice.
    pub(crate) fn attached_twice() -> Self {
        let text = "the fairing is attached twice, and the hooks of one would be lost. Attach it once: \
                    `rocket::build().attach(rocket_cognito::Cognito::fairing())` with all its hooks; a test that moves \
                    the time of an app has it manage a `Clock`.";
        Error { kind: ErrorKind::Other(text.to_owned()) }
    }

    /// The application has catchers for `codes` at `base`, where ours are.
    pub(crate) fn catchers_taken(base: &str, codes: &[u16]) -> Self {
        let list = codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" and ");
        let without: String = codes.iter().map(|code| format!(".without({code})")).collect();
        let text = format!(
            "the application has a catcher for {list} at `{base}` itself, beside the one of `catchers()`. Type \
             `.register(\"{base}\", rocket_cognito::catchers(){without})`."
        );
        Error { kind: ErrorKind::Other(text) }
    }

    /// A document is to be described before the settings are read.
    pub(crate) fn settings_not_read() -> Self {
        let text = "an OpenAPI document cannot be described here: the settings of `Cognito::fairing()` are read at \
                    ignition. Describe it in a fairing that is attached after this crate's, by `on_ignite` or \
                    `on_liftoff`, or in a launched app.";
        Error { kind: ErrorKind::Other(text.to_owned()) }
    }

    /// An OpenAPI document has, or would get, what cannot be read as what it is.
    pub(crate) fn document_unreadable(part: &str, error: &dyn fmt::Display) -> Self {
        let text = format!("an OpenAPI document cannot be described: {part} cannot be read: {error}");
        Error { kind: ErrorKind::Other(text) }
    }

    /// What the checks of the settings have ruled out.
    pub(crate) fn internal() -> Self {
        Error {
            kind: ErrorKind::Other(
                "settings that passed the checks could not be used; please report this".into(),
            ),
        }
    }

    /// Whether settings are wrong or missing.
    #[must_use]
    pub fn is_settings(&self) -> bool {
        matches!(self.kind, ErrorKind::Settings { .. })
    }

    /// Whether a local pool could not be started, for example because its port is taken: the
    /// [`source`](std::error::Error::source) is then an [`io::Error`], here of the kind
    /// [`AddrInUse`](io::ErrorKind::AddrInUse).
    #[must_use]
    pub fn is_local_pool(&self) -> bool {
        matches!(self.kind, ErrorKind::LocalPool { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::LocalPool { text, .. } | ErrorKind::Other(text) => f.write_str(text),
            ErrorKind::Settings { lead, mistakes } => {
                if let Some(lead) = lead {
                    writeln!(f, "{lead}.")?;
                }
                let count = mistakes.len();
                let noun = if count == 1 { "setting needs" } else { "settings need" };
                write!(f, "{count} {noun} attention in [cognito]:")?;
                for (index, mistake) in mistakes.iter().enumerate() {
                    write!(
                        f,
                        "\n  {}. `{}`: {}\n     read from: {}\n     expected: {}\n     to type: {}",
                        index + 1,
                        mistake.key,
                        mistake.problem,
                        mistake.origin,
                        mistake.expected,
                        mistake.remedy,
                    )?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::LocalPool { cause: Some(cause), .. } => Some(cause),
            _ => None,
        }
    }
}
