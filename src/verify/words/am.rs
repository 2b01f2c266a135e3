//! Amharic.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ተቀባይነት አግኝቷል",
        Decision::Rejected => "ውድቅ ሆኗል",
        Decision::Undecided => "አልተወሰነም",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("ጽሑፉ ከማንኛውም ኮድ ይረዝማል", "በአንድ ጊዜ አንድ ኮድ ይቃኙ"),
        Reason::FormatUnknown => {
            ("ይህ ፕሮግራሙ የሚያውቀው ምንም ዓይነት ምስክር ወረቀት አይደለም", "የምስክር ወረቀቱን የራሱን ኮድ ይፈልጉ፣ ወይም በሌላ መንገድ ይፈትሹ")
        }
        Reason::UnknownVersion => ("ኮዱ ፕሮግራሙ የማያውቀው እትም ነው", "ፕሮግራሙን ያዘምኑ"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("ኮዱ ሙሉ በሙሉ አልተነበበም ወይም ተበላሽቷል", "እንደገና ይቃኙት፤ ካልተስተካከለ ሌላ ቅጂ ይጠይቁ")
        }
        Reason::NotCompressed => ("ኮዱ እንደ ምስክር ወረቀቶች አልተሠራም", "አይመኑበት፤ ሌላ ሰነድ ይጠይቁ"),
        Reason::InflatesTooLarge => ("ኮዱ አንባቢውን ለማጨናነቅ የተሠራ ነው", "አይመኑበት፤ ሪፖርት ያድርጉ"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => ("ፊርማው እነዚህ ምስክር ወረቀቶች ፈጽሞ የሌላቸው ዓይነት ነው", "አይመኑበት"),
        Reason::AlgorithmKeyMismatch => ("ፊርማው ከአውጪው ቁልፍ የተለየ ዓይነት ነው", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ"),
        Reason::KidMissing => ("የምስክር ወረቀቱ የትኛው ቁልፍ እንደፈረመው አይናገርም", "አይመኑበት"),
        Reason::NoTrustList => ("ምንም የታመነ ዝርዝር አልተሰጠም፣ ስለዚህ ፊርማ ሊፈተሽ አይችልም", "የታመነ ዝርዝር ይስጡና እንደገና ይፈትሹ"),
        Reason::IssuerUnknown => {
            ("ይህን ምስክር ወረቀት የፈረመው ቁልፍ በምንም ዝርዝር ውስጥ የለም", "የታመነውን ዝርዝር ያዘምኑና እንደገና ይፈትሹ፣ ወይም በሌላ መንገድ ይፈትሹ")
        }
        Reason::SignatureInvalid => ("ፊርማው አይዛመድም፦ ሐሰተኛ ወይም የተቀየረ ነው", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ"),
        Reason::ContentMissing => ("የተፈረመው መልእክት የጤና ምስክር ወረቀት የለውም", "የጤና ምስክር ወረቀቱን ይጠይቁ"),
        Reason::ContentInvalid => ("ይዘቱ ሙሉ ምስክር ወረቀት አይደለም", "አይመኑበት፤ ሌላ ቅጂ ይጠይቁ"),
        Reason::SeveralEvents => ("የምስክር ወረቀቱ ከአንድ በላይ ክስተት ይጠቅሳል፣ ይህም አይፈቀድም", "ለእያንዳንዱ ክስተት አንድ ምስክር ወረቀት ይጠይቁ"),
        Reason::EventInFuture => {
            ("ክትባቱ፣ ናሙናው ወይም ፖዘቲቭ ምርመራው ወደፊት በሚመጣ ቀን ነው", "የዚህን መሣሪያ ቀን ይመልከቱ፣ ከዚያም በምስክር ወረቀቱ አይመኑ")
        }
        Reason::NotYetValid => ("የምስክር ወረቀቱ ገና አልጸናም", "የዚህን መሣሪያ ቀን፣ ከዚያም የምስክር ወረቀቱን ቀን ይመልከቱ"),
        Reason::Expired => ("የምስክር ወረቀቱ ጊዜ አልፏል", "ባለቤቱ የታደሰ ምስክር ወረቀት ያስፈልገዋል"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => ("የምስክር ወረቀቱ ከመቼ ወይም እስከ መቼ እንደሚጸና አይናገርም", "አይመኑበት"),
        Reason::SignerNotYetValid => ("የአውጪው ቁልፍ ገና አልጸናም", "የዚህን መሣሪያ ቀን ይመልከቱ፣ ከዚያም በምስክር ወረቀቱ አይመኑ"),
        Reason::SignerExpired => ("የአውጪው ቁልፍ ጊዜ አልፏል", "ባለቤቱ የታደሰ ምስክር ወረቀት ያስፈልገዋል"),
        Reason::KeyUsage => ("የአውጪው ቁልፍ የዚህ ዓይነት ምስክር ወረቀቶችን መፈረም አይችልም", "አይመኑበት፤ ሪፖርት ያድርጉ"),
        Reason::Revoked => ("አውጪው ይህን ምስክር ወረቀት ሰርዞታል", "ባለቤቱ አውጪውን አዲስ ይጠይቅ"),
        Reason::RevocationUnknown => {
            ("ስለዚህ አውጪ የሚናገር የስረዛ ዝርዝር የለም", "የአውጪውን የስረዛ ዝርዝር ይጫኑና እንደገና ይፈትሹ፣ ወይም በሌላ መንገድ ይፈትሹ")
        }
        Reason::RulesFailed => {
            ("የምስክር ወረቀቱ እውነተኛ ነው፣ ነገር ግን የመድረሻውን አገር ደንቦች አያሟላም", "ያልተሟሉትን ደንቦች ይመልከቱ፤ ባለቤቱ ሌላ ምስክር ወረቀት ሊኖረው ይችላል")
        }
        Reason::RulesOpen => ("የምስክር ወረቀቱ እውነተኛ ነው፣ ነገር ግን አንድ የመድረሻ አገር ደንብ ሊወሰን አልቻለም", "ክፍት ደንቦቹን ይመልከቱና ራስዎ ይወስኑ"),
        Reason::NoRules => ("የምስክር ወረቀቱ እውነተኛ ነው፣ ነገር ግን ለመድረሻው አገር ደንቦች የሉም", "ደንቦቹን ይጫኑ፣ ወይም ራስዎ ይወስኑ"),
        Reason::ListStale => ("የታመነው ዝርዝር ሠሪው ከሚፈቅደው በላይ አሮጌ ነው", "የታመነውን ዝርዝር ያዘምኑና እንደገና ይፈትሹ"),
        Reason::ClockSetBack => {
            ("የዚህ መሣሪያ ሰዓት ወደ ኋላ ቀርቷል፦ በኋላ የተፈረመ ጊዜ አይቷል", "የዚህን መሣሪያ ቀንና ሰዓት ያስተካክሉ፣ ከዚያም እንደገና ይፈትሹ")
        }
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("ኮዱ ሙሉ በሙሉ አልተነበበም ወይም ተበላሽቷል", "እንደገና ይቃኙት፤ ካልተስተካከለ ሌላ ቅጂ ይጠይቁ")
        }
        Reason::CodeIncomplete => ("የምስክር ወረቀቱ በብዙ ኮዶች ላይ ተከፋፍሏል፣ ሁሉም እዚህ የሉም", "ሁሉንም ኮዶቹን አንድ ላይ ይቃኙ"),
        Reason::LinkNotCertificate => {
            ("ይህ የሰነዶች አገናኝ ነው እንጂ ምስክር ወረቀት አይደለም", "ራሱን ምስክር ወረቀቱን ይጠይቁ፤ ይህ ፕሮግራም አገናኝ አይከፍትም")
        }
        Reason::ContentUnsupported => ("ፊርማው ይዛመዳል፣ ነገር ግን ይዘቱ ፕሮግራሙ የማያውቀው ዓይነት ነው", "ፕሮግራሙን ያዘምኑ፣ ወይም በሌላ መንገድ ይፈትሹ"),
        Reason::UnsignedContent => ("የምስክር ወረቀቱ ፊርማው የማይሸፍናቸው ክፍሎች አሉት", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ"),
        Reason::ContextUnknown => ("የምስክር ወረቀቱ ፕሮግራሙ የማያውቀውን መዝገበ ቃላት ይጠቅሳል", "አይመኑበት፤ ሌላ ሰነድ ይጠይቁ"),
        Reason::ProofInvalid => ("ፊርማው እንደዚህ ዓይነት ምስክር ወረቀቶች አልተሠራም", "አይመኑበት"),
        Reason::HolderNotCovered => {
            ("ፊርማው ሰውየውን አይሸፍንም፦ ስሙ ተቀይሮ ሊሆን ይችላል", "ከሰውየው ሌሎች ሰነዶች ጋር ያነጻጽሩ፣ ወይም ሌላ ምስክር ወረቀት ይጠይቁ")
        }
        Reason::HolderMissing => ("የምስክር ወረቀቱ ማንንም አይጠቅስም፦ የማንም ሊሆን ይችላል", "ሰውየውን የሚጠቅስ ምስክር ወረቀት ይጠይቁ"),
        Reason::ValuesImplausible => {
            ("የምስክር ወረቀቱ ዋጋዎች አብረው እውነት ሊሆኑ አይችሉም፦ ተለዋውጠው ሊሆን ይችላል", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ")
        }
        Reason::DatesImplausible => {
            ("የምስክር ወረቀቱ ቀኖች አብረው እውነት ሊሆኑ አይችሉም፦ ተለዋውጠው ሊሆን ይችላል", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ")
        }
        Reason::DosesImplausible => {
            ("የክትባት መጠን ቁጥሮቹ አብረው እውነት ሊሆኑ አይችሉም፦ ተለዋውጠው ሊሆን ይችላል", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ")
        }
        Reason::ValuesUnproven => {
            ("ፊርማው የትኛው ዋጋ የት እንደሚቆም አያሳይም፣ ከአንድ በላይ ቅደም ተከተልም ትርጉም ይሰጣል", "ከባለቤቱ ሌላ ሰነድ ጋር ያነጻጽሩ ወይም አውጪውን ይጠይቁ")
        }
        Reason::IdMismatch => ("የምስክር ወረቀቱ መለያ የተፈረመው አይደለም", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ"),
        Reason::IssuerMismatch => ("የምስክር ወረቀቱ የሚጠቅሰው አውጪ አልፈረመውም", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ"),
        Reason::SignerChainInvalid => {
            ("የፈራሚው ምስክር ወረቀት በሚጠቅሰው ባለሥልጣን አልተሰጠም፣ ወይም ለዚህ አገልግሎት አይደለም", "አይመኑበት፤ የአሠራር መመሪያዎን ይከተሉ")
        }
        Reason::ProductNotApproved => {
            ("አይጸናም፦ የክትባቱ ወይም የመከላከያው ምርት በWHO አልጸደቀም", "የምርቶችን ዝርዝር ያዘምኑና እንደገና ይፈትሹ፤ ከዚያም ባለቤቱ የሚቆጠር ክትባት ያስፈልገዋል")
        }
        Reason::TooRecent => ("አይጸናም፦ ክትባቱ ከተሰጠ 10 ቀን አልሞላውም", "ከሚታየው ቀን ጀምሮ ይቆጠራል"),
        Reason::MedicalOpen => {
            ("የምስክር ወረቀቱ እውነተኛ ነው፣ ነገር ግን የWHO የውሳኔ ሠንጠረዦች ክትባቱ ይቆጠር እንደሆነ አይናገሩም", "ክትባቱንና በሽታውን ይመልከቱ፣ ራስዎም ይወስኑ")
        }
        Reason::CheckIncomplete => ("አንድ ፍተሻ ሊደረግ አልቻለም", "በሌላ መንገድ ይፈትሹ"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX፦ የልምምድ ናሙና፣ በድንበር ላይ ዋጋ የለውም",
        Warning::TestPositive => "ምርመራው ፖዘቲቭ ነው፦ በሽታው ተገኝቷል",
        Warning::UnknownTestResult => "የምርመራው ውጤት ያልታወቀ ኮድ አለው፦ እንደ ኔጌቲቭ አይውሰዱት",
        Warning::RecoveryPeriod => "ዛሬ የማገገም ምስክር ወረቀቱ ከሚጠቅሳቸው ቀኖች ውጭ ነው",
        Warning::IssuerNotSigner => "በምስክር ወረቀቱ ያለው አገር የፈራሚው አይደለም",
        Warning::IssuedBeforeSigner => "የፈራሚው ምስክር ወረቀት ከመጀመሩ በፊት የተሰጠ",
        Warning::ExpiresAfterSigner => "ከፈራሚው ምስክር ወረቀት በኋላ የሚያበቃ",
        Warning::WeakKey => "በደካማ ቁልፍ የተፈረመ (RSA ከ2,048 ቢት በታች)",
        Warning::UnrelatedKeyUsage => "የፈራሚው ምስክር ወረቀት ሌሎች አገልግሎቶችን ይጠቅሳል፣ የጤና ምስክር ወረቀትን ግን አይጠቅስም",
        Warning::ListUnsigned => "የታመነው ዝርዝር የራሱ ፊርማ አልተፈተሸም",
        Warning::IssuerNotBound => "የታመነው ዝርዝር ቁልፉ የማን እንደሆነ አይናገርም፦ የአውጪው አድራሻ የፈራሚው የራሱ ቃል ነው",
        Warning::RevocationProbabilistic => "ስረዛው አልፎ አልፎ ከሚሳሳት ማጣሪያ የመጣ ነው፦ ያረጋግጡ",
        Warning::UnknownDisease => "በሽታው ያልታወቀ ኮድ አለው",
        Warning::UnknownVaccine => "የክትባቱ ዓይነት ያልታወቀ ኮድ አለው",
        Warning::UnknownProduct => "የክትባቱ ምርት ያልታወቀ ኮድ አለው",
        Warning::UnknownHolder => "አምራቹ ያልታወቀ ኮድ አለው",
        Warning::UnknownTestType => "የምርመራው ዓይነት ያልታወቀ ኮድ አለው",
        Warning::UnknownTestDevice => "የምርመራ መሣሪያው ያልታወቀ ኮድ አለው",
        Warning::UnknownCountry => "አገሩ ያልታወቀ ኮድ አለው",
        Warning::TestFieldsMixed => "ምርመራው የሌላ ዓይነት ምርመራ መስኮች አሉት",
        Warning::DoseBelowOne => "የክትባት መጠን ቁጥሩ ከአንድ በታች ነው",
        Warning::OddBirthDate => "የትውልድ ቀኑ ባልተለመደ መልክ ተጽፏል",
        Warning::IdCheckCharacter => "የመለያው ማረጋገጫ ፊደል የተለመደውን ደንብ አይከተልም",
        Warning::MissingPrefix => "ኮዱ ቅድመ ቅጥያው HC1: የለውም",
        Warning::Untagged => "የተፈረመው መልእክት መለያ ምልክቱ የለውም",
        Warning::CwtTag => "የተፈረመው መልእክት ሁለተኛ መለያ ምልክት አለው",
        Warning::UnprotectedAlgorithm => "ስልተ ቀመሩ ከተፈረመው ራስጌ ውጭ ነው",
        Warning::UnprotectedKid => "የቁልፍ መለያው ከተፈረመው ራስጌ ውጭ ነው",
        Warning::KidsDisagree => "ሁለት የቁልፍ መለያዎች ይለያያሉ፤ የተፈረመው ተወስዷል",
        Warning::FloatTime => "ጊዜ በአሥርዮሽ ነጥብ ተጽፏል",
        Warning::DateWithTime => "ቀን ከሰዓት ጋር ተጽፏል",
        Warning::FloatDose => "የክትባት መጠን ቁጥር በአሥርዮሽ ነጥብ ተጽፏል",
        Warning::PaddedText => "ጽሑፍ በዙሪያው ክፍተት አለው",
        Warning::OverlongText => "ጽሑፍ አወቃቀሩ ከሚፈቅደው ይረዝማል",
        Warning::NonStandardName => "ደረጃውን የጠበቀው ስም ያልተለመዱ ፊደላት አሉት",
        Warning::ValuesUnordered => "ፊርማው ዋጋዎቹን ይሸፍናል፣ የትኛው የት እንደሚቆም ግን አይሸፍንም",
        Warning::TemplateUnknown => "የምስክር ወረቀቱ ፕሮግራሙ የማያውቀውን እትም ይከተላል",
        Warning::OldGeneration => "የምስክር ወረቀቱ አሮጌ መልክ አለው",
        Warning::GuardianMissing => "ባለቤቱ ለአካለ መጠን ያልደረሰ ነው፣ ወላጅ ወይም አሳዳጊም አልተጠቀሰም",
        Warning::OtherDomain => "የታመነው ዝርዝር ቁልፉን ለሌላ ዓይነት ምስክር ወረቀቶች ይዞታል",
        Warning::ZipAsText => "በኮዱ ውስጥ ያለው ማኅደር እንደ ጽሑፍ ተጽፏል",
        Warning::ChunkedCode => "የምስክር ወረቀቱ በብዙ ኮዶች ላይ ተከፋፍሏል",
        Warning::TextKeys => "መግለጫዎቹ በቁጥር ፈንታ በጽሑፍ ተሰይመዋል",
        Warning::TextKid => "የቁልፍ መለያው በባይት ፈንታ ጽሑፍ ነው",
        Warning::MillisecondTime => "ጊዜ በሚሊ ሰከንድ ተጽፏል",
        Warning::StandardBase64 => "base64 የቅርጸቱ ደረጃ ከሚጠይቀው ሌላ ፊደል ተጽፏል",
        Warning::SealInList => "ማኅተሙ በአንድ አባል ዝርዝር ውስጥ ነው",
        Warning::LinkForm => "አገናኙ ደረጃው እንደሚለው አልተጻፈም",
        Warning::LinkPlainHttp => "አገናኙ ባልተመሰጠረ ግንኙነት ይሄዳል",
        Warning::NonStandardContent => "ይዘቱ ደረጃው የሌለው ክፍሎች አሉት",
        Warning::NoAuthority => "የጤና ባለሙያም ሆነ አውጪ ባለሥልጣን አልተጠቀሰም",
        Warning::NoExpiry => "የምስክር ወረቀቱ ፊርማው እስከ መቼ እንደሚቆይ አይናገርም",
        Warning::ExpiryForLife => "በፊርማው ማብቂያ ቦታ ቃላት አሉ፦ ለተከተበው ሰው ዕድሜ ልክ",
        Warning::BeforeAmendment => "ከ19 ሴፕቴምበር 2025 በፊት የተሰጠ፣ ዲጂታል ቢጫ ካርዶች መጽናት ከጀመሩበት",
        Warning::DatesContradict => "በምስክር ወረቀቱ ያሉት የጽናት ቀኖች ከWHO ደንብ ጋር ይጋጫሉ፤ ደንቡ ይቆጠራል",
        Warning::ElementMissing => "የምስክር ወረቀቱ ቅርጸቱ የሚጠይቃቸው ክፍሎች የሉትም",
        Warning::SealBroken => "PDF ከተፈረመ በኋላ ተቀይሯል፦ በዙሪያው የታተመውን ሳይሆን ኮዱን ብቻ ይመኑ",
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "ኮዱ ሙሉ በሙሉ ተነብቧል",
        (CheckName::Decode, Check::Failed) => "ኮዱ ሊነበብ አልቻለም",
        (CheckName::Signature, Check::Passed) => "ፊርማው ይዛመዳል፦ ምንም አልተቀየረም",
        (CheckName::Signature, Check::Failed) => "ፊርማው አይዛመድም",
        (CheckName::Trust, Check::Passed) => "የታመነ ዝርዝር ለአውጪው ቁልፍ ዋስ ነው",
        (CheckName::Trust, Check::Failed) => "የአውጪው ቁልፍ በዚህ ጊዜ አይጸናም",
        (CheckName::KeyUsage, Check::Passed) => "ቁልፉ የዚህ ዓይነት ምስክር ወረቀቶችን መፈረም ይችላል",
        (CheckName::KeyUsage, Check::Failed) => "ቁልፉ የዚህ ዓይነት ምስክር ወረቀቶችን መፈረም አይችልም",
        (CheckName::Validity, Check::Passed) => "የምስክር ወረቀቱ በዚህ ጊዜ ይጸናል",
        (CheckName::Validity, Check::Failed) => "የምስክር ወረቀቱ በዚህ ጊዜ አይጸናም",
        (CheckName::Content, Check::Passed) => "ይዘቱ ሙሉ ነው",
        (CheckName::Content, Check::Failed) => "ይዘቱ ምስክር ወረቀት አይደለም",
        (CheckName::Revocation, Check::Passed) => "ባለው ዝርዝር መሠረት አውጪው አልሰረዘውም",
        (CheckName::Revocation, Check::Failed) => "አውጪው ሰርዞታል",
        (CheckName::Revocation, _) => "ስለዚህ አውጪ የሚናገር የስረዛ ዝርዝር የለም",
        (CheckName::Rules, Check::Passed) => "የመድረሻው አገር ደንቦች ሁሉ ተሟልተዋል",
        (CheckName::Rules, Check::Failed) => "አንድ የመድረሻ አገር ደንብ አልተሟላም",
        (CheckName::Rules, Check::Open) => "አንድ የመድረሻ አገር ደንብ ሊወሰን አልቻለም",
        (CheckName::Rules, Check::NoRules) => "ለመድረሻው አገር ደንቦች የሉም",
        (CheckName::Rules, Check::Unchecked) => "የመድረሻ አገር አልተጠቀሰም",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "አልተፈተሸም",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "ክትባት",
        Kind::Test => "ምርመራ",
        Kind::Recovery => "ማገገም",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "መጠን",
        Label::DateOfVaccination => "የክትባት ቀን",
        Label::Vaccine => "የክትባት ምርት",
        Label::VaccineType => "የክትባት ዓይነት",
        Label::Manufacturer => "አምራች",
        Label::Disease => "በሽታ",
        Label::Result => "የምርመራ ውጤት",
        Label::SampleTaken => "ናሙና የተወሰደበት",
        Label::TestType => "የምርመራ ዓይነት",
        Label::TestingCentre => "የምርመራ ማዕከል",
        Label::FirstPositive => "የመጀመሪያ ፖዘቲቭ ምርመራ",
        Label::RecoveryPeriod => "ማገገሙ የሚቆጠርበት",
        Label::Country => "አገር",
        Label::IssuedBy => "የሰጠው",
        Label::Lot => "የምርት ክፍል ቁጥር",
        Label::Centre => "የክትባት ማዕከል",
        Label::Practitioner => "የጤና ባለሙያ",
        Label::NextDose => "ቀጣይ መጠን",
        Label::Counts => "የሚቆጠርበት",
        Label::Nationality => "ዜግነት",
        Label::Document => "የሰነድ ቁጥር",
        Label::Guardian => "ወላጅ ወይም አሳዳጊ",
        Label::Link => "አገናኝ ወደ",
        Label::LinkExpires => "አገናኙ የሚሠራው እስከ",
        Label::LinkPasscode => "ለመክፈት",
        Label::LinkLabel => "የአገናኙ ስያሜ",
        Label::Annex6 => "የIHR አባሪ 6",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "የተወለደው",
        Phrase::Unverified => "ያልተረጋገጠ",
        Phrase::Certificate => "ምስክር ወረቀት",
        Phrase::Valid => "የሚጸናበት",
        Phrase::List => "ዝርዝር",
        Phrase::Age => "ዕድሜ",
        Phrase::AgeUnknown => "ያልታወቀ",
        Phrase::AgeFuture => "ከወደፊት፦ ሰዓቱን ይመልከቱ",
        Phrase::Days => "ቀን",
        Phrase::Hours => "ሰዓት",
        Phrase::Minutes => "ደቂቃ",
        Phrase::NoList => "ዝርዝር የለም፦ በ--trust ይስጡ",
        Phrase::Lists => "ዝርዝሮች",
        Phrase::Keys => "ቁልፎች",
        Phrase::RulePassed => "ደንቡ ተሟልቷል",
        Phrase::RuleFailed => "ደንቡ አልተሟላም",
        Phrase::RuleOpen => "ደንቡ ክፍት ነው",
        Phrase::BestOfPerson => "የዚህ ሰው ምርጥ ምስክር ወረቀት ይቆጠራል፦",
        Phrase::Warnings => "በተጨማሪ የታየ",
        Phrase::Passcode => "የይለፍ ኮድ ያስፈልጋል",
        Phrase::NotCovered => "ስምና የትውልድ ቀን በፊርማው አልተሸፈኑም",
        Phrase::VaccinationCounts => "በWHO የውሳኔ ሠንጠረዥ ክትባቱ ይቆጠራል",
        Phrase::VaccinationCountsNot => "በWHO የውሳኔ ሠንጠረዥ ክትባቱ አይቆጠርም",
        Phrase::VaccinationOpen => "የWHO የውሳኔ ሠንጠረዦች ክትባቱ ይቆጠር እንደሆነ አይናገሩም",
        Phrase::Next => "ቀጣይ",
        Phrase::Converted => "በቅርጸት",
        Phrase::NotConverted => "በዚህ ቅርጸት ሊገለጽ አይችልም",
        Phrase::Lost => "የጠፋ ወይም ያልታወቀ",
        Phrase::LostNoPlace => "ቅርጸቱ ለዚህ ቦታ የለውም",
        Phrase::LostUnknown => "ቅርጸቱ ይጠይቀዋል፣ የምስክር ወረቀቱ ግን አይናገረውም",
        Phrase::LostCoarser => "ባነሰ ትክክለኛነት የተገለጸ",
        Phrase::LostCut => "በቅርጸቱ ርዝመት የተቆረጠ",
    }
}
