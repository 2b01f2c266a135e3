//! A gateway's own list as a download: the whole of it each time, as the gateway says it is now.

use super::{Conditions, Download, FetchError, Fetched, Fetching};
use crate::gateway::{Client, Part};

/// The trust list of a gateway, over its client.
#[derive(Debug)]
pub struct OverGateway {
    client: Client,
}

impl OverGateway {
    /// The list of the gateway that this client talks to.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn whole(&self) -> Result<Fetched, FetchError> {
        let failed = |message: String| FetchError::Gateway { message };
        let list = self.client.trust_list(Part::Whole, None).await.map_err(|error| failed(error.to_string()))?;
        let bytes = list.to_json().map_err(|error| failed(error.to_string()))?;
        Ok(Fetched::List { bytes, conditions: Conditions::default() })
    }
}

impl Download for OverGateway {
    fn fetch<'a>(&'a self, _: &'a Conditions) -> Fetching<'a> {
        Box::pin(self.whole())
    }
}
