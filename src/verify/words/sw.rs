//! Swahili.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "IMEKUBALIWA",
        Decision::Rejected => "IMEKATALIWA",
        Decision::Undecided => "HAIJAAMULIWA",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("Maandishi ni marefu kuliko msimbo wowote", "Soma msimbo mmoja kwa wakati"),
        Reason::FormatUnknown => (
            "Hiki si cheti cha aina yoyote ambayo programu hii inaijua",
            "Tafuta msimbo wa cheti chenyewe, au kagua kwa njia nyingine",
        ),
        Reason::UnknownVersion => ("Msimbo ni wa toleo ambalo programu hii hailijui", "Sasisha programu"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("Msimbo haukusomwa wote, au umeharibika", "Usome tena; ikiwa bado ni hivyo, omba nakala nyingine")
        }
        Reason::NotCompressed => {
            ("Msimbo haujatengenezwa kama vyeti vinavyotengenezwa", "Usiutegemee; omba hati nyingine")
        }
        Reason::InflatesTooLarge => {
            ("Msimbo umetengenezwa ili kuzidisha mzigo kwa kisomaji", "Usiutegemee; toa taarifa")
        }
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("Sahihi ni ya aina ambayo vyeti hivi havina kamwe", "Usiutegemee")
        }
        Reason::AlgorithmKeyMismatch => {
            ("Sahihi ni ya aina tofauti na ufunguo wa mtoaji", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::KidMissing => ("Cheti hakisemi ni ufunguo gani uliokitia sahihi", "Usiutegemee"),
        Reason::NoTrustList => (
            "Hakuna orodha ya uaminifu iliyotolewa, kwa hiyo hakuna sahihi inayoweza kukaguliwa",
            "Toa orodha ya uaminifu kisha ukague tena",
        ),
        Reason::IssuerUnknown => (
            "Hakuna orodha yenye ufunguo uliotia sahihi cheti hiki",
            "Sasisha orodha ya uaminifu kisha ukague tena, au kagua kwa njia nyingine",
        ),
        Reason::SignatureInvalid => {
            ("Sahihi hailingani: imeghushiwa au imebadilishwa", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::ContentMissing => ("Ujumbe uliotiwa sahihi hauna cheti cha afya", "Omba cheti cha afya"),
        Reason::ContentInvalid => ("Yaliyomo si cheti kamili", "Usiutegemee; omba nakala nyingine"),
        Reason::SeveralEvents => {
            ("Cheti kinataja zaidi ya tukio moja, jambo lisiloruhusiwa", "Omba cheti kimoja kwa kila tukio")
        }
        Reason::EventInFuture => (
            "Chanjo, sampuli au kipimo chenye virusi kiko katika siku zijazo",
            "Angalia tarehe ya kifaa hiki, kisha usikitegemee cheti",
        ),
        Reason::NotYetValid => ("Cheti bado hakijaanza kutumika", "Angalia tarehe ya kifaa hiki, kisha ya cheti"),
        Reason::Expired => ("Muda wa cheti umeisha", "Mwenye cheti anahitaji cheti kilichofanywa upya"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("Cheti hakisemi kinatumika kuanzia lini wala hadi lini", "Usiutegemee")
        }
        Reason::SignerNotYetValid => {
            ("Ufunguo wa mtoaji bado haujaanza kutumika", "Angalia tarehe ya kifaa hiki, kisha usikitegemee cheti")
        }
        Reason::SignerExpired => {
            ("Muda wa ufunguo wa mtoaji umeisha", "Mwenye cheti anahitaji cheti kilichofanywa upya")
        }
        Reason::KeyUsage => {
            ("Ufunguo wa mtoaji hauruhusiwi kutia sahihi vyeti vya aina hii", "Usiutegemee; toa taarifa")
        }
        Reason::Revoked => ("Mtoaji amefuta cheti hiki", "Mwenye cheti amwombe mtoaji kipya"),
        Reason::RevocationUnknown => (
            "Hakuna orodha ya vyeti vilivyofutwa ya mtoaji huyu",
            "Pakia orodha ya vyeti vilivyofutwa ya mtoaji kisha ukague tena, au kagua kwa njia nyingine",
        ),
        Reason::RulesFailed => (
            "Cheti ni halisi, lakini hakitimizi kanuni za nchi ya kuwasili",
            "Angalia kanuni ambazo hazikutimizwa; huenda mwenye cheti ana kingine",
        ),
        Reason::RulesOpen => (
            "Cheti ni halisi, lakini kanuni moja ya nchi ya kuwasili haikuweza kuamuliwa",
            "Angalia kanuni zilizo wazi na uamue mwenyewe",
        ),
        Reason::NoRules => {
            ("Cheti ni halisi, lakini hakuna kanuni za nchi ya kuwasili", "Pakia kanuni zake, au amua mwenyewe")
        }
        Reason::ListStale => (
            "Orodha ya uaminifu ni ya zamani kuliko mtengenezaji wake anavyoruhusu",
            "Sasisha orodha ya uaminifu kisha ukague tena",
        ),
        Reason::ClockSetBack => (
            "Saa ya kifaa hiki iko nyuma: kimeona muda wa baadaye uliotiwa sahihi",
            "Weka tarehe na saa ya kifaa hiki, kisha ukague tena",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("Msimbo haukusomwa wote, au umeharibika", "Usome tena; ikiwa bado ni hivyo, omba nakala nyingine")
        }
        Reason::CodeIncomplete => {
            ("Cheti kimegawanywa katika misimbo kadhaa, na si yote iliyopo hapa", "Soma misimbo yake yote pamoja")
        }
        Reason::LinkNotCertificate => {
            ("Hiki ni kiungo cha hati, si cheti", "Omba cheti chenyewe; programu hii haifungui kiungo chochote")
        }
        Reason::ContentUnsupported => (
            "Sahihi inalingana, lakini yaliyomo ni ya aina ambayo programu hii haiijui",
            "Sasisha programu, au kagua kwa njia nyingine",
        ),
        Reason::UnsignedContent => {
            ("Cheti kina sehemu ambazo sahihi yake haizihusu", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::ContextUnknown => {
            ("Cheti kinataja msamiati ambao programu hii haiujui", "Usiutegemee; omba hati nyingine")
        }
        Reason::ProofInvalid => ("Sahihi haijatengenezwa kama ilivyo kwa vyeti vya aina hii", "Usiutegemee"),
        Reason::HolderNotCovered => (
            "Sahihi haimhusu mtu: jina linaweza kuwa limebadilishwa",
            "Linganisha na hati nyingine za mtu huyu, au omba cheti kingine",
        ),
        Reason::HolderMissing => ("Cheti hakitaji mtu yeyote: kinaweza kuwa cha yeyote", "Omba cheti kinachomtaja mtu"),
        Reason::ValuesImplausible => {
            ("Thamani za cheti haziwezi kuwa kweli pamoja: huenda zimebadilishwa", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::DatesImplausible => {
            ("Tarehe za cheti haziwezi kuwa kweli pamoja: huenda zimebadilishwa", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::DosesImplausible => {
            ("Idadi za dozi haziwezi kuwa kweli pamoja: huenda zimebadilishwa", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::ValuesUnproven => (
            "Sahihi haionyeshi ni thamani ipi ya cheti iko wapi, na mpangilio zaidi ya mmoja unaleta maana",
            "Linganisha na hati nyingine ya mwenye cheti au muulize mtoaji",
        ),
        Reason::IdMismatch => {
            ("Kitambulisho cha cheti si kile kilichotiwa sahihi", "Usiutegemee; fuata utaratibu wako")
        }
        Reason::IssuerMismatch => ("Mtoaji anayetajwa na cheti hakukitia sahihi", "Usiutegemee; fuata utaratibu wako"),
        Reason::SignerChainInvalid => (
            "Cheti cha mtia sahihi hakikutolewa na mamlaka inayotajwa, au si kwa matumizi haya",
            "Usiutegemee; fuata utaratibu wako",
        ),
        Reason::ProductNotApproved => (
            "Si halali: bidhaa ya chanjo au kinga haijaidhinishwa na WHO",
            "Sasisha orodha ya bidhaa kisha ukague tena; halafu mwenye cheti anahitaji chanjo inayohesabiwa",
        ),
        Reason::TooRecent => {
            ("Si halali: chanjo ilitolewa chini ya siku 10 zilizopita", "Inahesabiwa kuanzia siku inayoonyeshwa")
        }
        Reason::MedicalOpen => (
            "Cheti ni halisi, lakini majedwali ya uamuzi ya WHO hayasemi kama chanjo inahesabiwa",
            "Angalia chanjo na ugonjwa, kisha uamue mwenyewe",
        ),
        Reason::CheckIncomplete => ("Ukaguzi mmoja haukuweza kufanyika", "Kagua kwa njia nyingine"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: mfano wa mazoezi, hauna thamani mpakani",
        Warning::TestPositive => "kipimo ni CHANYA: ugonjwa ulipatikana",
        Warning::UnknownTestResult => "matokeo ya kipimo yana msimbo usiojulikana: usiyachukue kuwa hasi",
        Warning::RecoveryPeriod => "leo iko nje ya siku ambazo cheti cha kupona kinazitaja",
        Warning::IssuerNotSigner => "nchi iliyo kwenye cheti si ya mtia sahihi",
        Warning::IssuedBeforeSigner => "kilitolewa kabla cheti cha mtia sahihi hakijaanza",
        Warning::ExpiresAfterSigner => "kinaisha baada ya cheti cha mtia sahihi",
        Warning::WeakKey => "kimetiwa sahihi kwa ufunguo dhaifu (RSA chini ya biti 2,048)",
        Warning::UnrelatedKeyUsage => "cheti cha mtia sahihi kinataja matumizi mengine, hakuna la vyeti vya afya",
        Warning::ListUnsigned => "sahihi ya orodha ya uaminifu yenyewe haikukaguliwa",
        Warning::IssuerNotBound => {
            "orodha ya uaminifu haisemi ufunguo ni wa nani: anwani ya mtoaji ni neno la mtia sahihi mwenyewe"
        }
        Warning::RevocationProbabilistic => "kufutwa kumetoka kwenye kichujio kinachokosea mara chache: hakikisha",
        Warning::UnknownDisease => "ugonjwa una msimbo usiojulikana",
        Warning::UnknownVaccine => "aina ya chanjo ina msimbo usiojulikana",
        Warning::UnknownProduct => "bidhaa ya chanjo ina msimbo usiojulikana",
        Warning::UnknownHolder => "mtengenezaji ana msimbo usiojulikana",
        Warning::UnknownTestType => "aina ya kipimo ina msimbo usiojulikana",
        Warning::UnknownTestDevice => "kifaa cha kupima kina msimbo usiojulikana",
        Warning::UnknownCountry => "nchi ina msimbo usiojulikana",
        Warning::TestFieldsMixed => "kipimo kina sehemu za aina nyingine ya kipimo",
        Warning::DoseBelowOne => "idadi ya dozi ni chini ya moja",
        Warning::OddBirthDate => "tarehe ya kuzaliwa imeandikwa kwa namna isiyo ya kawaida",
        Warning::IdCheckCharacter => "herufi ya uhakiki ya kitambulisho haifuati kanuni ya kawaida",
        Warning::MissingPrefix => "msimbo hauna kiambishi chake HC1:",
        Warning::Untagged => "ujumbe uliotiwa sahihi hauna lebo yake",
        Warning::CwtTag => "ujumbe uliotiwa sahihi una lebo ya pili",
        Warning::UnprotectedAlgorithm => "algorithimu iko nje ya kichwa kilichotiwa sahihi",
        Warning::UnprotectedKid => "kitambulisho cha ufunguo kiko nje ya kichwa kilichotiwa sahihi",
        Warning::KidsDisagree => "vitambulisho viwili vya ufunguo vinatofautiana; kilichotiwa sahihi kimetumika",
        Warning::FloatTime => "muda umeandikwa kwa nukta ya desimali",
        Warning::DateWithTime => "tarehe imeandikwa pamoja na saa",
        Warning::FloatDose => "idadi ya dozi imeandikwa kwa nukta ya desimali",
        Warning::PaddedText => "maandishi yana nafasi pembeni",
        Warning::OverlongText => "maandishi ni marefu kuliko muundo unavyoruhusu",
        Warning::NonStandardName => "jina sanifu lina herufi zisizo za kawaida",
        Warning::ValuesUnordered => "sahihi inahusu thamani, lakini si ipi kati yao iko wapi",
        Warning::TemplateUnknown => "cheti kinafuata toleo ambalo programu hii hailijui",
        Warning::OldGeneration => "cheti kina muundo wa zamani",
        Warning::GuardianMissing => "mwenye cheti ni mtoto, na hakuna mzazi au mlezi anayetajwa",
        Warning::OtherDomain => "orodha ya uaminifu ina ufunguo huo kwa aina nyingine ya vyeti",
        Warning::ZipAsText => "faili iliyobanwa katika msimbo imeandikwa kama maandishi",
        Warning::ChunkedCode => "cheti kimegawanywa katika misimbo kadhaa",
        Warning::TextKeys => "madai yanaitwa kwa maandishi badala ya namba",
        Warning::TextKid => "kitambulisho cha ufunguo ni maandishi badala ya baiti",
        Warning::MillisecondTime => "muda umeandikwa kwa milisekunde",
        Warning::StandardBase64 => "base64 katika alfabeti tofauti na ile ambayo kiwango cha muundo kinataka",
        Warning::SealInList => "muhuri uko katika orodha yenye kimoja",
        Warning::LinkForm => "kiungo hakijaandikwa kama kiwango chake kinavyosema",
        Warning::LinkPlainHttp => "kiungo kinapita muunganisho usiosimbwa",
        Warning::NonStandardContent => "yaliyomo yana sehemu ambazo kiwango chake hakina",
        Warning::NoAuthority => "hakuna mhudumu wa afya wala mamlaka ya kutoa inayotajwa",
        Warning::NoExpiry => "cheti hakisemi sahihi yake inadumu hadi lini",
        Warning::ExpiryForLife => "maneno mahali pa mwisho wa sahihi: kwa maisha yote ya aliyechanjwa",
        Warning::BeforeAmendment => {
            "kilitolewa kabla ya 19 Septemba 2025, vyeti vya njano vya kidijitali vilipoanza kutumika"
        }
        Warning::DatesContradict => {
            "siku za uhalali katika cheti zinapingana na kanuni ya WHO; kanuni ndiyo inahesabiwa"
        }
        Warning::ElementMissing => "cheti hakina vipengele ambavyo muundo wake unavitaka",
        Warning::SealBroken => {
            "PDF ilibadilishwa baada ya kutiwa saini: amini msimbo pekee, si kilichochapishwa kando yake"
        }
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "Msimbo ulisomwa wote",
        (CheckName::Decode, Check::Failed) => "Msimbo haukuweza kusomwa",
        (CheckName::Signature, Check::Passed) => "Sahihi inalingana: hakuna kilichobadilishwa",
        (CheckName::Signature, Check::Failed) => "Sahihi hailingani",
        (CheckName::Trust, Check::Passed) => "Orodha ya uaminifu inathibitisha ufunguo wa mtoaji",
        (CheckName::Trust, Check::Failed) => "Ufunguo wa mtoaji si halali kwa wakati huu",
        (CheckName::KeyUsage, Check::Passed) => "Ufunguo unaruhusiwa kutia sahihi vyeti vya aina hii",
        (CheckName::KeyUsage, Check::Failed) => "Ufunguo hauruhusiwi kutia sahihi vyeti vya aina hii",
        (CheckName::Validity, Check::Passed) => "Cheti ni halali kwa wakati huu",
        (CheckName::Validity, Check::Failed) => "Cheti si halali kwa wakati huu",
        (CheckName::Content, Check::Passed) => "Yaliyomo yamekamilika",
        (CheckName::Content, Check::Failed) => "Yaliyomo si cheti",
        (CheckName::Revocation, Check::Passed) => "Mtoaji hajakifuta, kwa mujibu wa orodha iliyopo",
        (CheckName::Revocation, Check::Failed) => "Mtoaji amekifuta",
        (CheckName::Revocation, _) => "Hakuna orodha ya vyeti vilivyofutwa ya mtoaji huyu",
        (CheckName::Rules, Check::Passed) => "Kila kanuni ya nchi ya kuwasili imetimizwa",
        (CheckName::Rules, Check::Failed) => "Kanuni moja ya nchi ya kuwasili haijatimizwa",
        (CheckName::Rules, Check::Open) => "Kanuni moja ya nchi ya kuwasili haikuweza kuamuliwa",
        (CheckName::Rules, Check::NoRules) => "Hakuna kanuni za nchi ya kuwasili",
        (CheckName::Rules, Check::Unchecked) => "Hakuna nchi ya kuwasili iliyotajwa",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Haijakaguliwa",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "chanjo",
        Kind::Test => "kipimo",
        Kind::Recovery => "kupona",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "dozi",
        Label::DateOfVaccination => "tarehe ya kuchanjwa",
        Label::Vaccine => "chanjo yenyewe",
        Label::VaccineType => "aina ya chanjo",
        Label::Manufacturer => "mtengenezaji",
        Label::Disease => "ugonjwa",
        Label::Result => "matokeo ya kipimo",
        Label::SampleTaken => "sampuli ilichukuliwa",
        Label::TestType => "aina ya kipimo",
        Label::TestingCentre => "kituo cha kupima",
        Label::FirstPositive => "kipimo cha kwanza chanya",
        Label::RecoveryPeriod => "kupona kunahesabiwa",
        Label::Country => "nchi",
        Label::IssuedBy => "imetolewa na",
        Label::Lot => "toleo la dawa",
        Label::Centre => "kituo cha chanjo",
        Label::Practitioner => "mhudumu wa afya",
        Label::NextDose => "dozi inayofuata",
        Label::Counts => "inahesabiwa",
        Label::Nationality => "uraia",
        Label::Document => "namba ya hati",
        Label::Guardian => "mzazi au mlezi",
        Label::Link => "kiungo cha",
        Label::LinkExpires => "kiungo kinafanya kazi hadi",
        Label::LinkPasscode => "ili kukifungua",
        Label::LinkLabel => "lebo ya kiungo",
        Label::Annex6 => "Kiambatisho cha 6 cha IHR",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "alizaliwa",
        Phrase::Unverified => "haijathibitishwa",
        Phrase::Certificate => "cheti",
        Phrase::Valid => "halali",
        Phrase::List => "orodha",
        Phrase::Age => "umri",
        Phrase::AgeUnknown => "haujulikani",
        Phrase::AgeFuture => "kutoka siku zijazo: angalia saa",
        Phrase::Days => "siku",
        Phrase::Hours => "saa",
        Phrase::Minutes => "dak",
        Phrase::NoList => "hakuna orodha: toa moja kwa --trust",
        Phrase::Lists => "orodha zote",
        Phrase::Keys => "funguo",
        Phrase::RulePassed => "kanuni imetimizwa",
        Phrase::RuleFailed => "kanuni HAIJATIMIZWA",
        Phrase::RuleOpen => "kanuni iko wazi",
        Phrase::BestOfPerson => "cheti bora cha mtu huyu kinahesabiwa:",
        Phrase::Warnings => "pia imebainika",
        Phrase::Passcode => "nenosiri linahitajika",
        Phrase::NotCovered => "JINA NA KUZALIWA HAVIHUSIWI NA SAHIHI",
        Phrase::VaccinationCounts => "Kwa jedwali la uamuzi la WHO chanjo inahesabiwa",
        Phrase::VaccinationCountsNot => "Kwa jedwali la uamuzi la WHO chanjo haihesabiwi",
        Phrase::VaccinationOpen => "Majedwali ya uamuzi ya WHO hayasemi kama chanjo inahesabiwa",
        Phrase::Next => "kinachofuata",
        Phrase::Converted => "katika muundo",
        Phrase::NotConverted => "haiwezi kuelezwa katika muundo",
        Phrase::Lost => "imepotea au haijulikani",
        Phrase::LostNoPlace => "muundo hauna mahali pake",
        Phrase::LostUnknown => "muundo unakitaka, na cheti hakikisemi",
        Phrase::LostCoarser => "imeelezwa kwa usahihi mdogo",
        Phrase::LostCut => "imekatwa kwa urefu wa muundo",
    }
}
