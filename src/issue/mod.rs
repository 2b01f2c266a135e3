//! issue (being built).
