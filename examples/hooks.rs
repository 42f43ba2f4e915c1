//! Run `cargo run --example hooks`, then open http://localhost:8000.
//!
//! The mounted routes stay, and the app has its say: whom it lets in, where they go, and when a session ends.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rocket::response::content::RawHtml;
use rocket::{Request, State, get, launch, routes};
use rocket_cognito::hooks::{AppResult, HookDecision};
use rocket_cognito::{Callback, Cognito, CognitoUser};

const SIGNED_OUT: &str =
    r#"<p><a href="/auth/login">Sign in</a>: alice and bob may, carol is in no group</p>"#;
const SIGNED_IN: &str = r#"<p><a href="/here">Who is here?</a></p>
<form method="post" action="/auth/logout"><button>Sign out</button></form>"#;

/// Who is here. A database, in earnest.
#[derive(Default)]
struct Guestbook(Mutex<BTreeSet<String>>);

impl Guestbook {
    fn of<'r>(request: &'r Request<'_>) -> Result<&'r Guestbook, &'static str> {
        request.rocket().state().ok_or("there is no guestbook")
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Nobody without a group comes in; everybody else is welcomed.
async fn on_login(request: &Request<'_>, login: &Callback) -> AppResult<HookDecision> {
    if login.user().groups().is_empty() {
        return Ok(HookDecision::Refuse);
    }
    Guestbook::of(request)?.change(|names| names.insert(login.user().username().to_owned()));
    Ok(HookDecision::GoTo("/here".into()))
}

/// Who has lost the last group is out as soon as the session is renewed.
async fn on_refresh(user: &CognitoUser) -> AppResult<HookDecision> {
    Ok(if user.groups().is_empty() { HookDecision::Refuse } else { HookDecision::Proceed })
}

async fn on_logout(request: &Request<'_>, user: Option<&CognitoUser>) -> AppResult<Option<String>> {
    if let Some(user) = user {
        Guestbook::of(request)?.change(|names| names.remove(user.username()));
    }
    Ok(None)
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> RawHtml<&'static str> {
    RawHtml(if user.is_some() { SIGNED_IN } else { SIGNED_OUT })
}

#[get("/here")]
fn here(_user: CognitoUser, guestbook: &State<Guestbook>) -> String {
    guestbook.change(|names| format!("Here: {names:?}"))
}

#[launch]
fn rocket() -> _ {
    let cognito = Cognito::fairing()
        .on_login(|request, login| Box::pin(on_login(request, login)))
        .on_refresh(|_, user| Box::pin(on_refresh(user)))
        .on_logout(|request, user| Box::pin(on_logout(request, user)));
    rocket::build()
        .attach(cognito)
        .manage(Guestbook::default())
        .mount("/", routes![home, here])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    use super::Guestbook;

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
    fn who_has_no_group_is_out_as_soon_as_the_session_is_refreshed() {
        let (pool, client) = client();
        let (bob, carol) = (pool.person("bob").group("editor").session(), pool.person("carol").session());
        for person in [&bob, &carol] {
            assert_eq!(client.get("/here").signed_in(person).ask().status(), Status::Ok);
        }
        pool.clock().advance(Duration::from_secs(3600));
        assert_eq!(client.get("/here").signed_in(&bob).ask().status(), Status::Ok);
        assert_eq!(client.get("/here").signed_in(&carol).ask().status(), Status::Unauthorized);
    }

    #[test]
    fn who_signs_out_leaves_the_guestbook() {
        let (pool, client) = client();
        let bob = pool.person("bob").group("editor").session();
        let guestbook: &Guestbook = client.rocket().state().unwrap();
        guestbook.change(|names| names.insert("bob".to_owned()));
        assert_eq!(client.post("/auth/logout").signed_in(&bob).ask().status(), Status::SeeOther);
        assert_eq!(guestbook.change(|names| names.len()), 0);
    }
}
