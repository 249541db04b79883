import { isDigit } from './scanner';

/** `2026-11-20T12:34:56.789Z` in UTC milliseconds; -1 for any other form. */
export function timeOf(text: usize): f64 {
  if (
    load<u8>(text, 4) != 0x2d ||
    load<u8>(text, 7) != 0x2d ||
    load<u8>(text, 10) != 0x54 ||
    load<u8>(text, 13) != 0x3a ||
    load<u8>(text, 16) != 0x3a ||
    load<u8>(text, 19) != 0x2e ||
    load<u8>(text, 23) != 0x5a
  )
    return -1;
  const year = number(text, 0, 4);
  const month = number(text, 5, 7);
  const day = number(text, 8, 10);
  const hour = number(text, 11, 13);
  const minute = number(text, 14, 16);
  const second = number(text, 17, 19);
  const milli = number(text, 20, 23);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > lastDay(year, month)) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milli < 0) return -1;
  // Days since 1970 by counting years from March on, so that a leap day is the last of its year.
  const y = month > 2 ? year : year - 1;
  const days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 719469;
  return <f64>days * 86400000 + <f64>(((hour * 60 + minute) * 60 + second) * 1000 + milli);
}

function lastDay(year: i32, month: i32): i32 {
  if (month != 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

/** -1 when one of them is no digit. */
function number(text: usize, from: usize, to: usize): i32 {
  let value = 0;
  for (let place = from; place < to; place++) {
    const byte: u32 = load<u8>(text + place);
    if (!isDigit(byte)) return -1;
    value = value * 10 + <i32>byte - 0x30;
  }
  return value;
}
