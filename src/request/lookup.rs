//! What guards and routes have found out about a request, for catchers, responders and fairings: `of(request)`.
//!
//! These functions stand here, and not with their types, since these lie on floors that know no request.

use std::sync::Arc;
use std::time::Duration;

use rocket::Request;
use rocket::http::Method;
use rocket::request::Outcome;

use super::bearer_header::BearerHeader;
use super::page_before::{own_address, page_before};
use super::state::RequestState;
use crate::app::App;
use crate::denial::{Denial, DenialData, Reason, Sent};
use crate::http::{is_framed, is_navigation, is_page_visit, is_unsafe, takes_turbo_stream, wants_html};
use crate::policy::Rule;
use crate::user::{Caller, CognitoUser, PersonOrAgent};

impl Denial {
    /// Why a guard, a handler or a sign-in refused this request, in any catcher; `None` when none did.
    ///
    /// An optional guard's refusal is remembered too, though the request went on: where a catcher serves
    /// several statuses, compare [`status`](Self::status).
    ///
    /// # Example
    /// ```rust
    /// use rocket::http::Status;
    /// use rocket::{Request, catch};
    /// use rocket_cognito::Denial;
    ///
    /// #[catch(default)]
    /// fn any(status: Status, request: &Request<'_>) -> String {
    ///     match Denial::of(request).filter(|denial| denial.status() == status) {
    ///         Some(denial) => format!("{} {}", denial.message(), denial.hint()),
    ///         None => status.to_string(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Denial> {
        RequestState::of(request).denial()
    }

    /// What a guard of your own returns that refuses `request` with `denial`: catchers find it by [`Denial::of`], as they
    /// find that of any guard. A handler returns the denial itself.
    ///
    /// # Example
    /// ```rust
    /// use rocket::outcome::try_outcome;
    /// use rocket::request::{FromRequest, Outcome, Request};
    /// use rocket_cognito::policy::Rule;
    /// use rocket_cognito::{CognitoUser, Denial};
    ///
    /// /// A member of the team that the path names, as in `/teams/<team>/…`.
    /// struct Member(CognitoUser);
    ///
    /// #[rocket::async_trait]
    /// impl<'r> FromRequest<'r> for Member {
    ///     type Error = Denial;
    ///
    ///     async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
    ///         let user = try_outcome!(request.guard::<CognitoUser>().await);
    ///         let group = format!("team-{}", request.param::<&str>(1).and_then(Result::ok).unwrap_or_default());
    ///         match user.groups().contains(&group) {
    ///             true => Outcome::Success(Member(user)),
    ///             false => Denial::refuse(request, Denial::forbidden(Rule::group(group))),
    ///         }
    ///     }
    /// }
    /// ```
    pub fn refuse<G>(request: &Request<'_>, denial: Denial) -> Outcome<G, Denial> {
        let denial = Denial::completed(request, denial);
        RequestState::of(request).set_denial(denial.clone());
        Outcome::Error((denial.status(), denial))
    }

    /// Whether the answer to `request` is to be a page: a browser names HTML in its `Accept`, a program JSON or nothing
    /// in particular. The [ready catchers](crate::catchers) choose by it, and so may a catcher of the app's own.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket::response::content::RawHtml;
    /// use rocket_cognito::Denial;
    ///
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> Result<RawHtml<&'static str>, Denial> {
    ///     match Denial::of(request).filter(|_| !Denial::wants_page(request)) {
    ///         Some(denial) => Err(denial),
    ///         None => Ok(RawHtml("<h1>This is not for you.</h1>")),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn wants_page(request: &Request<'_>) -> bool {
        wants_html(request)
    }

    /// Remembers for catchers and for the fairing why `request` is refused.
    pub(crate) fn record(request: &Request<'_>, reason: Reason, rule: Option<Rule>) -> Denial {
        let denial = Denial::because(request, reason, rule);
        RequestState::of(request).set_denial(denial.clone());
        denial
    }

    /// `denial` as one of `request`: it may have been made without one, or for another.
    pub(crate) fn completed(request: &Request<'_>, denial: Denial) -> Denial {
        match RequestState::of(request).denial() {
            Some(recorded) if recorded.is_same(&denial) => denial,
            _ => Denial::because(request, denial.reason(), denial.rule().cloned()),
        }
    }

    /// A denial that no guard or route has caused.
    pub(crate) fn unrecorded(request: &Request<'_>, reason: Reason) -> Denial {
        Denial::because(request, reason, None)
    }

    fn because(request: &Request<'_>, reason: Reason, rule: Option<Rule>) -> Denial {
        let after = RequestState::of(request).after_sign_in();
        let app = App::of(request.rocket());
        let is_form = is_unsafe(request) && is_navigation(request);
        let parts = app.and_then(|app| app.sign_in.as_ref());
        // Where the link of a page leads back to, which a visit to a page of its own is redirected for.
        let page = || match parts {
            Some(parts) if is_form || takes_turbo_stream(request) || is_framed(request) => {
                let own = || own_address(request, parts).filter(|_| !is_unsafe(request));
                page_before(request, parts).or_else(own)
            }
            Some(parts) if !is_unsafe(request) && wants_html(request) && !is_page_visit(request) => {
                own_address(request, parts)
            }
            _ => None,
        };
        Denial::new(DenialData {
            reason,
            rule,
            links: app.map(|app| Arc::clone(&app.links)).unwrap_or_default(),
            next: after.next.or_else(page),
            resume_url: after.resume_url,
            begins_again: after.begins_again,
            pool_error: after.pool_error,
            is_form,
            rest: app.and_then(|app| rest(request, app, reason)),
            sent: app.map_or(Sent::Nothing, |app| sent(request, app)),
            is_of_program: !wants_html(request),
            can_reload: matches!(request.method(), Method::Get | Method::Head),
        })
    }
}

/// For how long the pool is not asked for what is missing, where that is known.
fn rest(request: &Request<'_>, app: &App, reason: Reason) -> Option<Duration> {
    match reason {
        Reason::SessionNotRefreshed => RequestState::of(request).session_rest(),
        Reason::KeysUnavailable => app.pool.verifier().jwks().rest(),
        _ => None,
    }
}

/// What `request` came with, as far as a denial's next step depends on it.
fn sent(request: &Request<'_>, app: &App) -> Sent {
    if !BearerHeader::of(request, &app.settings.bearer).is_absent() {
        return Sent::TokenHeader;
    }
    let has_session = app
        .sign_in
        .as_ref()
        .is_some_and(|parts| parts.sessions.has_traces(RequestState::of(request).cookies(request, parts)));
    if has_session { Sent::Session } else { Sent::Nothing }
}

impl CognitoUser {
    /// The user of a request that a guard of ours has let in, for catchers, responders and fairings.
    ///
    /// `None` when no guard has looked yet, and for a machine ([`Caller::of`](crate::Caller::of) has both) or an agent
    /// ([`PersonOrAgent::of`](crate::PersonOrAgent::of) has both); an `async` catcher may ask
    /// `request.guard::<CognitoUser>().await` instead.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::CognitoUser;
    ///
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> String {
    ///     match CognitoUser::of(request) {
    ///         Some(user) => format!("Sorry, {}.", user.username()),
    ///         None => "Sorry.".to_owned(),
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<CognitoUser> {
        let user = PersonOrAgent::of(request)?.into_user();
        is_taken(request, &user).then_some(user)
    }
}

impl Caller {
    /// Whoever a guard of ours has recognised, also where it refused them, for catchers, responders and fairings;
    /// `None` when no guard has looked yet, and for an agent ([`PersonOrAgent::of`](crate::PersonOrAgent::of)).
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::Caller;
    ///
    /// #[catch(403)]
    /// fn forbidden(request: &Request<'_>) -> &'static str {
    ///     match Caller::of(request) {
    ///         Some(Caller::Machine(_)) => "This is for people.",
    ///         _ => "This is not for you.",
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<Caller> {
        let caller = RequestState::of(request).caller();
        caller.filter(|caller| is_taken(request, caller)).and_then(Caller::of_identity)
    }
}

impl PersonOrAgent {
    /// The person, or the agent for one, whom a guard of ours has recognised, also where it refused them, for catchers,
    /// responders and fairings such as one that logs who acts for whom. `None` when no guard has looked yet, and for a
    /// machine.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, Response};
    /// use rocket::fairing::AdHoc;
    /// use rocket_cognito::PersonOrAgent;
    ///
    /// let log = AdHoc::on_response("agents", |request, _: &mut Response<'_>| Box::pin(async move {
    ///     if let Some(by) = PersonOrAgent::of(request) && let Some(agent) = by.actor() {
    ///         rocket::info!("{} acts for {}", agent.sub().unwrap_or("an unknown agent"), by.sub());
    ///     }
    /// }));
    /// ```
    #[must_use]
    pub fn of(request: &Request<'_>) -> Option<PersonOrAgent> {
        PersonOrAgent::of_identity(RequestState::of(request).caller()?)
    }
}

/// Whether guards that are not for agents take `caller`.
fn is_taken(request: &Request<'_>, caller: &CognitoUser) -> bool {
    let accepts = || App::of(request.rocket()).is_some_and(|app| app.settings.bearer.accepts_delegated);
    !caller.is_delegated() || accepts()
}
