//! What a launch makes of guards before routes.

use figment::Figment;
use rocket::error::ErrorKind;
use rocket::http::{Method, Status};
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::route::Route;
use rocket::sentinel::Sentinel;
use rocket::{Build, Ignite, Request, Rocket, get, routes, uri};
use rocket_cognito::policy::Rule;
use rocket_cognito::{Cognito, CognitoUser, Denial, InGroups, OrForward, SessionOnly, guarded};

use crate::support::forge::{JwksFile, Key};
use crate::support::groups::{Admin, Editor};
use crate::support::{self, settings};
use crate::{World, answer};

#[get("/")]
fn index() -> &'static str {
    "index"
}

#[get("/other")]
fn other() -> &'static str {
    "other"
}

/// The names of the sentinels that stop this launch.
async fn stopped_by(rocket: Rocket<Build>) -> Vec<&'static str> {
    match rocket.ignite().await {
        Ok(_) => Vec::new(),
        Err(error) => match error.kind() {
            ErrorKind::SentinelAborts(sentries) => sentries.iter().map(|sentry| sentry.type_name).collect(),
            other => panic!("{other}"),
        },
    }
}

fn bare(routes: Vec<Route>) -> Rocket<Build> {
    rocket::custom(support::figment()).mount("/", routes)
}

#[rocket::async_test]
async fn a_guard_before_routes_stops_a_launch_without_the_fairing() {
    for routes in [
        guarded::<CognitoUser>(routes![index]),
        guarded::<InGroups<Admin, Editor>>(routes![index, other]),
        guarded::<OrForward<SessionOnly>>(routes![index]),
        guarded::<CognitoUser>(vec![Route::new(Method::Get, "/", rocket::route::dummy_handler)]),
    ] {
        assert_eq!(stopped_by(bare(routes)).await.len(), 1);
    }
}

#[rocket::async_test]
async fn the_refused_launch_names_the_line_of_the_guard() {
    let line = line!() + 1;
    let rocket = bare(guarded::<InGroups<Admin>>(routes![index]));
    let error = rocket.ignite().await.unwrap_err();
    let ErrorKind::SentinelAborts(sentries) = error.kind() else { panic!("{error}") };
    assert!(sentries[0].location.0.ends_with("launch.rs"), "{:?}", sentries[0]);
    assert_eq!(sentries[0].location.1, line);
}

#[rocket::async_test]
async fn a_guard_before_routes_stops_a_launch_that_lacks_what_it_needs() {
    let key = Key::new("k");
    let jwks = JwksFile::new(&[&key]);
    let api = support::figment()
        .merge(("cognito.user_pool_id", support::forge::POOL_ID))
        .merge(("cognito.client_id", support::forge::CLIENT_ID))
        .merge(("cognito.jwks_uri", jwks.uri()))
        .merge(("cognito.routes", "none"));
    let launch = |settings: &Figment, routes: Vec<Route>| {
        rocket::custom(settings).attach(Cognito::fairing()).mount("/", routes)
    };
    assert!(stopped_by(launch(&api, guarded::<CognitoUser>(routes![index]))).await.is_empty());
    assert_eq!(stopped_by(launch(&api, guarded::<SessionOnly>(routes![index]))).await.len(), 1);
    let with_sign_in = settings(&jwks.uri());
    assert!(stopped_by(launch(&with_sign_in, guarded::<SessionOnly>(routes![index]))).await.is_empty());
}

/// A guard whose sentinel asks for a state of the app's own.
struct Own;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Own {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        request.guard::<CognitoUser>().await.map(|_| Own)
    }
}

impl Sentinel for Own {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        rocket.state::<u32>().is_none()
    }
}

#[rocket::async_test]
async fn the_sentinel_of_an_own_guard_is_asked_and_those_of_the_route_stay() {
    #[get("/")]
    fn with_state(_state: &rocket::State<u64>) {}
    let own = || bare(guarded::<Own>(routes![with_state]));
    assert_eq!(stopped_by(own()).await.len(), 2);
    assert_eq!(stopped_by(own().manage(1_u32)).await.len(), 1);
    assert_eq!(stopped_by(own().manage(1_u64)).await.len(), 1);
    assert!(stopped_by(own().manage(1_u32).manage(1_u64)).await.is_empty());
}

#[test]
fn a_guard_before_nothing_adds_nothing() {
    assert!(guarded::<CognitoUser>(Vec::new()).is_empty());
}

/// The route that holds the sentinel of a guard has no path of its own to answer.
#[rocket::async_test]
async fn guards_at_the_same_base_do_not_collide_and_their_sentinels_answer_nobody() {
    #[get("/deep/<path..>")]
    fn deep(path: std::path::PathBuf) -> String {
        path.display().to_string()
    }
    let both = guarded::<CognitoUser>(guarded::<InGroups<Admin>>(routes![deep]));
    let names: Vec<_> = both.iter().map(|route| route.name.clone().unwrap()).collect();
    assert_eq!(names, ["deep", "guarded by InGroups<Admin>", "guarded by CognitoUser"]);
    let world = World::new(|rocket| {
        rocket
            .mount("/a", guarded::<CognitoUser>(routes![index]))
            .mount("/a", guarded::<CognitoUser>(routes![other]))
            .mount("/a", both.clone())
            .mount("/b", both)
    })
    .await;
    let admin = || Some(world.in_groups(&["admin"]));
    assert_eq!(world.get("/a", admin()).await.1, "index");
    assert_eq!(world.get("/a/other", admin()).await.1, "other");
    for base in ["/a", "/b"] {
        let path = format!("{base}/deep/x/y");
        assert_eq!(world.get(&path, None).await.0, 401);
        assert_eq!(world.get(&path, Some(world.in_groups(&[]))).await.0, 403);
        assert_eq!(world.get(&path, admin()).await.1, "x/y");
    }
    let all = world.client.rocket().routes().filter(|route| route.method == Method::Connect);
    let carriers: Vec<_> = all.map(|route| route.uri.path().to_string()).collect();
    assert_eq!(carriers.len(), 6);
    for path in carriers.iter().map(String::as_str).chain(["/a", "/a/", "/b", "/a/other"]) {
        for header in [None, admin()] {
            let (mut request, is_signed_in) = (world.client.req(Method::Connect, path), header.is_some());
            header.into_iter().for_each(|header| request.add_header(header));
            // A guard of the carrier's own list may refuse, as before its routes.
            let status = answer(request).await.0;
            assert!(status == 404 || (status == 401 && !is_signed_in), "{path}: {status}");
        }
    }
}

/// Whatever ranks an app gives to a whole list.
#[rocket::async_test]
async fn lists_with_ranks_of_the_apps_own_do_not_collide() {
    let ranked = |routes: Vec<Route>, by: fn(isize) -> isize| {
        routes.into_iter().map(move |mut route| {
            route.rank = by(route.rank);
            route
        })
    };
    let list = || guarded::<CognitoUser>(routes![index]);
    let world = World::new(|rocket| {
        rocket
            .mount("/", ranked(list(), |_| 15).collect::<Vec<_>>())
            .mount("/", ranked(guarded::<CognitoUser>(routes![other]), |_| 15).collect::<Vec<_>>())
            .mount("/nested", ranked(guarded::<InGroups<Admin>>(list()), |_| 15).collect::<Vec<_>>())
            .mount("/less", ranked(list(), |rank| rank - 1).collect::<Vec<_>>())
    })
    .await;
    for path in ["/", "/other", "/nested", "/less"] {
        assert_eq!(world.get(path, None).await.0, 401, "{path}");
    }
}

/// A name decides nothing.
#[rocket::async_test]
async fn a_route_that_is_named_as_a_carrier_is_guarded() {
    let mut tunnel = Route::new(Method::Connect, "/", rocket::route::dummy_handler);
    tunnel.name = Some("guarded by nothing".into());
    let routes = guarded::<CognitoUser>(vec![tunnel]);
    let world = World::new(|rocket| rocket.mount("/tunnel", routes)).await;
    assert_eq!(answer(world.client.req(Method::Connect, "/tunnel")).await.0, 401);
    assert!(rocket_cognito::testing::map(world.client.rocket()).to_string().contains("/tunnel "));
}

/// It has no need to name the request.
#[rocket::async_test]
async fn catchers_find_the_denial_of_an_own_guard_before_routes() {
    struct Member;
    #[rocket::async_trait]
    impl<'r> FromRequest<'r> for Member {
        type Error = Denial;

        async fn from_request(_: &'r Request<'_>) -> Outcome<Self, Denial> {
            Outcome::Error((Status::Forbidden, Denial::forbidden(Rule::group("team"))))
        }
    }
    impl Sentinel for Member {
        fn abort(rocket: &Rocket<Ignite>) -> bool {
            CognitoUser::abort(rocket)
        }
    }
    let world = World::new(|rocket| {
        rocket.mount("/", guarded::<Member>(routes![index])).register("/", rocket_cognito::catchers())
    })
    .await;
    let (status, body) = answer(world.client.get("/")).await;
    assert!(status == 403 && body.contains("\"rule_not_met\""), "{status} {body}");
}

#[rocket::async_test]
async fn a_route_of_the_app_with_the_method_connect_is_guarded_as_others() {
    let tunnel = vec![Route::new(Method::Connect, "/", rocket::route::dummy_handler)];
    let routes = guarded::<CognitoUser>(tunnel);
    let world = World::new(|rocket| rocket.mount("/tunnel", routes)).await;
    let connect = || world.client.req(Method::Connect, "/tunnel");
    assert_eq!(connect().dispatch().await.status(), Status::Unauthorized);
    let signed_in = connect().header(world.in_groups(&[])).dispatch().await;
    assert_eq!(signed_in.status(), Status::Ok);
}

#[rocket::async_test]
async fn a_guard_before_routes_lets_everybody_pass_in_disabled_mode() {
    let figment = support::figment().merge(("cognito.disabled", true));
    let rocket = rocket::custom(figment).attach(Cognito::fairing());
    let client =
        Client::untracked(rocket.mount("/", guarded::<InGroups<Admin>>(routes![index]))).await.unwrap();
    let mut request = client.get("/");
    request.set_host(uri!("localhost:8000").into());
    assert_eq!(answer(request).await, (200, "index".to_owned()));
}
