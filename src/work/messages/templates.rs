//! The words of messages, one file a language.

use std::{collections::HashMap, sync::OnceLock};

/// Languages with their files; the first is taken where a person's language has none.
const FILES: [(&str, &str); 11] = [
    ("en", include_str!("words/en.json")),
    ("fr", include_str!("words/fr.json")),
    ("pt", include_str!("words/pt.json")),
    ("es", include_str!("words/es.json")),
    ("ar", include_str!("words/ar.json")),
    ("sw", include_str!("words/sw.json")),
    ("vi", include_str!("words/vi.json")),
    ("lo", include_str!("words/lo.json")),
    ("si", include_str!("words/si.json")),
    ("ta", include_str!("words/ta.json")),
    ("am", include_str!("words/am.json")),
];

type Texts = HashMap<String, String>;

fn texts() -> &'static HashMap<&'static str, Texts> {
    static READ: OnceLock<HashMap<&'static str, Texts>> = OnceLock::new();
    // A file that cannot be read has no texts: the test of completeness fails on it.
    READ.get_or_init(|| {
        FILES.iter().map(|(lang, file)| (*lang, serde_json::from_str(file).unwrap_or_default())).collect()
    })
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// A one-time code.
    Code(&'a str),
    /// A certificate is ready behind this link.
    Ready(&'a str),
    /// A certificate expires on this day, and may be renewed behind this link.
    Expires(&'a str, &'a str),
}

/// A message in a language. It holds a code or a link and is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject of an e-mail.
    pub subject: String,
    /// What is said.
    pub body: String,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Text(…)")
    }
}

/// The message in the language of this tag, or in English.
#[must_use]
pub fn text(message: Message<'_>, language: &str) -> Text {
    let first = language.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let find = |key: &str| {
        let of = |lang: &str| texts().get(lang).and_then(|texts| texts.get(key));
        of(&first).or_else(|| of("en")).map_or("", String::as_str)
    };
    let body = match message {
        Message::Code(code) => find("code").replace("{code}", code),
        Message::Ready(link) => find("ready").replace("{link}", link),
        Message::Expires(date, link) => find("expires").replace("{date}", date).replace("{link}", link),
    };
    Text { subject: find("subject").to_owned(), body }
}

/// Whether every character is one of the GSM 7-bit default alphabet (3GPP TS 23.038 section 6.2.1), of which an SMS
/// holds 160; of any other alphabet it holds 70.
#[must_use]
pub fn is_gsm(text: &str) -> bool {
    const OTHERS: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
    text.chars().all(|c| c.is_ascii_alphanumeric() || OTHERS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_with_its_placeholders() {
        for (lang, _) in FILES {
            let texts = &texts()[lang];
            assert_eq!(texts.len(), 4, "{lang}");
            for (key, placeholders) in [
                ("subject", &[][..]),
                ("code", &["{code}"]),
                ("ready", &["{link}"]),
                ("expires", &["{date}", "{link}"]),
            ] {
                let text = texts.get(key).unwrap_or_else(|| panic!("{lang} {key}"));
                assert_eq!(text.matches('{').count(), placeholders.len(), "{lang} {key}");
                assert!(placeholders.iter().all(|placeholder| text.contains(placeholder)), "{lang} {key}");
            }
        }
    }

    #[test]
    fn a_message_fits_one_sms_where_its_letters_allow() {
        let link = format!("https://certificates.example.org/l/{}", "a".repeat(26));
        for (lang, _) in FILES {
            let code = text(Message::Code("123456"), lang).body;
            let most = if is_gsm(&code) { 160 } else { 70 };
            assert!(code.chars().count() <= most, "{lang}: {} characters", code.chars().count());
            for body in [text(Message::Ready(&link), lang).body, text(Message::Expires("2026-12-20", &link), lang).body]
            {
                // With the link two parts at most where the letters are not GSM's.
                let most = if is_gsm(&body) { 160 } else { 134 };
                assert!(body.chars().count() <= most, "{lang}: {} characters", body.chars().count());
            }
        }
    }

    #[test]
    fn nothing_of_a_person_or_a_disease_is_said() {
        for (lang, file) in FILES {
            let lower = file.to_lowercase();
            for word in ["covid", "corona", "vaccin", "vacin", "vacun", "chanjo", "{name}", "اللقاح", "ຢາວັກຊີນ"]
            {
                assert!(!lower.contains(word), "{lang} {word}");
            }
        }
    }

    #[test]
    fn unknown_languages_get_english() {
        assert_eq!(text(Message::Code("1"), "de"), text(Message::Code("1"), "en"));
        assert_eq!(text(Message::Code("1"), "pt-BR"), text(Message::Code("1"), "pt"));
    }
}
