//! An app as it is shipped: nothing in it knows that it is under test.

use crate::child::is_child;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::serde::json::{Json, Value, json};
use rocket::{Build, Config, Rocket, State, get, post, routes};
use rocket_cognito::client::CognitoClient;
use rocket_cognito::policy::{Fresh, Scope, Scopes};
use rocket_cognito::testing::TestPool;
use rocket_cognito::{Authorized, Caller, Cognito, CognitoUser, Group, InGroups, Machine, SessionOnly};

pub struct Staff;
impl Group for Staff {
    const NAME: &'static str = "staff";
}

pub struct ReadOrders;
impl Scope for ReadOrders {
    const NAME: &'static str = "orders/read";
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> String {
    user.map_or("nobody", |user| Box::leak(user.username().to_owned().into_boxed_str())).to_owned()
}

#[get("/desk")]
pub fn desk(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[post("/posts")]
fn post(by: InGroups<Staff>) -> String {
    by.username().to_owned()
}

#[get("/payroll")]
fn payroll(by: Authorized<Fresh<900>>) -> String {
    by.username().to_owned()
}

#[get("/orders")]
fn orders(by: Authorized<Scopes<(ReadOrders,)>, Machine>) -> String {
    by.client_id().to_owned()
}

#[get("/account")]
fn account(user: SessionOnly) -> String {
    user.username().to_owned()
}

#[get("/caller")]
fn caller(_caller: Caller) {}

/// All that the guards hand out.
#[get("/claims")]
fn claims(user: CognitoUser) -> Json<Value> {
    let access = user.access_claims::<Value>().and_then(Result::ok);
    let id = user.id_claims::<Value>().and_then(Result::ok);
    Json(json!({ "access": access, "id": id, "email": user.email(), "groups": user.groups() }))
}

#[get("/userinfo")]
async fn user_info(user: CognitoUser) -> Result<String, Status> {
    let info = user.fetch_user_info().await.map_err(|_| Status::ServiceUnavailable)?;
    Ok(info.sub().to_owned())
}

/// The cookies that are none of a session's.
struct Cookies(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Cookies {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let all = request.headers().get("Cookie").flat_map(|header| header.split("; "));
        let others: Vec<_> = all.filter(|cookie| !cookie.contains("cognito_")).collect();
        Outcome::Success(Cookies(others.join("; ")))
    }
}

#[get("/theme")]
fn theme(user: CognitoUser, cookies: Cookies) -> String {
    format!("{}: {}", user.username(), cookies.0)
}

#[get("/token")]
async fn token(client: &State<CognitoClient>) -> Result<String, Status> {
    let token = client.client_credentials(&["orders/read"], std::time::SystemTime::now()).await;
    token.map(|token| token.access_token().to_owned()).map_err(|_| Status::ServiceUnavailable)
}

/// The app with these settings.
pub fn shipped(figment: Figment) -> Rocket<Build> {
    // Without sign-in there are no sessions to ask for.
    let signs_in = figment.extract_inner::<String>("cognito.routes").is_err();
    let routes = routes![home, desk, post, payroll, orders, caller, claims, user_info, token, theme];
    rocket::custom(figment)
        .attach(Cognito::fairing())
        .mount("/", routes)
        .mount("/", if signs_in { routes![account] } else { Vec::new() })
        .register("/", rocket_cognito::catchers())
}

pub fn figment() -> Figment {
    // Nobody refreshes a session here, and most logs are of no use.
    let figment = Config::figment();
    let figment = if is_child() { figment } else { figment.merge(("log_level", "off")) };
    figment.merge(("cognito.refresh_flow_enabled", false))
}

/// A client of the app with these settings, beside its pool.
pub fn client_with(figment: Figment) -> (TestPool, Client) {
    let pool = TestPool::new();
    let client = Client::tracked(pool.attach(shipped(figment))).unwrap();
    (pool, client)
}

pub fn client() -> (TestPool, Client) {
    client_with(figment())
}

/// What the kit says to the author of a test in which `mistake` is made.
pub fn panic_of(mistake: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mistake)).unwrap_err();
    panic.downcast_ref::<String>().expect("a text").clone()
}
