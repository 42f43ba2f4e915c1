//! What is over: absent at once and for every method, whenever the store deletes it.

use std::time::Duration;

use super::super::keys::SessionAddress;
use super::super::stored_session::{Claim, Replaced, Turn};
use super::model::{Model, are_these};
use super::row::declare_rows;
use super::sessions::is_absent;
use super::trial::{LONG, Trial, Verdict, address, address_of, is_value, item, owner, same, user};

declare_rows! {
    a_session_that_is_over_is_absent_for_every_method,
    a_session_that_is_over_is_neither_listed_nor_removed_nor_counted,
    a_session_is_over_when_its_holder_is_at_work_too,
    an_address_whose_session_is_over_is_free,
    touch_and_replace_move_the_end_in_both_directions,
    a_value_that_is_over_is_absent_and_its_name_is_free,
    put_moves_the_end_and_claims_of_others_do_not,
    a_life_of_ten_years_lasts,
}

/// Sessions of one user that are over.
async fn over<const COUNT: usize>(trial: &Trial) -> Verdict<[SessionAddress; COUNT]> {
    let user = user();
    let addresses = [(); COUNT].map(|()| address_of(user));
    for at in addresses {
        Model::create_at(trial, at, trial.unit).await?;
    }
    trial.pass().await;
    Ok(addresses)
}

/// Each method has a session of its own, which no other has had in hand.
async fn a_session_that_is_over_is_absent_for_every_method(trial: &Trial) -> Verdict {
    let [load, turn, keep, give_back, replace, touch, remove, any] = over(trial).await?;
    let store = &trial.store;
    same("load of what is over", store.load(&load).await?, None)?;
    same("turn at what is over", store.turn(&turn, 1, &owner(), LONG).await?, Turn::Gone)?;
    let other = store.turn(&turn, 2, &owner(), LONG).await?;
    same("turn at another generation of what is over", other, Turn::Gone)?;
    same("keep of what is over", store.keep(&keep, &owner(), LONG).await?, false)?;
    store.give_back(&give_back, &owner(), LONG).await?;
    same("replace of what is over", store.replace(&replace, 1, b"value", LONG).await?, Replaced::Gone)?;
    let other = store.replace(&replace, 2, b"value", LONG).await?;
    same("replace of another generation of what is over", other, Replaced::Gone)?;
    store.touch(&touch, LONG).await?;
    same("remove of what is over", store.remove(&remove, Some(1)).await?, None)?;
    same("remove of any generation of what is over", store.remove(&any, None).await?, None)?;
    for at in [load, turn, keep, give_back, replace, touch, remove, any] {
        is_absent(trial, &at).await?;
    }
    Ok(())
}

async fn a_session_that_is_over_is_neither_listed_nor_removed_nor_counted(trial: &Trial) -> Verdict {
    let [first, _] = over(trial).await?;
    same("list of a user whose sessions are over", trial.store.list(&first.user).await?, Vec::new())?;
    let model = Model { at: address_of(first.user), ..Model::create(trial).await? };
    let removed = trial.store.create(&model.at, &model.value, LONG, 1).await?;
    are_these(trial, "removed by a create with a cap of 1, where all others are over", &removed, &[])?;
    are_these(trial, "list", &trial.store.list(&first.user).await?, &[&model])?;
    let removed = trial.store.remove_all(&first.user, None).await?;
    are_these(trial, "remove_all", &removed, &[&model])?;

    let [first, _] = over(trial).await?;
    let removed = trial.store.remove_all(&first.user, Some(&first.session)).await?;
    same("remove_all where all are over", removed, Vec::new())?;
    is_absent(trial, &first).await
}

async fn a_session_is_over_when_its_holder_is_at_work_too(trial: &Trial) -> Verdict {
    let (model, holder) = (Model::create_at(trial, address(), trial.unit).await?, owner());
    let turn = trial.store.turn(&model.at, 1, &holder, LONG).await?;
    same("turn of a new session", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    trial.pass().await;
    same("keep of what is over", trial.store.keep(&model.at, &holder, LONG).await?, false)?;
    trial.store.give_back(&model.at, &holder, LONG).await?;
    let turn = trial.store.turn(&model.at, 1, &holder, LONG).await?;
    same("turn of the holder, where it is over", turn, Turn::Gone)?;
    let replaced = trial.store.replace(&model.at, 1, b"value", LONG).await?;
    same("replace by the holder, where it is over", replaced, Replaced::Gone)?;
    is_absent(trial, &model.at).await
}

async fn an_address_whose_session_is_over_is_free(trial: &Trial) -> Verdict {
    let (mut model, holder) = (Model::create(trial).await?, owner());
    model.replace(trial, b"the second value", trial.unit).await?;
    trial.store.turn(&model.at, 2, &holder, LONG).await?;
    trial.store.give_back(&model.at, &holder, LONG).await?;
    trial.pass().await;
    let anew = Model::create_at(trial, model.at, LONG).await?;
    anew.is_there(trial, "created where one is over").await?;
    anew.takes_turn(trial, "turn of a session created where one is over", false, 0).await
}

async fn touch_and_replace_move_the_end_in_both_directions(trial: &Trial) -> Verdict {
    for replaced in [false, true] {
        let [mut longer, mut shorter] = [
            Model::create_at(trial, address(), trial.unit).await?,
            Model::create_at(trial, address(), LONG).await?,
        ];
        for (model, life) in [(&mut longer, LONG), (&mut shorter, trial.unit)] {
            if replaced {
                model.replace(trial, b"the second value", life).await?;
            } else {
                model.touch(trial, life).await?;
            }
        }
        trial.pass().await;
        longer.is_there(trial, "of which the end was put off").await?;
        is_absent(trial, &shorter.at).await?;
    }
    Ok(())
}

async fn a_value_that_is_over_is_absent_and_its_name_is_free(trial: &Trial) -> Verdict {
    let keys = [item(), item()];
    let [claimed, put] = keys;
    let claim = trial.store.claim(&claimed, b"first", trial.unit).await?;
    same("claim of a free name", claim, Claim::Yours)?;
    trial.store.put(&put, b"first", trial.unit).await?;
    trial.pass().await;
    for key in keys {
        same("get of what is over", trial.store.get(&key).await?, None)?;
        let claim = trial.store.claim(&key, b"second", LONG).await?;
        same("claim of a name whose value is over", claim, Claim::Yours)?;
        is_value("get after it", trial.store.get(&key).await?, "second")?;
    }
    Ok(())
}

async fn put_moves_the_end_and_claims_of_others_do_not(trial: &Trial) -> Verdict {
    let [longer, shorter, claimed] = [item(), item(), item()];
    trial.store.put(&longer, b"first", trial.unit).await?;
    trial.store.put(&longer, b"second", LONG).await?;
    trial.store.put(&shorter, b"first", LONG).await?;
    trial.store.put(&shorter, b"second", trial.unit).await?;
    trial.store.claim(&claimed, b"first", trial.unit).await?;
    let claim = trial.store.claim(&claimed, b"second", LONG).await?;
    same("claim of a name that is taken", claim, Claim::Taken(b"first".to_vec()))?;
    trial.pass().await;
    is_value("get after put put off the end", trial.store.get(&longer).await?, "second")?;
    same("get after put moved the end nearer", trial.store.get(&shorter).await?, None)?;
    same("get after a claim of another", trial.store.get(&claimed).await?, None)
}

async fn a_life_of_ten_years_lasts(trial: &Trial) -> Verdict {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 3600);
    let model = Model::create_at(trial, address(), ten_years).await?;
    trial.pass().await;
    model.is_there(trial, "with a life of ten years").await?;
    let key = item();
    trial.store.put(&key, b"value", ten_years).await?;
    is_value("get with a life of ten years", trial.store.get(&key).await?, "value")?;
    trial.store.put(&key, b"value", trial.unit).await?;
    let removed = trial.store.remove(&model.at, None).await?;
    model.is_this(trial, "remove with a life of ten years", removed.as_ref())
}
