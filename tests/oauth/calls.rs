//! How much is asked of the pool at once.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket::http::Status;
use rocket::{State, get, routes};
use rocket_cognito::CognitoUser;
use rocket_cognito::client::{ClientError, CognitoClient};
use tokio::time::{sleep, timeout};

use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::endpoint::{World, is_whole};

const VISITORS: usize = 100;
const LEAVING: usize = 50;
/// For exchanges and for refreshes.
const AT_ONCE: usize = 12;
const USER_INFOS: usize = 8;
const CLIENT_CREDENTIALS: usize = 4;
const API_CALLS: usize = 8;
/// Revocations beside them.
const IN_ALL: usize = 2 * AT_ONCE + 8 + USER_INFOS + CLIENT_CREDENTIALS + API_CALLS;

fn unavailable(error: ClientError) -> Status {
    assert!(error.is_unavailable(), "{error}");
    Status::ServiceUnavailable
}

#[get("/profile")]
async fn profile(user: CognitoUser) -> Result<String, Status> {
    user.fetch_user_info().await.map(|info| info.sub().to_owned()).map_err(unavailable)
}

#[get("/pool-sessions")]
async fn pool_sessions(user: CognitoUser) -> Result<(), Status> {
    let sessions = user.pool_sessions().unwrap();
    sessions.list().await.map(|_| ()).map_err(unavailable)
}

/// Scopes like no others, as many callers share a token of the same.
#[get("/machine?<scope>")]
async fn machine(scope: &str, client: &State<CognitoClient>) -> Result<String, Status> {
    let token = client.client_credentials(&[scope], SystemTime::now()).await.map_err(unavailable)?;
    Ok(token.access_token().to_owned())
}

/// F15: a pool that hangs is asked 52 things at once and no more; of the surplus nothing is lost.
#[rocket::async_test]
async fn fifty_two_calls_are_under_way_at_most_and_the_surplus_is_turned_away() {
    let world = World::start_with(|app| app.mount("/", routes![profile, machine, pool_sessions])).await;
    let (arriving, staying): (Vec<_>, Vec<_>) =
        (0..VISITORS).map(|_| (Agent::new(), world.session())).unzip();
    let leaving: Vec<_> = (0..LEAVING).map(|_| world.session()).collect();
    let callbacks = join_all(arriving.iter().map(|agent| world.begin(agent))).await;
    let before: Vec<_> = staying.iter().map(Agent::cookies).collect();

    world.endpoint.answers.send_replace(false);
    let refused = AtomicUsize::new(0);
    let get = async |agent: &Agent, url: &str| {
        let page = agent.get(url).await;
        refused.fetch_add(usize::from(page.status == 503), SeqCst);
        page
    };
    let me = world.app.url("/me");
    let (origin, logout) = (world.app.url(""), world.app.url("/auth/logout"));
    let headers = [("origin", origin.as_str())];
    let (bearer, stranger) = (format!("Bearer {}", world.endpoint.access_token()), Agent::new());
    let with_bearer = async |path: &str| {
        let headers = [("authorization", bearer.as_str())];
        let page = stranger.send(Method::GET, &world.app.url(path), &headers, None).await;
        refused.fetch_add(usize::from(page.status == 503), SeqCst);
        page
    };
    let machine =
        async |number| get(&stranger, &world.app.url(&format!("/machine?scope=api/{number}"))).await;
    let each = [AT_ONCE, AT_ONCE, USER_INFOS, CLIENT_CREDENTIALS, API_CALLS];
    let surplus: usize = each.iter().map(|at_once| VISITORS - at_once).sum();
    let pool = async {
        while refused.load(SeqCst) < surplus {
            sleep(Duration::from_millis(20)).await;
        }
        world.endpoint.answers.send_replace(true);
    };
    let all = async {
        tokio::join!(
            join_all(arriving.iter().zip(&callbacks).map(|(agent, url)| get(agent, url))),
            join_all(staying.iter().map(|agent| get(agent, &me))),
            join_all(leaving.iter().map(|agent| agent.post(&logout, &headers, &[]))),
            join_all((0..VISITORS).map(|_| with_bearer("/profile"))),
            join_all((0..VISITORS).map(machine)),
            join_all((0..VISITORS).map(|_| with_bearer("/pool-sessions"))),
            pool,
        )
    };
    let (arrived, stayed, left, profiles, machines, lists, ()) =
        timeout(Duration::from_secs(60), all).await.expect("all are answered");

    let endpoint = &world.endpoint;
    let gauges = [
        &endpoint.exchanges,
        &endpoint.refreshes,
        &endpoint.revocations,
        &endpoint.user_infos,
        &endpoint.client_credentials,
        &endpoint.api_calls,
    ];
    let peaks = || gauges.map(|gauge| gauge.peak());
    assert_eq!(peaks(), [AT_ONCE, AT_ONCE, 8, USER_INFOS, CLIENT_CREDENTIALS, API_CALLS]);
    assert_eq!((peaks().iter().sum::<usize>(), IN_ALL), (52, 52));
    let count = |pages: &[crate::support::agent::Page], status: u16, code: &str| {
        pages.iter().filter(|page| answer(page) == (status, code.to_owned())).count()
    };
    assert_eq!(count(&arrived, 303, ""), AT_ONCE);
    assert_eq!(count(&arrived, 503, "pool_unavailable"), VISITORS - AT_ONCE);
    assert_eq!(count(&stayed, 200, ""), AT_ONCE);
    assert_eq!(count(&stayed, 503, "session_not_renewed"), VISITORS - AT_ONCE);
    assert_eq!((count(&profiles, 200, ""), count(&machines, 200, "")), (USER_INFOS, CLIENT_CREDENTIALS));
    assert_eq!(count(&lists, 200, ""), API_CALLS);
    assert_eq!(count(&left, 303, ""), LEAVING);
    assert!(leaving.iter().all(|agent| agent.cookies().is_empty()));

    for ((page, agent), cookies) in stayed.iter().zip(&staying).zip(before) {
        assert!(if page.status == 200 { is_whole(agent) } else { agent.cookies() == cookies });
    }
    // Each session that could not be renewed rests for a second.
    world.advance(2);
    assert_eq!(join_all(staying.iter().map(|agent| world.me(agent))).await, [200; VISITORS]);
    assert!(staying.iter().all(is_whole));
    // Their codes were not sent, so a reload is enough.
    let again = arriving.iter().zip(&callbacks).zip(&arrived).filter(|(_, page)| page.status == 503);
    let again = join_all(again.map(async |((agent, callback), _)| {
        agent.get(callback).await;
        world.me(agent).await
    }));
    assert_eq!(again.await, [200; VISITORS - AT_ONCE]);
    assert_eq!(peaks().iter().sum::<usize>(), IN_ALL);
}

/// F15, F3: refreshes that are eight seconds old make room, up to 32 of them; none is dropped for others.
#[rocket::async_test]
async fn slow_refreshes_make_room_for_others_and_none_is_asked_for_twice() {
    let world = World::start().await;
    let sessions: Vec<_> = (0..46).map(|_| world.session()).collect();
    let (thirteenth, last) = (&sessions[44], &sessions[45]);
    world.endpoint.answers.send_replace(false);
    let refreshes = &world.endpoint.refreshes;
    let me = world.app.url("/me");
    // These wait until they are told to come again; meanwhile somebody else comes.
    let come = async |range: std::ops::Range<usize>, other: Option<&Agent>| {
        let under_way = range.end;
        let waiting = join_all(sessions[range].iter().map(|agent| agent.get(&me)));
        let meanwhile = async {
            while refreshes.begun() < under_way {
                sleep(Duration::from_millis(20)).await;
            }
            let other = other?;
            Some(other.get(&me).await)
        };
        let (pages, other) = tokio::join!(waiting, meanwhile);
        for page in pages.iter().chain(&other) {
            assert_eq!(answer(page), (503, "session_not_renewed".to_owned()));
        }
        assert_eq!((refreshes.begun(), refreshes.peak()), (under_way, under_way), "under way");
    };
    let slow = async {
        come(0..12, Some(thirteenth)).await;
        come(12..24, None).await;
        come(24..36, None).await;
        // Four of these keep their places, as there are no more for late ones.
        come(36..44, Some(last)).await;
    };
    timeout(Duration::from_secs(60), slow).await.expect("all are answered");

    world.endpoint.answers.send_replace(true);
    // The two that the pool was not asked for rest for a second.
    world.advance(2);
    assert_eq!(join_all(sessions.iter().map(|agent| world.me(agent))).await, [200; 46]);
    assert!(sessions.iter().all(is_whole));
    assert_eq!((refreshes.begun(), refreshes.peak()), (46, 44));
}
