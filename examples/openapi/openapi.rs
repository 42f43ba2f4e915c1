//! Run `cargo run --example openapi`, then open http://localhost:8000/swagger.
//!
//! An API that describes itself, with Swagger UI, which signs in at the user pool by an app client of its own:
//!
//! 1. Each handler names its guard in `Refusals<…>`, beside its other responses.
//! 2. At ignition `Cognito::describe` completes the document, and Swagger UI is mounted with it.
//! 3. Swagger UI's client is in `accepted_client_ids`: a public one, whose callback is `/swagger/oauth2-redirect.html`.
//!
//! Press "Authorize", and sign in with the flow `authorizationCode`: bob may write a post, carol may not. To delete posts,
//! log out there, and be a machine: `client_id` `worker` and `client_secret` `of-the-worker`, with the flow
//! `clientCredentials`.

use std::sync::{Mutex, PoisonError};

use rocket::fairing::AdHoc;
use rocket::figment::providers::{Format, Toml};
use rocket::serde::json::Json;
use rocket::serde::{Deserialize, Serialize};
use rocket::{Config, State, delete, get, launch, post, routes};
use rocket_cognito::openapi::Refusals;
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, Group, InAnyGroup, Machine};
use utoipa::{OpenApi, ToSchema};
use utoipa_swagger_ui::{SwaggerUi, oauth};

/// The pool is for development. At a real one, `swagger` is a public client with this callback, under the app's own name,
/// and the setting `domain` says where people sign in.
const SETTINGS: &str = r#"
    [default.cognito]
    routes = "none"
    accepted_client_ids = ["swagger", "worker"]

    [[debug.cognito.local_pool.clients]]
    client_id = "swagger"
    callback_urls = ["http://localhost:8000/swagger/oauth2-redirect.html"]

    [[debug.cognito.local_pool.clients]]
    client_id = "worker"
    client_secret = "of-the-worker"
    client_credentials = true
    scopes = ["posts/delete"]
"#;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

struct DeletePosts;
impl Scope for DeletePosts {
    const NAME: &'static str = "posts/delete";
}

type Writer = InAnyGroup<Admin, Editor>;
type Janitor = Authorized<Scopes<(DeletePosts,)>, Machine>;

#[derive(Deserialize, ToSchema)]
#[serde(crate = "rocket::serde")]
struct NewPost {
    text: String,
}

#[derive(Clone, Serialize, ToSchema)]
#[serde(crate = "rocket::serde")]
struct Post {
    author: String,
    text: String,
}

type Posts = Mutex<Vec<Post>>;

/// All posts
#[utoipa::path(responses((status = 200, description = "In the order in which they were written", body = [Post])))]
#[get("/posts")]
fn list(posts: &State<Posts>) -> Json<Vec<Post>> {
    Json(posts.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// Write a post
#[utoipa::path(responses((status = 200, description = "As it was kept", body = Post), Refusals<Writer>))]
#[post("/posts", data = "<post>")]
fn write(by: Writer, post: Json<NewPost>, posts: &State<Posts>) -> Json<Post> {
    let post = Post { author: by.username().to_owned(), text: post.into_inner().text };
    posts.lock().unwrap_or_else(PoisonError::into_inner).push(post.clone());
    Json(post)
}

/// Delete an author's posts
#[utoipa::path(responses((status = 200, description = "The author has none now"), Refusals<Janitor>))]
#[delete("/posts/<author>")]
fn delete(_by: Janitor, author: &str, posts: &State<Posts>) {
    posts.lock().unwrap_or_else(PoisonError::into_inner).retain(|post| post.author != author);
}

#[derive(OpenApi)]
#[openapi(info(title = "Posts", version = "1.0.0"), paths(list, write, delete))]
struct Api;

/// Mounts Swagger UI and the document, which needs what the other fairing has read: the settings.
fn swagger_ui() -> AdHoc {
    AdHoc::try_on_ignite("Swagger UI", |rocket| async {
        let mut api = Api::openapi();
        if let Err(error) = Cognito::describe(&rocket, &mut api) {
            rocket::error!("{error}");
            return Err(rocket);
        }
        let client = oauth::Config::new().client_id("swagger").use_pkce_with_authorization_code_grant(true);
        Ok(rocket.mount("/", SwaggerUi::new("/swagger/<_..>").url("/openapi.json", api).oauth(client)))
    })
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(SETTINGS).nested()))
        .attach(Cognito::fairing())
        .attach(swagger_ui())
        .manage(Posts::default())
        .mount("/", routes![list, write, delete])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::local::blocking::Client;
    use rocket::serde::json::Value;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn posts_the_document_and_its_page_are_open() {
        let (_, client) = client();
        let map = testing::map(client.rocket());
        assert_eq!(map.open(), ["GET /openapi.json", "GET /posts", "GET /swagger/<_..>"]);
    }

    #[test]
    fn the_document_says_what_the_guards_ask_for() {
        let (_, client) = client();
        let document: Value = client.get("/openapi.json").dispatch().into_json().unwrap();
        let map = testing::map(client.rocket());
        assert_eq!(map.differences(&document, &[]), [""; 0]);
    }

    #[test]
    fn editors_write_and_the_worker_deletes() {
        let (pool, client) = client();
        let (bob, carol) = (pool.person("bob").group("editor"), pool.person("carol"));
        let worker = pool.machine("worker").scope("posts/delete");
        let write = || client.post("/posts").body(r#"{"text": "Hello"}"#);
        let posts = || client.get("/posts").ask().into_string().unwrap();

        assert_eq!(write().bearer(&carol).ask().code(), Some("rule_not_met"));
        assert_eq!(write().bearer(&bob).ask().into_string().unwrap(), r#"{"author":"bob","text":"Hello"}"#);
        assert_eq!(posts(), r#"[{"author":"bob","text":"Hello"}]"#);
        assert_eq!(client.delete("/posts/bob").bearer(&bob).ask().code(), Some("machine_required"));
        client.delete("/posts/bob").bearer(&worker).ask();
        assert_eq!(posts(), "[]");
    }
}
