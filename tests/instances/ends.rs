//! All sessions of a user end while another app refreshes one of them: none comes back. The app that refreshes runs in
//! this process, where it can be held up; the others are processes.

use std::sync::Arc;

use reqwest::Method;
use rocket::futures::FutureExt;
use rocket::futures::future::join_all;
use rocket::{Build, Rocket, routes};
use rocket_cognito::local_pool::LocalUser;
use rocket_cognito::store::{RedisStore, SessionStore, UserKey};
use rocket_cognito::{Clock, Cognito, CognitoUser, catchers};
use tokio::time::timeout;

use crate::site::{PATIENCE, Site, rotating};
use crate::support::app::{CLIENT, SECRET, SECRET_KEY};
use crate::support::gated_store::{GatedStore, When};
use crate::support::server::Server;
use crate::support::{TOKEN, figment};
use crate::visitor::{Answer, Visitor};

/// Users whose sessions end at once; a process makes no more than twelve calls at a time.
const USERS: usize = 10;

#[rocket::get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

/// An app in this process that has the site's pool and sessions.
async fn app_here(site: &Site, store: &GatedStore) -> Server {
    let figment = figment()
        .merge(("cognito.user_pool_id", site.pool.user_pool_id()))
        .merge(("cognito.client_id", CLIENT))
        .merge(("cognito.client_secret", SECRET))
        .merge(("cognito.domain", site.pool.base_url()))
        .merge(("cognito.issuer", site.pool.issuer()))
        .merge(("cognito.redirect_url", site.url("/auth/callback")))
        .merge(("cognito.logout_url", site.url("/")))
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.secret_keys", SECRET_KEY));
    let build = |rocket: Rocket<Build>| {
        let fairing = Cognito::fairing().session_store(store.clone());
        rocket.attach(fairing).mount("/", routes![me]).register("/", catchers())
    };
    Server::start(figment, build).await
}

/// Before or after a call to the store.
type Point = (&'static str, When);

/// The five points of a refresh; `None`: the pool has carried it out, and not answered yet.
const POINTS: [Option<Point>; 5] = [
    Some(("turn", When::Before)),
    Some(("turn", When::After)),
    None,
    Some(("replace", When::Before)),
    Some(("replace", When::After)),
];

/// One session of each user ends while the app here is at this point of its refresh.
async fn end_at(
    point: Option<Point>,
    site: &Site,
    app: &Server,
    store: &GatedStore,
    users: &[(String, UserKey)],
) -> Vec<Visitor> {
    let (mut refreshing, mut ending) = (Vec::new(), Vec::new());
    for (username, user) in users {
        refreshing.push(site.expired_in_store(username, *user).await);
        ending.push(site.valid_in_store(username, *user).await);
    }
    let hold = point.is_none().then(|| site.pool.hold(TOKEN));
    let held_up =
        point.into_iter().flat_map(|(method, when)| users.iter().map(move |_| store.hold(method, when)));
    let held_up: Vec<_> = held_up.collect();
    let end = async {
        if let Some(hold) = &hold {
            hold.reached(USERS).await;
        }
        join_all(held_up.iter().map(|hold| hold.reached())).await;
        let url = site.url("/sessions/end-all");
        for answer in join_all(ending.iter().map(|visitor| visitor.ask(Method::POST, &url))).await {
            assert_eq!(answer.unwrap().0.status, 303, "{point:?}");
        }
        for (_, user) in users {
            assert_eq!(site.store.list(user).await.unwrap().len(), 0, "{point:?}");
        }
        drop((hold, held_up));
    };
    let url = app.url("/me");
    let (answers, ()) = tokio::join!(
        join_all(refreshing.iter().map(|visitor| visitor.get(&url))),
        timeout(PATIENCE, end).map(Result::unwrap)
    );
    // Who was refreshed by then is served by this one request.
    let is_allowed = |answer: &Answer| {
        answer.status == 401 || point == Some(("replace", When::After)) && answer.status == 200
    };
    assert!(answers.iter().all(is_allowed), "{point:?}: {answers:?}");
    refreshing
}

/// L9.
#[rocket::async_test]
async fn none_of_the_sessions_that_end_during_a_refresh_by_another_process_comes_back() {
    let names: Vec<_> = (0..USERS).map(|number| format!("user-{number}")).collect();
    let pool = names.iter().fold(rotating(0), |pool, name| pool.user(LocalUser::new(name)));
    let Some(site) = Site::start(pool, 2, &[]).await else { return };
    let store = RedisStore::from_figment(&site.redis.settings(), &Clock::default()).unwrap();
    let store = GatedStore::new(Arc::new(store));
    let app = app_here(&site, &store).await;
    let mut users = Vec::new();
    for name in names {
        let user = site.user_key(&name).await;
        users.push((name, user));
    }
    let mut ended = Vec::new();
    for point in POINTS {
        for _ in 0..10 {
            ended.extend(end_at(point, &site, &app, &store, &users).await);
        }
    }
    assert_eq!(ended.len(), 500);
    for visitor in &ended {
        for url in [app.url("/me"), site.url("/me")] {
            assert_eq!(visitor.get(&url).await.status, 401);
        }
        assert_eq!(site.generation(visitor).await, None);
    }
}
