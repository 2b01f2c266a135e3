//! French. Next steps stand in the infinitive.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ACCEPTÉ",
        Decision::Rejected => "REJETÉ",
        Decision::Undecided => "INDÉCIS",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("Le texte est plus long que n'importe quel code", "Scanner un seul code à la fois"),
        Reason::FormatUnknown => (
            "Ce n'est pas un certificat d'un type connu de ce programme",
            "Chercher le code du certificat lui-même, ou vérifier par un autre moyen",
        ),
        Reason::UnknownVersion => {
            ("Le code est d'une version que ce programme ne connaît pas", "Mettre à jour le programme")
        }
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => (
            "Le code n'a pas été lu en entier, ou il est endommagé",
            "Le scanner à nouveau ; si rien ne change, demander un autre exemplaire",
        ),
        Reason::NotCompressed => {
            ("Le code n'est pas construit comme ceux des certificats", "Ne pas s'y fier ; demander un autre document")
        }
        Reason::InflatesTooLarge => {
            ("Le code est fait pour surcharger le lecteur", "Ne pas s'y fier ; signaler le cas")
        }
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => {
            ("La signature est d'un type que ces certificats n'ont jamais", "Ne pas se fier au certificat")
        }
        Reason::AlgorithmKeyMismatch => (
            "La signature n'est pas du même type que la clé de l'émetteur",
            "Ne pas se fier au certificat ; suivre la procédure prévue",
        ),
        Reason::KidMissing => ("Le certificat n'indique pas quelle clé l'a signé", "Ne pas s'y fier"),
        Reason::NoTrustList => (
            "Aucune liste de confiance n'a été fournie : aucune signature ne peut être vérifiée",
            "Fournir une liste de confiance et vérifier à nouveau",
        ),
        Reason::IssuerUnknown => (
            "Aucune liste ne contient la clé qui a signé ce certificat",
            "Mettre à jour la liste de confiance et vérifier à nouveau, ou vérifier par un autre moyen",
        ),
        Reason::SignatureInvalid => (
            "La signature ne correspond pas : certificat contrefait ou modifié",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::ContentMissing => {
            ("Le message signé ne contient pas de certificat sanitaire", "Demander le certificat sanitaire")
        }
        Reason::ContentInvalid => {
            ("Le contenu n'est pas un certificat complet", "Ne pas s'y fier ; demander un autre exemplaire")
        }
        Reason::SeveralEvents => (
            "Le certificat atteste plus d'un événement, ce qui n'est pas permis",
            "Demander un certificat pour chaque événement",
        ),
        Reason::EventInFuture => (
            "La date de la vaccination, du prélèvement ou du test positif est dans le futur",
            "Vérifier la date de cet appareil, puis ne pas se fier au certificat",
        ),
        Reason::NotYetValid => {
            ("Le certificat n'est pas encore valable", "Vérifier la date de cet appareil, puis celle du certificat")
        }
        Reason::Expired => ("Le certificat a expiré", "Le titulaire a besoin d'un certificat renouvelé"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("Le certificat n'indique pas à partir de quand ou jusqu'à quand il est valable", "Ne pas s'y fier")
        }
        Reason::SignerNotYetValid => (
            "La clé de l'émetteur n'est pas encore valable",
            "Vérifier la date de cet appareil, puis ne pas se fier au certificat",
        ),
        Reason::SignerExpired => ("La clé de l'émetteur a expiré", "Le titulaire a besoin d'un certificat renouvelé"),
        Reason::KeyUsage => (
            "La clé de l'émetteur n'est pas autorisée à signer des certificats de ce type",
            "Ne pas se fier au certificat ; signaler le cas",
        ),
        Reason::Revoked => {
            ("L'émetteur a révoqué ce certificat", "Le titulaire doit en demander un nouveau à l'émetteur")
        }
        Reason::RevocationUnknown => (
            "Aucune liste de révocation ne couvre cet émetteur",
            "Charger la liste de révocation de l'émetteur et vérifier à nouveau, ou vérifier par un autre moyen",
        ),
        Reason::RulesFailed => (
            "Le certificat est authentique, mais ne satisfait pas aux règles du pays d'arrivée",
            "Consulter les règles non satisfaites ; le titulaire a peut-être un autre certificat",
        ),
        Reason::RulesOpen => (
            "Le certificat est authentique, mais une règle du pays d'arrivée n'a pas pu être évaluée",
            "Consulter les règles en suspens et décider soi-même",
        ),
        Reason::NoRules => (
            "Le certificat est authentique, mais il n'y a pas de règles pour le pays d'arrivée",
            "Charger les règles de ce pays, ou décider soi-même",
        ),
        Reason::ListStale => (
            "La liste de confiance est plus ancienne que son auteur ne l'admet",
            "Mettre à jour la liste de confiance et vérifier à nouveau",
        ),
        Reason::ClockSetBack => (
            "L'horloge de cet appareil retarde : elle a déjà vu une heure signée plus tardive",
            "Régler la date et l'heure de cet appareil, puis vérifier à nouveau",
        ),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => (
            "Le code n'a pas été lu en entier, ou il est endommagé",
            "Le scanner à nouveau ; si rien ne change, demander un autre exemplaire",
        ),
        Reason::CodeIncomplete => (
            "Le certificat est réparti sur plusieurs codes, et ils ne sont pas tous là",
            "Scanner tous ses codes ensemble",
        ),
        Reason::LinkNotCertificate => (
            "C'est un lien vers des documents, pas un certificat",
            "Demander le certificat lui-même ; ce programme n'ouvre aucun lien",
        ),
        Reason::ContentUnsupported => (
            "La signature correspond, mais le contenu est d'un type que ce programme ne connaît pas",
            "Mettre à jour le programme, ou vérifier par un autre moyen",
        ),
        Reason::UnsignedContent => (
            "Le certificat contient des parties que sa signature ne couvre pas",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::ContextUnknown => (
            "Le certificat cite un vocabulaire que ce programme ne connaît pas",
            "Ne pas s'y fier ; demander un autre document",
        ),
        Reason::ProofInvalid => {
            ("La signature n'est pas construite comme celles des certificats de ce type", "Ne pas s'y fier")
        }
        Reason::HolderNotCovered => (
            "La signature ne couvre pas la personne : le nom a pu être modifié",
            "Comparer avec d'autres documents de la personne, ou demander un autre certificat",
        ),
        Reason::HolderMissing => (
            "Le certificat ne nomme personne : il peut être à n'importe qui",
            "Demander un certificat qui nomme la personne",
        ),
        Reason::ValuesImplausible => (
            "Des valeurs du certificat ne peuvent pas être vraies ensemble : elles ont pu être échangées",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::DatesImplausible => (
            "Les dates du certificat ne peuvent pas être vraies ensemble : elles ont pu être échangées",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::DosesImplausible => (
            "Les nombres de doses ne peuvent pas être vrais ensemble : ils ont pu être échangés",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::ValuesUnproven => (
            "La signature ne montre pas à quelle place se trouve chaque valeur du certificat, et plus d'un ordre est possible",
            "Comparer avec un autre document du titulaire ou demander à l'émetteur",
        ),
        Reason::IdMismatch => (
            "L'identifiant du certificat n'est pas celui qui a été signé",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::IssuerMismatch => (
            "L'émetteur nommé dans le certificat n'est pas celui qui l'a signé",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::SignerChainInvalid => (
            "Le certificat du signataire n'a pas été délivré par l'autorité qu'il nomme, ou pas pour cet usage",
            "Ne pas s'y fier ; suivre la procédure prévue",
        ),
        Reason::ProductNotApproved => (
            "Non valable : le vaccin ou le produit de prophylaxie n'est pas approuvé par l'OMS",
            "Mettre à jour le catalogue des produits et vérifier à nouveau ; sinon, une vaccination reconnue est requise",
        ),
        Reason::TooRecent => {
            ("Non valable : la vaccination date de moins de 10 jours", "Elle compte à partir du jour indiqué")
        }
        Reason::MedicalOpen => (
            "Le certificat est authentique, mais les tables de décision de l'OMS ne disent pas si la vaccination compte",
            "Examiner le vaccin et la maladie, et décider soi-même",
        ),
        Reason::CheckIncomplete => ("Un contrôle n'a pas pu être effectué", "Vérifier par un autre moyen"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX : spécimen issu d'un exercice, sans aucune valeur à une frontière",
        Warning::TestPositive => "le test est POSITIF : la maladie a été détectée",
        Warning::UnknownTestResult => {
            "le code du résultat du test est inconnu : ne pas considérer ce résultat comme négatif"
        }
        Warning::RecoveryPeriod => {
            "la date du jour est hors de la période indiquée par le certificat de rétablissement"
        }
        Warning::IssuerNotSigner => "le pays indiqué dans le certificat n'est pas celui du signataire",
        Warning::IssuedBeforeSigner => "délivré avant le début de validité du certificat du signataire",
        Warning::ExpiresAfterSigner => "expire après le certificat du signataire",
        Warning::WeakKey => "signé avec une clé faible (RSA de moins de 2048 bits)",
        Warning::UnrelatedKeyUsage => {
            "le certificat du signataire indique d'autres usages, dont aucun ne concerne les certificats sanitaires"
        }
        Warning::ListUnsigned => "la signature de la liste de confiance elle-même n'a pas été vérifiée",
        Warning::IssuerNotBound => {
            "la liste de confiance ne dit pas à qui est la clé : l'adresse de l'émetteur n'est que la parole du signataire"
        }
        Warning::RevocationProbabilistic => {
            "la révocation provient d'un filtre qui se trompe de temps à autre : à confirmer par une recherche"
        }
        Warning::UnknownDisease => "le code de la maladie est inconnu",
        Warning::UnknownVaccine => "le code du type de vaccin est inconnu",
        Warning::UnknownProduct => "le code du produit vaccinal est inconnu",
        Warning::UnknownHolder => "le code du fabricant est inconnu",
        Warning::UnknownTestType => "le code du type de test est inconnu",
        Warning::UnknownTestDevice => "le code du dispositif de test est inconnu",
        Warning::UnknownCountry => "le code du pays est inconnu",
        Warning::TestFieldsMixed => "le test contient des champs d'un autre type de test",
        Warning::DoseBelowOne => "le nombre de doses est inférieur à un",
        Warning::OddBirthDate => "la date de naissance est écrite sous une forme inhabituelle",
        Warning::IdCheckCharacter => "le caractère de contrôle de l'identifiant ne suit pas la règle commune",
        Warning::MissingPrefix => "le préfixe HC1: manque au code",
        Warning::Untagged => "le message signé n'a pas son étiquette",
        Warning::CwtTag => "le message signé a une deuxième étiquette",
        Warning::UnprotectedAlgorithm => "l'algorithme se trouve hors de l'en-tête signé",
        Warning::UnprotectedKid => "l'identifiant de la clé se trouve hors de l'en-tête signé",
        Warning::KidsDisagree => "deux identifiants de clé diffèrent ; celui qui est signé a été utilisé",
        Warning::FloatTime => "un horodatage est écrit avec des décimales",
        Warning::DateWithTime => "une date est écrite avec une heure",
        Warning::FloatDose => "un nombre de doses est écrit avec des décimales",
        Warning::PaddedText => "un texte est entouré d'espaces",
        Warning::OverlongText => "un texte est plus long que le schéma ne le permet",
        Warning::NonStandardName => "le nom normalisé contient des caractères inhabituels",
        Warning::ValuesUnordered => "la signature couvre les valeurs, mais pas la place de chacune",
        Warning::TemplateUnknown => "le certificat suit une version que ce programme ne connaît pas",
        Warning::OldGeneration => "le certificat a une forme ancienne",
        Warning::GuardianMissing => "le titulaire est mineur, et aucun parent ou tuteur n'est nommé",
        Warning::OtherDomain => "la liste de confiance prévoit la clé pour un autre type de certificats",
        Warning::ZipAsText => "l'archive contenue dans le code est écrite comme du texte",
        Warning::ChunkedCode => "le certificat est réparti sur plusieurs codes",
        Warning::TextKeys => "les données signées sont désignées par des textes au lieu de nombres",
        Warning::TextKid => "l'identifiant de la clé est un texte au lieu d'octets",
        Warning::MillisecondTime => "une heure est écrite en millisecondes",
        Warning::StandardBase64 => "base64 dans un autre alphabet que celui exigé par la norme du format",
        Warning::SealInList => "le sceau se trouve dans une liste d'un seul élément",
        Warning::LinkForm => "le lien n'est pas écrit comme le veut sa norme",
        Warning::LinkPlainHttp => "le lien mène par une connexion non chiffrée",
        Warning::NonStandardContent => "le contenu a des parties que sa norme ne prévoit pas",
        Warning::NoAuthority => "aucun clinicien ni autorité de délivrance n'est nommé",
        Warning::NoExpiry => "le certificat ne dit pas jusqu'à quand sa signature est valable",
        Warning::ExpiryForLife => {
            "des mots à la place de la fin de la signature : pour la vie entière du sujet vacciné"
        }
        Warning::BeforeAmendment => {
            "délivré avant le 19 septembre 2025, premier jour des certificats jaunes numériques"
        }
        Warning::DatesContradict => {
            "les jours de validité du certificat contredisent la règle de l'OMS ; c'est la règle qui compte"
        }
        Warning::ElementMissing => "il manque au certificat des éléments que son format exige",
        Warning::SealBroken => {
            "le PDF a été modifié après sa signature : ne croyez que le code, pas ce qui est imprimé autour"
        }
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "Le code a été lu en entier",
        (CheckName::Decode, Check::Failed) => "Le code n'a pas pu être lu",
        (CheckName::Signature, Check::Passed) => "La signature correspond : rien n'a été modifié",
        (CheckName::Signature, Check::Failed) => "La signature ne correspond pas",
        (CheckName::Trust, Check::Passed) => "Une liste de confiance garantit la clé de l'émetteur",
        (CheckName::Trust, Check::Failed) => "La clé de l'émetteur n'est pas valable en ce moment",
        (CheckName::KeyUsage, Check::Passed) => "La clé est autorisée à signer des certificats de ce type",
        (CheckName::KeyUsage, Check::Failed) => "La clé n'est pas autorisée à signer des certificats de ce type",
        (CheckName::Validity, Check::Passed) => "Le certificat est valable en ce moment",
        (CheckName::Validity, Check::Failed) => "Le certificat n'est pas valable en ce moment",
        (CheckName::Content, Check::Passed) => "Le contenu est complet",
        (CheckName::Content, Check::Failed) => "Le contenu n'est pas un certificat",
        (CheckName::Revocation, Check::Passed) => "L'émetteur ne l'a pas révoqué, d'après la liste disponible",
        (CheckName::Revocation, Check::Failed) => "L'émetteur l'a révoqué",
        (CheckName::Revocation, _) => "Aucune liste de révocation ne couvre cet émetteur",
        (CheckName::Rules, Check::Passed) => "Toutes les règles du pays d'arrivée sont satisfaites",
        (CheckName::Rules, Check::Failed) => "Une règle du pays d'arrivée n'est pas satisfaite",
        (CheckName::Rules, Check::Open) => "Une règle du pays d'arrivée n'a pas pu être évaluée",
        (CheckName::Rules, Check::NoRules) => "Il n'y a pas de règles pour le pays d'arrivée",
        (CheckName::Rules, Check::Unchecked) => "Aucun pays d'arrivée n'a été indiqué",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "Non vérifié",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "vaccination",
        Kind::Test => "test",
        Kind::Recovery => "rétablissement",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "dose",
        Label::DateOfVaccination => "date de vaccination",
        Label::Vaccine => "vaccin",
        Label::VaccineType => "type de vaccin",
        Label::Manufacturer => "fabricant",
        Label::Disease => "maladie",
        Label::Result => "résultat du test",
        Label::SampleTaken => "prélèvement",
        Label::TestType => "type de test",
        Label::TestingCentre => "centre de test",
        Label::FirstPositive => "premier test positif",
        Label::RecoveryPeriod => "validité du rétablissement",
        Label::Country => "pays",
        Label::IssuedBy => "délivré par",
        Label::Lot => "lot",
        Label::Centre => "centre de vaccination",
        Label::Practitioner => "clinicien",
        Label::NextDose => "prochaine dose",
        Label::Counts => "compte",
        Label::Nationality => "nationalité",
        Label::Document => "numéro du document",
        Label::Guardian => "parent ou tuteur",
        Label::Link => "lien vers",
        Label::LinkExpires => "lien valable jusqu'au",
        Label::LinkPasscode => "pour l'ouvrir",
        Label::LinkLabel => "titre du lien",
        Label::Annex6 => "Annexe 6 du RSI",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "date de naissance",
        Phrase::Unverified => "non vérifié",
        Phrase::Certificate => "certificat",
        Phrase::Valid => "valable",
        Phrase::List => "liste",
        Phrase::Age => "âge",
        Phrase::AgeUnknown => "inconnu",
        Phrase::AgeFuture => "dans le futur : vérifier l'horloge",
        Phrase::Days => "j",
        Phrase::Hours => "h",
        Phrase::Minutes => "min",
        Phrase::NoList => "aucune liste : en fournir une avec --trust",
        Phrase::Lists => "listes",
        Phrase::Keys => "clés",
        Phrase::RulePassed => "règle satisfaite",
        Phrase::RuleFailed => "règle NON satisfaite",
        Phrase::RuleOpen => "règle en suspens",
        Phrase::BestOfPerson => "le meilleur certificat de cette personne compte :",
        Phrase::Warnings => "autres observations",
        Phrase::Passcode => "un code secret est nécessaire",
        Phrase::NotCovered => "NOM ET NAISSANCE NON COUVERTS PAR LA SIGNATURE",
        Phrase::VaccinationCounts => "Selon la table de décision de l'OMS, la vaccination compte",
        Phrase::VaccinationCountsNot => "Selon la table de décision de l'OMS, la vaccination ne compte pas",
        Phrase::VaccinationOpen => "Les tables de décision de l'OMS ne disent pas si la vaccination compte",
        Phrase::Next => "étape suivante",
        Phrase::Converted => "au format",
        Phrase::NotConverted => "ne peut être exprimé au format",
        Phrase::Lost => "perdu ou inconnu",
        Phrase::LostNoPlace => "le format n’a pas de place pour cet élément",
        Phrase::LostUnknown => "le format le demande et le certificat ne le dit pas",
        Phrase::LostCoarser => "exprimé moins précisément",
        Phrase::LostCut => "coupé à la longueur du format",
    }
}
