//! Many sign-ins of one user at once, at several processes, which all end at once.

use std::io::{Read, Write};
use std::net::TcpStream;

use rocket::futures::future::join_all;
use rocket_cognito::store::SessionStore;

use crate::site::{Site, rotating};
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, answer};
use crate::support::sessions::address;

async fn sign_in(site: &Site) -> Vec<Agent> {
    let agents: Vec<_> = (0..50).map(|_| Agent::new()).collect();
    let url = site.url("/me");
    for page in join_all(agents.iter().map(|agent| agent.sign_in(&url, "alice"))).await {
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    }
    agents
}

/// No process accepts any of these sessions any more.
async fn assert_all_over(site: &Site, agents: &[Agent]) {
    for place in 0..3 {
        let url = site.url_at(place, "/me");
        for page in join_all(agents.iter().map(|agent| agent.get(&url))).await {
            assert_eq!(answer(&page), (401, "session_expired".into()));
        }
    }
}

/// L9, L10.
#[rocket::async_test]
async fn fifty_sign_ins_at_three_processes_are_listed_and_all_end_at_once() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    let agents = sign_in(&site).await;
    let user = address(&agents[0]).user;
    assert_eq!(site.store.list(&user).await.unwrap().len(), 50);
    let page = agents[0].get(&site.url_at(0, "/")).await;
    assert_eq!(page.body.matches("<tr><td>").count(), 50, "{}", page.body);
    let ended = agents[7].post(&site.url_at(1, "/sessions/end-all"), &SAME_ORIGIN, &[]).await;
    assert_eq!(ended.status, 303);
    let page = agents[7].get(&site.url_at(2, "/")).await;
    assert!(page.body.contains("Ended at every instance: 50."), "{}", page.body);
    assert!(page.body.contains("You are not signed in."), "{}", page.body);
    assert_all_over(&site, &agents).await;
}

/// There is no index beside the entry of a user that could say otherwise.
#[rocket::async_test]
async fn sessions_whose_users_entry_is_gone_are_accepted_by_no_process() {
    let Some(site) = Site::start(rotating(0), 3, &[]).await else { return };
    let agents = sign_in(&site).await;
    let mut redis = TcpStream::connect(("127.0.0.1", site.redis.port)).unwrap();
    let mut reply = [0; 4];
    writeln!(redis, "DEL cognito:{}\r", address(&agents[0]).user).unwrap();
    redis.read_exact(&mut reply).unwrap();
    assert_eq!(&reply, b":1\r\n");
    assert_all_over(&site, &agents).await;
}
