//! A store is rolled out, and back, while people work.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use figment::Figment;
use rocket::futures::future::join_all;
use tokio::task::JoinHandle;

use super::world::{Fleet, LIFETIME, SID, rotating};
use crate::support::ACCESS;
use crate::support::agent::Agent;
use crate::support::kind::{Kind, each_store};
use crate::support::server::Server;

/// The instances that get requests, and what came of these.
#[derive(Default)]
struct Traffic {
    instances: Mutex<Vec<Arc<Server>>>,
    is_over: AtomicBool,
    served: AtomicUsize,
}

impl Traffic {
    fn any(&self) -> Arc<Server> {
        let instances = self.instances.lock().unwrap();
        instances[rand::random_range(0..instances.len())].clone()
    }

    /// Requests of these browsers, one after the other, for as long as there is traffic. All of them are served.
    fn of(self: &Arc<Self>, agents: Vec<Agent>) -> JoinHandle<Vec<Agent>> {
        let traffic = self.clone();
        tokio::spawn(async move {
            while !traffic.is_over.load(Ordering::SeqCst) {
                for (number, agent) in agents.iter().enumerate() {
                    let instance = traffic.any();
                    let page = agent.get(&instance.url("/me")).await;
                    assert_eq!(page.status, 200, "{number}: {}", page.body);
                    traffic.served.fetch_add(1, Ordering::SeqCst);
                }
            }
            agents
        })
    }

    /// Returns when so many more requests have been served.
    async fn goes_on(&self, more: usize) {
        let until = self.served.load(Ordering::SeqCst) + more;
        while self.served.load(Ordering::SeqCst) < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Replaces the instances one by one by those of another release.
    async fn release(&self, fleet: &Fleet, change: impl Fn(Figment) -> Figment) {
        for place in 0..3 {
            let new = Arc::new(fleet.another(&change).await);
            let old = std::mem::replace(&mut self.instances.lock().unwrap()[place], new);
            self.goes_on(100).await;
            drop(old);
        }
        fleet.advance(LIFETIME / 2);
        self.goes_on(300).await;
    }

    async fn sign_in(&self, fleet: &Fleet, count: usize) -> Vec<Agent> {
        let agents = (0..count).map(|_| async {
            let (agent, instance) = (Agent::new(), self.any());
            fleet.sign_in_at(&instance, &agent).await;
            agent
        });
        join_all(agents).await
    }
}

each_store!(a_store_is_rolled_out_and_back_without_a_sign_out);
async fn a_store_is_rolled_out_and_back_without_a_sign_out(kind: Kind) {
    let setup = rotating(60).set("sessions_per_user", 1000).set("refresh_ahead_seconds", LIFETIME / 2);
    let fleet = Fleet::start(kind, setup, 1).await;
    let traffic = Arc::new(Traffic::default());
    let without = |figment: Figment| figment.merge(("no_store", true));
    let reads = |figment: Figment| figment.merge(("cognito.session_store_writes", false));
    let writes = |figment: Figment| figment;
    let first = join_all((0..3).map(|_| fleet.another(without))).await;
    *traffic.instances.lock().unwrap() = first.into_iter().map(Arc::new).collect();

    let mut at_work = Vec::new();
    let mut kinds = Vec::new();
    let steps: [(&dyn Fn(Figment) -> Figment, &str); 5] =
        [(&without, ACCESS), (&reads, ACCESS), (&writes, SID), (&reads, ACCESS), (&reads, ACCESS)];
    for (number, (change, cookie)) in steps.into_iter().enumerate() {
        if number > 0 {
            traffic.release(&fleet, change).await;
        }
        for _ in 0..2 {
            let agents = traffic.sign_in(&fleet, 20).await;
            assert!(agents.iter().all(|agent| agent.cookie(cookie).is_some()), "{number}");
            kinds.push(cookie);
            at_work.push(traffic.of(agents));
        }
    }
    traffic.goes_on(600).await;
    traffic.is_over.store(true, Ordering::SeqCst);
    let sessions = join_all(at_work).await;
    assert_eq!(sessions.iter().map(|agents| agents.as_ref().unwrap().len()).sum::<usize>(), 200);
    for (agents, cookie) in sessions.into_iter().zip(kinds) {
        let stays = agents.unwrap().iter().all(|agent| agent.cookie(cookie).is_some());
        assert!(stays, "a session stays where it began: {cookie}");
    }
}
