//! payload (being built).
