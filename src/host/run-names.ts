/** The pointer to the newest run, beside the runs. */
export const LATEST = 'latest'
