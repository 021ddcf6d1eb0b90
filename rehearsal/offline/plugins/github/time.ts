/** An ISO time as Go prints it: `2026-11-23T19:21:55.020Z` is `2026-11-23 19:21:55.02 +0000 UTC`. */
export function goTime(iso: string): string {
  const [date = "", clock = ""] = iso.replace(/Z$/, "").split("T");
  return `${date} ${clock.includes(".") ? clock.replace(/\.?0+$/, "") : clock} +0000 UTC`;
}
