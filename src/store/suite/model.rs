//! A session as it has to be, beside the store that holds it.

use std::time::Duration;

use super::super::keys::SessionAddress;
use super::super::stored_session::{Listed, Replaced, StoredSession, Turn};
use super::trial::{LONG, Moment, NO_CAP, Trial, Verdict, Wrong, address, owner, same, unlike, within};

/// A session as it has to be.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) at: SessionAddress,
    pub(super) value: Vec<u8>,
    pub(super) generation: u64,
    /// When it was created, replaced or touched.
    pub(super) seen: Moment,
    /// How long it lasts from then on.
    pub(super) life: Duration,
}

impl Model {
    /// A session of a user of its own that outlasts the row.
    pub(super) async fn create(trial: &Trial) -> Verdict<Model> {
        Model::create_at(trial, address(), LONG).await
    }

    pub(super) async fn create_at(trial: &Trial, at: SessionAddress, life: Duration) -> Verdict<Model> {
        Model::create_of(trial, at, b"the first value", life).await
    }

    pub(super) async fn create_of(
        trial: &Trial,
        at: SessionAddress,
        value: &[u8],
        life: Duration,
    ) -> Verdict<Model> {
        let seen = trial.now();
        let removed = trial.store.create(&at, value, life, NO_CAP).await?;
        same("removed by a create below the cap", removed, Vec::new())?;
        Ok(Model { at, value: value.to_vec(), generation: 1, seen, life })
    }

    pub(super) async fn replace(&mut self, trial: &Trial, value: &[u8], life: Duration) -> Verdict {
        let seen = trial.now();
        let replaced = trial.store.replace(&self.at, self.generation, value, life).await?;
        same("replace of the present generation", replaced, Replaced::Done)?;
        let generation = self.generation + 1;
        *self = Model { at: self.at, value: value.to_vec(), generation, seen, life };
        Ok(())
    }

    pub(super) async fn touch(&mut self, trial: &Trial, life: Duration) -> Verdict {
        let seen = trial.now();
        trial.store.touch(&self.at, life).await?;
        (self.seen, self.life) = (seen, life);
        Ok(())
    }

    /// Requires the store to hold the session as it has to be.
    pub(super) async fn is_there(&self, trial: &Trial, when: &str) -> Verdict {
        let loaded = trial.store.load(&self.at).await?;
        self.is_this(trial, &format!("load, {when}"), loaded.as_ref())
    }

    /// Requires an answer to be the session as it has to be.
    pub(super) fn is_this(&self, trial: &Trial, what: &str, got: Option<&StoredSession>) -> Verdict {
        let Some(got) = got else {
            return Err(Wrong::new(format!("{what}: expected the session, got nothing")));
        };
        same(&format!("{what}: generation"), got.generation, self.generation)?;
        if got.value != self.value {
            let sizes = format!("{what}: the value of {} bytes is not the one of", got.value.len());
            return Err(Wrong::new(format!("{sizes} {} bytes that was given", self.value.len())));
        }
        within(&format!("{what}: unseen for"), got.unseen_for, trial.since(self.seen))?;
        within(&format!("{what}: ends in"), got.ends_in, trial.left(self.life, self.seen))
    }

    /// Requires the turn at the present generation to be this one's, and returns nothing else.
    pub(super) async fn takes_turn(
        &self,
        trial: &Trial,
        what: &str,
        taken_over: bool,
        failures: u32,
    ) -> Verdict {
        let turn = trial.store.turn(&self.at, self.generation, &owner(), LONG).await?;
        same(what, turn, Turn::Yours { taken_over, failures })
    }
}

/// Requires a list to be these sessions, in any order.
pub(super) fn are_these(trial: &Trial, what: &str, got: &[Listed], expected: &[&Model]) -> Verdict {
    for model in expected {
        let listed = got.iter().find(|listed| listed.key == model.at.session);
        model.is_this(trial, what, listed.map(|listed| &listed.session))?;
    }
    if got.len() == expected.len() {
        return Ok(());
    }
    Err(unlike(&format!("{what}: how many sessions"), &got.len(), &expected.len()))
}

/// Requires a turn to be another's for what is left of the lease.
pub(super) fn is_held(trial: &Trial, what: &str, got: &Turn, lease: Duration, since: Moment) -> Verdict {
    match got {
        Turn::Held(left) => within(what, *left, trial.left(lease, since)),
        other => Err(unlike(what, other, &"Held")),
    }
}

/// Requires a session to rest for what is left of the rest.
pub(super) fn rests(trial: &Trial, what: &str, got: &Turn, rest: Duration, since: Moment) -> Verdict {
    match got {
        Turn::Rests(left) => within(what, *left, trial.left(rest, since)),
        other => Err(unlike(what, other, &"Rests")),
    }
}
