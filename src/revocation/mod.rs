//! Which certificates their issuers took back: hashes of a certificate, and the lists and filters that hold
//! them. Station of the way up between signature and verdict; it says what a list says and judges nothing.
