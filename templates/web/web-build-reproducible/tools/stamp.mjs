// The day of the sources. SOURCE_DATE_EPOCH says what time it is for a build that must not depend on the clock:
// https://reproducible-builds.org/specs/source-date-epoch/
export function stamp() {
  return new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toISOString().slice(0, 10)
}
