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
    fn signing_in_and_out_is_open() {
        let (_, client) = client();
        let open = ["GET /", "GET /signin?<next>&<plan>", "POST /signout", "POST /switch"];
        assert_eq!(testing::map(client.rocket()).open(), open);
    }

    #[test]
    fn who_is_not_signed_in_is_sent_to_the_apps_own_route() {
        let (pool, client) = client();
        let answer = client.get("/me").as_page().ask();
        assert_eq!(answer.headers().get_one("Location"), Some("/signin?next=%2Fme"));
        let answer = client.get("/me").signed_in(&pool.person("alice")).ask();
        assert_eq!(answer.into_string().unwrap(), "Hello, alice");
    }

    #[test]
    fn this_site_alone_refreshes_a_session_and_ends_it() {
        let (pool, client) = client();
        let alice = pool.person("alice").session();
        let foreign = client.post("/renew").signed_in(&alice).from_another_site().ask();
        assert_eq!(foreign.denial().unwrap().code(), "cross_site");
        let answer = client.post("/renew").signed_in(&alice).ask();
        assert_eq!(answer.into_string().unwrap(), "alice, your session has been renewed");
        assert_eq!(client.post("/signout").signed_in(&alice).ask().status(), Status::SeeOther);
        assert_eq!(client.get("/me").signed_in(&alice).ask().status(), Status::Unauthorized);
    }
}
