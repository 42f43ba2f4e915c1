//! Leases: taken, kept, run out, taken over and given back, and the rests after failures.

use std::time::Duration;

use super::super::keys::LeaseOwner;
use super::super::stored_session::Turn;
use super::model::{Model, is_held, rests};
use super::row::declare_rows;
use super::trial::{LONG, Moment, Trial, Verdict, address, owner, same, unlike};

declare_rows! {
    turn_leases_a_session_to_one_owner_and_holds_off_all_others,
    turn_gives_an_owner_the_lease_anew,
    turn_at_another_generation_returns_what_is_there_whether_it_rests_or_is_held,
    turn_leaves_the_session_as_it_is,
    a_lease_that_ran_out_is_taken_over,
    who_took_over_is_told_so_again_until_the_lease_is_given_back,
    a_lease_that_ran_out_is_not_taken_over_by_its_owner,
    keep_lets_a_lease_last_from_now,
    keep_of_a_lease_that_ran_out_or_is_not_ones_own_changes_nothing,
    give_back_ends_the_lease_notes_a_failure_and_lets_the_session_rest,
    give_back_counts_each_failure_once,
    give_back_of_a_lease_that_ran_out_is_noted_too,
    give_back_by_anybody_else_changes_nothing,
    replace_needs_no_lease_and_ends_lease_rest_and_failures,
}

/// A session, and who has the lease on it since when.
struct Leased {
    model: Model,
    holder: LeaseOwner,
    since: Moment,
}

impl Leased {
    async fn take(trial: &Trial, lease: Duration) -> Verdict<Leased> {
        let (model, holder, since) = (Model::create(trial).await?, owner(), trial.now());
        let turn = trial.store.turn(&model.at, 1, &holder, lease).await?;
        same("turn of a new session", turn, Turn::Yours { taken_over: false, failures: 0 })?;
        Ok(Leased { model, holder, since })
    }

    async fn turn(&self, trial: &Trial, owner: &LeaseOwner) -> Verdict<Turn> {
        Ok(trial.store.turn(&self.model.at, self.model.generation, owner, LONG).await?)
    }

    async fn keep(&self, trial: &Trial, owner: &LeaseOwner) -> Verdict<bool> {
        Ok(trial.store.keep(&self.model.at, owner, LONG).await?)
    }
}

async fn turn_leases_a_session_to_one_owner_and_holds_off_all_others(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit * 10).await?;
    for _ in 0..2 {
        trial.pass().await;
        let turn = leased.turn(trial, &owner()).await?;
        is_held(trial, "turn of a second owner", &turn, trial.unit * 10, leased.since)?;
    }
    same("keep by the holder", leased.keep(trial, &leased.holder).await?, true)?;
    let neighbour = Model::create(trial).await?;
    neighbour.takes_turn(trial, "turn at another session", false, 0).await
}

async fn turn_gives_an_owner_the_lease_anew(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit * 10).await?;
    trial.pass().await;
    let since = trial.now();
    let turn = leased.turn(trial, &leased.holder).await?;
    same("turn of the holder", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    let turn = leased.turn(trial, &owner()).await?;
    is_held(trial, "turn of another, after the holder's second", &turn, LONG, since)
}

async fn turn_at_another_generation_returns_what_is_there_whether_it_rests_or_is_held(
    trial: &Trial,
) -> Verdict {
    let mut model = Model::create(trial).await?;
    model.replace(trial, b"the second value", LONG).await?;
    let holder = owner();
    for condition in ["is free", "is held", "rests"] {
        trial.pass().await;
        match condition {
            "is held" => drop(trial.store.turn(&model.at, 2, &holder, LONG).await?),
            "rests" => trial.store.give_back(&model.at, &holder, LONG).await?,
            _ => (),
        }
        for (generation, owner) in [(0, owner()), (1, owner()), (3, owner()), (1, holder)] {
            let what = format!("turn at generation {generation}, where 2 {condition}");
            match trial.store.turn(&model.at, generation, &owner, LONG).await? {
                Turn::Other(there) => model.is_this(trial, &what, Some(&there))?,
                other => return Err(unlike(&what, &other, &"Other")),
            }
        }
    }
    Ok(())
}

async fn turn_leaves_the_session_as_it_is(trial: &Trial) -> Verdict {
    let model = Model::create_at(trial, address(), trial.unit * 10).await?;
    let holder = owner();
    trial.pass().await;
    trial.store.turn(&model.at, 1, &holder, LONG).await?;
    model.is_there(trial, "after turn").await?;
    trial.store.keep(&model.at, &holder, LONG).await?;
    model.is_there(trial, "after keep").await?;
    trial.store.give_back(&model.at, &holder, LONG).await?;
    model.is_there(trial, "after give_back").await
}

async fn a_lease_that_ran_out_is_taken_over(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit).await?;
    trial.pass().await;
    let (second, since) = (owner(), trial.now());
    let turn = leased.turn(trial, &second).await?;
    same("turn after a lease ran out", turn, Turn::Yours { taken_over: true, failures: 0 })?;
    let turn = leased.turn(trial, &leased.holder).await?;
    is_held(trial, "turn of the holder of before", &turn, LONG, since)?;
    same("keep by the new holder", leased.keep(trial, &second).await?, true)
}

async fn who_took_over_is_told_so_again_until_the_lease_is_given_back(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit).await?;
    trial.pass().await;
    let second = owner();
    for what in ["turn after a lease ran out", "the same turn, asked again"] {
        let turn = leased.turn(trial, &second).await?;
        same(what, turn, Turn::Yours { taken_over: true, failures: 0 })?;
    }
    trial.store.give_back(&leased.model.at, &second, trial.unit).await?;
    trial.pass().await;
    leased.model.takes_turn(trial, "turn after the lease was given back", false, 1).await
}

async fn a_lease_that_ran_out_is_not_taken_over_by_its_owner(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit).await?;
    trial.pass().await;
    let turn = leased.turn(trial, &leased.holder).await?;
    same("turn of whose lease ran out", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    same("keep after it", leased.keep(trial, &leased.holder).await?, true)
}

async fn keep_lets_a_lease_last_from_now(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit * 2).await?;
    for units in [20, 5] {
        trial.pass().await;
        let since = trial.now();
        let kept = trial.store.keep(&leased.model.at, &leased.holder, trial.unit * units).await?;
        same("keep by the holder", kept, true)?;
        let turn = leased.turn(trial, &owner()).await?;
        is_held(trial, "turn of another, after keep", &turn, trial.unit * units, since)?;
    }
    let kept = trial.store.keep(&leased.model.at, &leased.holder, trial.unit).await?;
    same("keep by the holder, for a shorter time", kept, true)?;
    trial.pass().await;
    leased.model.takes_turn(trial, "turn after a kept lease ran out", true, 0).await
}

async fn keep_of_a_lease_that_ran_out_or_is_not_ones_own_changes_nothing(trial: &Trial) -> Verdict {
    let free = Model::create(trial).await?;
    let kept = trial.store.keep(&free.at, &owner(), LONG).await?;
    same("keep where there is no lease", kept, false)?;
    free.takes_turn(trial, "turn after a keep without a lease", false, 0).await?;

    let leased = Leased::take(trial, trial.unit).await?;
    same("keep by another", leased.keep(trial, &owner()).await?, false)?;
    trial.pass().await;
    same("keep of a lease that ran out", leased.keep(trial, &leased.holder).await?, false)?;
    leased.model.takes_turn(trial, "turn after a keep that came too late", true, 0).await?;
    same("keep of a lease that was taken over", leased.keep(trial, &leased.holder).await?, false)
}

async fn give_back_ends_the_lease_notes_a_failure_and_lets_the_session_rest(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, LONG).await?;
    let (since, rest) = (trial.now(), trial.unit * 3);
    trial.store.give_back(&leased.model.at, &leased.holder, rest).await?;
    same("keep after give_back", leased.keep(trial, &leased.holder).await?, false)?;
    for owner in [owner(), leased.holder] {
        rests(trial, "turn after give_back", &leased.turn(trial, &owner).await?, rest, since)?;
    }
    trial.pass().await;
    rests(trial, "turn after some of the rest", &leased.turn(trial, &owner()).await?, rest, since)?;
    trial.pass().await;
    trial.pass().await;
    leased.model.takes_turn(trial, "turn after the rest", false, 1).await
}

async fn give_back_counts_each_failure_once(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, LONG).await?;
    let mut holder = leased.holder;
    for failures in 1..=3 {
        for _ in 0..2 {
            trial.store.give_back(&leased.model.at, &holder, trial.unit).await?;
        }
        trial.pass().await;
        holder = owner();
        let turn = leased.turn(trial, &holder).await?;
        same("turn after failures", turn, Turn::Yours { taken_over: false, failures })?;
    }
    Ok(())
}

async fn give_back_of_a_lease_that_ran_out_is_noted_too(trial: &Trial) -> Verdict {
    let leased = Leased::take(trial, trial.unit).await?;
    trial.pass().await;
    let since = trial.now();
    trial.store.give_back(&leased.model.at, &leased.holder, trial.unit).await?;
    rests(trial, "turn after a late give_back", &leased.turn(trial, &owner()).await?, trial.unit, since)?;
    trial.pass().await;
    leased.model.takes_turn(trial, "turn after the rest", false, 1).await
}

async fn give_back_by_anybody_else_changes_nothing(trial: &Trial) -> Verdict {
    let free = Model::create(trial).await?;
    trial.store.give_back(&free.at, &owner(), LONG).await?;
    free.takes_turn(trial, "turn after a give_back without a lease", false, 0).await?;

    let leased = Leased::take(trial, trial.unit).await?;
    trial.store.give_back(&leased.model.at, &owner(), LONG).await?;
    same("keep after a give_back by another", leased.keep(trial, &leased.holder).await?, true)?;
    let kept = trial.store.keep(&leased.model.at, &leased.holder, trial.unit).await?;
    same("keep for a shorter time", kept, true)?;
    trial.pass().await;
    let second = owner();
    leased.turn(trial, &second).await?;
    trial.store.give_back(&leased.model.at, &leased.holder, LONG).await?;
    let turn = leased.turn(trial, &second).await?;
    same("turn of who took over, after a give_back of the holder of before", turn, {
        Turn::Yours { taken_over: true, failures: 0 }
    })
}

async fn replace_needs_no_lease_and_ends_lease_rest_and_failures(trial: &Trial) -> Verdict {
    let mut leased = Leased::take(trial, LONG).await?;
    leased.model.replace(trial, b"the value of one without a lease", LONG).await?;
    same("keep after a replace", leased.keep(trial, &leased.holder).await?, false)?;
    let holder = owner();
    let turn = leased.turn(trial, &holder).await?;
    same("turn after a replace", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    trial.store.give_back(&leased.model.at, &holder, LONG).await?;
    leased.model.replace(trial, b"the value of one who did not heed the rest", LONG).await?;
    leased.model.takes_turn(trial, "turn after a replace while it rested", false, 0).await?;

    let mut leased = Leased::take(trial, trial.unit).await?;
    trial.pass().await;
    leased.model.replace(trial, b"the value of one whose lease ran out", LONG).await?;
    leased.model.takes_turn(trial, "turn after a replace by one whose lease ran out", false, 0).await
}
