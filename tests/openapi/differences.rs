//! Documents that say what the routes do, and documents that do not.

use rocket::fs::FileServer;
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, Route, get, post, routes};
use rocket_cognito::openapi::{self, Describe};
use rocket_cognito::{
    BearerOnly, CognitoUser, Denial, InGroups, Machine, OrForward, SessionOnly, guarded, testing,
};
use serde_json::{Value, json};

use crate::api::{Admin, CanRead, described, handlers, launch, launch_at};

const NONE: [&str; 0] = [];

/// What the document says otherwise than these routes.
fn differences(routes: Vec<Route>, document: &Value) -> Vec<String> {
    testing::map(launch(&[], routes).rocket()).differences(document, &[])
}

/// A document with these operations: method, path and security.
fn document(operations: &[(&str, &str, Value)]) -> Value {
    let mut document = json!({ "components": { "securitySchemes": {
        "Pool": { "type": "openIdConnect" },
        "Token": { "type": "http", "scheme": "Bearer" },
        "Cookie": { "type": "apiKey", "in": "cookie", "name": "cognito_access_token" },
    } } });
    for (method, path, security) in operations {
        document["paths"][path][method]["security"] = security.clone();
    }
    document
}

/// By schemes of other names than this crate's.
fn by<G: Describe>() -> Value {
    let security = openapi::security::<G>().to_string();
    let renamed = security.replace("cognito", "Pool").replace("bearer", "Token").replace("session", "Cookie");
    renamed.parse().unwrap()
}

#[get("/orders/<id>?<page>&fixed=1")]
fn orders(_by: CanRead, id: u32, page: Option<u32>) {
    let _ = (id, page);
}

#[get("/me")]
fn me(_user: CognitoUser) {}

#[get("/home")]
fn home(_user: Option<CognitoUser>) {}

#[get("/open")]
fn open() {}

#[test]
fn a_described_document_says_what_the_routes_do() {
    for settings in [&[][..], &[("jwt_header_name", "X-Auth-Token")], &[("mount", "/account")]] {
        let client = launch(settings, handlers());
        assert_eq!(testing::map(client.rocket()).differences(&described(&client), &[]), NONE, "{settings:?}");
    }
}

#[test]
fn each_lie_of_a_document_is_one_line() {
    let client = launch(&[], handlers());
    let map = testing::map(client.rocket());
    let after = |change: fn(&mut Value)| {
        let mut document = described(&client);
        change(&mut document["paths"]);
        map.differences(&document, &[])
    };
    assert_eq!(
        after(|paths| paths["/orders/{id}"]["get"]["security"] = json!([])),
        [
            "GET /orders/{id}: the document asks for nothing; the route for cognito (orders/read) or bearer or session: \
          a person or a machine: scope \"orders/read\""
        ]
    );
    assert_eq!(
        after(|paths| paths["/orders/{id}"]["get"]["security"][0] = json!({ "cognito": ["orders/write"] })),
        [
            "GET /orders/{id}: the document asks for cognito (orders/write) or bearer or session; the route for cognito \
          (orders/read) or bearer or session: a person or a machine: scope \"orders/read\""
        ]
    );
    assert_eq!(
        after(|paths| paths["/bearer"]["get"]["security"] = json!([{ "cognito": [] }, { "session": [] }])),
        [
            "GET /bearer: the document asks for cognito or session; the route for cognito or bearer: a person, by a bearer \
          token"
        ]
    );
    assert_eq!(
        after(|paths| drop(paths["/home"]["get"]["security"].as_array_mut().unwrap().pop())),
        [
            "GET /home: the document asks for cognito or bearer or session; the route for cognito or bearer or session or \
          nothing: open, and knows a person"
        ]
    );
    assert_eq!(
        after(|paths| paths["/"]["get"]["security"] = json!([{ "bearer": [] }])),
        ["GET /: the document asks for bearer; the route for nothing: open"]
    );
    assert_eq!(
        after(|paths| paths["/me"]["get"]["security"] = json!([{ "basic": [] }])),
        ["GET /me: the document asks for basic, which is no scheme of a guard"]
    );
    assert_eq!(
        after(|paths| paths["/others"] = json!({ "get": {}, "head": {} })),
        [
            "GET /others: the document has it, the app has no such route",
            "HEAD /others: the document has it, the app has no such route"
        ]
    );
    let renamed = |paths: &mut Value| paths["/orders/{number}"] = paths["/orders/{id}"].take();
    assert_eq!(after(renamed), NONE);
    assert_eq!(
        after(|paths| paths["/machine"] = json!({})),
        ["GET /machine: a machine; the document does not have it"]
    );
    assert_eq!(
        after(|paths| paths["/home"] = json!({})),
        ["GET /home: open, and knows a person; the document does not have it"]
    );
    assert_eq!(after(|paths| paths["/"] = json!({})), NONE);
}

#[test]
fn a_document_of_any_generator_is_compared_by_the_types_of_its_schemes() {
    let routes = || routes![me, home];
    let both = [("get", "/me", by::<CognitoUser>()), ("get", "/home", by::<Option<CognitoUser>>())];
    let mut document = document(&both);
    assert_eq!(differences(routes(), &document), NONE);
    // It need not know of sessions, nor of the pool.
    document["components"]["securitySchemes"] =
        json!({ "Token": { "type": "apiKey", "in": "header", "name": "authorization" } });
    document["paths"]["/me"]["get"]["security"] = json!([{ "Token": ["a role"] }]);
    document["paths"]["/home"]["get"]["security"] = json!([{}, { "Token": [] }]);
    assert_eq!(differences(routes(), &document), NONE);
    // What all operations have in common may stand above them.
    document["security"] = document["paths"]["/me"]["get"]["security"].take();
    document["paths"]["/me"]["get"] = json!({});
    assert_eq!(differences(routes(), &document), NONE);
    document["components"]["securitySchemes"] = json!({ "Cookie": { "type": "apiKey", "in": "query" } });
    assert_eq!(differences(routes(), &document).len(), 2);
    let only_sessions = json!({ "paths": { "/me": { "get": {} } }, "components": { "securitySchemes": {
        "Token": { "type": "http", "scheme": "bearer" } } } });
    #[get("/me")]
    fn session(_user: SessionOnly) {}
    assert_eq!(
        differences(routes![session], &only_sessions),
        [
            "GET /me: the document asks for nothing; the route for what no scheme of the document has: a person, by a \
          session"
        ]
    );
}

#[test]
fn a_key_in_another_header_or_cookie_is_no_credential_of_the_app() {
    for (place, name) in [("header", "X-Wrong"), ("cookie", "PHPSESSID")] {
        let mut document = document(&[("get", "/me", json!([{ "Key": [] }]))]);
        document["components"]["securitySchemes"] =
            json!({ "Key": { "type": "apiKey", "in": place, "name": name } });
        assert_eq!(
            differences(routes![me], &document),
            ["GET /me: the document asks for Key, which is no scheme of a guard"]
        );
    }
    let map = |client: &Client, document: &Value| testing::map(client.rocket()).differences(document, &[]);
    let client = launch(&[("jwt_header_name", "X-Auth-Token")], routes![me]);
    assert_eq!(map(&client, &document(&[("get", "/me", by::<CognitoUser>())])).len(), 1);
}

#[post("/webhook")]
fn webhook() {}

#[test]
fn a_webhook_may_check_a_key_of_its_own() {
    let mut document = document(&[]);
    for scheme in [
        json!({ "type": "http", "scheme": "basic" }),
        json!({ "type": "apiKey", "in": "header", "name": "X-Signature" }),
        json!({ "type": "mutualTLS" }),
    ] {
        document["components"]["securitySchemes"]["Own"] = scheme;
        document["paths"]["/webhook"]["post"]["security"] = json!([{ "Own": [] }]);
        assert_eq!(differences(routes![webhook], &document), NONE);
        document["paths"]["/webhook"]["post"]["security"] = json!([{ "Token": [] }]);
        assert_eq!(differences(routes![webhook], &document).len(), 1);
    }
}

#[get("/f/<_path..>")]
fn below(_by: BearerOnly, _path: std::path::PathBuf) {}

#[test]
fn several_parameters_of_a_document_are_the_last_one_of_a_route() {
    for path in ["/f/{x}/{y}", "/f/{x}", "/f", "/f/{x}/index.html"] {
        assert_eq!(
            differences(routes![below], &document(&[("get", path, by::<BearerOnly>())])),
            NONE,
            "{path}"
        );
    }
    assert_eq!(differences(routes![below], &document(&[("get", "/g/{x}", by::<BearerOnly>())])).len(), 2);
}

#[test]
fn a_path_is_found_below_mounts_and_servers() {
    let operation = |path| document(&[("get", path, by::<CanRead>())]);
    let differences = |base, document: &Value| {
        testing::map(launch_at(base, &[], routes![orders]).rocket()).differences(document, &[])
    };
    assert_eq!(differences("/", &operation("/orders/{id}")), NONE);
    assert_eq!(differences("/", &operation("/orders/{number}/")), NONE);
    assert_eq!(differences("/api", &operation("/api/orders/{id}")), NONE);
    assert_eq!(differences("/api", &operation("/orders/{id}")).len(), 2);
    for servers in [
        json!([{ "url": "/api" }]),
        json!([{ "url": "https://example.com/other" }, { "url": "https://example.com/api/" }]),
        json!([{ "url": "{scheme}://{host}/{base}", "variables": {
            "scheme": { "default": "https" }, "host": { "default": "example.com" }, "base": { "default": "api" } } }]),
    ] {
        let mut document = operation("/orders/{id}");
        document["servers"] = servers;
        assert_eq!(differences("/api", &document), NONE);
        // A proxy strips it.
        assert_eq!(differences("/", &document), NONE);
        let item = &mut document["paths"]["/orders/{id}"];
        item["servers"] = json!([{ "url": "https://example.com" }]);
        assert_eq!(differences("/api", &document).len(), 2);
    }
    let mut by_reference = operation("/orders/{id}");
    by_reference["components"]["pathItems"]["Order"] = by_reference["paths"]["/orders/{id}"].take();
    by_reference["paths"]["/orders/{id}"] = json!({ "$ref": "#/components/pathItems/Order" });
    assert_eq!(differences("/", &by_reference), NONE);
}

#[test]
fn files_behind_a_guard_are_one_operation() {
    let folder = || guarded::<BearerOnly>(FileServer::from(env!("CARGO_MANIFEST_DIR")));
    for path in ["/{path}", "/"] {
        assert_eq!(differences(folder(), &document(&[("get", path, by::<BearerOnly>())])), NONE, "{path}");
    }
    let head = document(&[("get", "/{file}", by::<BearerOnly>()), ("head", "/{file}", by::<BearerOnly>())]);
    assert_eq!(differences(folder(), &head), NONE);
    assert_eq!(
        differences(folder(), &document(&[])),
        ["GET /<path..> [10]: a person, by a bearer token; the document does not have it"]
    );
    let open: Vec<Route> = FileServer::from(env!("CARGO_MANIFEST_DIR")).into();
    assert_eq!(differences(open, &document(&[])), NONE);
}

#[get("/desk")]
fn for_admins(_by: OrForward<InGroups<Admin>>) {}

#[get("/desk", rank = 2)]
fn for_people(_by: CognitoUser) {}

#[get("/desk", rank = 3)]
fn for_others() {}

#[get("/desk")]
fn for_admins_among_people(_user: CognitoUser, _by: OrForward<InGroups<Admin>>) {}

#[get("/desk")]
fn by_token(_by: BearerOnly<OrForward<InGroups<Admin>>>) {}

/// Another guard refuses whoever has no credential, before one passes the request on.
#[test]
fn whom_a_guard_refuses_no_later_route_is_asked_about() {
    let desk = |security| document(&[("get", "/desk", security)]);
    let (people, tokens) = (desk(by::<CognitoUser>()), desk(by::<BearerOnly>()));
    for routes in [routes![for_admins_among_people], routes![for_admins_among_people, for_others]] {
        assert_eq!(differences(routes, &people), NONE);
    }
    for routes in [routes![by_token], routes![by_token, for_people], routes![by_token, for_others]] {
        assert_eq!(differences(routes, &tokens), NONE);
    }
}

#[post("/form", format = "json")]
fn as_json(_by: Machine) {}

#[post("/form", format = "application/x-www-form-urlencoded")]
fn as_form(_by: SessionOnly) {}

#[post("/form", rank = 2)]
fn as_others() {}

#[test]
fn routes_at_one_path_are_one_operation() {
    let desk = |security| document(&[("get", "/desk", security)]);
    let (optional, required) = (by::<OrForward<CognitoUser>>(), by::<CognitoUser>());
    assert_eq!(differences(routes![for_admins, for_others], &desk(optional.clone())), NONE);
    assert_eq!(differences(routes![for_admins], &desk(optional.clone())), NONE);
    assert_eq!(differences(routes![for_admins, for_people], &desk(required.clone())), NONE);
    let wrong = differences(routes![for_admins, for_people], &desk(optional));
    assert!(wrong[0].ends_with("or the next route; or a person"), "{wrong:?}");
    assert_eq!(differences(routes![for_admins, for_others], &desk(required.clone())).len(), 1);
    // Whom a guard refuses, no later route is asked about.
    assert_eq!(differences(routes![for_people, for_others], &desk(required)), NONE);
    assert_eq!(differences(routes![for_others, for_people], &desk(by::<Option<CognitoUser>>())).len(), 1);
    let form = json!([{ "Pool": [] }, { "Token": [] }, { "Cookie": [] }]);
    assert_eq!(differences(routes![as_json, as_form], &document(&[("post", "/form", form)])), NONE);
    let optional = document(&[("post", "/form", by::<Option<Machine>>())]);
    assert_eq!(differences(routes![as_json, as_others], &optional), NONE);
}

#[test]
fn a_route_that_is_left_out_is_named() {
    let client = launch(&[], routes![me, home, open, orders]);
    let map = testing::map(client.rocket());
    let document = document(&[("get", "/home", by::<Option<CognitoUser>>())]);
    let left_out = ["GET /me", "GET /orders/<id>?<page>&fixed=1"];
    assert_eq!(map.differences(&document, &left_out), NONE);
    assert_eq!(map.differences(&document, &left_out[..1]).len(), 1);
    assert_eq!(
        map.differences(&document, &[&left_out[..], &["GET /home", "POST /me"]].concat()),
        [
            "GET /home: it is left out, but the document has it",
            "POST /me: it is left out, but the app has no such route"
        ]
    );
}

#[test]
fn what_the_fairing_mounts_is_in_no_document_and_may_be() {
    let login =
        document(&[("get", "/auth/login", json!([])), ("post", "/auth/logout", json!([{ "Cookie": [] }]))]);
    assert_eq!(differences(Vec::new(), &login), NONE);
    assert_eq!(differences(Vec::new(), &json!({})), NONE);
}

/// A guard of the app's own, which no map sees before it is tried.
struct Own;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Own {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        request.guard::<InGroups<Admin>>().await.map(|_| Own)
    }
}

#[get("/own")]
fn own(_own: Own) {}

#[test]
fn a_guard_of_the_app_s_own_is_described_by_the_one_that_it_asks() {
    let client = launch(&[], routes![own]);
    let document = document(&[("get", "/own", by::<InGroups<Admin>>())]);
    let map = testing::map(client.rocket());
    assert_eq!(map.differences(&document, &[]).len(), 1);
    assert_eq!(map.try_open(&client).differences(&document, &[]), NONE);
}
