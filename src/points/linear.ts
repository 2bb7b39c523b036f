/**
 * raw × scale + offset, as somebody reckons it with decimals: 3 × 0.1 is 0.3, and 1.005 to two decimals is 1.01. With
 * doubles neither is; so what is not clear in doubles is reckoned with whole numbers.
 */

/** Beyond it doubles have no decimals to round. */
const MOST_EXACT = 2 ** 50;
/** What doubles may be wrong by, as a share of the largest that was reckoned with. */
const UNSURE = 16 * Number.EPSILON;

type Linear = (raw: number | bigint) => number | bigint;

/** Without `decimals` a whole raw value gets as many as scale and offset have, any other raw value is not rounded. */
export function linear(scale: number, offset: number, decimals?: number): Linear {
  const own = linearDecimals(scale, offset);
  const [a, b] = [decimalOf(scale), decimalOf(offset)];
  const exactly = (raw: number | bigint, digits: number): number =>
    rounded(plus(times(decimalOf(raw), a), b), digits);
  return (raw) => {
    if (typeof raw === "bigint") {
      const isWhole = (decimals ?? own) === 0 && own === 0;
      return isWhole ? raw * BigInt(scale) + BigInt(offset) : exactly(raw, decimals ?? own);
    }
    const value = raw * scale + offset;
    const digits = decimals ?? (Number.isInteger(raw) ? own : undefined);
    if (digits === undefined || !Number.isFinite(value)) return value;
    const power = 10 ** digits;
    const shifted = value * power;
    const near = Math.round(shifted);
    // Near the middle between two results a double does not tell which one it is.
    const unsure = (Math.abs(raw * scale) + Math.abs(offset)) * power * UNSURE;
    const isClear = 0.5 - Math.abs(shifted - near) > unsure && Math.abs(shifted) < MOST_EXACT;
    // A whole number by a power of ten is the double that is nearest to the decimal; -0 is 0.
    return isClear ? near / power + 0 : exactly(raw, digits);
  };
}

/** How many decimals a whole raw value gets. */
export function linearDecimals(scale: number, offset: number): number {
  return Math.min(22, Math.max(decimalOf(scale).decimals, decimalOf(offset).decimals));
}

/** A number with these decimals, half away from zero. */
export function round(value: number, decimals: number): number {
  return Number.isFinite(value) ? rounded(decimalOf(value), decimals) : value;
}

/** digits × 10^-decimals */
interface Decimal {
  digits: bigint;
  decimals: number;
}

/** The shortest decimal that is this number, which is what somebody wrote. */
function decimalOf(number: number | bigint): Decimal {
  const [mantissa = "0", exponent = "0"] = String(number).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const decimals = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return decimals < 0 ? { digits: digits * 10n ** BigInt(-decimals), decimals: 0 } : { digits, decimals };
}

function times(one: Decimal, other: Decimal): Decimal {
  return { digits: one.digits * other.digits, decimals: one.decimals + other.decimals };
}

function plus(one: Decimal, other: Decimal): Decimal {
  const decimals = Math.max(one.decimals, other.decimals);
  return { digits: shifted(one, decimals) + shifted(other, decimals), decimals };
}

function shifted({ digits, decimals }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - decimals);
}

function rounded({ digits, decimals }: Decimal, to: number): number {
  if (decimals <= to) return Number(`${digits}e-${decimals}`);
  const unit = 10n ** BigInt(decimals - to);
  const half = digits < 0n ? -unit / 2n : unit / 2n;
  return Number(`${(digits + half) / unit}e-${to}`);
}
