//! Callers at once, who call different methods; and calls that are given up.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use super::super::error::StoreError;
use super::super::keys::SessionAddress;
use super::super::session_store::SessionStore;
use super::super::stored_session::{Claim, Listed, Replaced, StoredSession, Turn};
use super::model::Model;
use super::races_of_one::each_once;
use super::row::declare_rows;
use super::sessions::is_absent;
use super::trial::{
    CALLERS, LONG, NO_CAP, ROUNDS, Trial, Verdict, Wrong, address, address_of, holds, is_value, item, owner,
    same, user, value_of,
};

declare_rows! {
    a_session_that_is_removed_while_others_write_does_not_come_back,
    no_session_comes_back_when_all_are_removed_while_others_write,
    a_session_created_while_all_are_removed_is_listed_or_returned_once,
    a_session_that_several_ways_remove_at_once_is_returned_once,
    of_replace_and_remove_of_one_generation_at_once_one_is_done,
    no_other_call_undoes_a_replace,
    a_turn_at_the_generation_before_leaves_no_lease_on_the_next,
    value_and_generation_are_of_one_moment,
    list_is_of_one_moment_while_all_are_removed,
    a_claim_does_not_undo_a_put,
    a_call_that_is_given_up_leaves_the_store_whole_and_at_work,
}

/// Writes to a session in one of two ways, of which none creates it.
async fn write(store: &Arc<dyn SessionStore>, at: &SessionAddress, caller: usize) -> Result<(), StoreError> {
    for generation in 1..4 {
        if caller.is_multiple_of(2) {
            store.replace(at, generation, b"written while it was removed", LONG).await?;
        } else {
            write_notes(store, at, generation).await?;
        }
    }
    Ok(())
}

/// Writes all that is noted of a session beside its value.
async fn write_notes(
    store: &Arc<dyn SessionStore>,
    at: &SessionAddress,
    generation: u64,
) -> Result<(), StoreError> {
    let holder = owner();
    store.turn(at, generation, &holder, LONG).await?;
    store.keep(at, &holder, LONG).await?;
    store.give_back(at, &holder, Duration::from_millis(1)).await?;
    store.touch(at, LONG).await
}

async fn a_session_that_is_removed_while_others_write_does_not_come_back(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let at = Model::create(trial).await?.at;
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                if caller % 10 == 0 {
                    return store.remove(&at, None).await;
                }
                write(&store, &at, caller).await?;
                Ok(None)
            })
            .await?;
        same("how many callers got the removed session", removed.iter().flatten().count(), 1)?;
        is_absent(trial, &at).await?;
    }
    Ok(())
}

async fn no_session_comes_back_when_all_are_removed_while_others_write(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        let addresses = [(); 5].map(|()| address_of(user));
        for at in addresses {
            Model::create_at(trial, at, LONG).await?;
        }
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                if caller % 10 == 0 {
                    return store.remove_all(&user, None).await;
                }
                for at in addresses {
                    write(&store, &at, caller).await?;
                }
                Ok(Vec::new())
            })
            .await?;
        let created = addresses.iter().map(|at| at.session).collect();
        each_once("removed by calls of remove_all", removed.into_iter().flatten(), created)?;
        for at in addresses {
            is_absent(trial, &at).await?;
        }
        same("list after it", trial.store.list(&user).await?, Vec::new())?;
    }
    Ok(())
}

async fn a_session_created_while_all_are_removed_is_listed_or_returned_once(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        let addresses = [(); CALLERS].map(|()| address_of(user));
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                let at = addresses.get(caller).copied().unwrap_or_else(address);
                let mut removed = store.create(&at, &value_of(caller), LONG, NO_CAP).await?;
                if caller % 5 == 0 {
                    removed.extend(store.remove_all(&user, None).await?);
                }
                Ok(removed)
            })
            .await?;
        let listed = trial.store.list(&user).await?;
        let created = addresses.iter().map(|at| at.session).collect();
        each_once("removed, or listed", removed.into_iter().flatten().chain(listed), created)?;
    }
    Ok(())
}

async fn a_session_that_several_ways_remove_at_once_is_returned_once(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        let (addresses, new) = ([(); 10].map(|()| address_of(user)), address_of(user));
        for at in addresses {
            Model::create_at(trial, at, LONG).await?;
        }
        let removed = trial
            .at_once(CALLERS, |store, caller| async move {
                match caller % 3 {
                    0 => store.remove_all(&user, Some(&new.session)).await,
                    1 if caller == 1 => store.create(&new, b"new", LONG, 1).await,
                    _ => {
                        let mut removed = Vec::new();
                        for at in addresses {
                            let session = store.remove(&at, None).await?;
                            removed.extend(session.map(|session| Listed { key: at.session, session }));
                        }
                        Ok(removed)
                    }
                }
            })
            .await?;
        let created = addresses.iter().map(|at| at.session).collect();
        each_once("removed by a remove, a remove_all or a create", removed.into_iter().flatten(), created)?;
        same("how many are left", trial.store.list(&user).await?.len(), 1)?;
    }
    Ok(())
}

async fn of_replace_and_remove_of_one_generation_at_once_one_is_done(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS * 2 {
        let at = Model::create(trial).await?.at;
        let done = trial
            .at_once(CALLERS, |store, caller| async move {
                Ok(match caller % 2 {
                    0 => store.replace(&at, 1, &value_of(caller), LONG).await? == Replaced::Done,
                    _ => store.remove(&at, Some(1)).await?.is_some(),
                })
            })
            .await?;
        same(
            "how many of replace and remove of generation 1 are done",
            done.iter().filter(|it| **it).count(),
            1,
        )?;
        let replaced = done.iter().step_by(2).any(|it| *it);
        let generation = trial.store.load(&at).await?.map(|there| there.generation);
        same("the generation after it", generation, replaced.then_some(2))?;
    }
    Ok(())
}

async fn no_other_call_undoes_a_replace(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let mut model = Model::create(trial).await?;
        let (at, seen) = (model.at, trial.now());
        trial
            .at_once(CALLERS, |store, caller| async move {
                for generation in 1..=10 {
                    if caller == 0 {
                        store.replace(&at, generation, &value_of(11), LONG).await?;
                    } else {
                        write_notes(&store, &at, generation).await?;
                        store.remove(&at, Some(0)).await?;
                    }
                }
                Ok(())
            })
            .await?;
        model = Model { generation: 11, value: value_of(11), seen, ..model };
        model.is_there(trial, "after replaces while others wrote").await?;
    }
    Ok(())
}

async fn a_turn_at_the_generation_before_leaves_no_lease_on_the_next(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let at = Model::create(trial).await?.at;
        trial
            .at_once(CALLERS, |store, caller| async move {
                if caller == CALLERS / 2 {
                    return store.replace(&at, 1, b"the second value", LONG).await.map(drop);
                }
                let holder = owner();
                store.turn(&at, 1, &holder, LONG).await?;
                store.keep(&at, &holder, LONG).await.map(drop)
            })
            .await?;
        let turn = trial.store.turn(&at, 2, &owner(), LONG).await?;
        same("turn at the next generation", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    }
    Ok(())
}

/// The value of a generation.
fn value_at(generation: u64) -> Vec<u8> {
    format!("the value of generation {generation}").into_bytes().repeat(100)
}

async fn value_and_generation_are_of_one_moment(trial: &Trial) -> Verdict {
    let is_whole = |there: &StoredSession| there.value == value_at(there.generation);
    for _ in 0..ROUNDS {
        let at = Model::create_of(trial, address(), &value_at(1), LONG).await?.at;
        let seen = trial
            .at_once(CALLERS, |store, caller| async move {
                let mut seen = Vec::new();
                for generation in 1..=10 {
                    match (caller % 4, caller) {
                        (0, 0) => {
                            drop(store.replace(&at, generation, &value_at(generation + 1), LONG).await?)
                        }
                        (0 | 1, _) => seen.extend(store.load(&at).await?),
                        (2, _) => seen.extend(store.list(&at.user).await?.into_iter().map(|it| it.session)),
                        _ => match store.turn(&at, 0, &owner(), LONG).await? {
                            Turn::Other(there) => seen.push(there),
                            _ => return Ok(None),
                        },
                    }
                }
                Ok(Some(seen))
            })
            .await?;
        let seen: Option<Vec<_>> = seen.into_iter().collect();
        let Some(seen) = seen else { return Err(Wrong::new("turn at generation 0: expected Other")) };
        holds("an answer has the value of another generation", seen.iter().flatten().all(is_whole))?;
    }
    Ok(())
}

/// Nobody waits for ever, even if the store panics.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

async fn list_is_of_one_moment_while_all_are_removed(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let user = user();
        for _ in 0..10 {
            Model::create_at(trial, address_of(user), LONG).await?;
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let listed = trial
            .at_once(CALLERS, |store, caller| {
                let is_over = is_over.clone();
                async move {
                    if caller == CALLERS / 2 {
                        let _over = SetOnDrop(is_over);
                        return store.remove_all(&user, None).await.map(|_| Vec::new());
                    }
                    let mut counts = Vec::new();
                    while !is_over.load(SeqCst) {
                        counts.push(store.list(&user).await?.len());
                    }
                    counts.push(store.list(&user).await?.len());
                    counts.dedup();
                    Ok(counts)
                }
            })
            .await?;
        for counts in listed {
            let is_one_step = matches!(counts[..], [] | [0] | [10, 0]);
            holds(
                &format!("list returns {counts:?} of 10 sessions that are removed in one step"),
                is_one_step,
            )?;
        }
    }
    Ok(())
}

async fn a_claim_does_not_undo_a_put(trial: &Trial) -> Verdict {
    for _ in 0..ROUNDS {
        let key = item();
        let claims = trial
            .at_once(CALLERS, |store, caller| async move {
                if caller == CALLERS / 2 {
                    store.put(&key, b"put", LONG).await?;
                    return Ok(None);
                }
                store.claim(&key, b"claimed", LONG).await.map(Some)
            })
            .await?;
        is_value("get after put and claims at once", trial.store.get(&key).await?, "put")?;
        let won = claims.iter().flatten().filter(|claim| **claim == Claim::Yours).count();
        holds(&format!("{won} callers got a claim"), won <= 1)?;
    }
    Ok(())
}

/// Polls a call so many times, and gives it up in the midst of what it waits for.
async fn give_up<T>(polls: usize, call: impl Future<Output = T>) {
    let (mut call, mut polled) = (pin!(call), 0);
    poll_fn(|context| {
        polled += 1;
        let is_over = call.as_mut().poll(context).is_ready() || polled == polls;
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A call may have been done, and may be done later still. What follows must hold either way.
async fn a_call_that_is_given_up_leaves_the_store_whole_and_at_work(trial: &Trial) -> Verdict {
    let store = &trial.store;
    for polls in 1..=4 {
        let (mut model, key, holder) = (Model::create(trial).await?, item(), owner());
        let at = model.at;
        let new = address_of(at.user);
        give_up(polls, store.turn(&at, 1, &holder, LONG)).await;
        give_up(polls, store.keep(&at, &holder, LONG)).await;
        give_up(polls, store.give_back(&at, &holder, LONG)).await;
        give_up(polls, store.touch(&at, LONG)).await;
        give_up(polls, store.load(&at)).await;
        give_up(polls, store.list(&at.user)).await;
        give_up(polls, store.remove(&at, Some(0))).await;
        give_up(polls, store.check()).await;
        give_up(polls, store.create(&new, b"new", LONG, NO_CAP)).await;
        give_up(polls, store.claim(&key, b"claimed", LONG)).await;
        give_up(polls, store.get(&key)).await;
        give_up(polls, store.put(&key, b"put", LONG)).await;
        model.is_there(trial, "after calls that were given up").await?;

        give_up(polls, store.replace(&at, 1, b"the second value", LONG)).await;
        if let Replaced::Other(there) = store.replace(&at, 1, b"the second value", LONG).await? {
            same("the value after a replace that was given up", there.value, b"the second value".to_vec())?;
        }
        model = Model { generation: 2, value: b"the second value".to_vec(), seen: trial.now(), ..model };
        model.replace(trial, b"the third value", LONG).await?;
        model.takes_turn(trial, "turn after calls that were given up", false, 0).await?;

        give_up(polls, store.remove(&at, Some(3))).await;
        give_up(polls, store.remove_all(&at.user, Some(&new.session))).await;
        store.remove_all(&at.user, Some(&new.session)).await?;
        is_absent(trial, &at).await?;
        store.put(&key, b"put", LONG).await?;
        is_value("get after calls that were given up", store.get(&key).await?, "put")?;
    }
    Ok(())
}
