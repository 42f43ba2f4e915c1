//! The flaws, each with the rows that must report it.

/// Declares the flaws, and for each what the names of the rows have in them that must report it.
macro_rules! flaws {
    ($($flaw:ident: [$($row:literal),*],)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Flaw {
            /// It does what it should, and takes its time.
            Slow,
            $($flaw,)*
        }

        impl Flaw {
            pub const ALL: &[(Flaw, &[&str])] = &[$((Flaw::$flaw, &[$($row),*])),*];
        }
    };
}

flaws! {
    // What is loaded and listed.
    LoadIsSeen: ["load and list change nothing"],
    LoadIsTwoReads: ["value and generation are of one moment"],
    UnseenIsNothing: ["load and list change nothing", "replace of another generation returns"],
    EndsInIsAnHour: ["touch notes", "a life of ten years lasts", "replace puts a value"],
    ListIsAnyUsers: ["an absent session is absent"],
    IndexIsRewritten: ["create at once are all listed"],
    UsersShareSessions: ["users do not see each other", "list returns all sessions of one user", "an absent session is absent"],
    // What is created.
    CreatedIsTheSecond: ["create makes a session of generation 1"],
    CreateOverwrites: ["create refuses an address", "create at one address at once"],
    CreateRefusedTakesRoom: ["create refuses an address"],
    CapIsForgotten: ["create beyond the cap removes"],
    CapIsOneLess: ["create removes as many", "create at once are all listed"],
    CapRemovesTheNew: ["create never removes the new"],
    CapRemovesTheLastSeen: ["create beyond the cap removes"],
    CapIsNotReturned: ["create beyond the cap removes"],
    CapIsLookedUpFirst: ["create beyond the cap at once"],
    FailuresOutliveTheSession: ["nothing of the one before", "an address whose session is over", "ends lease rest and failures"],
    // Leases.
    TurnIgnoresTheGeneration: ["turn at another generation", "a turn at the generation before"],
    TurnRestsFirst: ["turn at another generation"],
    TurnIsLookedUpFirst: ["ask for a turn at once"],
    TurnIsSeen: ["turn leaves the session"],
    HeldIsNothing: ["turn leases a session to one owner"],
    TakeoverIsNotTold: ["a lease that ran out is taken over", "take over at once"],
    TakeoverIsAlwaysTold: ["who took over is told"],
    TakeoverIsToldOnce: ["who took over is told"],
    TakeoverByOneself: ["not taken over by its owner"],
    OwnLeaseIsHeld: ["turn gives an owner the lease anew"],
    FailuresAreForgotten: ["give back counts each failure"],
    KeepIsAlwaysTrue: ["keep of a lease that ran out", "at work too"],
    KeepAfterTheEnd: ["keep of a lease that ran out"],
    KeepOnlyExtends: ["keep lets a lease last"],
    GiveBackIsForgotten: ["give back ends the lease"],
    GiveBackByAnybody: ["give back by anybody else"],
    GiveBackWithoutRest: ["give back ends the lease"],
    GiveBackByHolderInTime: ["give back of a lease that ran out"],
    GiveBackCountsTwice: ["give back counts each failure", "an owner who calls many times"],
    // What is replaced and touched.
    ReplaceCreates: ["an absent session is absent", "a session that is removed while others write", "no session comes back"],
    ReplaceIsAPut: ["of replace and remove"],
    ReplaceIgnoresTheGeneration: ["replace of another generation"],
    ReplaceIsLookedUpFirst: ["replace a generation at once"],
    ReplaceKeepsTheLease: ["replace needs no lease"],
    ReplaceKeepsTheEnd: ["replace puts a value", "touch and replace move the end"],
    ReplaceWaitsForTheLease: ["replace needs no lease"],
    TouchCreates: ["an absent session is absent", "a session that is over is absent"],
    TouchKeepsTheEnd: ["touch notes", "touch and replace move the end"],
    TouchOnlyExtends: ["touch notes", "touch and replace move the end"],
    TouchWritesAll: ["no other call undoes a replace", "read and touch at once"],
    // What is removed.
    RemoveIgnoresTheGeneration: ["remove heeds the generation"],
    RemoveIsLookedUpFirst: ["remove a session at once", "a session that is removed while others write", "several ways"],
    RemoveAllIgnoresTheException: ["remove all removes and returns"],
    RemoveAllNeedsTheException: ["an exception that is absent"],
    RemoveAllOneByOne: ["remove all at once", "created while all are removed", "list is of one moment"],
    RemoveAllReturnsNothing: ["remove all removes and returns"],
    // What is over.
    SessionsEndLate: ["a session that is over is absent", "neither listed nor removed"],
    SessionsEndLateForWriters: ["a session that is over is absent", "an address whose session is over"],
    ValuesEndLate: ["a value that is over"],
    // Single values.
    ClaimIsLookedUpFirst: ["claim a name at once", "a claim does not undo"],
    ClaimPutsOff: ["claims of others do not"],
    ClaimOverwrites: ["claim takes a free name once"],
    PutIsAClaim: ["put takes the place"],
    PutIsInPieces: ["put at once"],
    AbsentIsEmpty: ["get of an absent name"],
    // Bytes.
    ValuesAreText: ["single values keep any bytes", "sessions keep any bytes"],
    ValuesAreCut: ["single values keep any bytes", "sessions keep any bytes"],
    NamesEndAtZero: ["names of any bytes"],
    NamesHaveNoCase: ["names of any bytes"],
    OwnersEndAtZero: ["lease owners of any bytes"],
    ValuesLieAmongSessions: ["do not share names"],
    // Calls.
    BusyForEver: ["a call that is given up"],
    CheckPanics: ["check says"],
    CheckFails: ["check says"],
}
