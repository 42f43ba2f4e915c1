//! Tests of a guarded app, without a server, a port or a network.
