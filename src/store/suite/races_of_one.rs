//! Fifty callers at once, who all call the same method.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::keys::SessionKey;
use super::super::stored_session::{Claim, Listed, Replaced, Turn};
use super::model::{Model, are_these};
use super::row::declare_rows;
use super::trial::{
    CALLERS, LONG, NO_CAP, ROUNDS, Trial, Verdict, Wrong, address, address_of, holds, is_value, item, owner,
    refused, same, user, value_of,
};

declare_rows! {
    of_callers_who_claim_a_name_at_once_one_gets_it,
    of_callers_who_put_at_once_one_is_the_last,
    of_callers_who_create_at_one_address_at_once_one_does,
    callers_who_create_at_once_are_all_listed_within_the_cap,
    callers_who_create_beyond_the_cap_at_once_keep_to_it,
    of_callers_who_ask_for_a_turn_at_once_one_gets_it,
    of_callers_who_take_over_at_once_one_does,
    an_owner_who_calls_many_times_at_once_has_one_lease_and_one_failure,
    of_callers_who_replace_a_generation_at_once_one_does,
    of_callers_who_remove_a_session_at_once_one_gets_it,
    callers_who_remove_all_at_once_get_each_session_once,
    callers_who_read_and_touch_at_once_are_all_answered,
}

/// Where one of all is to have got something.
fn only_one(what: &str, got: usize) -> Verdict {
    same(&format!("{what}: how many of {CALLERS} callers at once"), got, 1)
}

async fn of_callers_who_claim_a_name_at_once_one_gets_it(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let key = item();
        let claims = trial
            .at_once(CALLERS, |store, caller| async move {
                Ok((caller, store.claim(&key, &value_of(caller), LONG).await?))
            })
            .await?;
        let won = claims.iter().filter(|(_, claim)| *claim == Claim::Yours).map(|(caller, _)| *caller);
        let won: Vec<_> = won.collect();
        only_one("claim is Yours", won.len())?;
        let winner: Vec<_> = won.into_iter().flat_map(value_of).collect();
        for (_, claim) in claims.iter().filter(|(_, claim)| *claim != Claim::Yours) {
            same("claim of the others", claim, &Claim::Taken(winner.clone()))?;
        }
        same("get after all claims", trial.store.get(&key).await?, Some(winner))?;
    }
    Ok(())
}

async fn of_callers_who_put_at_once_one_is_the_last(trial: &Trial) -> Verdict {
    let key = item();
    trial
        .at_once(CALLERS, |store, caller| async move {
            store.put(&key, &value_of(caller).repeat(500), LONG).await
        })
        .await?;
    let got = trial.store.get(&key).await?;
    let is_whole = (0..CALLERS).any(|caller| got == Some(value_of(caller).repeat(500)));
    holds("get returns no value that any of the callers put", is_whole)
}

async fn of_callers_who_create_at_one_address_at_once_one_does(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let (at, seen) = (address(), trial.now());
        let created = trial
            .at_once(CALLERS, |store, caller| async move {
                Ok(store.create(&at, &value_of(caller), LONG, NO_CAP).await)
            })
            .await?;
        let won: Vec<_> =
            (0..).zip(&created).filter(|(_, it)| it.is_ok()).map(|(caller, _)| caller).collect();
        for other in created.iter().filter(|it| it.is_err()) {
            refused("create of the others", other)?;
        }
        only_one("create is done", won.len())?;
        let value = won.into_iter().flat_map(value_of).collect();
        let model = Model { at, value, generation: 1, seen, life: LONG };
        model.is_there(trial, "of the one who created it").await?;
    }
    Ok(())
}

async fn callers_who_create_at_once_are_all_listed_within_the_cap(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                store.create(&address_of(user), &value_of(caller), LONG, CALLERS).await
            })
            .await?;
        same("removed by creates within the cap", removed.concat(), Vec::new())?;
        let listed = trial.store.list(&user).await?;
        let values: BTreeSet<_> = listed.into_iter().map(|listed| listed.session.value).collect();
        same("list after creates at once", values, (0..CALLERS).map(value_of).collect())?;
        let ended = trial.store.remove_all(&user, None).await?;
        same("removed by a remove_all after creates at once", ended.len(), CALLERS)?;
    }
    Ok(())
}

async fn callers_who_create_beyond_the_cap_at_once_keep_to_it(trial: &Trial) -> Verdict {
    let cap = CALLERS / 5;
    for _ in 0..ROUNDS {
        let user = user();
        let addresses = [(); CALLERS].map(|()| address_of(user));
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                let at = addresses.get(caller).copied().unwrap_or_else(address);
                store.create(&at, &value_of(caller), LONG, cap).await
            })
            .await?;
        let listed = trial.store.list(&user).await?;
        same("list after creates beyond the cap at once", listed.len(), cap)?;
        let created = addresses.iter().map(|at| at.session).collect();
        each_once("removed by a create, or listed", removed.into_iter().flatten().chain(listed), created)?;
    }
    Ok(())
}

/// Requires each of these sessions to be among the answers once, and no other.
pub(super) fn each_once(
    what: &str,
    got: impl IntoIterator<Item = Listed>,
    expected: BTreeSet<SessionKey>,
) -> Verdict {
    let got: Vec<_> = got.into_iter().map(|listed| listed.key).collect();
    same(&format!("{what}: how many"), got.len(), expected.len())?;
    same(what, got.into_iter().collect::<BTreeSet<_>>(), expected)
}

async fn of_callers_who_ask_for_a_turn_at_once_one_gets_it(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let model = Model::create(trial).await?;
        let turns = turns_at_once(trial, &model).await?;
        turn_of_one(&turns, &Turn::Yours { taken_over: false, failures: 0 })?;
    }
    Ok(())
}

async fn of_callers_who_take_over_at_once_one_does(trial: &Trial) -> Verdict {
    let model = Model::create(trial).await?;
    trial.store.turn(&model.at, 1, &owner(), trial.unit).await?;
    trial.pass().await;
    let turns = turns_at_once(trial, &model).await?;
    turn_of_one(&turns, &Turn::Yours { taken_over: true, failures: 0 })
}

async fn turns_at_once(trial: &Trial, model: &Model) -> Verdict<Vec<Turn>> {
    let at = model.at;
    trial.at_once(CALLERS, |store, _| async move { store.turn(&at, 1, &owner(), LONG).await }).await
}

fn turn_of_one(turns: &[Turn], expected: &Turn) -> Verdict {
    only_one("turn is Yours", turns.iter().filter(|turn| *turn == expected).count())?;
    let held = turns.iter().filter(|turn| matches!(turn, Turn::Held(_))).count();
    same("how many of the others find it held", held, CALLERS - 1)
}

async fn an_owner_who_calls_many_times_at_once_has_one_lease_and_one_failure(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let (model, holder) = (Model::create(trial).await?, owner());
        let at = model.at;
        let turns =
            trial.at_once(CALLERS, |store, _| async move { store.turn(&at, 1, &holder, LONG).await }).await?;
        for turn in turns {
            same("turn of one owner", turn, Turn::Yours { taken_over: false, failures: 0 })?;
        }
        let kept =
            trial.at_once(CALLERS, |store, _| async move { store.keep(&at, &holder, LONG).await }).await?;
        holds("keep of the holder returns false", kept.into_iter().all(|kept| kept))?;
        let rest = Duration::from_millis(1);
        trial.at_once(CALLERS, |store, _| async move { store.give_back(&at, &holder, rest).await }).await?;
        trial.pass().await;
        model.takes_turn(trial, "turn after one lease was given back by many", false, 1).await?;
    }
    Ok(())
}

async fn of_callers_who_replace_a_generation_at_once_one_does(trial: &Trial) -> Verdict {
    let mut model = Model::create(trial).await?;
    for generation in 1..=5 {
        let (at, seen) = (model.at, trial.now());
        let replaced = trial
            .at_once(CALLERS, |store, caller| async move {
                store.replace(&at, generation, &value_of(caller), LONG).await
            })
            .await?;
        let won = (0..).zip(&replaced).filter(|(_, it)| **it == Replaced::Done).map(|(caller, _)| caller);
        let won: Vec<_> = won.collect();
        only_one("replace is Done", won.len())?;
        let value = won.into_iter().flat_map(value_of).collect();
        model = Model { at, value, generation: generation + 1, seen, life: LONG };
        for other in replaced.iter().filter(|it| **it != Replaced::Done) {
            let Replaced::Other(there) = other else {
                return Err(Wrong::new("replace of the others: expected Other, got Gone"));
            };
            model.is_this(trial, "replace of the others", Some(there))?;
        }
        model.is_there(trial, "after replaces at once").await?;
    }
    Ok(())
}

async fn of_callers_who_remove_a_session_at_once_one_gets_it(trial: &Trial) -> Verdict {
    for round in 0..ROUNDS {
        let model = Model::create(trial).await?;
        let (at, generation) = (model.at, (round % 2 == 0).then_some(1));
        let removed =
            trial.at_once(CALLERS, |store, _| async move { store.remove(&at, generation).await }).await?;
        let removed: Vec<_> = removed.into_iter().flatten().collect();
        only_one("remove returns the session", removed.len())?;
        model.is_this(trial, "remove", removed.first())?;
    }
    Ok(())
}

async fn callers_who_remove_all_at_once_get_each_session_once(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        let mut created = BTreeSet::new();
        for _ in 0..10 {
            created.insert(Model::create_at(trial, address_of(user), LONG).await?.at.session);
        }
        let removed =
            trial.at_once(CALLERS, |store, _| async move { store.remove_all(&user, None).await }).await?;
        each_once("removed by calls of remove_all at once", removed.into_iter().flatten(), created)?;
        same("list after it", trial.store.list(&user).await?, Vec::new())?;
    }
    Ok(())
}

async fn callers_who_read_and_touch_at_once_are_all_answered(trial: &Trial) -> Verdict {
    let (mut model, key) = (Model::create(trial).await?, item());
    trial.store.put(&key, b"value", LONG).await?;
    trial.pass().await;
    model.touch(trial, LONG).await?;
    let at = model.at;
    let answers = trial
        .at_once(CALLERS, |store, _| async move {
            store.touch(&at, LONG).await?;
            store.check().await?;
            Ok((store.load(&at).await?, store.list(&at.user).await?, store.get(&key).await?))
        })
        .await?;
    for (loaded, listed, got) in answers {
        model.is_this(trial, "load", loaded.as_ref())?;
        are_these(trial, "list", &listed, &[&model])?;
        is_value("get", got, "value")?;
    }
    Ok(())
}
