//! signers (being built).
