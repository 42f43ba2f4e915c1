//! Who gets what, below a guarded mount.

use figment::Figment;
use rocket::fs::FileServer;
use rocket::http::{Header, Method};
use rocket::local::asynchronous::LocalRequest;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::{Cognito, InGroups, catchers, guarded};
use serde_json::json;

use crate::support::forge::{access_claims, with};
use crate::support::groups::Admin;
use crate::support::root;
use crate::{World, answer};

#[get("/page")]
fn page() -> &'static str {
    "page"
}

#[post("/page")]
fn change() -> &'static str {
    "changed"
}

#[get("/number/<number>")]
fn number(number: u32) -> String {
    number.to_string()
}

#[post("/number/<number>")]
fn set_number(number: u32) -> String {
    number.to_string()
}

/// Without a route that takes what the others leave.
fn app(figment: Figment) -> Rocket<Build> {
    let handlers = routes![page, change, number, set_number];
    rocket::custom(figment)
        .attach(Cognito::fairing())
        .register("/", catchers())
        .mount("/area", guarded::<InGroups<Admin>>(handlers))
        .mount("/files", guarded::<InGroups<Admin>>(FileServer::from(root().join("docs"))))
}

const TARGETS: [(Method, &str); 8] = [
    (Method::Get, "/area/page"),
    (Method::Get, "/files/denials.md"),
    (Method::Get, "/files/missing.md"),
    (Method::Get, "/area/number/x"),
    (Method::Head, "/area/page"),
    (Method::Head, "/files/denials.md"),
    (Method::Head, "/files/missing.md"),
    (Method::Head, "/area/number/x"),
];

/// What comes with a request.
enum Credential {
    Nothing,
    BadBearer,
    Bearer(&'static [&'static str]),
    BadSession,
    Session(&'static [&'static str]),
}

use Credential::{BadBearer, BadSession, Bearer, Nothing, Session};

/// Who, with what, with which headers, and the statuses for each target.
type Row<const N: usize> = (&'static str, Credential, &'static [(&'static str, &'static str)], [u16; N]);

const ADMIN: &[&str] = &["admin"];
const EDITOR: &[&str] = &["editor"];

/// The headers of a browser that opens a page.
const AS_PAGE: &[(&str, &str)] = &[
    ("Accept", "text/html"),
    ("Sec-Fetch-Site", "none"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
];
const FROM_ANOTHER_SITE: &[(&str, &str)] =
    &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")];
const FROM_THIS_SITE: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin")];

fn request<'c>(
    world: &'c World,
    (method, path): (Method, &'static str),
    credential: &Credential,
    headers: &[(&'static str, &'static str)],
) -> LocalRequest<'c> {
    let mut request = world.client.req(method, path);
    for (name, value) in headers {
        request.add_header(Header::new(*name, *value));
    }
    let in_groups = |groups: &[&str]| with(access_claims(), "cognito:groups", json!(groups));
    match credential {
        Nothing => request,
        BadBearer => request.header(Header::new("Authorization", "Bearer not.a.token")),
        Bearer(groups) => request.header(world.in_groups(groups)),
        BadSession => request.cookie(("cognito_access_token", "not.a.token")),
        Session(groups) => world.signed_in(request, &in_groups(groups), None),
    }
}

#[rocket::async_test]
async fn everything_below_a_guarded_mount_asks_the_guard_first() {
    let world = World::of(app).await;
    let answered = [200, 200, 404, 422, 200, 200, 404, 422];
    let table: [Row<8>; 13] = [
        ("nobody", Nothing, &[], [401; 8]),
        ("bad token", BadBearer, &[], [401; 8]),
        ("token, wrong group", Bearer(EDITOR), &[], [403; 8]),
        ("token, right group", Bearer(ADMIN), &[], answered),
        ("bad session", BadSession, &[], [401; 8]),
        ("session, wrong group", Session(EDITOR), &[], [403; 8]),
        ("session, right group", Session(ADMIN), &[], answered),
        ("page of nobody", Nothing, AS_PAGE, [303; 8]),
        ("page, wrong group", Session(EDITOR), AS_PAGE, [403; 8]),
        ("page, right group", Session(ADMIN), AS_PAGE, answered),
        ("nobody, from another site", Nothing, FROM_ANOTHER_SITE, [401; 8]),
        // Links on other sites lead here.
        ("session, from another site", Session(ADMIN), FROM_ANOTHER_SITE, answered),
        ("token, from another site", Bearer(ADMIN), FROM_ANOTHER_SITE, answered),
    ];
    for (who, credential, headers, expected) in &table {
        for (target, expected) in TARGETS.into_iter().zip(expected) {
            let (status, body) = answer(request(&world, target, credential, headers)).await;
            assert_eq!(status, *expected, "{who}: {target:?}");
            assert!(target.0 != Method::Head || body.is_empty(), "{who}: {target:?}: {body}");
        }
    }
}

#[rocket::async_test]
async fn a_post_below_a_guarded_mount_needs_proof_that_it_comes_from_this_site() {
    let world = World::of(app).await;
    let paths = ["/area/page", "/area/number/x", "/area/number/1"];
    let table: [Row<3>; 8] = [
        ("nobody", Nothing, FROM_THIS_SITE, [401; 3]),
        ("bad token", BadBearer, FROM_ANOTHER_SITE, [401; 3]),
        ("session, from another site", Session(ADMIN), FROM_ANOTHER_SITE, [403; 3]),
        ("session, from nowhere", Session(ADMIN), &[], [403; 3]),
        ("session, wrong group", Session(EDITOR), FROM_THIS_SITE, [403; 3]),
        ("session, right group", Session(ADMIN), FROM_THIS_SITE, [200, 422, 200]),
        ("token, wrong group", Bearer(EDITOR), FROM_ANOTHER_SITE, [403; 3]),
        ("token, right group", Bearer(ADMIN), FROM_ANOTHER_SITE, [200, 422, 200]),
    ];
    for (who, credential, headers, expected) in &table {
        for (path, expected) in paths.into_iter().zip(expected) {
            let target = (Method::Post, path);
            let status = answer(request(&world, target, credential, headers)).await.0;
            assert_eq!(status, *expected, "{who}: {path}");
        }
    }
    // No route takes it, so nobody is asked.
    let target = (Method::Post, "/files/denials.md");
    for credential in [Nothing, Session(ADMIN)] {
        assert_eq!(answer(request(&world, target, &credential, FROM_THIS_SITE)).await.0, 404);
    }
}

#[rocket::async_test]
async fn a_path_that_no_route_matches_is_missing_for_everybody() {
    let world = World::of(app).await;
    for header in [None, Some(world.in_groups(ADMIN))] {
        assert_eq!(world.get("/area/elsewhere", header).await.0, 404);
    }
    // A route that matches everything hides which paths there are.
    assert_eq!(world.get("/files/elsewhere", None).await.0, 401);
}

#[rocket::async_test]
async fn a_guarded_answer_is_not_stored_and_a_refusal_has_a_challenge_and_its_reason() {
    let world = World::of(app).await;
    let file = world.client.get("/files/denials.md").header(world.in_groups(ADMIN)).dispatch().await;
    assert_eq!(file.headers().get_one("Cache-Control"), Some("no-store"));
    let refused = world.client.get("/files/denials.md").dispatch().await;
    assert!(refused.headers().contains("WWW-Authenticate"));
    let (_, body) = world.get("/files/denials.md", Some(world.in_groups(EDITOR))).await;
    assert!(body.contains("\"rule_not_met\""), "{body}");
}
