//! Why the pool ended a sign-in.

/// The most that is kept of each text, which comes by way of the browser.
const MAX_ERROR_BYTES: usize = 128;
const MAX_DESCRIPTION_BYTES: usize = 1024;

/// What the pool answers instead of a code (RFC 6749 section 4.1.2.1).
#[derive(Clone)]
pub(crate) struct AuthorizationError {
    pub(crate) error: String,
    pub(crate) description: Option<String>,
}

impl AuthorizationError {
    pub(crate) fn new(error: &str, description: Option<&str>) -> Self {
        AuthorizationError {
            error: cut(error, MAX_ERROR_BYTES),
            description: description.map(|text| cut(text, MAX_DESCRIPTION_BYTES)),
        }
    }

    /// Whether a pool that may not ask would have to (OpenID Connect Core section 3.1.2.6).
    pub(crate) fn says_that_nobody_is_signed_in(&self) -> bool {
        let errors =
            ["login_required", "interaction_required", "consent_required", "account_selection_required"];
        errors.contains(&self.error.as_str())
    }
}

fn cut(text: &str, max: usize) -> String {
    let ends = text.char_indices().map(|(start, letter)| start + letter.len_utf8());
    let end = ends.take_while(|end| *end <= max).last().unwrap_or_default();
    text.get(..end).unwrap_or_default().to_owned()
}
