//! Settings are rolled out over three processes, one by one, while people work: nobody is signed out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket::futures::{StreamExt, stream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::site::{PATIENCE, Site, rotating};
use crate::support::ACCESS;
use crate::support::agent::Agent;
use crate::support::app::SECRET_KEY;
use crate::support::kind::SID;
use crate::visitor::{Visitor, expire};

const STORE: &str = "ROCKET_COGNITO_SESSION_STORE";
const WRITES: &str = "ROCKET_COGNITO_SESSION_STORE_WRITES";
const KEYS: &str = "ROCKET_COGNITO_SECRET_KEYS";

/// People at work: each sends one request after the other.
struct People {
    is_over: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    tasks: Vec<JoinHandle<Vec<Visitor>>>,
}

impl People {
    fn new() -> Self {
        People { is_over: Arc::default(), served: Arc::default(), tasks: Vec::new() }
    }

    /// These visitors go to work, shared out over ten tasks. None of them is ever signed out.
    fn join(&mut self, site: &Site, visitors: &[Visitor]) {
        for share in visitors.chunks(visitors.len().div_ceil(10)) {
            let (mut share, url) = (share.to_vec(), site.url("/me"));
            let (is_over, served) = (self.is_over.clone(), self.served.clone());
            self.tasks.push(tokio::spawn(async move {
                while !is_over.load(Ordering::SeqCst) {
                    for visitor in &mut share {
                        // Some sessions in cookies are to be refreshed.
                        if rand::random_ratio(1, 20) {
                            expire(visitor);
                        }
                        let answer = visitor.go(Method::GET, &url).await;
                        // A process that stops refreshes no session any more: 503.
                        assert!([200, 503].contains(&answer.status), "{answer:?}");
                        served.fetch_add((answer.status == 200).into(), Ordering::SeqCst);
                    }
                }
                share
            }));
        }
    }

    /// Returns when so many more requests have been served.
    async fn work_on(&self, requests: usize) {
        let until = self.served.load(Ordering::SeqCst) + requests;
        let served = async {
            while self.served.load(Ordering::SeqCst) < until {
                assert!(self.tasks.iter().all(|task| !task.is_finished()), "somebody was not served");
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, served).await.expect("people are served");
    }

    /// The visitors, as they go home.
    async fn leave(self) -> Vec<Visitor> {
        self.is_over.store(true, Ordering::SeqCst);
        join_all(self.tasks).await.into_iter().flat_map(Result::unwrap).collect()
    }
}

/// Replaces the processes one by one by those of another release, with these variables.
async fn release(site: &mut Site, people: &People, variables: &[(&str, &str)]) {
    for place in 0..3 {
        let old = site.processes.remove(place);
        old.terminate();
        let (status, output) = old.ended().await;
        assert!(status.success(), "{output}");
        people.work_on(100).await;
        let new = site.launch(site.ports[place], variables).await;
        site.processes.insert(place, new);
        people.work_on(300).await;
    }
}

/// The cookies of a sign-in at any of the processes.
async fn sign_in(site: &Site) -> Agent {
    let agent = Agent::new();
    let page = agent.sign_in(&site.url("/me"), "carol").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"), "{}", page.body);
    agent
}

fn in_cookies(site: &Site, count: usize) -> Vec<Visitor> {
    (0..count).map(|_| site.expired_in_cookies("bob")).collect()
}

fn assert_each_has(visitors: &[Visitor], cookie: &str, count: usize) {
    assert_eq!(
        visitors.iter().filter(|visitor| visitor.cookies.contains_key(cookie)).count(),
        count,
        "{cookie}"
    );
}

#[rocket::async_test]
async fn a_store_is_rolled_out_over_three_processes_and_back_without_a_sign_out() {
    let (without, reads) = ([(STORE, "")], [(WRITES, "false")]);
    let Some(mut site) = Site::start_example("quickstart", rotating(60), 3, &without).await else { return };
    let mut people = People::new();
    people.join(&site, &in_cookies(&site, 500));
    people.work_on(1000).await;
    for (variables, cookie) in [(reads.as_slice(), ACCESS), (&[], SID), (&reads, ACCESS)] {
        release(&mut site, &people, variables).await;
        let signed_in = sign_in(&site).await;
        assert!(signed_in.cookie(cookie).is_some(), "{:?}", signed_in.cookies().into_keys());
        if cookie == SID {
            people.join(&site, &site.many_expired_in_store("alice", 500).await);
            people.work_on(1000).await;
        }
    }
    let visitors = people.leave().await;
    site.assert_all_served(&visitors).await;
    // A session stays where it began.
    assert_each_has(&visitors, ACCESS, 500);
    assert_each_has(&visitors, SID, 500);
}

#[rocket::async_test]
async fn a_key_is_replaced_over_three_processes_in_three_phases_without_a_sign_out() {
    let new = "zyxwvutsrqponmlkjihgfedcba9876543210";
    let Some(mut site) = Site::start(rotating(60), 3, &[]).await else { return };
    let mut people = People::new();
    people.join(&site, &in_cookies(&site, 500));
    people.join(&site, &site.many_expired_in_store("alice", 500).await);
    people.work_on(1000).await;
    let rings = [format!("[\"{SECRET_KEY}\", \"{new}\"]"), format!("[\"{new}\", \"{SECRET_KEY}\"]")];
    for ring in &rings {
        release(&mut site, &people, &[(KEYS, ring)]).await;
    }
    // What the old key has sealed is to be gone before the key goes: a refresh seals anew.
    let (visitors, url) = (people.leave().await, site.url("/auth/refresh"));
    let refreshed = stream::iter(visitors).map(async |mut visitor| {
        let answer = visitor.go(Method::POST, &url).await;
        assert!([204, 303].contains(&answer.status), "{answer:?}");
        visitor
    });
    let visitors: Vec<_> = refreshed.buffer_unordered(20).collect().await;
    let mut people = People::new();
    people.join(&site, &visitors);
    release(&mut site, &people, &[(KEYS, new)]).await;
    let visitors = people.leave().await;
    site.assert_all_served(&visitors).await;
    assert_each_has(&visitors, ACCESS, 500);
    assert_each_has(&visitors, SID, 500);
}
