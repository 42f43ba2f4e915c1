//! Why visitors are refused, and everything that follows from each reason, in one table.

use std::collections::BTreeSet;

use rocket::http::Status;

use super::challenge::Challenge;
use super::html::NextStep;
use super::row::{Row, reasons};
use crate::config::LevelNames;
use crate::policy::Rule;

const A_FEW_SECONDS: Option<u64> = Some(5);

impl Reason {
    pub(crate) fn code(self) -> &'static str {
        self.row().code
    }

    /// The statuses that refusals have.
    pub(crate) fn statuses() -> BTreeSet<Status> {
        Reason::ALL.iter().map(|reason| reason.status()).collect()
    }

    pub(crate) fn status(self) -> Status {
        self.row().status
    }

    /// Whether [`OrForward`](crate::OrForward) passes the request on.
    pub(crate) fn is_forwarded(self) -> bool {
        self.row().is_forwarded
    }

    /// Whether the answer says when to try again.
    pub(crate) fn says_when_to_retry(self) -> bool {
        self.row().retry_after.is_some()
    }

    /// Whether the answer has a challenge, where `rule` is not met.
    pub(crate) fn has_challenge(self, rule: Option<&Rule>) -> bool {
        let levels = LevelNames::default();
        self.row().challenge.is_some_and(|challenge| challenge.text("", rule, &levels).is_some())
    }
}

reasons! {
    NotSignedIn {
        code: "not_signed_in", status: Unauthorized, next_step: SignIn,
        title: "Please sign in",
        message: "This is for people who are signed in.",
        hint: "Sign in to go on.",
        program_hint: Some("Sign in, or send this header: {header}"),
        challenge: Some(Challenge::SchemeOnly), asks_for_sign_in: true, is_forwarded: true,
    }
    SessionExpired {
        code: "session_expired", status: Unauthorized, next_step: SignIn,
        title: "Your session has ended",
        message: "You are no longer signed in here: your session has expired, was ended elsewhere, for example when you \
                  signed in or out on another device, or this site does not accept it any more.",
        hint: "Sign in again to go on.",
        challenge: Some(Challenge::InvalidToken), asks_for_sign_in: true, is_forwarded: true,
    }
    SessionEnded {
        code: "session_ended", status: Unauthorized, next_step: SignIn,
        title: "You have been signed out",
        message: "The sign-in service has ended your session. That happens when you sign in on another device, when \
                  the session is ended from elsewhere, or when its time is over.",
        hint: "Sign in again to go on.",
        challenge: Some(Challenge::InvalidToken), asks_for_sign_in: true, is_forwarded: true,
    }
    SessionInDoubt {
        code: "session_in_doubt", status: Unauthorized, next_step: TryAgain,
        title: "Two sessions at once",
        message: "This browser has two different session cookies for this site, and one of them belongs to a \
            neighbouring one.",
        hint: "Delete the cookies of this site and its parent domain, then sign in.",
        challenge: Some(Challenge::InvalidToken), is_forwarded: true,
    }
    InvalidToken {
        code: "invalid_token", status: Unauthorized, next_step: Nothing,
        title: "Token not accepted",
        message: "The token is expired, revoked, malformed or not meant for this application.",
        hint: "Get a new one, {kind}, and send it in this header: {header}",
        challenge: Some(Challenge::InvalidToken), is_forwarded: true,
    }
    BearerRequired {
        code: "bearer_required", status: Unauthorized, next_step: Nothing,
        title: "Token missing",
        message: "This address takes a bearer token, and the request carries none.",
        hint: "Send this header: {header}",
        challenge: Some(Challenge::SchemeOnly), is_forwarded: true,
    }
    SessionRequired {
        code: "session_required", status: Unauthorized, next_step: Nothing,
        title: "Session required",
        message: "This address takes the session of a browser that signed in here, and no bearer token.",
        hint: "Leave the header for tokens out.",
        challenge: Some(Challenge::SchemeOnly), is_forwarded: true,
    }
    OtherScheme {
        code: "other_scheme", status: Unauthorized, next_step: Nothing,
        title: "Token missing",
        message: "The header for the token has another scheme, or none.",
        hint: "Send this header: {header}",
        challenge: Some(Challenge::SchemeOnly), is_forwarded: true,
    }
    MissingBearerToken {
        code: "missing_bearer_token", status: Unauthorized, next_step: Nothing,
        title: "Token missing",
        message: "The header for the token has none in it.",
        hint: "Send this header: {header}",
        challenge: Some(Challenge::InvalidToken), is_forwarded: true,
    }
    SeveralBearerTokens {
        code: "several_bearer_tokens", status: Unauthorized, next_step: Nothing,
        title: "Token malformed",
        message: "The header for the token has more words in it than one token.",
        hint: "Send one token, and nothing else, in this header: {header}",
        challenge: Some(Challenge::InvalidToken), is_forwarded: true,
    }
    MalformedBearerToken {
        code: "malformed_bearer_token", status: Unauthorized, next_step: Nothing,
        title: "Token malformed",
        message: "What the header for the token has in it is no token.",
        hint: "Send one token, without quotes, in this header: {header}",
        challenge: Some(Challenge::InvalidToken), is_forwarded: true,
    }
    LoginTooOld {
        code: "login_too_old", status: Unauthorized, next_step: SignIn,
        title: "Please sign in again",
        message: "You are signed in, but this asks for a sign-in of a short while ago.",
        hint: "Sign in again to go on.",
        challenge: Some(Challenge::InsufficientUserAuthentication), asks_for_sign_in: true,
        is_forwarded: true,
    }
    LevelTooLow {
        code: "level_too_low", status: Unauthorized, next_step: SignIn,
        title: "One more step",
        message: "You are signed in, but this asks for a stronger sign-in, such as one with a second factor.",
        hint: "Sign in with it to go on.",
        challenge: Some(Challenge::InsufficientUserAuthentication), asks_for_sign_in: true,
        is_forwarded: true,
    }
    RepeatedAuthorization {
        code: "repeated_authorization", status: BadRequest, next_step: Nothing,
        title: "Header repeated",
        message: "The request has the header for the token more than once.",
        hint: "Send this header once: {header}",
        challenge: Some(Challenge::InvalidRequest),
    }
    PersonRequired {
        code: "person_required", status: Forbidden, next_step: Nothing,
        title: "For people",
        message: "This address is for people who signed in, and the token is a machine's.",
        hint: "Call it with the token of somebody who signed in.",
        is_forwarded: true,
    }
    MachineRequired {
        code: "machine_required", status: Forbidden, next_step: Nothing,
        title: "For machines",
        message: "This address is for machines, and you are signed in as a person.",
        hint: "Call it with a token that a client got for itself.",
        is_forwarded: true,
    }
    Delegated {
        code: "delegated", status: Forbidden, next_step: Nothing,
        title: "Not by an agent",
        message: "This address is for people themselves, and the token is that of an agent which acts for one.",
        hint: "Let the person ask in person.",
        program_hint: Some("Send the person's own token, or ask who runs this site to accept agents here."),
        is_forwarded: true,
    }
    RuleNotMet {
        code: "rule_not_met", status: Forbidden, next_step: SignOut,
        title: "Not for this account",
        message: "You are signed in, but your account may not do this.",
        hint: "Ask for access, or sign out and sign in with another account.",
        challenge: Some(Challenge::InsufficientScope), is_forwarded: true,
    }
    UnknownUser {
        code: "unknown_user", status: Forbidden, next_step: SignOut,
        title: "Not for this account",
        message: "You are signed in, but this site does not know your account.",
        hint: "Ask for access, or sign out and sign in with another account.",
        is_forwarded: true,
    }
    CrossSite {
        code: "cross_site", status: Forbidden, next_step: Nothing,
        title: "Request refused",
        message: "This request did not provably come from this site.",
        hint: "Use the button on the site itself; scripts send a matching Origin header. The log says how to allow a front \
            end of this site's own at another address.",
    }
    HostRefused {
        code: "host_refused", status: MisdirectedRequest, next_step: Nothing,
        title: "Not under this name",
        message: "This site answers under the names of its own machine alone, since anybody may pass here.",
        hint: "Open it under one of these; the log says how to give it another name.",
    }
    KeysUnavailable {
        code: "keys_unavailable", status: ServiceUnavailable, next_step: TryAgain,
        title: "Sign-in is unavailable",
        message: "Nobody's sign-in can be checked at the moment.",
        hint: "Try again {soon}.",
        retry_after: A_FEW_SECONDS,
    }
    SessionNotRefreshed {
        code: "session_not_renewed", status: ServiceUnavailable, next_step: TryAgainOrSignIn,
        title: "Your session is waiting",
        message: "Your session cannot be renewed at the moment; it has not ended.",
        hint: "Try again {soon}, or sign in again.",
        retry_after: A_FEW_SECONDS,
    }
    SessionsUnavailable {
        code: "sessions_unavailable", status: ServiceUnavailable, next_step: TryAgain,
        title: "Sessions are out of reach",
        message: "This site cannot reach the sessions of its visitors at the moment; none of them has ended.",
        hint: "Try again {soon}.",
        retry_after: A_FEW_SECONDS,
    }
    UserNotLoaded {
        code: "user_not_loaded", status: ServiceUnavailable, next_step: TryAgain,
        title: "Your account is out of reach",
        message: "You are signed in, but this site cannot reach its data about your account at the moment.",
        hint: "Try again {soon}.",
        retry_after: A_FEW_SECONDS,
    }
    BadCallback {
        code: "bad_callback", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "The sign-in service sent you back with something missing or repeated.",
        hint: "Start the sign-in again.",
    }
    NoLoginAttempt {
        code: "no_login_attempt", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "This browser has no sign-in under way: it may have been finished already, begun in another \
            browser, or its cookie is blocked.",
        hint: "Allow cookies for this site, delete those of this site and its parent domain, since a broken one hides \
            all others, and start the sign-in again.",
    }
    LoginExpired {
        code: "login_expired", status: BadRequest, next_step: SignIn,
        title: "Sign-in took too long",
        message: "More than ten minutes passed between start and end of the sign-in.",
        hint: "Start the sign-in again.",
    }
    LoginNotRecognised {
        code: "login_not_recognised", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "This sign-in was begun under other settings, or was changed on the way.",
        hint: "Start the sign-in again.",
    }
    LoginUsed {
        code: "login_used", status: BadRequest, next_step: SignIn,
        title: "Sign-in already completed",
        message: "This sign-in link has been used.",
        hint: "Start the sign-in again if you are not signed in.",
    }
    AnotherCode {
        code: "login_used", status: BadRequest, next_step: SignIn,
        title: "Sign-in already completed",
        message: "This sign-in link has been used.",
        hint: "Start the sign-in again if you are not signed in.",
    }
    CodeRefused {
        code: "code_refused", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "The sign-in was not accepted: its code is used up or too old.",
        hint: "Start the sign-in again.",
    }
    TokensRefused {
        code: "tokens_refused", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "The answer of the sign-in service does not belong to this sign-in.",
        hint: "Start the sign-in again.",
    }
    SignInRefused {
        code: "sign_in_refused", status: BadRequest, next_step: SignIn,
        title: "Sign-in not completed",
        message: "The sign-in service ended the sign-in with an error.",
        hint: "Start the sign-in again; if it happens again, tell whoever runs this site.",
    }
    NobodyAtPool {
        code: "login_required", status: Unauthorized, next_step: SignIn,
        title: "Please sign in",
        message: "Nobody is signed in at the sign-in service, which was not to ask.",
        hint: "Sign in to go on.",
        challenge: Some(Challenge::SchemeOnly),
    }
    LoginNotFresh {
        code: "login_not_fresh", status: Forbidden, next_step: SignOut,
        title: "Sign-in not completed",
        message: "A new sign-in was asked for, and this one does not count as new.",
        hint: "Sign out and try again; if it happens again, tell whoever runs this site.",
    }
    LoginNotStrongEnough {
        code: "login_not_strong_enough", status: Forbidden, next_step: SignOut,
        title: "Sign-in not completed",
        message: "A stronger sign-in was asked for, such as one with a second factor, and this one was without.",
        hint: "Set up an authenticator app or another second factor for your account, or ask whoever runs this site.",
    }
    AccessDenied {
        code: "access_denied", status: Forbidden, next_step: SignIn,
        title: "Sign-in declined",
        message: "The sign-in was declined.",
        hint: "Start the sign-in again if that was not intended.",
    }
    RefusedByApp {
        code: "refused_by_app", status: Forbidden, next_step: SignOut,
        title: "Not for this account",
        message: "You have an account, but this site does not let it in.",
        hint: "Ask for access, or sign out and sign in with another account.",
    }
    HookFailed {
        code: "hook_failed", status: InternalServerError, next_step: SignIn,
        title: "Sign-in not completed",
        message: "This site failed to complete the sign-in.",
        hint: "Start the sign-in again; if it happens again, tell whoever runs this site.",
    }
    BadLogin {
        code: "bad_login", status: BadRequest, next_step: SignIn,
        title: "Sign-in link not understood",
        message: "A parameter of the sign-in link is repeated or malformed.",
        hint: "Use the sign-in button of the site.",
    }
    Prefetched {
        code: "prefetch_refused", status: ServiceUnavailable, next_step: SignIn,
        title: "Not ahead of time",
        message: "This browser asked for the sign-in ahead of its user.",
        hint: "Open the page to sign in.",
        program_hint: Some("Begin a sign-in when its user asks for it."),
    }
    GetOnly {
        code: "method_not_allowed", status: MethodNotAllowed, next_step: SignIn,
        title: "Not this way",
        message: "This address does not answer this kind of request.",
        hint: "Use the button on the site itself.",
        allow: Some("GET"),
    }
    PostOnly {
        code: "method_not_allowed", status: MethodNotAllowed, next_step: Nothing,
        title: "Not this way",
        message: "This address does not answer this kind of request.",
        hint: "Use the button on the site itself.",
        allow: Some("POST"),
    }
    SignOutByPost {
        code: "method_not_allowed", status: MethodNotAllowed, next_step: SignOutOfSession,
        title: "Not this way",
        message: "This address does not answer this kind of request.",
        hint: "Use the button on the site itself.",
        allow: Some("POST"),
    }
    SignInMisconfigured {
        code: "sign_in_misconfigured", status: ServiceUnavailable, next_step: SignIn,
        title: "Sign-in is not set up correctly",
        message: "This site cannot complete the sign-in as it is set up; you have done nothing wrong.",
        hint: "Tell whoever runs this site: the log says what to correct.",
    }
    SignInBusy {
        code: "pool_unavailable", status: ServiceUnavailable, next_step: TryAgain,
        title: "Sign-in is unavailable",
        message: "Very many people are signing in at the moment.",
        hint: "Try again {soon}.",
        retry_after: A_FEW_SECONDS,
    }
    PoolUnavailable {
        code: "pool_unavailable", status: ServiceUnavailable, next_step: SignIn,
        title: "Sign-in is unavailable",
        message: "The sign-in service does not answer at the moment.",
        hint: "Start the sign-in again {soon}.",
        retry_after: A_FEW_SECONDS,
    }
}
