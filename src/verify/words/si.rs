//! Sinhala.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "පිළිගත්තා",
        Decision::Rejected => "ප්‍රතික්ෂේපයි",
        Decision::Undecided => "තීරණයක් නැත",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("පෙළ ඕනෑම කේතයකට වඩා දිගුයි", "වරකට එක් කේතයක් ස්කෑන් කරන්න"),
        Reason::FormatUnknown => {
            ("මෙය මේ වැඩසටහන දන්නා කිසිදු වර්ගයක සහතිකයක් නොවේ", "සහතිකයේම කේතය සොයන්න, නැතහොත් වෙනත් ක්‍රමයකින් පරීක්ෂා කරන්න")
        }
        Reason::UnknownVersion => ("කේතය මේ වැඩසටහන නොදන්නා අනුවාදයකි", "වැඩසටහන යාවත්කාලීන කරන්න"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("කේතය සම්පූර්ණයෙන් කියවුණේ නැත, නැතහොත් හානි වී ඇත", "නැවත ස්කෑන් කරන්න; එසේම නම් වෙනත් පිටපතක් ඉල්ලන්න")
        }
        Reason::NotCompressed => ("කේතය සහතික සෑදෙන ආකාරයට සාදා නැත", "එය විශ්වාස නොකරන්න; වෙනත් ලේඛනයක් ඉල්ලන්න"),
        Reason::InflatesTooLarge => ("කේතය කියවනය අධික ලෙස පටවන්නට සාදා ඇත", "එය විශ්වාස නොකරන්න; වාර්තා කරන්න"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => ("අත්සන මේ සහතිකවල කිසිදා නැති වර්ගයකි", "එය විශ්වාස නොකරන්න"),
        Reason::AlgorithmKeyMismatch => {
            ("අත්සන නිකුත් කළ ආයතනයේ යතුරට වඩා වෙනස් වර්ගයකි", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න")
        }
        Reason::KidMissing => ("අත්සන් කළ යතුර කුමක්දැයි සහතිකය නොකියයි", "එය විශ්වාස නොකරන්න"),
        Reason::NoTrustList => ("විශ්වාස ලැයිස්තුවක් දී නැති නිසා අත්සන් පරීක්ෂා කළ නොහැක", "විශ්වාස ලැයිස්තුවක් දී නැවත පරීක්ෂා කරන්න"),
        Reason::IssuerUnknown => (
            "මේ සහතිකය අත්සන් කළ යතුර කිසිදු ලැයිස්තුවක නැත",
            "විශ්වාස ලැයිස්තුව යාවත්කාලීන කර නැවත පරීක්ෂා කරන්න, නැතහොත් වෙනත් ක්‍රමයකින් පරීක්ෂා කරන්න",
        ),
        Reason::SignatureInvalid => ("අත්සන නොගැළපේ: ව්‍යාජ හෝ වෙනස් කළ එකකි", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න"),
        Reason::ContentMissing => ("අත්සන් කළ පණිවිඩයේ සෞඛ්‍ය සහතිකයක් නැත", "සෞඛ්‍ය සහතිකය ඉල්ලන්න"),
        Reason::ContentInvalid => ("අන්තර්ගතය සම්පූර්ණ සහතිකයක් නොවේ", "එය විශ්වාස නොකරන්න; වෙනත් පිටපතක් ඉල්ලන්න"),
        Reason::SeveralEvents => ("සහතිකය සිදුවීම් එකකට වඩා කියයි, එයට අවසර නැත", "එක් එක් සිදුවීමට එක් සහතිකයක් ඉල්ලන්න"),
        Reason::EventInFuture => ("එන්නත, නියැදිය හෝ ධන පරීක්ෂණය අනාගත දිනයකයි", "මේ උපාංගයේ දිනය බලන්න, ඉන්පසු සහතිකය විශ්වාස නොකරන්න"),
        Reason::NotYetValid => ("සහතිකය තවම වලංගු නැත", "මේ උපාංගයේ දිනය සහ ඉන්පසු සහතිකයේ දිනය බලන්න"),
        Reason::Expired => ("සහතිකය කල් ඉකුත් වී ඇත", "හිමිකරුට අලුත් කළ සහතිකයක් අවශ්‍යයි"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => {
            ("සහතිකය වලංගු වන්නේ කවදා සිට හෝ කවදා දක්වාදැයි නොකියයි", "එය විශ්වාස නොකරන්න")
        }
        Reason::SignerNotYetValid => ("නිකුත් කළ ආයතනයේ යතුර තවම වලංගු නැත", "මේ උපාංගයේ දිනය බලන්න, ඉන්පසු සහතිකය විශ්වාස නොකරන්න"),
        Reason::SignerExpired => ("නිකුත් කළ ආයතනයේ යතුර කල් ඉකුත් වී ඇත", "හිමිකරුට අලුත් කළ සහතිකයක් අවශ්‍යයි"),
        Reason::KeyUsage => ("නිකුත් කළ ආයතනයේ යතුරට මේ වර්ගයේ සහතික අත්සන් කළ නොහැක", "එය විශ්වාස නොකරන්න; වාර්තා කරන්න"),
        Reason::Revoked => ("නිකුත් කළ ආයතනය මේ සහතිකය අවලංගු කර ඇත", "හිමිකරු නිකුත් කළ ආයතනයෙන් අලුත් එකක් ඉල්ලිය යුතුයි"),
        Reason::RevocationUnknown => (
            "මේ නිකුත් කළ ආයතනයට අවලංගු ලැයිස්තුවක් නැත",
            "එම ආයතනයේ අවලංගු ලැයිස්තුව පූරණය කර නැවත පරීක්ෂා කරන්න, නැතහොත් වෙනත් ක්‍රමයකින් පරීක්ෂා කරන්න",
        ),
        Reason::RulesFailed => {
            ("සහතිකය සැබෑයි, නමුත් පැමිණෙන රටේ නීති සපුරාලන්නේ නැත", "නොසපුරාලූ නීති බලන්න; හිමිකරුට වෙනත් සහතිකයක් තිබිය හැකියි")
        }
        Reason::RulesOpen => ("සහතිකය සැබෑයි, නමුත් පැමිණෙන රටේ නීතියක් තීරණය කළ නොහැකි විය", "විවෘත නීති බලා ඔබම තීරණය කරන්න"),
        Reason::NoRules => ("සහතිකය සැබෑයි, නමුත් පැමිණෙන රටට නීති නැත", "එහි නීති පූරණය කරන්න, නැතහොත් ඔබම තීරණය කරන්න"),
        Reason::ListStale => ("විශ්වාස ලැයිස්තුව එය සෑදූ අය අවසර දෙනවාට වඩා පැරණියි", "විශ්වාස ලැයිස්තුව යාවත්කාලීන කර නැවත පරීක්ෂා කරන්න"),
        Reason::ClockSetBack => {
            ("මේ උපාංගයේ ඔරලෝසුව පසුගාමීයි: පසු වේලාවක් අත්සන් කර ඇති බව එය දැක ඇත", "මේ උපාංගයේ දිනය සහ වේලාව සකසා නැවත පරීක්ෂා කරන්න")
        }
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("කේතය සම්පූර්ණයෙන් කියවුණේ නැත, නැතහොත් හානි වී ඇත", "නැවත ස්කෑන් කරන්න; එසේම නම් වෙනත් පිටපතක් ඉල්ලන්න")
        }
        Reason::CodeIncomplete => ("සහතිකය කේත කිහිපයක බෙදී ඇත, සියල්ල මෙහි නැත", "එහි සියලු කේත එකට ස්කෑන් කරන්න"),
        Reason::LinkNotCertificate => ("මෙය ලේඛනවලට සබැඳියකි, සහතිකයක් නොවේ", "සහතිකයම ඉල්ලන්න; මේ වැඩසටහන සබැඳි විවෘත නොකරයි"),
        Reason::ContentUnsupported => {
            ("අත්සන ගැළපේ, නමුත් අන්තර්ගතය මේ වැඩසටහන නොදන්නා වර්ගයකි", "වැඩසටහන යාවත්කාලීන කරන්න, නැතහොත් වෙනත් ක්‍රමයකින් පරීක්ෂා කරන්න")
        }
        Reason::UnsignedContent => ("සහතිකයේ අත්සනින් ආවරණය නොවන කොටස් ඇත", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න"),
        Reason::ContextUnknown => ("සහතිකය මේ වැඩසටහන නොදන්නා වාග් මාලාවක් නම් කරයි", "එය විශ්වාස නොකරන්න; වෙනත් ලේඛනයක් ඉල්ලන්න"),
        Reason::ProofInvalid => ("අත්සන මේ වර්ගයේ සහතිකවල ආකාරයට සාදා නැත", "එය විශ්වාස නොකරන්න"),
        Reason::HolderNotCovered => {
            ("අත්සන පුද්ගලයා ආවරණය නොකරයි: නම වෙනස් කර තිබිය හැකියි", "පුද්ගලයාගේ වෙනත් ලේඛන සමඟ සසඳන්න, නැතහොත් වෙනත් සහතිකයක් ඉල්ලන්න")
        }
        Reason::HolderMissing => ("සහතිකය කිසිවෙකු නම් නොකරයි: එය ඕනෑම කෙනෙකුගේ විය හැකියි", "පුද්ගලයා නම් කරන සහතිකයක් ඉල්ලන්න"),
        Reason::ValuesImplausible => {
            ("සහතිකයේ අගයන් එකට සත්‍ය විය නොහැක: ඒවා මාරු කර තිබිය හැකියි", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න")
        }
        Reason::DatesImplausible => {
            ("සහතිකයේ දින එකට සත්‍ය විය නොහැක: ඒවා මාරු කර තිබිය හැකියි", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න")
        }
        Reason::DosesImplausible => {
            ("මාත්‍රා ගණන් එකට සත්‍ය විය නොහැක: ඒවා මාරු කර තිබිය හැකියි", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න")
        }
        Reason::ValuesUnproven => (
            "සහතිකයේ කුමන අගය කොතැනදැයි අත්සන නොපෙන්වයි, පිළිවෙළවල් එකකට වඩා ගැළපේ",
            "හිමිකරුගේ වෙනත් ලේඛනයක් සමඟ සසඳන්න හෝ නිකුත් කළ ආයතනයෙන් අසන්න",
        ),
        Reason::IdMismatch => ("සහතිකයේ හඳුනාගැනීම අත්සන් කළ එක නොවේ", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න"),
        Reason::IssuerMismatch => ("සහතිකය නම් කරන ආයතනය එය අත්සන් කර නැත", "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න"),
        Reason::SignerChainInvalid => (
            "අත්සන් කළ අයගේ සහතිකය එහි නම් කළ අධිකාරිය නිකුත් කර නැත, නැතහොත් මේ භාවිතයට නොවේ",
            "එය විශ්වාස නොකරන්න; ඔබේ ක්‍රියා පටිපාටිය අනුගමනය කරන්න",
        ),
        Reason::ProductNotApproved => (
            "වලංගු නැත: එන්නත් හෝ වැළැක්වීමේ නිෂ්පාදනය WHO අනුමත කර නැත",
            "නිෂ්පාදන නාමාවලිය යාවත්කාලීන කර නැවත පරීක්ෂා කරන්න; ඉන්පසු හිමිකරුට ගණන් ගන්නා එන්නතක් අවශ්‍යයි",
        ),
        Reason::TooRecent => ("වලංගු නැත: එන්නත දී දින 10ක් ගත වී නැත", "පෙන්වන දිනයේ සිට ගණන් ගනී"),
        Reason::MedicalOpen => ("සහතිකය සැබෑයි, නමුත් එන්නත ගණන් ගන්නේදැයි WHO තීරණ වගු නොකියයි", "එන්නත සහ රෝගය බලා ඔබම තීරණය කරන්න"),
        Reason::CheckIncomplete => ("පරීක්ෂාවක් කළ නොහැකි විය", "වෙනත් ක්‍රමයකින් පරීක්ෂා කරන්න"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: පුහුණු නිදර්ශකයකි, දේශසීමාවේදී වටිනාකමක් නැත",
        Warning::TestPositive => "පරීක්ෂණය ධනයි: රෝගය හමු විය",
        Warning::UnknownTestResult => "පරීක්ෂණ ප්‍රතිඵලයට නොදන්නා කේතයක් ඇත: එය ඍණ ලෙස නොගන්න",
        Warning::RecoveryPeriod => "අද දිනය සුවවීමේ සහතිකය නම් කරන දිනවලින් පිටතයි",
        Warning::IssuerNotSigner => "සහතිකයේ රට අත්සන් කළ අයගේ නොවේ",
        Warning::IssuedBeforeSigner => "අත්සන් කළ අයගේ සහතිකය ආරම්භ වීමට පෙර නිකුත් කර ඇත",
        Warning::ExpiresAfterSigner => "අත්සන් කළ අයගේ සහතිකයට පසු කල් ඉකුත් වේ",
        Warning::WeakKey => "දුර්වල යතුරකින් අත්සන් කර ඇත (RSA බිටු 2,048ට අඩු)",
        Warning::UnrelatedKeyUsage => "අත්සන් කළ අයගේ සහතිකය වෙනත් භාවිත නම් කරයි, සෞඛ්‍ය සහතික සඳහා කිසිවක් නැත",
        Warning::ListUnsigned => "විශ්වාස ලැයිස්තුවේම අත්සන පරීක්ෂා කර නැත",
        Warning::IssuerNotBound => "යතුර කාගේදැයි විශ්වාස ලැයිස්තුව නොකියයි: ආයතනයේ ලිපිනය අත්සන් කළ අයගේම වචනයයි",
        Warning::RevocationProbabilistic => "අවලංගු කිරීම කලාතුරකින් වරදින පෙරහනකින්: තහවුරු කර ගන්න",
        Warning::UnknownDisease => "රෝගයට නොදන්නා කේතයක් ඇත",
        Warning::UnknownVaccine => "එන්නත් වර්ගයට නොදන්නා කේතයක් ඇත",
        Warning::UnknownProduct => "එන්නත් නිෂ්පාදනයට නොදන්නා කේතයක් ඇත",
        Warning::UnknownHolder => "නිෂ්පාදකයාට නොදන්නා කේතයක් ඇත",
        Warning::UnknownTestType => "පරීක්ෂණ වර්ගයට නොදන්නා කේතයක් ඇත",
        Warning::UnknownTestDevice => "පරීක්ෂණ උපකරණයට නොදන්නා කේතයක් ඇත",
        Warning::UnknownCountry => "රටට නොදන්නා කේතයක් ඇත",
        Warning::TestFieldsMixed => "පරීක්ෂණයේ වෙනත් වර්ගයක පරීක්ෂණයේ ක්ෂේත්‍ර ඇත",
        Warning::DoseBelowOne => "මාත්‍රා ගණන එකට වඩා අඩුයි",
        Warning::OddBirthDate => "උපන් දිනය අසාමාන්‍ය ආකාරයකට ලියා ඇත",
        Warning::IdCheckCharacter => "හඳුනාගැනීමේ පරීක්ෂා අකුර පොදු නීතියට අනුව නැත",
        Warning::MissingPrefix => "කේතයට HC1: උපසර්ගය නැත",
        Warning::Untagged => "අත්සන් කළ පණිවිඩයට ලේබලය නැත",
        Warning::CwtTag => "අත්සන් කළ පණිවිඩයට දෙවන ලේබලයක් ඇත",
        Warning::UnprotectedAlgorithm => "ඇල්ගොරිතමය අත්සන් කළ ශීර්ෂයෙන් පිටතයි",
        Warning::UnprotectedKid => "යතුරු හඳුනාගැනීම අත්සන් කළ ශීර්ෂයෙන් පිටතයි",
        Warning::KidsDisagree => "යතුරු හඳුනාගැනීම් දෙකක් වෙනස්; අත්සන් කළ එක භාවිත විය",
        Warning::FloatTime => "වේලාවක් දශම තිතකින් ලියා ඇත",
        Warning::DateWithTime => "දිනයක් වේලාවක් සමඟ ලියා ඇත",
        Warning::FloatDose => "මාත්‍රා ගණනක් දශම තිතකින් ලියා ඇත",
        Warning::PaddedText => "පෙළක් වටා හිස්තැන් ඇත",
        Warning::OverlongText => "පෙළක් ව්‍යුහය අවසර දෙනවාට වඩා දිගුයි",
        Warning::NonStandardName => "සම්මත නමේ අසාමාන්‍ය අකුරු ඇත",
        Warning::ValuesUnordered => "අත්සන අගයන් ආවරණය කරයි, නමුත් කුමක් කොතැනදැයි නොවේ",
        Warning::TemplateUnknown => "සහතිකය මේ වැඩසටහන නොදන්නා අනුවාදයක් අනුගමනය කරයි",
        Warning::OldGeneration => "සහතිකය පැරණි ආකාරයේ එකකි",
        Warning::GuardianMissing => "හිමිකරු බාලවයස්කරුවෙකි, දෙමාපියෙකු හෝ භාරකරුවෙකු නම් කර නැත",
        Warning::OtherDomain => "විශ්වාස ලැයිස්තුව මේ යතුර වෙනත් වර්ගයක සහතික සඳහා තබා ඇත",
        Warning::ZipAsText => "කේතයේ ඇති සංරක්ෂිත ගොනුව පෙළක් ලෙස ලියා ඇත",
        Warning::ChunkedCode => "සහතිකය කේත කිහිපයක බෙදී ඇත",
        Warning::TextKeys => "ප්‍රකාශ අංක වෙනුවට පෙළින් නම් කර ඇත",
        Warning::TextKid => "යතුරු හඳුනාගැනීම බයිට වෙනුවට පෙළකි",
        Warning::MillisecondTime => "වේලාවක් මිලි තත්පරවලින් ලියා ඇත",
        Warning::StandardBase64 => "base64 ආකෘතියේ සම්මතය ඉල්ලනවාට වඩා වෙනත් අකුරු මාලාවකින්",
        Warning::SealInList => "මුද්‍රාව එක් අයිතමයක ලැයිස්තුවක ඇත",
        Warning::LinkForm => "සබැඳිය එහි සම්මතය කියන ආකාරයට ලියා නැත",
        Warning::LinkPlainHttp => "සබැඳිය සංකේතනය නොකළ සම්බන්ධතාවක් හරහා යයි",
        Warning::NonStandardContent => "අන්තර්ගතයේ එහි සම්මතයේ නැති කොටස් ඇත",
        Warning::NoAuthority => "සෞඛ්‍ය නිලධාරියෙකු හෝ නිකුත් කරන අධිකාරියක් නම් කර නැත",
        Warning::NoExpiry => "අත්සන කවදා දක්වා වලංගුදැයි සහතිකය නොකියයි",
        Warning::ExpiryForLife => "අත්සනේ අවසානය වෙනුවට වචන: එන්නත ලැබූ අයගේ ජීවිත කාලයටම",
        Warning::BeforeAmendment => "ඩිජිටල් කහ කාඩ්පත් වලංගු වූ 2025 සැප්තැම්බර් 19ට පෙර නිකුත් කර ඇත",
        Warning::DatesContradict => "සහතිකයේ වලංගු දින WHO නීතියට පටහැනියි; නීතිය ගණන් ගනී",
        Warning::ElementMissing => "සහතිකයේ එහි ආකෘතිය ඉල්ලන කොටස් නැත",
        Warning::SealBroken => "PDF ගොනුව අත්සන් කළ පසු වෙනස් කර ඇත: කේතය පමණක් විශ්වාස කරන්න, ඒ වටා මුද්‍රිත දේ නොවේ",
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "කේතය සම්පූර්ණයෙන් කියවන ලදී",
        (CheckName::Decode, Check::Failed) => "කේතය කියවිය නොහැකි විය",
        (CheckName::Signature, Check::Passed) => "අත්සන ගැළපේ: කිසිවක් වෙනස් වී නැත",
        (CheckName::Signature, Check::Failed) => "අත්සන නොගැළපේ",
        (CheckName::Trust, Check::Passed) => "විශ්වාස ලැයිස්තුවක් නිකුත් කළ ආයතනයේ යතුර සහතික කරයි",
        (CheckName::Trust, Check::Failed) => "නිකුත් කළ ආයතනයේ යතුර මේ වේලාවේ වලංගු නැත",
        (CheckName::KeyUsage, Check::Passed) => "යතුරට මේ වර්ගයේ සහතික අත්සන් කළ හැකියි",
        (CheckName::KeyUsage, Check::Failed) => "යතුරට මේ වර්ගයේ සහතික අත්සන් කළ නොහැක",
        (CheckName::Validity, Check::Passed) => "සහතිකය මේ වේලාවේ වලංගුයි",
        (CheckName::Validity, Check::Failed) => "සහතිකය මේ වේලාවේ වලංගු නැත",
        (CheckName::Content, Check::Passed) => "අන්තර්ගතය සම්පූර්ණයි",
        (CheckName::Content, Check::Failed) => "අන්තර්ගතය සහතිකයක් නොවේ",
        (CheckName::Revocation, Check::Passed) => "අතැති ලැයිස්තුව අනුව නිකුත් කළ ආයතනය එය අවලංගු කර නැත",
        (CheckName::Revocation, Check::Failed) => "නිකුත් කළ ආයතනය එය අවලංගු කර ඇත",
        (CheckName::Revocation, _) => "මේ නිකුත් කළ ආයතනයට අවලංගු ලැයිස්තුවක් නැත",
        (CheckName::Rules, Check::Passed) => "පැමිණෙන රටේ සියලු නීති සපුරා ඇත",
        (CheckName::Rules, Check::Failed) => "පැමිණෙන රටේ නීතියක් සපුරා නැත",
        (CheckName::Rules, Check::Open) => "පැමිණෙන රටේ නීතියක් තීරණය කළ නොහැකි විය",
        (CheckName::Rules, Check::NoRules) => "පැමිණෙන රටට නීති නැත",
        (CheckName::Rules, Check::Unchecked) => "පැමිණෙන රටක් නම් කර නැත",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "පරීක්ෂා කර නැත",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "එන්නත් කිරීම",
        Kind::Test => "පරීක්ෂණය",
        Kind::Recovery => "සුවවීම",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "මාත්‍රාව",
        Label::DateOfVaccination => "එන්නත් කළ දිනය",
        Label::Vaccine => "එන්නත",
        Label::VaccineType => "එන්නත් වර්ගය",
        Label::Manufacturer => "නිෂ්පාදකයා",
        Label::Disease => "රෝගය",
        Label::Result => "පරීක්ෂණ ප්‍රතිඵලය",
        Label::SampleTaken => "නියැදිය ගත් වේලාව",
        Label::TestType => "පරීක්ෂණ වර්ගය",
        Label::TestingCentre => "පරීක්ෂණ මධ්‍යස්ථානය",
        Label::FirstPositive => "පළමු ධන පරීක්ෂණය",
        Label::RecoveryPeriod => "සුවවීම ගණන් ගන්නා කාලය",
        Label::Country => "රට",
        Label::IssuedBy => "නිකුත් කළේ",
        Label::Lot => "කාණ්ඩ අංකය",
        Label::Centre => "එන්නත් මධ්‍යස්ථානය",
        Label::Practitioner => "සෞඛ්‍ය නිලධාරියා",
        Label::NextDose => "ඊළඟ මාත්‍රාව",
        Label::Counts => "ගණන් ගන්නා කාලය",
        Label::Nationality => "ජාතිකත්වය",
        Label::Document => "ලේඛන අංකය",
        Label::Guardian => "දෙමාපියා හෝ භාරකරු",
        Label::Link => "සබැඳිය යන තැන",
        Label::LinkExpires => "සබැඳිය වැඩ කරන්නේ",
        Label::LinkPasscode => "විවෘත කිරීමට",
        Label::LinkLabel => "සබැඳියේ නම",
        Label::Annex6 => "IHR ඇමුණුම 6",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "උපන් දිනය",
        Phrase::Unverified => "තහවුරු නොකළ",
        Phrase::Certificate => "සහතිකය",
        Phrase::Valid => "වලංගු කාලය",
        Phrase::List => "ලැයිස්තුව",
        Phrase::Age => "වයස",
        Phrase::AgeUnknown => "නොදනී",
        Phrase::AgeFuture => "අනාගතයෙන්: ඔරලෝසුව බලන්න",
        Phrase::Days => "දින",
        Phrase::Hours => "පැය",
        Phrase::Minutes => "මිනිත්තු",
        Phrase::NoList => "ලැයිස්තුවක් නැත: --trust මගින් දෙන්න",
        Phrase::Lists => "ලැයිස්තු",
        Phrase::Keys => "යතුරු",
        Phrase::RulePassed => "නීතිය සපුරා ඇත",
        Phrase::RuleFailed => "නීතිය සපුරා නැත",
        Phrase::RuleOpen => "නීතිය විවෘතයි",
        Phrase::BestOfPerson => "මේ පුද්ගලයාගේ හොඳම සහතිකය ගණන් ගනී:",
        Phrase::Warnings => "තවත් සටහන් කළ",
        Phrase::Passcode => "මුරකේතයක් අවශ්‍යයි",
        Phrase::NotCovered => "නම සහ උපත අත්සනින් ආවරණය නොවේ",
        Phrase::VaccinationCounts => "WHO තීරණ වගුව අනුව එන්නත ගණන් ගනී",
        Phrase::VaccinationCountsNot => "WHO තීරණ වගුව අනුව එන්නත ගණන් නොගනී",
        Phrase::VaccinationOpen => "එන්නත ගණන් ගන්නේදැයි WHO තීරණ වගු නොකියයි",
        Phrase::Next => "ඊළඟ",
        Phrase::Converted => "ආකෘතියෙන්",
        Phrase::NotConverted => "ආකෘතියෙන් කිව නොහැක",
        Phrase::Lost => "අහිමි වූ හෝ නොදන්නා",
        Phrase::LostNoPlace => "ආකෘතියේ එයට තැනක් නැත",
        Phrase::LostUnknown => "ආකෘතිය එය ඉල්ලයි, සහතිකය නොකියයි",
        Phrase::LostCoarser => "අඩු නිරවද්‍යතාවෙන් කියා ඇත",
        Phrase::LostCut => "ආකෘතියේ දිගට කපා ඇත",
    }
}
