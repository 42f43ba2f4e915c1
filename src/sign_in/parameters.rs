//! What the pool answers by way of the callback's query (RFC 6749 section 4.1.2).

use super::refusal::SignInRefusal;
use crate::crypto::SecretText;
use crate::http::Query;
use crate::oauth::AuthorizationError;
use crate::telemetry::{CallbackRefusal, Event, emit};

const MAX_STATE_BYTES: usize = 128;
const MAX_CODE_BYTES: usize = 2048;

/// The parameters of a callback.
pub(crate) struct CallbackParameters {
    pub(crate) state: SecretText,
    /// RFC 9207; Cognito sends none.
    issuer: Option<String>,
    pub(crate) answer: Result<SecretText, AuthorizationError>,
}

impl CallbackParameters {
    pub(crate) fn parse(query: &str) -> Result<Self, SignInRefusal> {
        let bad = |_| SignInRefusal::BadCallback;
        let query = Query::parse(query).map_err(bad)?;
        let one = |name| query.one(name).map(|value| value.map(str::to_owned)).map_err(bad);
        let (state, code, error) = (one("state")?, one("code")?, one("error")?);
        let (description, issuer) = (one("error_description")?, one("iss")?);
        let visible = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        let answer = match (error, code) {
            (Some(error), _) => Err(AuthorizationError::new(&error, description.as_deref())),
            (None, Some(code)) if visible(&code, MAX_CODE_BYTES) => Ok(code.into()),
            (None, _) => return Err(SignInRefusal::BadCallback),
        };
        match state {
            Some(state) if visible(&state, MAX_STATE_BYTES) => {
                Ok(CallbackParameters { state: state.into(), issuer, answer })
            }
            // What no attempt of ours can have sent is as good as none.
            _ if answer.is_ok() => Err(SignInRefusal::StateMissing),
            _ => Err(SignInRefusal::BadCallback),
        }
    }

    /// The code, when the pool that has this `issuer` has answered with one. `is_silent`: the pool was not to ask.
    pub(super) fn code(self, issuer: &str, is_silent: bool) -> Result<SecretText, SignInRefusal> {
        if self.is_of_another(issuer) {
            emit(Event::CallbackRefused(CallbackRefusal::IssuerForeign));
            return Err(SignInRefusal::AttemptNotRecognised);
        }
        self.answer.map_err(|error| match error.says_that_nobody_is_signed_in() {
            true if is_silent => SignInRefusal::NobodyAtPool,
            _ => refused(&error.error, error.description.as_deref()),
        })
    }

    /// The pool's error, when the pool that has this `issuer` has answered with one.
    pub(crate) fn error_of(&self, issuer: &str) -> Option<&AuthorizationError> {
        self.answer.as_ref().err().filter(|_| !self.is_of_another(issuer))
    }

    fn is_of_another(&self, issuer: &str) -> bool {
        self.issuer.as_ref().is_some_and(|theirs| theirs != issuer)
    }
}

/// What `error=` of the pool means (RFC 6749 section 4.1.2.1). Its texts go to the log, never to the page.
fn refused(error: &str, description: Option<&str>) -> SignInRefusal {
    emit(Event::SignInRefused { error, description });
    match error {
        // The second is Apple's, which Cognito passes on.
        "access_denied" | "user_cancelled_authorize" => SignInRefusal::Declined,
        // What a trigger has refused at a provider of SAML, which is no failure.
        "server_error" if description.is_some_and(|text| text.contains(" failed with error ")) => {
            SignInRefusal::RefusedByPool
        }
        "server_error" | "temporarily_unavailable" => SignInRefusal::PoolUnavailable,
        "unauthorized_client" | "invalid_scope" | "unsupported_response_type" => SignInRefusal::Misconfigured,
        "invalid_request" if description == Some("invalid_scope") => SignInRefusal::Misconfigured,
        _ => SignInRefusal::RefusedByPool,
    }
}
