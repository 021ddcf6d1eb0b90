// The program behind a deploy key also runs on Node.js 18, which Debian 12 and Ubuntu 24.04 have. These three methods came
// with Node.js 20.
const methods = {
  toReversed(this: unknown[]): unknown[] {
    return [...this].reverse();
  },
  toSorted(this: unknown[], compare?: (a: unknown, b: unknown) => number): unknown[] {
    return [...this].sort(compare);
  },
  toSpliced(this: unknown[], start: number, count: number, ...items: unknown[]): unknown[] {
    const copy = [...this];
    copy.splice(start, count, ...items);
    return copy;
  },
};

for (const [name, value] of Object.entries(methods))
  if (!(name in Array.prototype))
    Object.defineProperty(Array.prototype, name, { value, writable: true, configurable: true });
