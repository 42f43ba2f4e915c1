//! Sessions: created, loaded, listed, touched, replaced and removed by one caller.

use super::super::keys::SessionAddress;
use super::super::stored_session::{Replaced, Turn};
use super::model::{Model, are_these};
use super::row::declare_rows;
use super::trial::{
    LONG, Trial, Verdict, Wrong, address, address_of, holds, owner, refused, same, session, unlike, user,
};

declare_rows! {
    check_says_that_the_store_would_do_its_work_and_changes_nothing,
    an_absent_session_is_absent_for_every_method_and_none_creates_it,
    create_makes_a_session_of_generation_1_that_is_seen_now,
    load_and_list_change_nothing,
    create_refuses_an_address_that_is_taken_and_then_changes_nothing,
    create_beyond_the_cap_removes_and_returns_those_unseen_for_longest,
    create_never_removes_the_new_session,
    create_removes_as_many_as_a_lower_cap_asks_for,
    touch_notes_that_the_session_is_seen_and_its_new_end_and_nothing_else,
    replace_puts_a_value_one_generation_later_seen_now_with_a_new_end,
    replace_of_another_generation_returns_what_is_there_and_changes_nothing,
    remove_heeds_the_generation_and_returns_the_session_once,
    list_returns_all_sessions_of_one_user,
    remove_all_removes_and_returns_all_but_the_exception,
    remove_all_with_an_exception_that_is_absent_removes_all,
    users_do_not_see_each_other,
    a_session_created_anew_has_nothing_of_the_one_before_it,
}

async fn check_says_that_the_store_would_do_its_work_and_changes_nothing(trial: &Trial) -> Verdict {
    let model = Model::create(trial).await?;
    trial.store.check().await?;
    model.is_there(trial, "after a check").await
}

/// Asks every method for a session that is not there.
pub(super) async fn is_absent(trial: &Trial, at: &SessionAddress) -> Verdict {
    let store = &trial.store;
    same("load", store.load(at).await?, None)?;
    same("turn", store.turn(at, 1, &owner(), LONG).await?, Turn::Gone)?;
    same("keep", store.keep(at, &owner(), LONG).await?, false)?;
    store.give_back(at, &owner(), LONG).await?;
    same("replace", store.replace(at, 1, b"value", LONG).await?, Replaced::Gone)?;
    store.touch(at, LONG).await?;
    same("remove", store.remove(at, Some(1)).await?, None)?;
    same("remove of any generation", store.remove(at, None).await?, None)?;
    let others = store.list(&at.user).await?;
    holds("list names a session that is absent", others.iter().all(|listed| listed.key != at.session))?;
    same("load, after all that", store.load(at).await?, None)
}

async fn an_absent_session_is_absent_for_every_method_and_none_creates_it(trial: &Trial) -> Verdict {
    let (at, neighbour) = (address(), Model::create(trial).await?);
    is_absent(trial, &at).await?;
    same("list of a user without sessions", trial.store.list(&at.user).await?, Vec::new())?;
    same("remove_all of a user without sessions", trial.store.remove_all(&at.user, None).await?, Vec::new())?;
    is_absent(trial, &address_of(neighbour.at.user)).await?;
    neighbour.is_there(trial, "after calls about an absent session of the user").await
}

async fn create_makes_a_session_of_generation_1_that_is_seen_now(trial: &Trial) -> Verdict {
    let model = Model::create(trial).await?;
    model.is_there(trial, "after create").await?;
    model.takes_turn(trial, "turn of a new session", false, 0).await
}

async fn load_and_list_change_nothing(trial: &Trial) -> Verdict {
    let model = Model::create_at(trial, address(), trial.unit * 10).await?;
    for _ in 0..3 {
        trial.pass().await;
        model.is_there(trial, "as time passes").await?;
        let listed = trial.store.list(&model.at.user).await?;
        are_these(trial, "list, as time passes", &listed, &[&model])?;
    }
    Ok(())
}

async fn create_refuses_an_address_that_is_taken_and_then_changes_nothing(trial: &Trial) -> Verdict {
    let model = Model::create_at(trial, address(), trial.unit * 10).await?;
    let neighbour = Model::create_at(trial, address_of(model.at.user), trial.unit * 10).await?;
    trial.pass().await;
    let again = trial.store.create(&model.at, b"another value", LONG, 1).await;
    refused("create at an address that is taken", &again)?;
    model.is_there(trial, "after a create that was refused").await?;
    neighbour.is_there(trial, "of a neighbour, after a create that was refused").await
}

/// Sessions of one user, each seen later than the one before.
async fn in_a_row<const COUNT: usize>(trial: &Trial) -> Verdict<[Model; COUNT]> {
    let (user, mut models) = (user(), Vec::new());
    for _ in 0..COUNT {
        models.push(Model::create_at(trial, address_of(user), LONG).await?);
        trial.pass().await;
    }
    models.try_into().map_err(|_| Wrong::new("there are as many as were created"))
}

async fn create_beyond_the_cap_removes_and_returns_those_unseen_for_longest(trial: &Trial) -> Verdict {
    let [mut first, mut second, third] = in_a_row(trial).await?;
    first.touch(trial, LONG).await?;
    second.replace(trial, b"another value", LONG).await?;
    let new = address_of(first.at.user);
    let removed = trial.store.create(&new, b"the first value", LONG, 3).await?;
    are_these(trial, "removed as the longest unseen", &removed, &[&third])?;
    let new = Model { at: new, seen: trial.now(), ..third.clone() };
    let listed = trial.store.list(&new.at.user).await?;
    are_these(trial, "list after a create beyond the cap", &listed, &[&first, &second, &new])
}

async fn create_never_removes_the_new_session(trial: &Trial) -> Verdict {
    let user = user();
    let mut last = Model::create_at(trial, address_of(user), LONG).await?;
    for cap in [1, 0] {
        let new = Model { at: address_of(user), seen: trial.now(), ..last.clone() };
        let removed = trial.store.create(&new.at, &new.value, LONG, cap).await?;
        are_these(trial, &format!("removed by a create with a cap of {cap}"), &removed, &[&last])?;
        new.is_there(trial, &format!("after a create with a cap of {cap}")).await?;
        last = new;
    }
    same("how many are left", trial.store.list(&user).await?.len(), 1)
}

async fn create_removes_as_many_as_a_lower_cap_asks_for(trial: &Trial) -> Verdict {
    let [first, second, third, fourth] = in_a_row(trial).await?;
    let new = Model { at: address_of(first.at.user), seen: trial.now(), ..first.clone() };
    let removed = trial.store.create(&new.at, &new.value, LONG, 2).await?;
    are_these(trial, "removed by a create with a lower cap", &removed, &[&first, &second, &third])?;
    let listed = trial.store.list(&new.at.user).await?;
    are_these(trial, "list after a create with a lower cap", &listed, &[&fourth, &new])
}

async fn touch_notes_that_the_session_is_seen_and_its_new_end_and_nothing_else(trial: &Trial) -> Verdict {
    let mut model = Model::create_at(trial, address(), trial.unit * 10).await?;
    let holder = owner();
    let turn = trial.store.turn(&model.at, 1, &holder, LONG).await?;
    same("turn of a new session", turn, Turn::Yours { taken_over: false, failures: 0 })?;
    for units in [20, 5] {
        trial.pass().await;
        model.touch(trial, trial.unit * units).await?;
        model.is_there(trial, "after touch").await?;
    }
    same("keep, after touch", trial.store.keep(&model.at, &holder, LONG).await?, true)
}

async fn replace_puts_a_value_one_generation_later_seen_now_with_a_new_end(trial: &Trial) -> Verdict {
    let mut model = Model::create_at(trial, address(), trial.unit * 10).await?;
    for (value, units) in [("a second, longer value", 20), ("third", 5), ("", 10)] {
        trial.pass().await;
        model.replace(trial, value.as_bytes(), trial.unit * units).await?;
        model.is_there(trial, "after replace").await?;
    }
    same("the generation after three times", model.generation, 4)
}

async fn replace_of_another_generation_returns_what_is_there_and_changes_nothing(trial: &Trial) -> Verdict {
    let mut model = Model::create(trial).await?;
    model.replace(trial, b"the second value", LONG).await?;
    trial.pass().await;
    for generation in [0, 1, 3, u64::from(u32::MAX)] {
        let what = format!("replace of generation {generation}, where 2 is");
        match trial.store.replace(&model.at, generation, b"another value", LONG * 2).await? {
            Replaced::Other(there) => model.is_this(trial, &what, Some(&there))?,
            other => return Err(unlike(&what, &other, &"Other")),
        }
        model.is_there(trial, "after replace of another generation").await?;
    }
    Ok(())
}

async fn remove_heeds_the_generation_and_returns_the_session_once(trial: &Trial) -> Verdict {
    for generation in [Some(2), None] {
        let mut model = Model::create(trial).await?;
        model.replace(trial, b"the second value", LONG).await?;
        for other in [1, 3] {
            let removed = trial.store.remove(&model.at, Some(other)).await?;
            same("remove of another generation", removed, None)?;
            model.is_there(trial, "after remove of another generation").await?;
        }
        let removed = trial.store.remove(&model.at, generation).await?;
        model.is_this(trial, "remove", removed.as_ref())?;
        is_absent(trial, &model.at).await?;
    }
    Ok(())
}

async fn list_returns_all_sessions_of_one_user(trial: &Trial) -> Verdict {
    Model::create(trial).await?;
    let [first, second, third] = in_a_row(trial).await?;
    let listed = trial.store.list(&first.at.user).await?;
    are_these(trial, "list", &listed, &[&first, &second, &third])?;
    trial.store.remove(&second.at, None).await?;
    let listed = trial.store.list(&first.at.user).await?;
    are_these(trial, "list after a removal", &listed, &[&first, &third])
}

async fn remove_all_removes_and_returns_all_but_the_exception(trial: &Trial) -> Verdict {
    let [first, second, third] = in_a_row(trial).await?;
    let holder = owner();
    trial.store.turn(&second.at, 1, &holder, LONG).await?;
    let removed = trial.store.remove_all(&first.at.user, Some(&second.at.session)).await?;
    are_these(trial, "remove_all but one", &removed, &[&first, &third])?;
    is_absent(trial, &first.at).await?;
    is_absent(trial, &third.at).await?;
    second.is_there(trial, "of the exception").await?;
    same("keep of the exception", trial.store.keep(&second.at, &holder, LONG).await?, true)?;
    let removed = trial.store.remove_all(&first.at.user, None).await?;
    are_these(trial, "remove_all", &removed, &[&second])?;
    is_absent(trial, &second.at).await?;
    same("remove_all where nothing is left", trial.store.remove_all(&first.at.user, None).await?, Vec::new())
}

async fn remove_all_with_an_exception_that_is_absent_removes_all(trial: &Trial) -> Verdict {
    let model = Model::create(trial).await?;
    let absent = session();
    let removed = trial.store.remove_all(&model.at.user, Some(&absent)).await?;
    are_these(trial, "remove_all but an absent one", &removed, &[&model])?;
    is_absent(trial, &model.at).await?;
    is_absent(trial, &SessionAddress { session: absent, ..model.at }).await
}

async fn users_do_not_see_each_other(trial: &Trial) -> Verdict {
    let mine = Model::create(trial).await?;
    let at = SessionAddress { user: user(), ..mine.at };
    same("load of another user's session", trial.store.load(&at).await?, None)?;
    let mut theirs = Model::create_of(trial, at, b"the value of another user", LONG).await?;
    mine.is_there(trial, "where another user has a session of this name").await?;
    theirs.replace(trial, b"the second value of another user", LONG * 2).await?;
    mine.is_there(trial, "after a replace of another user").await?;
    let listed = trial.store.list(&mine.at.user).await?;
    are_these(trial, "list", &listed, &[&mine])?;
    let removed = trial.store.create(&address_of(at.user), b"value", LONG, 1).await?;
    are_these(trial, "removed beyond the cap of one user", &removed, &[&theirs])?;
    trial.store.remove_all(&at.user, None).await?;
    trial.store.remove(&at, None).await?;
    mine.is_there(trial, "after removals of another user").await
}

async fn a_session_created_anew_has_nothing_of_the_one_before_it(trial: &Trial) -> Verdict {
    for way in ["remove", "remove_all", "the cap"] {
        let mut model = Model::create(trial).await?;
        model.replace(trial, b"the second value", LONG).await?;
        let holder = owner();
        trial.store.turn(&model.at, 2, &holder, LONG).await?;
        trial.store.give_back(&model.at, &holder, LONG).await?;
        match way {
            "remove" => drop(trial.store.remove(&model.at, None).await?),
            "remove_all" => drop(trial.store.remove_all(&model.at.user, None).await?),
            _ => drop(trial.store.create(&address_of(model.at.user), b"value", LONG, 1).await?),
        }
        let anew = Model::create_at(trial, model.at, LONG).await?;
        anew.is_there(trial, &format!("created anew after {way}")).await?;
        anew.takes_turn(trial, &format!("turn of a session created anew after {way}"), false, 0).await?;
        same("keep by a holder of before", trial.store.keep(&model.at, &holder, LONG).await?, false)?;
    }
    Ok(())
}
