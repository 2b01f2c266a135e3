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
    /// A claim by its number and by its digits.
    #[error("the signed content has a claim twice, once as a number and once as a text")]
    Twice,
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
        for (key, value) in claims.by_number(entries)? {
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

    /// The claims by their numbers. One issuer's software names every claim, and every content of the health
    /// certificate claim, by its digits in a text; a token that does so for one does so for all, and any other token
    /// is left as it is.
    fn by_number(&mut self, entries: Vec<(Value<'a>, Value<'a>)>) -> Result<Vec<(Value<'a>, Value<'a>)>, CwtError> {
        let hcert = Value::Text(CLAIM_HCERT.to_string().into());
        let numbered = entries.iter().any(|(key, _)| matches!(key, Value::Int(_)));
        if numbered || !entries.iter().any(|(key, value)| *key == hcert && matches!(value, Value::Map(_))) {
            return Ok(entries);
        }
        self.deviations.push(Deviation::TextKeys);
        let mut claims = numbers(entries)?;
        for (key, value) in &mut claims {
            if *key == Value::Int(CLAIM_HCERT)
                && let Value::Map(contents) = value
            {
                *contents = numbers(std::mem::take(contents))?;
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
        if let Ok(time) = Timestamp::from_second(seconds) {
            return Ok(Some(time));
        }
        // Only the software that writes texts for numbers writes milliseconds for seconds.
        if !self.deviations.contains(&Deviation::TextKeys) {
            return Err(CwtError::Time { claim });
        }
        if !self.deviations.contains(&Deviation::MillisecondTime) {
            self.deviations.push(Deviation::MillisecondTime);
        }
        Timestamp::from_millisecond(seconds).map(Some).map_err(|_| CwtError::Time { claim })
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

/// Names that are the digits of a number, as that number. Two names of one number would be two claims of which only
/// one is read.
fn numbers<'a>(entries: Vec<(Value<'a>, Value<'a>)>) -> Result<Vec<(Value<'a>, Value<'a>)>, CwtError> {
    let mut read: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let number = key.as_text().and_then(|text| text.parse::<i64>().ok().filter(|n| n.to_string() == text));
        let key = number.map_or(key, Value::Int);
        if read.iter().any(|(known, _)| *known == key) {
            return Err(CwtError::Twice);
        }
        read.push((key, value));
    }
    Ok(read)
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
    fn texts_for_numbers_are_forgiven_as_a_whole() {
        let text = |text: &'static str| Value::Text(text.into());
        let token = |entries: Vec<(Value<'static>, Value<'static>)>| {
            let mut bytes = Vec::new();
            write_value(&Value::Map(entries), &mut bytes);
            bytes
        };
        let content = || Value::Map(vec![(text("5"), text("shlink:/e30"))]);
        let bytes = token(vec![
            (text("1"), text("XJ")),
            (text("4"), Value::Int(1_800_000_000)),
            (text("6"), Value::Int(1_790_000_000_123)),
            (text("-260"), content()),
            (text("note"), Value::Null),
        ]);
        let claims = Claims::read(&bytes).unwrap();
        assert_eq!((claims.issuer.as_deref(), claims.expires_at.unwrap().as_second()), (Some("XJ"), 1_800_000_000));
        assert_eq!(claims.issued_at.unwrap().as_second(), 1_790_000_000);
        assert_eq!(claims.content(SUB_CLAIM_LINK).and_then(Value::as_text), Some("shlink:/e30"));
        assert_eq!(claims.deviations, [Deviation::TextKeys, Deviation::MillisecondTime]);
        assert_eq!(claims.others.len(), 1);

        // A token of numbers stays one: neither its texts nor its milliseconds are read as anything else.
        let bytes = token(vec![(Value::Int(1), text("XJ")), (text("-260"), content())]);
        let claims = Claims::read(&bytes).unwrap();
        assert!(claims.hcert.is_none() && claims.deviations.is_empty());
        let bytes = token(vec![(Value::Int(-260), content())]);
        assert_eq!(Claims::read(&bytes).unwrap().content(SUB_CLAIM_LINK), None);
        let bytes = token(vec![(Value::Int(6), Value::Int(1_790_000_000_123))]);
        assert_eq!(Claims::read(&bytes), Err(CwtError::Time { claim: 6 }));

        // The same number by two names.
        let both = Value::Map(vec![(text("5"), Value::Null), (Value::Int(5), Value::Null)]);
        assert_eq!(Claims::read(&token(vec![(text("-260"), both)])), Err(CwtError::Twice));
        for odd in ["+4", "04", " 4", "4.0"] {
            let bytes = token(vec![(text("-260"), content()), (text(odd), Value::Int(1))]);
            assert_eq!(Claims::read(&bytes).unwrap().expires_at, None, "{odd}");
        }
    }

    /// Texts, integers, null and maps, as the test needs them.
    fn write_value(value: &Value<'_>, out: &mut Vec<u8>) {
        let mut encoder = Encoder::new(&mut *out);
        match value {
            Value::Int(number) => drop(encoder.i64(*number).unwrap()),
            Value::Text(text) => drop(encoder.str(text).unwrap()),
            Value::Map(entries) => {
                encoder.map(entries.len().try_into().unwrap()).unwrap();
                for (key, value) in entries {
                    write_value(key, out);
                    write_value(value, out);
                }
            }
            _ => drop(encoder.null().unwrap()),
        }
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
