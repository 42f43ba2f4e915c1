//! Ready-made catchers, and the template they share with your own.

use rocket::catcher::{BoxFuture, Catcher};
use rocket::http::Status;
use rocket::request::Request;
use rocket::response::Responder;

use crate::answer;
use crate::denial::Denial;
use crate::sign_in::RedirectToLogin;

/// Catchers for 400, 401, 403 and 503, for those who want defaults:
/// `.register("/", rocket_cognito::catchers())`.
///
/// 401 answers as [`RedirectToLogin`]; the others with a page for people and JSON for programs. Statuses that
/// none of this crate's guards or routes caused are answered with their name alone.
///
/// # Example
/// ```rust
/// use rocket_cognito::Cognito;
///
/// # let _ =
/// rocket::build()
///     .attach(Cognito::fairing())
///     .register("/", rocket_cognito::catchers());
/// ```
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    [400, 401, 403, 503].into_iter().map(|code| Catcher::new(code, catch)).collect()
}

fn catch<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r> {
    Box::pin(async move {
        match Denial::of(request).filter(|denial| denial.status() == status) {
            Some(_) if status == Status::Unauthorized => RedirectToLogin::and_return().respond_to(request),
            Some(denial) => Ok(answer::refusal(request, &denial)),
            None => (status, status.reason_lossy()).respond_to(request),
        }
    })
}

/// Makes `cognito/denial.html` known to your templates: a page for a [`Denial`], for
/// `Template::custom`. The page's style is the global `cognito_style`. Answers that your templates make
/// have the headers that you give them; those of [`catchers`] have a Content-Security-Policy.
///
/// # Example
/// ```rust
/// use rocket::{Request, catch};
/// use rocket_cognito::Denial;
/// use rocket_dyn_templates::Template;
///
/// #[catch(403)]
/// fn forbidden(request: &Request<'_>) -> Option<Template> {
///     Some(Template::render("cognito/denial.html", Denial::of(request)?))
/// }
///
/// # let _ =
/// rocket::build().attach(Template::custom(rocket_cognito::Cognito::templates));
/// ```
#[cfg(feature = "templates")]
pub fn templates(engines: &mut rocket_dyn_templates::Engines) {
    let minijinja = &mut engines.minijinja;
    minijinja.add_global("cognito_style", crate::page::STYLE);
    if let Err(error) = minijinja.add_template("cognito/denial.html", crate::page::DENIAL) {
        crate::report::template_rejected(&error.to_string());
    }
}
