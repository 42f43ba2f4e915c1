//! The pool's own pages, from templates compiled into the crate.

use rocket::http::{Header, Status};
use rocket::response::Responder;
use rocket::response::content::RawHtml;
use rocket_dyn_templates::minijinja::value::Value;
use rocket_dyn_templates::minijinja::{Environment, Error as TemplateError, context};

use super::redirect::Found;
use crate::error::Error;
use crate::routes::{self, content_security_policy};

const STYLE: &str = "cognito/style.css";

/// Only names that end in `.html` are escaped.
const TEMPLATES: [(&str, &str); 14] = [
    (STYLE, routes::STYLE),
    ("cognito/layout.html", include_str!("../../../templates/cognito/layout.html")),
    ("cognito/landing.html", include_str!("../../../templates/cognito/landing.html")),
    ("cognito/users.html", include_str!("../../../templates/cognito/users.html")),
    ("cognito/endings.html", include_str!("../../../templates/cognito/endings.html")),
    ("cognito/provider.html", include_str!("../../../templates/cognito/provider.html")),
    ("cognito/signup.html", include_str!("../../../templates/cognito/signup.html")),
    ("cognito/forgot_password.html", include_str!("../../../templates/cognito/forgot_password.html")),
    ("cognito/new_password.html", include_str!("../../../templates/cognito/new_password.html")),
    ("cognito/code.html", include_str!("../../../templates/cognito/code.html")),
    ("cognito/second_factor.html", include_str!("../../../templates/cognito/second_factor.html")),
    ("cognito/login.html", include_str!("../../../templates/cognito/login.html")),
    ("cognito/logout.html", include_str!("../../../templates/cognito/logout.html")),
    ("cognito/error.html", include_str!("../../../templates/cognito/error.html")),
];

pub(crate) struct Pages {
    environment: Environment<'static>,
    content_security_policy: String,
}

#[derive(Responder)]
pub(super) struct Page {
    body: (Status, RawHtml<String>),
    content_security_policy: Header<'static>,
}

/// What a browser is answered that signs in or out.
#[derive(Responder)]
pub(super) enum PageOrRedirect {
    Page(Page),
    Redirect(Found),
}

impl Pages {
    pub(crate) fn compile() -> Result<Self, Error> {
        Self::try_compile()
            .map_err(|error| Error::local_pool(format!("the local pool's pages do not compile: {error}")))
    }

    fn try_compile() -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        let style = environment.get_template(STYLE)?.render(context! {})?;
        let content_security_policy = content_security_policy(&style, "'none'");
        Ok(Pages { environment, content_security_policy })
    }

    pub(super) fn render(&self, status: Status, name: &str, context: Value) -> Result<Page, Status> {
        let html = self.environment.get_template(name).and_then(|template| template.render(context));
        let html = html.map_err(|_| Status::InternalServerError)?;
        let policy = self.content_security_policy.clone();
        Ok(Page {
            body: (status, RawHtml(html)),
            content_security_policy: Header::new("Content-Security-Policy", policy),
        })
    }
}
