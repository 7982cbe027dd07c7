export const secret = {
  PortalApiKey: new sst.Secret("PortalApiKey"),
  AccessToken: new sst.Secret("AccessToken"),
  // Empty until the portal's webhooks are registered, if ever.
  PortalWebhookSecrets: new sst.Secret("PortalWebhookSecrets", ""),
  // Empty until it is set: without webhooks nobody needs it.
  WebhookSecret: new sst.Secret("WebhookSecret", ""),
};
