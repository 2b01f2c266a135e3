//! Value sets and the list of countries. They carry no signature: the gateway's TLS certificate vouches for them.

use serde_json::Value as Json;

use super::{Client, Endpoint, GatewayError, client::parse, transport::Request};
use crate::limits::{GATEWAY_COUNTRIES, GATEWAY_LIST_BYTES, VALUE_SET_BYTES, VALUE_SETS};

/// Whether a name of a value set can stand in a path and in a file name.
fn is_name(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=100).contains(&id.len()) && id.bytes().all(fits) && !id.starts_with('.')
}

impl Client {
    /// The names of all value sets.
    ///
    /// # Errors
    /// [`GatewayError`]; also when a name could not stand in a path.
    pub async fn value_sets(&self) -> Result<Vec<String>, GatewayError> {
        let endpoint = Endpoint::ValueSets;
        let names: Vec<String> = self.json(endpoint, &Request::get("/valuesets"), GATEWAY_LIST_BYTES).await?;
        if names.len() > VALUE_SETS {
            return Err(GatewayError::TooMany { endpoint, what: "value sets", limit: VALUE_SETS });
        }
        if !names.iter().all(|name| is_name(name)) {
            return Err(GatewayError::Unexpected { endpoint, part: "the name of a value set" });
        }
        Ok(names)
    }

    /// One value set, exactly as the gateway sends it.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn value_set(&self, id: &str) -> Result<Vec<u8>, GatewayError> {
        if !is_name(id) {
            return Err(GatewayError::Argument { what: "the value set", rule: "is a name such as vaccine-mah-manf" });
        }
        let endpoint = Endpoint::ValueSet;
        let answer = self.call(endpoint, &Request::get(format!("/valuesets/{id}")), VALUE_SET_BYTES).await?;
        // Some gateways hand it out as a text in JSON.
        match parse::<Json>(endpoint, &answer.body)? {
            Json::Object(_) => Ok(answer.body),
            Json::String(text) => Ok(text.into_bytes()),
            _ => Err(GatewayError::Unexpected { endpoint, part: "the value set" }),
        }
    }

    /// The participating countries.
    ///
    /// # Errors
    /// [`GatewayError`]; also when one of them is no code of two capital letters.
    pub async fn countries(&self) -> Result<Vec<String>, GatewayError> {
        let endpoint = Endpoint::Countries;
        let mut codes: Vec<String> = self.json(endpoint, &Request::get("/countrylist"), GATEWAY_LIST_BYTES).await?;
        if codes.len() > GATEWAY_COUNTRIES {
            return Err(GatewayError::TooMany { endpoint, what: "countries", limit: GATEWAY_COUNTRIES });
        }
        if codes.iter().any(|code| super::client::country(code).is_err()) {
            return Err(GatewayError::Unexpected { endpoint, part: "a country code" });
        }
        codes.sort();
        codes.dedup();
        Ok(codes)
    }
}
