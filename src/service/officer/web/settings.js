// What the officer has chosen. Settings alone are kept; never anything of a scan.

const NAME = "vaccert-officer-settings";

const DEFAULTS = {
  language: "", country: "", arrival: "", device: "", sound: true, vibration: true, by_itself: false,
  minimal: null, revocations: null, lock_after: null,
};

export function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "{}");
    const known = Object.fromEntries(Object.entries(kept).filter(([name]) => name in DEFAULTS));
    return { ...DEFAULTS, ...known };
  } catch {
    return { ...DEFAULTS };
  }
}

/** What an installation asks of its desks holds where the officer has not chosen. */
export function over(chosen, policy) {
  const choice = (name, otherwise) => chosen[name] ?? policy?.[name] ?? otherwise;
  return {
    ...chosen,
    country: chosen.country || (policy?.country ?? ""),
    minimal: Boolean(choice("minimal", false)),
    revocations: Boolean(choice("revocations", false)),
    lock_after: Number(choice("lock_after", 5)),
  };
}

export function save(chosen) {
  try {
    // The day of arrival is that of one traveller or of today's flight, and not of this device.
    const { arrival, ...rest } = chosen;
    localStorage.setItem(NAME, JSON.stringify(rest));
  } catch {
    // Without storage the choice holds until the page is closed.
  }
}
