//! Flags of the EU test data that no reader can reproduce, each with its reason. A flag that this table lists
//! and that comes out as the data says after all fails the test too.

use super::Flag;

/// One group of files whose flag is not believed.
#[derive(Debug)]
pub struct Exception {
    /// Which flag.
    pub flag: Flag,
    /// Short name for the summary.
    pub reason: &'static str,
    /// Folder, then beginnings of file names in it.
    pub files: (&'static str, &'static [&'static str]),
}

/// Every exception.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        flag: Flag::ValidObject,
        reason: "flag says valid, the schema refuses null groups",
        files: ("BG/2DCode/raw/", &["1.json", "2.json"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        // Old producer: `dob` with a time and null groups; the flag says valid, schema 1.0.0 refuses both.
        reason: "flag says valid, the schema refuses null groups",
        files: ("BG/2DCode/raw/", &["1.json", "2.json"]),
    },
    Exception {
        flag: Flag::ValidObject,
        reason: "flag says valid, the schema refuses long texts",
        files: ("HU/2DCode/raw/", &["3.json"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        // Texts over 50 characters under version 1.0.0; the limit rose to 80 with 1.3.0.
        reason: "flag says valid, the schema refuses long texts",
        files: ("HU/2DCode/raw/", &["3.json"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        // `1963`, `1964-01`, `1963-00`: partial dates of birth are legal from schema 1.1.0 on, the case names 1.0.0.
        reason: "flag says valid, the schema refuses a partial date of birth",
        files: (
            "NL/2DCode/raw/",
            &[
                "001", "002", "003", "009", "010", "011", "017", "018", "019", "025", "026", "027", "033", "034",
                "035", "041", "042", "043", "049", "050", "051", "057", "058", "059", "073", "074", "075", "081",
                "082", "083", "089", "090", "091", "097", "098", "099", "105", "106", "107", "113", "114", "115",
                "121", "122", "123", "129", "130", "131", "145", "146", "147", "153", "154", "155", "161", "162",
                "163", "169", "170", "171", "177", "178", "179", "185", "186", "187", "193", "194", "195", "201",
                "202", "203", "217", "218", "219", "225", "226", "227", "233", "234", "235", "241", "242", "243",
                "249", "250", "251", "257", "258", "259", "265", "266", "267", "273", "274", "275",
            ],
        ),
    },
    Exception {
        flag: Flag::SchemaValidation,
        reason: "flag says valid, the schema refuses an empty country",
        files: (
            "NL/2DCode/raw/",
            &["005", "020", "045", "060", "120", "144", "165", "189", "192", "216", "240", "245", "252", "264"],
        ),
    },
    Exception {
        flag: Flag::SchemaValidation,
        reason: "flag says valid, the schema refuses zero doses",
        files: ("NL/2DCode/raw/", &["104", "109"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        // The generator's own rule: a date of birth after its own day, or an empty `gnt`. The schema takes both.
        reason: "flag says invalid by a rule that the schema does not have (birth after today, empty name)",
        files: (
            "NL/2DCode/raw/",
            &[
                "007", "015", "023", "031", "039", "047", "055", "063", "064", "068", "069", "087", "103", "111",
                "119", "127", "135", "136", "140", "151", "159", "167", "175", "183", "191", "199", "207", "208",
                "212", "213", "223", "231", "239", "247", "255", "263", "271", "279", "285", "287",
            ],
        ),
    },
    Exception {
        flag: Flag::SchemaValidation,
        // `ma` 9999, `co` XY, `ma` ORG-99999999: wrong only against the value sets.
        reason: "flag says invalid by the value sets, which the schema does not hold",
        files: ("PL/1.0.0/2DCode/raw/", &["7.json", "8.json", "9.json"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        reason: "flag says invalid by the value sets, which the schema does not hold",
        files: ("PL/1.2.1/2DCode/raw/", &["7.json", "8.json", "9.json"]),
    },
    Exception {
        flag: Flag::SchemaValidation,
        reason: "flag says invalid by the value sets, which the schema does not hold",
        files: ("PL/1.3.0/2DCode/raw/", &["7.json", "8.json", "9.json"]),
    },
    Exception {
        flag: Flag::ValidJson,
        // `sc` and `dr` are two hours later in the message: the UTC offset was lost in the JSON.
        reason: "the JSON is not what was signed: times differ by the UTC offset",
        files: ("FR/2DCode/raw/", &["test_pcr_ok.json"]),
    },
    Exception {
        flag: Flag::ValidJson,
        reason: "the JSON is not what was signed: another person",
        files: ("PL/1.3.0/2DCode/raw/", &["1.json", "5.json"]),
    },
    Exception {
        flag: Flag::KeyUsage,
        // Only 2.23.136.1.1.14.2, which is none of ours and so restricts nothing (specification A.4, and CO15).
        reason: "flag says refused, an unrelated usage restricts nothing",
        files: ("IS/2DCode/raw/", &["3.json"]),
    },
];

impl Exception {
    /// Whether it covers this flag of this file.
    pub fn covers(&self, flag: Flag, file: &str) -> bool {
        let (folder, names) = self.files;
        self.flag == flag && file.strip_prefix(folder).is_some_and(|name| names.iter().any(|n| name.starts_with(n)))
    }
}
