//! Lao.

use super::{Check, CheckName, Decision, Kind, Label, Phrase, Reason, Warning};

pub(super) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "ຮັບ",
        Decision::Rejected => "ປະຕິເສດ",
        Decision::Undecided => "ຍັງບໍ່ຕັດສິນ",
    }
}

pub(super) const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::TextTooLong => ("ຂໍ້ຄວາມຍາວກວ່າທຸກລະຫັດ", "ສະແກນເທື່ອລະລະຫັດ"),
        Reason::FormatUnknown => ("ອັນນີ້ບໍ່ແມ່ນໃບຢັ້ງຢືນຊະນິດໃດທີ່ໂປຣແກຣມນີ້ຮູ້ຈັກ", "ຊອກຫາລະຫັດຂອງໃບຢັ້ງຢືນເອງ ຫຼື ກວດດ້ວຍວິທີອື່ນ"),
        Reason::UnknownVersion => ("ລະຫັດເປັນລຸ້ນທີ່ໂປຣແກຣມນີ້ບໍ່ຮູ້ຈັກ", "ປັບປຸງໂປຣແກຣມ"),
        Reason::Base45Invalid | Reason::CompressionInvalid | Reason::CoseInvalid => {
            ("ອ່ານລະຫັດບໍ່ຄົບ ຫຼື ລະຫັດເສຍຫາຍ", "ສະແກນອີກເທື່ອ; ຖ້າຍັງຄືເກົ່າ ໃຫ້ຂໍສຳເນົາອື່ນ")
        }
        Reason::NotCompressed => ("ລະຫັດບໍ່ໄດ້ສ້າງຄືໃບຢັ້ງຢືນ", "ຢ່າເຊື່ອຖືມັນ; ຂໍເອກະສານອື່ນ"),
        Reason::InflatesTooLarge => ("ລະຫັດຖືກສ້າງມາເພື່ອໃຫ້ຕົວອ່ານເຮັດວຽກເກີນກຳລັງ", "ຢ່າເຊື່ອຖືມັນ; ລາຍງານມັນ"),
        Reason::AlgorithmMissing | Reason::AlgorithmUnsupported => ("ລາຍເຊັນເປັນຊະນິດທີ່ໃບຢັ້ງຢືນເຫຼົ່ານີ້ບໍ່ເຄີຍມີ", "ຢ່າເຊື່ອຖືມັນ"),
        Reason::AlgorithmKeyMismatch => ("ລາຍເຊັນເປັນຊະນິດອື່ນຈາກກະແຈຂອງຜູ້ອອກ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::KidMissing => ("ໃບຢັ້ງຢືນບໍ່ໄດ້ບອກວ່າກະແຈໃດເຊັນມັນ", "ຢ່າເຊື່ອຖືມັນ"),
        Reason::NoTrustList => ("ບໍ່ມີລາຍການທີ່ໄວ້ໃຈ ຈຶ່ງກວດລາຍເຊັນບໍ່ໄດ້", "ໃສ່ລາຍການທີ່ໄວ້ໃຈແລ້ວກວດໃໝ່"),
        Reason::IssuerUnknown => ("ບໍ່ມີລາຍການໃດມີກະແຈທີ່ເຊັນໃບຢັ້ງຢືນນີ້", "ປັບປຸງລາຍການທີ່ໄວ້ໃຈແລ້ວກວດໃໝ່ ຫຼື ກວດດ້ວຍວິທີອື່ນ"),
        Reason::SignatureInvalid => ("ລາຍເຊັນບໍ່ກົງ: ປອມ ຫຼື ຖືກດັດແປງ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::ContentMissing => ("ຂໍ້ຄວາມທີ່ເຊັນບໍ່ມີໃບຢັ້ງຢືນສຸຂະພາບ", "ຂໍໃບຢັ້ງຢືນສຸຂະພາບ"),
        Reason::ContentInvalid => ("ເນື້ອໃນບໍ່ແມ່ນໃບຢັ້ງຢືນທີ່ຄົບຖ້ວນ", "ຢ່າເຊື່ອຖືມັນ; ຂໍສຳເນົາອື່ນ"),
        Reason::SeveralEvents => ("ໃບຢັ້ງຢືນບອກຫຼາຍກວ່າໜຶ່ງເຫດການ ເຊິ່ງບໍ່ອະນຸຍາດ", "ຂໍໃບຢັ້ງຢືນໜຶ່ງໃບຕໍ່ໜຶ່ງເຫດການ"),
        Reason::EventInFuture => ("ການສັກຢາ ຕົວຢ່າງ ຫຼື ຜົນບວກ ຢູ່ໃນອະນາຄົດ", "ກວດວັນທີຂອງເຄື່ອງນີ້ ແລ້ວຢ່າເຊື່ອຖືໃບຢັ້ງຢືນ"),
        Reason::NotYetValid => ("ໃບຢັ້ງຢືນຍັງບໍ່ມີຜົນ", "ກວດວັນທີຂອງເຄື່ອງນີ້ ແລ້ວກວດວັນທີຂອງໃບຢັ້ງຢືນ"),
        Reason::Expired => ("ໃບຢັ້ງຢືນໝົດອາຍຸແລ້ວ", "ຜູ້ຖືຕ້ອງມີໃບຢັ້ງຢືນທີ່ຕໍ່ອາຍຸ"),
        Reason::IssueTimeMissing | Reason::ExpiryMissing => ("ໃບຢັ້ງຢືນບໍ່ໄດ້ບອກວ່າມີຜົນແຕ່ເມື່ອໃດ ຫຼື ຮອດເມື່ອໃດ", "ຢ່າເຊື່ອຖືມັນ"),
        Reason::SignerNotYetValid => ("ກະແຈຂອງຜູ້ອອກຍັງບໍ່ມີຜົນ", "ກວດວັນທີຂອງເຄື່ອງນີ້ ແລ້ວຢ່າເຊື່ອຖືໃບຢັ້ງຢືນ"),
        Reason::SignerExpired => ("ກະແຈຂອງຜູ້ອອກໝົດອາຍຸແລ້ວ", "ຜູ້ຖືຕ້ອງມີໃບຢັ້ງຢືນທີ່ຕໍ່ອາຍຸ"),
        Reason::KeyUsage => ("ກະແຈຂອງຜູ້ອອກບໍ່ສາມາດເຊັນໃບຢັ້ງຢືນຊະນິດນີ້", "ຢ່າເຊື່ອຖືມັນ; ລາຍງານມັນ"),
        Reason::Revoked => ("ຜູ້ອອກໄດ້ຖອນຄືນໃບຢັ້ງຢືນນີ້ແລ້ວ", "ຜູ້ຖືຄວນຂໍໃບໃໝ່ຈາກຜູ້ອອກ"),
        Reason::RevocationUnknown => ("ບໍ່ມີລາຍການຖອນຄືນຂອງຜູ້ອອກນີ້", "ໂຫຼດລາຍການຖອນຄືນຂອງຜູ້ອອກແລ້ວກວດໃໝ່ ຫຼື ກວດດ້ວຍວິທີອື່ນ"),
        Reason::RulesFailed => ("ໃບຢັ້ງຢືນເປັນຂອງແທ້ ແຕ່ບໍ່ຕົງກັບກົດລະບຽບຂອງປະເທດທີ່ມາຮອດ", "ເບິ່ງກົດລະບຽບທີ່ບໍ່ຜ່ານ; ຜູ້ຖືອາດມີໃບຢັ້ງຢືນອື່ນ"),
        Reason::RulesOpen => ("ໃບຢັ້ງຢືນເປັນຂອງແທ້ ແຕ່ກົດລະບຽບຂໍ້ໜຶ່ງຂອງປະເທດທີ່ມາຮອດຕັດສິນບໍ່ໄດ້", "ເບິ່ງກົດລະບຽບທີ່ຍັງເປີດ ແລະ ຕັດສິນເອງ"),
        Reason::NoRules => ("ໃບຢັ້ງຢືນເປັນຂອງແທ້ ແຕ່ບໍ່ມີກົດລະບຽບສຳລັບປະເທດທີ່ມາຮອດ", "ໂຫຼດກົດລະບຽບຂອງມັນ ຫຼື ຕັດສິນເອງ"),
        Reason::ListStale => ("ລາຍການທີ່ໄວ້ໃຈເກົ່າກວ່າທີ່ຜູ້ສ້າງອະນຸຍາດ", "ປັບປຸງລາຍການທີ່ໄວ້ໃຈແລ້ວກວດໃໝ່"),
        Reason::ClockSetBack => ("ໂມງຂອງເຄື່ອງນີ້ຊ້າ: ມັນເຄີຍເຫັນເວລາທີ່ຊ້າກວ່ານີ້ຖືກເຊັນ", "ຕັ້ງວັນທີ ແລະ ເວລາຂອງເຄື່ອງນີ້ ແລ້ວກວດໃໝ່"),
        Reason::ZipInvalid | Reason::JsonInvalid | Reason::JwsInvalid => {
            ("ອ່ານລະຫັດບໍ່ຄົບ ຫຼື ລະຫັດເສຍຫາຍ", "ສະແກນອີກເທື່ອ; ຖ້າຍັງຄືເກົ່າ ໃຫ້ຂໍສຳເນົາອື່ນ")
        }
        Reason::CodeIncomplete => ("ໃບຢັ້ງຢືນແບ່ງຢູ່ຫຼາຍລະຫັດ ແລະ ບໍ່ໄດ້ຢູ່ນີ້ໝົດ", "ສະແກນທຸກລະຫັດຂອງມັນພ້ອມກັນ"),
        Reason::LinkNotCertificate => ("ອັນນີ້ແມ່ນລິ້ງໄປຫາເອກະສານ ບໍ່ແມ່ນໃບຢັ້ງຢືນ", "ຂໍໃບຢັ້ງຢືນເອງ; ໂປຣແກຣມນີ້ບໍ່ເປີດລິ້ງ"),
        Reason::ContentUnsupported => ("ລາຍເຊັນກົງ ແຕ່ເນື້ອໃນເປັນຊະນິດທີ່ໂປຣແກຣມນີ້ບໍ່ຮູ້ຈັກ", "ປັບປຸງໂປຣແກຣມ ຫຼື ກວດດ້ວຍວິທີອື່ນ"),
        Reason::UnsignedContent => ("ໃບຢັ້ງຢືນມີສ່ວນທີ່ລາຍເຊັນບໍ່ໄດ້ກວມເອົາ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::ContextUnknown => ("ໃບຢັ້ງຢືນອ້າງເຖິງຄຳສັບທີ່ໂປຣແກຣມນີ້ບໍ່ຮູ້ຈັກ", "ຢ່າເຊື່ອຖືມັນ; ຂໍເອກະສານອື່ນ"),
        Reason::ProofInvalid => ("ລາຍເຊັນບໍ່ໄດ້ສ້າງຄືໃບຢັ້ງຢືນຊະນິດນີ້", "ຢ່າເຊື່ອຖືມັນ"),
        Reason::HolderNotCovered => ("ລາຍເຊັນບໍ່ໄດ້ກວມເອົາຕົວບຸກຄົນ: ຊື່ອາດຖືກປ່ຽນ", "ທຽບກັບເອກະສານອື່ນຂອງຄົນນັ້ນ ຫຼື ຂໍໃບຢັ້ງຢືນອື່ນ"),
        Reason::HolderMissing => ("ໃບຢັ້ງຢືນບໍ່ບອກຊື່ໃຜ: ອາດເປັນຂອງໃຜກໍໄດ້", "ຂໍໃບຢັ້ງຢືນທີ່ບອກຊື່ບຸກຄົນ"),
        Reason::ValuesImplausible => ("ຄ່າຕ່າງໆຂອງໃບຢັ້ງຢືນເປັນຈິງພ້ອມກັນບໍ່ໄດ້: ອາດຖືກສະຫຼັບ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::DatesImplausible => ("ວັນທີຂອງໃບຢັ້ງຢືນເປັນຈິງພ້ອມກັນບໍ່ໄດ້: ອາດຖືກສະຫຼັບ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::DosesImplausible => ("ຈຳນວນເຂັມເປັນຈິງພ້ອມກັນບໍ່ໄດ້: ອາດຖືກສະຫຼັບ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::ValuesUnproven => ("ລາຍເຊັນບໍ່ໄດ້ສະແດງວ່າຄ່າໃດຢູ່ບ່ອນໃດ ແລະ ມີຫຼາຍລຳດັບທີ່ເປັນໄປໄດ້", "ທຽບກັບເອກະສານອື່ນຂອງຜູ້ຖື ຫຼື ຖາມຜູ້ອອກ"),
        Reason::IdMismatch => ("ເລກປະຈຳຂອງໃບຢັ້ງຢືນບໍ່ແມ່ນເລກທີ່ຖືກເຊັນ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::IssuerMismatch => ("ຜູ້ອອກທີ່ໃບຢັ້ງຢືນບອກບໍ່ໄດ້ເຊັນມັນ", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ"),
        Reason::SignerChainInvalid => {
            ("ໃບຢັ້ງຢືນຂອງຜູ້ເຊັນບໍ່ໄດ້ອອກໂດຍອົງການທີ່ມັນບອກ ຫຼື ບໍ່ແມ່ນສຳລັບການໃຊ້ນີ້", "ຢ່າເຊື່ອຖືມັນ; ເຮັດຕາມຂັ້ນຕອນຂອງທ່ານ")
        }
        Reason::ProductNotApproved => {
            ("ໃຊ້ບໍ່ໄດ້: ຢາວັກຊີນ ຫຼື ຢາປ້ອງກັນນີ້ WHO ບໍ່ໄດ້ຮັບຮອງ", "ປັບປຸງບັນຊີຢາແລ້ວກວດໃໝ່; ຈາກນັ້ນຜູ້ຖືຕ້ອງມີການສັກຢາທີ່ນັບໄດ້")
        }
        Reason::TooRecent => ("ໃຊ້ບໍ່ໄດ້: ສັກຢາຍັງບໍ່ຮອດ 10 ມື້", "ນັບແຕ່ວັນທີ່ສະແດງ"),
        Reason::MedicalOpen => {
            ("ໃບຢັ້ງຢືນເປັນຂອງແທ້ ແຕ່ຕາຕະລາງຕັດສິນຂອງ WHO ບໍ່ບອກວ່ານັບການສັກຢານີ້ຫຼືບໍ່", "ເບິ່ງຢາວັກຊີນ ແລະ ພະຍາດ ແລ້ວຕັດສິນເອງ")
        }
        Reason::CheckIncomplete => ("ມີການກວດໜຶ່ງທີ່ເຮັດບໍ່ໄດ້", "ກວດດ້ວຍວິທີອື່ນ"),
    }
}

pub(super) const fn warning(warning: Warning) -> &'static str {
    match warning {
        Warning::Sandbox => "SANDBOX: ຕົວຢ່າງຈາກການຊ້ອມ ບໍ່ມີຄ່າຢູ່ຊາຍແດນ",
        Warning::TestPositive => "ຜົນກວດເປັນບວກ: ພົບພະຍາດ",
        Warning::UnknownTestResult => "ຜົນກວດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ: ຢ່າຖືວ່າເປັນລົບ",
        Warning::RecoveryPeriod => "ມື້ນີ້ຢູ່ນອກວັນທີ່ໃບຢັ້ງຢືນການຫາຍດີບອກ",
        Warning::IssuerNotSigner => "ປະເທດໃນໃບຢັ້ງຢືນບໍ່ແມ່ນຂອງຜູ້ເຊັນ",
        Warning::IssuedBeforeSigner => "ອອກກ່ອນໃບຢັ້ງຢືນຂອງຜູ້ເຊັນເລີ່ມມີຜົນ",
        Warning::ExpiresAfterSigner => "ໝົດອາຍຸຫຼັງໃບຢັ້ງຢືນຂອງຜູ້ເຊັນ",
        Warning::WeakKey => "ເຊັນດ້ວຍກະແຈອ່ອນ (RSA ຕ່ຳກວ່າ 2,048 ບິດ)",
        Warning::UnrelatedKeyUsage => "ໃບຢັ້ງຢືນຂອງຜູ້ເຊັນບອກການໃຊ້ອື່ນ ບໍ່ມີອັນໃດສຳລັບໃບຢັ້ງຢືນສຸຂະພາບ",
        Warning::ListUnsigned => "ລາຍເຊັນຂອງລາຍການທີ່ໄວ້ໃຈເອງບໍ່ໄດ້ຖືກກວດ",
        Warning::IssuerNotBound => "ລາຍການທີ່ໄວ້ໃຈບໍ່ບອກວ່າກະແຈເປັນຂອງໃຜ: ທີ່ຢູ່ຂອງຜູ້ອອກເປັນຄຳຂອງຜູ້ເຊັນເອງ",
        Warning::RevocationProbabilistic => "ການຖອນຄືນມາຈາກຕົວກອງທີ່ຜິດເປັນບາງຄັ້ງ: ໃຫ້ກວດຄືນ",
        Warning::UnknownDisease => "ພະຍາດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownVaccine => "ຊະນິດຢາວັກຊີນມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownProduct => "ຜະລິດຕະພັນຢາວັກຊີນມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownHolder => "ຜູ້ຜະລິດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownTestType => "ຊະນິດການກວດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownTestDevice => "ອຸປະກອນກວດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::UnknownCountry => "ປະເທດມີລະຫັດທີ່ບໍ່ຮູ້ຈັກ",
        Warning::TestFieldsMixed => "ການກວດມີຊ່ອງຂໍ້ມູນຂອງການກວດຊະນິດອື່ນ",
        Warning::DoseBelowOne => "ຈຳນວນເຂັມຕ່ຳກວ່າໜຶ່ງ",
        Warning::OddBirthDate => "ວັນເດືອນປີເກີດຂຽນໃນຮູບແບບບໍ່ທຳມະດາ",
        Warning::IdCheckCharacter => "ຕົວກວດຂອງເລກປະຈຳບໍ່ຕົງກັບກົດທົ່ວໄປ",
        Warning::MissingPrefix => "ລະຫັດຂາດຄຳນຳໜ້າ HC1:",
        Warning::Untagged => "ຂໍ້ຄວາມທີ່ເຊັນຂາດປ້າຍ",
        Warning::CwtTag => "ຂໍ້ຄວາມທີ່ເຊັນມີປ້າຍທີສອງ",
        Warning::UnprotectedAlgorithm => "ວິທີເຊັນຢູ່ນອກຫົວທີ່ຖືກເຊັນ",
        Warning::UnprotectedKid => "ເລກປະຈຳກະແຈຢູ່ນອກຫົວທີ່ຖືກເຊັນ",
        Warning::KidsDisagree => "ເລກປະຈຳກະແຈສອງອັນຕ່າງກັນ; ໃຊ້ອັນທີ່ຖືກເຊັນ",
        Warning::FloatTime => "ເວລາຂຽນດ້ວຍຈຸດທົດສະນິຍົມ",
        Warning::DateWithTime => "ວັນທີຂຽນພ້ອມເວລາ",
        Warning::FloatDose => "ຈຳນວນເຂັມຂຽນດ້ວຍຈຸດທົດສະນິຍົມ",
        Warning::PaddedText => "ຂໍ້ຄວາມມີຊ່ອງຫວ່າງອ້ອມຂ້າງ",
        Warning::OverlongText => "ຂໍ້ຄວາມຍາວກວ່າທີ່ໂຄງສ້າງອະນຸຍາດ",
        Warning::NonStandardName => "ຊື່ມາດຕະຖານມີຕົວອັກສອນບໍ່ທຳມະດາ",
        Warning::ValuesUnordered => "ລາຍເຊັນກວມເອົາຄ່າຕ່າງໆ ແຕ່ບໍ່ບອກວ່າຄ່າໃດຢູ່ບ່ອນໃດ",
        Warning::TemplateUnknown => "ໃບຢັ້ງຢືນຕາມລຸ້ນທີ່ໂປຣແກຣມນີ້ບໍ່ຮູ້ຈັກ",
        Warning::OldGeneration => "ໃບຢັ້ງຢືນມີຮູບແບບເກົ່າ",
        Warning::GuardianMissing => "ຜູ້ຖືເປັນເດັກ ແລະ ບໍ່ໄດ້ບອກຊື່ພໍ່ແມ່ ຫຼື ຜູ້ປົກຄອງ",
        Warning::OtherDomain => "ລາຍການທີ່ໄວ້ໃຈມີກະແຈນີ້ສຳລັບໃບຢັ້ງຢືນຊະນິດອື່ນ",
        Warning::ZipAsText => "ໄຟລ໌ບີບອັດໃນລະຫັດຂຽນເປັນຂໍ້ຄວາມ",
        Warning::ChunkedCode => "ໃບຢັ້ງຢືນແບ່ງຢູ່ຫຼາຍລະຫັດ",
        Warning::TextKeys => "ຂໍ້ມູນຖືກຕັ້ງຊື່ດ້ວຍຂໍ້ຄວາມແທນຕົວເລກ",
        Warning::TextKid => "ເລກປະຈຳກະແຈເປັນຂໍ້ຄວາມແທນໄບຕ໌",
        Warning::MillisecondTime => "ເວລາຂຽນເປັນມິນລິວິນາທີ",
        Warning::StandardBase64 => "base64 ໃນຊຸດຕົວອັກສອນອື່ນຈາກມາດຕະຖານຂອງຮູບແບບ",
        Warning::SealInList => "ຕາປະທັບຢູ່ໃນລາຍການທີ່ມີອັນດຽວ",
        Warning::LinkForm => "ລິ້ງບໍ່ໄດ້ຂຽນຕາມມາດຕະຖານຂອງມັນ",
        Warning::LinkPlainHttp => "ລິ້ງຜ່ານການເຊື່ອມຕໍ່ທີ່ບໍ່ເຂົ້າລະຫັດ",
        Warning::NonStandardContent => "ເນື້ອໃນມີສ່ວນທີ່ມາດຕະຖານຂອງມັນບໍ່ມີ",
        Warning::NoAuthority => "ບໍ່ໄດ້ບອກຊື່ແພດ ຫຼື ອົງການຜູ້ອອກ",
        Warning::NoExpiry => "ໃບຢັ້ງຢືນບໍ່ບອກວ່າລາຍເຊັນມີຜົນຮອດເມື່ອໃດ",
        Warning::ExpiryForLife => "ມີຄຳແທນວັນສິ້ນສຸດລາຍເຊັນ: ຕະຫຼອດຊີວິດຂອງຜູ້ສັກຢາ",
        Warning::BeforeAmendment => "ອອກກ່ອນວັນທີ 19 ກັນຍາ 2025 ເມື່ອບັດເຫຼືອງດິຈິຕອນເລີ່ມມີຜົນ",
        Warning::DatesContradict => "ວັນທີ່ມີຜົນໃນໃບຢັ້ງຢືນຂັດກັບກົດຂອງ WHO; ນັບຕາມກົດ",
        Warning::ElementMissing => "ໃບຢັ້ງຢືນຂາດສ່ວນທີ່ຮູບແບບຂອງມັນຕ້ອງການ",
        Warning::SealBroken => "PDF ຖືກແກ້ໄຂຫຼັງຈາກເຊັນແລ້ວ: ໃຫ້ເຊື່ອລະຫັດເທົ່ານັ້ນ ບໍ່ແມ່ນສິ່ງທີ່ພິມຢູ່ອ້ອມຂ້າງ",
    }
}

pub(super) const fn check(name: CheckName, outcome: Check) -> &'static str {
    match (name, outcome) {
        (CheckName::Decode, Check::Passed) => "ອ່ານລະຫັດໄດ້ຄົບ",
        (CheckName::Decode, Check::Failed) => "ອ່ານລະຫັດບໍ່ໄດ້",
        (CheckName::Signature, Check::Passed) => "ລາຍເຊັນກົງ: ບໍ່ມີຫຍັງຖືກດັດແປງ",
        (CheckName::Signature, Check::Failed) => "ລາຍເຊັນບໍ່ກົງ",
        (CheckName::Trust, Check::Passed) => "ລາຍການທີ່ໄວ້ໃຈຮັບປະກັນກະແຈຂອງຜູ້ອອກ",
        (CheckName::Trust, Check::Failed) => "ກະແຈຂອງຜູ້ອອກບໍ່ມີຜົນໃນເວລານີ້",
        (CheckName::KeyUsage, Check::Passed) => "ກະແຈສາມາດເຊັນໃບຢັ້ງຢືນຊະນິດນີ້",
        (CheckName::KeyUsage, Check::Failed) => "ກະແຈບໍ່ສາມາດເຊັນໃບຢັ້ງຢືນຊະນິດນີ້",
        (CheckName::Validity, Check::Passed) => "ໃບຢັ້ງຢືນມີຜົນໃນເວລານີ້",
        (CheckName::Validity, Check::Failed) => "ໃບຢັ້ງຢືນບໍ່ມີຜົນໃນເວລານີ້",
        (CheckName::Content, Check::Passed) => "ເນື້ອໃນຄົບຖ້ວນ",
        (CheckName::Content, Check::Failed) => "ເນື້ອໃນບໍ່ແມ່ນໃບຢັ້ງຢືນ",
        (CheckName::Revocation, Check::Passed) => "ຜູ້ອອກບໍ່ໄດ້ຖອນຄືນ ຕາມລາຍການທີ່ມີ",
        (CheckName::Revocation, Check::Failed) => "ຜູ້ອອກໄດ້ຖອນຄືນແລ້ວ",
        (CheckName::Revocation, _) => "ບໍ່ມີລາຍການຖອນຄືນຂອງຜູ້ອອກນີ້",
        (CheckName::Rules, Check::Passed) => "ຜ່ານທຸກກົດລະບຽບຂອງປະເທດທີ່ມາຮອດ",
        (CheckName::Rules, Check::Failed) => "ບໍ່ຜ່ານກົດລະບຽບຂໍ້ໜຶ່ງຂອງປະເທດທີ່ມາຮອດ",
        (CheckName::Rules, Check::Open) => "ກົດລະບຽບຂໍ້ໜຶ່ງຂອງປະເທດທີ່ມາຮອດຕັດສິນບໍ່ໄດ້",
        (CheckName::Rules, Check::NoRules) => "ບໍ່ມີກົດລະບຽບສຳລັບປະເທດທີ່ມາຮອດ",
        (CheckName::Rules, Check::Unchecked) => "ບໍ່ໄດ້ບອກປະເທດທີ່ມາຮອດ",
        (_, Check::Unchecked | Check::Open | Check::NoRules) => "ບໍ່ໄດ້ກວດ",
    }
}

pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Vaccination => "ການສັກຢາ",
        Kind::Test => "ການກວດ",
        Kind::Recovery => "ການຫາຍດີ",
    }
}

pub(super) const fn label(label: Label) -> &'static str {
    match label {
        Label::Dose => "ເຂັມ",
        Label::DateOfVaccination => "ວັນທີສັກຢາ",
        Label::Vaccine => "ຢາວັກຊີນ",
        Label::VaccineType => "ຊະນິດຢາວັກຊີນ",
        Label::Manufacturer => "ຜູ້ຜະລິດ",
        Label::Disease => "ພະຍາດ",
        Label::Result => "ຜົນກວດ",
        Label::SampleTaken => "ເວລາເກັບຕົວຢ່າງ",
        Label::TestType => "ຊະນິດການກວດ",
        Label::TestingCentre => "ສູນກວດ",
        Label::FirstPositive => "ຜົນບວກຄັ້ງທຳອິດ",
        Label::RecoveryPeriod => "ການຫາຍດີນັບໄດ້",
        Label::Country => "ປະເທດ",
        Label::IssuedBy => "ອອກໂດຍ",
        Label::Lot => "ຊຸດຜະລິດ",
        Label::Centre => "ສູນສັກຢາ",
        Label::Practitioner => "ແພດໝໍ",
        Label::NextDose => "ເຂັມຕໍ່ໄປ",
        Label::Counts => "ນັບໄດ້",
        Label::Nationality => "ສັນຊາດ",
        Label::Document => "ເລກເອກະສານ",
        Label::Guardian => "ພໍ່ແມ່ ຫຼື ຜູ້ປົກຄອງ",
        Label::Link => "ລິ້ງໄປຫາ",
        Label::LinkExpires => "ລິ້ງໃຊ້ໄດ້ຮອດ",
        Label::LinkPasscode => "ເພື່ອເປີດ",
        Label::LinkLabel => "ຊື່ຂອງລິ້ງ",
        Label::Annex6 => "ເອກະສານຊ້ອນທ້າຍ 6 ຂອງ IHR",
    }
}

pub(super) const fn phrase(phrase: Phrase) -> &'static str {
    match phrase {
        Phrase::Born => "ເກີດ",
        Phrase::Unverified => "ຍັງບໍ່ໄດ້ຢືນຢັນ",
        Phrase::Certificate => "ໃບຢັ້ງຢືນ",
        Phrase::Valid => "ມີຜົນ",
        Phrase::List => "ລາຍການ",
        Phrase::Age => "ອາຍຸ",
        Phrase::AgeUnknown => "ບໍ່ຮູ້",
        Phrase::AgeFuture => "ມາຈາກອະນາຄົດ: ກວດໂມງ",
        Phrase::Days => "ມື້",
        Phrase::Hours => "ຊົ່ວໂມງ",
        Phrase::Minutes => "ນາທີ",
        Phrase::NoList => "ບໍ່ມີລາຍການ: ໃສ່ດ້ວຍ --trust",
        Phrase::Lists => "ລາຍການທັງໝົດ",
        Phrase::Keys => "ກະແຈ",
        Phrase::RulePassed => "ຜ່ານກົດລະບຽບ",
        Phrase::RuleFailed => "ບໍ່ຜ່ານກົດລະບຽບ",
        Phrase::RuleOpen => "ກົດລະບຽບຍັງເປີດ",
        Phrase::BestOfPerson => "ນັບໃບຢັ້ງຢືນທີ່ດີທີ່ສຸດຂອງຄົນນີ້:",
        Phrase::Warnings => "ສັງເກດເຫັນຕື່ມ",
        Phrase::Passcode => "ຕ້ອງໃຊ້ລະຫັດຜ່ານ",
        Phrase::NotCovered => "ລາຍເຊັນບໍ່ໄດ້ກວມເອົາຊື່ ແລະ ວັນເກີດ",
        Phrase::VaccinationCounts => "ຕາມຕາຕະລາງຕັດສິນຂອງ WHO ນັບການສັກຢານີ້",
        Phrase::VaccinationCountsNot => "ຕາມຕາຕະລາງຕັດສິນຂອງ WHO ບໍ່ນັບການສັກຢານີ້",
        Phrase::VaccinationOpen => "ຕາຕະລາງຕັດສິນຂອງ WHO ບໍ່ບອກວ່ານັບການສັກຢານີ້ຫຼືບໍ່",
        Phrase::Next => "ຕໍ່ໄປ",
        Phrase::Converted => "ໃນຮູບແບບ",
        Phrase::NotConverted => "ບອກໃນຮູບແບບນີ້ບໍ່ໄດ້",
        Phrase::Lost => "ເສຍໄປ ຫຼື ບໍ່ຮູ້",
        Phrase::LostNoPlace => "ຮູບແບບບໍ່ມີບ່ອນໃສ່",
        Phrase::LostUnknown => "ຮູບແບບຕ້ອງການ ແຕ່ໃບຢັ້ງຢືນບໍ່ບອກ",
        Phrase::LostCoarser => "ບອກໄດ້ລະອຽດໜ້ອຍລົງ",
        Phrase::LostCut => "ຖືກຕັດໃຫ້ພໍດີກັບຮູບແບບ",
    }
}
