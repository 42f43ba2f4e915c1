//! What signatures ask for.

use std::sync::atomic::{AtomicBool, Ordering};

use rocket::serde::json::Json;
use rocket::{Ignite, Request, Rocket, Route, Sentinel, State, get, post, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::policy::{All, Any, Fresh, HasIdToken, Not, Rule, Scope, Scopes};
use rocket_cognito::testing::{self, Access, By, Who};
use rocket_cognito::{
    Authorized, BearerOnly, Callback, Caller, CognitoUser, CurrentUser, Denial, InAnyGroup, InGroups,
    LoadUser, Login, Logout, Machine, OrForward, PersonOrAgent, Refresh, SessionOnly, Sessions,
};

use super::{Admin, Editor, launch, own, rows};

struct ReadOrders;
impl Scope for ReadOrders {
    const NAME: &'static str = "orders/read";
}

struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        Ok(Some(Account))
    }
}

type Member = Authorized<All<(Any<(Admin, Editor)>, Not<HasIdToken>)>>;
type MaybeAdmin = Option<InGroups<Admin>>;
type Answer<G> = Result<G, Denial>;

#[get("/01")]
fn user(_guard: CognitoUser) {}

#[get("/02")]
fn borrowed(_guard: &CognitoUser) {}

#[get("/03")]
fn groups(_guard: InGroups<Admin, Editor>) {}

#[get("/04")]
fn any_group(_guard: InAnyGroup<Admin, Editor>) {}

#[get("/05")]
fn policy(_guard: Member) {}

#[get("/06")]
fn fresh(_guard: Authorized<Fresh<900>>) {}

#[get("/07")]
fn machine(_guard: Machine) {}

#[get("/08")]
fn scoped(_guard: BearerOnly<Authorized<Scopes<(ReadOrders,)>, Machine>>) {}

#[get("/09")]
fn caller(_guard: Caller) {}

#[get("/10")]
fn bearer(_guard: BearerOnly) {}

#[get("/11")]
fn session(_guard: SessionOnly<InGroups<Admin>>) {}

#[get("/12")]
fn account(_guard: CurrentUser<Account>) {}

#[get("/13")]
fn admin_account(_guard: CurrentUser<Account, SessionOnly<InGroups<Admin>>>) {}

#[get("/14")]
fn forward(_guard: OrForward<InGroups<Admin>>) {}

#[get("/15")]
fn forward_inside(_guard: SessionOnly<OrForward<&CognitoUser>>) {}

#[get("/16")]
fn refresh(_guard: Refresh) {}

#[get("/17")]
fn option(_guard: Option<CognitoUser>) {}

#[get("/18")]
fn option_alias(_guard: MaybeAdmin) {}

#[get("/19")]
fn result(_guard: Result<BearerOnly<Machine>, Denial>) {}

#[get("/20")]
fn result_alias(_guard: Answer<CurrentUser<Account>>) {}

#[get("/21")]
fn agent(_guard: BearerOnly<Authorized<Admin, PersonOrAgent>>) {}

fn handlers() -> Vec<Route> {
    routes![
        user,
        borrowed,
        groups,
        any_group,
        policy,
        fresh,
        machine,
        scoped,
        caller,
        bearer,
        session,
        account,
        admin_account,
        forward,
        forward_inside,
        refresh,
        option,
        option_alias,
        result,
        result_alias,
        agent
    ]
}

#[test]
fn each_guard_says_what_it_asks_for() {
    let client = launch(|rocket| rocket.mount("/", handlers()));
    let admin = "group \"admin\"";
    let both = "group \"admin\" and group \"editor\"";
    let either = "group \"admin\" or group \"editor\"";
    let scope = "scope \"orders/read\"";
    let id_token = "an ID token";
    assert_eq!(
        own(&testing::map(client.rocket())),
        rows(&[
            ("/01", "a person"),
            ("/02", "a person"),
            ("/03", &format!("a person: {both}")),
            ("/04", &format!("a person: {either}")),
            ("/05", &format!("a person: ({either}) and not ({id_token})")),
            ("/06", "a person: a sign-in within the last 15 minutes"),
            ("/07", "a machine"),
            ("/08", &format!("a machine, by a bearer token: {scope}")),
            ("/09", "a person or a machine"),
            ("/10", "a person, by a bearer token"),
            ("/11", &format!("a person, by a session: {admin}")),
            ("/12", "a person whom the app knows"),
            ("/13", &format!("a person whom the app knows, by a session: {admin}")),
            ("/14", &format!("a person: {admin}, or the next route")),
            ("/15", "a person, by a session, or the next route"),
            ("/16", "a person, by a session"),
            ("/17", "open, and knows a person"),
            ("/18", &format!("open, and knows a person: {admin}")),
            ("/19", "open, and knows a machine, by a bearer token"),
            ("/20", "open, and knows a person whom the app knows"),
            ("/21", &format!("a person or an agent for one, by a bearer token: {admin}")),
        ])
    );
    assert_eq!(testing::map(client.rocket()).open(), ["GET /17", "GET /18", "GET /19", "GET /20"]);
}

#[test]
fn what_a_guard_asks_for_is_data() {
    let client = launch(|rocket| rocket.mount("/", handlers()));
    let map = testing::map(client.rocket());
    let asks = |uri: &str| match map.iter().find(|route| route.uri() == uri).unwrap().access() {
        Access::Guarded(guards) => guards[0].clone(),
        other => panic!("{other}"),
    };
    let scoped = asks("/08");
    assert_eq!((scoped.who(), scoped.by()), (Who::Machine, By::BearerToken));
    assert!(matches!(scoped.rule(), Some(Rule::All(scopes)) if matches!(scopes[..], [Rule::Scope(_)])));
    assert!(!scoped.loads_user() && !scoped.passes_on());
    let account = asks("/13");
    assert_eq!((account.who(), account.by()), (Who::Person, By::Session));
    assert!(matches!(account.rule(), Some(Rule::All(groups)) if matches!(groups[..], [Rule::Group(_)])));
    assert!(account.loads_user() && asks("/14").passes_on());
    assert_eq!((asks("/09").who(), asks("/09").by(), asks("/09").rule()), (Who::Caller, By::Any, None));
}

#[test]
fn a_route_with_several_guards_asks_them_all() {
    #[get("/both")]
    fn both(_admin: InGroups<Admin>, _option: Option<Machine>, _session: SessionOnly) {}
    #[get("/twice")]
    fn twice(_first: Option<CognitoUser>, _second: Result<Machine, Denial>) {}
    #[get("/same")]
    fn same(_first: CognitoUser, _second: CognitoUser) {}
    let client = launch(|rocket| rocket.mount("/", routes![both, twice, same]));
    assert_eq!(
        own(&testing::map(client.rocket())),
        rows(&[
            ("/both", "a person: group \"admin\"; and a person, by a session"),
            ("/same", "a person"),
            ("/twice", "open, and knows a person; and a machine"),
        ])
    );
}

#[test]
fn a_type_that_a_handler_returns_guards_nothing() {
    #[get("/json")]
    fn json(user: Option<CognitoUser>) -> Option<Json<CognitoUser>> {
        user.map(Json)
    }
    #[get("/none")]
    fn none() -> Option<Json<CognitoUser>> {
        None
    }
    #[get("/guarded")]
    fn guarded(user: CognitoUser) -> Json<CognitoUser> {
        Json(user)
    }
    #[get("/login")]
    fn login() -> Login {
        Login::new()
    }
    #[get("/denial")]
    fn denial() -> Result<(), Denial> {
        Ok(())
    }
    #[post("/logout")]
    fn logout() -> Logout {
        Logout::new()
    }
    let routes = routes![json, none, guarded, login, denial, logout];
    let client = launch(|rocket| rocket.mount("/", routes));
    let map = testing::map(client.rocket());
    assert_eq!(
        own(&map),
        rows(&[
            ("/denial", "open"),
            ("/guarded", "a person"),
            ("/json", "open, and knows a person"),
            ("/login", "open"),
            ("/logout", "open"),
            ("/none", "open"),
        ])
    );
}

/// `Callback` and `Sessions` need an app of their own.
#[test]
fn a_callback_of_the_app_asks_for_a_sign_in_and_a_list_of_sessions_for_nobody() {
    #[get("/auth/callback")]
    fn callback(callback: Callback) -> Callback {
        callback
    }
    #[get("/sessions")]
    fn sessions(_sessions: Sessions) {}
    let jwks = crate::support::forge::JwksFile::new(&[&crate::support::forge::Key::new("k")]);
    let settings = crate::support::settings(&jwks.uri())
        .merge(("cognito.routes", "none"))
        .merge(("cognito.session_store", "memory"));
    let rocket = rocket::custom(settings).attach(rocket_cognito::Cognito::fairing());
    let client =
        rocket::local::blocking::Client::untracked(rocket.mount("/", routes![callback, sessions])).unwrap();
    let map = testing::map(client.rocket());
    let lines: Vec<_> = map.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["GET /auth/callback: a person, by a sign-in that comes back", "GET /sessions: open"]);
    assert_eq!(map.open(), ["GET /sessions"]);
}

struct Database;

/// A sentinel of the app's own, which takes the app's state for granted.
struct Connection;

impl Sentinel for Connection {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<Database>().map(|_| false).expect("there is a database")
    }
}

#[rocket::async_trait]
impl<'r> rocket::request::FromRequest<'r> for Connection {
    type Error = std::convert::Infallible;

    async fn from_request(_: &'r Request<'_>) -> rocket::request::Outcome<Self, Self::Error> {
        rocket::request::Outcome::Success(Connection)
    }
}

#[test]
fn state_of_the_app_is_not_missed() {
    #[get("/user")]
    fn user(_database: &State<Database>, _user: CognitoUser) {}
    #[get("/open")]
    fn open(_database: &State<Database>) {}
    #[get("/panic")]
    fn panicking(_connection: Connection) {}
    let client = launch(|rocket| rocket.manage(Database).mount("/", routes![user, open, panicking]));
    let map = testing::map(client.rocket());
    assert_eq!(own(&map), rows(&[("/open", "open"), ("/panic", "open"), ("/user", "a person")]));
}

#[test]
fn no_handler_runs() {
    static RAN: AtomicBool = AtomicBool::new(false);
    #[get("/open")]
    fn open() {
        RAN.store(true, Ordering::SeqCst);
    }
    #[get("/user")]
    fn user(_user: Option<CognitoUser>) {
        RAN.store(true, Ordering::SeqCst);
    }
    let client = launch(|rocket| rocket.mount("/", routes![open, user]));
    assert_eq!(testing::map(client.rocket()).open(), ["GET /open", "GET /user"]);
    assert!(!RAN.load(Ordering::SeqCst));
}
