export const secret = {
  PortalApiKey: new sst.Secret("PortalApiKey"),
  AccessToken: new sst.Secret("AccessToken"),
};

export const secrets = Object.values(secret);
