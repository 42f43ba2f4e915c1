//! Run `cargo run --example openapi`, then open http://localhost:8000/swagger.
//!
//! An API that describes itself, with Swagger UI, which signs in at the user pool by an app client of its own:
//!
//! 1. Each handler names its guard in `Refusals<…>`, beside its other responses.
//! 2. At ignition `Cognito::describe` completes the document, which Swagger UI shows.
//! 3. Swagger UI's client is in `accepted_client_ids`: a public one, whose callback is `/swagger/oauth2-redirect.html`.
//!
//! Press "Authorize", and sign in with the flow `authorizationCode`: bob may write a post, carol may not. To delete posts,
//! log out there, and be a machine: `client_id` `worker` and `client_secret` `of-the-worker`, with the flow
//! `clientCredentials`. That secret is for the local pool only: those of real machines have no place in a browser.
//!
//! `/swagger` and `/openapi.json` are public; `guarded::<G>(routes![…])` closes them.

use std::sync::{Arc, Mutex, PoisonError};

use rocket::fairing::AdHoc;
use rocket::figment::providers::{Format, Toml};
use rocket::http::ContentType;
use rocket::response::Redirect;
use rocket::serde::json::Json;
use rocket::serde::{Deserialize, Serialize};
use rocket::{Config, State, delete, get, launch, post, routes};
use rocket_cognito::openapi::Refusals;
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, Group, InAnyGroup, Machine};
use utoipa::{OpenApi, ToSchema};
use utoipa_swagger_ui::oauth;

/// Swagger UI's own client. Cognito makes the ids of its clients: put yours here.
const SWAGGER_CLIENT_ID: &str = "swagger";

/// The pool is for development. At a real one, Swagger UI's client is a public one, whose callback is
/// `https://<host>/swagger/oauth2-redirect.html`, and the setting `domain` says where people sign in.
fn settings() -> String {
    format!(
        r#"
        [default.cognito]
        routes = "none"
        accepted_client_ids = ["{SWAGGER_CLIENT_ID}", "worker"]

        [[debug.cognito.local_pool.clients]]
        client_id = "{SWAGGER_CLIENT_ID}"
        callback_urls = [
            "http://localhost:8000/swagger/oauth2-redirect.html",
            "http://127.0.0.1:8000/swagger/oauth2-redirect.html",
        ]

        [[debug.cognito.local_pool.clients]]
        client_id = "worker"
        client_secret = "of-the-worker"
        client_credentials = true
        scopes = ["posts/delete"]
        "#
    )
}

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

#[get("/openapi.json")]
fn document(document: &State<utoipa::openapi::OpenApi>) -> Json<&utoipa::openapi::OpenApi> {
    Json(document.inner())
}

type Page = Arc<utoipa_swagger_ui::Config<'static>>;

#[get("/swagger")]
fn swagger() -> Redirect {
    Redirect::to("/swagger/index.html")
}

/// A file of Swagger UI
#[get("/swagger/<file>")]
fn swagger_file(file: &str, page: &State<Page>) -> Option<(ContentType, Vec<u8>)> {
    let served = utoipa_swagger_ui::serve(file, Arc::clone(page));
    let served = served.inspect_err(|error| rocket::error!("{error}")).ok()??;
    Some((served.content_type.parse().unwrap_or(ContentType::Binary), served.bytes.into_owned()))
}

/// Describes the API, which needs what the other fairing has read: the settings.
fn describe() -> AdHoc {
    AdHoc::try_on_ignite("OpenAPI", |rocket| async {
        let mut api = Api::openapi();
        if let Err(error) = Cognito::describe(&rocket, &mut api) {
            rocket::error!("{error}");
            return Err(rocket);
        }
        let client =
            oauth::Config::new().client_id(SWAGGER_CLIENT_ID).use_pkce_with_authorization_code_grant(true);
        let page = utoipa_swagger_ui::Config::with_oauth_config(["/openapi.json"], client);
        Ok(rocket.manage(api).manage(Page::new(page)))
    })
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(&settings()).nested()))
        .attach(Cognito::fairing())
        .attach(describe())
        .manage(Posts::default())
        .mount("/", routes![list, write, delete, document, swagger, swagger_file])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::http::{ContentType, Status};
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
        assert_eq!(map.open(), ["GET /openapi.json", "GET /posts", "GET /swagger", "GET /swagger/<file>"]);
    }

    #[test]
    fn swagger_ui_is_served_with_its_client() {
        let (_, client) = client();
        let page = client.get("/swagger").dispatch();
        assert_eq!(page.headers().get_one("location"), Some("/swagger/index.html"));
        let file = |name| client.get(format!("/swagger/{name}")).dispatch();
        assert_eq!(file("index.html").content_type(), Some(ContentType::HTML));
        assert_eq!(file("oauth2-redirect.html").content_type(), Some(ContentType::HTML));
        assert!(file("swagger-initializer.js").into_string().unwrap().contains("\"clientId\": \"swagger\""));
        assert_eq!(file("unknown.js").status(), Status::NotFound);
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
