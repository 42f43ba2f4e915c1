//! Refreshes a stored session: by one process at a time, whichever of all that share the store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::opened_session::OpenedSession;
use super::retry::pauses;
use super::vault::{TooLong, Vault};
use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::oauth::RefreshLeave;
use crate::session::issued_session::IssuedSession;
use crate::session::refresh::{MAX_WAIT, RefreshReason, Refresher, failed};
use crate::session::refresh_coordinator::rest_after;
use crate::session::refresh_outcome::{ChangeSince, RefreshOutcome, RefreshResult};
use crate::store::{LeaseOwner, Replaced, SessionAddress, StoreError, StoredSession, Turn};
use crate::sync::Leader;
use crate::telemetry::{Event, SessionEnd, WaitFor, emit};

/// How long a lease lasts, by the store's clock, unless it is extended.
const LEASE: Duration = Duration::from_secs(10);
const EXTEND_EVERY: Duration = Duration::from_secs(3);
/// How long a session rests when the pool refuses a refresh token that another process may have replaced just now.
const REST_OF_A_TAKEN_OVER_LEASE: Duration = Duration::from_secs(10);
/// The longest rest that a store is believed.
const MAX_REST: Duration = Duration::from_secs(60);
/// Between two questions for a lease that another process holds, at first and at most.
const FIRST_POLL: Duration = Duration::from_millis(25);
const MAX_POLL: Duration = Duration::from_millis(200);
/// How many generations a store may have lost that is mended.
const MAX_LOST_GENERATIONS: u64 = 8;

/// The refreshes of stored sessions in this process.
#[derive(Clone)]
pub(super) struct StoredRefresh {
    pub(super) vault: Arc<Vault>,
    pub(super) refresher: Arc<Refresher>,
}

/// What became of new tokens that were to be written.
pub(super) enum Written {
    Done,
    /// The session is of a later generation already.
    Elsewhere(StoredSession),
    /// Somebody has signed out.
    Gone,
}

impl StoredRefresh {
    /// Takes the store's turn, asks the pool, writes what it answers, and hands the outcome to everybody who waits.
    pub(super) async fn lead(
        self,
        at: SessionAddress,
        session: OpenedSession,
        generation: u32,
        reason: RefreshReason,
        leader: Leader<RefreshOutcome>,
        has_waited: bool,
    ) {
        // Tokens that this process remembers and that the store does not have yet are written before any later ones.
        let result = match generation == session.record.generation {
            true => self.turn(&at, &session, reason, has_waited).await,
            false => RefreshResult::Busy,
        };
        let issued = match &result {
            RefreshResult::Refreshed { issued, .. } => Some(Arc::clone(issued)),
            _ => None,
        };
        let (coordinator, now) = (&self.refresher.coordinator, self.refresher.clock.instant());
        let id = &session.record.session_id;
        let outcome = coordinator.finish(id, session.record.generation, leader, result, now);
        let Some(issued) = issued else { return };
        if matches!(outcome, RefreshOutcome::Ended { .. }) {
            // Signed out in this process in the meantime, and maybe before the new tokens were written.
            let _ = self.vault.remove(&at, None).await;
            self.revoke(issued.tokens.record.refresh_token()).await;
        }
    }

    /// Waits for the store's turn, and for leave to call the pool before each question: a lease does not wait for it.
    async fn turn(
        &self,
        at: &SessionAddress,
        session: &OpenedSession,
        reason: RefreshReason,
        mut has_waited: bool,
    ) -> RefreshResult {
        let (owner, generation) = (random_owner(), u64::from(session.record.generation));
        let (ends_at, mut pause) = (Instant::now() + MAX_WAIT, FIRST_POLL);
        let is_ahead = reason == RefreshReason::AheadOfExpiry;
        let mut has_waited_for_leave = false;
        loop {
            // Each time, since the app may be stopping by now.
            let Some(endpoints) = self.refresher.endpoints() else { return RefreshResult::Unavailable(None) };
            let Ok(leave) = endpoints.leave_to_refresh(&mut has_waited_for_leave).await else {
                if is_ahead || Instant::now() > ends_at {
                    return failed(endpoints.turn_away());
                }
                // Another process needs no leave of this one.
                match self.vault.peek(at).await {
                    Ok(Some(stored)) if stored.generation != generation => {
                        return RefreshResult::Elsewhere(Arc::new(stored));
                    }
                    Ok(None) => return RefreshResult::Ended,
                    _ => continue,
                }
            };
            let mut turn = self.vault.turn(at, generation, &owner, LEASE).await;
            if turn.is_err() {
                // The answer may have got lost, and the lease be ours.
                turn = self.vault.turn(at, generation, &owner, LEASE).await;
            }
            match turn {
                // Nothing has been sent.
                Err(_) => return RefreshResult::Busy,
                Ok(Turn::Gone) => return RefreshResult::Ended,
                Ok(Turn::Other(stored)) => return RefreshResult::Elsewhere(Arc::new(stored)),
                Ok(Turn::Rests(rest)) => {
                    return RefreshResult::Rests { rest: rest.min(MAX_REST), pause: None };
                }
                Ok(Turn::Yours { taken_over, failures }) => {
                    let lease = Lease { at, generation, owner, taken_over, failures };
                    return self.call(session, leave, &lease).await;
                }
                Ok(Turn::Held(_)) if is_ahead || Instant::now() + pause > ends_at => {
                    return RefreshResult::Held;
                }
                Ok(Turn::Held(_)) => {}
            }
            drop(leave);
            if !std::mem::replace(&mut has_waited, true) {
                self.refresher.counts.waits.add(WaitFor::Refresh);
            }
            tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))).await;
            pause = (2 * pause).min(MAX_POLL);
        }
    }

    /// Asks the pool while the lease is extended, and writes what it answers, lease or no lease.
    async fn call(
        &self,
        session: &OpenedSession,
        leave: RefreshLeave<'_>,
        lease: &Lease<'_>,
    ) -> RefreshResult {
        let record = session.seen_record();
        let result = tokio::select! {
            result = self.refresher.ask_with(leave, &record, Some(*lease.at)) => result,
            () = self.extend(lease) => RefreshResult::Unavailable(None),
        };
        match result {
            RefreshResult::Refreshed { issued, is_usable } => {
                let result = self.adopt(session, issued, is_usable, lease).await;
                if !is_usable && matches!(result, RefreshResult::Refreshed { .. }) {
                    self.rest(session, lease).await;
                }
                result
            }
            RefreshResult::Refused => self.refused(lease).await,
            RefreshResult::Ended => {
                // Tokens of somebody else: revoked already.
                match self.vault.remove(lease.at, Some(lease.generation)).await {
                    Ok(_) => RefreshResult::Ended,
                    Err(_) => RefreshResult::Unavailable(None),
                }
            }
            // A lease that was taken over is left to run out: whoever comes next learns by it that its holder before us
            // may be at work.
            RefreshResult::Unavailable(pause) if !lease.taken_over => {
                let rest = rest_after(lease.failures);
                let _ = self.vault.give_back(lease.at, &lease.owner, rest).await;
                RefreshResult::Rests { rest, pause }
            }
            result => result,
        }
    }

    /// Ends the session whose refresh token was refused, if it is still of that generation, and nobody else can have a new
    /// one in hand: a holder of the lease before us, or one that has taken it over from us.
    async fn refused(&self, lease: &Lease<'_>) -> RefreshResult {
        let rest = REST_OF_A_TAKEN_OVER_LEASE;
        match self.vault.turn(lease.at, lease.generation, &lease.owner, LEASE).await {
            Ok(Turn::Gone) => RefreshResult::Ended,
            Ok(Turn::Other(stored)) => RefreshResult::Elsewhere(Arc::new(stored)),
            Ok(Turn::Yours { taken_over, .. }) if taken_over || lease.taken_over => {
                let _ = self.vault.give_back(lease.at, &lease.owner, rest).await;
                RefreshResult::Rests { rest, pause: None }
            }
            Ok(Turn::Yours { .. }) => {
                match self.vault.remove(lease.at, Some(lease.generation)).await {
                    Ok(Some(_)) => {
                        emit(Event::SessionEnded(SessionEnd::RefreshTokenRefused));
                        RefreshResult::Refused
                    }
                    // It has changed this very moment: the next request sees how.
                    Ok(None) => RefreshResult::Busy,
                    // Nothing ends while nobody can tell.
                    Err(_) => RefreshResult::Unavailable(None),
                }
            }
            Ok(Turn::Held(_) | Turn::Rests(_)) => RefreshResult::Rests { rest, pause: None },
            Err(_) => RefreshResult::Unavailable(None),
        }
    }

    /// Writes new tokens. Where the store is out of reach they are kept here until it takes them.
    async fn adopt(
        &self,
        session: &OpenedSession,
        issued: Arc<IssuedSession>,
        is_usable: bool,
        lease: &Lease<'_>,
    ) -> RefreshResult {
        let next = session.refreshed(&issued);
        if let Err(TooLong) = self.vault.seal(lease.at, lease.generation + 1, &next) {
            emit(Event::SessionEnded(SessionEnd::RefreshTokenTooLarge));
            self.revoke(next.record.refresh_token()).await;
            let _ = self.vault.remove(lease.at, Some(lease.generation)).await;
            return RefreshResult::Ended;
        }
        match self.write(lease.at, lease.generation, &next).await {
            Ok(Written::Done) => {
                issued.mark_delivered();
                RefreshResult::Refreshed { issued, is_usable }
            }
            // Ours is dropped and not revoked: Cognito ends all tokens of the sign-in with it.
            Ok(Written::Elsewhere(stored)) => RefreshResult::Elsewhere(Arc::new(stored)),
            Ok(Written::Gone) => {
                self.revoke(next.record.refresh_token()).await;
                RefreshResult::Ended
            }
            Err(_) => {
                let (refresh, at, generation) = (self.clone(), *lease.at, lease.generation);
                let write = async move { refresh.write_later(at, generation, next).await };
                self.refresher.tasks.spawn(write);
                RefreshResult::Refreshed { issued, is_usable }
            }
        }
    }

    /// Puts the session in the place of an earlier generation. Where a store has lost several, it takes as many steps, so
    /// that each generation has one meaning for all processes.
    pub(super) async fn write(
        &self,
        at: &SessionAddress,
        from: u64,
        session: &OpenedSession,
    ) -> Result<Written, StoreError> {
        let (latest, mut generation) = (u64::from(session.record.generation), from);
        let now = self.refresher.clock.now();
        let life = self.refresher.lifetime.kept_for(&session.record, UnixSeconds::NEVER, now);
        for _ in 0..=MAX_LOST_GENERATIONS {
            let sealed = self.vault.seal(at, generation + 1, session);
            let Ok(sealed) = sealed else { return Err(StoreError::Refused("a session is too large".into())) };
            match self.vault.replace(at, generation, &sealed, life).await? {
                Replaced::Done if generation + 1 >= latest => return Ok(Written::Done),
                Replaced::Done => generation += 1,
                Replaced::Gone => return Ok(Written::Gone),
                Replaced::Other(stored) if stored.generation < latest => generation = stored.generation,
                Replaced::Other(stored) => {
                    // The answer to an earlier try may have got lost.
                    let is_ours = self.vault.open(at, &stored).is_some_and(|it| it.has_tokens_of(session));
                    return Ok(if is_ours { Written::Done } else { Written::Elsewhere(stored) });
                }
            }
        }
        Err(StoreError::Refused("it has lost too many refreshes of a session".into()))
    }

    /// Tries again to write new tokens until the store takes them, for ten minutes, or until the session has ended here.
    async fn write_later(&self, at: SessionAddress, generation: u64, session: OpenedSession) {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        for pause in pauses(clock) {
            if coordinator.has_ended(&session.record.session_id) {
                return;
            }
            tokio::time::sleep(pause).await;
            match self.write(&at, generation, &session).await {
                Ok(Written::Done | Written::Elsewhere(_)) => return,
                Ok(Written::Gone) => {
                    coordinator.end(&session.record.session_id, clock.instant());
                    return self.revoke(session.record.refresh_token()).await;
                }
                Err(_) => {}
            }
        }
        if !coordinator.has_ended(&session.record.session_id) {
            emit(Event::StoreGivenUp { what: "new tokens of a session were not written" });
        }
    }

    /// Lets the session rest in all processes though it is of a new generation: its new tokens cannot be used.
    async fn rest(&self, session: &OpenedSession, lease: &Lease<'_>) {
        let generation = u64::from(session.record.generation) + 1;
        let turn = self.vault.turn(lease.at, generation, &lease.owner, LEASE).await;
        if matches!(turn, Ok(Turn::Yours { .. })) {
            // The store has counted none since the write.
            let failures = self.refresher.coordinator.failures(&session.record.session_id);
            let _ = self.vault.give_back(lease.at, &lease.owner, rest_after(failures)).await;
        }
    }

    /// Extends the lease from time to time. Whether it is still ours makes no difference: the write decides.
    async fn extend(&self, lease: &Lease<'_>) {
        loop {
            tokio::time::sleep(EXTEND_EVERY).await;
            let _ = self.vault.keep(lease.at, &lease.owner, LEASE).await;
        }
    }

    pub(super) async fn revoke(&self, refresh_token: Option<&SecretText>) {
        if let Some(token) = refresh_token {
            self.refresher.pool.revoke(token).await;
        }
    }

    /// The session as this process remembers it, where the store has lost a later generation; it is written back.
    pub(super) async fn mended(&self, at: &SessionAddress, session: OpenedSession) -> Option<OpenedSession> {
        let Refresher { coordinator, clock, .. } = &*self.refresher;
        let record = &session.record;
        let latest = coordinator.since(&record.session_id, record.generation, clock.instant());
        let ChangeSince::Refreshed(Some(latest)) = latest else { return Some(session) };
        let remembered = session.refreshed(&latest);
        match self.write(at, u64::from(record.generation), &remembered).await {
            Ok(Written::Done) => Some(remembered),
            Ok(Written::Elsewhere(stored)) => self.vault.open(at, &stored),
            Ok(Written::Gone) => None,
            // It is there, and ours is later.
            Err(_) => Some(remembered),
        }
    }
}

/// The store's turn, which this process has.
struct Lease<'a> {
    at: &'a SessionAddress,
    generation: u64,
    owner: LeaseOwner,
    taken_over: bool,
    failures: u32,
}

fn random_owner() -> LeaseOwner {
    let mut owner = [0; 16];
    rand::fill(&mut owner);
    LeaseOwner::new(owner)
}
