//! Runs an example program against an emulator, for the tests of the examples.
