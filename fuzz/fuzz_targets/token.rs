#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rocket_cognito::fuzzing::token(bytes));
