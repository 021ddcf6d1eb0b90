const longestPauseSeconds = 60;

/** How often a call that GitHub put off is repeated. */
export const repeats = 3;

/**
 * Seconds to wait until a refused call is repeated: GitHub asks for that with 429, or with 403 and `retry-after`.
 * Undefined for another refusal, and for a pause that is too long for a command.
 */
export function pauseSeconds(status: number, headers: Headers, attempt: number): number | undefined {
  const asked = headers.get("retry-after");
  if (status !== 429 && !(status === 403 && asked !== null)) return undefined;
  const seconds = asked === null ? 2 ** attempt : Number(asked);
  return seconds <= longestPauseSeconds ? seconds : undefined;
}

/** Sends a request, and sends it again while the server asks for that. Any other answer is returned. */
export async function patiently(
  send: () => Promise<Response>,
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const response = await send();
    const seconds = attempt < repeats ? pauseSeconds(response.status, response.headers, attempt) : undefined;
    if (seconds === undefined) return response;
    await response.body?.cancel();
    await sleep(seconds * 1000);
  }
}
