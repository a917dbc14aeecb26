/**
 * The processor time that this process spends on `work`, in milliseconds. For the claims that hostile input is read in
 * time that grows with its length: what else the machine does at the same time does not count.
 */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
