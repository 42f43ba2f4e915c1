//! Guards before routes, and routes at several places.

use rocket::fs::FileServer;
use rocket::http::Method;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Route, Sentinel, get, routes};
use rocket_cognito::{CognitoUser, Denial, InGroups, OrForward, SessionOnly, guarded, testing};

use super::{Admin, Editor, launch, own, rows};
use crate::support::root;

#[get("/")]
fn index() {}

#[get("/<id>")]
fn item(id: &str, _editor: InGroups<Editor>) {
    let _ = id;
}

fn files() -> FileServer {
    FileServer::from(root().join("docs"))
}

#[test]
fn a_guard_before_routes_is_mapped_with_those_of_their_signatures() {
    let twice = guarded::<SessionOnly>(guarded::<InGroups<Admin>>(routes![item]));
    let other = vec![Route::new(Method::Get, "/", rocket::route::dummy_handler)];
    let client = launch(|rocket| {
        rocket
            .mount("/both", guarded::<InGroups<Admin>>(routes![index, item]))
            .mount("/files", guarded::<CognitoUser>(files()))
            .mount("/other", guarded::<CognitoUser>(other))
            .mount("/passed", guarded::<OrForward<CognitoUser>>(routes![index]))
            .mount("/same", guarded::<InGroups<Editor>>(routes![item]))
            .mount("/twice", twice)
    });
    let map = testing::map(client.rocket());
    assert_eq!(
        own(&map),
        rows(&[
            ("/both", "a person: group \"admin\""),
            ("/both/<id>", "a person: group \"admin\"; and a person: group \"editor\""),
            ("/files/<path..>", "a person"),
            ("/other", "a person"),
            ("/passed", "a person, or the next route"),
            ("/same/<id>", "a person: group \"editor\""),
            (
                "/twice/<id>",
                "a person, by a session; and a person: group \"admin\"; and a person: group \"editor\""
            ),
        ])
    );
    assert!(map.open().is_empty());
}

#[test]
fn a_guarded_route_beside_an_open_one_at_the_same_path_hides_nothing() {
    let client = launch(|rocket| {
        rocket.mount("/files", guarded::<InGroups<Admin>>(files())).mount("/files", files().rank(20))
    });
    let map = testing::map(client.rocket());
    let admin = "a person: group \"admin\"";
    assert_eq!(own(&map), rows(&[("/files/<path..>", admin), ("/files/<path..>", "open")]));
    assert_eq!(map.open(), ["GET /files/<path..>"]);
}

#[test]
fn the_same_routes_at_several_bases_are_mapped_one_by_one() {
    let routes = guarded::<CognitoUser>(routes![index]);
    let based = routes.iter().cloned().map(|route| route.map_base(|base| format!("/deep{base}")).unwrap());
    let client = launch(|rocket| {
        rocket
            .mount("/a", routes.clone())
            .mount("/b", routes.clone())
            .mount("/c", routes![index])
            .mount("/d", based.collect::<Vec<_>>())
    });
    let map = testing::map(client.rocket());
    let expected = [("/a", "a person"), ("/b", "a person"), ("/c", "open"), ("/d/deep", "a person")];
    assert_eq!(own(&map), rows(&expected));
    assert_eq!(map.open(), ["GET /c"]);
}

/// A guard of the app's own, of which nobody knows what it asks for.
struct Own;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Own {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        request.guard::<InGroups<Admin>>().await.map(|_| Own)
    }
}

impl Sentinel for Own {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        CognitoUser::abort(rocket)
    }
}

#[test]
fn an_own_guard_before_routes_counts_as_open_until_it_is_tried() {
    #[get("/inside")]
    fn inside(_own: SessionOnly<Own>) {}
    let client =
        launch(|rocket| rocket.mount("/own", guarded::<Own>(routes![index])).mount("/own", routes![inside]));
    let map = testing::map(client.rocket());
    assert_eq!(map.open(), ["GET /own", "GET /own/inside"]);
    let map = map.try_open(&client);
    assert!(map.open().is_empty());
    assert_eq!(
        own(&map),
        rows(&[
            ("/own", "a person: group \"admin\""),
            ("/own/inside", "a person, by a session: group \"admin\""),
        ])
    );
}
