//! Algorithms, key identifiers, public keys, signatures and certificates (COSE, X.509).
