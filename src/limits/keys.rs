//! Keys, certificates, tokens and ceremonies.

/// Most rounds of PBKDF2 that a key file may ask for. OWASP recommends 600,000 for HMAC-SHA-256; 10 million
/// are some seconds, more is a trap.
pub const PBKDF2_ROUNDS: u64 = 10_000_000;

/// Most memory that the scrypt of a key file may take, in bytes (128·N·r·p, RFC 7914). OpenSSL takes 32 MiB
/// at most by default.
pub const SCRYPT_BYTES: u64 = 256 * 1024 * 1024;

/// Shortest passphrase under which a key is written, in characters. Reading takes any.
pub const PASSPHRASE_CHARS: usize = 12;

/// Deepest nesting of indefinite lengths in BER. A CMS message of a gateway nests four.
pub const BER_DEPTH: usize = 16;

/// Largest RSA modulus, in bits. Certificates in use have at most 4,096.
pub const RSA_BITS: usize = 8192;

/// Most PEM blocks of one file that are looked at. A chain has three or four certificates; a country's list of
/// authorities some dozen.
pub const PEM_BLOCKS: usize = 64;

/// Rounds of Fermat's factoring that an RSA key is tried with. Primes that a broken generator put close together are
/// found in the first few; the CA/Browser Forum asks for 100.
pub const RSA_FERMAT_ROUNDS: usize = 100;

/// Longest RSA exponent in bits (NIST SP 800-56B section 6.2.1).
pub const RSA_EXPONENT_BITS: usize = 256;

/// Most document signers, and most people, of one key ceremony. A country has a handful of each; a hundred keys take
/// minutes to make.
pub const CEREMONY_ENTRIES: usize = 32;

/// Longest name of a key in a token (PKCS#11 URI), in bytes: labels and serial numbers have at most 32 characters,
/// paths some hundred.
pub const TOKEN_URI_BYTES: usize = 4_096;

/// Calls that wait for a token at the same time; further ones are told that it is away. Each is a thread that waits.
pub const TOKEN_QUEUE: usize = 4_096;

/// Longest time in seconds that a call of a token may take, with waiting for a session and opening the token again.
/// A library of a vendor can block for ever when its network is down; a signature takes milliseconds.
pub const TOKEN_CALL_SECONDS: u64 = 15;

/// The same for making a key: RSA takes minutes in a smart card.
pub const TOKEN_MAKE_SECONDS: u64 = 300;

/// Longest pause in seconds before a token that is away is asked again; the first is a second, then twice as long
/// each time. Whoever plugs it in again waits no longer than this.
pub const TOKEN_PAUSE_SECONDS: i64 = 30;

/// Most objects of one kind that are looked at in a token; a signer's has a few dozen.
pub const TOKEN_OBJECTS: usize = 1_000;
