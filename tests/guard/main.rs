//! Who gets in where, and what those who do not are told.

mod attributes;
mod catchers;
mod current_user;
mod guarded;
mod launch;
#[path = "../support/mod.rs"]
mod support;

use figment::Figment;
use rocket::http::Header;
use rocket::local::asynchronous::{Client, LocalRequest};
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::policy::{All, Any, CredentialSource, Decision, Not, Policy, Rule};
use rocket_cognito::{Authorized, Cognito, CognitoUser, Denial, Group, InAnyGroup, InGroups, OrForward};
use serde_json::{Value, json};
use support::forge::{JwksFile, Key, access_claims, id_claims, with, without};
use support::groups::{Admin, Editor};

struct Suspended;
impl Group for Suspended {
    const NAME: &'static str = "suspended";
}

struct FromBearer;
impl Policy for FromBearer {
    fn check(user: &CognitoUser, _: std::time::SystemTime) -> Decision {
        match user.source() {
            CredentialSource::Bearer => Decision::Granted,
            _ => Decision::Refused(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::named("a bearer token")
    }
}

#[get("/user")]
fn user(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[get("/borrowed")]
fn borrowed(user: &CognitoUser, twice: &CognitoUser) -> String {
    assert!(std::ptr::eq(user, twice));
    user.username().to_owned()
}

#[get("/option")]
fn option(user: Option<CognitoUser>) -> String {
    user.map_or("nobody".into(), |user| user.username().to_owned())
}

#[get("/result")]
fn result(user: Result<CognitoUser, Denial>) -> String {
    user.map_or_else(|denial| denial.code().to_owned(), |user| user.username().to_owned())
}

#[get("/in-groups")]
fn in_groups(user: InGroups<Admin, Editor>) -> String {
    user.username().to_owned()
}

#[get("/in-any-group")]
fn in_any_group(user: InAnyGroup<Admin, Editor>) -> String {
    user.into_user().username().to_owned()
}

#[get("/group")]
fn group(_user: Authorized<Admin>) {}

#[get("/all")]
fn all(_user: Authorized<All<(Admin, Editor)>>) {}

type AdminOrEditorByBearer = Any<(Admin, All<(Editor, FromBearer)>)>;

#[get("/any")]
fn any(_user: Authorized<AdminOrEditorByBearer>) {}

#[get("/not")]
fn not(_user: Authorized<Not<Suspended>>) {}

#[get("/desk")]
fn desk_of_admins(_admin: OrForward<InGroups<Admin>>) -> &'static str {
    "admins"
}

#[get("/desk", rank = 2)]
fn desk_of_users(_user: OrForward<CognitoUser>) -> &'static str {
    "users"
}

#[get("/desk", rank = 3)]
fn desk_of_everybody() -> &'static str {
    "everybody"
}

#[get("/<_..>", rank = 20)]
fn catch_all() -> &'static str {
    "catch-all"
}

#[post("/post")]
fn post_something(_user: CognitoUser) {}

#[get("/claims")]
fn claims(user: CognitoUser) -> String {
    let id = user.id_claims::<Value>().map(|claims| claims.unwrap()["custom:tenant"].clone());
    let access = user.access_claims::<Value>().map(|claims| claims.unwrap()["client_id"].clone());
    let scopes: Vec<_> = user.scopes().collect();
    json!([user, user.email(), user.email_verified(), id, access, scopes, user.id_token().is_some()])
        .to_string()
}

fn app(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment).attach(Cognito::fairing()).mount(
        "/",
        routes![
            user,
            borrowed,
            option,
            result,
            in_groups,
            in_any_group,
            group,
            all,
            any,
            not,
            desk_of_admins,
            desk_of_users,
            desk_of_everybody,
            catch_all,
            post_something,
            claims
        ],
    )
}

/// An app, the key that signs for it, and the file that vouches for the key.
struct World {
    client: Client,
    key: Key,
    _jwks: JwksFile,
}

impl World {
    async fn new(adjust: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        World::of(|figment| adjust(app(figment))).await
    }

    async fn of(build: impl FnOnce(Figment) -> Rocket<Build>) -> Self {
        let key = Key::new("k");
        let jwks = JwksFile::new(&[&key]);
        let client = Client::untracked(build(support::settings(&jwks.uri()))).await.unwrap();
        World { client, key, _jwks: jwks }
    }

    fn in_groups(&self, groups: &[&str]) -> Header<'static> {
        self.bearer(&with(access_claims(), "cognito:groups", json!(groups)))
    }

    fn bearer(&self, claims: &Value) -> Header<'static> {
        Header::new("Authorization", format!("Bearer {}", self.key.token(claims)))
    }

    /// `request` with a session's cookies.
    fn signed_in<'c>(
        &self,
        request: LocalRequest<'c>,
        access: &Value,
        id: Option<&Value>,
    ) -> LocalRequest<'c> {
        let request = request.cookie(("cognito_access_token", self.key.token(access)));
        match id {
            Some(id) => request.cookie(("cognito_id_token", self.key.token(id))),
            None => request,
        }
    }

    async fn get(&self, path: &str, header: Option<Header<'static>>) -> (u16, String) {
        let mut request = self.client.get(path.to_owned());
        if let Some(header) = header {
            request.add_header(header);
        }
        answer(request).await
    }
}

async fn answer(request: LocalRequest<'_>) -> (u16, String) {
    let response = request.dispatch().await;
    (response.status().code, response.into_string().await.unwrap_or_default())
}

#[rocket::async_test]
async fn each_guard_lets_in_whom_it_says() {
    let world = World::new(|rocket| rocket).await;
    let anonymous =
        [("/user", 401), ("/borrowed", 401), ("/option", 200), ("/result", 200), ("/in-groups", 401)];
    for (path, status) in anonymous {
        assert_eq!(world.get(path, None).await.0, status, "{path}");
    }
    assert_eq!(world.get("/option", None).await.1, "nobody");
    assert_eq!(world.get("/result", None).await.1, "not_signed_in");

    let table: [(&str, &[&str], u16); 20] = [
        ("/user", &[], 200),
        ("/borrowed", &[], 200),
        ("/in-groups", &["admin", "editor"], 200),
        ("/in-groups", &["admin"], 403),
        ("/in-groups", &[], 403),
        ("/in-any-group", &["editor", "x"], 200),
        ("/in-any-group", &["Editor", "editors", "edito"], 403),
        ("/in-any-group", &[], 403),
        ("/group", &["admin"], 200),
        ("/group", &["administrator"], 403),
        ("/all", &["editor", "admin"], 200),
        ("/all", &["editor"], 403),
        ("/any", &["admin"], 200),
        ("/any", &["editor"], 200),
        ("/any", &["suspended"], 403),
        ("/not", &[], 200),
        ("/not", &["admin"], 200),
        ("/not", &["suspended"], 403),
        ("/desk", &["admin"], 200),
        ("/desk", &[], 200),
    ];
    for (path, groups, status) in table {
        assert_eq!(world.get(path, Some(world.in_groups(groups))).await.0, status, "{path} {groups:?}");
    }
    let without_groups = world.bearer(&without(access_claims(), "cognito:groups"));
    assert_eq!(world.get("/not", Some(without_groups.clone())).await.0, 200);
    assert_eq!(world.get("/group", Some(without_groups)).await.0, 403);
}

#[rocket::async_test]
async fn groups_that_are_not_a_list_of_texts_prove_neither_membership_nor_its_absence() {
    let world = World::new(|rocket| rocket).await;
    for malformed in
        [json!("admin"), json!(["admin", 1]), json!({ "admin": true }), json!(null), json!([["admin"]])]
    {
        let header = world.bearer(&with(access_claims(), "cognito:groups", malformed.clone()));
        assert_eq!(world.get("/user", Some(header.clone())).await.0, 200, "{malformed}");
        for path in ["/group", "/not", "/in-groups", "/in-any-group", "/any"] {
            assert_eq!(world.get(path, Some(header.clone())).await.0, 403, "{path} {malformed}");
        }
    }
}

#[rocket::async_test]
async fn a_refusal_is_not_passed_on_to_a_catch_all_route_but_or_forward_passes_it_on() {
    let world = World::new(|rocket| rocket).await;
    assert_eq!(world.get("/elsewhere", None).await.1, "catch-all");
    assert_eq!(world.get("/user", None).await.0, 401);
    assert_eq!(world.get("/desk", Some(world.in_groups(&["admin"]))).await.1, "admins");
    assert_eq!(world.get("/desk", Some(world.in_groups(&[]))).await.1, "users");
    assert_eq!(world.get("/desk", None).await.1, "everybody");

    let repeated = world.client.get("/desk").header(world.in_groups(&[]));
    let mut repeated = repeated;
    repeated.add_header(Header::new("Authorization", "Bearer x"));
    assert_eq!(answer(repeated).await.0, 400);
}

#[rocket::async_test]
async fn the_user_has_the_claims_of_both_tokens_of_one_person() {
    let world = World::new(|rocket| rocket).await;
    let ask = async |id: &Value| {
        let (status, body) =
            answer(world.signed_in(world.client.get("/claims"), &access_claims(), Some(id))).await;
        assert_eq!(status, 200, "{id}");
        serde_json::from_str::<Value>(&body).unwrap()
    };
    let expected = json!([
        { "sub": access_claims()["sub"], "username": "dora", "email": "dora@example.com", "groups": ["editor"] },
        "dora@example.com", true, "acme", "forgedclient", ["openid", "email"], true
    ]);
    assert_eq!(ask(&id_claims()).await, expected);

    let foreign = [
        with(id_claims(), "sub", json!("somebody-else")),
        with(id_claims(), "origin_jti", json!("another-sign-in")),
        with(id_claims(), "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        with(id_claims(), "aud", json!("anotherclient")),
        with(id_claims(), "exp", json!(1_000_000_000)),
    ];
    for id in foreign {
        let body = ask(&id).await;
        assert_eq!((&body[1], &body[6]), (&Value::Null, &json!(false)), "{id}");
    }
}

#[rocket::async_test]
async fn an_unsafe_request_with_a_session_needs_proof_of_the_same_origin() {
    let world = World::new(|rocket| rocket).await;
    let origin = "http://localhost:8000";
    let table: [(&[(&str, &str)], u16); 11] = [
        (&[("Sec-Fetch-Site", "same-origin")], 200),
        (&[("Sec-Fetch-Site", "none")], 200),
        (&[("Origin", origin)], 200),
        (&[], 403),
        (&[("Origin", "null")], 403),
        (&[("Origin", "http://localhost:8001")], 403),
        (&[("Sec-Fetch-Site", "same-site")], 403),
        (&[("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Sec-Fetch-Site", "same-site"), ("Origin", origin)], 200),
        (&[("Sec-Fetch-Site", "cross-site"), ("Origin", origin)], 200),
        (&[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")], 403),
    ];
    for (headers, status) in table {
        let mut request = world.signed_in(world.client.post("/post"), &access_claims(), None);
        for (name, value) in headers {
            request.add_header(Header::new(*name, *value));
        }
        assert_eq!(answer(request).await.0, status, "{headers:?}");
    }
    let bearer = world.client.post("/post").header(world.bearer(&access_claims()));
    assert_eq!(answer(bearer).await.0, 200);

    let session = || world.signed_in(world.client.get("/user"), &access_claims(), None);
    assert_eq!(answer(session()).await.0, 200);
    for protocols in ["websocket", "WebSocket", "h2c, websocket"] {
        assert_eq!(answer(session().header(Header::new("Upgrade", protocols))).await.0, 403, "{protocols}");
    }
}

#[rocket::async_test]
async fn another_scheme_leaves_the_session_in_force_and_a_bad_bearer_does_not() {
    let world = World::new(|rocket| rocket).await;
    let session = || world.signed_in(world.client.get("/user"), &access_claims(), None);
    let with_header =
        async |value: &'static str| answer(session().header(Header::new("Authorization", value))).await.0;
    assert_eq!(with_header("Basic c3RhZ2luZzpzaXRl").await, 200);
    assert_eq!(with_header("Bearer not.a.token").await, 401);
    for malformed in
        ["Bearer", "bearer", "Bearer\tx", "Bearer, x", "Bearer: x", "Bearer  x y", "Bearer x y", "Bearer ="]
    {
        assert_eq!(with_header(malformed).await, 401, "{malformed}");
    }
}

#[derive(rocket::Responder)]
struct Cached {
    body: &'static str,
    cache_control: Header<'static>,
}

#[get("/cached")]
fn cached(_user: CognitoUser) -> Cached {
    Cached { body: "", cache_control: Header::new("Cache-Control", "private, max-age=60") }
}

#[rocket::async_test]
async fn guarded_answers_are_not_stored_unless_the_handler_says_so() {
    let world = World::new(|rocket| rocket.mount("/", routes![cached])).await;
    let vary = Some("Cookie, Authorization");
    for (path, cache_control, vary) in [("/cached", "private, max-age=60", vary), ("/user", "no-store", None)]
    {
        let response = world.client.get(path).header(world.in_groups(&[])).dispatch().await;
        assert_eq!(response.headers().get("Cache-Control").collect::<Vec<_>>(), [cache_control], "{path}");
        assert_eq!(response.headers().get_one("Vary"), vary, "{path}");
    }
    let public = world.client.get("/elsewhere").dispatch().await;
    assert!(!public.headers().contains("Cache-Control") && !public.headers().contains("Vary"));
}
