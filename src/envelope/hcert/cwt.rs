//! CBOR Web Token claims (RFC 8392) as HCERT uses them (specification section 3.3).

use jiff::Timestamp;
use minicbor::Encoder;

use super::{
    Deviation,
    cbor::{CborError, Value},
};

const CLAIM_ISS: i64 = 1;
const CLAIM_EXP: i64 = 4;
const CLAIM_IAT: i64 = 6;
/// The health certificate claim (specification section 3.3.7).
const CLAIM_HCERT: i64 = -260;

/// Key of the EU DCC in the health certificate claim (registry of the claim: WHO SMART Trust, HCERT
/// specification section 3.2.7).
pub const SUB_CLAIM_DCC: i64 = 1;
/// Key of WHO's DDCC core data set for a vaccination.
pub const SUB_CLAIM_DDCC_VACCINATION: i64 = 3;
/// Key of WHO's DDCC core data set for a test.
pub const SUB_CLAIM_DDCC_TEST: i64 = 4;
/// Key of a health link.
pub const SUB_CLAIM_LINK: i64 = 5;
/// Key of WHO's digital international certificate of vaccination or prophylaxis.
pub const SUB_CLAIM_ICVP: i64 = -6;

/// The words of the International Health Regulations for a protection without an end, in its two languages.
const FOR_LIFE: [&str; 2] = ["life of person vaccinated", "vie entière du sujet vacciné"];

/// What a token claims. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims<'a> {
    /// Issuer, an ISO 3166-1 alpha-2 code by the specification, free text in the field.
    pub issuer: Option<String>,
    /// Issued at.
    pub issued_at: Option<Timestamp>,
    /// Expires at.
    pub expires_at: Option<Timestamp>,
    /// The health certificate claim: a map from format to content.
    pub hcert: Option<Value<'a>>,
    /// Claims that this program has no name for, as they came: older forms keep their content here.
    pub others: Vec<(Value<'a>, Value<'a>)>,
    /// What was forgiven.
    pub deviations: Vec<Deviation>,
}

/// Why a payload is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CwtError {
    /// Not CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// Not a map of claims.
    #[error("the signed content is not a map of claims")]
    NotClaims,
    /// A time that is no number of seconds.
    #[error("the claim {claim} is not a time in seconds since 1970")]
    Time {
        /// Number of the claim.
        claim: i64,
    },
}

impl<'a> Claims<'a> {
    /// Reads the claims of a payload. Unknown claims are ignored (TG puts texts into 2 and 7).
    ///
    /// # Errors
    /// [`CwtError`] says what is wrong.
    pub fn read(payload: &'a [u8]) -> Result<Self, CwtError> {
        let Value::Map(entries) = Value::read(payload)? else { return Err(CwtError::NotClaims) };
        let mut claims = Self {
            issuer: None,
            issued_at: None,
            expires_at: None,
            hcert: None,
            others: Vec::new(),
            deviations: Vec::new(),
        };
        for (key, value) in entries {
            match key {
                Value::Int(CLAIM_ISS) => claims.issuer = value.as_text().map(str::to_owned),
                Value::Int(CLAIM_EXP) => claims.expires_at = claims.time(CLAIM_EXP, &value)?,
                Value::Int(CLAIM_IAT) => claims.issued_at = claims.time(CLAIM_IAT, &value)?,
                Value::Int(CLAIM_HCERT) => claims.hcert = Some(value),
                _ => claims.others.push((key, value)),
            }
        }
        Ok(claims)
    }

    fn time(&mut self, claim: i64, value: &Value<'_>) -> Result<Option<Timestamp>, CwtError> {
        let seconds = match value {
            Value::Null => return Ok(None),
            Value::Int(n) => *n,
            Value::Float(f) => {
                if !self.deviations.contains(&Deviation::FloatTime) {
                    self.deviations.push(Deviation::FloatTime);
                }
                Value::Float(f.floor()).as_whole().ok_or(CwtError::Time { claim })?.0
            }
            Value::Text(words) if claim == CLAIM_EXP && FOR_LIFE.contains(&words.as_ref()) => {
                self.deviations.push(Deviation::ExpiryForLife);
                return Ok(None);
            }
            _ => return Err(CwtError::Time { claim }),
        };
        Timestamp::from_second(seconds).map(Some).map_err(|_| CwtError::Time { claim })
    }

    /// The content under a number of the health certificate claim.
    #[must_use]
    pub fn content(&self, sub_claim: i64) -> Option<&Value<'a>> {
        self.hcert.as_ref().and_then(|hcert| hcert.get_int(sub_claim))
    }

    /// The content of the EU DCC, if the token carries one.
    #[must_use]
    pub fn dcc(&self) -> Option<&Value<'a>> {
        self.content(SUB_CLAIM_DCC)
    }
}

/// Payload of a token: issuer, expiry and issue time as integers, and the content under `sub_claim` of the
/// health certificate claim. `content` must be one complete CBOR item.
#[must_use]
pub fn write(issuer: &str, issued_at: Timestamp, expires_at: Timestamp, sub_claim: i64, content: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::with_capacity(content.len() + 40));
    let written = encoder
        .map(4)
        .and_then(|e| e.i64(CLAIM_ISS))
        .and_then(|e| e.str(issuer))
        .and_then(|e| e.i64(CLAIM_EXP))
        .and_then(|e| e.i64(expires_at.as_second()))
        .and_then(|e| e.i64(CLAIM_IAT))
        .and_then(|e| e.i64(issued_at.as_second()))
        .and_then(|e| e.i64(CLAIM_HCERT))
        .and_then(|e| e.map(1))
        .and_then(|e| e.i64(sub_claim))
        .is_ok();
    debug_assert!(written, "writing to memory cannot fail");
    let mut payload = encoder.into_writer();
    payload.extend_from_slice(content);
    payload
}

impl Claims<'_> {
    /// Payload of a token that carries an EU DCC (specification section 3.3); `dcc` is one CBOR item.
    #[must_use]
    pub fn write_dcc(issuer: &str, issued_at: Timestamp, expires_at: Timestamp, dcc: &[u8]) -> Vec<u8> {
        write(issuer, issued_at, expires_at, SUB_CLAIM_DCC, dcc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_undoes_writing() {
        let (iat, exp) =
            (Timestamp::from_second(1_790_000_000).unwrap(), Timestamp::from_second(1_800_000_000).unwrap());
        let payload = Claims::write_dcc("XX", iat, exp, &[0xa1, 0x61, b'v', 0x01]);
        let claims = Claims::read(&payload).unwrap();
        assert_eq!(claims.issuer.as_deref(), Some("XX"));
        assert_eq!((claims.issued_at, claims.expires_at), (Some(iat), Some(exp)));
        assert_eq!(claims.dcc().unwrap().get("v"), Some(&Value::Int(1)));
        assert!(claims.deviations.is_empty());
    }

    #[test]
    fn float_times_are_forgiven_and_texts_are_not() {
        let payload = [0xa1, 0x04, 0xfb, 0x41, 0xd8, 0x00, 0x00, 0x00, 0x60, 0x00, 0x00];
        let claims = Claims::read(&payload).unwrap();
        assert_eq!(claims.expires_at.unwrap().as_second(), 1_610_612_737);
        assert_eq!(claims.deviations, [Deviation::FloatTime]);
        assert_eq!(Claims::read(&[0xa1, 0x06, 0x61, b'1']), Err(CwtError::Time { claim: 6 }));
        assert_eq!(Claims::read(&[0x01]), Err(CwtError::NotClaims));
    }

    #[test]
    fn an_end_in_the_words_of_the_regulations_is_no_time_and_no_fault_of_the_token() {
        let with = |claim: u8, words: &str| {
            let mut payload = vec![0xa1, claim, 0x78, u8::try_from(words.len()).unwrap()];
            payload.extend_from_slice(words.as_bytes());
            Claims::read(&payload).map(|claims| (claims.expires_at, claims.deviations.clone()))
        };
        for words in FOR_LIFE {
            assert_eq!(with(4, words), Ok((None, vec![Deviation::ExpiryForLife])));
            assert_eq!(with(6, words), Err(CwtError::Time { claim: 6 }));
        }
        assert_eq!(with(4, "Life of person vaccinated"), Err(CwtError::Time { claim: 4 }));
    }
}
