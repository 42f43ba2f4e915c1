//! Where a pool listens for which no port was given.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use figment::Figment;
use figment::value::Value;
use rocket::local::asynchronous::Client;
use rocket_cognito::Cognito;
use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::program::refused;
use crate::support::agent::Agent;
use crate::support::app::build;
use crate::support::server::Server;
use crate::support::{figment, free_port};

const USUAL: &str = "http://127.0.0.1:9400";

/// For one test at a time.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}

/// Listens at the port that a pool takes where it is free, as soon as no other program does.
async fn usual_port() -> TcpListener {
    let listen = async {
        loop {
            match TcpListener::bind(USUAL.trim_start_matches("http://")) {
                Ok(listener) => return listener,
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    };
    timeout(Duration::from_secs(60), listen).await.expect("no other program listens on 127.0.0.1:9400")
}

fn with_pool() -> Figment {
    figment().merge(("cognito.local_pool", true)).merge(("port", free_port()))
}

/// Signs somebody in at an app with a local pool of its own.
async fn sign_in(figment: Figment) {
    let app = Server::start(figment, build).await;
    let page = Agent::new().sign_in(&app.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    app.stop().await;
}

/// The second one once refused to launch.
#[rocket::async_test]
async fn twenty_apps_with_local_pools_launch_side_by_side() {
    const THREADS: usize = 4;
    let _alone = alone().await;
    let five_apps = || {
        rocket::execute(async {
            let mut apps = JoinSet::new();
            for _ in 0..20 / THREADS {
                apps.spawn(sign_in(with_pool()));
            }
            apps.join_all().await.len()
        })
    };
    let threads: Vec<_> =
        (0..THREADS).map(|_| spawn_blocking(move || thread::spawn(five_apps).join())).collect();
    let mut signed_in = 0;
    for thread in threads {
        signed_in += thread.await.unwrap().expect("all sign in");
    }
    assert_eq!(signed_in, 20);
}

#[rocket::async_test]
async fn where_the_usual_port_is_taken_the_pool_takes_any_free_one() {
    let _alone = alone().await;
    let _taken = usual_port().await;
    sign_in(with_pool()).await;
    let pool = LocalPool::start(LocalPoolConfig::default()).await.unwrap();
    assert_ne!(pool.base_url(), USUAL);
    assert!(pool.issuer().starts_with(&pool.base_url()));
}

#[rocket::async_test]
async fn the_usual_port_is_taken_where_it_is_free() {
    let _alone = alone().await;
    drop(usual_port().await);
    let pool = LocalPool::start(LocalPoolConfig::default()).await.unwrap();
    assert_eq!(pool.base_url(), USUAL);
    pool.stop().await;
}

/// A table with other keys gives no port either.
#[rocket::async_test]
async fn a_pool_leaves_the_apps_own_port_to_the_app() {
    let _alone = alone().await;
    drop(usual_port().await);
    for (key, value) in [("local_pool", Value::from(true)), ("local_pool.id_token_seconds", Value::from(600))]
    {
        let figment = figment().merge((format!("cognito.{key}"), value)).merge(("port", 9400));
        let client = Client::untracked(rocket::custom(figment).attach(Cognito::fairing())).await.unwrap();
        assert_ne!(client.rocket().state::<LocalPool>().unwrap().base_url(), USUAL);
    }
}

/// Apps have its addresses in their settings.
#[rocket::async_test]
async fn the_program_takes_the_usual_port_or_none() {
    let _alone = alone().await;
    let _taken = usual_port().await;
    let (status, said) = refused(&[]).await;
    assert_eq!(status, Some(1));
    assert!(said.contains("port 9400 on 127.0.0.1 is taken"), "{said}");
}

#[rocket::async_test]
async fn a_port_of_a_table_stands_before_a_default_of_the_code() {
    let _alone = alone().await;
    let _taken = usual_port().await;
    let config = LocalPoolConfig::default().port(0).port_or(9400);
    let pool = LocalPool::start(config).await.unwrap();
    assert_ne!(pool.base_url(), USUAL);
    let error = LocalPool::start(LocalPoolConfig::default().port_or(9400)).await.unwrap_err();
    assert!(error.to_string().contains("port 9400 on 127.0.0.1 is taken"), "{error}");
}
