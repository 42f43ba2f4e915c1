//! Run `cargo run --example own_routes`, then open http://localhost:8000.
//!
//! The routes of the sign-in are the app's own, made of the parts of the mounted ones.

use rocket::response::content::RawHtml;
use rocket::{Config, get, launch, post, routes};
use rocket_cognito::{Callback, Cognito, CognitoUser, Login, Logout, Refresh};

const SIGNED_OUT: &str =
    r#"<p><a href="/signin?plan=free">Free plan</a> <a href="/signin?plan=pro">Pro plan</a></p>"#;
const SIGNED_IN: &str = r#"<p><a href="/me">Me</a></p>
<form method="post" action="/renew"><button>Renew my session</button></form>
<form method="post" action="/switch"><button>Use another account</button></form>
<form method="post" action="/signout"><button>Sign out</button></form>"#;

#[get("/")]
fn home(user: Option<CognitoUser>) -> RawHtml<&'static str> {
    RawHtml(if user.is_some() { SIGNED_IN } else { SIGNED_OUT })
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    format!("Hello, {}", user.username())
}

#[get("/welcome")]
fn welcome(user: CognitoUser) -> String {
    format!("{}, welcome to the pro plan", user.username())
}

#[get("/signin?<next>&<plan>")]
fn signin(next: Option<&str>, plan: Option<&str>) -> Login {
    // What visitors send is not for the state as it is: there is room for some 1800 bytes.
    let plan = if plan == Some("pro") { "pro" } else { "free" };
    Login::new().next(next).state(plan)
}

/// At the path of `redirect_url`. The state says what the visitor came for.
#[get("/auth/callback")]
fn callback(callback: Callback) -> Callback {
    match callback.state() {
        Some("pro") if callback.is_new() => callback.go_to("/welcome"),
        _ => callback,
    }
}

#[post("/renew")]
fn renew(session: Refresh) -> String {
    format!("{}, your session has been renewed", session.username())
}

#[post("/switch")]
fn switch() -> Logout {
    Logout::and_sign_in(Login::new().next("/me"))
}

#[post("/signout")]
fn signout() -> Logout {
    Logout::new()
}

#[launch]
fn rocket() -> _ {
    let settings = Config::figment()
        .merge(("cognito.routes", "none"))
        .merge(("cognito.login_path", "/signin"))
        .merge(("cognito.logout_path", "/signout"));
    rocket::custom(settings)
        .attach(Cognito::fairing())
        .mount("/", routes![home, me, welcome, signin, callback, renew, switch, signout])
        .register("/", rocket_cognito::catchers())
}
