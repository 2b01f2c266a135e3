//! The operator's tool and the service.
fn main() {}
