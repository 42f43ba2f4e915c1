//! Open routes are tried.

use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, get, post, routes};
use rocket_cognito::{
    BearerOnly, Cognito, CognitoUser, CurrentUser, Denial, InGroups, LoadUser, OrForward, RedirectToLogin,
    Refresh, SessionOnly, catchers, testing,
};

use super::{Admin, launch, own, rows};
use crate::support::figment;

/// A request guard of the app's own, around one of ours.
macro_rules! wrappers {
    ($($Wrapper:ident($Guard:ty);)+) => {
        $(struct $Wrapper;

        #[rocket::async_trait]
        impl<'r> FromRequest<'r> for $Wrapper {
            type Error = ();

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
                request.guard::<$Guard>().await.map(|_| $Wrapper).map_error(|(status, _)| (status, ()))
            }
        })+
    };
}

struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> rocket_cognito::hooks::AppResult<Option<Self>> {
        Ok(Some(Account))
    }
}

wrappers! {
    User(CognitoUser);
    OfAdmins(InGroups<Admin>);
    OfBearers(BearerOnly<InGroups<Admin>>);
    OfSessions(SessionOnly);
    OfAccounts(CurrentUser<Account, InGroups<Admin>>);
    OfRefresh(Refresh);
    Lenient(Option<CognitoUser>);
    Passing(OrForward<CognitoUser>);
}

static RAN: AtomicUsize = AtomicUsize::new(0);

#[get("/user")]
fn user(_user: User) {}

#[post("/admins/<id>/<rest..>?<page>&fixed=1", format = "application/json", data = "<_body>")]
fn admins(_admin: OfAdmins, id: u32, rest: std::path::PathBuf, page: u32, _body: String) {
    let _ = (id, rest, page);
}

#[get("/bearers", format = "text/html")]
fn bearers(_admin: OfBearers) {}

#[get("/sessions")]
fn sessions(_user: OfSessions) {}

#[get("/accounts")]
fn accounts(_account: OfAccounts) {}

#[post("/refresh")]
fn refresh(_session: OfRefresh) {}

#[get("/lenient")]
fn lenient(_user: Lenient) {
    RAN.fetch_add(1, Ordering::SeqCst);
}

#[get("/passing")]
fn passing(_user: Passing) {}

#[get("/passing", rank = 2)]
fn passed() {}

#[get("/open/<number>")]
fn open(number: u32) -> String {
    RAN.fetch_add(1, Ordering::SeqCst);
    number.to_string()
}

#[get("/result")]
fn result(user: Result<CognitoUser, Denial>) -> Result<(), Denial> {
    user.map(drop)
}

#[test]
fn a_guard_inside_a_type_of_the_app_is_found_by_a_request() {
    let routes =
        routes![user, admins, bearers, sessions, accounts, refresh, lenient, passing, passed, open, result];
    let client = launch(|rocket| rocket.mount("/", routes).register("/", catchers()));
    let map = testing::map(client.rocket());
    assert_eq!((map.open().len(), RAN.load(Ordering::SeqCst)), (10, 0));
    let map = map.try_open(&client);
    assert_eq!(RAN.load(Ordering::SeqCst), 2);
    let admin = "group \"admin\"";
    assert_eq!(
        own(&map),
        rows(&[
            ("/accounts", &format!("a person whom the app knows: {admin}")),
            ("/admins/<id>/<rest..>?<page>&fixed=1", &format!("a person: {admin}")),
            ("/bearers", &format!("a person, by a bearer token: {admin}")),
            ("/lenient", "open"),
            ("/open/<number>", "open"),
            ("/passing", "open"),
            ("/passing", "open"),
            ("/refresh", "a person, by a session"),
            ("/result", "a person"),
            ("/sessions", "a person, by a session"),
            ("/user", "a person"),
        ])
    );
    assert_eq!(map.open(), ["GET /lenient", "GET /open/<number>", "GET /passing"]);
}

/// In disabled mode guards let everybody pass, but none who asks.
#[test]
fn disabled_mode_opens_no_route_of_the_map() {
    let figment = figment().merge(("cognito.disabled", true));
    let rocket = rocket::custom(figment).attach(Cognito::fairing()).mount("/", routes![bearers, user]);
    let client = Client::untracked(rocket).unwrap();
    let map = testing::map(client.rocket());
    assert_eq!(map.open(), ["GET /bearers", "GET /user"]);
    assert!(map.try_open(&client).open().is_empty());
    let mut request = client.get("/user");
    request.set_host(rocket::uri!("localhost:8000").into());
    assert_eq!(request.dispatch().status(), Status::Ok);
}

/// A catcher that hides the 401 hides the guard: the route stays open in the map, which is the safe mistake.
#[test]
fn a_refusal_that_is_answered_otherwise_proves_nothing() {
    #[rocket::catch(401)]
    fn home() -> (Status, &'static str) {
        (Status::Ok, "Sign in first.")
    }
    #[rocket::catch(401)]
    fn login() -> RedirectToLogin {
        RedirectToLogin::and_return()
    }
    let client = launch(|rocket| rocket.mount("/", routes![user]).register("/", rocket::catchers![login]));
    assert!(testing::map(client.rocket()).try_open(&client).open().is_empty());
    let client = launch(|rocket| rocket.mount("/", routes![user]).register("/", rocket::catchers![home]));
    assert_eq!(testing::map(client.rocket()).try_open(&client).open(), ["GET /user"]);
}
