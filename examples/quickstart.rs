//! Run `cargo run --example quickstart`, then open http://localhost:8000.

use rocket::serde::json::Json;
use rocket::{get, launch, routes};
use rocket_cognito::{Cognito, CognitoUser, Group, InAnyGroup, InGroups};
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

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, me, admin, edit])
        .register("/", rocket_cognito::catchers())
}
