//! Run `cargo run --example quickstart`, then open http://localhost:8000.

use rocket::serde::json::Json;
use rocket::{get, launch, routes};
use rocket_cognito::policy::Level;
use rocket_cognito::{Authorized, Cognito, CognitoUser, Group, InAnyGroup, InGroups};
use rocket_dyn_templates::{Template, context};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> Template {
    Template::render("quickstart/home", context! { user })
}

#[get("/me")]
fn me(user: CognitoUser) -> Json<CognitoUser> {
    Json(user)
}

#[get("/admin")]
fn admin(admin: InGroups<Admin>) -> Template {
    Template::render("quickstart/room", context! { room: "Administration", user: admin.into_user() })
}

#[get("/edit")]
fn edit(editor: InAnyGroup<Admin, Editor>) -> Template {
    Template::render("quickstart/room", context! { room: "Editorial desk", user: editor.into_user() })
}

/// Asks for a second factor, which alice and bob of the local pool have.
#[get("/safe")]
fn safe(user: Authorized<Level<3>>) -> Template {
    Template::render("quickstart/room", context! { room: "Safe", user: user.into_user() })
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, me, admin, edit, safe])
        .register("/", rocket_cognito::catchers())
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
    fn each_group_has_its_room() {
        let (pool, client) = client();
        let person = pool.person("dave");
        for (person, admin, edit) in [
            (person.clone().group("admin"), Status::Ok, Status::Ok),
            (person.clone().group("editor"), Status::Forbidden, Status::Ok),
            (person, Status::Forbidden, Status::Forbidden),
        ] {
            for (page, status) in [("/me", Status::Ok), ("/admin", admin), ("/edit", edit)] {
                let answer = client.get(page).signed_in(&person).as_page().ask();
                assert_eq!(answer.status(), status, "{page} {answer:?}");
            }
        }
    }

    #[test]
    fn the_safe_asks_for_a_second_factor() {
        let (pool, client) = client();
        let person = pool.person("dave");
        let answer = client.get("/safe").signed_in(&person.clone().level("urn:cognito:loa:1", ["pwd"])).ask();
        assert_eq!(answer.denial().unwrap().code(), "level_too_low");
        let strong = person.level("urn:cognito:loa:3", ["pwd", "email_otp", "mfa"]);
        assert_eq!(client.get("/safe").signed_in(&strong).ask().status(), Status::Ok);
    }

    #[test]
    fn who_is_not_signed_in_is_sent_to_sign_in() {
        let (_, client) = client();
        let answer = client.get("/me").as_page().ask();
        assert_eq!(answer.headers().get_one("Location"), Some("/auth/login?next=%2Fme"));
        assert_eq!(client.get("/me").ask().denial().unwrap().code(), "not_signed_in");
    }
}
