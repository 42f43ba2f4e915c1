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

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn the_first_page_alone_is_open() {
        let (_, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
    }

    #[test]
    fn the_layout_says_who_is_signed_in_also_where_they_are_refused() {
        let (pool, client) = client();
        let alice = pool.person("alice").attribute("name", "Alice A.").group("admin");
        let mallory = pool.person("mallory").attribute("name", "<i>Mallory</i>");
        for (person, status, name, words) in [
            (alice, Status::Ok, "Alice A. <span class=\"tag\">admin</span>", "Only members of"),
            (mallory, Status::Forbidden, "&lt;i&gt;Mallory&lt;&#x2f;i&gt;", "<h1>Not for this account</h1>"),
        ] {
            let answer = client.get("/admin").signed_in(&person).as_page().ask();
            assert_eq!(answer.status(), status);
            let page = answer.into_string().unwrap();
            assert!(page.contains(name) && page.contains(words), "{page}");
        }
    }

    #[test]
    fn programs_get_json() {
        let (pool, client) = client();
        let refused = client.get("/admin").bearer(&pool.person("carol")).ask();
        assert_eq!(refused.status(), Status::Forbidden);
        let body = refused.into_string().unwrap();
        assert!(body.contains(r#""error":"rule_not_met""#), "{body}");
    }
}
