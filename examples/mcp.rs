//! Run `cargo run --example mcp`. An MCP server: clients that know no more of it than its URL,
//! http://localhost:8000/mcp, find the pool, register there, and sign people in with this API as the audience.
//!
//! The first request of a client is refused, and says where to go on:
//!
//! ```sh
//! curl -i -X POST http://localhost:8000/mcp
//! curl http://localhost:8000/.well-known/oauth-protected-resource/mcp
//! curl http://localhost:8000/.well-known/oauth-authorization-server
//! ```
//!
//! Then give the URL to a client, such as one of the SDKs of MCP, and sign in as bob: he is an editor, carol is not.
//! It speaks the transport "streamable HTTP" without sessions: one request, one answer.

use std::sync::{Mutex, PoisonError};

use rocket::figment::providers::{Format, Toml};
use rocket::http::{Header, Status};
use rocket::serde::Deserialize;
use rocket::serde::json::{Json, Value, json};
use rocket::{Config, Responder, State, get, launch, post, routes};
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, CognitoUser};

/// The pool is for development. At a real one, switch on dynamic client registration and allow it the scope.
const SETTINGS: &str = r#"
    [default.cognito]
    routes = "none"
    resource = "http://localhost:8000/mcp"
    resource_scopes = ["notes/use"]
    accepted_client_ids = "any"
    pool_metadata = "with_registration"

    [debug.cognito.local_pool]
    registration = "open"
    registration_scopes = ["notes/use"]
"#;

/// The protocol's revisions that this server speaks, the newest last.
const REVISIONS: [&str; 2] = ["2025-06-18", "2025-11-25"];

/// Any client may ask for this API as the audience; only those get this scope that the pool allows it.
struct UseNotes;
impl Scope for UseNotes {
    const NAME: &'static str = "notes/use";
}

type Notes = Mutex<Vec<String>>;

/// A message of JSON-RPC; without `id` it is a notification, which has no answer.
#[derive(Deserialize)]
#[serde(crate = "rocket::serde")]
struct Message {
    id: Option<Value>,
    method: String,
    #[serde(default)]
    params: Value,
}

#[post("/mcp", data = "<message>")]
fn answer(
    user: Authorized<Scopes<(UseNotes,)>>,
    message: Json<Message>,
    notes: &State<Notes>,
) -> Result<Value, Status> {
    let Message { id, method, params } = message.into_inner();
    let id = id.ok_or(Status::Accepted)?;
    let result = match method.as_str() {
        "initialize" => Ok(initialize(&params)),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(tools()),
        "tools/call" => call(&user, &params, notes),
        _ => Err(json!({ "code": -32601, "message": "There is no such method" })),
    };
    Ok(match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    })
}

/// Clients listen here for messages that no request of theirs has caused: there are none.
#[get("/mcp")]
fn listen(_user: Authorized<Scopes<(UseNotes,)>>) -> PostOnly {
    PostOnly((), Header::new("Allow", "POST"))
}

#[derive(Responder)]
#[response(status = 405)]
struct PostOnly((), Header<'static>);

fn initialize(params: &Value) -> Value {
    let asked = REVISIONS.into_iter().find(|revision| params["protocolVersion"] == *revision);
    json!({
        "protocolVersion": asked.unwrap_or("2025-11-25"),
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "notes", "version": env!("CARGO_PKG_VERSION") },
    })
}

fn tools() -> Value {
    let nothing = json!({ "type": "object", "properties": {} });
    let text =
        json!({ "type": "object", "properties": { "text": { "type": "string" } }, "required": ["text"] });
    json!({ "tools": [
        { "name": "whoami", "description": "Who is signed in, by which client", "inputSchema": nothing },
        { "name": "list_notes", "description": "All notes", "inputSchema": nothing },
        { "name": "add_note", "description": "Adds a note; for editors", "inputSchema": text },
    ] })
}

/// What the guard cannot decide, since it does not read the message: which person may use which tool.
fn call(user: &CognitoUser, params: &Value, notes: &Notes) -> Result<Value, Value> {
    let notes = || notes.lock().unwrap_or_else(PoisonError::into_inner);
    let is_editor = user.groups().iter().any(|group| group == "editor");
    let (text, is_error) = match (params["name"].as_str(), params["arguments"]["text"].as_str()) {
        (Some("whoami"), _) => (format!("{}, by the client {}", user.username(), user.client_id()), false),
        (Some("list_notes"), _) => (notes().join("\n"), false),
        (Some("add_note"), _) if !is_editor => ("Only editors add notes".to_owned(), true),
        (Some("add_note"), Some(text)) => {
            notes().push(text.to_owned());
            ("Added".to_owned(), false)
        }
        _ => {
            return Err(
                json!({ "code": -32602, "message": "There is no such tool, or it lacks an argument" }),
            );
        }
    };
    Ok(json!({ "content": [{ "type": "text", "text": text }], "isError": is_error }))
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(Toml::string(SETTINGS).nested()))
        .attach(Cognito::fairing())
        .manage(Notes::default())
        .mount("/", routes![answer, listen])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket::serde::json::{Value, json};
    use rocket_cognito::testing::{self, Ask, Person, TestPool};

    const API: &str = "http://localhost:8000/mcp";

    const MAP: &str = r#"
GET      /.well-known/oauth-authorization-server    open
OPTIONS  /.well-known/oauth-authorization-server    open
GET      /.well-known/oauth-protected-resource/mcp  open
OPTIONS  /.well-known/oauth-protected-resource/mcp  open
GET      /mcp                                       a person: scope "notes/use"
POST     /mcp                                       a person: scope "notes/use"
"#;

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    /// Somebody who has signed in at a client that no setting names.
    fn person(pool: &TestPool, name: &str) -> Person {
        pool.person(name).client_id("registered").audience(API).scope("notes/use")
    }

    fn call(client: &Client, person: &Person, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let answer = client.post("/mcp").json(&message).bearer(person).ask().into_json::<Value>().unwrap();
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
        answer
    }

    fn text_of_tool(client: &Client, person: &Person, name: &str, arguments: Value) -> (String, bool) {
        let answer = call(client, person, "tools/call", json!({ "name": name, "arguments": arguments }));
        let result = &answer["result"];
        (result["content"][0]["text"].as_str().unwrap().to_owned(), result["isError"].as_bool().unwrap())
    }

    #[test]
    fn every_route_asks_for_the_scope_and_says_where_to_get_it() {
        let (_, client) = client();
        let map = testing::map(client.rocket()).to_string();
        assert_eq!(map.trim_end(), MAP.trim());
        let refused = client.post("/mcp").ask();
        let place = "http://localhost:8000/.well-known/oauth-protected-resource/mcp";
        let challenge = refused.headers().get_one("WWW-Authenticate").unwrap();
        assert_eq!(challenge, format!("Bearer resource_metadata=\"{place}\""));
    }

    #[test]
    fn only_tokens_for_this_api_and_for_notes_count() {
        let (pool, client) = client();
        let ask = |person: &Person| {
            let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
            client.post("/mcp").json(&message).bearer(person).ask().status()
        };
        let alice = person(&pool, "alice");
        assert_eq!(ask(&alice), Status::Ok);
        assert_eq!(ask(&alice.clone().audience("http://localhost:8000/other")), Status::Unauthorized);
        let without_audience = pool.person("alice").client_id("registered").scope("notes/use");
        assert_eq!(ask(&without_audience), Status::Unauthorized);
        let without_scope = pool.person("alice").client_id("registered").audience(API);
        assert_eq!(ask(&without_scope), Status::Forbidden);
    }

    #[test]
    fn the_newest_revision_is_offered_to_who_asks_for_another() {
        let (pool, client) = client();
        let alice = person(&pool, "alice");
        for (asked, spoken) in [("2025-06-18", "2025-06-18"), ("2099-01-01", "2025-11-25")] {
            let answer = call(&client, &alice, "initialize", json!({ "protocolVersion": asked }));
            assert_eq!(answer["result"]["protocolVersion"], spoken);
        }
    }

    #[test]
    fn editors_add_notes_and_everybody_reads_them() {
        let (pool, client) = client();
        let (bob, carol) = (person(&pool, "bob").group("editor"), person(&pool, "carol"));
        let tool =
            |person: &Person, name: &str| text_of_tool(&client, person, name, json!({ "text": "Milk" }));
        assert_eq!(tool(&bob, "whoami"), ("bob, by the client registered".into(), false));
        assert_eq!(tool(&carol, "add_note"), ("Only editors add notes".into(), true));
        assert_eq!(tool(&bob, "add_note"), ("Added".into(), false));
        assert_eq!(tool(&carol, "list_notes"), ("Milk".into(), false));
    }

    #[test]
    fn what_does_not_exist_is_an_error_of_json_rpc_and_notifications_have_no_answer() {
        let (pool, client) = client();
        let alice = person(&pool, "alice");
        for (method, code) in [("resources/list", -32601), ("tools/call", -32602)] {
            assert_eq!(call(&client, &alice, method, json!({}))["error"]["code"], code);
        }
        let message = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let answer = client.post("/mcp").json(&message).bearer(&alice).ask();
        assert_eq!((answer.status(), answer.into_string()), (Status::Accepted, None));
        let answer = client.get("/mcp").bearer(&alice).ask();
        assert_eq!(
            (answer.status(), answer.headers().get_one("Allow")),
            (Status::MethodNotAllowed, Some("POST"))
        );
    }
}
