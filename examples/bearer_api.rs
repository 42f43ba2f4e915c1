//! Run `cargo run --example bearer_api`. Nobody signs in here: clients bring access tokens, and every answer is JSON.
//!
//! In another terminal, sign in at the local pool as a client would, and call the API; bob may write, carol may not:
//!
//! ```sh
//! POOL=http://127.0.0.1:9400 CLIENT='client_id=spa&redirect_uri=http://localhost/'
//! CODE=$(curl -s -o /dev/null -w '%{redirect_url}' -d 'username=bob&password=Passw0rd!' "$POOL/login?response_type=code&$CLIENT" | cut -d= -f2)
//! TOKEN=$(curl -s -d "grant_type=authorization_code&code=$CODE&$CLIENT" $POOL/oauth2/token | sed 's/.*"access_token":"\([^"]*\).*/\1/')
//! curl -i -H "Authorization: Bearer $TOKEN" -d '{"text": "Hello"}' http://localhost:8000/posts
//! curl -i -H "Authorization: Bearer $TOKEN" http://localhost:8000/posts
//! curl -i http://localhost:8000/posts
//! ```

use std::sync::{Mutex, PoisonError};

use rocket::figment::providers::{Format, Toml};
use rocket::http::Status;
use rocket::serde::json::{Json, Value, json};
use rocket::serde::{Deserialize, Serialize};
use rocket::{Config, Request, State, catch, catchers, get, launch, post, routes};
use rocket_cognito::{Cognito, CognitoUser, Denial, Group, InAnyGroup};

/// The pool is for development. Served to people, the API needs `routes`, `user_pool_id` and `client_id` alone.
const SETTINGS: &str = r#"
    [default.cognito]
    routes = "none"

    [[debug.cognito.local_pool.clients]]
    client_id = "spa"
    callback_urls = ["http://localhost/"]
"#;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct NewPost {
    text: String,
}

#[derive(Clone, Serialize)]
#[serde(crate = "rocket::serde")]
struct Post {
    author: String,
    text: String,
}

type Posts = Mutex<Vec<Post>>;

#[get("/posts")]
fn list(_user: CognitoUser, posts: &State<Posts>) -> Json<Vec<Post>> {
    Json(posts.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

#[post("/posts", data = "<post>")]
fn create(by: InAnyGroup<Admin, Editor>, post: Json<NewPost>, posts: &State<Posts>) -> (Status, Json<Post>) {
    let post = Post { author: by.username().to_owned(), text: post.into_inner().text };
    posts.lock().unwrap_or_else(PoisonError::into_inner).push(post.clone());
    (Status::Created, Json(post))
}

/// No token, or none that counts: the code says which, the hint what to do.
#[catch(401)]
fn unauthorized(request: &Request<'_>) -> Option<Value> {
    let denial = Denial::of(request)?;
    Some(json!({ "error": denial.code(), "hint": denial.hint() }))
}

/// Signed in, but without what is asked for; or a machine, which is no user.
#[catch(403)]
fn forbidden(request: &Request<'_>) -> Option<Value> {
    let denial = Denial::of(request)?;
    let user = CognitoUser::of(request).map(|user| user.username().to_owned());
    let needs = denial.rule().map(ToString::to_string);
    Some(json!({ "error": denial.code(), "user": user, "needs": needs }))
}

#[catch(default)]
fn other(status: Status, request: &Request<'_>) -> Value {
    let denial = Denial::of(request).filter(|denial| denial.status() == status);
    json!({ "error": denial.map_or(status.reason_lossy(), |denial| denial.code()) })
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(SETTINGS).nested()))
        .attach(Cognito::fairing())
        .manage(Posts::default())
        .mount("/", routes![list, create])
        .register("/", catchers![unauthorized, forbidden, other])
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
    fn every_route_asks_for_a_token() {
        let (_, client) = client();
        let map = testing::map(client.rocket()).to_string();
        let lines: Vec<_> = map.lines().collect();
        let writers = r#"POST  /posts  a person: group "admin" or group "editor""#;
        assert_eq!(lines, ["GET   /posts  a person", writers]);
        let refused = client.get("/posts").ask().into_string().unwrap();
        assert!(refused.contains(r#""error":"bearer_required""#), "{refused}");
    }

    #[test]
    fn editors_write_and_everybody_reads() {
        let (pool, client) = client();
        let (bob, carol) = (pool.person("bob").group("editor"), pool.person("carol"));
        let write = || client.post("/posts").body(r#"{"text": "Hello"}"#);

        assert_eq!(write().bearer(&bob).ask().status(), Status::Created);
        assert_eq!(
            client.get("/posts").bearer(&carol).ask().into_string().unwrap(),
            r#"[{"author":"bob","text":"Hello"}]"#
        );
        let refused = write().bearer(&carol).ask();
        assert_eq!(refused.status(), Status::Forbidden);
        let why = r#"{"error":"rule_not_met","needs":"group \"admin\" or group \"editor\"","user":"carol"}"#;
        assert_eq!(refused.into_string().unwrap(), why);
    }

    #[test]
    fn a_token_that_has_expired_opens_nothing() {
        let (pool, client) = client();
        let refused = client.get("/posts").bearer(&pool.person("bob").expired()).ask();
        assert_eq!(refused.denial().unwrap().code(), "invalid_token");
    }
}
