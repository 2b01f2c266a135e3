//! Gateways, and lists that are fetched.

/// A download that lost more than [`GUARD_LOSS_PARTS`] of [`GUARD_PARTS`] of the entries of the last good one is not
/// taken over without an operator's word (failure F18: more than 20 %).
pub const GUARD_PARTS: u128 = 5;

/// See [`GUARD_PARTS`].
pub const GUARD_LOSS_PARTS: u128 = 1;

/// Longest code of a gateway's error report that is shown, in characters. The known ones have 5.
pub const GATEWAY_CODE_CHARS: usize = 12;

/// Longest details of a gateway's error report that are looked at, in characters. The known ones have some 100.
pub const GATEWAY_DETAILS_CHARS: usize = 200;

/// Largest error report or page that is read of a gateway, in bytes. What is beyond is not worth reading.
pub const GATEWAY_ERROR_BYTES: usize = 64 * 1024;

/// Longest wait that a gateway may ask for (`Retry-After`) before it is asked again, in seconds. Longer than that is
/// told to the operator instead.
pub const GATEWAY_RETRY_AFTER_SECONDS: u64 = 120;

/// Largest answer of a gateway that lists something, in bytes: a trust list of 501 keys has 1.5 MB, and the largest
/// country's rules some 100 kB.
pub const GATEWAY_LIST_BYTES: usize = 64 * 1024 * 1024;

/// Largest signed message of a gateway, in bytes of its base64. A full revocation batch of 1,000 entries has 60 kB.
pub const GATEWAY_MESSAGE_BYTES: usize = 1024 * 1024;

/// Largest answer with everything that this country ever signed for a gateway, in bytes: ten thousand full batches.
pub const GATEWAY_PACKAGES_BYTES: usize = 640 * 1024 * 1024;

/// Most countries of a gateway. ISO 3166-1 has 249.
pub const GATEWAY_COUNTRIES: usize = 1_000;

/// Most pages of a listing. 1,000 batches a page make a million batches, more than all countries ever made.
pub const GATEWAY_PAGES: usize = 1_000;

/// Most entries of a trust list. WHO's has 501, the EU's last one had 1,200.
pub const GATEWAY_ENTRIES: usize = 100_000;

/// Days after which a listing of changes is no longer enough, because removed entries are forgotten: gateways keep
/// them 14 days, their documentation promises 7.
pub const GATEWAY_RETENTION_DAYS: i64 = 7;

/// Requests to a gateway at one time. It serves everybody.
pub const GATEWAY_PARALLEL: usize = 4;

/// Most entries in one revocation batch (dgc-gateway's schema).
pub const GATEWAY_BATCH_ENTRIES: usize = 1_000;

/// Most files of one submission to a network. A participant has four a domain, and some dozen domains at most; the
/// template has a hundred files beside them.
pub const ONBOARDING_FILES: usize = 1_000;

/// How deep the folders of a submission are looked into: `onboarding/DOMAIN/GROUP` is three.
pub const ONBOARDING_FOLDER_DEPTH: usize = 8;

/// Longest time that a trust list may take to come, in seconds. The largest has 3 MB; a slow line takes a minute.
pub const LIST_FETCH_SECONDS: u64 = 180;

/// Most redirects that are followed on the way to a list, all on its own host.
pub const LIST_REDIRECTS: usize = 3;

/// How far in the future a list may say that it was made, in hours: clocks of makers and of this machine differ. One
/// that claims more is refused, because every later list would look older than it.
pub const LIST_FUTURE_HOURS: i64 = 24;
