// Written in the time zone of whoever builds.
export function stamp() {
  return new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toString()
}
