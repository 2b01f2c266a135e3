//! The rehearsal: the servers of others, and the command that starts them.

mod gateway;
mod rehearsal;
