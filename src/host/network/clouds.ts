/**
 * Hosts through which clouds are controlled and their data is kept; every name below one of these counts. A pack that talks to
 * one of them acts in a cloud, and needs leave for that beside leave for the host. The list is of providers' own domains: what a
 * customer calls by another name is for the operator to see in the pack's list of hosts.
 */
const CLOUDS: readonly string[] = [
  // Amazon
  ...['amazonaws.com', 'amazonaws.com.cn', 'api.aws', 'aws.amazon.com', 'aws.dev', 'awsapps.com', 'on.aws'],
  // Google
  ...['googleapis.com', 'cloud.google.com', 'gcr.io', 'pkg.dev', 'run.app', 'cloudfunctions.net', 'appspot.com'],
  ...['firebaseio.com', 'googleusercontent.com'],
  // Microsoft
  ...['azure.com', 'azure.net', 'azure.cn', 'azure.us', 'windows.net', 'azurewebsites.net', 'azurecr.io'],
  ...['azureedge.net', 'azurefd.net', 'azure-api.net', 'azure-devices.net', 'azurecontainerapps.io', 'cloudapp.net'],
  ...['microsoftonline.com', 'graph.microsoft.com', 'trafficmanager.net', 'usgovcloudapi.net', 'chinacloudapi.cn'],
  // Others
  ...['digitalocean.com', 'digitaloceanspaces.com', 'ondigitalocean.app'],
  ...['cloudflare.com', 'cloudflarestorage.com', 'workers.dev'],
  ...['oraclecloud.com', 'oraclecloud.eu', 'ocp.oraclecloud.com', 'cloud.ibm.com', 'appdomain.cloud', 'softlayer.com'],
  ...['aliyuncs.com', 'alibabacloud.com', 'aliyun.com', 'tencentcloudapi.com', 'myqcloud.com', 'tencentcloud.com'],
  ...['hetzner.cloud', 'hetzner.com', 'your-objectstorage.com', 'ovh.com', 'ovh.net', 'ovhcloud.com', 'scw.cloud'],
  ...['scaleway.com', 'linode.com', 'linodeobjects.com', 'vultr.com', 'vultrobjects.com', 'upcloud.com', 'exo.io'],
  ...['exoscale.com', 'myhuaweicloud.com', 'yandexcloud.net', 'backblazeb2.com', 'wasabisys.com'],
  ...['heroku.com', 'fly.dev', 'fly.io', 'machines.dev', 'vercel.com', 'netlify.com', 'render.com', 'railway.app'],
]

/** Names of the services of which `addresses.ts` has the addresses. */
const METADATA: readonly string[] = [
  ...['metadata.google.internal', 'metadata.goog', 'instance-data.ec2.internal', 'metadata.tencentyun.com'],
]

/** @param name a host's name in small letters, without a dot at its end */
export function isCloudHost(name: string): boolean {
  return CLOUDS.some((domain) => isWithin(name, domain))
}

export function isMetadataHost(name: string): boolean {
  return METADATA.some((domain) => isWithin(name, domain))
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`)
}
