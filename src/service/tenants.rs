//! One service for several programmes or countries: each tenant has a configuration, keys, registry, DHIS2, accounts
//! and tokens of its own, and is found by the name under which it is asked (the header `Host`). Nothing is shared: what
//! is known to one is unknown to the others.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use tower::ServiceExt;

use super::ServiceError;

/// The routers of one door, each for its names.
#[derive(Debug, Clone, Default)]
pub struct Tenants {
    by_host: Vec<(String, Router)>,
    others: Option<Router>,
}

impl Tenants {
    /// No tenant yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With the router of a tenant for each of its names. A name that is taken stays with whom it belongs to: the
    /// configuration has refused it before.
    #[must_use]
    pub fn with(mut self, hosts: &[String], router: &Router) -> Self {
        for host in hosts {
            let host = host.to_ascii_lowercase();
            if !self.by_host.iter().any(|(known, _)| *known == host) {
                self.by_host.push((host, router.clone()));
            }
        }
        self
    }

    /// With a router for every other name, which checks it itself.
    #[must_use]
    pub fn otherwise(self, router: Router) -> Self {
        Self { others: Some(router), ..self }
    }

    /// The router of the door.
    pub fn router(self) -> Router {
        match self.others {
            // Nothing is to be told apart.
            Some(router) if self.by_host.is_empty() => router,
            others => {
                let all = Arc::new(Self { by_host: self.by_host, others });
                Router::new().fallback(dispatch).with_state(all)
            }
        }
    }

    fn find(&self, request: &Request) -> Option<Router> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
        let host = host.to_str().ok()?;
        // A target in absolute form names the host too, and must name the same.
        if request.uri().authority().is_some_and(|target| !target.as_str().eq_ignore_ascii_case(host)) {
            return None;
        }
        let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
        let own = self.by_host.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        own.map(|(_, router)| router.clone()).or_else(|| self.others.clone())
    }
}

async fn dispatch(State(tenants): State<Arc<Tenants>>, request: Request) -> Response {
    let Some(router) = tenants.find(&request) else { return ServiceError::Host.into_response() };
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        routing::get,
    };

    use super::*;

    fn says(text: &'static str) -> Router {
        Router::new().route("/", get(move || async move { text }))
    }

    async fn asked(router: &Router, hosts: &[&str], target: &str) -> String {
        let mut request = Request::get(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        String::from_utf8(to_bytes(response.into_body(), 1_000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn each_name_leads_to_its_own_house() {
        let one = says("one");
        let tenants = Tenants::new()
            .with(&["One.example.org".to_owned()], &one)
            .with(&["two.example.org".to_owned(), "one.example.org".to_owned()], &says("two"));
        let alone = tenants.clone().router();
        let router = tenants.otherwise(says("others")).router();
        for (host, expected) in [
            ("one.example.org", "one"),
            ("ONE.example.org:8443", "one"),
            ("two.example.org", "two"),
            ("three.example.org", "others"),
            ("one.example.org.evil.example", "others"),
        ] {
            assert_eq!(asked(&router, &[host], "/").await, expected, "{host}");
        }
        assert_eq!(asked(&router, &["one.example.org"], "http://two.example.org/").await, "");
        assert_eq!(asked(&router, &["one.example.org", "two.example.org"], "/").await, "");
        assert_eq!(asked(&router, &[], "/").await, "");
        assert_eq!(asked(&alone, &["three.example.org"], "/").await, "");
    }
}
