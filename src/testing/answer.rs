//! What the app has answered, and why.

use std::fmt;
use std::ops::Deref;

use rocket::Request;
use rocket::local::{asynchronous, blocking};
use serde::de::DeserializeOwned;

use crate::denial::Denial;
use crate::request::RequestState;
use crate::user::Caller;

/// The answer to a request of a test: what [`Ask::ask`](super::Ask::ask) returns. It derefs to Rocket's `LocalResponse`.
pub struct Answer<R> {
    response: R,
    denial: Option<Denial>,
    refusal: Option<Denial>,
    caller: Option<Caller>,
}

impl<R> Answer<R> {
    /// The `response` to `request`, which was refused because of `denial`.
    pub(super) fn new(response: R, denial: Option<Denial>, request: &Request<'_>) -> Self {
        let caller = RequestState::of(request).caller().and_then(Caller::of_identity);
        Answer { response, denial, refusal: RequestState::of(request).denial(), caller }
    }

    /// Why the request was refused: by a guard, a handler or a sign-in. A redirect to the sign-in is a refusal too; `None`
    /// where something else was answered, though an optional guard may have refused.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        self.denial.as_ref()
    }

    /// The [code](Denial::code) of [`denial`](Self::denial), such as `rule_not_met`; `None` where nobody was refused.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        self.denial.as_ref().map(Denial::code)
    }

    /// What was refused last, whatever the answer became: an optional guard's refusal too, and one that the app's catcher
    /// answers with another status than the denial's.
    #[must_use]
    pub fn refusal(&self) -> Option<&Denial> {
        self.refusal.as_ref()
    }

    /// Whom a guard has recognised, also where it has refused them. `None` where no guard has looked, or found nobody.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// Rocket's response.
    #[must_use]
    pub fn into_response(self) -> R {
        self.response
    }
}

impl Answer<blocking::LocalResponse<'_>> {
    /// The body as text, if it is not empty.
    #[must_use]
    pub fn into_string(self) -> Option<String> {
        self.response.into_string()
    }

    /// The body as JSON, if it fits `T`.
    #[must_use]
    pub fn into_json<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(&self.into_string()?).ok()
    }
}

impl Answer<asynchronous::LocalResponse<'_>> {
    /// The body as text, if it is not empty.
    pub async fn into_string(self) -> Option<String> {
        self.response.into_string().await
    }

    /// The body as JSON, if it fits `T`.
    pub async fn into_json<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(&self.into_string().await?).ok()
    }
}

impl<R> Deref for Answer<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.response
    }
}

/// Why the request was refused, who called, and the response, for the message of an assertion that fails.
impl<R: fmt::Debug> fmt::Debug for Answer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer { response, denial, refusal, caller } = self;
        let mut fields = f.debug_struct("Answer");
        fields
            .field("denial", denial)
            .field("refusal", refusal)
            .field("caller", caller)
            .field("response", response)
            .finish()
    }
}
