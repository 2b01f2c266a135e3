//! Who may do what: accounts and their approval, logins, tokens, sessions, quotas, tenants, and the walk through every
//! route of the service with credentials that do not fit.

mod books;
mod gate;
mod house;
mod oidc;
mod oidc_again;
mod persons;
mod program;
mod replay;
mod tenants;
mod walk;
