//! Run `cargo run --example templates`, then open http://localhost:8000.
//!
//! Pages of the app's own: a layout that says who is signed in, forms without hidden fields, refusals in the same look.

use rocket::http::Status;
use rocket::serde::Serialize;
use rocket::{Request, catch, catchers, get, launch, routes};
use rocket_cognito::{Cognito, CognitoUser, Denial, Group, InGroups, RedirectToLogin};
use rocket_dyn_templates::{Template, context};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

/// What the layout shows of whoever is signed in.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Visitor {
    name: String,
    groups: Vec<String>,
}

impl From<&CognitoUser> for Visitor {
    fn from(user: &CognitoUser) -> Self {
        Visitor { name: user.name().unwrap_or(user.username()).to_owned(), groups: user.groups().to_vec() }
    }
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> Template {
    match user {
        Some(user) => Template::render("site/home", context! { visitor: Visitor::from(&user) }),
        None => Template::render("site/welcome", context! {}),
    }
}

#[get("/account")]
fn account(user: CognitoUser) -> Template {
    let (sub, email) = (user.sub(), user.email());
    Template::render("site/account", context! { visitor: Visitor::from(&user), sub, email })
}

#[get("/admin")]
fn admin(admin: InGroups<Admin>) -> Template {
    Template::render("site/admin", context! { visitor: Visitor::from(&*admin) })
}

/// Browsers go to sign in, and come back to the page.
#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

/// Signed in, but not allowed: a page in the site's own layout. Programs get the JSON of the ready catchers.
#[catch(403)]
fn forbidden(request: &Request<'_>) -> Result<Template, Denial> {
    match Denial::of(request) {
        Some(denial) if !Denial::wants_page(request) => Err(denial),
        denial => {
            let visitor = CognitoUser::of(request).as_ref().map(Visitor::from);
            Ok(Template::render("site/forbidden", context! { visitor, denial }))
        }
    }
}

/// What went wrong with a sign-in, as the ready page; anything else by the name of its status.
#[catch(default)]
fn other(status: Status, request: &Request<'_>) -> Template {
    match Denial::of(request).filter(|denial| denial.status() == status) {
        Some(denial) => Template::render("cognito/denial.html", denial),
        None => {
            let visitor = CognitoUser::of(request).as_ref().map(Visitor::from);
            Template::render("site/error", context! { visitor, title: status.reason_lossy() })
        }
    }
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, account, admin])
        .register("/", catchers![unauthorized, forbidden, other])
}
