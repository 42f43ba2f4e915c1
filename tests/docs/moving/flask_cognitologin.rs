use rocket::http::Status;
use rocket::{Request, catch, catchers, get, launch, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{
    Callback, Cognito, CognitoUser, CurrentUser, Denial, LoadUser, Login, Logout, RedirectToLogin,
};

/// `class MyUser(UserMixin)`.
struct User {
    id: String,
    roles: Vec<String>,
    email: Option<String>,
    username: String,
}

/// `@login_manager.user_loader`. `request` gives what a database needs; `None` refuses the user.
#[rocket::async_trait]
impl LoadUser for User {
    async fn load(user: &CognitoUser, _request: &Request<'_>) -> AppResult<Option<Self>> {
        Ok(Some(User {
            id: user.sub().to_owned(),
            roles: user.groups().to_vec(),
            email: user.email().map(str::to_owned),
            username: user.username().to_owned(),
        }))
    }
}

/// `@login_required`.
#[get("/")]
fn hello_world(user: CurrentUser<User>) -> String {
    let User { id, roles, email, username } = user.user();
    format!("Hello, {username} ({id}), {email:?}, {roles:?}")
}

/// `getSignInUrl()`.
#[get("/login?<next>")]
fn login(next: Option<&str>) -> Login {
    Login::new().next(next)
}

/// `getIdentity()`. The session begins with this answer, which leads to the page that was asked for.
#[get("/callback")]
fn callback(callback: Result<Callback, Denial>) -> Result<Callback, (Status, &'static str)> {
    callback.map_err(|denial| (denial.status(), "You have no access"))
}

/// `getLogOutUrl()`: signs out, and ends on the sign-in page.
#[get("/logout")]
fn logout() -> Logout {
    Logout::and_sign_in(Login::new())
}

#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

#[launch]
pub fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .mount("/", routes![hello_world, login, callback, logout])
        .register("/", catchers![unauthorized])
}
