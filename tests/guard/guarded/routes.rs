//! What a guard before a route leaves as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rocket::data::{Data, ToByteUnit};
use rocket::fs::FileServer;
use rocket::http::{ContentType, Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::route::{BoxFuture, Handler, Outcome as RouteOutcome, Route};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Request, Rocket, State, get, post, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::policy::Not;
use rocket_cognito::{
    Authorized, BearerOnly, Caller, CognitoUser, CurrentUser, Denial, InGroups, LoadUser, Machine, OrForward,
    SessionOnly, guarded,
};
use serde_json::json;

use crate::support::forge::{access_claims, with};
use crate::support::groups::{Admin, Editor};
use crate::support::{log, root};
use crate::{Suspended, World, answer};

#[get("/found/<_>?<_query>&fixed=1", rank = 7, format = "json")]
fn found(_query: &str) -> &'static str {
    "found"
}

#[post("/echo", data = "<body>", format = "text/plain")]
fn echo(body: String) -> String {
    body
}

#[test]
fn a_guarded_route_keeps_all_that_it_is_found_by() {
    let facts = |route: &Route| {
        let format = route.format.clone();
        (route.name.clone(), route.method, route.rank, route.uri.to_string(), format)
    };
    let mut before = routes![found, echo];
    before.extend(Vec::from(FileServer::from(root().join("docs")).rank(23)));
    let after = guarded::<CognitoUser>(before.clone());
    let mut after: Vec<_> = after.iter().map(facts).collect();
    after.truncate(before.len());
    assert_eq!(after, before.iter().map(facts).collect::<Vec<_>>());
}

/// Answers with what it was sent: a handler that no macro made.
#[derive(Clone)]
struct Echo(&'static str);

impl Handler for Echo {
    fn handle<'r, 'life0, 'life1, 'async_trait>(
        &'life0 self,
        request: &'r Request<'life1>,
        data: Data<'r>,
    ) -> BoxFuture<'r>
    where
        'r: 'async_trait,
        'life0: 'async_trait,
        'life1: 'async_trait,
    {
        let name = self.0;
        Box::pin(async move {
            match data.open(1.kibibytes()).into_string().await {
                Ok(body) => RouteOutcome::from(request, format!("{name}: {}", body.into_inner())),
                Err(_) => RouteOutcome::Error(Status::BadRequest),
            }
        })
    }
}

#[rocket::async_test]
async fn data_reaches_the_handler_behind_the_guard_and_the_next_route() {
    let own = vec![Route::new(Method::Post, "/own", Echo("own"))];
    let first = vec![Route::ranked(1, Method::Post, "/desk", Echo("first"))];
    let next = vec![Route::ranked(2, Method::Post, "/desk", Echo("next"))];
    let world = World::new(|rocket| {
        rocket
            .mount("/g", guarded::<CognitoUser>(routes![echo]))
            .mount("/g", guarded::<CognitoUser>(own))
            .mount("/g", guarded::<OrForward<InGroups<Admin>>>(first))
            .mount("/g", next)
    })
    .await;
    let post = async |path: &'static str, groups: &[&str]| {
        let request = world.client.post(path).header(ContentType::Text).body("written");
        answer(request.header(world.in_groups(groups))).await
    };
    assert_eq!(post("/g/echo", &[]).await, (200, "written".to_owned()));
    assert_eq!(post("/g/own", &[]).await, (200, "own: written".to_owned()));
    assert_eq!(post("/g/desk", &["admin"]).await, (200, "first: written".to_owned()));
    assert_eq!(post("/g/desk", &[]).await, (200, "next: written".to_owned()));
    let nobody = |path: &'static str| world.client.post(path).header(ContentType::Text).body("written");
    assert_eq!(answer(nobody("/g/own")).await.0, 401);
    assert_eq!(answer(nobody("/g/desk")).await.1, "next: written");
    // A wrong format is as if there were no such route.
    assert_eq!(answer(world.client.post("/g/echo").header(ContentType::JSON)).await.0, 404);
}

struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
        let loads = request.rocket().state::<Arc<AtomicUsize>>().ok_or("nothing is managed")?;
        loads.fetch_add(1, Ordering::SeqCst);
        Ok(Some(Account))
    }
}

#[get("/twice")]
fn twice(
    _account: CurrentUser<Account, InGroups<Editor>>,
    _user: CognitoUser,
    loads: &State<Arc<AtomicUsize>>,
) -> String {
    loads.load(Ordering::SeqCst).to_string()
}

#[rocket::async_test]
async fn a_guard_before_a_route_and_in_its_signature_finds_the_user_once() {
    let world = World::new(|rocket| {
        rocket
            .manage(Arc::new(AtomicUsize::new(0)))
            .mount("/g", guarded::<CurrentUser<Account>>(guarded::<CognitoUser>(routes![twice])))
    })
    .await;
    assert_eq!(world.get("/g/twice", Some(world.in_groups(&["editor"]))).await, (200, "1".to_owned()));
    assert_eq!(world.get("/g/twice", Some(world.in_groups(&["editor"]))).await, (200, "2".to_owned()));
    assert_eq!(world.get("/g/twice", Some(world.in_groups(&[]))).await.0, 403);
    assert_eq!(world.get("/g/twice", None).await.0, 401);
}

#[get("/")]
fn inside() -> &'static str {
    "inside"
}

/// A guard of the app's own.
struct Tenant;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Tenant {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        request.guard::<InGroups<Editor>>().await.map(|_| Tenant)
    }
}

impl Sentinel for Tenant {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        CognitoUser::abort(rocket)
    }
}

#[rocket::async_test]
async fn every_guard_that_does_not_borrow_stands_before_routes() {
    let world = World::new(|rocket| {
        rocket
            .manage(Arc::new(AtomicUsize::new(0)))
            .mount("/g/user", guarded::<CognitoUser>(routes![inside]))
            .mount("/g/groups", guarded::<InGroups<Admin, Editor>>(routes![inside]))
            .mount("/g/policy", guarded::<Authorized<Not<Suspended>>>(routes![inside]))
            .mount("/g/machine", guarded::<Machine>(routes![inside]))
            .mount("/g/caller", guarded::<Caller>(routes![inside]))
            .mount("/g/bearer", guarded::<BearerOnly<InGroups<Admin>>>(routes![inside]))
            .mount("/g/session", guarded::<SessionOnly>(routes![inside]))
            .mount("/g/account", guarded::<CurrentUser<Account, InGroups<Admin>>>(routes![inside]))
            .mount("/g/tenant", guarded::<Tenant>(routes![inside]))
    })
    .await;
    let admin = &with(access_claims(), "cognito:groups", json!(["admin"]));
    let editor = &access_claims();
    for (path, nobody, by_bearer, by_session) in [
        ("/g/user", 401, 200, 200),
        ("/g/groups", 401, 403, 403),
        ("/g/policy", 401, 200, 200),
        ("/g/machine", 401, 403, 403),
        ("/g/caller", 401, 200, 200),
        ("/g/bearer", 401, 200, 401),
        ("/g/session", 401, 401, 200),
        ("/g/account", 401, 200, 200),
        ("/g/tenant", 401, 403, 403),
    ] {
        assert_eq!(world.get(path, None).await.0, nobody, "{path}");
        assert_eq!(world.get(path, Some(world.bearer(admin))).await.0, by_bearer, "{path}");
        let session = world.signed_in(world.client.get(path), admin, None);
        assert_eq!(answer(session).await.0, by_session, "{path}");
    }
    assert_eq!(world.get("/g/tenant", Some(world.bearer(editor))).await.1, "inside");
}

#[rocket::async_test]
async fn the_log_names_the_guard_that_refused_as_it_does_for_a_signature() {
    struct Auditor;
    impl rocket_cognito::Group for Auditor {
        const NAME: &'static str = "auditor";
    }
    let world = World::new(|rocket| {
        rocket
            .mount("/audit", guarded::<InGroups<Auditor>>(routes![inside]))
            .mount("/passed", guarded::<OrForward<InGroups<Auditor>>>(routes![inside]))
    })
    .await;
    assert_eq!(world.get("/audit", Some(world.in_groups(&[]))).await.0, 403);
    assert_eq!(world.get("/passed", Some(world.in_groups(&[]))).await.1, "catch-all");
    let text = log::text();
    for line in [
        "Request guard `InGroups<Auditor>` failed: rule_not_met: needs group \"auditor\".",
        "Request guard `OrForward<InGroups<Auditor>>` is forwarding.",
    ] {
        assert!(
            text.contains(&format!("rocket_cognito::_ WARN cognito_guard_refused: {line}\n")),
            "{line}: {text}"
        );
    }
}
