//! The file `state` of an app's embedded pool, and of the program.

use std::fs;

use figment::providers::{Format, Toml};

use crate::browser::*;
use crate::program::{Running, Table};
use crate::state::Folder;
use crate::support::agent::Agent;
use crate::support::app::{SECRET_KEY, build};
use crate::support::server::Server;
use crate::support::{figment, free_port};

/// The next morning.
#[rocket::async_test]
async fn somebody_signed_in_at_an_app_still_is_when_it_starts_again_with_its_pool() {
    let folder = Folder::new();
    let file = folder.path("Rocket.toml");
    let table = format!(
        "[debug]\nport = {}\n[debug.cognito]\nsecret_keys = {SECRET_KEY:?}\nrefresh_flow_enabled = true\n\
         [debug.cognito.local_pool]\nport = {}\nstate = \"pool.json\"\n",
        free_port(),
        free_port()
    );
    fs::write(&file, table).unwrap();
    let settings = || figment().merge(Toml::file(&file).nested());
    let agent = Agent::new();
    let app = Server::start(settings(), build).await;
    let page = agent.sign_in(&app.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    let app_url = app.url("");
    app.stop().await;
    assert_eq!(folder.names(), ["Rocket.toml", "pool.json", "pool.json.lock"], "beside the settings");

    let app = Server::start(settings(), build).await;
    assert_eq!(app.url(""), app_url);
    let page = agent.get(&app.url("/me")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let access_token = || agent.cookie("cognito_access_token").unwrap();
    let before = access_token();
    let refreshed = agent.post(&app.url("/auth/refresh"), &[("Origin", &app_url)], &[]).await;
    assert_eq!(refreshed.status, 303, "{}", refreshed.body);
    assert_ne!(access_token(), before, "the pool has refreshed it");
    assert_eq!(agent.get(&app.url("/me")).await.status, 200);
    // The pool, too, knows the browser.
    for name in agent.cookies().keys() {
        agent.drop_cookie(name);
    }
    let page = agent.follow(&app.url("/auth/login?next=/me")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    app.stop().await;
}

#[rocket::async_test]
async fn the_program_killed_amid_writes_leaves_a_file_that_it_goes_on_with() {
    let folder = Folder::new();
    let path = folder.path("pool.json");
    let table = Table::new(&format!(
        "port = 0\nstate = {path:?}\n[[clients]]\nclient_id = \"shop\"\nclient_secret = {SECRET:?}\n\
         callback_urls = [{CALLBACK:?}]\n"
    ));
    let sessions = || folder.state()["content"]["sessions"].as_array().unwrap().len();
    let until = async |is_so: &dyn Fn() -> bool| {
        let waits = async {
            while !is_so() {
                rocket::tokio::task::yield_now().await;
            }
        };
        in_time(waits).await;
    };
    let mut kept = 0;
    for round in 0..6 {
        let pool = Running::start(&table).await;
        let mut browser = pool.browser();
        browser.code("alice").await;
        until(&|| sessions() > kept).await;
        kept = sessions();
        let url = browser.url("/login", &authorize("shop"));
        let signing_in = rocket::tokio::spawn(async move {
            let form = [("username", "bob"), ("password", "Passw0rd!")];
            while browser.post(url.clone(), &form).send().await.is_ok() {}
        });
        // With a write under way, and when one is over.
        match round % 2 {
            0 => until(&|| folder.path("pool.json.new").exists()).await,
            _ => until(&|| sessions() > kept).await,
        }
        pool.signal("KILL");
        in_time(signing_in).await.unwrap();
        assert!(!pool.ended().await.0.success());
        assert!(sessions() >= kept, "nothing that was written is lost");
        kept = sessions();
    }
    let pool = Running::start(&table).await;
    pool.signal("TERM");
    assert!(pool.ended().await.0.success());
    assert_eq!(folder.names(), ["pool.json", "pool.json.lock"], "nothing of an interrupted write is left");
    assert_eq!(sessions(), kept);
}
