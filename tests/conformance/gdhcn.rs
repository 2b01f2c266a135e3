//! WHO DID documents.
