use rocket::response::Redirect;
use rocket::serde::json::{Json, Value, json};
use rocket::{catch, catchers, get, launch, post, routes, uri};
use rocket_cognito::{
    Callback, Cognito, CognitoUser, Group, InAnyGroup, InGroups, Login, Logout, RedirectToLogin, Refresh,
};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

#[get("/")]
fn home() -> &'static str {
    "Hello, world!"
}

/// `@cognito_login`. Further: `.state("…")`, `.scopes(["openid"])`, `.lang("fr")`.
#[get("/login?<next>")]
fn login(next: Option<&str>) -> Login {
    Login::new().next(next)
}

/// `@cognito_login_callback`: goes on to the page that was asked for, else to `login_redirect`.
#[get("/postlogin")]
fn postlogin(callback: Callback) -> Callback {
    callback
}

/// `@cognito_refresh_callback`.
#[post("/refresh")]
fn refresh(session: Refresh) -> Json<CognitoUser> {
    Json(session.into_user())
}

/// `@auth_required()`. The claims are those of this request's tokens.
#[get("/claims")]
fn claims(user: CognitoUser) -> Json<Value> {
    let claims = user.access_claims::<Value>().and_then(Result::ok);
    let user_info = user.id_claims::<Value>().and_then(Result::ok);
    Json(json!({ "claims": claims, "user_info": user_info }))
}

/// `@auth_required(groups=["admin"])`.
#[get("/admin")]
fn admin(user: InGroups<Admin>) -> Json<Vec<String>> {
    Json(user.groups().to_vec())
}

/// `@auth_required(groups=["admin", "editor"], any_group=True)`.
#[get("/edit")]
fn edit(user: InAnyGroup<Admin, Editor>) -> Json<Vec<String>> {
    Json(user.groups().to_vec())
}

/// `@cognito_logout`.
#[get("/logout")]
fn logout() -> Logout {
    Logout::new()
}

#[get("/postlogout")]
fn postlogout() -> Redirect {
    Redirect::to(uri!(home))
}

/// `@app.errorhandler(AuthorisationRequiredError)`.
#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

/// `@app.errorhandler(CognitoGroupRequiredError)`.
#[catch(403)]
fn forbidden() -> Json<&'static str> {
    Json("None of your groups may open this.")
}

#[launch]
pub fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .mount("/", routes![home, login, postlogin, refresh, claims, admin, edit, logout, postlogout])
        .register("/", catchers![unauthorized, forbidden])
}
