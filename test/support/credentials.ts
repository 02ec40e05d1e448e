// Made up, and put together only here, so that nobody who looks through this repository for credentials finds any.

/** `lines`: what is written or printed; `secret`: what must be shown nowhere; `rule`: what knows it. */
export interface Credential {
  readonly name: string
  readonly text: string
  readonly secret: string
  readonly rule: string
}

const body = (length: number): string =>
  'Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0UvWxYz'.repeat(Math.ceil(length / 36)).slice(0, length)
const DASHES = '-'.repeat(5)
const KEY_LINES = `MI${body(190)}`.replaceAll(/.{64}/g, '$&\n')

export const AWS: Credential = {
  name: 'an AWS secret access key',
  text: `AWS_SECRET_ACCESS_KEY=${body(40)}`,
  secret: body(40),
  rule: 'aws/AWSSecretAccessKey',
}
export const GITHUB: Credential = {
  name: 'a GitHub token',
  text: `token: ${['ghp', body(36)].join('_')}`,
  secret: body(36),
  rule: 'github/GITHUB_TOKEN',
}
export const SLACK: Credential = {
  name: 'a Slack token',
  text: ['xoxb', '123456789012', '1234567890123', body(24)].join('-'),
  secret: body(24),
  rule: 'slack/SLACK_TOKEN',
}
export const PRIVATE_KEY: Credential = {
  name: 'a private key',
  text: `${DASHES}BEGIN PRIVATE KEY${DASHES}\n${KEY_LINES}\n${DASHES}END PRIVATE KEY${DASHES}`,
  secret: `MI${body(40)}`,
  rule: 'privatekey/PrivateKey',
}
export const URL_WITH_PASSWORD: Credential = {
  name: 'a URL with a password',
  text: `https://deploy:${body(12)}@registry.test/x`,
  secret: body(12),
  rule: 'basicauth/BasicAuth',
}

export const CREDENTIALS: readonly Credential[] = [AWS, GITHUB, SLACK, PRIVATE_KEY, URL_WITH_PASSWORD]
